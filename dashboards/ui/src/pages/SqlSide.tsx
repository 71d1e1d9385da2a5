import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Choices } from '../components/Choices';
import { Empty } from '../components/State';
import { formatDuration, formatTime, plural } from '../lib/format';
import { useParams } from '../lib/router';
import type { View } from '../lib/sql-catalog';
import { EXAMPLES } from '../lib/sql-examples';
import { withoutRan, type Ran } from '../lib/sql-history';
import type { Saved } from '../lib/sql-saved';
import { SqlSaved } from './SqlSaved';
import { Statements } from './SqlStatements';
import { SqlViews } from './SqlViews';

const PANELS = [
  ['views', 'Views'],
  ['examples', 'Examples'],
  ['history', 'History'],
  ['saved', 'Saved'],
] as const;

interface Props {
  views: UseQueryResult<View[]>;
  history: readonly Ran[];
  changeHistory: (step: (history: Ran[]) => Ran[]) => void;
  saved: readonly Saved[];
  changeSaved: (step: (saved: Saved[]) => Saved[]) => void;
  insert: (name: string) => void;
  edit: (sql: string) => void;
  run: (sql: string) => void;
}

const whatBecame = ({ at, ms, rows }: Ran): string =>
  `${formatTime(at)}, ${rows === null ? 'no answer' : plural(rows, 'row')} in ${formatDuration(ms * 1e6)}`;

function History({ history, changeHistory, edit, run }: Props): ReactNode {
  if (history.length === 0) return <Empty>Nothing was run in this browser yet.</Empty>;
  return (
    <>
      <span className="row small">
        <span className="quiet">The last statements of this browser.</span>
        <button className="plain" onClick={() => changeHistory(() => [])}>
          Clear
        </button>
      </span>
      <Statements
        label="History"
        of={history.map((ran) => ({ id: String(ran.at), sql: ran.sql, note: whatBecame(ran) }))}
        edit={edit}
        run={run}
        drop={(id) => changeHistory((old) => withoutRan(old, Number(id)))}
      />
    </>
  );
}

/** Beside the editor: what can be asked, and what was. */
export function SqlSide(props: Props): ReactNode {
  const [search, set] = useParams();
  const asked = search.get('panel');
  const panel = PANELS.find(([id]) => id === asked)?.[0] ?? 'views';
  const { views, saved, changeSaved, insert, edit, run } = props;
  return (
    <aside className="sql-side" aria-label="Views and statements">
      <Choices
        label="Beside the editor"
        of={PANELS}
        chosen={panel}
        choose={(id) => set({ panel: id === 'views' ? null : id }, true)}
      />
      {panel === 'views' && <SqlViews views={views} insert={insert} />}
      {panel === 'examples' && (
        <Statements label="Examples" of={EXAMPLES.map((one) => ({ id: one.title, ...one }))} edit={edit} run={run} />
      )}
      {panel === 'history' && <History {...props} />}
      {panel === 'saved' && <SqlSaved saved={saved} change={changeSaved} edit={edit} run={run} />}
    </aside>
  );
}
