import type { SqlBody } from '../api/sql';
import { jsonText } from '../components/Attributes';

/** The views that can be asked, and what is said of them. */
export interface ViewColumn {
  name: string;
  type: string;
  nullable: boolean;
  comment: string;
}
export interface View {
  name: string;
  comment: string;
  columns: ViewColumn[];
}
export interface SqlFunction {
  name: string;
  syntax: string;
  comment: string;
}

export const VIEWS_SQL = `SELECT table_name, column_name,
  CASE udt_name
    WHEN 'numeric' THEN 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
    WHEN 'timestamptz' THEN udt_name
    ELSE data_type
  END AS type, is_nullable
FROM information_schema.columns
WHERE table_schema = 'public'
ORDER BY table_name, ordinal_position`;

export const FUNCTIONS_SQL = `SELECT routine_name, min(syntax_example) AS syntax, min(description) AS description
FROM information_schema.routines
GROUP BY routine_name
ORDER BY routine_name`;

type Rows = Pick<SqlBody, 'rows'>;
interface Words {
  comment: string;
  columns: Map<string, string>;
}

/** What the documentation's chapter "Views" says of each view and column, in its order. */
export function readWords(markdown: string): Map<string, Words> {
  const chapter = markdown.split(/^## Views$/m)[1]?.split(/^## /m)[0] ?? '';
  return new Map(
    chapter
      .split(/^### /m)
      .slice(1)
      .map((part) => {
        const [name = '', ...lines] = part.split('\n');
        const comment = lines.find((line) => line !== '' && !line.startsWith('|')) ?? '';
        const columns = new Map<string, string>();
        for (const line of lines) {
          const cells = /^\| `(\w+)` \|[^|]*\|[^|]*\| (.*) \|$/.exec(line);
          if (cells !== null) columns.set(cells[1] ?? '', cells[2] ?? '');
        }
        return [name.trim(), { comment, columns }];
      }),
  );
}

/** The views that the server has, with the words that the documentation has for them, in the documentation's order. */
export function readViews({ rows }: Rows, words: ReadonlyMap<string, Words>): View[] {
  const views = new Map<string, View>();
  for (const row of rows) {
    const [name = '', column = '', type = '', nullable = ''] = row.map(jsonText);
    const said = words.get(name);
    const view = views.get(name) ?? { name, comment: said?.comment ?? '', columns: [] };
    views.set(name, view);
    view.columns.push({
      name: column,
      type,
      nullable: nullable === 'YES',
      comment: said?.columns.get(column) ?? '',
    });
  }
  const order = [...words.keys()];
  const place = (name: string): number => (words.has(name) ? order.indexOf(name) : order.length);
  return [...views.values()].sort((a, b) => place(a.name) - place(b.name));
}

/** The server has no words for the functions of its own. */
const OWN: Readonly<Record<string, readonly [syntax: string, comment: string]>> = {
  attr: ["attr(attributes, 'key')", 'One attribute as text; NULL where it is missing.'],
  avg: ['avg(expression)', 'The mean of the values of a group.'],
  burn_rate: ['burn_rate(good, total, target)', 'How many times faster than allowed an error budget burns.'],
  error_budget: [
    'error_budget(good, total, target)',
    'The share of an error budget that is left; below 0 when overspent.',
  ],
  latency_quantile: [
    'latency_quantile(q, bucket, spans)',
    'A quantile of durations in nanoseconds, of the rows of latency_buckets.',
  ],
  session_phase: ["session_phase(ts, 'XNYS')", 'How much of a session of the venue has passed, 0 to 1.'],
  sum: ['sum(expression)', 'The sum of the values of a group.'],
  twr: ['twr(ts, value, inflow, outflow)', 'The time-weighted return of the days of a portfolio; 0.1 is 10 %.'],
  xirr: ['xirr(ts, amount)', 'The yearly rate at which payments balance; what is paid in is negative.'],
};

export const readFunctions = ({ rows }: Rows): SqlFunction[] =>
  rows.map((row) => {
    const [name = '', syntax = '', comment = ''] = row.map((cell) => (cell === null ? '' : jsonText(cell)));
    const [ownSyntax = `${name}()`, ownComment = ''] = OWN[name] ?? [];
    return { name, syntax: syntax || ownSyntax, comment: (comment || ownComment).trim() };
  });

/** The views that have every word of the filter in their name or comment, or in that of a column; only these columns. */
export function findViews(views: readonly View[], filter: string): View[] {
  const asked = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (asked.length === 0) return [...views];
  const has = (...texts: string[]): boolean => {
    const text = texts.join(' ').toLowerCase();
    return asked.every((word) => text.includes(word));
  };
  return views.flatMap((view) => {
    if (has(view.name)) return [view];
    const columns = view.columns.filter(({ name, comment }) => has(view.name, name, comment));
    return columns.length > 0 ? [{ ...view, columns }] : has(view.name, view.comment) ? [view] : [];
  });
}
