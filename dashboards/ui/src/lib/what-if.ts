import type { Factors, WhatIf } from '../api/capacity';
import { formatCount, formatFactor } from './format';

/** Kinds of change whose name stands for a number. */
export const NAMED = ['traffic', 'replicas', 'instance_size', 'pool_size', 'limit', 'section', 'work'] as const;
export type Named = (typeof NAMED)[number];
export type ChangeKind = Named | 'cache_hit_ratio' | 'fan_out' | 'new_market';

/** One change, as a reader adds and removes it. */
export type Change =
  | { kind: Named; name: string; value: number }
  | { kind: 'cache_hit_ratio'; from: string; to: string; today: number; then: number }
  | { kind: 'fan_out'; from: string; to: string; times: number }
  | { kind: 'new_market'; value: number };

export const NOTHING: WhatIf = {
  traffic: {},
  replicas: {},
  instance_size: {},
  pool_size: {},
  cache_hit_ratio: [],
  fan_out: [],
  limit: {},
  section: {},
  work: {},
  new_market: 0,
};

/** A link of more changes, or with longer names, is not read. */
const MOST = 100;
const LONGEST = 300;

export function changesOf(whatIf: WhatIf): Change[] {
  return [
    ...NAMED.flatMap((kind) => Object.entries(whatIf[kind]).map(([name, value]): Change => ({ kind, name, value }))),
    ...whatIf.cache_hit_ratio.map((ratio): Change => ({ kind: 'cache_hit_ratio', ...ratio })),
    ...whatIf.fan_out.map((link): Change => ({ kind: 'fan_out', ...link })),
    ...(whatIf.new_market > 0 ? [{ kind: 'new_market', value: whatIf.new_market } as const] : []),
  ];
}

/** Which change it is: of two with the same key only the later one holds. */
export function keyOfChange(change: Change): string {
  if (change.kind === 'new_market') return change.kind;
  const names = 'name' in change ? [change.name] : [change.from, change.to];
  return JSON.stringify([change.kind, ...names]);
}

const without = (factors: Factors, name: string): Factors =>
  Object.fromEntries(Object.entries(factors).filter(([key]) => key !== name));

export function removeChange(whatIf: WhatIf, change: Change): WhatIf {
  switch (change.kind) {
    case 'cache_hit_ratio':
    case 'fan_out': {
      const other = (one: { from: string; to: string }): boolean => one.from !== change.from || one.to !== change.to;
      return change.kind === 'fan_out'
        ? { ...whatIf, fan_out: whatIf.fan_out.filter(other) }
        : { ...whatIf, cache_hit_ratio: whatIf.cache_hit_ratio.filter(other) };
    }
    case 'new_market':
      return { ...whatIf, new_market: 0 };
    default:
      return { ...whatIf, [change.kind]: without(whatIf[change.kind], change.name) };
  }
}

/** With the change; one of the same key goes. */
export function addChange(whatIf: WhatIf, change: Change): WhatIf {
  const rest = removeChange(whatIf, change);
  switch (change.kind) {
    case 'cache_hit_ratio': {
      const { from, to, today, then } = change;
      return { ...rest, cache_hit_ratio: [...rest.cache_hit_ratio, { from, to, today, then }] };
    }
    case 'fan_out': {
      const { from, to, times } = change;
      return { ...rest, fan_out: [...rest.fan_out, { from, to, times }] };
    }
    case 'new_market':
      return { ...rest, new_market: change.value };
    default:
      return { ...rest, [change.kind]: { ...rest[change.kind], [change.name]: change.value } };
  }
}

/** Why a change has no meaning, in the server's bounds; null when it has one. */
export function faultOf(change: Change): string | null {
  const within = (value: number, most: number): boolean => value >= 0 && value <= most;
  if ('name' in change && change.name.trim() === '') return 'Say what it is that changes';
  if ('from' in change && (change.from.trim() === '' || change.to.trim() === ''))
    return 'Say who calls, and what is called';
  switch (change.kind) {
    case 'cache_hit_ratio':
      if (!(within(change.today, 1) && change.today < 1)) return 'What is answered today is from 0 to below 100 %';
      return within(change.then, 1) ? null : 'What is answered then is from 0 to 100 %';
    case 'fan_out':
      return within(change.times, 1e6) ? null : 'Give a number of times from 0 to 1,000,000';
    case 'new_market':
      return within(change.value, 1e6) && change.value > 0 ? null : 'Give a share of today\u2019s peak above 0 %';
    case 'traffic':
      return within(change.value, 1e9) ? null : 'Give a number from 0 to 1e9';
    default:
      return within(change.value, 1e9) && change.value > 0 ? null : 'Give a number above 0 and up to 1e9';
  }
}

