import { describe, expect, it } from 'vitest';
import type { AssetsBody, AssetsDay } from '../api/portfolio';
import { assetsSentence, assetsSpec, cohortOf, completeWords, flowsSpec, formatMonth } from './assets';
import { formatClock } from './format';

const DAY: AssetsDay = {
  date: '2026-11-25',
  value: '1000.5',
  known_value: '1000.5',
  cash: '100',
  inflow: '50',
  outflow: '20.25',
  income: '1',
  fees: '2',
  taxes: '0',
  trades: 3,
  unavailable: [],
};
const body = (days: AssetsDay[], net: string | null): AssetsBody => ({
  base_currency: 'USD',
  complete_until: null,
  days,
  positions: [],
  concentration: { largest: null, ten_largest: null, herfindahl: null },
  period: {
    inflow: null,
    outflow: null,
    net_flow: net,
    income: null,
    fees: null,
    taxes: null,
    trades: 0,
    turnover: null,
    active_portfolios: 1,
    portfolios: 2,
    trade_success_rate: null,
  },
  cohorts: [],
  unavailable: [],
});

describe('assets in a sentence', () => {
  it('say what is held and which way money went', () => {
    expect(assetsSentence(body([DAY], '29.75'), null)).toBe(
      '2 portfolios hold 1,000.50 USD; 29.75 USD more came in than went out over 1 day.',
    );
    expect(assetsSentence(body([DAY, DAY], '-5'), '2026-11-01')).toBe(
      '2 portfolios begun in Nov 2026 hold 1,000.50 USD; 5.00 USD more went out than came in over 2 days.',
    );
    expect(assetsSentence(body([DAY], '0.00'), null)).toContain('as much came in as went out');
  });
  it('never make the whole of a part', () =>
    expect(assetsSentence(body([{ ...DAY, value: null, known_value: '900' }], null), null)).toBe(
      'The assets of 2 portfolios are not known in full; 900.00 USD of them are; what came in and went out is not known in full over 1 day.',
    ));
});

describe('charts of assets', () => {
  it('show what is known where the whole is not', () => {
    expect(assetsSpec(body([DAY], null)).series).toHaveLength(1);
    const [whole, known] = assetsSpec(body([DAY, { ...DAY, value: null, known_value: '900' }], null)).series;
    expect(whole?.exact).toEqual(['1000.5', null]);
    expect(known?.exact).toEqual(['1000.5', '900']);
  });
  it('draw what went out below zero', () => {
    const { series } = flowsSpec(body([DAY, { ...DAY, outflow: '0' }, { ...DAY, outflow: null }], null));
    expect(series[0]?.exact).toEqual(['50', '50', '50']);
    expect(series[1]?.exact).toEqual(['-20.25', '0', null]);
  });
});

describe('freshness', () => {
  const until = '2026-11-25T12:03:04Z';
  it('is a time today, and a day before', () => {
    expect(completeWords(until, Date.parse(until) + 1_000)).toBe(`Complete up to ${formatClock(until)}`);
    expect(completeWords(until, Date.parse(until) + 3 * 86_400_000)).toMatch(/^Complete up to 2[456] Nov /);
    expect(completeWords(null, 0)).toBe('No booking is in yet');
  });
});

it('a cohort is a month', () =>
  expect([cohortOf('2026-11-01'), formatMonth('2026-11-01')]).toEqual(['2026-11', 'Nov 2026']));
