import { lazy, Suspense, useMemo, useRef, useState, type ReactNode } from 'react';
import views from '../../../../docs/sql.md?raw';
import { MOST_ROWS, useFixedSql, type SqlBody } from '../api/sql';
import { Choices } from '../components/Choices';
import { Page } from '../components/Page';
import type { EditorHandle } from '../components/SqlEditor';
import { Empty, Failed, Note, Skeleton } from '../components/State';
import { formatExact, plural } from '../lib/format';
import { useParams, withParams } from '../lib/router';
import { useSession } from '../lib/session';
import { FUNCTIONS_SQL, readFunctions, readViews, readWords, VIEWS_SQL } from '../lib/sql-catalog';
import { EXAMPLES } from '../lib/sql-examples';
import { faultIn } from '../lib/sql-fault';
import { readHistory, withRan } from '../lib/sql-history';
import { explained, readPlan } from '../lib/sql-plan';
import { readSaved, withSaved } from '../lib/sql-saved';
import { useStored } from '../lib/stored';
import { useCopy } from '../lib/use-copy';
import { useSql, type Run } from '../lib/use-sql';
import { SqlAnswer } from './SqlAnswer';
import { SaveDialog } from './SqlSaved';
import { SqlSide } from './SqlSide';

const SqlEditor = lazy(() => import('../components/SqlEditor'));

const LIMITS = ['100', '1000', String(MOST_ROWS)] as const;
/** Letters of an address that every server and mail program takes. */
const LONGEST_LINK = 8_000;

/** The server has names and types; what they mean stands in the documentation, which came with the same build. */
const WORDS = readWords(views);
const toViews = (body: SqlBody): ReturnType<typeof readViews> => readViews(body, WORDS);

function sentenceOf({ running, answered, failed, cancelled }: Run): string {
  if (running) return 'The query runs\u2026';
  if (failed !== null) return 'The query was refused.';
  if (cancelled) return 'The query was cancelled.';
  if (answered === null) return 'Ask the telemetry in SQL, read only.';
  const { body } = answered;
  if (readPlan(body) !== null) return 'This is how the statement is run.';
  return `The answer has ${body.truncated ? 'more than ' : ''}${plural(body.row_count, 'row')}.`;
}

export default function Sql(): ReactNode {
  const [search, set] = useParams();
  const { tenant, user } = useSession();
  const [text, setText] = useState(search.get('sql') ?? EXAMPLES[0]?.sql ?? '');
  const [naming, setNaming] = useState(false);
  const [history, changeHistory] = useStored(`headroom-sql-history/${tenant}/${user}`, readHistory);
  const [saved, changeSaved] = useStored(`headroom-sql-saved/${tenant}/${user}`, readSaved);
  const [told, copy] = useCopy();
  const editor = useRef<EditorHandle>(null);
  const runButton = useRef<HTMLButtonElement>(null);
  const views = useFixedSql(VIEWS_SQL, toViews);
  const functions = useFixedSql(FUNCTIONS_SQL, readFunctions);
  const vocabulary = useMemo(
    () => ({ views: views.data ?? [], functions: functions.data ?? [] }),
    [views.data, functions.data],
  );
  const query = useSql((sql, ms, body) => {
    if (body === null || readPlan(body) === null)
      changeHistory((old) => withRan(old, { sql, at: Date.now(), ms, rows: body?.row_count ?? null }));
  });
  const limit = LIMITS.find((one) => one === search.get('rows')) ?? '1000';
  // Which list stands beside the editor is the reader's own.
  const linkTo = (sql: string): string =>
    withParams(window.location.pathname, search, { sql: sql.trim(), panel: null });
  const show = (sql: string): void => {
    setText(sql);
    editor.current?.replace(sql);
  };
  const ask = (sql: string, sent: { sql: string; above: number } = { sql, above: 0 }): void => {
    if (sql.trim() === '' || query.running) return;
    show(sql);
    if (linkTo(sql).length <= LONGEST_LINK) set({ sql: sql.trim() }, true);
    query.start({ sql, sent: sent.sql, above: sent.above, limit: Number(limit) });
  };
  const { failed, answered, running } = query;
  const fault = useMemo(() => (failed === null ? null : faultIn(failed.error.message, failed.above)), [failed]);
  return (
    <Page title="SQL" sentence={sentenceOf(query)}>
      <div className="sql">
        <div className="stack">
          <Suspense fallback={<Skeleton height={222} />}>
            <SqlEditor
              ref={editor}
              first={text}
              vocabulary={vocabulary}
              fault={fault}
              change={setText}
              run={ask}
              leave={() => runButton.current?.focus()}
            />
          </Suspense>
          <div className="row">
            {running ? (
              <button ref={runButton} onClick={query.cancel}>
                Cancel
              </button>
            ) : (
              <button ref={runButton} className="main-action" onClick={() => ask(text)}>
                Run
              </button>
            )}
            <button disabled={running} onClick={() => ask(text, explained(text))}>
              Explain
            </button>
            <button disabled={text.trim() === ''} onClick={() => setNaming(true)}>
              Save
            </button>
            <button
              disabled={linkTo(text).length > LONGEST_LINK}
              title={linkTo(text).length > LONGEST_LINK ? 'Too long for a link: save it, and export a file' : undefined}
              onClick={() => copy('link', new URL(linkTo(text), window.location.href).href)}
            >
              Copy link
            </button>
            <span className="row">
              <span className="quiet small" aria-hidden="true">
                Rows at most
              </span>
              <Choices
                label="Rows at most"
                of={LIMITS.map(
                  (one) => [one, formatExact(Number(one)), `At most ${formatExact(Number(one))} rows`] as const,
                )}
                chosen={limit}
                choose={(one) => set({ rows: one === '1000' ? null : one }, true)}
              />
            </span>
            <span className="quiet small" role="status">
              {told}
            </span>
          </div>
          <p className="quiet small">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs, <kbd>Ctrl</kbd> <kbd>Space</kbd> completes, <kbd>Esc</kbd> leaves the
            editor. The same views are open to psql.
          </p>
        </div>
        <SqlSide
          views={views}
          history={history}
          changeHistory={changeHistory}
          saved={saved}
          changeSaved={changeSaved}
          insert={(name) => editor.current?.insert(name)}
          edit={show}
          run={ask}
        />
      </div>
      {failed !== null && <Failed error={failed.error} />}
      {failed !== null && answered !== null && <Note>Below is the answer to the statement before.</Note>}
      {answered === null ? (
        failed === null && <Empty>The answer stands here.</Empty>
      ) : (
        <SqlAnswer key={answered.run} body={answered.body} sql={answered.sql} />
      )}
      {naming && (
        <SaveDialog
          names={saved.map(({ name }) => name)}
          save={(name) => {
            changeSaved((all) => withSaved(all, { name, sql: text }));
            setNaming(false);
          }}
          close={() => setNaming(false)}
        />
      )}
    </Page>
  );
}
