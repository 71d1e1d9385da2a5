import { useEffect, useRef, type ReactNode } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '../lib/theme';
import { optionsFor } from './options';
import { formatAt, summarise, type ChartSpec } from './spec';
import { fillTip } from './tip';
import { useReading } from './use-reading';

interface Props {
  spec: ChartSpec;
  onBrush?: (from: number, to: number) => void;
}

const dataOf = (spec: ChartSpec): uPlot.AlignedData =>
  [spec.times, ...spec.series.map(({ values }) => values)] as uPlot.AlignedData;

/** What makes a new drawing necessary; anything else is only new data. */
const shapeOf = ({ series, scale, height, bands, budget }: ChartSpec): string =>
  JSON.stringify([
    series.map(({ label, colour, kind, dash }) => [label, colour, kind, dash]),
    scale,
    height,
    bands,
    budget,
  ]);

/** Every series at one time, in words. */
function spoken(spec: ChartSpec, at: number): string {
  const values = spec.series.map(({ label, values: all }) => `${label} ${spec.format(all[at] ?? null)}`);
  return `${formatAt(spec, spec.times[at] ?? 0)}: ${values.join(', ')}`;
}

/** One uPlot canvas with its tooltip; the data may change without a flicker. */
export function Plot({ spec, onBrush }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ spec, onBrush });
  const theme = useTheme();
  const shape = shapeOf(spec);
  const { at, read, onKeyDown } = useReading(spec.times.length);
  const time = at === null ? undefined : spec.times[at];
  useEffect(() => {
    latest.current = { spec, onBrush };
    plot.current?.setData(dataOf(spec));
  }, [spec, onBrush]);
  useEffect(() => {
    const place = box.current;
    if (place === null) return;
    const first = latest.current.spec;
    const chart = new uPlot(
      optionsFor(first, Math.max(200, place.clientWidth), {
        spec: () => latest.current.spec,
        brush: (from, to) => latest.current.onBrush?.(from, to),
        cursor: (u) => {
          if (tip.current !== null) fillTip(tip.current, u, latest.current.spec);
        },
      }),
      dataOf(first),
      place,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      const width = Math.max(200, place.clientWidth);
      if (width !== chart.width) chart.setSize({ width, height: first.height ?? 160 });
    });
    observer.observe(place);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [shape, theme]);
  useEffect(() => {
    const chart = plot.current;
    if (chart === null) return;
    // Where the mouse would be to read this time; nowhere when none is read.
    const left = time === undefined ? -10 : chart.valToPos(time, 'x');
    chart.setCursor({ left, top: time === undefined ? -10 : 8 });
  }, [time, shape, theme]);
  return (
    <div className="plot">
      <div
        ref={box}
        className="plot-box"
        role="application"
        tabIndex={0}
        aria-label={`${summarise(spec)}. Arrow keys read the points.`}
        style={{ minHeight: spec.height ?? 160 }}
        onKeyDown={onKeyDown}
        onBlur={() => read(null)}
      />
      <p className="sr-only" role="status">
        {at !== null && spoken(spec, at)}
      </p>
      <div ref={tip} className="tip" aria-hidden="true" />
    </div>
  );
}
