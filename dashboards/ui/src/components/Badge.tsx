import type { ReactNode } from 'react';

const TONES: Record<string, string> = {
  ok: 'green',
  healthy: 'green',
  met: 'green',
  completed: 'green',
  accepted: 'green',
  filled: 'green',
  approved: 'green',
  passed: 'green',
  resolved: 'green',
  delivered: 'green',
  passing: 'green',
  helped: 'green',
  warning: 'amber',
  at_risk: 'amber',
  ticket: 'amber',
  in_progress: 'amber',
  pending: 'amber',
  burning: 'amber',
  slow: 'amber',
  stuck: 'amber',
  major: 'amber',
  leased: 'amber',
  overdue: 'amber',
  failed: 'red',
  error: 'red',
  page: 'red',
  critical: 'red',
  firing: 'red',
  rejected: 'red',
  exhausted: 'red',
  breached: 'red',
  violated: 'red',
  dead: 'red',
  failing: 'red',
  did_not_help: 'red',
};

export const toneOf = (state: string): string => TONES[state.toLowerCase()] ?? '';

/** A state as a word on a tint; the word carries it, the colour repeats it. */
export function Badge({ state, children }: { state: string; children?: ReactNode }): ReactNode {
  return <span className={`badge ${toneOf(state)}`}>{children ?? state.replaceAll('_', ' ')}</span>;
}
