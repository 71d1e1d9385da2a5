import * as agreed from './agreed.mjs';
import * as business from './business.mjs';
import * as capacity from './capacity.mjs';
import { curve } from './curve.mjs';
import * as portfolio from './portfolio.mjs';
import * as telemetry from './telemetry.mjs';
import { answer } from './sql.mjs';
import { search, trace } from './traces.mjs';
import { iso } from './world.mjs';

const ok = (body) => ({ status: 200, body });
const refuse = (status, code, message, hint = '') => ({ status, body: { error: { code, message, hint } } });
const ROLES = ['agent', 'sre', 'analyst', 'admin'];
const CLOSED = {
  agent: [
    /^\/(slos|probes|silences|deliveries|actions|delivery|forecasts|anomalies|plan|capacity|alerts|sql|ingest|audit)/,
  ],
  sre: [/^\/(sql|audit|lookup\/reveal)/],
  analyst: [/^\/(traces|lookup|alerts|silences|deliveries|actions|ingest|audit)/],
  admin: [],
};

function moment(text, fallback, now) {
  if (text === null) return fallback;
  const relative = /^now(?:([+-])(\d+)([mhd]))?$/.exec(text);
  if (relative !== null)
    return (
      now +
      (relative[1] === '-' ? -1 : 1) * Number(relative[2] ?? 0) * { m: 6e4, h: 36e5, d: 864e5 }[relative[3] ?? 'm']
    );
  return Date.parse(text);
}

function sql(text, now) {
  if (/drop|insert/i.test(text))
    return refuse(400, 'bad_request', 'DROP is not allowed: this door only reads', 'use SELECT');
  const line = text.split('\n').findIndex((one) => one.includes('frm'));
  return line === -1
    ? ok(answer(text, now))
    : refuse(
        400,
        'bad_request',
        `sql parser error: Expected: end of statement, found: frm at Line: ${line + 1}, Column: 1`,
      );
}

function session({ method, headers, body }, role) {
  if (method === 'POST') {
    if (!ROLES.includes(body.user) || body.password !== body.user)
      return refuse(401, 'unauthorized', 'name or password is wrong', 'Try again, or ask an administrator');
    return {
      ...ok({ user: body.user, role: body.user, tenant: 'demo' }),
      headers: { 'set-cookie': `headroom_session=${body.user}; Path=/; HttpOnly; SameSite=Strict` },
    };
  }
  if (method === 'DELETE')
    return {
      status: 204,
      headers: { 'set-cookie': 'headroom_session=; Path=/; Max-Age=0' },
      body: undefined,
      was: headers.cookie,
    };
  return role === undefined
    ? refuse(401, 'unauthorized', 'not signed in', 'Sign in')
    : ok({ user: role, role, tenant: 'demo' });
}

const limits = (bytes, records, keys, series) => [
  { limit: 'bytes_per_second', most: 4_000_000, used: bytes },
  { limit: 'records_per_second', most: null, used: records },
  { limit: 'attribute_keys', most: 10_000, used: keys },
  { limit: 'metric_series', most: 200_000, used: series },
  { limit: 'max_value_bytes', most: 32_768, used: null },
];

const ingest = (now) => ({
  version: '0.1.0',
  parts: [
    { name: 'ingest', ready: true, detail: 'receives' },
    { name: 'store', ready: true, detail: 'answers' },
  ],
  ingest: {
    accepting: true,
    backlog_bytes: 18_432,
    backlog_slices: 3,
    oldest: iso(now - 700),
    log_bytes: 9_437_184,
    max_log_bytes: 1_073_741_824,
    accepted: { traces: 8_120_344, logs: 912_331, metrics: 301_222 },
    rejected: 12,
    refused: 7,
    refused_strangers: [{ reason: 'unauthenticated', count: 3 }],
    inserted_rows: 9_333_880,
    dead_slices: 0,
    last_error: { at: iso(now - 3_600_000), message: 'the store does not answer' },
    tenants: [
      {
        tenant: 'demo',
        accepted: { traces: 8_000_000, logs: 900_000, metrics: 300_000 },
        per_second: { traces: 812.4, logs: 90.1, metrics: 30.2, bytes: 420_111 },
        refused: [],
        rejected: [{ reason: 'time', count: 10 }],
        warned: [{ reason: 'decimal', count: 2 }],
        limits: limits(420_111, 932.7, 214, 1_822),
      },
      {
        tenant: 'partner',
        accepted: { traces: 120_344, logs: 12_331, metrics: 1_222 },
        per_second: { traces: 40.5, logs: 3.2, metrics: 0, bytes: 3_400_000 },
        refused: [{ reason: 'bytes_per_second', count: 4 }],
        rejected: [{ reason: 'series_limit', count: 2 }],
        warned: [{ reason: 'attribute_keys', count: 31 }],
        limits: limits(3_400_000, 43.7, 10_000, 900),
      },
    ],
  },
  rejected: [
    {
      signal: 'logs',
      reason: 'time',
      count: 10,
      last_seen: iso(now - 95_000),
      detail: 'time 2026-01-01T00:00:00Z is outside the acceptance window',
    },
    {
      signal: 'logs',
      reason: 'decimal',
      count: 2,
      last_seen: iso(now - 400_000),
      detail: 'amount "1,5" is no decimal',
    },
  ],
  rejected_unavailable: null,
});

