// The small world behind the mock: everything follows from a seed and the time.
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;
export const iso = (ms) => new Date(ms).toISOString();

/** A repeatable number in [0, 1) for a seed. */
export function chance(...seed) {
  let h = 2166136261;
  for (const c of seed.join('/')) h = Math.imul(h ^ c.charCodeAt(0), 16777619);
  h ^= h >>> 15;
  h = Math.imul(h, 2246822507);
  h ^= h >>> 13;
  return (h >>> 0) / 4294967296;
}
export const hex = (length, ...seed) =>
  Array.from({ length: length / 8 }, (_, i) =>
    Math.floor(chance(...seed, i) * 4294967296)
      .toString(16)
      .padStart(8, '0'),
  ).join('');

export const SERVICES = [
  ['gateway', 42, 38e6, 0.002],
  ['auth', 12, 9e6, 0.0005],
  ['order', 18, 46e6, 0.021],
  ['risk', 17, 12e6, 0.0004],
  ['execution', 15, 61e6, 0.004],
  ['wallet', 9, 15e6, 0.0007],
  ['payments', 4, 180e6, 0.006],
  ['ledger', 14, 7e6, 0],
  ['portfolio', 11, 22e6, 0.0002],
  ['market-data', 33, 3e6, 0.0001],
  ['kyc', 0.8, 420e6, 0.01],
  ['notification', 6, 28e6, 0.0012],
].map(([service, rate, median, errors]) => ({ service, rate, median, errors }));

/** Demand over the day: quiet at night, up while New York trades. */
export function level(ms) {
  const hour = (ms % DAY) / HOUR;
  const open =
    hour >= 14.5 && hour < 21
      ? 1.6 + 0.9 * Math.exp(-((hour - 14.6) ** 2) / 0.4) + 0.5 * Math.exp(-((hour - 20.8) ** 2) / 0.3)
      : 0;
  return 0.5 + 0.35 * Math.sin(((hour - 8) / 24) * 2 * Math.PI) + open;
}
export const callsAt = (service, ms) =>
  Math.max(
    0,
    Math.round(service.rate * 60 * level(ms) * (0.92 + 0.16 * chance(service.service, Math.floor(ms / MINUTE)))),
  );
export const deployAt = (now) => Math.floor(now / (10 * MINUTE)) * 10 * MINUTE - 25 * MINUTE;
/** The order service fails more and takes longer since its last deploy. */
export const badness = (service, ms, now) => (service.service === 'order' && ms >= deployAt(now) ? 1 : 0);

export function row(service, from, to, now) {
  const step = Math.max(MINUTE, (to - from) / 40);
  const trend = [];
  let calls = 0;
  let errors = 0;
  for (let t = from; t < to; t += step) {
    const n = Math.round(callsAt(service, t) * (step / MINUTE));
    trend.push(n);
    calls += n;
    errors += n * (badness(service, t, now) ? service.errors : service.errors * 0.1);
  }
  const p99 = service.median * 4.6;
  return {
    service: service.service,
    calls,
    errors: Math.round(errors),
    error_rate: calls === 0 ? null : Math.round(errors) / calls,
    calls_per_second: calls / ((to - from) / 1000),
    p50_ns: Math.round(service.median),
    p95_ns: Math.round(service.median * 2.7),
    p99_ns: Math.round(p99),
    p99_low_ns: Math.round(p99 * 0.978),
    p99_high_ns: Math.round(p99 * 1.022),
    trend,
  };
}

export function events(from, to) {
  const found = [];
  for (let day = Math.floor(from / DAY) - 1; day * DAY < to; day += 1) {
    const weekday = new Date(day * DAY).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    found.push({
      name: 'New York session',
      class: 'market_session',
      venue: 'XNYS',
      start: iso(day * DAY + 14.5 * HOUR),
      end: iso(day * DAY + 21 * HOUR),
      multiplier: 2.4,
    });
    found.push({
      name: 'Mumbai session',
      class: 'market_session',
      venue: 'XBOM',
      start: iso(day * DAY + 3.75 * HOUR),
      end: iso(day * DAY + 10 * HOUR),
      multiplier: 1.3,
    });
  }
  return found.filter((event) => Date.parse(event.end) > from && Date.parse(event.start) < to);
}
