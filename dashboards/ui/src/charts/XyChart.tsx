import { useMemo, type MouseEvent, type ReactNode } from 'react';
import { useWidth } from '../lib/use-width';
import type { ChartId, Facts } from './explain';
import { pageDraw } from './export';
import { Frame, type Key } from './Frame';
import { PointTable } from './PointTable';
import { XyDrawing, type Box } from './XyDrawing';
import { useReading } from './use-reading';
import { outside, summary, xAxis, yAxis, type XySpec } from './xy-spec';

const HEIGHT = 320;
const MARGIN = { left: 64, right: 16, top: 20, bottom: 40 };
/** How near to a point the cursor must be to read it, in pixels. */
const NEAR = 24;

interface Place {
  label: string;
  colour: string;
  when: string;
  x: string;
  y: string;
  left: number;
  top: number;
}

function Tip({ place, width }: { place: Place; width: number }): ReactNode {
  const left = place.left + 190 > width ? place.left - 182 : place.left + 12;
  return (
    <div className="tip on" aria-hidden="true" style={{ left: Math.max(0, left), top: Math.max(0, place.top - 24) }}>
      <div className="quiet">{place.when}</div>
      <div className="line">
        <span>
          <i className="swatch dot" style={{ background: `var(--${place.colour})` }} />
          {place.label}
        </span>
        <span>{place.y}</span>
      </div>
      <div className="quiet">at {place.x}</div>
    </div>
  );
}

/** The drawing with its cursor: the mouse reads the nearest point, the arrow keys one after the other. */
function Drawn({ spec }: { spec: XySpec }): ReactNode {
  const [box, width] = useWidth();
  const axes = useMemo(() => {
    const x = xAxis(spec, 8);
    return { x, y: yAxis(spec, x, 6) };
  }, [spec]);
  const area: Box = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
  };
  const places = useMemo(
    () =>
      spec.clouds
        .flatMap(({ label, colour, dots }) => dots.map((dot) => ({ label, colour, ...dot })))
        .sort((a, b) => a.x - b.x),
    [spec],
  );
  const { at, read: setAt, onKeyDown } = useReading(places.length);
  const leftOf = (x: number): number => area.left + axes.x.at(x) * area.width;
  const topOf = (y: number): number => area.top + (1 - axes.y.at(y)) * area.height;
  const read = at === null ? undefined : places[at];
  const place: Place | null =
    read === undefined
      ? null
      : {
          ...read,
          x: `${spec.x.format(read.x)} ${spec.x.name}`,
          y: spec.y.format(read.y),
          left: leftOf(read.x),
          top: topOf(read.y),
        };
  const onMove = (event: MouseEvent<SVGSVGElement>): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    let [nearest, distance]: [number | null, number] = [null, NEAR];
    places.forEach((dot, i) => {
      const far = Math.hypot(leftOf(dot.x) - x, topOf(dot.y) - y);
      if (far < distance) [nearest, distance] = [i, far];
    });
    setAt(nearest);
  };
  return (
    <div ref={box} className="plot" style={{ minHeight: HEIGHT }}>
      {width > 0 && (
        <XyDrawing
          spec={spec}
          axes={axes}
          area={area}
          size={{ width, height: HEIGHT }}
          read={place}
          role="application"
          tabIndex={0}
          aria-label={`${summary(spec)}. Arrow keys read the points.`}
          onMouseMove={onMove}
          onMouseLeave={() => setAt(null)}
          onBlur={() => setAt(null)}
          onKeyDown={onKeyDown}
        />
      )}
      {place !== null && <Tip place={place} width={width} />}
      <p className="sr-only" role="status">
        {place !== null && `${place.label} ${place.y} at ${place.x}, ${place.when}`}
      </p>
    </div>
  );
}

/** Points and the laws through them; opens as a table and leaves as CSV, as every chart does. */
export function XyChart({
  id,
  title,
  unit,
  spec,
  note,
  facts,
}: {
  id: ChartId;
  title: string;
  unit: string;
  spec: XySpec;
  note?: ReactNode;
  facts?: Facts;
}): ReactNode {
  const { head, rows, words } = spec.table;
  const keys: Key[] = [
    ...spec.clouds.map(({ label, colour }): Key => ({ label, colour, look: 'dot' })),
    ...spec.curves.map(({ label, colour }): Key => ({ label, colour, look: 'line' })),
  ];
  const beyond = outside(spec, xAxis(spec, 8));
  return (
    <Frame
      id={id}
      title={title}
      unit={unit}
      keys={keys}
      note={note}
      table={
        <PointTable
          title={title}
          head={head}
          rows={rows.map((row) => row.map((cell, i) => words[i]?.(cell) ?? String(cell)))}
        />
      }
      facts={facts}
      file={() => ({ head: head.map((name) => ({ name })), rows })}
      draw={pageDraw('svg.xy')}
    >
      <Drawn spec={spec} />
      {beyond !== null && <p className="quiet small">{beyond}</p>}
    </Frame>
  );
}
