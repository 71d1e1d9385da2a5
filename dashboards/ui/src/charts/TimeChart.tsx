import type { ReactNode } from 'react';
import { formatDecimal } from '../lib/decimal';
import { NONE } from '../lib/format';
import { useRange } from '../lib/use-range';
import type { ChartId, Facts } from './explain';
import { Frame, type Key } from './Frame';
import { Plot } from './Plot';
import { PointTable } from './PointTable';
import type { Drawing, Sheet } from './sheet';
import { formatAt, type ChartSpec, type SeriesSpec } from './spec';

const DAY_MS = 86_400_000;
/** A file is at least so wide: what is read on a phone is printed on paper. */
const WIDE = 720;

interface Props {
  id: ChartId;
  title: string;
  unit: string;
  spec: ChartSpec;
  note?: ReactNode;
  /** What the explanation needs to know beside the question. */
  facts?: Facts;
  brush?: boolean;
}

const keyOf = ({ label, colour, kind, dash }: SeriesSpec): Key => ({
  label,
  colour,
  look: dash === true ? 'dash' : kind === undefined || kind === 'line' ? 'line' : 'box',
});

function AsTable({ spec, title }: { spec: ChartSpec; title: string }): ReactNode {
  return (
    <PointTable
      title={title}
      head={[spec.daily === true ? 'Day' : 'Time', ...spec.series.map(({ label }) => label)]}
      rows={spec.times.map((time, i) => [
        formatAt(spec, time),
        ...spec.series.map(({ values, exact }) =>
          exact === undefined ? spec.format(values[i] ?? null) : formatDecimal(exact[i] ?? NONE, { most: 2 }),
        ),
      ])}
    />
  );
}

/** A chart with its legend; opens as a table, leaves as a file, a brush sets the page's range. */
export function TimeChart({ id, title, unit, spec, note, facts, brush = true }: Props): ReactNode {
  const { set } = useRange();
  const moment = (time: number): string =>
    new Date(spec.daily === true ? Math.round(time / DAY_MS) * DAY_MS : time).toISOString();
  const zoom = (from: number, to: number): void => set({ from: moment(from), to: moment(to) });
  const daily = spec.daily === true;
  const file = (): Sheet => ({
    head: [
      { name: daily ? 'day' : 'time', unit: 'UTC' },
      ...spec.series.map(({ label }) => ({ name: label, unit: { figure: true } as const })),
    ],
    rows: spec.times.map((time, i) => [
      new Date(time * 1000).toISOString().slice(0, daily ? 10 : undefined),
      ...spec.series.map(({ values, exact }) => (exact ?? values)[i] ?? null),
    ]),
  });
  const draw = async (figure: HTMLElement): Promise<Drawing> => {
    const { timeDrawing } = await import('./export/time');
    return timeDrawing(spec, Math.max(WIDE, figure.clientWidth));
  };
  return (
    <Frame
      id={id}
      title={title}
      unit={unit}
      keys={spec.series.filter(({ kind }) => kind !== 'hidden').map(keyOf)}
      note={note}
      table={<AsTable spec={spec} title={title} />}
      facts={facts}
      file={file}
      draw={draw}
    >
      <Plot spec={spec} {...(brush ? { onBrush: zoom } : {})} />
    </Frame>
  );
}
