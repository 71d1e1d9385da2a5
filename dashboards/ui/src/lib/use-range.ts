import { createContext, createElement, useContext, useMemo, type ReactNode } from 'react';
import { DEFAULT_RANGE, isLive, momentOf, PRESETS, resolveRange, type Range, type Span } from './range';
import { useParams } from './router';
import { LiveContext } from './use-live';

interface PageRange extends Span {
  /** As it stands in the address. */
  range: Range;
  live: boolean;
  /** The address's range could not be read and the default is shown. */
  faulty: boolean;
  /** Lengths that the page offers. */
  presets: readonly string[];
  set: (range: Range) => void;
}

const Context = createContext<PageRange | null>(null);

/** One range for the whole page, from the address; a live one moves on when a minute is closed. */
export function RangeProvider({
  children,
  fallback = DEFAULT_RANGE,
  presets = PRESETS,
}: {
  children: ReactNode;
  fallback?: Range;
  presets?: readonly string[];
}): ReactNode {
  const [search, setParams] = useParams();
  const from = search.get('from') ?? fallback.from;
  const to = search.get('to') ?? fallback.to;
  const { moment: now } = useContext(LiveContext);
  // A new choice counts from its own moment, not from the last minute.
  const moment = useMemo(() => ({ key: `${from}/${to}`, now: Date.now() }), [from, to]);
  const at = momentOf(Math.max(now, moment.now));
  const value = useMemo<PageRange>(() => {
    const asked = { from, to };
    const span = resolveRange(asked, at);
    const range = span === null ? fallback : asked;
    const shown = span ?? resolveRange(fallback, at) ?? { from: at - 3_600_000, to: at };
    return {
      ...shown,
      range,
      live: isLive(range),
      faulty: span === null,
      presets,
      set: (next) => setParams({ from: next.from, to: next.to }),
    };
  }, [from, to, at, fallback, presets, setParams]);
  return createElement(Context.Provider, { value }, children);
}

export function useRange(): PageRange {
  const value = useContext(Context);
  if (value === null) throw new Error('useRange outside of RangeProvider');
  return value;
}
