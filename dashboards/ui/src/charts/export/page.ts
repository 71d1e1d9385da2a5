import type { Drawing } from '../sheet';
import { el, label } from './svg';

/** What the look of an SVG element hangs on; styles of the page do not go with it into a file. */
const LOOK = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-opacity',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'paint-order',
  'text-anchor',
  'font-size',
  'font-weight',
  'vector-effect',
];
const CLEAR = /^(transparent|rgba\(\d+, \d+, \d+, 0\))$/;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** An SVG of the page with its look written into it. */
function copied(source: SVGSVGElement, { x, y, width, height }: Box): string {
  const copy = source.cloneNode(true) as SVGSVGElement;
  const [from, to] = [
    [source, ...source.querySelectorAll('*')],
    [copy, ...copy.querySelectorAll('*')],
  ];
  from.forEach((element, i) => {
    const target = to[i];
    if (target === undefined) return;
    const style = getComputedStyle(element);
    for (const name of LOOK) target.setAttribute(name, style.getPropertyValue(name));
    for (const name of ['style', 'class', 'role', 'tabindex']) target.removeAttribute(name);
  });
  for (const [name, value] of Object.entries({ x, y, width, height })) copy.setAttribute(name, String(value));
  copy.setAttribute('overflow', 'visible');
  return new XMLSerializer().serializeToString(copy);
}

/** Box, border and background of an element. */
function ground(element: Element, box: Box): string {
  const style = getComputedStyle(element);
  const filled = !CLEAR.test(style.backgroundColor);
  const border = Number.parseFloat(style.borderTopWidth) > 0 && Number.parseFloat(style.borderLeftWidth) > 0;
  const under = !border && Number.parseFloat(style.borderBottomWidth) > 0;
  const parts = [];
  if (filled || border)
    parts.push(
      el('rect', {
        ...{ ...box, rx: Number.parseFloat(style.borderTopLeftRadius) || undefined },
        fill: filled ? style.backgroundColor : 'none',
        stroke: border ? style.borderTopColor : undefined,
        'stroke-dasharray': border && style.borderTopStyle === 'dashed' ? '4 3' : undefined,
      }),
    );
  if (under) {
    const y = box.y + box.height;
    parts.push(el('line', { x1: box.x, x2: box.x + box.width, y1: y, y2: y, stroke: style.borderBottomColor }));
  }
  return parts.join('');
}

/** A text of the page, line by line as it is broken there. */
function lines(node: Text, origin: DOMRect): string {
  const parent = node.parentElement;
  if (parent === null || node.data.trim() === '') return '';
  const style = getComputedStyle(parent);
  const range = document.createRange();
  const found: { top: number; left: number; bottom: number; text: string }[] = [];
  for (let i = 0; i < node.length; i += 1) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const box = range.getClientRects()[0];
    const last = found.at(-1);
    if (box === undefined) continue;
    if (last !== undefined && Math.abs(last.top - box.top) < 2) last.text += node.data[i] ?? '';
    else found.push({ top: box.top, left: box.left, bottom: box.bottom, text: node.data[i] ?? '' });
  }
  return found
    .map(({ left, bottom, text, top }) =>
      label(text.trimEnd(), left - origin.left, bottom - origin.top - (bottom - top) * 0.22, {
        fill: style.color,
        'font-size': Number.parseFloat(style.fontSize),
        'font-weight': style.fontWeight,
        'xml:space': 'preserve',
      }),
    )
    .join('');
}

/** What cannot be seen is not drawn: spoken text, tips, controls. */
const hidden = (element: Element): boolean =>
  element.matches('.sr-only, .tip, [data-no-export]') || getComputedStyle(element).display === 'none';

/** What sticks out of an element that hides it is cut off as on the page. */
function within(element: Element, box: Box, inside: string): string {
  const cut = getComputedStyle(element).overflowX !== 'visible' && element.scrollWidth > element.clientWidth;
  if (!cut || inside === '') return inside;
  const id = `cut-${Math.round(box.x * 10)}-${Math.round(box.y * 10)}`;
  return el('clipPath', { id }, el('rect', { ...box })) + el('g', { 'clip-path': `url(#${id})` }, inside);
}

function drawn(element: Element, origin: DOMRect): string {
  if (hidden(element)) return '';
  const { left, top, width, height } = element.getBoundingClientRect();
  const box = { x: left - origin.left, y: top - origin.top, width, height };
  if (element instanceof SVGSVGElement) return copied(element, box);
  const inside = [...element.childNodes].map((node) =>
    node instanceof Text ? lines(node, origin) : node instanceof Element ? drawn(node, origin) : '',
  );
  return ground(element, box) + within(element, box, inside.join(''));
}

/** Parts of a page as vectors, as they stand: texts as texts, boxes as boxes, SVG with its look. */
export function pageDrawing(parts: readonly Element[]): Drawing {
  const boxes = parts.map((part) => part.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(
    ...parts.map((part, i) => (boxes[i]?.left ?? 0) + Math.max(part.scrollWidth, boxes[i]?.width ?? 0)),
  );
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  const origin = new DOMRect(left, top, right - left, bottom - top);
  return { width: right - left, height: bottom - top, body: parts.map((part) => drawn(part, origin)).join('') };
}
