/** The statements that were run in this browser, the newest first. */
export interface Ran {
  sql: string;
  /** Unix ms. */
  at: number;
  ms: number;
  /** null where it was refused or cancelled. */
  rows: number | null;
}

const MOST = 100;
/** Letters of all statements together, so that a few very long ones do not fill the browser's storage. */
const MOST_LETTERS = 500_000;

const isRan = (value: unknown): value is Ran =>
  typeof value === 'object' &&
  value !== null &&
  'sql' in value &&
  typeof value.sql === 'string' &&
  'at' in value &&
  typeof value.at === 'number' &&
  'ms' in value &&
  typeof value.ms === 'number' &&
  'rows' in value &&
  (value.rows === null || typeof value.rows === 'number');

export const readHistory = (value: unknown): Ran[] => (Array.isArray(value) ? value.filter(isRan) : []);

/** The history with one more; the same statement again takes the place of its last run. */
export function withRan(history: readonly Ran[], ran: Ran): Ran[] {
  let letters = 0;
  return [ran, ...history.filter((old, i) => i > 0 || old.sql !== ran.sql)].slice(0, MOST).filter(({ sql }) => {
    letters += sql.length;
    return letters <= MOST_LETTERS;
  });
}

export const withoutRan = (history: readonly Ran[], at: number): Ran[] => history.filter((old) => old.at !== at);
