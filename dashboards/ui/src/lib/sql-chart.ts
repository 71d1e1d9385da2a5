import type { SqlBody } from '../api/sql';
import type { Json } from '../api/types';
import type { Bar } from '../charts/BarChart';
import type { ChartSpec, SeriesSpec } from '../charts/spec';
import { jsonText } from '../components/Attributes';
import { formatCount } from './format';
import { isNumber, isText, isTime } from './sql-result';

export type SqlChart =
  | { kind: 'lines'; title: string; unit: string; spec: ChartSpec; left: number }
  | { kind: 'bars'; label: string; columns: { name: string; bars: Bar[] }[]; left: number };

const MOST_LINES = 8;
const MOST_BARS = 50;

const numberOf = (value: Json | undefined): number | null => {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN;
  return Number.isFinite(number) ? number : null;
};

/** A value in a chart: of small ones the four digits that count. */
const figure = (value: number | null): string =>
  value === null || Math.abs(value) >= 1_000 ? formatCount(value) : String(Number(value.toPrecision(4)));

interface Line {
  label: string;
  /** By time. */
  cells: Map<number, Json>;
}

function specOf(lines: readonly Line[], daily: boolean): ChartSpec {
  const times = [...new Set(lines.flatMap(({ cells }) => [...cells.keys()]))].sort((a, b) => a - b);
  const series = lines.map(({ label, cells }, i): SeriesSpec => {
    const values = times.map((time) => cells.get(time));
    return {
      label,
      colour: `series-${i + 1}`,
      values: values.map((value) => (value === undefined ? undefined : numberOf(value))),
      // Digits that a number to draw would lose are kept for the file.
      ...(values.some((value) => typeof value === 'string')
        ? { exact: values.map((value) => (value === undefined || value === null ? null : jsonText(value))) }
        : {}),
    };
  });
  const below = series.some(({ values }) => values.some((value) => typeof value === 'number' && value < 0));
  return { times, daily, series, format: figure, scale: below ? 'signed' : 'zero', height: 280 };
}

/** A line for each number column; null where a time has several rows. */
function wide({ columns, rows }: SqlBody, at: number[], numbers: number[]): Line[] | null {
  if (new Set(at).size < at.length) return null;
  return numbers.map((column) => ({
    label: columns[column]?.name ?? '',
    cells: new Map(rows.map((row, i) => [at[i] ?? 0, row[column] ?? null])),
  }));
}

/** A line for each text, the largest first; null where a text has several rows of a time. */
function long({ rows }: SqlBody, at: number[], text: number, number: number): Line[] | null {
  const lines = new Map<string, Line & { sum: number }>();
  for (const [i, row] of rows.entries()) {
    const label = row[text] === null ? 'null' : jsonText(row[text] ?? null);
    const line = lines.get(label) ?? { label, cells: new Map(), sum: 0 };
    const time = at[i] ?? 0;
    if (line.cells.has(time)) return null;
    line.cells.set(time, row[number] ?? null);
    line.sum += Math.abs(numberOf(row[number]) ?? 0);
    lines.set(label, line);
  }
  return [...lines.values()].sort((a, b) => b.sum - a.sum);
}

const indexes = (body: SqlBody, is: (column: SqlBody['columns'][number]) => boolean): number[] =>
  body.columns.flatMap((column, i) => (is(column) ? [i] : []));

/**
 * The chart that fits an answer, if one does. With a time, lines over it: of each number, or of the first number for
 * each value of the one text. Without one, bars: of a number for each value of the first text.
 */
export function chartOf(body: SqlBody): SqlChart | null {
  const [numbers, texts] = [indexes(body, isNumber), indexes(body, isText)];
  const [number, text, time] = [numbers[0], texts[0], indexes(body, isTime)[0]];
  if (number === undefined || body.rows.length < 2) return null;
  if (time !== undefined) {
    // Times of the store have no zone or are in UTC; the browser would take those without one for its own.
    const at = body.rows.map((row) => Date.parse(utc(jsonText(row[time] ?? null))) / 1000);
    if (at.some((moment) => !Number.isFinite(moment))) return null;
    const name = (column: number): string => body.columns[column]?.name ?? '';
    const wideLines = wide(body, at, numbers);
    const lines = wideLines ?? (text === undefined ? null : long(body, at, text, number));
    if (lines === null) return null;
    const shown = lines.slice(0, MOST_LINES);
    return {
      kind: 'lines',
      title:
        wideLines === null && text !== undefined
          ? `${name(number)} by ${name(text)}`
          : shown.map(({ label }) => label).join(', '),
      unit: `over ${name(time)}`,
      spec: specOf(shown, body.columns[time]?.type === 'date'),
      left: lines.length - shown.length,
    };
  }
  if (text === undefined) return null;
  const shown = body.rows.slice(0, MOST_BARS);
  const bars = (column: number): Bar[] =>
    shown.map((row) => ({
      label: texts.map((one) => (row[one] === null ? 'null' : jsonText(row[one] ?? null))).join(', '),
      value: numberOf(row[column]) ?? 0,
      text: row[column] === null ? 'null' : jsonText(row[column] ?? null),
    }));
  return {
    kind: 'bars',
    label: texts.map((one) => body.columns[one]?.name).join(', '),
    columns: numbers.map((column) => ({ name: body.columns[column]?.name ?? '', bars: bars(column) })),
    left: body.rows.length - shown.length,
  };
}

const utc = (text: string): string => (/(Z|[+-]\d\d:?\d\d|^\d{4}-\d\d-\d\d)$/.test(text) ? text : `${text}Z`);
