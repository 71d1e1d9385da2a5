import { periodOf, type Period, type Preset } from './period';
import { useParams } from './router';

interface PagePeriod {
  period: Period;
  choose: (preset: Preset) => void;
  /** Two days; "" leaves one open. */
  between: (from: string, to: string) => void;
}

/** The period of a portfolio page, from the address. */
export function usePeriod(usual: Preset, asOf: string | null = null): PagePeriod {
  const [search, set] = useParams();
  return {
    period: periodOf(search, Date.now(), asOf, usual),
    choose: (preset) => set({ period: preset === usual ? null : preset, from: null, to: null }),
    between: (from, to) => set({ period: null, from, to }),
  };
}
