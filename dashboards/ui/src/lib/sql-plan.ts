import type { SqlBody } from '../api/sql';
import { jsonText } from '../components/Attributes';

/** How a statement is run: what the server does itself, and what it sends to the store. */
export interface Plan {
  parts: { title: string; text: string }[];
  sent: { view: string; sql: string }[];
}

const TITLES: Readonly<Record<string, string>> = {
  logical_plan: 'What is asked',
  physical_plan: 'How it is run',
  'Plan with Metrics': 'How it was run',
  cost: 'What it costs',
};

/** A statement of the store, a clause a line; what is in quotes stays as it is. */
const inLines = (sql: string): string =>
  sql
    .split(/('(?:[^'\\]|\\.|'')*'|`[^`]*`)/)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part
            .replace(/ (FROM|PREWHERE|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|UNION ALL|SETTINGS)\b/g, '\n$1')
            .replace(/ (AND) /g, '\n  $1 '),
    )
    .join('');

/** null where the answer is no plan. */
export function readPlan({ columns, rows }: SqlBody): Plan | null {
  if (columns.map(({ name }) => name).join() !== 'plan_type,plan') return null;
  const sent: Plan['sent'] = [];
  const parts = rows.map(([type = '', plan = '']) => {
    const lines = jsonText(plan)
      .trimEnd()
      .split('\n')
      .map((line) => {
        const scan = /^(.*view=(\w+).*?), sql=(.*?)(, metrics=\[.*\])?$/.exec(line);
        if (scan === null) return line;
        const [, head = '', view = '', sql = '', metrics = ''] = scan;
        sent.push({ view, sql: inLines(sql) });
        return head + metrics;
      });
    const name = jsonText(type);
    return { title: TITLES[name] ?? name, text: lines.join('\n') };
  });
  return { parts, sent };
}

/** How many lines `explained` puts in front of a statement. */
export const ABOVE = 1;
const isExplain = (sql: string): boolean => /^\s*explain\b/i.test(sql);
export const explained = (sql: string): { sql: string; above: number } =>
  isExplain(sql) ? { sql, above: 0 } : { sql: `EXPLAIN\n${sql}`, above: ABOVE };