/** Shares in per cent, without digits that say nothing. */
const share = (ratio: number): string => `${Number((ratio * 100).toFixed(1))}\u00a0%`;

/** A change in words; `limits` are the units of limits by wall. */
export function changeWords(change: Change, limits: ReadonlyMap<string, string> = new Map()): string {
  switch (change.kind) {
    case 'traffic':
      return `${change.name}: ${formatFactor(change.value)} the traffic`;
    case 'replicas':
      return `${change.name}: ${formatCount(change.value)} ${change.value === 1 ? 'instance' : 'instances'}`;
    case 'instance_size':
      return `${change.name}: instances ${formatFactor(change.value)} as large`;
    case 'pool_size':
      return `${change.name}: ${formatCount(change.value)} connections`;
    case 'limit':
      return `${change.name}: ${formatCount(change.value)} ${limits.get(change.name) ?? 'at most'}`;
    case 'section':
      return `${change.name}: ${formatFactor(change.value)} the time in its serialised section`;
    case 'work':
      return `${change.name}: ${formatFactor(change.value)} the work of a request`;
    case 'cache_hit_ratio':
      return `cache, ${change.from} to ${change.to}: ${share(change.today)} \u2192 ${share(change.then)} answered`;
    case 'fan_out':
      return `${change.from} to ${change.to}: ${formatFactor(change.times)} the calls`;
    case 'new_market':
      return `new market: +${share(change.value)} at the peak`;
  }
}

/** Compact JSON for the address, without what is as it was; "" when nothing changes. */
export function whatIfText(whatIf: WhatIf): string {
  const kept = Object.entries(whatIf).filter(([, value]: [string, WhatIf[keyof WhatIf]]) =>
    typeof value === 'number' ? value !== 0 : Object.keys(value).length > 0,
  );
  return kept.length === 0 ? '' : JSON.stringify(Object.fromEntries(kept));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isKind = (key: string): key is ChangeKind => Object.hasOwn(NOTHING, key);

/** The changes of one key of the address's JSON, with whatever types stand there. */
function listed(kind: ChangeKind, value: unknown): Record<string, unknown>[] {
  if (kind === 'new_market') return [{ kind, value }];
  if (kind === 'fan_out' || kind === 'cache_hit_ratio') {
    if (!Array.isArray(value)) return [{}];
    return value.map((one: unknown) => (isObject(one) ? { today: 0, ...one, kind } : {}));
  }
  return isObject(value) ? Object.entries(value).map(([name, number]) => ({ kind, name, value: number })) : [{}];
}

const FIELDS: Record<'cache_hit_ratio' | 'fan_out' | 'new_market' | 'named', Record<string, 'string' | 'number'>> = {
  cache_hit_ratio: { from: 'string', to: 'string', today: 'number', then: 'number' },
  fan_out: { from: 'string', to: 'string', times: 'number' },
  new_market: { value: 'number' },
  named: { name: 'string', value: 'number' },
};

function isChange(kind: ChangeKind, one: Record<string, unknown>): one is Change {
  const fields =
    kind === 'cache_hit_ratio' || kind === 'fan_out' || kind === 'new_market' ? FIELDS[kind] : FIELDS.named;
  return Object.entries(fields).every(([field, type]) => {
    const value = one[field];
    return typeof value === type && (typeof value !== 'string' || value.length <= LONGEST);
  });
}

/** What stands in the address; null when it cannot be read or has no meaning. */
export function parseWhatIf(text: string | null): WhatIf | null {
  if (text === null || text === '') return NOTHING;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(body)) return null;
  let [whatIf, count] = [NOTHING, 0];
  for (const [kind, value] of Object.entries(body)) {
    if (!isKind(kind)) return null;
    for (const one of listed(kind, value)) {
      count += 1;
      if (count > MOST || !isChange(kind, one) || faultOf(one) !== null) return null;
      whatIf = addChange(whatIf, one);
    }
  }
  return whatIf;
}
