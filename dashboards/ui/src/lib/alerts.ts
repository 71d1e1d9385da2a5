import type { Alert, Cause, HitCount } from '../api/alerting';
import { formatExact, formatPercent, plural } from './format';

const SEVERITIES = ['warning', 'major', 'critical'];
const rank = ({ severity }: Alert): number => SEVERITIES.indexOf(severity);

/** The alerts that fire, the worst first, those nobody took before the others. */
export const byUrgency = (alerts: readonly Alert[]): Alert[] =>
  alerts
    .filter(({ state }) => state === 'firing')
    .sort((a, b) => rank(b) - rank(a) || Number(a.acknowledged_by !== null) - Number(b.acknowledged_by !== null));

export function alertsSentence(alerts: readonly Alert[]): string {
  const firing = byUrgency(alerts);
  const worst = firing[0];
  if (worst === undefined) return 'No alert fires.';
  const open = firing.filter(({ acknowledged_by: by }) => by === null).length;
  return `${plural(firing.length, 'alert fires', 'alerts fire')}, ${open === 0 ? 'all taken' : `${open} not yet taken by anyone`}: ${worst.summary.replace(/\.$/, '')}.`;
}

const CAUSES: Record<Cause, string> = {
  burn: 'the budget burns fast',
  unacknowledged: 'nobody took it',
  lasting: 'it has lasted',
  customers: 'many customers are hit',
  transactions: 'many transactions fail',
  value: 'much money is at stake',
  down: 'a critical service is down',
};

/** Why an alert is as bad as it is. */
export const causeWords = ({ causes, threshold }: Pick<Alert, 'causes' | 'threshold'>): string =>
  causes.length > 0
    ? `because ${causes.map((cause) => CAUSES[cause]).join(', ')}`
    : threshold === null
      ? 'as it was reported'
      : 'by the rule that it began with';

/** "300 of 1,200 (25.0 %)". */
export const hitWords = ({ hit, of }: HitCount): string =>
  of === null || of === 0 ? formatExact(hit) : `${formatExact(hit)} of ${formatExact(of)} (${formatPercent(hit / of)})`;

/** Where a link of an alert leads within these pages: the id of its trace. */
export const traceOf = (url: string): string | null => /\/traces\/([0-9a-f]{32})$/.exec(url)?.[1] ?? null;

/** An address that may be opened: what others wrote into an alert may be anything. */
export const isWeb = (url: string | null): url is string => url !== null && /^https?:\/\//i.test(url);
