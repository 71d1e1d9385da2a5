import { describe, expect, it } from 'vitest';
import type { Ahead, BacktestBody, SloPoint } from '../api/slo';
import { budgetSeries } from './budget';
import { aheadSentence, backtestSentence } from './slo';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-20T12:00:00Z');
const at = (hour: number): string => new Date(START + hour * HOUR).toISOString();
const point = (hour: number, left: number | null): SloPoint => ({
  ts: at(hour),
  good: 0,
  total: 0,
  budget_remaining: left,
  burn_1h: null,
});
const ahead: Ahead = {
  error_rate: 0.0021,
  points: [1, 2, 3, 4].map((hour) => ({ ts: at(hour), budget_remaining: 0.5 - hour * 0.2 })),
  exhausts_at: at(3),
};
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('the budget to come', () => {
  it('goes on where the past ends, and not farther than there is room', () => {
    const { times, past, ahead: coming, end } = budgetSeries([point(-1, 0.6), point(0, 0.5)], ahead, 2.5 * HOUR);
    expect(times.map((time) => (time * 1000 - START) / HOUR)).toEqual([-1, 0, 1, 2]);
    expect(past.slice(0, 2)).toEqual([0.6, 0.5]);
    expect(coming?.[0]).toBeNull();
    expect(coming?.slice(1).map((value) => Number((value ?? 0).toFixed(6)))).toEqual([0.5, 0.3, 0.1]);
    expect(end).toBe(START + 2 * HOUR);
  });
  it('is left out where nothing is known of it, or of the past', () => {
    expect(budgetSeries([point(0, 0.5)], null, HOUR)).toEqual({
      times: [START / 1000],
      past: [0.5],
      ahead: null,
      end: 0,
    });
    expect(budgetSeries([], ahead, HOUR)).toEqual({ times: [], past: [], ahead: null, end: 0 });
  });
  it('is told with its end, or that it lasts, or that it is spent', () => {
    expect(plain(aheadSentence(ahead, 0.5, START))).toMatch(
      /^At the last hour\u2019s error rate, 0\.21 %, and the forecast traffic the budget is gone on 20 Nov \d\d:00, in 3 h\.$/,
    );
    const lasts = { ...ahead, exhausts_at: null, points: ahead.points.slice(0, 1) };
    expect(plain(aheadSentence(lasts, 0.5, START))).toMatch(/lasts as far as traffic is forecast: 30\.0 % on/);
    expect(plain(aheadSentence(lasts, -0.5, START))).toMatch(/the budget, which is spent, stands at 30\.0 % on/);
  });
});

describe('a backtest', () => {
  const none = { count: 0, seconds: 0, first: null, last: null, open: false };
  const body: BacktestBody = { from: at(0), until: at(5), steps: 300, rules: [], pages: none, tickets: none };
  it('says how often somebody would have been woken', () => {
    expect(plain(backtestSentence(body))).toMatch(/its rules would not have paged anybody and opened no ticket\.$/);
    const busy = {
      ...body,
      pages: { ...none, count: 3, seconds: 5_400, open: true },
      tickets: { ...none, count: 1, seconds: 60 },
    };
    expect(plain(backtestSentence(busy))).toMatch(
      /would have paged 3 times \(1 h 30 min in all, still open at the end\) and opened a ticket once \(1 min in all\)\.$/,
    );
    expect(backtestSentence({ ...body, steps: 0 })).toBe('Nothing was measured in this range.');
  });
});
