import { readerZone } from '../../lib/format';
import { token } from '../../lib/theme';
import type { Key } from '../Frame';
import type { Drawing } from '../sheet';
import { el, escaped, label } from './svg';

/** What stands around a drawing in a file: it must be understood without the page. */
export interface Around {
  title: string;
  unit: string;
  keys: readonly Key[];
  /** "28 Nov 06:00 to 28 Nov 07:00". */
  range: string | null;
}

const PAD = 16;
/** How wide a text of the small size is about, in pixels. */
const wide = (text: string): number => 6.4 * text.length;

function swatch({ colour, look }: Key, x: number, y: number): string {
  const fill = token(colour);
  if (look === 'box') return el('rect', { x, y: y - 9, width: 10, height: 10, rx: 2, fill });
  if (look === 'dot') return el('circle', { cx: x + 5, cy: y - 4, r: 4, fill });
  return el('line', {
    ...{ x1: x, x2: x + 14, y1: y - 4, y2: y - 4, stroke: fill, 'stroke-width': 2 },
    'stroke-dasharray': look === 'dash' ? '4 3' : undefined,
  });
}

/** The legend in as many lines as it needs, and how high it is. */
function legend(keys: readonly Key[], width: number, top: number): { body: string; height: number } {
  if (keys.length < 2) return { body: '', height: 0 };
  let [x, y] = [PAD, top + 12];
  let body = '';
  for (const key of keys) {
    const size = 34 + wide(key.label);
    if (x > PAD && x + size > width - PAD) [x, y] = [PAD, y + 18];
    body += swatch(key, x, y) + label(key.label, x + 20, y, { fill: token('text-2') });
    x += size;
  }
  return { body, height: y - top + 10 };
}

/** A chart as a file of its own: title, unit, range, legend and the drawing, in the colours of the theme shown. */
export function picture({ title, unit, keys, range }: Around, drawing: Drawing): Drawing & { text: string } {
  const width = drawing.width + 2 * PAD;
  const zone = range === null ? '' : `${range} (${readerZone()})`;
  const told = legend(keys, width, PAD + 42);
  const top = PAD + 44 + told.height;
  const height = top + drawing.height + PAD;
  const body = [
    el('rect', { width, height, fill: token('bg') }),
    label(title, PAD, PAD + 14, { 'font-size': 15, 'font-weight': 600, fill: token('text') }),
    label([unit, zone].filter((part) => part !== '').join(', '), PAD, PAD + 33, { fill: token('text-2') }),
    told.body,
    el('g', { transform: `translate(${PAD} ${top})` }, drawing.body),
  ].join('');
  const font = getComputedStyle(document.body).fontFamily;
  const text = el(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': font },
    el('title', {}, escaped(`${title}, ${unit}`)),
    body,
  );
  return { width, height, body, text };
}
