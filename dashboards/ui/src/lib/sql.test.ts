import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SqlBody } from '../api/sql';
import type { Json } from '../api/types';
import { findViews, readFunctions, readViews, readWords } from './sql-catalog';
import { chartOf } from './sql-chart';
import { completeAt, sourcesOf, type Vocabulary } from './sql-complete';
import { faultIn } from './sql-fault';
import { readHistory, withoutRan, withRan, type Ran } from './sql-history';
import { explained, readPlan } from './sql-plan';
import { answerCsv, answerJson } from './sql-result';
import { fromSqlFile, readSaved, toSqlFile, withSaved } from './sql-saved';

const body = (columns: Record<string, string>, rows: Json[][]): SqlBody => ({
  columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
  rows,
  row_count: rows.length,
  truncated: false,
  elapsed_ms: 1,
});

const COLUMNS = body({}, [
  ['spans', 'ts', 'Timestamp(ns, "UTC")', 'NO'],
  ['spans', 'service', 'Utf8', 'NO'],
  ['spans', 'version', 'Utf8', 'YES'],
  ['services', 'service', 'Utf8', 'NO'],
  ['services', 'calls', 'UInt64', 'NO'],
  ['events', 'amount', 'Decimal128(38, 12)', 'YES'],
]);
const FUNCTIONS = body({}, [
  ['attr', null, null],
  ['sum', 'sum(expression)', 'Returns the sum.'],
]);
const words = readWords(readFileSync('../../docs/sql.md', 'utf8'));
const vocabulary: Vocabulary = { views: readViews(COLUMNS, words), functions: readFunctions(FUNCTIONS) };

describe('catalog', () => {
  it('has the names of the server and the words of the documentation, in its order', () => {
    expect(vocabulary.views.map(({ name }) => name)).toEqual(['spans', 'services', 'events']);
    expect(vocabulary.views[0]?.comment).toBe('One row per span: a timed operation of one service.');
    expect(vocabulary.views[0]?.columns[2]).toEqual({
      name: 'version',
      type: 'text',
      nullable: true,
      comment: 'service.version',
    });
    expect(vocabulary.views[2]?.columns[0]?.type).toBe('numeric');
    expect(vocabulary.functions[0]?.syntax).toBe("attr(attributes, 'key')");
    expect(readViews(body({}, [['new', 'a', 'Utf8', 'NO']]), words)[0]?.comment).toBe('');
  });

  it('is found by view, column and comment', () => {
    const found = (filter: string): string[] =>
      findViews(vocabulary.views, filter).map(({ name, columns }) => `${name} ${columns.length}`);
    expect(found('')).toEqual(['spans 3', 'services 2', 'events 1']);
    expect(found('events')).toEqual(['events 1']);
    expect(found('calls')).toEqual(['services 1']);
    expect(found('spans version')).toEqual(['spans 1']);
    expect(found('timed operation')).toEqual(['spans 3']);
    expect(found('nothing')).toEqual([]);
  });
});

/** What is offered at the bar. */
function offered(marked: string, asked = false): string[] | null {
  const at = marked.indexOf('|');
  const found = completeAt(marked.replace('|', ''), at, asked, vocabulary);
  return found === null ? null : found.options.map(({ label }) => label);
}

describe('completion', () => {
  it('knows what is read, and under which name', () => {
    const of = (text: string): [string, string][] => [...sourcesOf(text)];
    expect(of('select 1 from spans JOIN logs l on l.x')).toEqual([
      ['spans', 'spans'],
      ['l', 'logs'],
    ]);
    expect(of('select 1 FROM spans AS s, logs\nwhere a')).toEqual([
      ['s', 'spans'],
      ['logs', 'logs'],
    ]);
    expect(of("select ' from no' -- from none\n from spans")).toEqual([['spans', 'spans']]);
  });

  it('offers views where a view is read', () => {
    expect(offered('select * from s|')).toEqual(['spans', 'services', 'events']);
    expect(offered('select * from spans, |', true)?.[0]).toBe('spans');
    expect(offered('with big as (select 1) select * from b|')?.[0]).toBe('big');
    expect(offered('select * from spans group by service, v|')?.slice(0, 3)).toEqual(['ts', 'service', 'version']);
  });

  it('offers the columns of what stands before the dot', () => {
    expect(offered('select s.| from services s')).toEqual(['service', 'calls']);
    expect(offered('select spans.v|')).toEqual(['ts', 'service', 'version']);
    expect(offered('select nothing.|')).toBeNull();
  });

  it('offers columns first, then functions and keywords', () => {
    const all = offered('select s| from services') ?? [];
    expect(all.slice(0, 2)).toEqual(['service', 'calls']);
    expect(all).toContain('sum');
    expect(all).toContain('group by');
    expect(offered('S|')).toContain('SELECT');
    const call = completeAt('select su', 9, false, vocabulary)?.options.find(({ label }) => label === 'sum');
    expect(call?.write).toBe('sum(');
    expect(call?.info).toBe('sum(expression)\nReturns the sum.');
  });

  it('is quiet in text, comments, numbers, and between words', () => {
    for (const marked of ["where a = 'x|", '-- se|', '/* a |', 'limit 10|', 'select |'])
      expect(offered(marked)).toBeNull();
    expect(offered('select | from services', true)?.[0]).toBe('service');
  });
});

