/** SVG as text: what is drawn for files. */
type Attributes = Record<string, string | number | undefined>;

/** Text as XML has it. */
export const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    // XML has no place for control characters.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');

const written = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : escaped(value);

/** An element; children are elements already. */
export function el(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const list = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${written(value)}"`,
  );
  return children.length === 0
    ? `<${name}${list.join('')}/>`
    : `<${name}${list.join('')}>${children.join('')}</${name}>`;
}

/** A line of text. */
export const label = (text: string, x: number, y: number, attributes: Attributes = {}): string =>
  el('text', { x, y, 'font-size': 12, ...attributes }, escaped(text));

/** A path through points; a missing one is a gap. */
export function through(points: readonly (readonly [x: number, y: number] | null)[]): string {
  let path = '';
  let open = false;
  for (const point of points) {
    if (point === null) open = false;
    else {
      path += `${open ? 'L' : 'M'}${written(point[0])} ${written(point[1])}`;
      open = true;
    }
  }
  return path;
}
