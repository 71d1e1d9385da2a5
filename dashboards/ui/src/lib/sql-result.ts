import type { SqlBody, SqlColumn } from '../api/sql';
import type { Json } from '../api/types';
import { toCsv, type Cell } from './csv';

export const isNumber = ({ type }: SqlColumn): boolean => /^(int|float|numeric)/.test(type);
export const isTime = ({ type }: SqlColumn): boolean => /^(timestamp|date)/.test(type);
export const isText = ({ type }: SqlColumn): boolean => type === 'text';

/** A value as it came: numbers that came as text keep their digits. */
const cellOf = (value: Json): Cell => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);

export const answerCsv = ({ columns, rows }: SqlBody): string =>
  toCsv(
    columns.map(({ name }) => name),
    rows.map((row) => row.map(cellOf)),
  );

/** The same shape as the API's, without what only concerns the run. */
export const answerJson = ({ columns, rows, truncated }: SqlBody): string =>
  `{"columns":${JSON.stringify(columns)},"truncated":${truncated},"rows":[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]}\n`;
