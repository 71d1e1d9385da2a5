import type { CurvePoint, ServiceCurve } from '../api/curve';
import type { Cloud, Curve, Dot, Rule, Spot, Words, XySpec } from '../charts/xy-spec';
import { known, percentileName, residenceAt, sampled, uslOf, partOf } from '../lib/curve';
import { formatCount, formatDayMinute, formatDuration, formatExact, NONE } from '../lib/format';

type Line = Curve['line'];
/** How far a law is drawn beyond the points, in times of where they end. */
const BEYOND = 1.2;

const time: Words = (value) => (typeof value === 'string' ? formatDayMinute(value) : NONE);
const text: Words = (value) => String(value ?? NONE);
const amount: Words = (value) => (typeof value === 'number' ? formatCount(value) : NONE);
const whole: Words = (value) => (typeof value === 'number' ? formatExact(value) : NONE);
const millis: Words = (value) => (typeof value === 'number' ? formatDuration(value * 1e6) : NONE);

type Cells = (point: CurvePoint) => (number | null)[];
/** Every step of what is shown; of which it is, only when there are two. */
function tableOf(bodies: readonly ServiceCurve[], head: readonly string[], cells: Cells, words: readonly Words[]) {
  const two = bodies.length > 1;
  return {
    head: ['time', ...(two ? ['of'] : []), ...head],
    rows: bodies.flatMap((body) =>
      body.points.map((point) => [point.ts, ...(two ? [partOf(body)] : []), ...cells(point)]),
    ),
    words: [time, ...(two ? [text] : []), ...words],
  };
}

function dotsOf(
  points: readonly CurvePoint[],
  x: (p: CurvePoint) => number,
  y: (p: CurvePoint) => number | null,
): Dot[] {
  return points.flatMap((point) => {
    const value = y(point);
    return value === null ? [] : [{ x: x(point), y: value, when: formatDayMinute(point.ts) }];
  });
}

const both = (bodies: readonly ServiceCurve[], body: ServiceCurve, name: string): string =>
  bodies.length > 1 ? `${name}, ${partOf(body)}` : name;
const doubted = (verdict: string): string => (verdict === 'weak' ? ' (an indication only)' : '');

/** Throughput against requests under way, with the law and where it peaks. */
export function throughputSpec(body: ServiceCurve, other: ServiceCurve | null): XySpec {
  const bodies = other === null ? [body] : [body, other];
  const colours = ['series-1', 'series-2'];
  const clouds = bodies.map((one, i): Cloud => ({
    label: both(bodies, one, 'steps'),
    colour: colours[i] ?? 'series-8',
    dots: dotsOf(
      one.points,
      (p) => p.concurrency,
      (p) => p.throughput,
    ),
  }));
  const curves = bodies.flatMap((one, i): Curve[] => {
    const { usl } = one;
    const law = uslOf(usl);
    if (law === null || usl.points === null) return [];
    const measured = usl.points.load[1];
    const end = BEYOND * Math.max(measured, usl.peak?.load ?? 0);
    const line: Line = [...sampled(0, measured, law), ...sampled(measured, end, law)];
    const label = both(bodies, one, other === null ? 'the law' : `the law${doubted(usl.verdict)}`);
    return [{ label, colour: colours[i] ?? 'series-8', line, measured }];
  });
  const { peak, limit } = body.usl;
  const spots: Spot[] =
    peak === null ? [] : [{ x: peak.load, y: peak.throughput, label: `peak, ${formatCount(peak.throughput)}/s` }];
  const rules: Rule[] =
    peak === null && limit !== null ? [{ axis: 'y', at: limit, label: `limit, ${formatCount(limit)}/s` }] : [];
  return {
    x: { name: 'requests under way', format: formatCount },
    y: { name: 'requests a second', format: formatCount },
    clouds,
    curves,
    spots,
    rules,
    table: tableOf(
      bodies,
      ['requests under way', 'requests a second', 'succeeded a second', 'failed'],
      (p) => [p.concurrency, p.rate, p.throughput, p.errors],
      [amount, amount, amount, whole],
    ),
  };
}

/** Latency against rate, with the law of own time and where the promise ends. */
export function latencySpec(body: ServiceCurve, other: ServiceCurve | null): XySpec {
  const bodies = other === null ? [body] : [body, other];
  const ns = (ms: number | null): number | null => (ms === null ? null : ms * 1e6);
  const cloud = (one: ServiceCurve, name: string, colour: string, of: (p: CurvePoint) => number | null): Cloud => ({
    label: both(bodies, one, name),
    colour,
    dots: dotsOf(one.points, (p) => p.rate, of),
  });
  const clouds = [
    cloud(body, 'p99', 'series-4', (p) => ns(p.p99_ms)),
    cloud(body, 'mean', 'series-3', (p) => ns(p.mean_ms)),
    cloud(body, 'own time', 'series-1', (p) => ns(p.own_ms)),
    ...(other === null ? [] : [cloud(other, 'mean', 'series-2', (p) => ns(p.mean_ms))]),
  ].filter(({ dots }) => dots.length > 0);
  const curves: Curve[] = [];
  const spots: Spot[] = [];
  const rules: Rule[] = [];
  const fit = known(body.residence);
  const { residence, capacity } = fit ?? { residence: null, capacity: null };
  if (fit !== null && residence !== null && capacity !== null) {
    const measured = fit.minutes.arrival_rate[1];
    const law = (rate: number): number | null => {
      const seconds = residenceAt(residence, rate);
      return seconds === null ? null : seconds * 1e9;
    };
    const line: Line = [...sampled(0, measured, law), ...sampled(measured, Math.max(measured, capacity), law)];
    curves.push({ label: `own time by the law${doubted(fit.verdict)}`, colour: 'series-1', line, measured });
    rules.push({
      axis: 'x',
      at: capacity,
      label: `full, ${formatCount(capacity)}/s`,
      ...(fit.capacity_interval === null ? {} : { band: fit.capacity_interval }),
    });
  }
  const knee = known(body.latency_knee);
  if (knee !== null) {
    const target = knee.target_ms * 1e6;
    const name = `${percentileName(knee.percentile)} at ${formatDuration(target)}`;
    rules.push({ axis: 'y', at: target, label: `promised: ${name}` });
    spots.push({ x: knee.knee.throughput, y: target, label: `reached at ${formatCount(knee.knee.throughput)}/s` });
  }
  return {
    x: { name: 'requests a second', format: formatCount },
    y: { name: 'latency', format: formatDuration, log: true },
    clouds,
    curves,
    spots,
    rules,
    table: tableOf(
      bodies,
      ['requests a second', 'p99 ms', 'mean ms', 'own ms'],
      (p) => [p.rate, p.p99_ms, p.mean_ms, p.own_ms],
      [amount, millis, millis, millis],
    ),
  };
}
