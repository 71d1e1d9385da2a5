import type { Anomaly, ModelSkill, Skill, SkillPart } from '../api/forecast';
import type { Mark } from '../charts/spec';

/** What an anomaly is, in a word or two. */
export function kindWords({ kind, side }: Anomaly): string {
  switch (kind) {
    case 'point':
      return side === 'above' ? 'spike' : 'drop';
    case 'run':
      return side === 'above' ? 'high for long' : 'low for long';
    case 'shape':
      return 'uneven hour';
    case 'level':
      return side === 'above' ? 'higher level' : 'lower level';
  }
}

/** Anomalies as marks of a chart: a tick, or a band from the beginning until it was certain. */
export const anomalyMarks = (anomalies: readonly Anomaly[]): Mark[] =>
  anomalies.map((anomaly) => ({
    at: Date.parse(anomaly.since),
    ...(anomaly.since === anomaly.ts ? {} : { end: Date.parse(anomaly.ts) }),
    label: kindWords(anomaly),
    kind: 'anomaly',
  }));

const CLASSES: Readonly<Record<string, string>> = {
  rate_decision: 'rate decisions',
  earnings: 'earnings',
  ipo: 'IPOs',
  expiry: 'expiries',
  weekly_expiry: 'weekly expiries',
  index_rebalance: 'index changes',
  payroll: 'payroll days',
  month_end: 'month ends',
  quarter_end: 'quarter ends',
  half_day: 'half days',
  special_session: 'special sessions',
  custom: 'other events',
  ordinary: 'ordinary steps',
};

/** The steps a score is over. Distances are named so that they sort: "2: 15 to 60 min". */
export function partWords({ kind, part }: SkillPart): string {
  if (kind === 'all') return 'all steps';
  return kind === 'lead' ? `${part.replace(/^\d+: /, '')} ahead` : (CLASSES[part] ?? part.replaceAll('_', ' '));
}

/** The scores of the forecaster in use. */
export const chosenSkill = ({ chosen, models }: Skill): ModelSkill | undefined =>
  models.find(({ model }) => model === chosen);

/** A share of a loss as what is gained: "23 % less". */
export function gain(relative: number | null): string {
  if (relative === null) return 'not comparable';
  const share = Math.round(Math.abs(1 - relative) * 100);
  return share === 0 ? 'as much' : `${share}\u00a0% ${relative < 1 ? 'less' : 'more'}`;
}

/** Which forecaster was chosen, and how it did against the naive one: overall and in the events with most points. */
export function skillSentence(skill: Skill): string {
  const parts = chosenSkill(skill)?.parts ?? [];
  const all = parts.find(({ kind }) => kind === 'all');
  const start = `Chosen by back-test: ${skill.chosen}`;
  if (all === undefined || all.relative_wql === null)
    return `${start}; yesterday's same minute cannot be compared with it.`;
  const events = parts
    .filter(({ kind, part, relative_wql: relative }) => kind === 'event' && part !== 'ordinary' && relative !== null)
    .sort((a, b) => b.points - a.points)
    .slice(0, 3)
    .map((part) => `on ${partWords(part)} ${gain(part.relative_wql)}`);
  const as = gain(all.relative_wql) === 'as much' ? 'as' : 'than';
  return `${[`${start}, ${gain(all.relative_wql)} loss ${as} yesterday's same minute`, ...events].join('; ')}.`;
}
