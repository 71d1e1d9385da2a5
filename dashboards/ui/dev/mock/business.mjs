import { DAY, HOUR, MINUTE, chance, deployAt, hex, iso } from './world.mjs';

const SLOS = [
  ['orders-accepted', 'Orders are accepted', 'order', 0.999, -0.183, { '5m': 21, '1h': 17.4, '6h': 4.2, '3d': 1.3 }],
  [
    'checkout-latency',
    'Order entry under 250 ms',
    'gateway',
    0.99,
    0.214,
    { '5m': 2.4, '1h': 1.9, '6h': 1.2, '3d': 0.8 },
  ],
  ['deposits-complete', 'Deposits complete', 'payments', 0.995, 0.731, { '5m': 0, '1h': 0.3, '6h': 0.4, '3d': 0.6 }],
  ['quotes-fresh', 'Quotes are fresh', 'market-data', 0.999, 0.962, { '5m': 0.1, '1h': 0.1, '6h': 0.1, '3d': 0.1 }],
  ['kyc-decided', 'Identity checks are decided', 'kyc', 0.95, null, { '5m': null, '1h': null, '6h': null, '3d': null }],
];
const SENTENCES = {
  'orders-accepted': (now) =>
    `Burning 17.4x too fast since ${iso(deployAt(now)).slice(11, 16)} UTC. The budget of 30 days is spent, by 18 % of its size over.`,
  'checkout-latency': () => 'Burning 1.9x too fast. 21 % of the budget of 30 days is left.',
  'deposits-complete': () => 'Burning at 0.30x the allowed rate. 73 % of the budget of 30 days is left.',
  'quotes-fresh': () => 'Burning at 0.10x the allowed rate. 96 % of the budget of 30 days is left.',
  'kyc-decided': () => 'No figure: no request in the window.',
};
export const slos = (now) =>
  SLOS.map(([name, display_name, service, target, left, burn]) => ({
    name,
    display_name,
    service,
    objective: `${target * 100} % of requests are good over 30 days`,
    target,
    window: '30d',
    budgeting_method: 'Occurrences',
    sli: { kind: 'ratio' },
    budget_remaining: left,
    status: left === null ? null : target + (1 - target) * left,
    good: left === null ? null : Math.round(41_200_000 * (target + (1 - target) * left)),
    total: left === null ? null : 41_200_000,
    unavailable: left === null ? 'no request in the window' : null,
    burn,
    coverage: left === null ? 0 : 0.998,
    exhausts_at: name === 'checkout-latency' ? iso(now + 3.4 * DAY) : null,
    sentence: SENTENCES[name](now),
    parts: [],
    part_of: null,
  }));
export function slo(name, { from, to, now }) {
  const row = slos(now).find((one) => one.name === name);
  if (row === undefined) return null;
  const step = Math.max(MINUTE, (to - from) / 200);
  const series = [];
  for (let t = from; t < to; t += step) {
    const since = Math.max(0, t - deployAt(now)) / (now - deployAt(now));
    const total = Math.round(((1000 * step) / MINUTE) * (0.8 + 0.4 * chance(name, t)));
    const bad = name === 'orders-accepted' && since > 0 ? 0.017 : 0.0006;
    series.push({
      ts: iso(t),
      good: Math.round(total * (1 - bad)),
      total,
      budget_remaining:
        row.budget_remaining === null
          ? null
          : row.budget_remaining +
            0.3 *
              (1 - since) *
              (name === 'orders-accepted' ? 1 : 0.2) *
              (t > deployAt(now) - 3 * DAY ? Math.max(0, (deployAt(now) - t) / (3 * DAY)) : 1) +
            0.1 * ((now - t) / (now - from)),
      burn_1h: (bad / (1 - row.target)) * (0.8 + 0.4 * chance('b', t)),
    });
  }
  return {
    ...row,
    series,
    ahead: row.budget_remaining === null ? null : ahead(row, now),
    ahead_unknown: row.budget_remaining === null ? 'nothing has been measured yet' : null,
    alerts: alerts(now).filter((alert) => alert.slo === name),
    definition: `apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: ${name}\n  displayName: ${row.display_name}\nspec:\n  service: ${row.service}\n  budgetingMethod: Occurrences\n  timeWindow:\n    - duration: 30d\n      isRolling: true\n  objectives:\n    - target: ${row.target}\n`,
  };
}
function ahead(row, now) {
  const lost = row.burn['1h'] / 40;
  const left = (hour) => row.budget_remaining - (hour * lost) / 24;
  const points = Array.from({ length: 48 }, (_, i) => ({ ts: iso(now + i * HOUR), budget_remaining: left(i) }));
  const gone = row.budget_remaining > 0 ? points.find((point) => point.budget_remaining <= 0) : undefined;
  return { error_rate: row.burn['1h'] * (1 - row.target), points, exhausts_at: gone?.ts ?? null };
}
const rule = (severity, long, threshold) => ({ severity, long, short: long / 12, threshold, budget_fraction: 0.02 });
export function backtest({ from, to, now }) {
  const none = { count: 0, seconds: 0, first: null, last: null, open: false };
  const page = { count: 2, seconds: 5_400, first: iso(now - 3 * DAY), last: iso(now - HOUR), open: true };
  return {
    from: iso(from),
    until: iso(to),
    steps: 100,
    rules: [
      { rule: rule('critical', 3_600, 14.4), fired: page },
      { rule: rule('major', 21_600, 6), fired: page },
      { rule: rule('warning', 86_400, 3), fired: none },
    ],
    pages: page,
    tickets: none,
  };
}
const acked = new Map();
export const acknowledge = (id, user) => acked.set(id, user);
export const alerts = (now) =>
  firedAlerts(now).map((alert) => ({
    ...alert,
    causes: [],
    runbook: null,
    labels: { alertname: 'SloBurn', service: alert.service, severity: alert.severity, slo: alert.slo },
    context: alert.id === 'a-1' ? known(now) : null,
  }));
