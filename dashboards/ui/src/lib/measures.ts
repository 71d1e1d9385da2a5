import type { Pace, ServiceDelivery, Within } from '../api/delivery';
import type { Deploy } from '../api/service';
import { formatPercent, formatRate, formatSeconds, plural } from './format';

const PACES: Record<Pace, string> = {
  daily: 'on three days or more of most weeks',
  weekly: 'in most weeks',
  monthly: 'in most months',
  yearly: 'less than monthly',
};
const TIMES: Record<Within, string> = {
  one_day: 'within a day',
  one_week: 'within a week',
  one_month: 'within a month',
  six_months: 'within six months',
  one_year: 'more than six months',
};
const SHARES: Record<NonNullable<ServiceDelivery['change_fail_band']>, string> = {
  '0-15%': 'up to 15\u00a0%',
  '16-45%': 'below 46\u00a0%',
  '46-60%': '46\u00a0% or more',
};

export interface Measure {
  id: string;
  name: string;
  how: string;
  /** Null where it is not known; `why` then says why. */
  value: (of: ServiceDelivery) => number | null;
  words: (value: number) => string;
  /** Of what it is, and its band. */
  note: (of: ServiceDelivery) => string;
  why: (of: ServiceDelivery) => string | undefined;
}

/** What a figure is of, and its band where it has one. */
const banded = <Id extends string>(of: string, band: Id | null, words: Record<Id, string>): string =>
  band === null ? of : `${of}; ${words[band]}`;

/** The five measures of software delivery, in the order that they are told. */
export const MEASURES: readonly Measure[] = [
  {
    id: 'frequency',
    name: 'Deployment frequency',
    how: 'Deployments in seven days, in the mean of the range',
    value: (of) => of.per_week,
    words: (value) => `${formatRate(value)} a week`,
    note: (of) => banded(plural(of.deployments, 'deployment'), of.pace, PACES),
    why: (of) => of.unknown['pace'],
  },
  {
    id: 'lead',
    name: 'Change lead time',
    how: 'Median from a change to its first deployment',
    value: (of) => of.lead_time_seconds,
    words: formatSeconds,
    note: (of) => banded(`median of ${plural(of.changes, 'change')}`, of.lead_time_band, TIMES),
    why: (of) => of.unknown['lead_time_seconds'],
  },
  {
    id: 'fails',
    name: 'Change fail rate',
    how: 'Failed over all that brought something new. Failed: told so, or followed within a day by a return to an older version, a fix, or a deployment for an incident',
    value: (of) => of.change_fail_rate,
    words: formatPercent,
    note: (of) => banded(`${of.failed} failed`, of.change_fail_band, SHARES),
    why: (of) => of.unknown['change_fail_rate'],
  },
  {
    id: 'recovery',
    name: 'Failed deployment recovery time',
    how: 'Median from a failed deployment to the next, which ends it',
    value: (of) => of.recovery_seconds,
    words: formatSeconds,
    note: (of) => (of.recovery_band === null ? '' : TIMES[of.recovery_band]),
    why: (of) => of.unknown['recovery_seconds'],
  },
  {
    id: 'rework',
    name: 'Deployment rework rate',
    how: 'Unplanned over all: returns to an older version, and what was told to be a fix or for an incident',
    value: (of) => of.rework_rate,
    words: formatPercent,
    note: (of) => `${of.unplanned} of ${of.deployments} unplanned`,
    why: (of) => of.unknown['rework_rate'],
  },
];

/** Which of them were delivered, the most often first, and the names of the others. */
export function delivered(services: readonly ServiceDelivery[]): { some: ServiceDelivery[]; none: string[] } {
  const some = services.filter(({ deployments }) => deployments > 0).sort((a, b) => b.deployments - a.deployments);
  return { some, none: services.filter(({ deployments }) => deployments === 0).map(({ service }) => service) };
}

const total = (of: readonly ServiceDelivery[], what: 'deployments' | 'failed'): number =>
  of.reduce((sum, row) => sum + row[what], 0);

export function deliverySentence(services: readonly ServiceDelivery[]): string {
  const { some } = delivered(services);
  if (some.length === 0) return 'Nothing was deployed in this range, as far as it is known here.';
  const failed = total(some, 'failed');
  const worst = [...some].sort((a, b) => (b.change_fail_rate ?? 0) - (a.change_fail_rate ?? 0))[0];
  const start = `${plural(total(some, 'deployments'), 'deployment')} of ${plural(some.length, 'service')}`;
  if (failed === 0 || worst === undefined) return `${start}; none failed.`;
  return `${start}; ${failed} failed. ${worst.service} fails most, ${formatPercent(worst.change_fail_rate)} of what was new.`;
}

export function deliveredSentence(of: ServiceDelivery | undefined, service: string): string {
  if (of === undefined) return `${service} said no version in this range, and nobody told a deployment of it.`;
  if (of.deployments === 0) return `${service} was not deployed in this range, as far as it is known here.`;
  const start = `${service} was deployed ${plural(of.deployments, 'time')}, ${formatRate(of.per_week)} a week`;
  if (of.failed === 0) return `${start}; none failed.`;
  const ended =
    of.recovery_seconds === null
      ? ''
      : `, and ${formatSeconds(of.recovery_seconds)} went by in the median until the next ended it`;
  return `${start}; ${of.failed} failed${ended}.`;
}

/** What became of a deployment as it was told; one that was only seen says nothing of it. */
export function outcomeOf({ told }: Pick<Deploy, 'told'>): [state: string, words: string] {
  switch (told) {
    case 'failed':
      return ['failed', 'failed'];
    case 'rolled_back':
      return ['warning', 'rolled back to'];
    case 'finished':
      return ['finished', 'finished'];
    case 'started':
      return ['started', 'started'];
    default:
      return ['seen', 'seen only'];
  }
}

/** Whether it was planned; null where nobody told. */
export function reasonOf({ told, reason }: Pick<Deploy, 'told' | 'reason'>): string | null {
  if (reason === 'fix') return 'a fix';
  if (reason === 'incident') return 'for an incident';
  return told === null || told === 'rolled_back' ? null : 'planned';
}
