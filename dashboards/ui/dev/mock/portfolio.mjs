// Portfolios: positions and what they are worth, what they made, and all of them together.
import { chance, DAY, hex, iso } from './world.mjs';

const dayOf = (time) => iso(time).slice(0, 10);
const flags = [{ event_id: hex(16, 'flag'), reason: 'sold 3 MSFT that were never bought' }];

export const portfolios = () => ({
  portfolios: Array.from({ length: 24 }, (_, i) => ({
    id: `pf-${1042 + i}`,
    customer_id: `cus-${1042 + i}`,
    trades: 3 + Math.floor(60 * chance('pf', i)),
  })),
  truncated: false,
});

const position = (symbol, currency, figures, unavailable = null) => ({
  symbol,
  quantity: null,
  average_cost: null,
  cost_basis: null,
  price: null,
  price_at: null,
  market_value: null,
  unrealised: null,
  realised: '0',
  closed_cost: '0',
  income: '0',
  fees: '0',
  currency,
  ...figures,
  unavailable,
});
const totals = {
  value: '10716.686351',
  cash: '1041.330000000000',
  market_value: '9675.356351',
  cost_basis: '9478.993472',
  unrealised: '196.362879',
  realised: '120.55',
  dividends: '8.4',
  interest: '1.05',
  fees: '14.250000',
  taxes: '2.1',
};
const UNKNOWN = { value: null, market_value: null, cost_basis: '9478.993472', unrealised: null };
const account = (currency, cash, deposits) => ({
  currency,
  cash,
  deposits,
  withdrawals: '0',
  dividends: '8.4',
  interest: '1.05',
  fees: '14.25',
  taxes: '2.1',
  realised: '120.55',
});
const part = (name, value, share) => ({ name, value, share });

/** Every third portfolio holds something that has no price. */
const isWhole = (id) => Number(id.replaceAll(/\D/g, '')) % 3 !== 0;

export function portfolio(id, asOf, { base = 'USD', method = 'fifo' } = {}) {
  const whole = isWhole(id);
  return {
    portfolio_id: id,
    customer_id: id.replace('pf', 'cus'),
    adviser_id: 'adv-7',
    as_of: iso(asOf),
    method,
    base_currency: base,
    positions: [
      position('AAPL', 'USD', {
        quantity: '37.5',
        average_cost: '181.204400000000',
        cost_basis: '6795.165000000000',
        price: '190.11',
        price_at: iso(asOf - 4000),
        market_value: '7129.125',
        unrealised: '333.960000000000',
        realised: '120.55',
        closed_cost: '1810.2',
        income: '8.4',
        fees: '9.75',
      }),
      position('BTC', 'USD', {
        quantity: '0.043817250000',
        average_cost: '61250.5',
        cost_basis: '2683.828472',
        price: '58110.25',
        price_at: iso(asOf - 1000),
        market_value: '2546.231351',
        unrealised: '-137.597121',
        fees: '4.5',
      }),
      ...(whole
        ? []
        : [
            position(
              'INFY',
              'INR',
              { quantity: '120', average_cost: '1502.333333333333', cost_basis: '180280.000000000000' },
              'no price of INFY is known at that time',
            ),
          ]),
    ],
    accounts: [account('USD', '1041.330000000000', '10000'), account('INR', whole ? '0' : '-20', '180260')],
    totals: whole ? totals : { ...totals, ...UNKNOWN },
    allocations: whole
      ? [
          {
            by: 'symbol',
            parts: [
              part('AAPL', '7129.125', '0.665236'),
              part('BTC', '2546.231351', '0.237595'),
              part('cash', '1041.33', '0.097169'),
            ],
          },
          { by: 'currency', parts: [part('USD', '10716.686351', '1')] },
          {
            by: 'asset_class',
            parts: [
              part('equity', '7129.125', '0.665236'),
              part('crypto', '2546.231351', '0.237595'),
              part('cash', '1041.33', '0.097169'),
            ],
          },
        ]
      : null,
    unavailable: whole ? [] : ['INFY: no price of INFY is known at that time'],
    flags,
  };
}

/** The file as text, whatever its format. */
export const positions = (id, format) => ({
  status: 200,
  headers: {
    'content-type': format === 'csv' ? 'text/csv' : 'application/vnd.apache.parquet',
    'content-disposition': `attachment; filename="positions-${id}.${format}"`,
  },
  body: 'symbol,quantity\nAAPL,37.5\n',
});

export function together(ids, asOf, base = 'USD') {
  const parts = ids.map((id) => {
    const { customer_id, totals: own, flags: faults } = portfolio(id, asOf);
    return { portfolio_id: id, customer_id, totals: own, flags: faults };
  });
  const whole = ids.every(isWhole);
  return {
    as_of: iso(asOf),
    base_currency: base,
    value: whole ? (10716.686351 * ids.length).toFixed(6) : null,
    known_value: (10716.686351 * ids.filter(isWhole).length).toFixed(6),
    portfolios: parts,
    unavailable: ids.filter((id) => !isWhole(id)).map((id) => `${id}: INFY: no price of INFY is known at that time`),
  };
}

/** A way of an index over days, with a fall on the way. */
function way(id, from, to) {
  let [index, high] = [1, 1];
  const days = [];
  for (let time = from; time <= to; time += DAY) {
    if (time > from) index *= 1 + (chance(id, time) - 0.48) * 0.03;
    high = Math.max(high, index);
    days.push({
      date: dayOf(time),
      value: (10_000 * index).toFixed(6),
      flow: time === from ? null : chance('flow', time) > 0.9 ? '250' : '0',
      index,
      drawdown: 1 - index / high,
    });
  }
  return days;
}

