import { describe, expect, it, vi } from 'vitest';
import { clockTicks } from './export/clock';
import { el, escaped, label, through } from './export/svg';
import { limits, type ChartSpec } from './spec';
import { linearTicks } from './xy-scale';

vi.mock('../lib/theme', () => ({ token: (name: string) => `#${name}` }));
const { timeDrawing } = await import('./export/time');

describe('SVG as text', () => {
  it('has no markup of what it shows', () => {
    expect(label('a <b> & "c"\u0000', 1, 2)).toBe(
      '<text x="1" y="2" font-size="12">a &lt;b&gt; &amp; &quot;c&quot;\ufffd</text>',
    );
    expect(escaped('</svg>')).toBe('&lt;/svg&gt;');
    expect(el('rect', { x: 1.23456, fill: undefined })).toBe('<rect x="1.23"/>');
  });
  it('lifts the pen over a gap', () => expect(through([[0, 1], [2, 3], null, [4, 5]])).toBe('M0 1L2 3M4 5'));
});

describe('ticks', () => {
  it('are round and have zero', () => {
    expect(linearTicks(-3, 11, 4)).toEqual([0, 5, 10]);
    expect(linearTicks(0, 0, 4)).toEqual([]);
  });
  it('stand at round moments, the first and midnight with their day', () => {
    const from = new Date(2026, 10, 20, 22, 10).getTime() / 1000;
    expect(clockTicks(from, from + 4 * 3600, 6, false).map(({ text }) => text)).toEqual([
      '20 Nov 23:00',
      '21 Nov',
      '01:00',
      '02:00',
    ]);
    expect(clockTicks(0, 86_400, 6, true).map(({ text }) => text)).toEqual(['1 Jan 1970', '2 Jan 1970']);
  });
});

it('a chart that is flat about zero has room', () => expect(limits('signed', 0, 0)[1]).toBeGreaterThan(0));

describe('a time chart as vectors', () => {
  const spec: ChartSpec = {
    times: [0, 60, 120],
    height: 200,
    span: { from: 0, to: 120_000 },
    marks: [{ at: 60_000, label: 'deploy 2.1', kind: 'deploy' }],
    format: (value) => `${value ?? '-'} ms`,
    line: { value: 8, label: 'limit' },
    series: [
      { label: 'high', values: [5, null, 10], colour: 'series-1', kind: 'area' },
      { label: 'low', values: [1, 2, 3], colour: 'series-2', dash: true },
      { label: 'count', values: [1, 1, 1], colour: 'series-3', kind: 'bars' },
      { label: 'unseen', values: [9, 9, 9], colour: 'series-4', kind: 'hidden' },
    ],
    bands: [{ upper: 3, lower: 1, colour: 'series-5', alpha: 0.2 }],
  };
  const { body, width, height } = timeDrawing(spec, 800);
  it('has every series, band, mark and axis', () => {
    expect([width, height]).toEqual([800, 200]);
    expect(body).toMatch(/<path d="M72 [\d.]+M788 [\d.]+" fill="none" stroke="#series-1"/);
    expect(body).toMatch(/stroke="#series-2"[^>]*stroke-dasharray="4 4"/);
    expect(body.match(/<rect [^>]*fill="#series-3"/g)).toHaveLength(3);
    expect(body).not.toContain('stroke="#series-4"');
    expect(body).toContain('fill="#series-5" fill-opacity="0.2"');
    for (const text of ['deploy 2.1', 'limit', '0 ms', '10 ms']) expect(body).toContain(`>${text}</text>`);
  });
  it('leaves the scale to the chart: log, and signed with its zero', () => {
    const log = timeDrawing(
      { ...spec, scale: 'log', series: [{ label: 'a', values: [1, 10, 100], colour: 'c' }], bands: [] },
      800,
    );
    const [, ...ys] = /<path d="M72 ([\d.]+)L430 ([\d.]+)L788 ([\d.]+)"/.exec(log.body) ?? [];
    const [first = 0, second = 0, third = 0] = ys.map(Number);
    expect(first - second).toBeCloseTo(second - third, 1);
    const signed = timeDrawing(
      {
        ...spec,
        scale: 'signed',
        budget: true,
        series: [{ label: 'a', values: [1, -1, 1], colour: 'c', kind: 'area' }],
        bands: [],
      },
      800,
    );
    expect(signed.body).toContain('fill="#green"');
    expect(signed.body).toContain('fill="#red"');
  });
});
