import { useState, type ReactNode } from 'react';
import { downloadCsv } from '../lib/csv';
import { formatDayMinute } from '../lib/format';
import { useRange } from '../lib/use-range';
import { Plot } from './Plot';
import type { ChartSpec } from './spec';

interface Props {
  title: string;
  unit: string;
  spec: ChartSpec;
  note?: ReactNode;
  brush?: boolean;
}

function AsTable({ spec, title }: { spec: ChartSpec; title: string }): ReactNode {
  return (
    <div className="table-box limit" tabIndex={0}>
      <table aria-label={title}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {spec.series.map(({ label }) => (
              <th key={label} className="num" scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {spec.times.map((time, i) => (
            <tr key={time}>
              <td>{formatDayMinute(time * 1000)}</td>
              {spec.series.map(({ label, values }) => (
                <td key={label} className="num">
                  {spec.format(values[i] ?? null)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A chart with its legend; opens as a table, leaves as CSV, a brush sets the page's range. */
export function TimeChart({ title, unit, spec, note, brush = true }: Props): ReactNode {
  const [table, setTable] = useState(false);
  const { set } = useRange();
  const zoom = (from: number, to: number): void =>
    set({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  const save = (): void =>
    downloadCsv(
      title,
      ['time', ...spec.series.map(({ label }) => label)],
      spec.times.map((time, i) => [
        new Date(time * 1000).toISOString(),
        ...spec.series.map(({ values }) => values[i] ?? null),
      ]),
    );
  const drawn = spec.series.filter(({ kind }) => kind !== 'hidden');
  return (
    <figure className="chart" data-chart={title}>
      <header>
        <h2>{title}</h2>
        <span className="quiet small">{unit}</span>
        {drawn.length > 1 && (
          <span className="legend">
            {drawn.map(({ label, colour, kind, dash }) => (
              <span key={label}>
                <i
                  className={`swatch ${dash === true ? 'dash' : kind === undefined || kind === 'line' ? 'line' : ''}`}
                  style={{ background: `var(--${colour})` }}
                />
                {label}
              </span>
            ))}
          </span>
        )}
        {note !== undefined && <span className="quiet small">{note}</span>}
        <span className="tools">
          <button className="plain" aria-pressed={table} onClick={() => setTable(!table)}>
            {table ? 'Chart' : 'Table'}
          </button>
          <button className="plain" onClick={save}>
            CSV
          </button>
        </span>
      </header>
      {table ? <AsTable spec={spec} title={title} /> : <Plot spec={spec} {...(brush ? { onBrush: zoom } : {})} />}
    </figure>
  );
}
