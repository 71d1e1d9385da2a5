import { describe, expect, it } from 'vitest';
import type { PortfolioBody } from '../api/portfolio';
import type { PlanStep } from '../api/forecast';
import type { JourneyStep } from '../api/lookup';
import { hangs } from '../components/Journey';
import { byTrouble, forecastSentence, portfolioSentence, servicesSentence } from '../lib/sentences';
import { venueClock } from '../lib/venues';
import { changes } from './Plan';

const step = (event: string, outcome: JourneyStep['outcome']): JourneyStep => ({
  ts: '2026-11-20T12:00:00Z',
  kind: 'event',
  event,
  title: event,
  service: 's',
  outcome,
  detail: '',
  trace_id: null,
  amount: null,
  currency: null,
});

describe('a journey', () => {
  it('hangs where nothing of its flow came after', () => {
    const steps = [step('deposit.initiated', 'pending'), step('order.placed', 'pending'), step('order.filled', 'ok')];
    expect(steps.map((_, i) => hangs(steps, i))).toEqual([true, false, false]);
  });
});

describe('a plan', () => {
  const at = (minute: number, replicas: number): PlanStep => ({
    ts: new Date(minute * 60_000).toISOString(),
    replicas,
    reactive: 1,
    reason: 'r',
    mode: null,
  });
  it('is the steps at which the number changes', () => {
    const found = changes([at(0, 2), at(1, 2), at(2, 4), at(3, 2), at(4, 2)]);
    expect(found.map(({ before, replicas }) => [before, replicas])).toEqual([
      [null, 2],
      [2, 4],
      [4, 2],
    ]);
  });
});

describe('sentences', () => {
  const row = (service: string, calls: number, errors: number) => ({
    service,
    calls,
    errors,
    error_rate: calls === 0 ? null : errors / calls,
    calls_per_second: 1,
    p50_ns: 1,
    p95_ns: 2,
    p99_ns: 3,
    trend: [],
  });
  it('name the service that fails most', () => {
    const rows = [row('a', 100, 0), row('b', 100, 7), row('c', 0, 0)];
    expect(byTrouble(rows)[0]?.service).toBe('b');
    expect(servicesSentence(rows)).toMatch(/3 services took 200 calls; b fails most, 7\.00\s%/);
    expect(servicesSentence([row('a', 1, 0)])).toMatch(/none failed/);
    expect(servicesSentence([])).toMatch(/No service/);
  });
  it('never make a figure up', () => {
    const none = {
      value: null,
      cash: null,
      market_value: null,
      cost_basis: null,
      unrealised: null,
      realised: null,
      fees: null,
      dividends: null,
      interest: null,
      taxes: null,
    };
    const body: PortfolioBody = {
      portfolio_id: 'p',
      customer_id: null,
      adviser_id: null,
      as_of: '',
      method: 'fifo',
      base_currency: null,
      positions: [],
      accounts: [],
      totals: none,
      allocations: null,
      unavailable: [],
      flags: [],
    };
    expect(portfolioSentence(body)).toBe('Portfolio p holds 0 positions and cannot be valued in full.');
    const known = { ...none, value: '1010.5', cash: '10.5', unrealised: '-20' };
    expect(portfolioSentence({ ...body, base_currency: 'EUR', totals: known })).toBe(
      'Portfolio p is worth 1,010.50 EUR: 0 positions and 10.50 EUR of cash, with an unrealised loss of 20.00 EUR.',
    );
    const forecast = {
      service: 's',
      metric: 'requests_per_minute',
      made_at: null,
      model: null,
      points: [],
      actual: [],
      events: [],
      anomalies: [],
      skill: null,
      unavailable: 'too little history',
    };
    expect(forecastSentence(forecast, 0)).toBe('No forecast for s: too little history.');
    const series = { ...forecast, metric: 'orders_placed' };
    expect(forecastSentence(series, 0)).toBe('No forecast for orders_placed: too little history.');
  });
});

describe('a venue', () => {
  it('tells its own time', () => {
    expect(venueClock('XNYS', '2026-11-20T14:30:00Z')).toBe('09:30 in New York');
    expect(venueClock('XBOM', '2026-11-20T03:45:00Z')).toBe('09:15 in Kolkata');
  });
  it('whose zone is not known is left alone', () => {
    expect([venueClock('????', '2026-11-20T14:30:00Z'), venueClock(null, '2026-11-20T14:30:00Z')]).toEqual([
      null,
      null,
    ]);
  });
});