const alerts = (now) => [...business.alerts(now), ...agreed.policyAlerts(business.slos(now), now)];

function read(path, ask, range) {
  const { now } = range;
  const [, , name] = path.split('/').map(decodeURIComponent);
  if (path === '/overview')
    return ok({
      sentence: 'Orders are accepted burns its budget 17x too fast; 2.1 % of calls to order fail.',
      services: telemetry.services(range).services,
      signals: telemetry.series('order', range, 180),
      saturation: null,
      slos: business.slos(now),
      burning: [],
      alerts: business.alerts(now).filter(({ state }) => state === 'firing'),
      fired: business.alerts(now),
      demand: telemetry.demand(range),
    });
  if (path === '/services') return ok(telemetry.services(range));
  if (/^\/services\/[^/]+\/operations$/.test(path)) return ok(telemetry.operations(name, range));
  if (/^\/services\/[^/]+\/errors$/.test(path)) return ok(telemetry.errors(name, range));
  if (/^\/services\/[^/]+\/series$/.test(path)) return ok(telemetry.series(name, range, Number(ask('step') ?? 60)));
  if (path === '/latency/heatmap') return ok(telemetry.heatmap(ask('service'), range, Number(ask('columns') ?? 120)));
  if (path === '/latency/exemplars')
    return ok(telemetry.exemplars(range.from, Number(ask('low_ns')), Number(ask('high_ns'))));
  if (path === '/traces')
    return ok(
      search({
        ...range,
        service: ask('service'),
        status: ask('status'),
        least: Number(ask('min_duration_ns') ?? 0),
        limit: Number(ask('limit') ?? 50),
      }),
    );
  if (path.startsWith('/traces/')) {
    const found = trace(name, now);
    return found === null
      ? refuse(404, 'not_found', `there is no trace ${name}`, 'It may be older than the retention')
      : ok(found);
  }
  if (path === '/slos') return ok({ slos: business.slos(now) });
  if (/^\/slos\/[^/]+\/backtest$/.test(path)) return ok(business.backtest({ ...range, now }));
  if (path.startsWith('/slos/')) {
    const found = business.slo(name, range);
    return found === null
      ? refuse(404, 'not_found', `there is no objective ${name}`)
      : ok({ ...found, ...agreed.policies(found, now) });
  }
  if (path === '/lookup') return ok(business.lookup(ask('q') ?? '', now));
  if (path === '/portfolios') return ok(portfolio.portfolios());
  if (/^\/(portfolios|clients|advisers)\/[^/]+\/performance$/.test(path))
    return ok(portfolio.performance(name, ask, now));
  if (/^\/(clients|advisers)\/[^/]+\/portfolios$/.test(path)) {
    const ids = path.startsWith('/clients/') ? [name.replace('cus', 'pf')] : ['pf-1042', 'pf-1043', 'pf-1044'];
    return ok(portfolio.together(ids, moment(ask('as_of'), now, now), ask('base') ?? undefined));
  }
  if (/^\/portfolios\/[^/]+\/positions$/.test(path)) return portfolio.positions(name, ask('format') ?? 'csv');
  if (path.startsWith('/portfolios/') && !name.startsWith('pf-'))
    return refuse(
      404,
      'not_found',
      `nothing was booked to portfolio \`${name}\``,
      'check its number, or ask for a later moment',
    );
  if (path.startsWith('/portfolios/'))
    return ok(
      portfolio.portfolio(name, moment(ask('as_of'), now, now), {
        base: ask('base') ?? undefined,
        method: ask('method') ?? undefined,
      }),
    );
  if (path === '/assets') return ok(portfolio.assets(ask, now));
  if (path === '/forecasts/subjects') return ok(telemetry.subjects());
  if (path === '/forecasts')
    return ok(
      ask('series') === null
        ? telemetry.forecast(ask('service'), range)
        : telemetry.forecastSeries(ask('series'), range),
    );
  if (path === '/anomalies')
    return ok({
      anomalies: telemetry.anomalies(ask('service') ?? 'gateway', { ...range, from: now - 7 * 86_400_000 }),
    });
  if (path === '/plan') return ok(telemetry.plan(range, ask('service')));
  if (path === '/alerts')
    return ok({ alerts: alerts(now).filter(({ state }) => ask('state') === null || state === ask('state')) });
  if (path === '/silences') return ok({ silences: [] });
  if (path === '/deliveries') return ok({ deliveries: [] });
  if (path === '/actions') return ok(agreed.actions(now));
  if (path === '/delivery') return ok(agreed.delivery({ ...range, from: moment(ask('from'), now - 90 * 864e5, now) }));
  if (path === '/probes') return ok({ probes: [] });
  if (path === '/capacity/walls') return ok(capacity.walls(range));
  if (/^\/capacity\/services\/[^/]+\/curve$/.test(path)) {
    const service = decodeURIComponent(path.split('/')[3]);
    const found = curve(service, { operation: ask('operation'), version: ask('version') }, range);
    return found === null
      ? refuse(404, 'not_found', `no such requests to ${service}`, '/api/v1/services lists the services of a range')
      : ok(found);
  }
  if (path === '/ingest') return ok(ingest(range.now));
  return refuse(404, 'not_found', `there is no ${path}`);
}

