import { describe, expect, it } from 'vitest';
import { readHistory, withoutRan, withRan, type Ran } from './sql-history';
import { fromSqlFile, readSaved, toSqlFile, withSaved } from './sql-saved';

const ran = (sql: string, at: number): Ran => ({ sql, at, ms: 5, rows: 1 });

describe('history', () => {
  it('keeps a hundred, the newest first, one of a run of the same', () => {
    let history: Ran[] = [];
    for (let i = 0; i < 120; i += 1) history = withRan(history, ran(`select ${i}`, i));
    expect(history).toHaveLength(100);
    expect(history[0]?.sql).toBe('select 119');
    expect(withRan(history, ran('select 119', 500))).toHaveLength(100);
    expect(
      withRan(history, ran('select 119', 500))
        .slice(0, 2)
        .map(({ at }) => at),
    ).toEqual([500, 118]);
    expect(withoutRan(history, 119)[0]?.at).toBe(118);
  });

  it('leaves the oldest out where the statements are long', () => {
    const long = 'x'.repeat(300_000);
    expect(withRan([ran(`${long}1`, 1)], ran(`${long}2`, 2))).toHaveLength(1);
  });

  it('reads what is stored, whatever it is', () => {
    expect(readHistory([ran('select 1', 1), { sql: 2 }, null])).toEqual([ran('select 1', 1)]);
    expect(readHistory('no')).toEqual([]);
  });
});

describe('saved statements', () => {
  it('have one name each, and go through a file', () => {
    const saved = withSaved(
      [{ name: 'b', sql: 'select 1' }],
      { name: 'a', sql: 'select\n2;' },
      { name: 'b', sql: 'select 3' },
    );
    expect(saved).toEqual([
      { name: 'a', sql: 'select\n2;' },
      { name: 'b', sql: 'select 3' },
    ]);
    expect(toSqlFile(saved)).toBe('-- name: a\nselect\n2;\n\n-- name: b\nselect 3;\n');
    expect(fromSqlFile(toSqlFile(saved), 'x.sql')).toEqual([
      { name: 'a', sql: 'select\n2' },
      { name: 'b', sql: 'select 3' },
    ]);
    expect(fromSqlFile('select 1;\r\n', 'mine.sql')).toEqual([{ name: 'mine', sql: 'select 1' }]);
    expect(readSaved([{ name: 'a' }, 1])).toEqual([]);
  });
});
