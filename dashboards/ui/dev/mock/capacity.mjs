// Walls of the mock: straight lines of use against requests, as the server fits them, and moved by a change as it does.
import { DAY, HOUR, SERVICES, iso } from './world.mjs';

const KNEES = {
  cpu: 0.71,
  memory: 0.9,
  connections: 0.83,
  event_loop: 0.5,
  contention: 0.5,
  rate: 0.8,
  partitions: 0.5,
};
const UNITS = {
  cpu: 'cores',
  memory: 'bytes',
  connections: 'connections',
  event_loop: 'instances',
  contention: 'instances',
  rate: 'calls/s',
  partitions: 'partitions',
};
const METRICS = {
  cpu: 'process.cpu.time',
  memory: 'process.memory.usage',
  connections: 'db.client.connection.count',
  event_loop: 'nodejs.eventloop.utilization',
  contention: 'span_minute',
  rate: 'spans',
  partitions: 'span_minute',
};
const GIB = 2 ** 30;

// service, kind, name, capacity, use at the peak, idle, replicas, width of the interval, doubts
const RESOURCES = [
  ['order', 'connections', 'orders', 6, 4.62, 0.2, 2, 0.03],
  ['gateway', 'cpu', '', 8, 3.1, 0.3, 4, 0.04],
  ['order', 'cpu', '', 4, 1.2, 0.2, 2, 0.05],
  ['order', 'contention', '', 1, 0.21, 0, 0, 0.09],
  ['execution', 'rate', 'XNYS gateway', 200, 96, 0, 0, 0],
  ['ledger', 'connections', 'journal', 20, 3.4, 0.6, 2, 0.06],
  ['market-data', 'event_loop', '', 4, 0.62, 0.1, 4, 0.05],
  ['notification', 'partitions', 'orders.events', 12, 1.1, 0, 0, 0.08],
  ['portfolio', 'memory', '', 4 * GIB, 1.9 * GIB, 1.3 * GIB, 2, 0.45],
  ['risk', 'cpu', '', 4, 0.31, 0.05, 2, 0.07],
  ['pricing-and-corporate-actions-enrichment-worker', 'cpu', '', 2, 0.11, 0.02, 1, 0.3],
  ['auth', 'cpu', '', 4, 0.09, 0.02, 2, 0.06],
].map(([service, kind, name, capacity, peak, idle, replicas, width]) => ({
  service,
  kind,
  name,
  capacity,
  peak,
  idle,
  replicas,
  width,
}));
const WITHOUT = [
  ['kyc', 'cpu', '', 'requests only vary between 0.410 and 0.520 a second; a law needs a busier and a quieter time'],
  [
    'payments',
    'connections',
    'payments',
    'no metric says how much there is; set a limit of kind `connections` under [[capacity.limits]]',
  ],
  ['wallet', 'memory', '', 'use does not grow with requests'],
].map(([service, kind, name, why]) => ({ resource: { service, kind, name }, why }));

/** Visits of an operation at the door to each service, of all that it gets. */
const DOORS = {
  'POST /orders': { gateway: 0.4, order: 0.9, risk: 1, execution: 1, ledger: 0.7, notification: 0.8 },
  'GET /market-data': { gateway: 0.4, 'market-data': 0.8 },
};
const COVERED = ['traffic', 'replicas', 'instance_size', 'pool_size', 'limit', 'section', 'work'];
const NOTHING = {
  ...Object.fromEntries(COVERED.map((key) => [key, {}])),
  cache_hit_ratio: [],
  fan_out: [],
  new_market: 0,
};

const idOf = ({ service, kind, name }) => [service, kind, ...(name === '' ? [] : [name])].join('/');
const rateOf = (service) => (SERVICES.find((one) => one.service === service)?.rate ?? 5) * 3.4;

function demand(service, name, change) {
  let times = 1;
  for (const [operation, factor] of Object.entries(change.traffic)) {
    times += (DOORS[operation]?.[service] ?? 0) * (factor - 1);
  }
  const here = ({ to }) => to === service || (name !== '' && to === name);
  for (const { today, then } of change.cache_hit_ratio.filter(here)) times *= (1 - then) / (1 - today);
  for (const link of change.fan_out.filter(here)) times *= link.times;
  return times * (1 + change.new_market);
}

