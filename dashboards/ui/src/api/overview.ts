/** The body of the overview. */
import type { Alert } from './alerting';
import type { Resource } from './capacity';
import type { CalendarEvent } from './forecast';
import type { SeriesPoint, ServiceRow } from './service';
import type { SloRow } from './slo';
import type { Interval, Iso } from './types';

export interface OverviewBody {
  sentence: string;
  services: ServiceRow[];
  /** Requests, failures and durations of all services together. */
  signals: { step_seconds: number; points: SeriesPoint[] };
  /** The fullest resources first; null for those who may not see capacity. */
  saturation: Saturation | null;
  slos: SloRow[];
  /** Those whose budgets burnt fastest in the range. */
  burning: Burning[];
  alerts: Alert[];
  /** Alerts that fired within the range. */
  fired: Fired[];
  demand: {
    service: string | null;
    unavailable: string | null;
    series: { ts: Iso; actual: number | null; q50: number | null; q90: number | null }[];
    events: CalendarEvent[];
  };
}

export interface Saturation {
  range: Interval;
  step_seconds: number;
  resources: Filled[];
  /** Resources of which nobody says how much there is. */
  unbounded: number;
}
export interface Filled {
  resource: Resource;
  highest: number;
  points: { ts: Iso; share: number }[];
}
export interface Burning {
  name: string;
  display_name: string;
  /** The burn over the hour that ends at `ts`. */
  points: { ts: Iso; burn: number | null }[];
}
export interface Fired {
  id: string;
  severity: string;
  summary: string;
  started_at: Iso;
  resolved_at: Iso | null;
}
