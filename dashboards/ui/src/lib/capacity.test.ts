import { describe, expect, it } from 'vitest';
import type { Wall, WallKind, WallsBody } from '../api/capacity';
import { factorScale } from '../charts/factor-scale';
import {
  compare,
  formatAmount,
  formatInterval,
  formatShare,
  movedWords,
  nameOf,
  perRequest,
  stageWalls,
  wallsSentence,
  whenWords,
} from './capacity';
import { formatDate, formatFactor } from './format';
import { NOTHING } from './what-if';

const plain = (text: string | null): string | null => text?.replaceAll('\u00a0', ' ') ?? null;

function wall(service: string, factor: number, kind: WallKind = 'cpu', more: Partial<Wall> = {}): Wall {
  const reach = { factor, low: factor * 0.9, high: factor * 1.1, per_second: 10, utilisation: 0.8 };
  return {
    id: `${service}/${kind}`,
    resource: { service, kind, name: '' },
    sentence: `the ${kind} of ${service} are full`,
    peak: { per_second: 10, at: '2026-11-20T14:30:00Z' },
    today: { used: 1, capacity: 2, unit: 'cores', utilisation: 0.5 },
    knee: reach,
    limit: { ...reach, factor: factor * 1.5 },
    when: { date: null, earliest: null, latest: null, forecast: null, event: null, why: 'no growth' },
    strength: 'good',
    evidence: {
      method: '',
      source: '',
      points: 12,
      r_squared: 0.9,
      idle: 0.1,
      per_request: 0.0042,
      seen: 0.4,
      doubts: [],
    },
    moves: [],
    ...more,
  };
}

function body(walls: Wall[]): WallsBody {
  const stages = [2, 5, 10].map((factor) => {
    const met = walls.filter(({ knee }) => knee.factor <= factor);
    return { factor, first: met.slice(0, 3).map(({ id }) => id), walls: met.length, sentence: '' };
  });
  return {
    range: { from: '2026-11-13T00:00:00Z', to: '2026-11-20T00:00:00Z' },
    made_at: '2026-11-20T00:00:00Z',
    step_seconds: 60,
    walls,
    stages,
    without: [],
    trend: { per_month: null, low: null, high: null, days: 6, why: 'too short' },
    what_if: NOTHING,
  };
}

describe('the axis of growth', () => {
  it('goes from one to ten times, evenly in ratios', () => {
    const scale = factorScale([1.08, 3, 9]);
    expect([scale.low, scale.high, scale.ticks]).toEqual([1, 10, [1, 2, 5, 10]]);
    expect(scale.at(1)).toBe(0);
    expect(scale.at(10)).toBe(1);
    expect(scale.at(Math.sqrt(10))).toBeCloseTo(0.5, 12);
    expect(scale.at(4) - scale.at(2)).toBeCloseTo(scale.at(8) - scale.at(4), 12);
  });
  it('is the same without walls', () => expect(factorScale([]).ticks).toEqual([1, 2, 5, 10]));
  it.each([
    [0.9, 0.5],
    [0.3, 0.2],
    [0.01, 0.1],
    [0, 0.1],
  ])('reaches below today for a wall at %dx: from %dx', (factor, low) => expect(factorScale([factor]).low).toBe(low));
  it('holds what is beyond it at the edge, and says so', () => {
    const scale = factorScale([2, 400]);
    expect([scale.high, scale.at(400), scale.outside(400), scale.outside(2)]).toEqual([20, 1, 1, 0]);
    const low = factorScale([0]);
    expect([low.at(0), low.outside(0)]).toEqual([0, -1]);
    expect([0, 1e-300, 1, 1e300].every((factor) => Number.isFinite(low.at(factor)))).toBe(true);
  });
});

