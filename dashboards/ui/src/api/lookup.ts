/** The bodies of the customer lookup. */
import type { Iso, Money } from './types';

export interface Customer {
  customer_id: string;
  email_masked: string | null;
  name_masked: string | null;
  country: string | null;
}
export interface JourneyStep {
  ts: Iso;
  event: string;
  title: string;
  service: string;
  outcome: 'ok' | 'failed' | 'pending' | 'info';
  detail: string;
  trace_id: string | null;
  amount: Money | null;
  currency: string | null;
}
export interface LookupTrace {
  trace_id: string;
  ts: Iso;
  operation: string;
  duration_ns: number;
  status: string;
}
export interface LookupBody {
  query: string;
  kind: string;
  customer: Customer | null;
  verdict: { state: 'ok' | 'failed' | 'in_progress' | 'unknown'; sentence: string; next_step: string };
  journey: JourneyStep[];
  traces: LookupTrace[];
  truncated: boolean;
  matches: { kind: string; value: string }[];
}
export interface RevealBody {
  customer_id: string;
  email: string | null;
  name: string | null;
  country: string | null;
  expires_at: Iso;
}
