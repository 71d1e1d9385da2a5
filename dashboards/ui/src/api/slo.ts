/** The bodies of objectives. */
import type { Alert } from './alerting';
import type { Iso } from './types';

export interface SloRow {
  name: string;
  display_name: string;
  service: string;
  /** The promise in one sentence. */
  objective: string;
  target: number;
  window: string;
  budgeting_method: string;
  /** Share that was good in the window. */
  status: number | null;
  good: number | null;
  total: number | null;
  /** 1 untouched, 0 spent, negative overspent. */
  budget_remaining: number | null;
  unavailable: string | null; /** By window: "5m", "1h", "6h", "3d" and others. */
  burn: Partial<Record<string, number | null>>;
  coverage: number | null;
  exhausts_at: Iso | null;
  sentence: string;
  /** Of a composite, the objectives that are weighed together. */
  parts: SloPart[];
  /** The composite that it is a part of and alerts through. */
  part_of: string | null;
}
export interface SloPart {
  name: string;
  display_name: string;
  /** Of the whole, in (0, 1]. */
  share: number;
  target: number;
}
export interface SlosBody {
  slos: SloRow[];
}
export interface SloPoint {
  ts: Iso;
  good: number;
  total: number;
  budget_remaining: number | null;
  burn_1h: number | null;
}
export interface SloBody extends SloRow {
  definition: string;
  series: SloPoint[];
  alerts: Alert[];
  /** The budget when the traffic that is forecast arrives and fails as the last hour did. */
  ahead: Ahead | null;
  ahead_unknown: string | null;
  budget_policies: BudgetPolicy[];
  /** What of the policies began and ended, newest first. */
  budget_steps: BudgetTime[];
}
/** What was agreed to happen when the budget runs out. */
export interface BudgetPolicy {
  policy: string;
  steps: BudgetStep[];
}
export interface BudgetStep {
  step: string;
  /** When it begins, in words. */
  when: string;
  effect: 'tell' | 'freeze';
  /** What is said when it begins, and when it ends. */
  alert: string;
  ok: string;
  /** Null while it does not hold. */
  since: Iso | null;
}
/** A time of a step, from its beginning to its end. */
export interface BudgetTime {
  id: string;
  slo: string;
  service: string;
  policy: string;
  step: string;
  freezes: boolean;
  began: string;
  begun_at: Iso;
  ended: string | null;
  ended_at: Iso | null;
}
export interface Ahead {
  error_rate: number;
  points: { ts: Iso; budget_remaining: number }[];
  /** Null when it lasts as far as traffic is forecast, or is spent already. */
  exhausts_at: Iso | null;
}
/** The times from firing to resolved. */
export interface Episodes {
  count: number;
  seconds: number;
  first: Iso | null;
  last: Iso | null;
  /** The last one is still open at the end. */
  open: boolean;
}
export interface RuleHistory {
  rule: { severity: string; long: number; short: number; threshold: number; budget_fraction: number };
  fired: Episodes;
}
export interface BacktestBody {
  from: Iso | null;
  until: Iso | null;
  steps: number;
  /** Each rule alone. */
  rules: RuleHistory[];
  /** All rules together. */
  pages: Episodes;
  tickets: Episodes;
}
