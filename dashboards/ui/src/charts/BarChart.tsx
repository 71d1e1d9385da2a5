import type { ReactNode } from 'react';
import { downloadCsv } from '../lib/csv';
import { Frame, PointTable } from './Frame';

export interface Bar {
  label: string;
  value: number;
  /** The value as it is written. */
  text: string;
}
interface Props {
  title: string;
  /** What the bars are of. */
  of: string;
  bars: readonly Bar[];
  note?: ReactNode;
}

/** A bar for each value, from zero to the right or, below zero, to the left. */
export function BarChart({ title, of, bars, note }: Props): ReactNode {
  const low = Math.min(0, ...bars.map(({ value }) => value));
  const reach = Math.max(0, ...bars.map(({ value }) => value)) - low;
  const share = (value: number): string => `${reach === 0 ? 0 : (value / reach) * 100}%`;
  const head = [of, title];
  const rows = bars.map(({ label, text }) => [label, text]);
  return (
    <Frame
      title={title}
      unit={`by ${of}`}
      keys={[]}
      note={note}
      table={<PointTable title={title} head={head} rows={rows} />}
      save={() => downloadCsv(title, head, rows)}
    >
      <ul className="bars" aria-label={`${title} by ${of}`}>
        {bars.map(({ label, value, text }, i) => (
          <li key={i}>
            <span className="name">{label}</span>
            <span className="track" aria-hidden="true">
              <i style={{ marginLeft: share(Math.min(0, value) - low), width: share(Math.abs(value)) }} />
            </span>
            <span className="num">{text}</span>
          </li>
        ))}
      </ul>
    </Frame>
  );
}
