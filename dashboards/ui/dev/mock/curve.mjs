// The capacity curve of the mock: a day's demand through known laws, with what each service lets be told of it.
import { badness, callsAt, chance, deployAt, iso, SERVICES } from './world.mjs';

const told = (value, why) => (value === null ? { unavailable: { why } } : { known: value });
const around = (value, share) => [value * (1 - share), value * (1 + share)];

/** Which parts of the story a service shows: a sound fit, a weak one, or none. */
const STORIES = { order: 'good', gateway: 'good', kyc: 'refused' };
/** The version of the last deploy, and the one before it. */
const VERSIONS = { '2.31.0': (t, deploy) => t >= deploy, '2.30.4': (t, deploy) => t < deploy };
const PARTS = { 'POST /orders': 0.55, 'GET /orders/{id}': 0.25, 'DELETE /orders/{id}': 0.05 };

/** Seconds in the service at a rate: a delay, and a section that is full at `capacity`. */
const own = (median, capacity, rate) => {
  const service = 1 / capacity;
  return (median / 1e9) * 0.4 + service / (1 - Math.min(0.98, rate * service));
};

function pointsOf(service, { from, to, now }, step, part, version, capacity) {
  const points = [];
  for (let t = Math.ceil(from / step / 1000) * step * 1000; t < to; t += step * 1000) {
    const calls = Math.round((callsAt(service, t) * part * step) / 60);
    if (calls === 0 || !(version === null || VERSIONS[version]?.(t, deployAt(now)) === true)) continue;
    const rate = calls / step;
    const noise = 0.94 + 0.12 * chance(service.service, version ?? '', 'curve', t);
    const mine = own(service.median, capacity, rate) * noise;
    const mean = mine + (service.median / 1e9) * 0.7 * noise;
    const errors = Math.round(calls * service.errors * (badness(service, t, now) ? 1 : 0.1));
    points.push({
      ts: iso(t),
      rate,
      throughput: (calls - errors) / step,
      concurrency: rate * mean,
      mean_ms: mean * 1e3,
      own_ms: mine * 1e3,
      p99_ms: mean * 3.4e3 * (0.9 + 0.25 * chance('p99', t)),
      errors,
    });
  }
  return points;
}

const extent = (points, of) =>
  points.reduce(([low, high], point) => [Math.min(low, point[of]), Math.max(high, point[of])], [Infinity, 0]);

function refused(reasons, facts) {
  const none = ['alpha', 'beta', 'gamma', 'student_intervals', 'bootstrap', 'r_squared', 'peak', 'limit'];
  return {
    ...Object.fromEntries(none.map((key) => [key, null])),
    verdict: 'refused',
    reasons,
    notes: [],
    peak_reason: 'the fit is refused',
    limit_reason: 'the fit is refused',
    points: facts,
  };
}

function uslOf(points, story) {
  const [load, throughput] = [extent(points, 'concurrency'), extent(points, 'throughput')];
  const facts = { count: points.length, distinct_loads: points.length, load, throughput };
  if (story === 'refused' || points.length < 20)
    return refused(
      [
        `loads reach only from ${load[0].toFixed(2)} to ${load[1].toFixed(2)}; the largest must be at least 2 times the smallest for the curve to show`,
      ],
      facts,
    );
  // Through the busiest point, with its peak half as far again.
  const alpha = 0.012;
  const peak = load[1] * 1.5;
  const beta = (1 - alpha) / peak ** 2;
  const slow = (n) => 1 + (n - 1) * (alpha + beta * n);
  const gamma = (throughput[1] * slow(load[1])) / load[1];
  const top = (gamma * peak) / slow(peak);
  const seen = story === 'good';
  return {
    verdict: 'weak',
    reasons: [
      seen
        ? `the peak at load ${peak.toFixed(1)} is extrapolated: throughput still rises at the largest measured load ${load[1].toFixed(1)}`
        : 'points lie 12 % of the largest throughput off the curve; repeat the measurements for longer',
    ],
    notes: [],
    alpha,
    beta,
    gamma,
    student_intervals: null,
    bootstrap: {
      level: 0.95,
      resamples: 1_000,
      alpha: [0, alpha * 2.1],
      beta: around(beta, 0.2),
      gamma: around(gamma, 0.04),
      peak_load: seen ? around(peak, 0.18) : [peak * 0.6, null],
      peak_throughput: around(top, 0.07),
      limit: [gamma / alpha / 2, null],
    },
    r_squared: 0.96,
    peak: seen ? { load: peak, throughput: top } : null,
    peak_reason: seen
      ? null
      : `the load of the peak lies anywhere above ${(peak * 0.6).toFixed(1)}; measure more loads`,
    limit: null,
    limit_reason: 'saturation was not observed: the largest measured throughput is 4.1 % of what would be the limit',
    points: facts,
  };
}

