import type { Alert } from '../api/alerting';
import type { BudgetPolicy, BudgetStep, BudgetTime } from '../api/slo';
import { formatDayMinute, plural } from './format';

/** Name of the alerts that steps of policies are. */
export const POLICY = 'ErrorBudgetPolicy';

/** Releases of a service that a policy holds up. */
export interface Freeze {
  id: string;
  service: string;
  slo: string;
  policy: string;
  since: string;
  /** Why, in the words of the policy and with the figure at its beginning. */
  says: string;
}

/** What freezes now, of the steps of an objective. */
export const freezesOfSteps = (times: readonly BudgetTime[]): Freeze[] =>
  times
    .filter(({ freezes, ended_at: end }) => freezes && end === null)
    .map(({ id, service, slo, policy, begun_at: since, began: says }) => ({ id, service, slo, policy, since, says }));

/** What freezes now, of the alerts: each step of a policy is one while it holds. */
export const freezesOfAlerts = (alerts: readonly Alert[], service: string | null): Freeze[] =>
  alerts.flatMap(({ id, state, labels, started_at: since, summary: says }) => {
    const of = labels['service'] ?? '';
    const freezes = labels['alertname'] === POLICY && labels['effect'] === 'freeze' && state === 'firing';
    return freezes && (service === null || service === of)
      ? [{ id, service: of, slo: labels['slo'] ?? '', policy: labels['policy'] ?? '', since, says }]
      : [];
  });

/** What follows from a step, before what it says. */
export const effectWords = ({ effect }: Pick<BudgetStep, 'effect'>): string =>
  `${effect === 'freeze' ? 'releases of the service are frozen but for fixes, and ' : ''}people are told as the routes of alerts say`;

/** How the policies of an objective stand. */
export function policiesSentence(policies: readonly BudgetPolicy[]): string {
  const steps = policies.flatMap((policy) => policy.steps);
  const holding = steps.flatMap(({ step, since }) => (since === null ? [] : [{ step, since }]));
  const agreed = `${plural(steps.length, 'step is', 'steps are')} agreed`;
  if (holding.length === 0) return `${agreed}; none holds now.`;
  return `${agreed}; now holds ${holding.map(({ step, since }) => `${step}, since ${formatDayMinute(since)}`).join(', and ')}.`;
}
