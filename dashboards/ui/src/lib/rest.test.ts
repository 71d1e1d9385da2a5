import { describe, expect, it } from 'vitest';
import { address } from '../api/client';
import { limits, logTicks, summarise } from '../charts/spec';
import { cellText, parseCell } from './cell';
import { toCsv } from './csv';
import { may, placesOf } from './roles';
import { keepRange, matchPath, withParams } from './router';
import { everyStep, onOneAxis } from './series';
import { sloState, windowSeconds } from './slo';

describe('addresses', () => {
  it('leave out what has no value', () =>
    expect(address('/a', { x: 1, y: null, z: '', w: 'ü&' })).toBe('/a?x=1&w=%C3%BC%26'));
  it('match their pattern', () => {
    expect(matchPath('/services/:service', '/services/market%2Ddata')).toEqual({ service: 'market-data' });
    expect(matchPath('/services/:service', '/services')).toBeNull();
    expect(matchPath('/services/:service', '/services/%E0%A4%A')).toBeNull();
    expect(matchPath('/slos', '/slos/')).toEqual({});
  });
  it('keep the range and their own parameters', () => {
    const search = new URLSearchParams('from=now-6h&to=now&sort=x');
    expect(keepRange('/traces/ab?span=cd', search)).toBe('/traces/ab?span=cd&from=now-6h&to=now');
    expect(withParams('/a', search, { sort: null, from: '' })).toBe('/a?to=now');
  });
  it('have a parameter with several values', () => {
    const at = new URLSearchParams('where=a:1&by=b');
    expect(withParams('/metrics', at, { where: ['a:1', 'b:2'] })).toBe('/metrics?by=b&where=a%3A1&where=b%3A2');
    expect(withParams('/metrics', at, { where: [] })).toBe('/metrics?by=b');
    expect(address('/a', { where: ['a:1', 'b'] })).toBe('/a?where=a%3A1&where=b');
  });
});

describe('a heat-map cell in the address', () => {
  const cell = { from: '2026-11-20T12:00:00.000Z', to: '2026-11-20T12:01:00.000Z', low_ns: 1_000, high_ns: 1_189 };
  it('comes back as it was', () => expect(parseCell(cellText(cell))).toEqual(cell));
  it.each(['', 'a~b~c~d', '1~2~3', '1e300~2~3~4'])('"%s" is none', (text) => expect(parseCell(text)).toBeNull());
});

describe('csv', () => {
  it('quotes what must be', () =>
    expect(
      toCsv(
        ['a', 'b'],
        [
          ['x,"y"', null],
          [1.5, true],
        ],
      ),
    ).toBe('a,b\r\n"x,""y""",\r\n1.5,true\r\n'));
  it('lets no spreadsheet run a text', () =>
    expect(toCsv(['a'], [['=1+1'], ['-5.2'], ['-cmd'], ['@x']])).toBe("a\r\n'=1+1\r\n-5.2\r\n'-cmd\r\n'@x\r\n"));
  it('takes a number for a number, and nothing that only begins as one', () =>
    expect(toCsv(['a'], [['-1+1|cmd'], ['-1.5e-7'], [-3], ['+x']])).toBe("a\r\n'-1+1|cmd\r\n-1.5e-7\r\n-3\r\n'+x\r\n"));
});

describe('roles', () => {
  it('open what they should', () => {
    expect(placesOf('agent').map(({ area }) => area)).toEqual([
      'overview',
      'lookup',
      'services',
      'services',
      'services',
      'traces',
      'portfolios',
      'portfolios',
    ]);
    expect([
      may('sre', 'reveal'),
      may('sre', 'sql'),
      may('analyst', 'sql'),
      may('analyst', 'traces'),
      may('admin', 'reveal'),
      may('ingest', 'overview'),
    ]).toEqual([false, false, true, false, true, false]);
  });
  it('have a key of their own for each page', () => {
    const keys = placesOf('admin').map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('series of several paces on one axis', () => {
  const ts = (minute: number): string => new Date(minute * 60_000).toISOString();
  it('are drawn through foreign times and broken at own holes', () => {
    const fast = [0, 1, 2, 5, 6].map((m) => ({ ts: ts(m), value: m }));
    const slow = [0, 3, 6].map((m) => ({ ts: ts(m), value: m }));
    const { times, values } = onOneAxis([fast, slow]);
    expect(times).toEqual([0, 60, 120, 180, 300, 360]);
    expect(values[0]).toEqual([0, 1, 2, undefined, 5, 6]);
    expect(values[1]).toEqual([0, undefined, undefined, 3, undefined, 6]);
    const broken = onOneAxis([[0, 1, 2, 9].map((m) => ({ ts: ts(m), value: m })), slow]);
    expect(broken.values[0]).toEqual([0, 1, 2, undefined, null, 9]);
  });
});

describe('axes', () => {
  it('start at zero for counts', () => expect(limits('zero', 50, 100)).toEqual([0, 108]));
  it('take 1, 2 and 5 on a log scale', () => {
    const [low, high] = limits('log', 42e6, 910e6);
    expect([low, high]).toEqual([20e6, 1e9]);
    expect(logTicks(low, high)).toEqual([20e6, 50e6, 100e6, 200e6, 500e6, 1e9]);
  });
  it('reach below zero when a budget does', () => expect(limits('signed', -0.2, 0.3)[0]).toBeLessThan(-0.2));
  it('bear no data', () =>
    expect([limits('zero', null, null), limits('log', null, null)]).toEqual([
      [0, 1],
      [1, 2],
    ]));
  it('are told in words', () =>
    expect(
      summarise({
        times: [0, 1],
        format: (v) => `${v ?? '-'} ms`,
        series: [{ label: 'p50', values: [3, null], colour: 'x' }],
      }),
    ).toBe('p50: last 3 ms, lowest 3 ms, highest 3 ms'));
});

describe('objectives', () => {
  const slo = { unavailable: null, budget_remaining: 0.8, burn: { '1h': 0.2 } };
  it.each([
    [slo, 'ok'],
    [{ ...slo, budget_remaining: 0.1 }, 'at_risk'],
    [{ ...slo, burn: { '1h': 3 } }, 'burning'],
    [{ ...slo, budget_remaining: -0.1 }, 'exhausted'],
    [{ ...slo, unavailable: 'no data' }, 'not measured'],
  ])('%o is %s', (row, state) => expect(sloState(row)).toBe(state));
  it('have a window in seconds', () =>
    expect([windowSeconds('30d'), windowSeconds('1w'), windowSeconds('calendar')]).toEqual([2_592_000, 604_800, null]));
});

describe('counts of a sparse series', () => {
  const at = (minute: number): string => new Date(minute * 60_000).toISOString();
  it('are nothing where a step is left out', () =>
    expect(
      everyStep(
        [
          { ts: at(11), count: 3 },
          { ts: at(13), count: 5 },
        ],
        { from: 10.5 * 60_000, to: 14 * 60_000 },
        60,
      ),
    ).toEqual([0, 3, 0, 5]));
  it('and of other times are left out', () =>
    expect(everyStep([{ ts: at(20), count: 3 }], { from: 600_000, to: 660_000 }, 60)).toEqual([0]));
});
