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
