import type { ReactNode } from 'react';
import type { ChartId, Facts } from './explain';
import { pageDraw } from './export';
import { Frame } from './Frame';
import { PointTable } from './PointTable';

export interface Bar {
  label: string;
  value: number;
  /** The value as it is written. */
  text: string;
}
interface Props {
  id: ChartId;
  title: string;
  /** What the bars are of. */
  of: string;
  bars: readonly Bar[];
  note?: ReactNode;
  facts?: Facts;
}

/** A bar for each value, from zero to the right or, below zero, to the left. */
export function BarChart({ id, title, of, bars, note, facts }: Props): ReactNode {
  const low = Math.min(0, ...bars.map(({ value }) => value));
  const reach = Math.max(0, ...bars.map(({ value }) => value)) - low;
  const share = (value: number): string => `${reach === 0 ? 0 : (value / reach) * 100}%`;
  const head = [of, title];
  const rows = bars.map(({ label, text }) => [label, text]);
  return (
    <Frame
      id={id}
      title={title}
      unit={`by ${of}`}
      note={note}
      table={<PointTable title={title} head={head} rows={rows} />}
      facts={facts}
      file={() => ({ head: [{ name: of }, { name: title, unit: { figure: true } }], rows })}
      draw={pageDraw('.bars')}
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
