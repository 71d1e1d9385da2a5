import { useRef, useState, type ReactNode } from 'react';
import type { WallsBody, WhatIf } from '../api/capacity';
import { Badge } from '../components/Badge';
import { ChangeForm } from '../components/ChangeForm';
import { Section } from '../components/Page';
import { Empty, Failed, Note, Skeleton } from '../components/State';
import { Table, type Column } from '../components/Table';
import { compare, movedWords, whatOf, type Compared, type Verdict } from '../lib/capacity';
import { asSentence, formatFactor, plural } from '../lib/format';
import { addChange, changesOf, changeWords, keyOfChange, NOTHING, removeChange, type Change } from '../lib/what-if';
import { WallLink } from './CapacityLink';

const TONES: Record<Verdict, string> = { further: 'ok', gone: 'ok', nearer: 'failed', new: 'failed', same: 'none' };
const ARROWS: Record<Verdict, string> = {
  further: '\u2191 ',
  gone: '\u2191 ',
  nearer: '\u2193 ',
  new: '\u2193 ',
  same: '',
};

const COLUMNS: readonly Column<Compared>[] = [
  {
    id: 'wall',
    head: 'Wall',
    cell: (row) => (
      <>
        <WallLink id={row.id}>{row.resource.service}</WallLink>
        <span className="below quiet small">{whatOf(row.resource)}</span>
      </>
    ),
  },
  {
    id: 'before',
    head: 'Today',
    num: true,
    how: 'Growth at which waiting begins',
    cell: (row) => formatFactor(row.before),
  },
  {
    id: 'after',
    head: 'Then',
    num: true,
    how: 'Growth at which waiting begins, under the changes',
    cell: (row) => <strong>{formatFactor(row.after)}</strong>,
  },
  {
    id: 'moved',
    head: 'Change',
    spoken: true,
    cell: (row) => (
      <>
        <Badge state={TONES[row.verdict]}>
          {ARROWS[row.verdict]}
          {movedWords(row)}
        </Badge>
        {(row.isFirst || row.wasFirst) && (
          <span className="below quiet small">{row.isFirst ? 'first wall then' : 'first wall today'}</span>
        )}
      </>
    ),
  },
];

/** What the changes do to each wall; those that stay only when asked for. */
function Result({ before, after, waiting }: { before: WallsBody; after: WallsBody; waiting: boolean }): ReactNode {
  const [all, setAll] = useState(false);
  const rows = compare(before.walls, after.walls);
  const moved = rows.filter((row) => row.verdict !== 'same');
  const still = rows.length - moved.length;
  const shown = all ? rows : rows.filter((row) => row.verdict !== 'same' || row.isFirst || row.wasFirst);
  const first = after.walls[0];
  return (
    <div className="stack" aria-busy={waiting} data-testid="what-if-result">
      <p className={waiting ? 'quiet' : ''} role="status">
        {waiting
          ? 'Reckoning\u2026'
          : moved.length === 0
            ? 'No wall moves. Names must be the ones that traces have.'
            : first === undefined
              ? 'Then no wall is left that can be told.'
              : `Then: ${asSentence(first.sentence)}`}
      </p>
      <Table name="Walls before and after" columns={COLUMNS} rows={shown} keyOf={(row) => row.id} />
      {still > 0 && (
        <p className="small">
          <button className="plain" aria-expanded={all} onClick={() => setAll(!all)}>
            {all
              ? 'Only those that move'
              : `${plural(still, 'wall')} ${still === 1 ? 'stays' : 'stay'} where ${still === 1 ? 'it is' : 'they are'}`}
          </button>
        </p>
      )}
    </div>
  );
}

interface Props {
  body: WallsBody;
  whatIf: WhatIf;
  set: (whatIf: WhatIf) => void;
  /** The change in the address could not be read. */
  faulty: boolean;
  after: WallsBody | undefined;
  error: Error | null;
  retry: () => void;
  waiting: boolean;
}

/** Changes as chips, a form for more, and what they do. */
export function CapacityWhatIf({ body, whatIf, set, faulty, after, error, retry, waiting }: Props): ReactNode {
  const list = useRef<HTMLDivElement>(null);
  const changes = changesOf(whatIf);
  const limits = new Map(body.walls.map(({ id, today }) => [id, today.unit]));
  const drop = (change: Change): void => {
    set(removeChange(whatIf, change));
    // The button that had the focus is gone.
    list.current?.focus();
  };
  return (
    <Section
      title="What if"
      id="what-if"
      note={changes.length === 0 ? undefined : plural(changes.length, 'change')}
      actions={
        changes.length > 0 && (
          <button className="plain small" onClick={() => set(NOTHING)}>
            Reset
          </button>
        )
      }
    >
      {faulty && <Note tone="amber">The changes in this link could not be read; nothing is changed.</Note>}
      <div ref={list} tabIndex={-1} role="group" aria-label="Changes">
        {changes.length === 0 ? (
          <p className="quiet small">
            Nothing is changed. Add what you think of, or try one of the moves of a wall; the link keeps it.
          </p>
        ) : (
          <ul className="chips">
            {changes.map((change) => {
              const words = changeWords(change, limits);
              return (
                <li key={keyOfChange(change)}>
                  <span>{words}</span>
                  <button className="plain" aria-label={`Remove: ${words}`} onClick={() => drop(change)}>
                    {'\u00d7'}
                  </button>
                </li>
              );
            })}
          </ul>
        )}
      </div>
      <ChangeForm body={body} add={(change) => set(addChange(whatIf, change))} />
      {changes.length > 0 &&
        (error !== null && !waiting ? (
          <Failed error={error} retry={retry} />
        ) : after === undefined ? (
          <Skeleton height={160} />
        ) : body.walls.length === 0 ? (
          <Empty>There is no wall that could move.</Empty>
        ) : (
          <Result before={body} after={after} waiting={waiting} />
        ))}
    </Section>
  );
}
