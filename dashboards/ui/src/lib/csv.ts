import { download } from './download';

export type Cell = string | number | boolean | null;

/** What a spreadsheet may take for a formula; a number is none. */
const FORMULA = /^[=+@\t\r]|^-(?!\d*\.?\d+(?:e[+-]?\d+)?$)/i;

function field(value: Cell): string {
  if (value === null) return '';
  // A text that a spreadsheet would run is made plain by a quote in front.
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180, lines end with CRLF. */
export const toCsv = (head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [head, ...rows].map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';

export const downloadCsv = (name: string, head: readonly string[], rows: readonly (readonly Cell[])[]): void =>
  download(name, 'csv', toCsv(head, rows));
