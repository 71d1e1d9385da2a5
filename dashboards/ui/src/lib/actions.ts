import type { Action, ActionDecision, Signal, Verdict } from '../api/actions';
import { formatAgo, formatSeconds, plural } from './format';

export type Standing = 'acts' | 'rehearsed' | 'off';
export const standingOf = ({ disabled, dry_run: dry }: Action): Standing =>
  disabled !== null ? 'off' : dry ? 'rehearsed' : 'acts';

const SIGNALS: Record<Signal, string> = {
  burn: 'the alert is open, for the budget burns',
  canary: 'the new version is worse than the old one that serves beside it',
  deploy: 'the service was deployed shortly before, and the new version fails more often than the old one did',
};

/** The rules of a remedy in plain words, the one that decides most first. */
export function rulesOf(action: Action): [name: string, words: string][] {
  const { name, matchers, signals, runs_last_hour: runs, most_per_hour: most, verify_after_seconds: verify } = action;
  return [
    ['Asks', `whoever listens at the webhook \u201c${name}\u201d of the configuration, with a signed request`],
    ['For', matchers.length === 0 ? 'every alert of an objective' : `alerts with ${matchers.join(' and ')}`],
    ['When', signals.map((signal) => SIGNALS[signal]).join(', and ')],
    [
      'Sends',
      action.dry_run
        ? 'nothing: it is rehearsed, and each decision is put on record as if it ran'
        : 'the request, at once; an alert is remedied once',
    ],
    ['Pause', `${formatSeconds(action.cool_down_seconds)} after each run, for the same service`],
    [
      'At most',
      `${plural(most, 'run')} an hour, of all services; in the last hour there ${runs === 1 ? 'was one' : `were ${runs === 0 ? 'none' : runs}`}`,
    ],
    [
      'Must help',
      `${formatSeconds(verify)} after a run the alert must be over or its budget burn slower; if not, it turns itself off`,
    ],
  ];
}

const VERDICTS: Record<Verdict, string> = {
  done: 'asked for',
  dry: 'rehearsed',
  refused_disabled: 'refused: off',
  refused_silenced: 'refused: silenced',
  refused_signals: 'refused: no signal',
  refused_cool_down: 'refused: pause',
  refused_most_per_hour: 'refused: too often',
  helped: 'helped',
  did_not_help: 'did not help',
};
export const verdictWords = (verdict: Verdict): string => VERDICTS[verdict];

/** What the signals say that were there, where the reason does not say it already. */
export const signalWords = ({ signals, why }: ActionDecision): string[] =>
  Object.entries(signals).flatMap(([signal, says]) => (why.includes(says) ? [] : [`${signal}: ${says}`]));

export function actionsSentence(actions: readonly Action[], now: number): string {
  if (actions.length === 0) return 'No remedy is configured: people alone act on alerts.';
  const counted = (['acts', 'rehearsed', 'off'] as const).flatMap((standing) => {
    const count = actions.filter((action) => standingOf(action) === standing).length;
    const verb = standing === 'acts' ? (count === 1 ? 'acts' : 'act') : `${count === 1 ? 'is' : 'are'} ${standing}`;
    return count === 0 ? [] : [`${count} ${verb}`];
  });
  const last = actions
    .flatMap(({ name, decisions }) => decisions.map((decision) => ({ name, ...decision })))
    .reduce<(ActionDecision & { name: string }) | undefined>(
      (newest, one) => (newest === undefined || one.at > newest.at ? one : newest),
      undefined,
    );
  const decided =
    last === undefined
      ? 'none was needed yet'
      : `the last decision, ${formatAgo(last.at, now)}: ${last.name} for ${last.service}, ${verdictWords(last.verdict)}`;
  return `${plural(actions.length, 'remedy', 'remedies')}: ${counted.join(', ')}; ${decided}.`;
}
