/** The bodies of traces. */
import type { Attributes, Iso } from './types';

export interface TraceRow {
  trace_id: string;
  root_service: string;
  root_operation: string;
  start: Iso;
  duration_ns: number;
  spans: number;
  errors: number;
  services: string[];
}
export interface TracesBody {
  traces: TraceRow[];
  truncated: boolean;
}
export interface SpanEvent {
  ts: Iso;
  name: string;
  attributes: Attributes;
}
export interface TraceSpan {
  span_id: string;
  parent_span_id: string | null;
  service: string;
  operation: string;
  kind: string;
  status: string;
  status_message: string;
  start: Iso;
  start_offset_ns: number;
  duration_ns: number;
  depth: number;
  critical: boolean;
  customer_id: string;
  attributes: Attributes;
  resource: Attributes;
  events: SpanEvent[];
  links: { trace_id: string; span_id: string }[];
}
export interface TraceLog {
  ts: Iso;
  service: string;
  severity_text: string;
  event_name: string;
  body: string;
  span_id: string;
  attributes: Attributes;
}
export interface TraceBody {
  trace_id: string;
  start: Iso;
  duration_ns: number;
  services: string[];
  truncated: boolean;
  spans: TraceSpan[];
  logs: TraceLog[];
}
