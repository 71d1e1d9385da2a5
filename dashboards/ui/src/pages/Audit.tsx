import type { ReactNode, SubmitEvent } from 'react';
import type { AuditBody, AuditRow } from '../api/audit';
import { useRangedApi } from '../api/hooks';
import { Page } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { auditSentence } from '../lib/audit';
import { downloadCsv } from '../lib/csv';
import { trimmed } from '../lib/form';
import { formatTime } from '../lib/format';
import { useParams } from '../lib/router';

const FILTERS = [
  ['actor', 'Who', 'anybody'],
  ['action', 'Deed', 'any, silence. for all of a kind'],
  ['subject', 'To whom or what', 'any'],
] as const;
const PAGE = 100;

const COLUMNS: readonly Column<AuditRow>[] = [
  { id: 'seq', head: 'Row', num: true, cell: (r) => r.seq },
  { id: 'at', head: 'Time', cell: (r) => <span className="nowrap">{formatTime(r.at)}</span> },
  { id: 'actor', head: 'Who', cell: (r) => r.actor },
  { id: 'action', head: 'Deed', cell: (r) => <span className="nowrap">{r.action}</span> },
  { id: 'subject', head: 'To whom or what', cell: (r) => r.subject },
  {
    id: 'reason',
    head: 'Why, and more',
    cell: (r) => (
      <>
        {r.reason} <span className="quiet small below">{JSON.stringify(r.detail)}</span>
      </>
    ),
  },
];

const save = (rows: readonly AuditRow[]): void =>
  downloadCsv(
    'Audit trail',
    ['seq', 'at', 'actor', 'action', 'subject', 'reason', 'detail', 'hash'],
    rows.map((r) => [r.seq, r.at, r.actor, r.action, r.subject, r.reason, JSON.stringify(r.detail), r.hash]),
  );

/** Who did what, when and why, and whether the trail holds. */
export default function Audit(): ReactNode {
  const [search, set] = useParams();
  const asked = Object.fromEntries(
    [...FILTERS.map(([name]) => name), 'before'].map((name) => [name, search.get(name)]),
  );
  const query = useRangedApi<AuditBody>('/api/v1/audit', { ...asked, limit: PAGE });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    set({ ...Object.fromEntries(FILTERS.map(([name]) => [name, trimmed(form, name)])), before: null });
  };
  return (
    <Page title="Audit" sentence={query.data === undefined ? 'Reading the trail\u2026' : auditSentence(query.data)}>
      <form className="row" onSubmit={submit} key={JSON.stringify(asked)}>
        {FILTERS.map(([name, label, placeholder]) => (
          <label className="field" key={name}>
            {label}
            <input name={name} defaultValue={asked[name] ?? ''} placeholder={placeholder} spellCheck={false} />
          </label>
        ))}
        <label className="field">
          {'\u00a0'}
          <button className="main-action">Filter</button>
        </label>
      </form>
      <Answer query={query} height={420}>
        {({ rows, next }) =>
          rows.length === 0 ? (
            <Empty>No row fits. Take a filter away or choose a longer range.</Empty>
          ) : (
            <>
              <Table name="Audit trail" columns={COLUMNS} rows={rows} keyOf={(r) => String(r.seq)} />
              <div className="row">
                {asked['before'] !== null && (
                  <button className="plain" onClick={() => set({ before: null })}>
                    Newest rows
                  </button>
                )}
                {next !== null && (
                  <button className="plain" onClick={() => set({ before: String(next) })}>
                    Older rows
                  </button>
                )}
                <button className="plain" onClick={() => save(rows)}>
                  Save these as CSV
                </button>
              </div>
            </>
          )
        }
      </Answer>
    </Page>
  );
}
