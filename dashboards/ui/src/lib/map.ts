import type { MapBody, MapPoint } from '../api/map';
import { formatCount, formatPercent, plural } from './format';

export const idOf = ({ kind, name }: MapPoint): string => `${kind}/${name}`;

/** From which share of failed calls on an edge is worth a look, and from which it is bad. */
const [LOOK, BAD] = [0.01, 0.05];
export const toneOfErrors = (share: number): '' | 'amber' | 'red' =>
  share >= BAD ? 'red' : share >= LOOK ? 'amber' : '';

/** A line's width in pixels: by the square root, so that the quiet calls stay visible beside the busiest. */
export const thickness = (rate: number, most: number): number =>
  most <= 0 ? 1 : 1 + 6 * Math.sqrt(Math.max(0, Math.min(1, rate / most)));

/** The measures of a drawing in CSS pixels: of a box, and from one to the next. */
export interface Grid {
  width: number;
  height: number;
  across: number;
  down: number;
  /** A box is too narrow for its name and its figures in one line each. */
  narrow: boolean;
}
const ROOMY: Grid = { width: 172, height: 52, across: 212, down: 68, narrow: false };
/** Between boxes where they are narrow, and the least that a box is still read at. */
const [GAP, LEAST] = [22, 88];

/** Boxes as wide as so many columns leave them; where even the narrowest do not fit, the drawing is wider than its place. */
export function gridFor(layers: number, place: number): Grid {
  if (layers <= 1 || (layers - 1) * ROOMY.across + ROOMY.width <= place) return ROOMY;
  const width = Math.min(ROOMY.width, Math.max(LEAST, Math.floor((place - (layers - 1) * GAP) / layers)));
  // A narrow box has its name and its figures in two lines each, a very narrow one its figures in three.
  const height = width < 110 ? 76 : width < 150 ? 68 : ROOMY.height;
  return { width, height, across: width + GAP, down: height + 12, narrow: height > ROOMY.height };
}

export function mapSentence({ nodes, edges, unavailable }: MapBody, around: string): string {
  if (unavailable !== null) return `${unavailable.charAt(0).toUpperCase()}${unavailable.slice(1)}.`;
  const services = nodes.filter(({ kind }) => kind === 'service').length;
  const others = nodes.length - services;
  const who = around === '' ? '' : `Around ${around}: `;
  const head = `${who}${plural(services, 'service')}${others === 0 ? '' : ` and ${plural(others, 'database, topic or outside host', 'databases, topics and outside hosts')}`}`;
  const worst = [...edges].sort((a, b) => b.error_rate - a.error_rate || b.calls - a.calls)[0];
  if (worst === undefined) return `${head}; no call between them was read.`;
  if (worst.error_rate === 0) return `${head}; no call between them failed.`;
  return `${head}; most fails from ${worst.from.name} to ${worst.to.name}, ${formatPercent(worst.error_rate)} of ${formatCount(worst.calls)} calls.`;
}