function changed(one, change) {
  const { service, kind, name } = one;
  const of = (map) => map[service];
  const replicas = one.replicas > 0 && of(change.replicas) !== undefined ? of(change.replicas) / one.replicas : 1;
  const size = ['cpu', 'memory'].includes(kind) ? (of(change.instance_size) ?? 1) : 1;
  const pool = kind === 'connections' ? (change.pool_size[`${service}/${name}`] ?? of(change.pool_size)) : undefined;
  const limit = ['rate', 'partitions'].includes(kind) ? change.limit[idOf(one)] : undefined;
  const work = (kind === 'contention' ? of(change.section) : kind === 'rate' ? undefined : of(change.work)) ?? 1;
  return {
    capacity: pool ?? limit ?? one.capacity * replicas * size,
    idle: one.idle * replicas,
    each: (one.peak - one.idle) * work * demand(service, name, change),
  };
}

function reach({ capacity, idle, each }, share, one) {
  const factor = Math.max(0, (share * capacity - idle) / each);
  return {
    factor,
    low: factor * (1 - one.width),
    high: factor * (1 + 1.2 * one.width),
    per_second: factor * rateOf(one.service),
    utilisation: share,
  };
}

const title = ({ service, kind, name }) =>
  ({
    cpu: `the processors of ${service} are`,
    memory: `the memory of ${service} is`,
    connections: `the connections of ${service} (pool ${name}) are`,
    event_loop: `the event loop of ${service} is`,
    contention: `what ${service} does one request at a time is`,
    rate: `the rate that limit ${name} allows ${service} is`,
    partitions: `the partitions of ${name} for ${service} are`,
  })[kind];
const two = ({ factor, low, high }) => `${factor.toFixed(2)}x (${low.toFixed(2)} to ${high.toFixed(2)})`;
const percent = (share) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
const GROWTH = 1.042;
const TREND = {
  per_month: 0.042,
  low: 0.021,
  high: 0.064,
  days: 89,
  why: 'the daily peak grows by +4.2 % in 30 days (+2.1 % to +6.4 %), read from 89 days',
};

function when(knee, now) {
  const date = (factor, growth) =>
    iso(now + (Math.log(Math.max(1, factor)) / Math.log(growth)) * 30 * DAY).slice(0, 10);
  const none = { date: null, earliest: null, latest: null, forecast: null, event: null };
  if (Math.log(knee.factor) / Math.log(GROWTH) > 60) return { ...none, why: `beyond five years: ${TREND.why}` };
  const soon = knee.factor < 1.2;
  return {
    date: date(knee.factor, GROWTH),
    earliest: date(knee.low, 1.064),
    latest: date(knee.high, 1.021),
    forecast: soon ? iso(Math.floor(now / DAY) * DAY + DAY + 14.5 * HOUR) : null,
    event: soon ? 'New York session' : null,
    why: TREND.why,
  };
}

function wallOf(one, change, now) {
  const law = changed(one, change);
  if (law.each <= 0) return null;
  const [knee, limit] = [reach(law, KNEES[one.kind], one), reach(law, 1, one)];
  const used = law.idle + law.each;
  const at = when(knee, now);
  const doubts = [];
  if (one.width > 0.2) doubts.push(`the interval is wide: ${limit.low.toFixed(1)}x to ${limit.high.toFixed(1)}x`);
  if (used / law.capacity < 0.1)
    doubts.push(
      `the busiest time seen is ${percent(used / law.capacity)} of the requests at the limit: far to carry a line`,
    );
  const rate = rateOf(one.service);
  const counted = one.kind === 'rate';
  const told =
    at.forecast !== null
      ? `; the forecast reaches it on ${at.forecast.slice(0, 16).replace('T', ' ')} UTC (${at.event})`
      : at.date === null
        ? ''
        : `; at today's growth around ${at.date}`;
  return {
    id: idOf(one),
    resource: { service: one.service, kind: one.kind, name: one.name },
    sentence: `${title(one)} ${percent(used / law.capacity)} in use at today's peak; waiting begins at ${two(knee)} and nothing is left at ${two(limit)}${told}`,
    peak: { per_second: rate, at: iso(Math.floor(now / DAY) * DAY - DAY + 14.6 * HOUR) },
    today: { used, capacity: law.capacity, unit: UNITS[one.kind], utilisation: used / law.capacity },
    knee,
    limit,
    when: at,
    strength: doubts.length === 0 ? 'good' : 'weak',
    evidence: {
      method: counted
        ? 'calls for each request, counted in a sample of traces, against the configured rate'
        : 'utilisation law: use grows in a straight line with requests',
      source: METRICS[one.kind],
      points: counted ? 41_220 : 2_016,
      r_squared: counted ? null : 0.97 - one.width,
      idle: counted ? null : one.idle,
      per_request: (one.peak - one.idle) / rate,
      seen: used / law.capacity,
      doubts,
    },
    moves: [],
  };
}

