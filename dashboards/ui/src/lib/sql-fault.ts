/** Where a statement is wrong: line and column from 1, as the server counts. */
export interface Fault {
  line: number;
  column: number;
}

/** The place that a refusal names; null where it names none. `above` are lines that were put in front. */
export function faultIn(message: string, above = 0): Fault | null {
  const found = /at Line: (\d+), Column: (\d+)/i.exec(message);
  if (found === null) return null;
  const line = Number(found[1]) - above;
  return line < 1 ? null : { line, column: Number(found[2]) };
}
