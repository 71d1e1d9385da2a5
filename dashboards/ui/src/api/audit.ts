/** The bodies of the audit trail. */
import type { Iso, Json } from './types';

export interface AuditRow {
  seq: number;
  at: Iso;
  actor: string;
  action: string;
  subject: string;
  reason: string;
  detail: Json;
  hash: string;
}
export interface AuditBody {
  rows: AuditRow[];
  /** What `before` of the next page is; null on the last. */
  next: number | null;
  intact: boolean;
  broken: string | null;
  checkpoint: { size: number; at: Iso; note: string } | null;
  recomputed_at: Iso | null;
}
