import { linearAxis, logAxis, type Axis } from './xy-scale';

export interface Dot {
  x: number;
  y: number;
  /** When it was measured, in words. */
  when: string;
}
export interface Cloud {
  label: string;
  colour: string;
  dots: readonly Dot[];
}
/** A law drawn through the points: solid where they lie, dashed beyond. */
export interface Curve {
  label: string;
  colour: string;
  line: readonly (readonly [number, number])[];
  /** The last place at which points lie. */
  measured: number;
}
/** A place worth naming: a diamond with a word. */
export interface Spot {
  x: number;
  y: number;
  label: string;
}
/** A line across worth naming; `band` is where it may lie as well. */
export interface Rule {
  axis: 'x' | 'y';
  at: number;
  label: string;
  band?: readonly [number, number];
}
export interface XySpec {
  x: { name: string; format: (value: number) => string };
  y: { name: string; format: (value: number) => string; log?: boolean };
  clouds: readonly Cloud[];
  curves: readonly Curve[];
  spots: readonly Spot[];
  rules: readonly Rule[];
  /** The points as a table: a head, rows as they are, and words for a cell of each column. */
  table: { head: readonly string[]; rows: readonly (readonly (string | number | null)[])[]; words: readonly Words[] };
}
export type Words = (value: string | number | null) => string;

/** Marks farther than so many times the points do not draw the axis out: the points would have no room. */
const REACH = 3;

const top = (values: Iterable<number>): number => {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
};

/** The x axis: the points, and marks that are not too far from them. */
export function xAxis({ clouds, spots, rules }: XySpec, pieces: number): Axis {
  const points = top(clouds.flatMap(({ dots }) => dots.map(({ x }) => x)));
  const marks = [...spots.map(({ x }) => x), ...rules.filter(({ axis }) => axis === 'x').map(({ at }) => at)];
  return linearAxis(top([points, ...marks.filter((x) => points === 0 || x <= REACH * points)]), pieces);
}

/** The y axis over everything that is drawn within the x axis. */
export function yAxis({ y, clouds, curves, spots, rules }: XySpec, x: Axis, pieces: number): Axis {
  const within = (at: number): boolean => at <= x.high;
  const dots = clouds.flatMap((cloud) => cloud.dots.map((dot) => dot.y));
  const marks = [
    ...spots.filter((spot) => within(spot.x)).map((spot) => spot.y),
    ...rules.filter(({ axis }) => axis === 'y').map(({ at }) => at),
  ];
  const most = top([...dots, ...marks]);
  const lines = curves.flatMap(({ line }) => line.filter(([at]) => within(at)).map(([, value]) => value));
  // A law that rises without end near saturation leaves the picture instead of pressing the points flat.
  const shown = lines.filter((value) => most === 0 || value <= (y.log === true ? 10 : 1.5) * most);
  return y.log === true ? logAxis([...dots, ...marks, ...shown]) : linearAxis(top([most, ...shown]), pieces);
}

/** What the x axis leaves out, in words; nothing where all is on it. */
export function outside({ spots, rules }: XySpec, axis: Axis): string | null {
  const places = [...spots.map(({ x, label }) => ({ at: x, label })), ...rules.filter((rule) => rule.axis === 'x')];
  const far = places.filter(({ at }) => at > axis.high);
  return far.length === 0 ? null : `Beyond the axis: ${far.map(({ label }) => label).join('; ')}.`;
}

/** A chart in words for a screen reader. */
export function summary({ x, y, clouds, curves, spots, rules }: XySpec): string {
  const parts = clouds.map(({ label, dots }) => {
    if (dots.length === 0) return `${label}: no points`;
    const [far, high] = [top(dots.map((dot) => dot.x)), top(dots.map((dot) => dot.y))];
    return `${label}: ${dots.length} points up to ${x.format(far)} ${x.name}, highest ${y.format(high)}`;
  });
  const named = [...curves.map(({ label }) => label), ...spots.map(({ label }) => label), ...rules.map((r) => r.label)];
  return [`${y.name} against ${x.name}`, ...parts, ...named].join('. ');
}