describe('refusals', () => {
  it('say where', () => {
    expect(faultIn('found: spans at Line: 2, Column: 16')).toEqual({ line: 2, column: 16 });
    expect(faultIn('found: spans at Line: 2, Column: 16', 1)).toEqual({ line: 1, column: 16 });
    expect(faultIn('at Line: 1, Column: 1', 1)).toBeNull();
    expect(faultIn('division by zero')).toBeNull();
  });
});

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

const T = ['2026-11-27T10:00:00Z', '2026-11-27T09:00:00Z'] as const;

describe('the chart that fits', () => {
  it('draws numbers over time, in order, with their digits', () => {
    const chart = chartOf(
      body({ hour: 'timestamptz', n: 'int8', sum: 'numeric' }, [
        [T[0], 2, '12345678901234567.25'],
        [T[1], 1, null],
      ]),
    );
    expect(chart?.kind).toBe('lines');
    if (chart?.kind !== 'lines') return;
    expect(chart.spec.times).toEqual([Date.parse(T[1]) / 1000, Date.parse(T[0]) / 1000]);
    expect(chart.spec.series.map(({ label, values }) => [label, values])).toEqual([
      ['n', [1, 2]],
      ['sum', [null, 12345678901234567.25]],
    ]);
    expect(chart.spec.series[1]?.exact).toEqual([null, '12345678901234567.25']);
    expect(chart.spec.scale).toBe('zero');
  });

  it('draws a line for each text, the largest eight', () => {
    const rows = T.flatMap((time, i) => Array.from({ length: 10 }, (_, k): Json[] => [time, `s${k}`, k + i]));
    const chart = chartOf(body({ t: 'timestamptz', service: 'text', n: 'int8' }, rows));
    if (chart?.kind !== 'lines') throw new Error('no lines');
    expect(chart.spec.series).toHaveLength(8);
    expect(chart.spec.series[0]?.label).toBe('s9');
    expect(chart.left).toBe(2);
  });

  it('reads times without a zone as UTC, and days as days', () => {
    const first = (type: string, one: string, two: string): unknown => {
      const chart = chartOf(
        body({ t: type, n: 'int8' }, [
          [one, 1],
          [two, -2],
        ]),
      );
      return chart?.kind === 'lines' && [chart.spec.times[0], chart.spec.daily, chart.spec.scale];
    };
    expect(first('timestamp', '2026-01-01T00:00:00', '2026-01-02T00:00:00.5')).toEqual([1767225600, false, 'signed']);
    expect(first('date', '2026-01-01', '2026-01-02')).toEqual([1767225600, true, 'signed']);
  });

  it('draws bars of a text and numbers', () => {
    const chart = chartOf(
      body({ a: 'text', b: 'text', n: 'int8', m: 'numeric' }, [
        ['x', 'y', 2, '1.50'],
        [null, 'z', 1, null],
      ]),
    );
    if (chart?.kind !== 'bars') throw new Error('no bars');
    expect(chart.label).toBe('a, b');
    expect(chart.columns.map(({ name }) => name)).toEqual(['n', 'm']);
    expect(chart.columns[1]?.bars).toEqual([
      { label: 'x, y', value: 1.5, text: '1.50' },
      { label: 'null, z', value: 0, text: 'null' },
    ]);
  });

  it('is none where nothing fits', () => {
    expect(
      chartOf(
        body({ a: 'text', b: 'text' }, [
          ['x', 'y'],
          ['z', 'z'],
        ]),
      ),
    ).toBeNull();
    expect(chartOf(body({ n: 'int8' }, [[1], [2]]))).toBeNull();
    expect(chartOf(body({ a: 'text', n: 'int8' }, [['x', 1]]))).toBeNull();
    expect(
      chartOf(
        body({ t: 'timestamptz', n: 'int8' }, [
          [T[0], 1],
          [T[0], 2],
        ]),
      ),
    ).toBeNull();
    expect(
      chartOf(
        body({ t: 'timestamptz', n: 'int8' }, [
          [null, 1],
          [T[0], 2],
        ]),
      ),
    ).toBeNull();
  });
});

describe('files', () => {
  it('keep digits and structure', () => {
    const answer = body({ n: 'numeric', big: 'int8', t: 'text', j: '_int8' }, [
      ['1.000000000000', '9007199254740993', '=1+1', [1, 2]],
      [null, 1, 'a "b", c', null],
    ]);
    expect(answerCsv(answer)).toBe(
      'n,big,t,j\r\n1.000000000000,9007199254740993,\'=1+1,"[1,2]"\r\n,1,"a ""b"", c",\r\n',
    );
    expect(JSON.parse(answerJson(answer))).toEqual({ columns: answer.columns, truncated: false, rows: answer.rows });
  });
});

describe('plans', () => {
  it('show what is sent apart', () => {
    const scan = "ScanExec: view=spans, filters=[a = b], sql=SELECT a FROM s WHERE x = 'a FROM b' AND y, metrics=[]";
    const plan = readPlan(body({ plan_type: 'text', plan: 'text' }, [['physical_plan', `Top\n  ${scan}\n`]]));
    expect(plan?.parts).toEqual([
      { title: 'How it is run', text: 'Top\n  ScanExec: view=spans, filters=[a = b], metrics=[]' },
    ]);
    expect(plan?.sent).toEqual([{ view: 'spans', sql: "SELECT a\nFROM s\nWHERE x = 'a FROM b'\n  AND y" }]);
    expect(readPlan(body({ a: 'text' }, []))).toBeNull();
    expect(explained('select 1')).toEqual({ sql: 'EXPLAIN\nselect 1', above: 1 });
    expect(explained(' Explain select 1')).toEqual({ sql: ' Explain select 1', above: 0 });
  });
});
