import { useState, type ReactNode } from 'react';
import type { Reach, Wall } from '../api/capacity';
import { Link } from '../components/Link';
import { formatInterval, whatOf } from '../lib/capacity';
import { formatFactor, plural } from '../lib/format';
import { pageDraw } from './export';
import { Frame } from './Frame';
import type { Sheet } from './sheet';
import { factorScale, type FactorScale } from './factor-scale';

/** Rows that are drawn before the reader asks for all. */
const FIRST = 16;

interface Props {
  walls: readonly Wall[];
  /** Knees that a change moves, by id; null where the wall is gone. */
  then: ReadonlyMap<string, number | null> | null;
  picked: string;
  /** Where a row leads. */
  to: (id: string) => string;
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

/** A shape around a point that is a share of the track's width. */
const At = ({ x, children }: { x: number; children: ReactNode }): ReactNode => (
  <svg x={percent(x)} y="50%" overflow="visible">
    {children}
  </svg>
);

const DIAMOND = 'M0-6 6 0 0 6-6 0z';
const Bar = (): ReactNode => <path d="M0-7V7" className="wall-bar" />;
const Dot = ({ weak }: { weak: boolean }): ReactNode => <circle r="4.5" className={weak ? 'knee weak' : 'knee'} />;

function Whisker({ reach, scale, name }: { reach: Reach; scale: FactorScale; name: string }): ReactNode {
  const [from, to] = [scale.at(reach.low), scale.at(reach.high)];
  return <line x1={percent(from)} x2={percent(to)} y1="50%" y2="50%" className={`whisker ${name}`} />;
}

/** A mark where it stands, or an arrow at the edge behind which it stands. */
function Mark({ factor, scale, children }: { factor: number; scale: FactorScale; children: ReactNode }): ReactNode {
  const side = scale.outside(factor);
  return (
    <At x={scale.at(factor)}>{side === 0 ? children : <path d={`M${-4 * side}-5 ${4 * side} 0 ${-4 * side} 5z`} />}</At>
  );
}

function Track({ wall, then, scale }: { wall: Wall; then: number | null | undefined; scale: FactorScale }): ReactNode {
  const { knee, limit } = wall;
  return (
    <svg aria-hidden="true">
      {scale.ticks.map((tick) => (
        <line
          key={tick}
          x1={percent(scale.at(tick))}
          x2={percent(scale.at(tick))}
          y1="0"
          y2="100%"
          className={tick === 1 ? 'tick today' : 'tick'}
        />
      ))}
      <Whisker reach={limit} scale={scale} name="limit" />
      <Whisker reach={knee} scale={scale} name="knee" />
      <g className="limit-mark">
        <Mark factor={limit.factor} scale={scale}>
          <Bar />
        </Mark>
      </g>
      <g className="knee-mark">
        <Mark factor={knee.factor} scale={scale}>
          <Dot weak={wall.strength === 'weak'} />
        </Mark>
      </g>
      {typeof then === 'number' && (
        <g className="then-mark">
          <line x1={percent(scale.at(knee.factor))} x2={percent(scale.at(then))} y1="50%" y2="50%" />
          <Mark factor={then} scale={scale}>
            <path d={DIAMOND} />
          </Mark>
        </g>
      )}
    </svg>
  );
}

const interval = (reach: Reach): string => {
  const text = formatInterval(reach);
  return text === '' ? formatFactor(reach.factor) : `${formatFactor(reach.factor)} (${text})`;
};

/** A track in words, for who does not see it. */
function trackWords(wall: Wall, then: number | null | undefined): string {
  const words = `waiting begins at ${interval(wall.knee)}, it breaks at ${interval(wall.limit)}`;
  if (then === undefined) return words;
  return `${words}; under the changes ${then === null ? 'it is no wall' : `at ${formatFactor(then)}`}`;
}

const Key = ({ children, label }: { children: ReactNode; label: string }): ReactNode => (
  <span className="key">
    <svg width="18" height="14" aria-hidden="true">
      {children}
    </svg>
    {label}
  </span>
);

function Legend({ weak, then }: { weak: boolean; then: boolean }): ReactNode {
  return (
    <span className="legend">
      <Key label="waiting begins">
        <line x1="1" x2="17" y1="7" y2="7" className="whisker knee" />
        <At x={0.5}>
          <Dot weak={false} />
        </At>
      </Key>
      {weak && (
        <Key label="an indication only">
          <line x1="1" x2="17" y1="7" y2="7" className="whisker knee" />
          <At x={0.5}>
            <Dot weak />
          </At>
        </Key>
      )}
      <Key label="it breaks">
        <line x1="1" x2="17" y1="7" y2="7" className="whisker limit" />
        <At x={0.5}>
          <Bar />
        </At>
      </Key>
      {then && (
        <Key label="waiting begins, under the changes">
          <At x={0.5}>
            <path d={DIAMOND} className="then" />
          </At>
        </Key>
      )}
    </span>
  );
}

const FACTORS = ['knee', 'knee low', 'knee high', 'limit', 'limit low', 'limit high'];

/** All walls, those that are not drawn too. */
const wallSheet = (walls: readonly Wall[], then: Props['then']): Sheet => ({
  head: [
    { name: 'wall' },
    ...[...FACTORS, ...(then === null ? [] : ['knee under the changes'])].map((name) => ({
      name,
      unit: { figure: true } as const,
    })),
    { name: 'strength' },
  ],
  rows: walls.map(({ id, knee, limit, strength }) => [
    id,
    ...[knee, limit].flatMap(({ factor, low, high }) => [factor, low, high]),
    ...(then === null ? [] : [then.get(id) === undefined ? knee.factor : (then.get(id) ?? null)]),
    strength,
  ]),
});

/** One row for each wall on a log axis of growth; a row leads to its wall, and the table beside has the figures. */
export function WallChart({ walls, then, picked, to }: Props): ReactNode {
  const [all, setAll] = useState(false);
  const shown = all ? walls : walls.filter(({ id }, i) => i < FIRST || id === picked);
  const hidden = walls.length - shown.length;
  const scale = factorScale([
    ...shown.flatMap(({ knee, limit }) => [knee.factor, limit.factor]),
    ...shown.flatMap(({ id }) => then?.get(id) ?? []),
  ]);
  return (
    <Frame
      id="walls"
      className={then === null ? 'wall-chart' : 'wall-chart changed'}
      title="Growth until each wall"
      unit={'times today\u2019s peak, with 95 % intervals'}
      note={<Legend weak={shown.some(({ strength }) => strength === 'weak')} then={then !== null} />}
      file={() => wallSheet(walls, then)}
      draw={pageDraw('.legend, .wall-row.axis, ol')}
    >
      <div className="wall-row axis" aria-hidden="true">
        <span className="name" />
        <span className="track">
          {scale.ticks.map((tick) => (
            <span key={tick} style={{ left: percent(scale.at(tick)) }}>
              {tick}x
            </span>
          ))}
        </span>
        <span className="value" />
      </div>
      <ol aria-label="Walls by growth factor">
        {shown.map((wall) => {
          const moved = then?.get(wall.id);
          return (
            <li key={wall.id}>
              <Link to={to(wall.id)} className="wall-row" aria-current={wall.id === picked ? 'true' : undefined}>
                <span className="name">
                  <strong>{wall.resource.service}</strong>
                  <span className="quiet small">{whatOf(wall.resource)}</span>
                </span>
                <span className="track">
                  <span className="sr-only">, {trackWords(wall, moved)}: </span>
                  <Track wall={wall} then={moved} scale={scale} />
                </span>
                <span className="value">
                  {formatFactor(wall.knee.factor)}
                  {moved !== undefined && (
                    <span className="then">
                      {' '}
                      {'\u2192'} {moved === null ? 'none' : formatFactor(moved)}
                    </span>
                  )}
                </span>
              </Link>
            </li>
          );
        })}
      </ol>
      {hidden > 0 && (
        <p className="small">
          <button className="plain" onClick={() => setAll(true)}>
            Draw {plural(hidden, 'more wall')}
          </button>
        </p>
      )}
    </Frame>
  );
}
