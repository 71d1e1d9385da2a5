/** A rectangle of the heat-map, of one cell or more. */
export interface Cell {
  from: string;
  to: string;
  low_ns: number;
  high_ns: number;
}

/** The chosen rectangle in the address: "from~to~low~high", unix ms and ns. */
export const cellText = ({ from, to, low_ns, high_ns }: Cell): string =>
  [Date.parse(from), Date.parse(to), low_ns, high_ns].join('~');

export function parseCell(text: string | null): Cell | null {
  const parts = (text ?? '').split('~').map(Number);
  const [from, to, low, high] = parts;
  if (parts.length !== 4 || from === undefined || to === undefined || low === undefined || high === undefined)
    return null;
  if (parts.some((part) => !Number.isFinite(part)) || Math.abs(from) > 8.64e15 || Math.abs(to) > 8.64e15) return null;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), low_ns: low, high_ns: high };
}
