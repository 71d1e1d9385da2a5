import type { CurveFit, CurvePoint, Residence, ServiceCurve, Told } from '../api/curve';
import { asSentence, formatCount, formatDuration } from './format';
import { formatShare } from './capacity';

export const known = <T>(figure: Told<T>): T | null => ('known' in figure ? figure.known : null);
export const why = <T>(figure: Told<T>): string | null => ('known' in figure ? null : figure.unavailable.why);

/** Throughput at a load by the Universal Scalability Law; nothing where the fit is refused. */
export function uslOf({ alpha, beta, gamma }: CurveFit): ((load: number) => number) | null {
  if (alpha === null || beta === null || gamma === null) return null;
  return (load) => (gamma * load) / (1 + (load - 1) * (alpha + beta * load));
}

/** The share of requests that waits for one of so many servers (Erlang C). */
function waiting(servers: number, offered: number): number {
  let blocked = 1;
  for (let server = 1; server <= servers; server += 1) blocked = (offered * blocked) / (server + offered * blocked);
  return blocked / (1 - (offered / servers) * (1 - blocked));
}

/** Mean time in seconds at a rate by the law of residence; nothing from the rate on at which the section is full. */
export function residenceAt({ delay, service, servers, service_cv2: cv2 }: Residence, rate: number): number | null {
  const offered = rate * service;
  if (offered >= servers) return null;
  const wait = (waiting(servers, offered) * service) / (servers - offered);
  return delay + service + (wait * (1 + cv2)) / 2;
}

/** A line through a law at so many places between two loads; where it has no value it ends. */
export function sampled(from: number, to: number, law: (x: number) => number | null, places = 120): [number, number][] {
  const line: [number, number][] = [];
  for (let i = 0; i <= places; i += 1) {
    const x = from + ((to - from) * i) / places;
    const y = law(x);
    if (y !== null && Number.isFinite(y)) line.push([x, y]);
  }
  return line;
}

export const most = (points: readonly CurvePoint[], of: 'rate' | 'throughput' | 'concurrency'): number =>
  points.reduce((top, point) => Math.max(top, point[of]), 0);

/** "POST /orders of order in version 2.31.0" */
export function whoOf({
  service,
  operation,
  version,
}: Pick<ServiceCurve, 'service' | 'operation' | 'version'>): string {
  return `${operation === null ? '' : `${operation} of `}${service}${version === null ? '' : ` in version ${version}`}`;
}

/** The same where the service is known: "POST /orders, version 2.31.0", "all of order" */
export function partOf({
  service,
  operation,
  version,
}: Pick<ServiceCurve, 'service' | 'operation' | 'version'>): string {
  const parts = [operation, version === null ? null : `version ${version}`].filter((part) => part !== null);
  return parts.length === 0 ? `all of ${service}` : parts.join(', ');
}

/** "p99", "p99.9" */
export const percentileName = (share: number): string => `p${Number((share * 100).toFixed(2))}`;

/** How much is carried, and what ends it. */
export interface Carried {
  perSecond: number;
  interval: [number, number] | null;
  until: string;
  /** The most that was seen, in the same unit. */
  seen: number;
  /** The law has doubts, or is carried far beyond what was seen. */
  weak: boolean;
}

/** Of what is carried, the share that must have been seen for more than an indication. */
const SEEN = 0.1;

/** Everything that ends it, as far as it can be told. */
function ends(body: ServiceCurve): Carried[] {
  const { points, usl } = body;
  const [rate, throughput] = [most(points, 'rate'), most(points, 'throughput')];
  const found: Carried[] = [];
  const add = (
    perSecond: number,
    until: string,
    seen: number,
    weak: boolean,
    interval: Carried['interval'] = null,
  ): void => void found.push({ perSecond, interval, until, seen, weak: weak || seen < SEEN * perSecond });
  const knee = known(body.latency_knee);
  if (knee !== null) {
    const promise = `its ${percentileName(knee.percentile)} reaches ${formatDuration(knee.target_ms * 1e6)}`;
    add(knee.knee.throughput, `${promise}, which ${knee.promised_by} promises`, rate, false);
  }
  const residence = known(body.residence);
  if (residence !== null && residence.capacity !== null) {
    const servers = residence.residence?.servers ?? 1;
    const section = servers === 1 ? 'one request at a time' : `${servers} requests at a time`;
    const weak = residence.verdict !== 'good';
    add(residence.capacity, `what it does ${section} is full`, rate, weak, residence.capacity_interval);
  }
  const weak = usl.verdict !== 'good';
  if (usl.peak !== null) {
    const [low, high] = usl.bootstrap?.peak_throughput ?? [null, null];
    const interval: Carried['interval'] = low === null || high === null ? null : [low, high];
    add(usl.peak.throughput, 'more requests under way only slow it down', throughput, weak, interval);
  } else if (usl.limit !== null) add(usl.limit, 'contention lets no more through', throughput, weak);
  return found;
}

/** What ends it first; an indication only where nothing better is known. */
export function carried(body: ServiceCurve): Carried | null {
  const all = ends(body);
  const sound = all.filter(({ weak }) => !weak);
  return (sound.length > 0 ? sound : all).reduce<Carried | null>(
    (first, one) => (first === null || one.perSecond < first.perSecond ? one : first),
    null,
  );
}

/** "410 requests/s (380 to 450) before it is full" */
function endWords({ perSecond, interval, until }: Carried): string {
  const between = interval === null ? '' : ` (${formatCount(interval[0])} to ${formatCount(interval[1])})`;
  return `${formatCount(perSecond)} requests/s${between} before ${until}`;
}

/** A weaker sign that it ends earlier than the answer says. */
export function weakerSign(body: ServiceCurve): string | null {
  const answer = carried(body);
  if (answer === null || answer.weak) return null;
  const sign = ends(body).find(({ weak, perSecond }) => weak && perSecond < answer.perSecond);
  return sign === undefined ? null : `A weaker sign is of ${endWords(sign)}.`;
}

/** Why nothing can be told: the law of residence needs least, so its reasons come first. */
function reasons({ residence, usl }: ServiceCurve): string[] {
  const fit = known(residence);
  if (fit !== null && fit.reasons.length > 0) return fit.reasons;
  if (usl.verdict === 'refused') return usl.reasons;
  return [usl.peak_reason, usl.limit_reason].filter((reason) => reason !== null);
}

/** The answer of the page. */
export function curveSentence(body: ServiceCurve): string {
  const who = whoOf(body);
  const seen = `seen so far up to ${formatCount(most(body.points, 'rate'))} requests/s`;
  const found = carried(body);
  if (found === null) return asSentence(`How much ${who} carries cannot be told: ${reasons(body).join('; ')}; ${seen}`);
  const { perSecond, weak } = found;
  const carries = `${who} carries about ${endWords(found)}`;
  const share = `seen so far up to ${formatCount(found.seen)}/s (${formatShare(found.seen / perSecond)})`;
  // Names are not made to begin with a capital.
  return `${weak ? 'As an indication only, ' : ''}${carries}; ${share}.`;
}
