import type { TraceSpan } from '../api/traces';

/** One visible line of the waterfall; shares are of the trace's duration. */
export interface Row {
  span: TraceSpan;
  index: number;
  left: number;
  width: number;
  children: number;
  collapsed: boolean;
}

/** Direct children per span id; spans whose parent is missing count as roots. */
export function childCounts(spans: readonly TraceSpan[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { parent_span_id: parent } of spans) {
    if (parent !== null) counts.set(parent, (counts.get(parent) ?? 0) + 1);
  }
  return counts;
}

/** Spans in tree order: a child follows its parent, siblings by start. */
export function treeOrder(spans: readonly TraceSpan[]): TraceSpan[] {
  const known = new Set(spans.map((span) => span.span_id));
  const children = new Map<string, TraceSpan[]>();
  for (const span of spans) {
    const parent = span.parent_span_id !== null && known.has(span.parent_span_id) ? span.parent_span_id : '';
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [span]);
    else list.push(span);
  }
  const ordered: TraceSpan[] = [];
  const seen = new Set<string>();
  const stack: { span: TraceSpan; depth: number }[] = [];
  const push = (parent: string, depth: number): void => {
    const list = [...(children.get(parent) ?? [])].sort((a, b) => b.start_offset_ns - a.start_offset_ns);
    for (const span of list) stack.push({ span, depth });
  };
  push('', 0);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { span, depth } = next;
    if (seen.has(span.span_id)) continue;
    seen.add(span.span_id);
    ordered.push(span.depth === depth ? span : { ...span, depth });
    push(span.span_id, depth + 1);
  }
  // Parents in a circle have no root; they are shown rather than lost.
  return ordered.concat(spans.filter((span) => !seen.has(span.span_id)));
}

const clamp = (value: number): number => Math.max(0, Math.min(1, value));

/** The rows that are not inside a collapsed span. */
export function visibleRows(ordered: readonly TraceSpan[], total: number, collapsed: ReadonlySet<string>): Row[] {
  const counts = childCounts(ordered);
  const rows: Row[] = [];
  let hiddenBelow = Infinity;
  ordered.forEach((span, index) => {
    if (span.depth > hiddenBelow) return;
    hiddenBelow = collapsed.has(span.span_id) ? span.depth : Infinity;
    const left = total > 0 ? clamp(span.start_offset_ns / total) : 0;
    const width = total > 0 ? Math.min(span.duration_ns / total, 1 - left) : 0;
    rows.push({
      span,
      index,
      left,
      width,
      children: counts.get(span.span_id) ?? 0,
      collapsed: collapsed.has(span.span_id),
    });
  });
  return rows;
}

/** First and last row to draw for a scroll position, with `extra` rows around. */
export function windowOf(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
  extra = 8,
): [number, number] {
  const first = Math.min(count, Math.max(0, Math.floor(scrollTop / rowHeight) - extra));
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + extra);
  return [first, Math.max(first, last)];
}

/** Scroll position that brings a row into view, moving as little as possible. */
export function scrollFor(row: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return top + rowHeight - height;
  return scrollTop;
}

/** Four to eight round time marks over a duration in ns. */
export function timeTicks(total: number): number[] {
  if (total <= 0) return [0];
  const rough = total / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, i) => i * step);
}
