import type { AuditBody } from '../api/audit';
import { formatExact, formatTime } from './format';

/** How the trail stands, in a sentence or two. */
export function auditSentence({ broken, checkpoint, recomputed_at }: AuditBody): string {
  if (broken !== null) return `Tampered with: ${broken}.`;
  if (checkpoint === null) return 'Nothing is signed yet. A node signs new rows each hour.';
  const signed = `${formatExact(checkpoint.size)} rows are signed, last at ${formatTime(checkpoint.at)}.`;
  return recomputed_at === null
    ? signed
    : `${signed} All of it was recomputed at ${formatTime(recomputed_at)}: it holds.`;
}
