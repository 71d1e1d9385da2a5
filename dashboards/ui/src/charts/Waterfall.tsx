import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { TraceSpan } from '../api/traces';
import { formatDuration } from '../lib/format';
import { Frame } from './Frame';
import type { Drawing, Sheet } from './sheet';
import { scrollFor, timeTicks, visibleRows, windowOf, type Row } from '../lib/waterfall';

const ROW = 24;

interface Props {
  /** In tree order. */
  spans: readonly TraceSpan[];
  services: readonly string[];
  total: number;
  selected: string | null;
  select: (id: string) => void;
  close: () => void;
}

/** Eight colours for services, then "other". */
const colourOf = (services: readonly string[], service: string): string => {
  const index = services.indexOf(service);
  return index >= 0 && index < 8 ? `series-${index + 1}` : 'line-2';
};

/** Every span, those inside closed ones too. */
const file = (spans: readonly TraceSpan[]): Sheet => ({
  head: [
    { name: 'service' },
    { name: 'operation' },
    { name: 'kind' },
    { name: 'status' },
    { name: 'start', unit: 'ns since the trace began' },
    { name: 'duration', unit: { figure: true } },
    { name: 'span_id' },
    { name: 'parent_span_id' },
  ],
  rows: spans.map((span) => [
    ...[span.service, span.operation, span.kind, span.status],
    ...[span.start_offset_ns, span.duration_ns, span.span_id, span.parent_span_id],
  ]),
});

async function draw(
  rows: readonly Row[],
  total: number,
  services: readonly string[],
  figure: HTMLElement,
): Promise<Drawing> {
  const { fallDrawing } = await import('./export/fall');
  return fallDrawing(rows, total, (service) => colourOf(services, service), Math.max(960, figure.clientWidth));
}

interface LineProps {
  row: Row;
  top: number;
  colour: string;
  chosen: boolean;
  pick: () => void;
  toggle: () => void;
}

function Line({ row, top, colour, chosen, pick, toggle }: LineProps): ReactNode {
  const { span, left, width, children, collapsed } = row;
  const failed = span.status === 'error';
  const inside = left + width > 0.8;
  const place = !inside
    ? { left: `${(left + width) * 100}%` }
    : left > 0.2
      ? { right: `${(1 - left) * 100}%` }
      : undefined;
  return (
    <div
      className="fall-row"
      role="treeitem"
      id={`span-${span.span_id}`}
      aria-level={span.depth + 1}
      aria-selected={chosen}
      style={{ top }}
      {...(children > 0 ? { 'aria-expanded': !collapsed } : {})}
      onClick={pick}
    >
      <div className="fall-name" style={{ paddingLeft: Math.min(span.depth, 24) * 12 }}>
        {children > 0 ? (
          <button
            tabIndex={-1}
            aria-label={collapsed ? 'Open' : 'Close'}
            onClick={(event) => {
              event.stopPropagation();
              toggle();
            }}
          >
            {collapsed ? '\u25b6' : '\u25bc'}
          </button>
        ) : (
          <span className="gap" />
        )}
        <i className="swatch" style={{ background: colour }} />
        <span className="label" title={`${span.service} ${span.operation}`}>
          {failed && <span className="red">failed </span>}
          {span.operation}{' '}
          <span className="quiet">
            {span.service}
            {collapsed ? ` (+${children})` : ''}
          </span>
        </span>
      </div>
      <div className="fall-bar">
        <i
          style={{
            left: `${left * 100}%`,
            width: `${width * 100}%`,
            background: colour,
            outline: failed ? '1.5px solid var(--red)' : 'none',
          }}
        />
        {span.critical && <i className="critical" style={{ left: `${left * 100}%`, width: `${width * 100}%` }} />}
        <b className={place === undefined ? 'over' : ''} style={place}>
          {formatDuration(span.duration_ns)}
        </b>
      </div>
    </div>
  );
}

/** Spans as a tree over time; only the rows in view exist, so ten thousand scroll as ten do. */
export function Waterfall({ spans, services, total, selected, select, close }: Props): ReactNode {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [view, setView] = useState({ top: 0, height: 640 });
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => visibleRows(spans, total, collapsed), [spans, total, collapsed]);
  const at = rows.findIndex(({ span }) => span.span_id === selected);
  useEffect(() => {
    const place = box.current;
    if (place === null) return;
    const observer = new ResizeObserver(() => setView({ top: place.scrollTop, height: place.clientHeight }));
    observer.observe(place);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const place = box.current;
    if (place !== null && at >= 0) place.scrollTop = scrollFor(at, place.scrollTop, place.clientHeight, ROW);
  }, [at]);
  const toggle = (id: string, close = !collapsed.has(id)): void => {
    const next = new Set(collapsed);
    if (close) next.add(id);
    else next.delete(id);
    setCollapsed(next);
  };
  const go = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row !== undefined) select(row.span.span_id);
  };
  const onKey = (event: KeyboardEvent): void => {
    const row = rows[at];
    const page = Math.max(1, Math.floor(view.height / ROW) - 1);
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      Escape: close,
      PageDown: () => go(at + page),
      PageUp: () => go(at - page),
      ArrowRight: () => {
        if (row?.collapsed === true) toggle(row.span.span_id, false);
        else go(at + 1);
      },
      ArrowLeft: () => {
        if (row === undefined) return;
        if (row.children > 0 && !row.collapsed) toggle(row.span.span_id, true);
        else go(rows.findIndex(({ span }) => span.span_id === row.span.parent_span_id));
      },
    };
    const move = moves[event.key];
    if (move === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    move();
  };
  const [first, last] = windowOf(view.top, view.height, ROW, rows.length);
  return (
    <Frame
      id="trace-spans"
      title="Spans"
      unit="time since the trace began"
      keys={services
        .slice(0, 8)
        .map((service) => ({ label: service, colour: colourOf(services, service), look: 'box' }))}
      file={() => file(spans)}
      draw={(figure) => draw(rows, total, services, figure)}
    >
      <div className="fall" data-testid="waterfall">
        <div className="fall-head">
          <span>{rows.length === spans.length ? 'Span' : `Span (${rows.length} of ${spans.length} shown)`}</span>
          <div className="ticks" aria-hidden="true">
            {timeTicks(total)
              .filter((tick) => tick / Math.max(1, total) < 0.94)
              .map((tick) => (
                <span key={tick} style={{ left: `${(tick / Math.max(1, total)) * 100}%` }}>
                  {tick === 0 ? '0' : formatDuration(tick)}
                </span>
              ))}
          </div>
        </div>
        <div
          className="fall-scroll"
          ref={box}
          role="tree"
          tabIndex={0}
          aria-label={`${spans.length} spans; the line under a bar marks the critical path`}
          {...(at >= 0 && at >= first && at < last && selected !== null
            ? { 'aria-activedescendant': `span-${selected}` }
            : {})}
          onKeyDown={onKey}
          onScroll={(event) =>
            setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
          }
        >
          <div style={{ height: rows.length * ROW }} />
          {rows.slice(first, last).map((row, i) => (
            <Line
              key={row.span.span_id}
              row={row}
              top={(first + i) * ROW}
              colour={`var(--${colourOf(services, row.span.service)})`}
              chosen={first + i === at}
              pick={() => select(row.span.span_id)}
              toggle={() => toggle(row.span.span_id)}
            />
          ))}
        </div>
      </div>
    </Frame>
  );
}
