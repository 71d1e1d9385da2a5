import type { Probe } from '../api/probes';
import { formatAgo, formatTime, plural } from './format';

const TROUBLE: Record<Probe['state'], number> = { failing: 0, overdue: 1, waiting: 2, passing: 3 };

/** Those in trouble first, of equals as they are configured. */
export const byState = (probes: readonly Probe[]): Probe[] =>
  [...probes].sort((a, b) => TROUBLE[a.state] - TROUBLE[b.state]);

export function probesSentence(probes: readonly Probe[], now: number): string {
  const worst = byState(probes)[0];
  if (worst === undefined) return 'No probe is configured.';
  const count = (state: Probe['state']): number => probes.filter((probe) => probe.state === state).length;
  const [failing, overdue, passing] = [count('failing'), count('overdue'), count('passing')];
  if (failing > 0) {
    const since = worst.since === null ? '' : `, since ${formatTime(worst.since)} (${formatAgo(worst.since, now)})`;
    const why = worst.last_run?.reason ?? '';
    const whose = `${failing} of ${plural(probes.length, 'probe')} ${failing === 1 ? 'fails' : 'fail'}`;
    return `${whose}: ${worst.name}${since}${why === '' ? '' : `: ${why}`}.`;
  }
  if (overdue > 0)
    return `${overdue} of ${plural(probes.length, 'probe')} ${overdue === 1 ? 'is' : 'are'} overdue: no node runs ${worst.name}, or its spans do not arrive.`;
  if (passing === 0) return `None of ${plural(probes.length, 'probe')} has run yet.`;
  return passing === probes.length
    ? probes.length === 1
      ? `The probe ${worst.name} passes.`
      : `All ${plural(probes.length, 'probe')} pass.`
    : `${passing} of ${plural(probes.length, 'probe')} ${passing === 1 ? 'passes' : 'pass'}; the others wait.`;
}
