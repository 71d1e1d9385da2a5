import { describe, expect, it } from 'vitest';
import type { AuditBody } from '../api/audit';
import { auditSentence } from './audit';

const fine: AuditBody = {
  rows: [],
  next: null,
  intact: true,
  broken: null,
  checkpoint: { size: 1234, at: '2026-11-28T03:00:00Z', note: '' },
  recomputed_at: null,
};

describe('the audit sentence', () => {
  it('says what is signed, what was recomputed, and what is broken', () => {
    expect(auditSentence(fine)).toContain('1,234 rows are signed, last at');
    expect(auditSentence({ ...fine, recomputed_at: '2026-11-28T02:00:00Z' })).toMatch(/recomputed at .*: it holds\.$/);
    expect(auditSentence({ ...fine, broken: 'row 7' })).toBe('Tampered with: row 7.');
    expect(auditSentence({ ...fine, checkpoint: null })).toContain('Nothing is signed yet');
  });
});