function residenceOf(points, story, operation, median, capacity) {
  if (operation !== null)
    return told(null, 'what one operation waits for is recorded under the operations that it calls');
  const rates = extent(points, 'rate');
  const sound = story !== 'refused' && points.length >= 20;
  const weak = sound && story !== 'good';
  const some = (value) => (sound ? value : null);
  return told({
    verdict: sound ? (weak ? 'weak' : 'good') : 'refused',
    reasons: sound
      ? weak
        ? [
            `the section was at most ${((rates[1] / capacity) * 100).toFixed(1)} % busy, so its capacity is reckoned ${Math.round(capacity / rates[1])} times beyond what was measured`,
          ]
        : []
      : [
          `the arrival rate lies between ${rates[0].toFixed(2)} and ${rates[1].toFixed(2)} a second all the time; it must vary by half for a rise to show`,
        ],
    residence: some({ delay: (median / 1e9) * 0.4, service: 1 / capacity, servers: 1, service_cv2: 1 }),
    capacity: some(capacity),
    capacity_interval: some(around(capacity, weak ? 0.3 : 0.06)),
    capacity_if_constant: some(capacity * 0.78),
    capacity_if_exponential: some(capacity),
    highest_utilisation: some(rates[1] / capacity),
    minutes: { count: points.length, left_out: 3, requests: 400_000, arrival_rate: rates },
    level: 0.95,
    seed: 1,
  });
}

function kneeOf(service, story, capacity, points) {
  if (story !== 'good')
    return told(
      null,
      `no objective promises a latency of ${service.service}, and capacity.services.${service.service}.latency_ms is not set`,
    );
  const rate = Math.max(capacity * 0.82, extent(points, 'rate')[1] * 1.02);
  return told({
    promised_by: `${service.service}-latency`,
    target_ms: (service.median / 1e6) * 9,
    percentile: 0.99,
    knee: {
      throughput: rate,
      utilisation: rate / capacity,
      why: `the percentile reaches ${((service.median / 1e9) * 9).toFixed(3)} s at ${rate.toFixed(0)} requests a second`,
    },
  });
}

const POOLS = [
  {
    kind: 'connections',
    name: 'orders',
    servers: 3,
    offered: 2.31,
    utilisation: 0.77,
    wait_probability: told(0.51),
    target_utilisation: told(0.4),
    headroom: told(0.52),
  },
  {
    kind: 'cpu',
    name: '',
    servers: 2,
    offered: 0.6,
    utilisation: 0.3,
    wait_probability: told(0.14),
    target_utilisation: told(0.27),
    headroom: told(0.9),
  },
];

/** The body of a curve; null where nothing was asked of the service. */
export function curve(name, { operation, version }, range) {
  const service = SERVICES.find((one) => one.service === name);
  if (service === undefined) return null;
  const length = range.to - range.from;
  const step = length <= 50 * 36e5 ? 60 : length <= 10 * 864e5 ? 300 : 900;
  const story = STORIES[name] ?? 'weak';
  const part = operation === null ? 1 : (PARTS[operation] ?? 0.1);
  // A sound story has been pushed to two fifths of what there is, a weak one hardly at all.
  const capacity = service.rate * (story === 'good' ? 6 : 60) * (version === '2.31.0' ? 0.85 : 1);
  const all = pointsOf(service, range, step, part, version, capacity);
  // One that cannot be told is as busy at night as by day.
  const points = story === 'refused' ? all.map((point) => ({ ...point, ...flat(service, point) })) : all;
  if (points.length === 0) return null;
  return {
    service: name,
    operation,
    version,
    range: { from: iso(range.from), to: iso(range.to) },
    step_seconds: step,
    points: points.map((point) => ({
      ...point,
      own_ms: operation === null ? point.own_ms : null,
      p99_ms: version === null ? point.p99_ms : null,
    })),
    usl: uslOf(points, story),
    residence: residenceOf(points, story, operation, service.median, capacity),
    latency_knee:
      version === null
        ? kneeOf(service, story, capacity, points)
        : told(null, 'no durations are stored for this range'),
    pools: operation === null && version === null && name === 'order' ? POOLS : [],
    resources: [],
  };
}

function flat(service, { ts }) {
  const rate = service.rate * (0.9 + 0.2 * chance('flat', ts));
  return { rate, throughput: rate, concurrency: (rate * service.median * 1.3) / 1e9 };
}
