import type { ReactNode } from 'react';
import type { NoWall, Wall, WallsBody } from '../api/capacity';
import { Badge } from '../components/Badge';
import { Section } from '../components/Page';
import { Table, type Column } from '../components/Table';
import { formatAmount, formatInterval, formatShare, nameOf, whatOf, whenWords } from '../lib/capacity';
import { downloadCsv } from '../lib/csv';
import { asSentence, formatDate, formatFactor, formatMinute } from '../lib/format';
import { WallLink } from './CapacityLink';

const Below = ({ children, tied = false }: { children: ReactNode; tied?: boolean }): ReactNode => (
  <span className={`below quiet small ${tied ? 'nowrap' : ''}`}>{children}</span>
);

function When({ wall }: { wall: Wall }): ReactNode {
  const [date, note] = whenWords(wall.when, wall.knee.factor, formatDate);
  return (
    <span title={asSentence(wall.when.why)}>
      <span
        className={
          wall.knee.factor <= 1 ? 'amber' : wall.when.date === null && wall.when.forecast === null ? 'quiet' : ''
        }
      >
        {date}
      </span>
      {note !== '' && <Below tied={wall.when.forecast === null}>{note}</Below>}
    </span>
  );
}

const moment = ({ when }: Wall): string | null => when.forecast ?? when.date;

const COLUMNS: readonly Column<Wall>[] = [
  {
    id: 'wall',
    head: 'Wall',
    by: (w) => w.id,
    cell: (w) => (
      <>
        <WallLink id={w.id}>{w.resource.service}</WallLink>
        <Below>{whatOf(w.resource)}</Below>
      </>
    ),
  },
  {
    id: 'use',
    head: 'In use at the peak',
    num: true,
    by: (w) => w.today.utilisation,
    how: 'By the law at today\u2019s peak, of what there is',
    cell: (w) => (
      <>
        {formatShare(w.today.utilisation)}
        <Below tied>of {formatAmount(w.today.capacity, w.today.unit)}</Below>
      </>
    ),
  },
  {
    id: 'knee',
    head: 'Waiting begins',
    num: true,
    by: (w) => w.knee.factor,
    how: 'Times today\u2019s peak, with the 95 % interval',
    cell: (w) => (
      <>
        {formatFactor(w.knee.factor)}
        <Below tied>{formatInterval(w.knee)}</Below>
      </>
    ),
  },
  {
    id: 'limit',
    head: 'It breaks',
    num: true,
    by: (w) => w.limit.factor,
    how: 'Times today\u2019s peak, with the 95 % interval',
    cell: (w) => (
      <>
        {formatFactor(w.limit.factor)}
        <Below tied>{formatInterval(w.limit)}</Below>
      </>
    ),
  },
  {
    id: 'when',
    head: 'When',
    by: moment,
    how: 'When waiting begins: by the forecast, or by today\u2019s growth',
    cell: (w) => <When wall={w} />,
  },
  {
    id: 'strength',
    head: 'Trust',
    by: (w) => w.strength,
    cell: (w) =>
      w.strength === 'good' ? (
        <span className="quiet">good</span>
      ) : (
        <span title={w.evidence.doubts.map(asSentence).join(' ')}>
          <Badge state="warning">weak</Badge>
        </span>
      ),
  },
];

const save = (walls: readonly Wall[]): void =>
  downloadCsv(
    'capacity walls',
    [
      'service',
      'kind',
      'name',
      'used',
      'capacity',
      'unit',
      'knee',
      'knee_low',
      'knee_high',
      'limit',
      'limit_low',
      'limit_high',
      'date',
      'earliest',
      'latest',
      'forecast',
      'event',
      'strength',
      'doubts',
    ],
    walls.map(({ resource: r, today, knee, limit, when, strength, evidence }) => [
      ...[r.service, r.kind, r.name, today.used, today.capacity, today.unit],
      ...[knee.factor, knee.low, knee.high, limit.factor, limit.low, limit.high],
      ...[when.date, when.earliest, when.latest, when.forecast, when.event, strength, evidence.doubts.join('; ')],
    ]),
  );

const WITHOUT: readonly Column<NoWall>[] = [
  { id: 'what', head: 'What', by: (n) => nameOf(n.resource), cell: (n) => nameOf(n.resource) },
  { id: 'why', head: 'Why', cell: (n) => asSentence(n.why) },
];

/** What was looked at and has no wall, folded away. */
export function Without({ rows }: { rows: readonly NoWall[] }): ReactNode {
  return (
    <details>
      <summary>Without a wall, or none that can be told ({rows.length})</summary>
      <Table
        name="Without a wall"
        columns={WITHOUT}
        rows={rows}
        keyOf={(n, i) => `${nameOf(n.resource)} ${i}`}
        sortParam="without-sort"
      />
    </details>
  );
}

/** Every wall with its figures: what the chart shows, as text. */
export const WallTable = ({ body, picked }: { body: WallsBody; picked: Wall }): ReactNode => (
  <Section
    title="Walls"
    note={`as of ${formatMinute(body.made_at)}`}
    actions={
      <button className="plain small" onClick={() => save(body.walls)}>
        CSV
      </button>
    }
  >
    <Table name="Walls" columns={COLUMNS} rows={body.walls} keyOf={(w) => w.id} picked={(w) => w === picked} />
  </Section>
);
