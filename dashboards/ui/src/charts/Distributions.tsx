import type { ReactNode } from 'react';
import type { ComparedBody } from '../api/service';
import { formatDuration, formatExact, formatPercent } from '../lib/format';
import { tickIndices } from '../lib/heatmap';
import { pageDraw } from './export';
import { Frame } from './Frame';
import { useWidth } from '../lib/use-width';
import { PointTable } from './PointTable';
import { useReading } from './use-reading';

const [HEIGHT, LEFT, BOTTOM] = [200, 56, 24];
/** Wider than this, a distribution says no more. */
const WIDEST = 960;

interface Props {
  buckets: ComparedBody['buckets'];
  names: [string, string];
}

/** Two distributions of durations as outlines over the same buckets, each as shares of its own calls. */
export function Distributions({ buckets, names }: Props): ReactNode {
  const [box, room] = useWidth();
  const width = Math.min(WIDEST, Math.max(200, room));
  const sums = [
    buckets.reduce((sum, { baseline }) => sum + baseline, 0),
    buckets.reduce((sum, { candidate }) => sum + candidate, 0),
  ];
  const share = (count: number, side: 0 | 1): number => count / Math.max(1, sums[side] ?? 0);
  const shares = buckets.map(({ baseline, candidate }) => [share(baseline, 0), share(candidate, 1)] as const);
  const top = Math.max(...shares.flat(), 0.01) * 1.08;
  const x = (i: number): number => LEFT + (i / buckets.length) * (width - LEFT);
  const y = (value: number): number => (1 - value / top) * (HEIGHT - BOTTOM);
  const outline = (side: 0 | 1): string =>
    `M${LEFT} ${y(0)}${shares.map((both, i) => `V${y(both[side]).toFixed(1)}H${x(i + 1).toFixed(1)}`).join('')}V${y(0)}`;
  const rows = buckets.map(({ low_ns, high_ns, baseline, candidate }, i) => [
    `${formatDuration(low_ns)} to ${formatDuration(high_ns)}`,
    `${formatExact(baseline)}, ${formatPercent(shares[i]?.[0])}`,
    `${formatExact(candidate)}, ${formatPercent(shares[i]?.[1])}`,
  ]);
  const { at, read, onKeyDown } = useReading(buckets.length);
  const told = at === null ? undefined : rows[at];
  return (
    <Frame
      id="compared-distribution"
      title="Distribution of durations"
      unit="share of calls, log scale"
      keys={[
        { label: names[0], colour: 'mark', look: 'line' },
        { label: names[1], colour: 'series-1', look: 'line' },
      ]}
      table={<PointTable title="Distribution of durations" head={['Duration', ...names]} rows={rows} />}
      file={() => ({
        head: [
          { name: 'above', unit: 'ns' },
          { name: 'up to', unit: 'ns' },
          ...names.map((name) => ({ name, unit: { figure: true } as const })),
        ],
        rows: buckets.map(({ low_ns, high_ns, baseline, candidate }) => [low_ns, high_ns, baseline, candidate]),
      })}
      draw={pageDraw('svg.outlines')}
    >
      <div ref={box} style={{ minHeight: HEIGHT }}>
        <svg
          className="xy outlines"
          width={width}
          height={HEIGHT}
          role="application"
          tabIndex={0}
          aria-label={`Durations of ${formatExact(sums[0] ?? 0)} calls ${names[0]} and ${formatExact(sums[1] ?? 0)} ${names[1]}. Arrow keys read the buckets.`}
          onKeyDown={onKeyDown}
          onBlur={() => read(null)}
        >
          {at !== null && <rect className="read-bucket" x={x(at)} y={0} width={x(at + 1) - x(at)} height={y(0)} />}
          {[0, 0.5, 1].map((part) => (
            <g key={part}>
              <line className="grid" x1={LEFT} x2={width} y1={y((top / 1.08) * part)} y2={y((top / 1.08) * part)} />
              <text x={LEFT - 6} y={y((top / 1.08) * part) + 4} textAnchor="end">
                {formatPercent((top / 1.08) * part)}
              </text>
            </g>
          ))}
          {tickIndices(buckets.length, Math.max(1, Math.floor((width - LEFT) / 84))).map((i) => (
            <text key={i} x={x(i)} y={HEIGHT - 6} textAnchor={x(i) > width - 56 ? 'end' : 'start'}>
              {formatDuration(buckets[i]?.low_ns)}
            </text>
          ))}
          <path className="outline before" d={outline(0)} />
          <path className="outline now" d={outline(1)} />
        </svg>
      </div>
      <p className="small quiet" role="status">
        {told !== undefined && `${told[0] ?? ''}: ${told[1] ?? ''} ${names[0]}; ${told[2] ?? ''} ${names[1]}`}
      </p>
    </Frame>
  );
}
