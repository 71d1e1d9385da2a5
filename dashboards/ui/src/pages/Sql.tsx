import { useMutation } from '@tanstack/react-query';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { post } from '../api/client';
import type { SqlBody } from '../api/sql';
import type { Json } from '../api/types';
import { Page } from '../components/Page';
import { Empty, Failed, Note } from '../components/State';
import { jsonText } from '../components/Attributes';
import { downloadCsv, type Cell } from '../lib/csv';
import { formatDuration, plural } from '../lib/format';
import { useParams } from '../lib/router';

const FIRST = 'select service, count(*) as spans\nfrom spans\ngroup by service\norder by spans desc';
const LIMIT = 1_000;
const NUMERIC = /int|float|double|decimal|numeric/i;

const cellText = (value: Json): ReactNode => (value === null ? <span className="quiet">null</span> : jsonText(value));
const csvCell = (value: Json): Cell => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);

function Result({ body }: { body: SqlBody }): ReactNode {
  const numeric = body.columns.map(({ type }) => NUMERIC.test(type));
  return (
    <>
      {body.truncated && (
        <Note tone="amber">Only the first {plural(body.row_count, 'row')} are shown; add a limit or a filter.</Note>
      )}
      <div className="row small">
        <span className="quiet">
          {plural(body.row_count, 'row')} in {formatDuration(body.elapsed_ms * 1e6)}
        </span>
        <button
          className="plain"
          onClick={() =>
            downloadCsv(
              'query',
              body.columns.map(({ name }) => name),
              body.rows.map((row) => row.map(csvCell)),
            )
          }
        >
          CSV
        </button>
      </div>
      <div className="table-box">
        <table aria-label="Result">
          <thead>
            <tr>
              {body.columns.map(({ name, type }, i) => (
                <th key={`${name}/${i}`} scope="col" className={numeric[i] === true ? 'num' : ''} title={type}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.rows.map((row, r) => (
              <tr key={r}>
                {row.map((value, c) => (
                  <td key={c} className={numeric[c] === true ? 'num' : ''}>
                    {cellText(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export default function Sql(): ReactNode {
  const [search, set] = useParams();
  const [text, setText] = useState(search.get('sql') ?? FIRST);
  const run = useMutation({ mutationFn: (sql: string) => post<SqlBody>('/api/v1/sql', { sql, limit: LIMIT }) });
  const start = (): void => {
    const sql = text.trim();
    if (sql === '' || run.isPending) return;
    set({ sql }, true);
    run.mutate(sql);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      start();
    }
  };
  const state = run.isPending
    ? 'The query runs\u2026'
    : run.error !== null
      ? 'The query was refused.'
      : run.data === undefined
        ? 'Ask the telemetry in SQL, read only.'
        : `The answer has ${plural(run.data.row_count, 'row')}.`;
  return (
    <Page title="SQL" sentence={state}>
      <div className="stack">
        <textarea
          className="mono"
          rows={8}
          value={text}
          spellCheck={false}
          aria-label="SQL"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKey}
        />
        <div className="row">
          <button className="main-action" disabled={run.isPending} onClick={start}>
            Run
          </button>
          <span className="quiet small">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd>; at most {LIMIT.toLocaleString('en-US')} rows. The same views are open to
            psql.
          </span>
        </div>
      </div>
      {run.error !== null && <Failed error={run.error} />}
      {run.data === undefined ? (
        run.error === null && <Empty>The answer stands here.</Empty>
      ) : (
        <Result body={run.data} />
      )}
    </Page>
  );
}
