/** The bodies of remedies, which the API calls actions. */
import type { Iso } from './types';

/** What speaks for a remedy; all that it names must hold. */
export type Signal = 'burn' | 'canary' | 'deploy';
export type Verdict =
  | 'done'
  | 'dry'
  | 'refused_disabled'
  | 'refused_silenced'
  | 'refused_signals'
  | 'refused_cool_down'
  | 'refused_most_per_hour'
  | 'helped'
  | 'did_not_help';
export interface ActionDecision {
  at: Iso;
  verdict: Verdict;
  /** Id of the alert that it is about. */
  alert: string;
  service: string;
  why: string;
  /** What each signal that was there says. */
  signals: Partial<Record<Signal, string>>;
}
export interface Action {
  name: string;
  /** The alerts it is for; all, where there are none. */
  matchers: string[];
  signals: Signal[];
  dry_run: boolean;
  cool_down_seconds: number;
  most_per_hour: number;
  verify_after_seconds: number;
  /** Null while it is on. */
  disabled: { at: Iso; by: string; why: string } | null;
  /** Rehearsals too. */
  runs_last_hour: number;
  /** The newest first. */
  decisions: ActionDecision[];
}
export interface ActionsBody {
  actions: Action[];
}
