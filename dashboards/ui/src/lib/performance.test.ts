import { describe, expect, it } from 'vitest';
import type { PerformanceBody } from '../api/portfolio';
import {
  benchmarkFigures,
  drawdownWords,
  performanceSentence,
  returnFigures,
  riskFigures,
  riskNote,
} from './performance';
import { drawdownSpec, indexSpec, valueSpec } from './performance-charts';

/** A portfolio of which nothing is known. */
const NOTHING: PerformanceBody = {
  period: null,
  base_currency: null,
  start_value: null,
  end_value: null,
  inflows: null,
  outflows: null,
  gain: null,
  time_weighted: { total: null, annualised: null },
  modified_dietz: { total: null, average_capital: null },
  money_weighted: { total: null, annual: null, others: [], day_count: 'act/365' },
  risk: {
    frequency: 'trading_day',
    returns: null,
    risk_free: 0.02,
    volatility: null,
    volatility_over_period: null,
    downside_deviation: null,
    semi_deviation: null,
    sharpe: null,
    sortino: null,
    max_drawdown: null,
    cagr: null,
    calmar: null,
    tail_ratio: null,
  },
  benchmark: null,
  index: [],
  contributions: null,
  movers: { gains: [], losses: [] },
  by_label: [],
  attribution: null,
  unavailable: { period: { reason: 'nothing was booked', missing: false } },
  flags: [],
};
const plain = (text: string | undefined): string => (text ?? '').replaceAll('\u00a0', ' ');
const byId = <T extends { id: string }>(rows: readonly T[], id: string): T | undefined =>
  rows.find((row) => row.id === id);

describe('what is not known', () => {
  it('says why, each figure for itself or all at once', () => {
    const body: PerformanceBody = {
      ...NOTHING,
      unavailable: { ...NOTHING.unavailable, 'risk.sharpe': { reason: 'nothing is spread', missing: false } },
    };
    const risk = riskFigures(body);
    expect(risk.every(({ value, why }) => value === '\u2013' && why !== '')).toBe(true);
    expect(byId(risk, 'sharpe')?.why).toBe('nothing is spread');
    expect(byId(risk, 'sortino')?.why).toBe('nothing was booked');
    expect(returnFigures(body).map(({ why }) => why)).toEqual(Array(3).fill('nothing was booked'));
    expect(performanceSentence(body)).toBe('No return can be told: nothing was booked.');
    expect(benchmarkFigures(body)).toEqual([]);
  });
  it('is nothing where it is known, though a year may not be', () => {
    const time = byId(
      returnFigures({
        ...NOTHING,
        time_weighted: { total: 0.0425, annualised: null },
        unavailable: { 'time_weighted.annualised': { reason: 'under a year', missing: false } },
      }),
      'time_weighted',
    );
    expect([plain(time?.value), time?.why, time?.year, time?.yearWhy]).toEqual([
      '+4.25 %',
      '',
      '\u2013',
      'under a year',
    ]);
  });
});

describe('risk', () => {
  it('names the convention of a spread', () => {
    const rows = riskFigures({
      ...NOTHING,
      risk: {
        ...NOTHING.risk,
        volatility: { convention: 'simple_a_year', value: 0.2 },
        volatility_over_period: { convention: 'log_over_period', value: 0.1 },
      },
    });
    expect([plain(rows[0]?.value), rows[0]?.how]).toEqual(['20.0 %', 'Standard deviation of simple returns, a year']);
    expect(rows[1]?.how).toBe('Standard deviation of logarithmic returns, over the period');
    expect(plain(riskNote(NOTHING))).toBe('returns, one each trading day; risk-free 2.00 % a year');
  });
  it('tells a fall with its dates', () => {
    const fall = { start: '2026-10-03', trough: '2026-10-09', recovery: '2026-10-20', days: 17 };
    expect(drawdownWords({ depth: 0.1, deepest: fall, longest_days: 20 })).toBe(
      'From 3 Oct 2026, lowest on 9 Oct 2026, back on 20 Oct 2026 after 17 days; longest without a new high: 20 days',
    );
    expect(drawdownWords({ depth: 0.1, deepest: { ...fall, recovery: null }, longest_days: 17 })).toContain(
      'not back after 17 days',
    );
    expect(drawdownWords({ depth: 0, deepest: null, longest_days: 0 })).toBe('It never fell below an earlier high');
  });
});

describe('beside a benchmark', () => {
  it('tells what is known and why the rest is not', () => {
    const rows = benchmarkFigures({
      ...NOTHING,
      benchmark: {
        period: null,
        portfolio: 0.05,
        benchmark: 0.07,
        active: -0.02,
        beta: { beta: 0.8, correlation: 0.9 },
        alpha: null,
        capture: { up: 1.1, down: 0.9, ratio: 1.22 },
      },
      unavailable: { 'benchmark.alpha': { reason: 'too few returns', missing: false } },
    });
    expect(rows.map(({ id, value }) => [id, plain(value)])).toEqual([
      ['portfolio', '+5.00 %'],
      ['benchmark', '+7.00 %'],
      ['active', '\u22122.00 %'],
      ['beta', '0.80'],
      ['alpha', '\u2013'],
      ['up', '110.0 %'],
      ['down', '90.0 %'],
      ['ratio', '1.22'],
    ]);
    expect(byId(rows, 'alpha')?.why).toBe('too few returns');
    expect(byId(rows, 'beta')?.how).toContain('correlation 0.90');
  });
});

describe('charts of a performance', () => {
  const body: PerformanceBody = {
    ...NOTHING,
    index: [
      { date: '2026-10-01', value: '100.000000000001', flow: null, index: 1, drawdown: 0 },
      { date: '2026-10-02', value: null, flow: '5', index: 0.9, drawdown: 0.1 },
    ],
  };
  it('keep the digits of money and the gaps', () => {
    const [value] = valueSpec(body).series;
    expect(value?.exact).toEqual(['100.000000000001', null]);
    expect(value?.values[1]).toBeNull();
    expect(valueSpec(body).times).toEqual([Date.UTC(2026, 9, 1) / 1000, Date.UTC(2026, 9, 2) / 1000]);
  });
  it('tell a return from the beginning and a fall below zero', () => {
    expect(indexSpec(body).series[0]?.values[1]).toBeCloseTo(-0.1, 12);
    expect(drawdownSpec(body).series[0]?.values).toEqual([0, -0.1]);
  });
});
