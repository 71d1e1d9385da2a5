import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import type { HeatmapBody } from '../api/service';
import type { Cell } from '../lib/cell';
import { formatCount, formatDayMinute, formatDuration, plural } from '../lib/format';
import { cellAt, countIn, rectBetween, rectOf, selectionOf, type Rect } from '../lib/heatmap';
import { useTheme } from '../lib/theme';
import { Frame } from './Frame';
import { drawHeat, drawRamp, gridOf, LEFT } from './heat-draw';
import { PointTable } from './PointTable';
import type { Drawing, Sheet } from './sheet';

interface Props {
  body: HeatmapBody;
  picked: Cell | null;
  pick: (cell: Cell) => void;
}
type Corner = readonly [column: number, row: number];
interface Hover {
  at: Corner;
  x: number;
  y: number;
}
/** Where a selection began, and where it is moved. */
interface Ends {
  anchor: Corner;
  head: Corner;
}

const HEIGHT = 240;
const MOVES: Record<string, Corner> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

const TITLE = 'Latency heat-map';

const file = (body: HeatmapBody): Sheet => ({
  head: [
    { name: 'from', unit: 'UTC' },
    { name: 'above', unit: 'ns' },
    { name: 'up to', unit: 'ns' },
    { name: 'count', unit: { figure: true } },
  ],
  rows: body.cells.map(([column, row, count]) => [
    body.columns[column] ?? null,
    body.rows[row]?.low_ns ?? null,
    body.rows[row]?.high_ns ?? null,
    count,
  ]),
});

const AsTable = ({ body }: { body: HeatmapBody }): ReactNode => (
  <PointTable
    title={TITLE}
    head={['Time', 'Above', 'Up to', 'Requests']}
    rows={body.cells.map(([column, row, count]) => [
      formatDayMinute(body.columns[column] ?? body.from),
      formatDuration(body.rows[row]?.low_ns),
      formatDuration(body.rows[row]?.high_ns),
      formatCount(count),
    ])}
  />
);

async function draw(body: HeatmapBody, figure: HTMLElement): Promise<Drawing> {
  const { heatDrawing } = await import('./export/heat');
  return heatDrawing(body, Math.max(720, figure.clientWidth), HEIGHT);
}

const sameRect = (a: Rect, b: Rect): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Where requests' time went: columns are time, rows latency on a log scale. */
export function HeatMap({ body, picked, pick }: Props): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const legend = useRef<HTMLCanvasElement>(null);
  const ends = useRef<Ends | null>(null);
  const theme = useTheme();
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<Hover | null>(null);
  const [drag, setDrag] = useState<Ends | null>(null);
  const chosen = useMemo(() => (picked === null ? null : rectOf(body, picked)), [body, picked]);
  const shown = useMemo(() => (drag === null ? chosen : rectBetween(drag.anchor, drag.head)), [drag, chosen]);
  useEffect(() => {
    const element = canvas.current?.parentElement;
    if (element === null || element === undefined) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current !== null && width > 0) drawHeat(canvas.current, body, width, HEIGHT, shown);
    if (legend.current !== null) drawRamp(legend.current);
  }, [body, width, theme, shown]);
  const grid = gridOf(body, width, HEIGHT);
  /** The cell under the pointer; the nearest one while a selection is drawn. */
  const at = (event: PointerEvent<HTMLCanvasElement>, nearest: boolean): Hover | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const into = (value: number, size: number): number => (nearest ? Math.max(0, Math.min(size - 1, value)) : value);
    const cell = cellAt(grid, into(x - LEFT, grid.width), into(y, grid.height));
    return cell === null ? null : { at: [cell.column, cell.row], x, y };
  };
  const choose = (next: Ends): void => {
    ends.current = next;
    const cell = selectionOf(body, rectBetween(next.anchor, next.head));
    if (cell !== null) pick(cell);
  };
  const press = (event: PointerEvent<HTMLCanvasElement>): void => {
    const under = event.button === 0 ? at(event, false) : null;
    if (under === null) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ anchor: under.at, head: under.at });
  };
  const move = (event: PointerEvent<HTMLCanvasElement>): void => {
    const under = at(event, drag !== null);
    setHover(under);
    if (drag !== null && under !== null) setDrag({ ...drag, head: under.at });
  };
  const release = (): void => {
    if (drag !== null) choose(drag);
    setDrag(null);
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = MOVES[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const last = ends.current;
    const known = chosen !== null && last !== null && sameRect(rectBetween(last.anchor, last.head), chosen);
    const from: Ends = known
      ? last
      : chosen === null
        ? { anchor: [grid.columns - 1, 0], head: [grid.columns - 1, 0] }
        : { anchor: [chosen.columns[0], chosen.rows[0]], head: [chosen.columns[1], chosen.rows[1]] };
    const head: Corner = [
      Math.max(0, Math.min(grid.columns - 1, from.head[0] + step[0])),
      Math.max(0, Math.min(grid.rows - 1, from.head[1] + step[1])),
    ];
    choose({ anchor: event.shiftKey ? from.anchor : head, head });
  };
  const total = body.cells.reduce((sum, [, , count]) => sum + count, 0);
  const told = drag !== null && shown !== null ? shown : hover === null ? null : rectBetween(hover.at, hover.at);
  const over = told === null ? null : selectionOf(body, told);
  return (
    <Frame
      id="latency-heatmap"
      title={TITLE}
      unit="requests by duration, log scale"
      note="draw a rectangle, or Shift and arrows, to see what sets requests apart"
      facts={{ step: body.step_seconds }}
      tools={
        <span className="heat-scale">
          1 <canvas ref={legend} aria-hidden="true" /> {formatCount(body.max)}
        </span>
      }
      table={<AsTable body={body} />}
      file={() => file(body)}
      draw={(figure) => draw(body, figure)}
    >
      <div className="heat">
        <canvas
          ref={canvas}
          height={HEIGHT}
          tabIndex={0}
          role="application"
          style={{ height: HEIGHT }}
          data-testid="heatmap"
          aria-label={`Latency heat-map of ${plural(total, 'request')}; arrow keys move the chosen cell, with Shift they draw a rectangle`}
          onPointerDown={press}
          onPointerMove={move}
          onPointerUp={release}
          onPointerCancel={() => setDrag(null)}
          onPointerLeave={() => setHover(null)}
          onKeyDown={onKey}
        />
        {hover !== null && over !== null && told !== null && (
          <div
            className="tip on"
            style={{ left: hover.x + 180 > width ? hover.x - 172 : hover.x + 12, top: Math.max(0, hover.y - 24) }}
          >
            <div className="quiet">
              {formatDayMinute(over.from)}
              {drag !== null && ` to ${formatDayMinute(over.to)}`}
            </div>
            <div>
              {formatDuration(over.low_ns)} to {formatDuration(over.high_ns)}
            </div>
            <div>{plural(countIn(body, told), 'request')}</div>
          </div>
        )}
      </div>
    </Frame>
  );
}
