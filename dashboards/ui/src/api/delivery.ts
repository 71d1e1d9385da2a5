/** The body of how services are delivered. */
import type { Interval } from './types';

export type Pace = 'daily' | 'weekly' | 'monthly' | 'yearly';
export type Within = 'one_day' | 'one_week' | 'one_month' | 'six_months' | 'one_year';
/** The five measures of one service; what is null has its reason in `unknown`, by its name. */
export interface ServiceDelivery {
  service: string;
  deployments: number;
  /** Of them, those that somebody told; the others were only seen. */
  told: number;
  per_week: number;
  pace: Pace | null;
  failed: number;
  change_fail_rate: number | null;
  change_fail_band: '0-15%' | '16-45%' | '46-60%' | null;
  recovery_seconds: number | null;
  recovery_band: Within | null;
  unplanned: number;
  rework_rate: number | null;
  lead_time_seconds: number | null;
  lead_time_band: Within | null;
  /** That the lead time is the median of. */
  changes: number;
  unknown: Partial<Record<string, string>>;
}
export interface DeliveryBody {
  range: Interval;
  services: ServiceDelivery[];
  /** What is wrong with the file of changes, if anything. */
  changes_unreadable: string | null;
}
