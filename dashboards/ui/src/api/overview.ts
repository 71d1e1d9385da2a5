/** The body of the overview. */
import type { Alert } from './alerting';
import type { CalendarEvent } from './forecast';
import type { ServiceRow } from './service';
import type { SloRow } from './slo';
import type { Iso } from './types';

export interface OverviewBody {
  sentence: string;
  services: ServiceRow[];
  slos: SloRow[];
  alerts: Alert[];
  demand: {
    service: string | null;
    unavailable: string | null;
    series: { ts: Iso; actual: number | null; q50: number | null; q90: number | null }[];
    events: CalendarEvent[];
  };
}
