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
  kind: 'event' | 'webhook' | 'retry' | 'error' | 'deploy' | 'incident';
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
export type Party = 'us' | 'upstream' | 'customer' | 'market' | 'not_said' | 'none';
export interface CohortFigures {
  of: string;
  from: Iso;
  to: Iso;
  succeeded: number;
  failed: number;
  same_reason: number | null;
  reading: 'alone' | 'few' | 'pattern' | 'nobody';
}
export interface KnownIncident {
  alert_id: string;
  service: string;
  since: Iso;
  until: Iso | null;
  sentence: string;
  matched_by: string[];
}
export interface Escalation {
  title: string;
  text: string;
  url: string | null;
}
export interface LookupBody {
  query: string;
  kind: string;
  customer: Customer | null;
  verdict: { state: 'ok' | 'failed' | 'in_progress' | 'unknown'; sentence: string; next_step: string };
  attribution: { party: Party; sentence: string; evidence: string[] };
  cohort: { sentence: string; figures: CohortFigures | null };
  incidents: KnownIncident[];
  journey: JourneyStep[];
  traces: LookupTrace[];
  truncated: boolean;
  matches: { kind: string; value: string }[];
  reply: string;
  escalation: Escalation;
}
/** Body of a verdict that was handed on. */
export interface SharedBody extends LookupBody {
  shared_by: string;
  until: Iso;
}
export interface ShareBody {
  path: string;
  until: Iso;
}
export interface RevealBody {
  customer_id: string;
  email: string | null;
  name: string | null;
  country: string | null;
  expires_at: Iso;
}
