/** "Latency by service" -> "latency-by-service". */
const fileName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** Hands the text to the browser as a file. */
export function download(name: string, ending: 'csv' | 'json' | 'sql', text: string): void {
  const type = { csv: 'text/csv', json: 'application/json', sql: 'application/sql' }[ending];
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${fileName(name)}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
