/** The bodies of log records. */
import type { Attributes, Iso } from './types';

export type Level = 'unset' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface LogLine {
  id: string;
  ts: Iso;
  service: string;
  level: Level;
  severity_text: string;
  event_name: string;
  body: string;
  trace_id: string | null;
  span_id: string | null;
  customer_id: string;
  scope_name: string;
  attributes: Attributes;
  resource: Attributes;
}
export interface LogVolume {
  total: number;
  counted_from: Iso;
  step_seconds: number;
  buckets: { at: Iso; levels: Partial<Record<Level, number>> }[];
  services: { service: string; records: number }[];
}
export interface LogsBody {
  lines: LogLine[];
  next: string | null;
  volume: LogVolume | null;
}
/** Data of an event `lines` of the live stream. */
export interface LogsArrived {
  lines: LogLine[];
  truncated: boolean;
}
