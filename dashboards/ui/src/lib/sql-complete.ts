import type { SqlFunction, View } from './sql-catalog';

export interface Suggestion {
  label: string;
  kind: 'view' | 'column' | 'function' | 'keyword';
  /** In short, beside it: a column's type. */
  detail: string;
  /** What it holds or does. */
  info: string;
  /** What is written, where that is not the label. */
  write?: string;
}
export interface Completion {
  from: number;
  options: Suggestion[];
}
export interface Vocabulary {
  views: readonly View[];
  functions: readonly SqlFunction[];
}

const KEYWORDS = (
  'SELECT,FROM,WHERE,GROUP BY,ORDER BY,LIMIT,OFFSET,HAVING,JOIN,LEFT JOIN,INNER JOIN,CROSS JOIN,ON,USING,AS,WITH,' +
  'DISTINCT,AND,OR,NOT,IN,BETWEEN,LIKE,ILIKE,IS NULL,IS NOT NULL,CASE,WHEN,THEN,ELSE,END,CAST,FILTER,OVER,' +
  'PARTITION BY,WITHIN GROUP,INTERVAL,EXISTS,UNION ALL,UNION,EXCEPT,INTERSECT,VALUES,EXPLAIN,DESCRIBE,SHOW TABLES,' +
  'ASC,DESC,NULLS LAST,NULLS FIRST,TRUE,FALSE,NULL'
).split(',');
/** A name with its alias; words that go on with the statement are none. */
const ITEM =
  '\\w+(?:\\s+(?:as\\s+)?(?!(?:where|group|order|limit|offset|having|join|left|right|inner|full|cross|on|using|union|' +
  'except|intersect|as)\\b)\\w+)?';
const LISTS = new RegExp(`\\b(?:from|join)\\s+(${ITEM}(?:\\s*,\\s*${ITEM})*)`, 'gi');
const WANTS_VIEW = new RegExp(`\\b(?:(?:from|join|describe)\\s+|from\\s+(?:${ITEM}\\s*,\\s*)+)$`, 'i');

/** The text with comments and the insides of quotes made blank, so that every place stays where it is. */
export const blanked = (text: string): string =>
  text.replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)/g, (part) => part.replace(/[^\n]/g, ' '));

/** What the views and common tables of the statement are called in it: alias or name, to name. */
export function sourcesOf(text: string): Map<string, string> {
  const sources = new Map<string, string>();
  for (const [, items = ''] of blanked(text).matchAll(LISTS)) {
    for (const item of items.toLowerCase().split(',')) {
      const [name = '', ...rest] = item.trim().split(/\s+/);
      sources.set(rest.at(-1) ?? name, name);
    }
  }
  return sources;
}

/** The common tables of a WITH. */
const commonOf = (text: string): Suggestion[] =>
  [...blanked(text).matchAll(/\b(\w+)\s+as\s*\(\s*select\b/gi)].map(([, name = '']) => ({
    label: name,
    kind: 'view',
    detail: 'of this statement',
    info: '',
  }));

const columnsOf = (view: View): Suggestion[] =>
  view.columns.map(({ name, type, comment }) => ({
    label: name,
    kind: 'column',
    detail: type,
    info: `${view.name}: ${comment}`,
  }));

const ofViews = (views: readonly View[]): Suggestion[] =>
  views.map(({ name, comment }) => ({ label: name, kind: 'view', detail: 'view', info: comment }));

/** Names in the order in which they are likely meant; of two that are called the same, the first. */
const once = (options: readonly Suggestion[]): Suggestion[] =>
  [...new Map([...options].reverse().map((option) => [`${option.kind} ${option.label}`, option])).values()].reverse();

/**
 * What can stand at the cursor. After a dot the columns of what is before it; after FROM and JOIN views; elsewhere the
 * columns of the views that the statement reads, functions and keywords. Nothing in text and comments, and nothing
 * where no word was begun unless it was asked for.
 */
export function completeAt(
  text: string,
  at: number,
  asked: boolean,
  { views, functions }: Vocabulary,
): Completion | null {
  const before = text.slice(0, at);
  // What is cut off in the middle of a quote or comment is blank up to the cursor.
  if (blanked(`${before}x`).at(-1) !== 'x') return null;
  const [, owner, word = ''] = /(?:(\w+)\.)?(\w*)$/.exec(before) ?? [];
  const from = at - word.length;
  if (/^\d/.test(word)) return null;
  const sources = sourcesOf(`${text.slice(0, from)} ${text.slice(at)}`);
  const view = (name: string): View | undefined => views.find((one) => one.name === name.toLowerCase());
  if (owner !== undefined) {
    const meant = view(sources.get(owner.toLowerCase()) ?? owner);
    return meant === undefined ? null : { from, options: columnsOf(meant) };
  }
  if (word === '' && !asked) return null;
  if (WANTS_VIEW.test(blanked(before.slice(0, from)))) return { from, options: [...commonOf(text), ...ofViews(views)] };
  const read = [...new Set(sources.values())].map(view).filter((one) => one !== undefined);
  const aliases = [...sources]
    .filter(([alias, name]) => alias !== name && view(name) !== undefined)
    .map(([alias, name]): Suggestion => ({
      label: alias,
      kind: 'view',
      detail: name,
      info: view(name)?.comment ?? '',
    }));
  return {
    from,
    options: once([
      ...read.flatMap(columnsOf),
      ...aliases,
      ...KEYWORDS.map((keyword): Suggestion => ({
        // Small letters go on in small letters.
        label: /^[a-z]/.test(word) ? keyword.toLowerCase() : keyword,
        kind: 'keyword',
        detail: '',
        info: '',
      })),
      ...functions.map(({ name, syntax, comment }): Suggestion => ({
        label: name,
        kind: 'function',
        detail: 'function',
        info: `${syntax}\n${comment}`,
        write: `${name}(`,
      })),
      ...ofViews(views),
    ]),
  };
}
