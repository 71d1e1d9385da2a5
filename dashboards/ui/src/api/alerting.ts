/** The bodies of silences and of messages on their way. */
import type { Iso, Json } from './types';

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
