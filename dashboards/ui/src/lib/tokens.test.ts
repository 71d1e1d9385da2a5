import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseHex } from './heatmap';

const css = readFileSync(new URL('../styles/tokens.css', import.meta.url), 'utf8');

function theme(name: string): Map<string, string> {
  const start = css.indexOf(`:root[data-theme='${name}']`);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, key = '', value = '']) => [key, value]));
}

const light = (channel: number): number => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [r, g, b] = parseHex(hex).map((value) => light(value / 255));
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const TEXT: [string, string][] = [
  ['text', 'bg'],
  ['text', 'bg-2'],
  ['text', 'bg-3'],
  ['text-2', 'bg'],
  ['text-2', 'bg-2'],
  ['accent', 'bg'],
  ['accent', 'bg-2'],
  ['accent', 'accent-bg'],
  ['text', 'accent-bg'],
  ['text-2', 'accent-bg'],
  ['on-accent', 'accent'],
  ['red', 'bg'],
  ['red', 'red-bg'],
  ['red', 'bg-2'],
  ['amber', 'bg'],
  ['amber', 'amber-bg'],
  ['green', 'bg'],
  ['green', 'green-bg'],
  ['text', 'red-bg'],
  ['text', 'amber-bg'],
  ['accent', 'red-bg'],
  ['accent', 'amber-bg'],
];
const SHAPES: [string, string][] = [
  ['line-2', 'bg'],
  ['mark', 'bg'],
  ...Array.from({ length: 8 }, (_, i): [string, string] => [`series-${i + 1}`, 'bg']),
];

describe.each(['light', 'dark'])('%s', (name) => {
  const tokens = theme(name);
  const of = (key: string): string => tokens.get(key) ?? '';
  it.each(TEXT)('%s on %s reads (AA, 4.5)', (front, back) =>
    expect(contrast(of(front), of(back))).toBeGreaterThanOrEqual(4.5),
  );
  it.each(SHAPES)('%s on %s can be made out (3)', (front, back) =>
    expect(contrast(of(front), of(back))).toBeGreaterThanOrEqual(3),
  );
  it('the heat ramp only ever grows away from the ground', () => {
    const steps = [0, 1, 2, 3, 4].map((i) => contrast(of(`heat-${i}`), of('bg')));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
});

it('both themes have the same tokens', () =>
  expect([...theme('dark').keys()].sort()).toEqual([...theme('light').keys()].sort()));
it('the measure itself is right', () => expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 6));
