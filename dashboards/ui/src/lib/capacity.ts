import type { Reach, Resource, Wall, WallKind, WallResource, WallsBody, WallWhen } from '../api/capacity';
import { asSentence, formatBytes, formatCount, formatDayMinute, formatDuration, formatFactor, plural } from './format';

const KINDS: Record<WallKind | Resource['kind'], string> = {
  cpu: 'processors',
  memory: 'memory',
  connections: 'connections',
  event_loop: 'event loop',
  queue: 'queue',
  contention: 'one request at a time',
  rate: 'rate limit',
  partitions: 'partitions',
  database: 'database',
};

/** What of a service fills up: "connections, pool orders". */
export function whatOf({ kind, name }: WallResource | Resource): string {
  if (name === '') return KINDS[kind];
  if (kind === 'connections') return `connections, pool ${name}`;
  return `${KINDS[kind]}${kind === 'partitions' ? ' of' : ''} ${name}`;
}
export const nameOf = (resource: WallResource | Resource): string =>
  [resource.service, whatOf(resource)].filter((part) => part !== '').join(', ');

/** A share as the server's sentences tell it: "82 %", below ten with a digit. */
export const formatShare = (share: number): string =>
  `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}\u00a0%`.replace('-', '\u2212');

/** "6 connections", "1 core", "12.0 GiB", "200 calls/s". */
export function formatAmount(value: number, unit: string): string {
  const one = unit.replace(/s$/, '');
  if (one === 'byte') return formatBytes(value);
  return `${formatCount(value)}\u00a0${unit.includes('/') ? unit : value === 1 ? one : `${one}s`}`;
}

/** "1.05 to 1.12"; nothing where it was counted and has no interval. */
export function formatInterval({ factor, low, high }: Reach): string {
  return low === factor && high === factor
    ? ''
    : `${formatFactor(low).slice(0, -1)} to ${formatFactor(high).slice(0, -1)}`;
}

/** Use for each request, in the unit people think of: seconds held of a thing, bytes, calls. */
export function perRequest({ evidence, today, resource }: Wall): string | null {
  const each = evidence.per_request;
  if (each === null) return null;
  const time = formatDuration(each * 1e9);
  switch (resource.kind) {
    case 'cpu':
      return `${time} of ${today.unit.startsWith('core') ? 'a core' : 'an instance'}`;
    case 'event_loop':
      return `${time} of the event loop`;
    case 'connections':
    case 'database':
      return `holds a connection for ${time}`;
    case 'partitions':
      return `under way for ${time}`;
    case 'contention':
      return `${time} in the section that one request passes at a time`;
    case 'memory':
      return `${formatBytes(each)} for one request a second`;
    case 'rate':
      return plural(Number(each.toFixed(2)), 'call');
  }
}

/** When a knee is reached, in short; the rest of it stands in `note`. */
export function whenWords(when: WallWhen, factor: number, date: (day: string) => string): [string, string] {
  if (factor <= 1) return ['reached', 'today\u2019s peak is beyond it'];
  if (when.forecast !== null) {
    return [formatDayMinute(when.forecast), when.event === null ? 'by the forecast' : `forecast, ${when.event}`];
  }
  if (when.date === null) return ['no date', ''];
  const from = when.earliest ?? when.date;
  return [
    date(when.date),
    when.latest === null ? `from ${date(from)}, or never` : `${date(from)} to ${date(when.latest)}`,
  ];
}

/** The answer of the page: the first wall in the server's words. */
export function wallsSentence({ walls, without }: WallsBody): string {
  const first = walls[0];
  if (first !== undefined) return asSentence(first.sentence);
  return without.length === 0
    ? 'Nothing was measured in this range that could fill up.'
    : `No wall can be told from this range; ${plural(without.length, 'resource')} ${without.length === 1 ? 'was' : 'were'} looked at.`;
}

/** The first three walls that a stage adds to the stage before it. */
export function stageWalls({ walls, stages }: WallsBody, index: number): { added: number; first: Wall[] } {
  const [from, to] = [stages[index - 1]?.factor ?? -Infinity, stages[index]?.factor ?? Infinity];
  const added = walls.filter(({ knee }) => knee.factor > from && knee.factor <= to);
  return { added: added.length, first: added.slice(0, 3) };
}

export type Verdict = 'further' | 'nearer' | 'same' | 'gone' | 'new';
export interface Compared {
  id: string;
  resource: WallResource;
  before: number | null;
  after: number | null;
  verdict: Verdict;
  /** The platform's first wall, before and after. */
  wasFirst: boolean;
  isFirst: boolean;
}

/** A factor that moves by less than this stays where it is. */
const STILL = 0.005;

function verdict(before: number | null, after: number | null): Verdict {
  if (before === null) return 'new';
  if (after === null) return 'gone';
  if (Math.abs(after - before) <= STILL * before) return 'same';
  return after > before ? 'further' : 'nearer';
}

/** Every wall before and after a change, the first one then at the top, those that are gone last. */
export function compare(before: readonly Wall[], after: readonly Wall[]): Compared[] {
  const [was, is] = [new Map(before.map((wall) => [wall.id, wall])), new Map(after.map((wall) => [wall.id, wall]))];
  const rows = [...new Map([...was, ...is]).values()].map(({ id, resource }): Compared => {
    const [old, now] = [was.get(id)?.knee.factor ?? null, is.get(id)?.knee.factor ?? null];
    return {
      id,
      resource,
      before: old,
      after: now,
      verdict: verdict(old, now),
      wasFirst: id === before[0]?.id,
      isFirst: id === after[0]?.id,
    };
  });
  return rows.sort((a, b) => (a.after ?? Infinity) - (b.after ?? Infinity) || a.id.localeCompare(b.id));
}

/** How far it moved: "2.00x further", "\u221240 %". */
export function movedWords({ before, after, verdict: kind }: Compared): string {
  if (kind === 'gone') return 'no wall any more';
  if (kind === 'new') return 'a new wall';
  if (kind === 'same' || before === null || after === null) return 'stays';
  if (before <= 0 || after <= 0) return kind;
  return `${formatFactor(kind === 'further' ? after / before : before / after)} ${kind}`;
}
