import { describe, expect, it } from 'vitest';
import {
  addChange,
  changesOf,
  changeWords,
  faultOf,
  NOTHING,
  parseWhatIf,
  removeChange,
  whatIfText,
  type Change,
} from './what-if';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const ALL: Change[] = [
  { kind: 'traffic', name: 'POST /v1/orders', value: 2 },
  { kind: 'replicas', name: 'order', value: 4 },
  { kind: 'instance_size', name: 'order', value: 2 },
  { kind: 'pool_size', name: 'order/orders', value: 12 },
  { kind: 'limit', name: 'execution/rate/XNYS', value: 400 },
  { kind: 'section', name: 'ledger', value: 0.5 },
  { kind: 'work', name: 'order', value: 0.75 },
  { kind: 'cache_hit_ratio', from: 'gateway', to: 'order', today: 0.2, then: 0.5 },
  { kind: 'fan_out', from: 'order', to: 'risk', times: 3 },
  { kind: 'new_market', value: 0.25 },
];
const units = new Map([['execution/rate/XNYS', 'calls/s']]);
const whole = ALL.reduce(addChange, NOTHING);

describe('changes', () => {
  it('come back as they were added', () => expect(changesOf(whole)).toEqual(ALL));
  it('go one by one until nothing is changed', () =>
    expect(ALL.reduce((rest, change) => removeChange(rest, change), whole)).toEqual(NOTHING));
  it.each(ALL)('of the same key replace the one before: $kind', (change) =>
    expect(changesOf(addChange(whole, change))).toHaveLength(ALL.length),
  );
  it.each([
    [0, 'POST /v1/orders: 2.00x the traffic'],
    [1, 'order: 4 instances'],
    [3, 'order/orders: 12 connections'],
    [4, 'execution/rate/XNYS: 400 calls/s'],
    [7, 'cache, gateway to order: 20 % \u2192 50 % answered'],
    [8, 'order to risk: 3.00x the calls'],
    [9, 'new market: +25 % at the peak'],
  ])('%d in words', (index, words) =>
    expect(ALL.map((change) => plain(changeWords(change, units)))[index]).toBe(words),
  );
});

describe('a change in the address', () => {
  it('is compact and comes back', () => {
    expect(whatIfText(whole)).not.toContain('{}');
    expect(parseWhatIf(whatIfText(whole))).toEqual(whole);
  });
  it('is nothing when nothing changes', () => {
    expect(whatIfText(NOTHING)).toBe('');
    expect([parseWhatIf(null), parseWhatIf('')]).toEqual([NOTHING, NOTHING]);
  });
  it('survives the address itself', () => {
    const search = new URLSearchParams({ whatif: whatIfText(whole) });
    expect(parseWhatIf(new URLSearchParams(search.toString()).get('whatif'))).toEqual(whole);
  });
  it('may leave today\u2019s hit ratio out, as the API may', () =>
    expect(parseWhatIf('{"cache_hit_ratio":[{"from":"a","to":"b","then":0.5}]}')?.cache_hit_ratio).toEqual([
      { from: 'a', to: 'b', today: 0, then: 0.5 },
    ]));
  it.each([
    'x',
    '[]',
    'null',
    '{"colour":{"a":1}}',
    '{"toString":{"a":1}}',
    '{"replicas":[1]}',
    '{"replicas":{"a":0}}',
    '{"replicas":{"a":"2"}}',
    '{"replicas":{"a":1e300}}',
    '{"replicas":{"":2}}',
    '{"traffic":{"a":-1}}',
    '{"new_market":"x"}',
    '{"fan_out":{"a":1}}',
    '{"fan_out":[null]}',
    '{"fan_out":[{"from":"a","times":2}]}',
    '{"cache_hit_ratio":[{"from":"a","to":"b","today":1,"then":0.5}]}',
    '{"cache_hit_ratio":[{"from":"a","to":"b","then":1.5}]}',
    JSON.stringify({ replicas: { ['a'.repeat(301)]: 2 } }),
    JSON.stringify({ replicas: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`s${i}`, 2])) }),
  ])('%s is none', (text) => expect(parseWhatIf(text)).toBeNull());
  it('does not reach into objects by name', () => {
    const whatIf = parseWhatIf('{"replicas":{"__proto__":2,"constructor":3}}');
    expect(Object.entries(whatIf?.replicas ?? {})).toEqual([
      ['__proto__', 2],
      ['constructor', 3],
    ]);
  });
});

describe('a number in the form', () => {
  it.each([NaN, Infinity, -1, 0, 1e10])('%d instances are refused', (value) =>
    expect(faultOf({ kind: 'replicas', name: 'order', value })).not.toBeNull(),
  );
  it('may be zero where others remain', () =>
    expect([
      faultOf({ kind: 'traffic', name: 'GET /', value: 0 }),
      faultOf({ kind: 'fan_out', from: 'a', to: 'b', times: 0 }),
      faultOf({ kind: 'cache_hit_ratio', from: 'a', to: 'b', today: 0, then: 1 }),
    ]).toEqual([null, null, null]));
  it('needs a name beside it', () => {
    expect(faultOf({ kind: 'traffic', name: ' ', value: 2 })).toMatch(/what it is/);
    expect(faultOf({ kind: 'fan_out', from: 'a', to: '', times: 2 })).toMatch(/who calls/);
  });
});
