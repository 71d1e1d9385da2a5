import { describe, expect, it } from 'vitest';
import type { TraceSpan } from '../api/traces';
import { scrollFor, timeTicks, treeOrder, visibleRows, windowOf } from './waterfall';

const span = (id: string, parent: string | null, start: number, duration: number, depth = 0): TraceSpan => ({
  span_id: id,
  parent_span_id: parent,
  service: 's',
  operation: id,
  kind: 'internal',
  status: 'ok',
  status_message: '',
  start: '',
  start_offset_ns: start,
  duration_ns: duration,
  depth,
  critical: false,
  customer_id: '',
  attributes: {},
  resource: {},
  events: [],
  links: [],
});
const ids = (spans: readonly TraceSpan[]): string => spans.map(({ span_id, depth }) => `${span_id}${depth}`).join(' ');

const trace = [
  span('a', null, 0, 100),
  span('b', 'a', 10, 50, 1),
  span('c', 'a', 20, 60, 1),
  span('d', 'b', 30, 10, 2),
  span('e', 'b', 25, 3, 2),
];

describe('treeOrder', () => {
  it('puts children under their parent, by start', () => expect(ids(treeOrder(trace))).toBe('a0 b1 e2 d2 c1'));
  it('takes a span without its parent for a root', () =>
    expect(ids(treeOrder([span('x', 'gone', 5, 1, 3), span('y', 'x', 6, 1, 4)]))).toBe('x0 y1'));
  it('shows spans that are each other\u2019s parents', () =>
    expect(treeOrder([span('p', 'q', 0, 1), span('q', 'p', 0, 1)])).toHaveLength(2));
  it('orders ten thousand deep spans', () => {
    const deep = Array.from({ length: 10_000 }, (_, i) => span(`n${i}`, i === 0 ? null : `n${i - 1}`, i, 1, i));
    expect(treeOrder(deep).at(-1)?.depth).toBe(9_999);
  });
});

describe('visibleRows', () => {
  const ordered = treeOrder(trace);
  it('measures in shares of the trace', () => {
    const row = visibleRows(ordered, 100, new Set())[1];
    expect([row?.left, row?.width, row?.children]).toEqual([0.1, 0.5, 2]);
  });
  it('leaves out what is under a closed span, and only that', () =>
    expect(visibleRows(ordered, 100, new Set(['b'])).map(({ span: { span_id } }) => span_id)).toEqual(['a', 'b', 'c']));
  it('keeps a bar inside of the trace', () => {
    const [row] = visibleRows([span('late', null, 90, 50)], 100, new Set());
    expect((row?.left ?? 0) + (row?.width ?? 0)).toBeLessThanOrEqual(1);
  });
  it('bears a trace of no length', () => expect(visibleRows([span('z', null, 0, 0)], 0, new Set())[0]?.width).toBe(0));
});

describe('the window', () => {
  it('holds what is in view and a little around', () => expect(windowOf(2_400, 240, 24, 10_000, 8)).toEqual([92, 118]));
  it('ends with the rows', () => expect(windowOf(1e9, 240, 24, 50)).toEqual([50, 50]));
  it('scrolls no more than needed', () => {
    expect(scrollFor(5, 0, 240, 24)).toBe(0);
    expect(scrollFor(10, 0, 240, 24)).toBe(24);
    expect(scrollFor(2, 100, 240, 24)).toBe(48);
  });
});

describe('timeTicks', () => {
  it('are round and few', () => {
    expect(timeTicks(415e6)).toEqual([0, 100e6, 200e6, 300e6, 400e6]);
    for (const total of [1, 7, 99, 12_345, 8.7e9]) expect(timeTicks(total).length).toBeLessThanOrEqual(8);
  });
});
