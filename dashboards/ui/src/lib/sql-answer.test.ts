import { describe, expect, it } from 'vitest';
import type { SqlBody } from '../api/sql';
import type { Json } from '../api/types';
import { chartOf } from './sql-chart';
import { faultIn } from './sql-fault';
import { explained, readPlan } from './sql-plan';
import { answerCsv, answerJson } from './sql-result';

const body = (columns: Record<string, string>, rows: Json[][]): SqlBody => ({
  columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
  rows,
  row_count: rows.length,
  truncated: false,
  elapsed_ms: 1,
});

describe('refusals', () => {
  it('say where', () => {
    expect(faultIn('found: spans at Line: 2, Column: 16')).toEqual({ line: 2, column: 16 });
    expect(faultIn('found: spans at Line: 2, Column: 16', 1)).toEqual({ line: 1, column: 16 });
    expect(faultIn('at Line: 1, Column: 1', 1)).toBeNull();
    expect(faultIn('division by zero')).toBeNull();
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
    expect([chart.title, chart.unit]).toEqual(['n, sum', 'over hour']);
  });

  it('draws a line for each text, the largest eight', () => {
    const rows = T.flatMap((time, i) => Array.from({ length: 10 }, (_, k): Json[] => [time, `s${k}`, k + i]));
    const chart = chartOf(body({ t: 'timestamptz', service: 'text', n: 'int8' }, rows));
    if (chart?.kind !== 'lines') throw new Error('no lines');
    expect(chart.spec.series).toHaveLength(8);
    expect(chart.spec.series[0]?.label).toBe('s9');
    expect(chart.left).toBe(2);
    expect(chart.title).toBe('n by service');
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
