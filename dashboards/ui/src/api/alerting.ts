/** The bodies of alerts, silences and messages on their way. */
import type { Iso, Json, Money } from './types';

/** When a silence holds: once, or again and again by an RRULE on the wall clock of a zone. */
export type SilenceWindow =
  { once: { from: Iso; until: Iso } } | { recurring: { start: string; zone: string; rule: string; seconds: number } };
export interface NewSilence {
  /** Such as `service="order"`; an alert must fit all. */
  matchers: string[];
  window: SilenceWindow;
  comment: string;
}
export interface Silence extends NewSilence {
  id: string;
  /** Until when it holds now; null while it does not. */
  active_until: Iso | null;
  created_by: string;
  created_at: Iso;
}
export interface SilencesBody {
  silences: Silence[];
}

export type DeliveryState = 'pending' | 'leased' | 'delivered' | 'dead';
export interface Delivery {
  id: number;
  alert_id: string;
  channel: string;
  dedup_key: string;
  form: 'body' | 'notification';
  payload: Json;
  state: DeliveryState;
  attempts: number;
  due_at: Iso;
  created_at: Iso;
  finished_at: Iso | null;
  last_error: string | null;
}
export interface DeliveriesBody {
  deliveries: Delivery[];
}

export interface Alert {
  id: string;
  slo: string;
  service: string;
  severity: string;
  state: string;
  started_at: Iso;
  resolved_at: Iso | null;
  burn_short: number | null;
  burn_long: number | null;
  threshold: number | null;
  windows: string;
  summary: string;
  acknowledged_by: string | null;
  resolved_because?: string | null;
  causes: Cause[];
  runbook: string | null;
  labels: Record<string, string>;
  /** Null once it is over, and in the bodies of the overview and of an objective. */
  context: AlertContext | null;
}
/** Why an alert got worse than the rule that it began with. */
export type Cause = 'burn' | 'unacknowledged' | 'lasting' | 'customers' | 'transactions' | 'value' | 'down';
export interface HitCount {
  hit: number;
  of: number | null;
}
export interface AlertChange {
  kind: string;
  what: string;
  at: Iso;
}
export interface AlertContext {
  customers: HitCount | null;
  transactions: HitCount | null;
  money: { amount: Money; currency: string } | null;
  changes: AlertChange[];
  differences: string[];
  traces: { text: string; url: string }[];
  dora: { major: boolean; met: string[]; words: string } | null;
}
export interface AlertsBody {
  alerts: Alert[];
}
