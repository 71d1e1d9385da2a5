import { deployments } from './agreed.mjs';
import { SERVICES, MINUTE, badness, callsAt, chance, events, hex, iso, level, row } from './world.mjs';

const named = (name) => SERVICES.find(({ service }) => service === name) ?? SERVICES[2];

export const services = ({ from, to, now }) => ({
  range: { from: iso(from), to: iso(to) },
  services: SERVICES.map((service) => row(service, from, to, now)),
});

const OPERATIONS = {
  order: ['POST /orders', 'GET /orders/{id}', 'DELETE /orders/{id}', 'validate', 'orders.placed process'],
};
export function operations(name, range) {
  const whole = row(named(name), range.from, range.to, range.now);
  const names = OPERATIONS[name] ?? [`GET /${name}`, `POST /${name}`, 'lookup'];
  return {
    operations: names.map((operation, i) => {
      const share = [0.55, 0.25, 0.05, 0.1, 0.05][i];
      const calls = Math.round(whole.calls * share);
      const errors = i === 0 ? whole.errors : 0;
      return {
        operation,
        kind: operation.includes('process') ? 'consumer' : operation.includes('/') ? 'server' : 'internal',
        calls,
        errors,
        error_rate: errors / calls,
        p50_ns: whole.p50_ns / (i + 1),
        p95_ns: whole.p95_ns / (i + 1),
        p99_ns: whole.p99_ns / (i + 1),
      };
    }),
  };
}
export const errors = (name, { from, now }) => ({
  left_out: 0,
  step_seconds: 60,
  looked_back_to: iso(from - 86_400_000),
  sample: { spans: 452, of: 452, time: 1 },
  errors: errorGroups(name, now).map((group) => ({
    ...group,
    error_type: '',
    first_seen: iso(from),
    new: group.count > 100,
    versions: ['2.31'],
    series: [{ ts: group.last_seen, count: group.count }],
    traces: [group.trace_id],
  })),
});
const errorGroups = (name, now) =>
  name === 'ledger'
    ? []
    : [
        {
          operation: 'POST /orders',
          message: 'risk limit service answered 503: no healthy upstream',
          count: 412,
          last_seen: iso(now - 42_000),
          trace_id: hex(32, 'trace', 0),
        },
        {
          operation: 'POST /orders',
          message: 'price is outside of the band of the venue',
          count: 38,
          last_seen: iso(now - 183_000),
          trace_id: hex(32, 'trace', 3),
        },
        {
          operation: 'GET /orders/{id}',
          message: '',
          count: 2,
          last_seen: iso(now - 905_000),
          trace_id: hex(32, 'trace', 5),
        },
      ];

export function series(name, { from, to, now }, step) {
  const service = named(name);
  const points = [];
  for (let t = Math.floor(from / step / 1000) * step * 1000; t < to; t += step * 1000) {
    const calls = Math.round((callsAt(service, t) * step) / 60);
    const bad = badness(service, t, now);
    const wave = (1 + 0.3 * chance(name, t)) * (bad ? 2.6 : 1);
    points.push({
      ts: iso(t),
      calls,
      errors: Math.round(calls * service.errors * (bad ? 1 : 0.1)),
      p50_ns: service.median * wave * 0.9,
      p95_ns: service.median * 2.6 * wave,
      p99_ns: service.median * 4.4 * wave * (1 + chance('p', t)),
    });
  }
  return {
    step_seconds: step,
    points,
    deploys: deployments(name, { from, to, now }),
  };
}

export function heatmap(name, { from, to, now }, columns) {
  const service = named(name);
  const step = Math.max(60, Math.ceil((to - from) / 1000 / columns / 60) * 60);
  const first = Math.floor(from / step / 1000) * step * 1000;
  const starts = Array.from({ length: Math.ceil((to - first) / step / 1000) }, (_, i) => first + i * step * 1000);
  const rows = Array.from({ length: 36 }, (_, i) => ({
    low_ns: Math.round(1e6 * 2 ** (i / 4)),
    high_ns: Math.round(1e6 * 2 ** ((i + 1) / 4)),
  }));
  const cells = [];
  starts.forEach((t, column) => {
    const calls = (callsAt(service, t) * step) / 60;
    const bad = badness(service, t, now);
    rows.forEach(({ low_ns: low }, r) => {
      const bell = (centre, width) => Math.exp(-((Math.log2(low / centre) / width) ** 2));
      const n = Math.round(
        calls * 0.16 * bell(service.median, 1.1) * (0.8 + 0.4 * chance(t, r)) +
          (bad ? calls * 0.03 * bell(service.median * 9, 0.7) : 0) +
          (chance('tail', t, r) > 0.985 ? 1 : 0),
      );
      if (n > 0) cells.push([column, r, n]);
    });
  });
  return {
    step_seconds: step,
    from: iso(from),
    to: iso(to),
    rows,
    columns: starts.map(iso),
    cells,
    max: Math.max(1, ...cells.map(([, , n]) => n)),
  };
}
export const exemplars = (from, low, high) => ({
  exemplars: Array.from({ length: 4 }, (_, i) => ({
    trace_id: hex(32, 'trace', i),
    span_id: hex(16, 'span', i, 2),
    duration_ns: Math.round(low + (high - low) * chance(low, i)),
    ts: iso(from + i * 11_000),
    operation: 'POST /orders',
    status: i === 1 ? 'error' : 'ok',
  })),
});

