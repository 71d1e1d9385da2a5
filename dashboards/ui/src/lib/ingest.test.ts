import { describe, expect, it } from 'vitest';
import type { IngestBody, IngestTenant, Receiving } from '../api/ingest';
import { formatBytes } from './format';
import { ingestSentence, limitFigure, nearest, turnedAway } from './ingest';

const none = { traces: 0, logs: 0, metrics: 0 };
const tenant = (name: string, over: Partial<IngestTenant> = {}): IngestTenant => ({
  tenant: name,
  accepted: none,
  per_second: { ...none, bytes: 0 },
  refused: [],
  rejected: [],
  warned: [],
  limits: [],
  ...over,
});
const receiving = (over: Partial<Receiving> = {}): Receiving => ({
  accepting: true,
  backlog_bytes: 0,
  backlog_slices: 0,
  oldest: null,
  log_bytes: 0,
  max_log_bytes: 1,
  accepted: { traces: 5, logs: 3, metrics: 2 },
  rejected: 0,
  refused: 0,
  refused_strangers: [],
  inserted_rows: 0,
  dead_slices: 0,
  last_error: null,
  tenants: [],
  ...over,
});
const body = (over: Partial<Receiving> = {}): IngestBody => ({
  version: '0.1.0',
  parts: [{ name: 'ingest', ready: true, detail: '' }],
  ingest: receiving(over),
  rejected: [],
  rejected_unavailable: null,
});

describe('bytes', () => {
  it('have the unit that fits', () => {
    expect([0, 1023, 1024, 1_048_576 - 1, 1_048_576, 5 * 1024 ** 3, null].map(formatBytes)).toEqual([
      '0\u00a0B',
      '1023\u00a0B',
      '1.00\u00a0KiB',
      '1.00\u00a0MiB',
      '1.00\u00a0MiB',
      '5.00\u00a0GiB',
      '\u2013',
    ]);
    expect([limitFigure('bytes_per_second', 2048), limitFigure('metric_series', 12_000)]).toEqual([
      '2.00\u00a0KiB',
      '12.0\u00a0k',
    ]);
    expect(limitFigure('metric_series', null)).toBe('none');
  });
});

describe('the ingest sentence', () => {
  it('says how much came and waits', () => {
    expect(ingestSentence(body())).toBe(
      'Telemetry is received: 10 records since the start, nothing waits for the store.',
    );
    expect(ingestSentence(body({ backlog_bytes: 2048 }))).toMatch(/2\.00\sKiB wait for the store/);
  });
  it('begins with what is wrong', () => {
    expect(ingestSentence(body({ accepting: false }))).toMatch(/^New telemetry is refused: the durable log is full/);
    expect(ingestSentence(body({ dead_slices: 1 }))).toMatch(/refused 1 slice/);
    const used = { limit: 'metric_series', most: 10, used: 10 };
    expect(ingestSentence(body({ dead_slices: 1, tenants: [tenant('acme', { limits: [used] })] }))).toBe(
      'Telemetry is received; tenant acme has used up its metric series.',
    );
    expect(ingestSentence({ ...body(), parts: [{ name: 'store', ready: false, detail: 'does not answer' }] })).toBe(
      'store is not ready: does not answer.',
    );
    expect(ingestSentence({ ...body(), ingest: null })).toMatch(/does not receive/);
  });
});

describe('what was turned away', () => {
  it('is one list, the most frequent first', () => {
    const away = turnedAway(
      receiving({
        refused_strangers: [{ reason: 'unauthenticated', count: 2 }],
        tenants: [
          tenant('acme', {
            refused: [{ reason: 'bytes_per_second', count: 1 }],
            rejected: [{ reason: 'time', count: 9 }],
            warned: [{ reason: 'value_cut', count: 4 }],
          }),
        ],
      }),
    );
    expect(away.map(({ tenant, what, reason, count }) => [tenant, what, reason, count])).toEqual([
      ['acme', 'record rejected', 'time', 9],
      ['acme', 'value left out', 'value_cut', 4],
      ['not known', 'request refused', 'unauthenticated', 2],
      ['acme', 'request refused', 'bytes_per_second', 1],
    ]);
  });
});

describe('the nearest limit', () => {
  it('is the one most used, among those that bind', () => {
    const limits = [
      { limit: 'bytes_per_second', most: null, used: 5 },
      { limit: 'attribute_keys', most: 100, used: 10 },
      { limit: 'metric_series', most: 10, used: 5 },
      { limit: 'max_value_bytes', most: 100, used: null },
    ];
    expect(nearest(tenant('a', { limits }))).toEqual({ limit: 'metric_series', most: 10, used: 5, share: 0.5 });
    expect(nearest(tenant('a'))).toBeNull();
  });
});
