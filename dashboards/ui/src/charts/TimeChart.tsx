import type { ReactNode } from 'react';
import { downloadCsv } from '../lib/csv';
import { formatDecimal } from '../lib/decimal';
import { NONE } from '../lib/format';
import { useRange } from '../lib/use-range';
import { Frame, PointTable, type Key } from './Frame';
import { Plot } from './Plot';
import { formatAt, type ChartSpec, type SeriesSpec } from './spec';

const DAY_MS = 86_400_000;

interface Props {
  title: string;
  unit: string;
  spec: ChartSpec;
  note?: ReactNode;
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

/** A chart with its legend; opens as a table, leaves as CSV, a brush sets the page's range. */
export function TimeChart({ title, unit, spec, note, brush = true }: Props): ReactNode {
  const { set } = useRange();
  const moment = (time: number): string =>
    new Date(spec.daily === true ? Math.round(time / DAY_MS) * DAY_MS : time).toISOString();
  const zoom = (from: number, to: number): void => set({ from: moment(from), to: moment(to) });
  const save = (): void =>
    downloadCsv(
      title,
      [spec.daily === true ? 'day' : 'time', ...spec.series.map(({ label }) => label)],
      spec.times.map((time, i) => [
        new Date(time * 1000).toISOString().slice(0, spec.daily === true ? 10 : undefined),
        ...spec.series.map(({ values, exact }) => (exact ?? values)[i] ?? null),
      ]),
    );
  return (
    <Frame
      title={title}
      unit={unit}
      keys={spec.series.filter(({ kind }) => kind !== 'hidden').map(keyOf)}
      note={note}
      table={<AsTable spec={spec} title={title} />}
      save={save}
    >
      <Plot spec={spec} {...(brush ? { onBrush: zoom } : {})} />
    </Frame>
  );
}