export function performance(id, ask, now) {
  const to = Date.parse(dayOf(Date.parse(ask('to') ?? '') || now));
  const from = Date.parse(ask('from') ?? '') || to - 60 * DAY;
  const index = way(id, from, to);
  const total = index.at(-1).index - 1;
  const deviation = (convention, value) => ({ convention, value });
  const moved = (symbol, gain, contribution) => ({
    symbol,
    start_value: '4000',
    end_value: '4100.25',
    gain,
    average_capital: '4050.125',
    contribution,
  });
  const contributions = [
    moved('AAPL', '333.96', 0.0334),
    moved('BTC', '-137.597121', -0.0138),
    moved(null, '1.05', 0.0001),
  ];
  const year = { reason: `the period has ${index.length - 1} days, fewer than a year`, missing: false };
  const symbol = ask('benchmark');
  return {
    period: { from: dayOf(from), to: dayOf(to) },
    base_currency: ask('base') ?? 'USD',
    start_value: '10000',
    end_value: index.at(-1).value,
    inflows: '250',
    outflows: '0',
    gain: (10_000 * total - 250).toFixed(6),
    time_weighted: { total, annualised: null },
    linked: null,
    modified_dietz: { total: total * 0.98, average_capital: '10125' },
    money_weighted: { total: total * 0.97, annual: null, others: [], day_count: 'act/365' },
    risk: {
      frequency: 'trading_day',
      returns: index.length - 1,
      risk_free: 0,
      volatility: deviation('simple_a_year', 0.137),
      volatility_over_period: deviation('log_over_period', 0.066),
      downside_deviation: deviation('simple_a_year', 0.091),
      semi_deviation: deviation('log_over_period', 0.045),
      sharpe: 1.31,
      sortino: 1.97,
      max_drawdown: {
        depth: Math.max(...index.map(({ drawdown }) => drawdown)),
        deepest: { start: index[2].date, trough: index[5].date, recovery: null, days: index.length - 3 },
        longest_days: index.length - 3,
      },
      cagr: null,
      calmar: null,
      tail_ratio: 1.08,
    },
    benchmark:
      symbol === null
        ? null
        : {
            period: { from: dayOf(from), to: dayOf(to) },
            portfolio: total,
            benchmark: 0.021,
            active: total - 0.021,
            beta: { beta: 0.83, correlation: 0.71 },
            alpha: { simple: 0.012, compounded: 0.0121 },
            capture: null,
          },
    index,
    contributions,
    movers: { gains: contributions.slice(0, 1), losses: contributions.slice(1, 2) },
    by_label: [
      {
        by: 'asset_class',
        parts: [
          { name: 'cash', gain: '1.05', contribution: 0.0001 },
          { name: 'crypto', gain: '-137.597121', contribution: -0.0138 },
          { name: 'equity', gain: '333.96', contribution: 0.0334 },
        ],
      },
    ],
    attribution: null,
    unavailable: {
      'time_weighted.annualised': year,
      'money_weighted.annual': year,
      'risk.cagr': year,
      'risk.calmar': year,
      'benchmark.capture': { reason: 'the benchmark never fell', missing: false },
    },
    flags,
  };
}

export function assets(ask, now) {
  const to = Date.parse(dayOf(Date.parse(ask('to') ?? '') || now));
  const from = Date.parse(ask('from') ?? '') || to - 30 * DAY;
  const cohort = ask('cohort');
  const days = way('assets', from, to).map(({ date, index }, i) => ({
    date,
    value: i === 3 ? null : (4_000_000 * index).toFixed(4),
    known_value: (3_900_000 * index).toFixed(4),
    cash: '120000.5',
    inflow: (20_000 * chance('in', date)).toFixed(2),
    outflow: (12_000 * chance('out', date)).toFixed(2),
    income: (300 * chance('income', date)).toFixed(2),
    fees: (90 * chance('fees', date)).toFixed(2),
    taxes: '0',
    bought: '9000',
    sold: '8000',
    realised: '100',
    trades: 12,
    unavailable: i === 3 ? [`no price of INFY is known on ${date}`] : [],
  }));
  const months = ['2026-09-01', '2026-10-01', '2026-11-01'].filter(
    (month) => cohort === null || month.startsWith(cohort),
  );
  return {
    base_currency: ask('base') ?? 'USD',
    complete_until: iso(now - 4000),
    days,
    positions: [
      {
        symbol: 'AAPL',
        currency: 'USD',
        quantity: '12000.5',
        value: '2281415.055',
        share: '0.570353',
        unavailable: null,
      },
      {
        symbol: 'BTC',
        currency: 'USD',
        quantity: '21.04381725',
        value: '1222861.47',
        share: '0.305715',
        unavailable: null,
      },
      { symbol: null, currency: 'USD', quantity: '120000.5', value: '120000.5', share: '0.03', unavailable: null },
    ],
    concentration: { largest: '0.651', ten_largest: '1', herfindahl: '0.545602' },
    period: {
      inflow: '310000.75',
      outflow: '180000.25',
      net_flow: '130000.5',
      income: '4200.4',
      fees: '1310.25',
      taxes: '0',
      trades: 372,
      turnover: null,
      active_portfolios: 19,
      portfolios: 24,
      trade_success_rate: cohort === null ? 0.9712 : null,
    },
    cohorts: months.map((month, i) => ({
      month,
      portfolios: 8,
      value: i === 1 ? null : '1300000.25',
      known_value: '1300000.25',
      net_flow: '43333.5',
    })),
    unavailable: days.flatMap(({ unavailable }) => unavailable),
  };
}
