import type { Asked } from '../../lib/asked';
import { stepFor } from '../../lib/range';
import { spanOf } from '../file-name';

/** What an explanation knows beside the question: what the page chose, such as the service or the step. */
export type Facts = Readonly<Record<string, string | number>>;

/** The figures of a chart in SQL: the same, or what they are made of; or why there is none. */
export type Sql = { text: string; same: boolean } | { none: string };

export interface Explanation {
  /** Unit of the figures in files. */
  unit: string | ((facts: Facts) => string);
  /** What the figures are, in one or two sentences. */
  words: string | ((at: At) => string);
  sql: (at: At) => Sql;
}

/** A question with the words that SQL needs. */
export interface At {
  asked: Asked;
  facts: Facts;
}

/** A text as SQL has it. */
export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** A parameter of the question as text; '' where it has none. */
export const param = ({ asked }: At, name: string): string => String(asked.params[name] ?? '');

export const fact = ({ facts }: At, name: string): string => String(facts[name] ?? '');

/** `column = value`, where there is a value. */
export const equal = (column: string, value: string): string => (value === '' ? '' : `${column} = ${text(value)}`);

const moment = (time: string): string => `TIMESTAMP ${text(time)}`;

/** The page's range as a condition. */
export function within(column: string, at: At, back = 0): string {
  const [from, to] = [param(at, 'from'), param(at, 'to')];
  const start = from === '' || back === 0 ? from : new Date(Date.parse(from) - back * 1000).toISOString();
  return all([start === '' ? '' : `${column} >= ${moment(start)}`, to === '' ? '' : `${column} < ${moment(to)}`]);
}

/** Two moments as a condition. */
export const between = (column: string, from: number, to: number): string =>
  `${column} >= ${moment(new Date(from).toISOString())} AND ${column} < ${moment(new Date(to).toISOString())}`;

/** Conditions that must all hold. */
export const all = (conditions: readonly string[]): string => conditions.filter((one) => one !== '').join(' AND ');

export const where = (...conditions: readonly string[]): string => {
  const joined = all(conditions);
  return joined === '' ? '' : `\nWHERE ${joined}`;
};

/** Seconds of a step: as asked for, as told, or what the range suggests. */
export function stepOf(at: At): number {
  const told = Number(at.facts['step'] ?? at.asked.params['step'] ?? NaN);
  const span = spanOf(at.asked);
  return Number.isFinite(told) && told > 0 ? told : span === null ? 60 : stepFor(span);
}

export const bin = (column: string, seconds: number): string => `date_bin(INTERVAL '${seconds} seconds', ${column})`;

export const same = (sql: string): Sql => ({ text: sql, same: true });
export const made = (sql: string): Sql => ({ text: sql, same: false });