export function respond(request) {
  const { method, url, headers, body } = request;
  const path = url.pathname.replace('/api/v1', '');
  const role =
    /headroom_session=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? /mock-(\w+)/.exec(headers.authorization ?? '')?.[1];
  if (method !== 'GET' && headers['x-headroom'] !== '1' && headers.authorization === undefined)
    return refuse(403, 'forbidden', 'the header X-Headroom is missing');
  if (path === '/session') return session(request, role);
  if (role === undefined) return refuse(401, 'unauthorized', 'not signed in', 'Sign in');
  if (CLOSED[role].some((closed) => closed.test(path)))
    return refuse(403, 'forbidden', `the role ${role} may not do this`);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const ask = (key) => url.searchParams.get(key);
  const to = moment(ask('to'), now, now);
  if (method === 'POST' && path === '/sql') return sql(body.sql ?? '', now);
  if (method === 'POST' && path === '/lookup/reveal')
    return ok({
      customer_id: body.customer_id,
      email: 'maeve@example.com',
      name: 'Maeve Oduya',
      country: 'IE',
      expires_at: iso(now + 300_000),
    });
  if (method === 'POST' && path.endsWith('/ack')) {
    business.acknowledge(path.split('/')[2], role);
    return ok({ acknowledged_by: role });
  }
  const turning = /^\/actions\/([^/]+)\/(enable|disable)$/.exec(path);
  if (method === 'POST' && turning !== null) {
    if ((body.why ?? '').trim() === '')
      return refuse(400, 'bad_request', 'why is empty', 'say why: the audit trail keeps it');
    const name = decodeURIComponent(turning[1]);
    const turned = agreed.turn(name, turning[2] === 'enable', role, body.why, now);
    return turned === null ? refuse(404, 'not_found', `there is no action \`${name}\``) : ok(turned);
  }
  const range = { from: moment(ask('from'), to - 36e5, now), to, now };
  if (method === 'POST' && path === '/capacity/what-if') {
    const wrong = capacity.refusal(body);
    return wrong === null
      ? ok(capacity.walls(range, body))
      : refuse(400, 'bad_request', wrong, '/openapi.json describes a change');
  }
  return read(path, ask, range);
}
