import { describe, expect, it } from 'vitest';
import { changes, waitAfter } from './live';

describe('what changed', () => {
  const read = (path: unknown, live = false) => ({ queryKey: [path, {}], meta: { live } });
  it('is read again, by topic', () => {
    expect(changes(['alerts'], read('/api/v1/alerts'))).toBe(true);
    expect(changes(['alerts'], read('/api/v1/slos/orders'))).toBe(true);
    expect(changes(['alerts'], read('/api/v1/ingest', true))).toBe(false);
    expect(changes(['accounts', 'audit'], read('/api/v1/admin/tokens'))).toBe(true);
    expect(changes([], read('/api/v1/alerts', true))).toBe(false);
    expect(changes(['audit'], read('session'))).toBe(false);
  });
  it('is everything live when a minute is closed', () => {
    expect(changes(['minute'], read('/api/v1/ingest', true))).toBe(true);
    expect(changes(['minute'], read('/api/v1/ingest'))).toBe(false);
    expect(changes(['minute'], { queryKey: ['/api/v1/ingest'], meta: undefined })).toBe(false);
  });
  it('is asked for again later and later', () => {
    expect([0, 1, 2, 3, 9].map(waitAfter)).toEqual([1_000, 1_000, 2_000, 4_000, 30_000]);
  });
});