export function demand({ from, to, now }) {
  const out = [];
  const step = Math.max(MINUTE, Math.floor((to - from) / 120 / MINUTE) * MINUTE);
  for (let t = Math.floor(from / step) * step; t < to + (to - from); t += step) {
    const q50 = 2520 * level(t);
    out.push({
      ts: iso(t),
      actual: t <= now ? callsAt(SERVICES[0], t) : null,
      q50: Math.round(q50),
      q90: Math.round(q50 * 1.18),
    });
  }
  return { service: 'gateway', unavailable: null, series: out, events: events(from, to + (to - from)) };
}
/** A spike on the newest half past of each day and a level that rose this morning, ranked by score. */
export function anomalies(service, { from, to, now }) {
  const day = 86_400_000;
  const found = [];
  for (let t = Math.floor(now / day) * day - 7 * day + 9.35 * 3_600_000; t < now; t += day) {
    const expected = Math.round(named(service).rate * 60 * level(t));
    const common = { service, metric: 'requests_per_minute', tail: 1e-5, detected_at: iso(t + 5 * MINUTE) };
    found.push({
      ...common,
      ts: iso(t),
      since: iso(t),
      kind: 'point',
      side: 'above',
      value: expected * 3,
      expected,
      score: 5.1 - (now - t) / day / 10,
      event: null,
      reason: `3.0 times what 09:21 UTC usually sees (${expected * 3} instead of ${expected}); no event explains it`,
    });
  }
  return found.filter(({ ts }) => Date.parse(ts) >= from && Date.parse(ts) < to).sort((a, b) => b.score - a.score);
}
const part = (kind, name, points, relative) => ({
  kind,
  part: name,
  points,
  pinball90: 0.031,
  coverage90: 0.91,
  relative_mae: relative + 0.02,
  relative_wql: relative,
});
const skill = (now) => ({
  made_at: iso(now - 180 * MINUTE),
  chosen: 'calendar(XNYS)',
  models: [
    {
      model: 'calendar(XNYS)',
      parts: [
        part('all', 'all', 576, 0.77),
        part('event', 'ordinary', 570, 0.79),
        part('event', 'rate_decision', 6, 0.49),
        part('lead', '1: under 15 min', 8, 0.6),
        part('lead', '4: 4 to 24 h', 480, 0.8),
      ],
    },
    { model: 'seasonal-naive(1d)', parts: [part('all', 'all', 576, 1)] },
  ],
});
export function forecast(service, { from, to, now }) {
  const own = named(service);
  const points = [];
  const actual = [];
  const step = Math.max(MINUTE, Math.floor((to - from) / 300 / MINUTE) * MINUTE);
  for (let t = Math.floor(from / step) * step; t < to; t += step) {
    const q50 = own.rate * 60 * level(t);
    const wide = 0.04 + 0.1 * Math.max(0, (t - now) / 86_400_000);
    const q = (z) => Math.round(q50 * (1 + wide * z));
    points.push({
      ts: iso(t),
      q50: Math.round(q50),
      q80: q(0.84),
      q90: q(1.28),
      q95: q(1.64),
      q99: q(2.6),
      q999: q(4),
    });
    if (t <= now) actual.push({ ts: iso(t), value: callsAt(own, t) });
  }
  return {
    service,
    metric: 'requests_per_minute',
    made_at: iso(now - 7 * MINUTE),
    model: 'seasonal median with session multipliers',
    points,
    actual,
    events: events(from, to),
    anomalies: anomalies(service, { from, to, now }),
    skill: skill(now),
    unavailable: null,
  };
}
/** A series of the configuration: orders placed by the minute, of no service. */
export const forecastSeries = (series, range) => ({ ...forecast('order', range), metric: series, service: '' });

export const subjects = () => ({
  subjects: [
    { metric: 'orders_placed', service: '' },
    ...SERVICES.map(({ service }) => ({ metric: 'requests_per_minute', service })),
  ],
});

export function plan({ now }, service) {
  const start = Math.floor(now / (10 * MINUTE)) * 10 * MINUTE;
  return {
    made_at: iso(now - 7 * MINUTE),
    services: SERVICES.filter((one) => service === null || one.service === service)
      .slice(0, 4)
      .map((own) => ({
        service: own.service,
        capacity_per_replica: 900,
        lead_seconds: 300,
        quantile: 0.99,
        steps: Array.from({ length: 144 }, (_, i) => {
          const ts = start + i * 10 * MINUTE;
          const need = (t) => Math.max(2, Math.ceil((own.rate * 60 * level(t) * 1.15) / 900));
          const open = events(ts, ts + 1)[0];
          return {
            ts: iso(ts),
            replicas: Math.max(need(ts), need(ts + 5 * MINUTE)),
            reactive: need(ts - 10 * MINUTE),
            reason: open === undefined ? 'daily course of demand' : `${open.name} lifts demand ${open.multiplier}x`,
            mode: 'shadow',
          };
        }),
      })),
  };
}
