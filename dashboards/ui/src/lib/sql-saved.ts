/** Statements that were given a name, by name. */
export interface Saved {
  name: string;
  sql: string;
}

const isSaved = (value: unknown): value is Saved =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'sql' in value &&
  typeof value.sql === 'string';

export const readSaved = (value: unknown): Saved[] => (Array.isArray(value) ? value.filter(isSaved) : []);

/** One of each name: a new one takes the place of the old one. */
export const withSaved = (saved: readonly Saved[], ...more: readonly Saved[]): Saved[] =>
  [...new Map([...saved, ...more].map((one) => [one.name, one])).values()].sort((a, b) => a.name.localeCompare(b.name));

export const withoutSaved = (saved: readonly Saved[], name: string): Saved[] =>
  saved.filter((one) => one.name !== name);

const NAME = /^-- name: *(.+?) *$/;

/** A file that psql runs as it is: a comment names each statement. */
export const toSqlFile = (saved: readonly Saved[]): string =>
  saved.map(({ name, sql }) => `-- name: ${name}\n${sql.trim().replace(/;$/, '')};\n`).join('\n');

/** The named statements of a file; what stands before the first name, if anything, is called as the file is. */
export function fromSqlFile(text: string, file: string): Saved[] {
  const found: Saved[] = [{ name: file.replace(/\.sql$/i, ''), sql: '' }];
  for (const line of text.split(/\r?\n/)) {
    const name = NAME.exec(line)?.[1];
    const last = found.at(-1);
    if (name !== undefined) found.push({ name, sql: '' });
    else if (last !== undefined) last.sql += `${line}\n`;
  }
  return found.map(({ name, sql }) => ({ name, sql: sql.trim().replace(/;$/, '') })).filter(({ sql }) => sql !== '');
}
