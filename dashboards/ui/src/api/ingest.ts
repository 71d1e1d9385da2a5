/** The body of the ingest page. */
import type { Iso } from './types';

export interface BySignal {
  traces: number;
  logs: number;
  metrics: number;
}
export interface ReasonCount {
  reason: string;
  count: number;
}
export interface LimitUse {
  limit: string;
  most: number | null;
  used: number | null;
}
export interface IngestTenant {
  tenant: string;
  accepted: BySignal;
  /** Means of the last minute. */
  per_second: BySignal & { bytes: number };
  refused: ReasonCount[];
  rejected: ReasonCount[];
  warned: ReasonCount[];
  limits: LimitUse[];
}
export interface Rejection {
  signal: string;
  reason: string;
  count: number;
  last_seen: Iso;
  detail: string;
}
export interface Receiving {
  accepting: boolean;
  backlog_bytes: number;
  backlog_slices: number;
  oldest: Iso | null;
  log_bytes: number;
  max_log_bytes: number;
  accepted: BySignal;
  rejected: number;
  refused: number;
  refused_strangers: ReasonCount[];
  inserted_rows: number;
  dead_slices: number;
  last_error: { at: Iso; message: string } | null;
  tenants: IngestTenant[];
}
export interface IngestBody {
  version: string;
  parts: { name: string; ready: boolean; detail: string }[];
  ingest: Receiving | null;
  /** Of the reader's tenant, within the last hour. */
  rejected: Rejection[];
  rejected_unavailable: string | null;
}