const known = (now) => ({
  customers: { hit: 212, of: 1_900 },
  transactions: { hit: 240, of: 14_000 },
  money: { amount: '48210.50', currency: 'EUR' },
  changes: [{ kind: 'deploy', what: 'order 2.31', at: iso(deployAt(now)) }],
  differences: ['version is 2.31 on 100 % of failing requests, of the others on 41 %'],
  traces: [],
  dora: { major: false, met: ['clients, counterparts or transactions'], words: 'no major incident so far' },
});
const firedAlerts = (now) => [
  {
    id: 'a-1',
    slo: 'orders-accepted',
    service: 'order',
    severity: 'critical',
    state: 'firing',
    started_at: iso(deployAt(now) + 4 * MINUTE),
    resolved_at: null,
    burn_short: 21,
    burn_long: 17.4,
    threshold: 14.4,
    windows: '1h/5m',
    summary: '1.7 % of orders fail, 17x what the budget allows',
    acknowledged_by: acked.get('a-1') ?? null,
  },
  {
    id: 'a-2',
    slo: 'checkout-latency',
    service: 'gateway',
    severity: 'warning',
    state: 'firing',
    started_at: iso(now - 9 * HOUR),
    resolved_at: null,
    burn_short: 1.2,
    burn_long: 1.9,
    threshold: 1,
    windows: '3d/6h',
    summary: 'Order entry is slower than 250 ms too often',
    acknowledged_by: 'sre',
  },
  {
    id: 'a-3',
    slo: 'deposits-complete',
    service: 'payments',
    severity: 'critical',
    state: 'resolved',
    started_at: iso(now - 3 * DAY),
    resolved_at: iso(now - 3 * DAY + 42 * MINUTE),
    burn_short: 0.2,
    burn_long: 6.4,
    threshold: 6,
    windows: '6h/30m',
    summary: 'Deposits by card failed at the bank',
    acknowledged_by: 'sre',
  },
];

const QUIET = {
  attribution: { party: 'none', sentence: 'There is nothing to say whose it is.', evidence: [] },
  cohort: { sentence: 'There is nothing to compare.', figures: null },
  incidents: [],
  reply: 'Hello,\n\nPlease send us the number of the order or payment that you ask about.\n\nKind regards',
  escalation: { title: 'A lookup', text: 'Nothing is known.', url: null },
};

export function lookup(q, now) {
  const known = /^(cus-1042|ord-20117|pay-881|.+@.+)$/.test(q);
  if (!known)
    return {
      query: q,
      kind: 'unknown',
      customer: null,
      verdict: {
        state: 'unknown',
        sentence: `Nothing is known under "${q}".`,
        next_step: 'Check the spelling, or ask for the order number of the confirmation mail.',
      },
      ...QUIET,
      journey: [],
      traces: [],
      truncated: false,
      matches: [],
    };
  const at = now - 38 * MINUTE;
  const step = (s, event, title, service, outcome, detail, amount = null) => ({
    ts: iso(at + s * 1000),
    kind: 'event',
    event,
    title,
    service,
    outcome,
    detail: detail ?? '',
    trace_id: hex(32, 'trace', 0),
    amount,
    currency: amount === null ? null : 'USD',
  });
  return {
    query: q,
    kind: q.startsWith('ord') ? 'order' : q.startsWith('pay') ? 'payment' : 'customer',
    ...QUIET,
    attribution: {
      party: 'us',
      sentence: 'It is ours: something failed on our side.',
      evidence: ['order.rejected of order gave the reason internal_error'],
    },
    customer: { customer_id: 'cus-1042', email_masked: 'm***@e***.com', name_masked: 'M*** O***', country: 'IE' },
    verdict: {
      state: 'failed',
      sentence:
        'Order ord-20117 over 12.5 AAPL was rejected: the risk service did not answer in time. It is our fault.',
      next_step:
        'Tell the customer nothing was bought and no money moved; the order can be placed again once the incident of order 2.31.0 is over.',
    },
    journey: [
      step(-DAY / 1000, 'customer.registered', 'Account opened', 'auth', 'ok', null),
      step(-7200, 'deposit.initiated', 'Deposit started', 'payments', 'ok', 'bank transfer', '2500.00'),
      step(-7150, 'deposit.completed', 'Deposit arrived', 'payments', 'ok', null, '2500.00'),
      step(-40, 'session.started', 'Signed in', 'auth', 'ok', 'from Dublin'),
      step(0, 'order.placed', 'Order placed', 'order', 'ok', 'buy 12.5 AAPL at 190.20 or better', '2377.50'),
      step(0.031, 'risk.checked', 'Risk check', 'risk', 'failed', 'limit service answered 503: no healthy upstream'),
      step(0.048, 'order.rejected', 'Order rejected', 'order', 'failed', 'reason RISK_UNAVAILABLE'),
    ],
    traces: [0, 3, 5].map((i) => ({
      trace_id: hex(32, 'trace', i),
      ts: iso(at + i * 1000),
      operation: ['POST /api/orders', 'GET /api/portfolio', 'POST /api/session'][i % 3],
      duration_ns: 48e6 + i * 7e6,
      status: i === 0 ? 'error' : 'ok',
    })),
    truncated: false,
    matches: [
      { kind: 'customer', value: 'cus-1042' },
      { kind: 'order', value: 'ord-20117' },
      { kind: 'payment', value: 'pay-881' },
    ],
  };
}
