import { Fragment, useEffect, useRef, type ReactNode } from 'react';
import type { Wall, WallMove, WallResource, WhatIf } from '../api/capacity';
import { Badge } from '../components/Badge';
import { curvePath, Link, servicePath } from '../components/Link';
import { Section } from '../components/Page';
import { Note } from '../components/State';
import { formatAmount, formatInterval, formatShare, nameOf, perRequest, whenWords } from '../lib/capacity';
import {
  asSentence,
  formatCount,
  formatDate,
  formatDayMinute,
  formatFactor,
  formatPercent,
  formatSeconds,
  plural,
} from '../lib/format';

interface Props {
  wall: Wall;
  /** The same wall under the changes: its moves go on from there; null when it is gone. */
  then: Wall | null | undefined;
  /** The headline tells this wall already. */
  told: boolean;
  stepSeconds: number;
  /** The resources of all walls, by id. */
  resources: ReadonlyMap<string, WallResource>;
  waiting: boolean;
  tryIt: (whatIf: WhatIf) => void;
}

const reach = ({ knee, limit }: Wall, which: 'knee' | 'limit'): string => {
  const one = which === 'knee' ? knee : limit;
  const interval = formatInterval(one);
  return `${formatFactor(one.factor)}${interval === '' ? '' : ` (${interval})`}, ${formatCount(one.per_second)} requests/s`;
};

/** What a wall is read from, in the units people think of. */
function evidence(wall: Wall, stepSeconds: number): [string, ReactNode][] {
  const { today, peak, evidence: from, when, knee } = wall;
  const [date, note] = whenWords(when, knee.factor, formatDate);
  const explained =
    from.r_squared === null ? '' : `; requests explain ${formatShare(from.r_squared)} of the ups and downs`;
  const each = perRequest(wall);
  return [
    ['Peak today', `${formatCount(peak.per_second)} requests/s, ${formatDayMinute(peak.at)}`],
    ['In use then', `${formatShare(today.utilisation)} of ${formatAmount(today.capacity, today.unit)}`],
    ['Waiting begins', `${reach(wall, 'knee')}, ${formatShare(knee.utilisation)} in use`],
    ['It breaks', reach(wall, 'limit')],
    ['When', `${date}${note === '' ? '' : `, ${note}`}. ${asSentence(when.why)}`],
    ['Law', asSentence(from.method)],
    ['Read from', <code key="source">{from.source}</code>],
    [
      'Points',
      `${plural(from.points, from.r_squared === null ? 'span' : 'step')}${from.r_squared === null ? '' : ` of ${formatSeconds(stepSeconds)}`}${explained}`,
    ],
    ...(each === null ? [] : [['Each request', each] as [string, string]]),
    ...(from.idle === null ? [] : [['Without requests', formatAmount(from.idle, today.unit)] as [string, string]]),
    ['Seen so far', `${formatPercent(from.seen)} of the capacity`],
  ];
}

/** Where a move takes the wall, and which wall is then met first. */
function outcome(move: WallMove, id: string, resources: Props['resources']): string {
  const to = move.to === null ? 'no wall any more' : formatFactor(move.to);
  const then = move.then_first;
  if (then === null) return `${formatFactor(move.from)} \u2192 ${to}; then no wall is left`;
  const resource = resources.get(then[0]);
  const first =
    then[0] === id
      ? 'it stays the first wall'
      : `the first wall is then ${resource === undefined ? then[0] : nameOf(resource)} at ${formatFactor(then[1])}`;
  return `${formatFactor(move.from)} \u2192 ${to}; ${first}`;
}

function Moves({ wall, then, resources, waiting, tryIt }: Props): ReactNode {
  const moves = (then ?? wall).moves;
  if (then === null) return <p>Under the changes it is no wall any more.</p>;
  if (moves.length === 0) return <p className="quiet">Nothing is known that moves it.</p>;
  return (
    <ul className="moves">
      {moves.map((move) => (
        <li key={move.change}>
          <span>
            {move.change.replaceAll('->', '\u2192')}
            <span className="quiet small">{outcome(move, wall.id, resources)}</span>
          </span>
          <button disabled={waiting} onClick={() => tryIt(move.what_if)} aria-label={`Try it: ${move.change}`}>
            Try it
          </button>
        </li>
      ))}
    </ul>
  );
}

/** One wall: what it says, what moves it, what it is read from. */
export function CapacityWall(props: Props): ReactNode {
  const { wall, told, then, stepSeconds } = props;
  const box = useRef<HTMLDivElement>(null);
  const before = useRef(wall.id);
  useEffect(() => {
    if (before.current === wall.id) return;
    before.current = wall.id;
    const top = box.current?.getBoundingClientRect().top ?? 0;
    // A wall chosen from afar is brought into sight; one that is in sight stays where it is.
    if (top < 0 || top > window.innerHeight - 160) box.current?.scrollIntoView({ block: 'start' });
  }, [wall.id]);
  const { doubts } = wall.evidence;
  return (
    <div ref={box} className="wall-detail">
      <Section
        title={nameOf(wall.resource)}
        id="wall"
        actions={
          <>
            <Link
              to={curvePath(wall.resource.service)}
              className="small"
              aria-label={`Capacity curve of ${wall.resource.service}`}
            >
              Curve
            </Link>
            <Link to={servicePath(wall.resource.service)} className="small">
              Open the service
            </Link>
          </>
        }
        note={wall.strength === 'weak' ? <Badge state="warning">an indication only</Badge> : undefined}
      >
        {!told && <p>{asSentence(wall.sentence)}</p>}
        {doubts.length > 0 && (
          <Note tone="amber">
            {doubts.map((doubt) => (
              <p key={doubt}>{asSentence(doubt)}</p>
            ))}
          </Note>
        )}
        <h3>{then === undefined ? 'What moves it' : 'What moves it, after the changes'}</h3>
        <Moves {...props} />
        <h3>What it is read from</h3>
        <dl className="pairs">
          {evidence(wall, stepSeconds).map(([name, value]) => (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </Fragment>
          ))}
        </dl>
      </Section>
    </div>
  );
}