/** Changes that are thought of for a wall, in words and as what they are. */
function candidates(one, wall, base) {
  const { service, kind, name } = one;
  const { capacity } = wall.today;
  const set = (field, key, value) => ({ ...base, [field]: { ...base[field], [key]: value } });
  const all = [];
  if (['cpu', 'memory', 'event_loop'].includes(kind)) {
    const n = base.replicas[service] ?? one.replicas;
    all.push([`replicas of ${service}: ${n} -> ${n * 2}`, set('replicas', service, n * 2)]);
  }
  if (kind === 'cpu' || kind === 'memory')
    all.push([
      `right-size ${service}: instances twice as large`,
      set('instance_size', service, (base.instance_size[service] ?? 1) * 2),
    ]);
  if (kind === 'connections')
    all.push([
      `pool of ${service}: ${capacity} -> ${capacity * 2} connections`,
      set('pool_size', `${service}/${name}`, capacity * 2),
    ]);
  if (kind === 'rate' || kind === 'partitions')
    all.push([`${name}: ${capacity} -> ${capacity * 2} ${UNITS[kind]}`, set('limit', wall.id, capacity * 2)]);
  if (kind === 'contention')
    all.push([
      `half the time in ${service}'s serialised section, or two shards of it`,
      set('section', service, (base.section[service] ?? 1) / 2),
    ]);
  else if (kind !== 'rate')
    all.push([
      `${service}: less work in each request, a quarter off`,
      set('work', service, (base.work[service] ?? 1) * 0.75),
    ]);
  if (service !== 'gateway') {
    const cache = { from: 'gateway', to: service, today: 0, then: 0.5 };
    all.push([
      `a cache that answers half of what gateway asks ${service}`,
      { ...base, cache_hit_ratio: [...base.cache_hit_ratio, cache] },
    ]);
  }
  return all;
}

function ranked(change, now) {
  return RESOURCES.map((one) => [wallOf(one, change, now), one])
    .filter(([wall]) => wall !== null)
    .sort(([a], [b]) => a.knee.factor - b.knee.factor);
}

function moves(one, wall, base, now) {
  return candidates(one, wall, base)
    .map(([change, what_if]) => {
      const to = wallOf(one, what_if, now)?.knee.factor ?? null;
      const first = ranked(what_if, now)[0]?.[0];
      return {
        change,
        what_if,
        from: wall.knee.factor,
        to,
        then_first: first === undefined ? null : [first.id, first.knee.factor],
      };
    })
    .filter(({ to }) => to === null || to > wall.knee.factor * 1.005)
    .sort((a, b) => (b.to ?? Infinity) - (a.to ?? Infinity));
}

/** What the server refuses a change for; null when it has a meaning. */
export function refusal(change) {
  for (const field of COVERED)
    for (const [key, value] of Object.entries(change[field] ?? {}))
      if (!(value >= (field === 'traffic' ? 0 : Number.MIN_VALUE) && value <= 1e9))
        return `${field}.${key} is ${value}; give a number above 0 and up to 1e9`;
  return null;
}

export function walls({ from, to, now }, asked = {}) {
  const change = { ...NOTHING, ...asked };
  const found = ranked(change, now).map(([wall, one]) => ({ ...wall, moves: moves(one, wall, change, now) }));
  const gone = RESOURCES.filter((one) => !found.some(({ id }) => id === idOf(one)));
  return {
    range: { from: iso(from), to: iso(to) },
    made_at: iso(now),
    step_seconds: 300,
    walls: found,
    stages: [2, 5, 10].map((factor) => {
      const met = found.filter(({ knee }) => knee.factor <= factor);
      return {
        factor,
        first: met.slice(0, 3).map(({ id }) => id),
        walls: met.length,
        sentence: `at ${factor}x ${met.length} walls are met`,
      };
    }),
    without: [
      ...WITHOUT,
      ...gone.map(({ service, kind, name }) => ({
        resource: { service, kind, name },
        why: 'nothing is asked of it under this change',
      })),
    ],
    trend: TREND,
    what_if: change,
  };
}