describe('figures of a wall', () => {
  it.each([
    [1.083, '1.08x'],
    [12.34, '12.3x'],
    [340.2, '340x'],
    [0, '0.00x'],
    [null, '\u2013'],
  ])('factor %s is %s', (factor, text) => expect(formatFactor(factor)).toBe(text));
  it('have an interval, unless they were counted', () => {
    const reach = { factor: 1.08, low: 1.05, high: 1.12, per_second: 1, utilisation: 1 };
    expect(formatInterval(reach)).toBe('1.05 to 1.12');
    expect(formatInterval({ ...reach, low: 1.08, high: 1.08 })).toBe('');
  });
  it.each([
    [0.82, '82 %'],
    [0.0213, '2.1 %'],
    [1.31, '131 %'],
  ])('share %d is %s', (share, text) => expect(plain(formatShare(share))).toBe(text));
  it.each([
    [6, 'connections', '6 connections'],
    [1, 'cores', '1 core'],
    [0.2, 'core', '0.20 cores'],
    [2 ** 32, 'bytes', '4.00 GiB'],
    [200, 'calls/s', '200 calls/s'],
  ])('%d %s is %s', (value, unit, text) => expect(plain(formatAmount(value, unit))).toBe(text));
  it.each<[WallKind, number, string]>([
    ['cpu', 0.0042, '4.20 ms of a core'],
    ['connections', 0.0722, 'holds a connection for 72.2 ms'],
    ['memory', 1_048_576, '1.00 MiB for one request a second'],
    ['rate', 2, '2 calls'],
    ['rate', 1, '1 call'],
  ])('a request of %s takes %d: %s', (kind, each, text) => {
    const one = wall('order', 2, kind);
    expect(plain(perRequest({ ...one, evidence: { ...one.evidence, per_request: each } }))).toBe(text);
  });
  it('have names', () => {
    expect(nameOf({ service: 'order', kind: 'connections', name: 'orders' })).toBe('order, connections, pool orders');
    expect(nameOf({ service: 'mail', kind: 'partitions', name: 'orders' })).toBe('mail, partitions of orders');
    expect(nameOf({ service: 'order', kind: 'event_loop', name: '' })).toBe('order, event loop');
  });
});

describe('when', () => {
  const none = { date: null, earliest: null, latest: null, forecast: null, event: null, why: 'no growth' };
  const dated = { ...none, date: '2027-03-31', earliest: '2027-02-01', latest: '2027-07-15' };
  it('is a day with its interval, in any zone', () =>
    expect(whenWords(dated, 2, formatDate)).toEqual(['31 Mar 2027', '1 Feb 2027 to 15 Jul 2027']));
  it('may be never', () =>
    expect(whenWords({ ...dated, latest: null }, 2, formatDate)[1]).toBe('from 1 Feb 2027, or never'));
  it('is the forecast first, with its event', () =>
    expect(whenWords({ ...dated, forecast: '2026-11-27T14:30:00Z', event: 'Payday' }, 1.1, formatDate)[1]).toBe(
      'forecast, Payday',
    ));
  it('is none, or now', () => {
    expect(whenWords(none, 2, formatDate)[0]).toBe('no date');
    expect(whenWords(dated, 0.97, formatDate)[0]).toBe('reached');
  });
});

describe('the answer', () => {
  it('is the first wall\u2019s sentence', () =>
    expect(wallsSentence(body([wall('order', 1.1)]))).toBe('The cpu of order are full.'));
  it('says that there is none, and makes no figure up', () => {
    expect(wallsSentence(body([]))).toMatch(/^Nothing was measured/);
    const resource = { service: 'kyc', kind: 'cpu', name: '' } as const;
    expect(wallsSentence({ ...body([]), without: [{ resource, why: 'too few steps' }] })).toMatch(
      /No wall .* 1 resource was looked at/,
    );
  });
  it('has each wall in the stage that first meets it', () => {
    const found = body(['a', 'b', 'c', 'd', 'e'].map((name, i) => wall(name, [1.1, 2, 2.1, 3, 40][i] ?? 0)));
    expect([0, 1, 2].map((i) => stageWalls(found, i).added)).toEqual([2, 2, 0]);
    expect(stageWalls(found, 1).first.map(({ id }) => id)).toEqual(['c/cpu', 'd/cpu']);
  });
});

describe('before and after a change', () => {
  const before = [wall('a', 1), wall('b', 2), wall('c', 3), wall('d', 4)];
  const after = [wall('b', 1.5), wall('a', 2), wall('c', 3.001), wall('e', 9)];
  const rows = compare(before, after);
  it('has every wall once, the first one then at the top', () =>
    expect(rows.map(({ id }) => id)).toEqual(['b/cpu', 'a/cpu', 'c/cpu', 'e/cpu', 'd/cpu']));
  it('says which way each moved', () =>
    expect(rows.map(movedWords)).toEqual(['1.33x nearer', '2.00x further', 'stays', 'a new wall', 'no wall any more']));
  it('knows the first wall before and after', () =>
    expect([rows.find(({ wasFirst }) => wasFirst)?.id, rows.find(({ isFirst }) => isFirst)?.id]).toEqual([
      'a/cpu',
      'b/cpu',
    ]));
  it('divides by nothing', () => expect(compare([wall('a', 0)], [wall('a', 2)]).map(movedWords)).toEqual(['further']));
});
