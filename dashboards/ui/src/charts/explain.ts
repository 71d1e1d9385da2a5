import { MONEY } from './explain/money';
import { PLANNING } from './explain/planning';
import { SERVICES } from './explain/services';
import type { At, Explanation, Facts, Sql } from './explain/write';

export type { Facts, Sql } from './explain/write';

/** What the figures of every chart are, and how one asks for them in SQL. */
const EXPLANATIONS = { ...SERVICES, ...PLANNING, ...MONEY } satisfies Record<string, Explanation>;

/** A chart that is explained; there are no others. */
export type ChartId = keyof typeof EXPLANATIONS;

const of = (id: ChartId): Explanation => EXPLANATIONS[id];

export const CHARTS = Object.keys(EXPLANATIONS) as ChartId[];

/** The unit of a chart's figures in files. */
export function unitOf(id: ChartId, facts: Facts): string {
  const { unit } = of(id);
  return typeof unit === 'string' ? unit : unit(facts);
}

/** A chart's figures in words, and in SQL. */
export function explain(id: ChartId, at: At): { words: string; sql: Sql } {
  const { words, sql } = of(id);
  return { words: typeof words === 'string' ? words : words(at), sql: sql(at) };
}
