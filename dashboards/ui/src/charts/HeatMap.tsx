import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import type { HeatmapBody } from '../api/types';
import { downloadCsv } from '../lib/csv';
import { formatCount, formatDayMinute, formatDuration, plural } from '../lib/format';
import { cellAt } from '../lib/heatmap';
import { useTheme } from '../lib/theme';
import { drawHeat, drawRamp, gridOf, LEFT } from './heat-draw';

export interface Cell {
  from: string;
  to: string;
  low_ns: number;
  high_ns: number;
}
interface Props {
  body: HeatmapBody;
  picked: Cell | null;
  pick: (cell: Cell) => void;
}
interface Hover {
  column: number;
  row: number;
  x: number;
  y: number;
}

const HEIGHT = 240;

/** Where requests' time went: columns are time, rows latency on a log scale. */
export function HeatMap({ body, picked, pick }: Props): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const legend = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<Hover | null>(null);
  const counts = useMemo(() => new Map(body.cells.map(([column, row, count]) => [`${column}/${row}`, count])), [body]);
  const cellOf = (column: number, row: number): Cell | null => {
    const start = body.columns[column];
    const bounds = body.rows[row];
    if (start === undefined || bounds === undefined) return null;
    const end = new Date(new Date(start).getTime() + body.step_seconds * 1000).toISOString();
    return { from: start, to: end, ...bounds };
  };
  const chosen = useMemo((): [number, number] | null => {
    if (picked === null) return null;
    const column = body.columns.findIndex((ts) => Date.parse(ts) === Date.parse(picked.from));
    const row = body.rows.findIndex(({ low_ns }) => low_ns === picked.low_ns);
    return column === -1 || row === -1 ? null : [column, row];
  }, [body, picked]);
  useEffect(() => {
    const element = canvas.current?.parentElement;
    if (element === null || element === undefined) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current !== null && width > 0) drawHeat(canvas.current, body, width, HEIGHT, chosen);
    if (legend.current !== null) drawRamp(legend.current);
  }, [body, width, theme, chosen]);
  const grid = gridOf(body, width, HEIGHT);
  const at = (event: MouseEvent<HTMLCanvasElement>): Hover | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const cell = cellAt(grid, x - LEFT, y);
    return cell === null ? null : { ...cell, x, y };
  };
  const choose = (column: number, row: number): void => {
    const cell = cellOf(column, row);
    if (cell !== null) pick(cell);
  };
  const onKey = (event: KeyboardEvent): void => {
    const [column, row] = chosen ?? [body.columns.length - 1, 0];
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    choose(
      Math.max(0, Math.min(grid.columns - 1, column + move[0])),
      Math.max(0, Math.min(grid.rows - 1, row + move[1])),
    );
  };
  const save = (): void =>
    downloadCsv(
      'latency heat-map',
      ['from', 'low_ns', 'high_ns', 'count'],
      body.cells.map(([column, row, count]) => [
        body.columns[column] ?? null,
        body.rows[row]?.low_ns ?? null,
        body.rows[row]?.high_ns ?? null,
        count,
      ]),
    );
  const total = body.cells.reduce((sum, [, , count]) => sum + count, 0);
  const over = hover === null ? null : cellOf(hover.column, hover.row);
  return (
    <figure className="chart" data-chart="Latency heat-map">
      <header>
        <h2>Latency heat-map</h2>
        <span className="quiet small">requests by duration, log scale; choose a cell for traces from it</span>
        <span className="tools">
          <span className="heat-scale">
            1 <canvas ref={legend} aria-hidden="true" /> {formatCount(body.max)}
          </span>
          <button className="plain" onClick={save}>
            CSV
          </button>
        </span>
      </header>
      <div className="heat">
        <canvas
          ref={canvas}
          height={HEIGHT}
          tabIndex={0}
          role="application"
          style={{ height: HEIGHT }}
          data-testid="heatmap"
          aria-label={`Latency heat-map of ${plural(total, 'request')}; arrow keys move the chosen cell`}
          onClick={(event) => {
            const cell = at(event);
            if (cell !== null) choose(cell.column, cell.row);
          }}
          onMouseMove={(event) => setHover(at(event))}
          onMouseLeave={() => setHover(null)}
          onKeyDown={onKey}
        />
        {hover !== null && over !== null && (
          <div
            className="tip on"
            style={{ left: hover.x + 180 > width ? hover.x - 172 : hover.x + 12, top: Math.max(0, hover.y - 24) }}
          >
            <div className="quiet">{formatDayMinute(over.from)}</div>
            <div>
              {formatDuration(over.low_ns)} to {formatDuration(over.high_ns)}
            </div>
            <div>{plural(counts.get(`${hover.column}/${hover.row}`) ?? 0, 'request')}</div>
          </div>
        )}
      </div>
    </figure>
  );
}
