const TYPES = {
  csv: 'text/csv',
  json: 'application/json',
  sql: 'application/sql',
  svg: 'image/svg+xml',
  png: 'image/png',
};
type Ending = keyof typeof TYPES;

/** "Latency by service" -> "latency-by-service". */
export const fileName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** Hands text or bytes to the browser as a file of this name and ending. */
export function download(name: string, ending: Ending, content: string | Blob): void {
  const url = URL.createObjectURL(new Blob([content], { type: TYPES[ending] }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${fileName(name)}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
