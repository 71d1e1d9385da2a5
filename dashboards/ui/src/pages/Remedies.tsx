import { Fragment, type ReactNode } from 'react';
import type { Action, ActionDecision, ActionsBody } from '../api/actions';
import { useApi } from '../api/hooks';
import { Badge } from '../components/Badge';
import { alertPath, Link, servicePath } from '../components/Link';
import { Page, Section } from '../components/Page';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { AlertTabs } from '../components/Tabs';
import { actionsSentence, rulesOf, signalWords, standingOf, verdictWords } from '../lib/actions';
import { asSentence, formatAgo, formatTime, plural } from '../lib/format';
import { useParams } from '../lib/router';
import { ACTIONS, RemedyTurn } from './RemedyTurn';

/** Decisions that are shown before all of them are asked for. */
const FIRST = 8;

const COLUMNS: readonly Column<ActionDecision>[] = [
  { id: 'at', head: 'When', by: (r) => r.at, cell: (r) => <span className="nowrap">{formatTime(r.at)}</span> },
  {
    id: 'verdict',
    head: 'Decision',
    by: (r) => r.verdict,
    cell: (r) => <Badge state={r.verdict}>{verdictWords(r.verdict)}</Badge>,
  },
  {
    id: 'service',
    head: 'Service',
    by: (r) => r.service,
    cell: (r) => <Link to={servicePath(r.service)}>{r.service}</Link>,
  },
  {
    id: 'why',
    head: 'Why',
    cell: (r) => (
      <>
        {asSentence(r.why)}
        {signalWords(r).map((says) => (
          <span key={says} className="quiet small below">
            {says}
          </span>
        ))}
      </>
    ),
  },
  { id: 'alert', head: 'Alert', spoken: true, cell: (r) => <Link to={alertPath(r.alert)}>alert</Link> },
];

function Decisions({ action: { name, decisions } }: { action: Action }): ReactNode {
  const [search, set] = useParams();
  if (decisions.length === 0)
    return <Empty>Nothing was decided yet: no alert that it is for has been open since it was configured.</Empty>;
  const all = search.get('all') === name;
  const more = decisions.length - FIRST;
  return (
    <>
      <Table
        name={`Decisions of ${name}`}
        columns={COLUMNS}
        rows={all ? decisions : decisions.slice(0, FIRST)}
        keyOf={(r) => `${r.at}/${r.alert}/${r.verdict}`}
        sortParam={`sort-${name}`}
      />
      {more > 0 && (
        <p className="small">
          <button className="plain" aria-expanded={all} onClick={() => set({ all: all ? null : name })}>
            {all ? 'Fewer' : plural(more, 'older decision')}
          </button>
        </p>
      )}
    </>
  );
}

function Remedy({ action }: { action: Action }): ReactNode {
  const { name, disabled } = action;
  const standing = standingOf(action);
  return (
    <Section title={name} note={<Badge state={standing} />} actions={<RemedyTurn action={action} />}>
      {disabled !== null && (
        <Note tone="amber">
          Off since {formatTime(disabled.at)} ({formatAgo(disabled.at, Date.now())}):{' '}
          {disabled.by === 'headroom' ? 'it turned itself off' : `${disabled.by} turned it off`}.{' '}
          {asSentence(disabled.why)}
        </Note>
      )}
      <dl className="pairs">
        {rulesOf(action).map(([rule, words]) => (
          <Fragment key={rule}>
            <dt>{rule}</dt>
            <dd>{words}</dd>
          </Fragment>
        ))}
      </dl>
      <Decisions action={action} />
    </Section>
  );
}

const None = (): ReactNode => (
  <Empty>
    A remedy is a request to undo what an alert is about, which Headroom sends by a signed webhook when two signals
    agree: the budget burns, and the new version is to blame. Write one as <code>[[alerts.actions]]</code> into the
    configuration, with <code>name</code>, <code>url</code>, <code>secrets</code> and the <code>matchers</code> of its
    alerts; docs/rollouts.md has an example and all rules. It starts as a rehearsal, which sends nothing.
  </Empty>
);

export default function Remedies(): ReactNode {
  const query = useApi<ActionsBody>(ACTIONS, {}, { live: true });
  const waiting = query.error === null ? 'Reading the remedies\u2026' : 'The remedies could not be read.';
  return (
    <Page
      title="Remedies"
      sentence={query.data === undefined ? waiting : actionsSentence(query.data.actions, Date.now())}
      aside={<AlertTabs at="/alerts/actions" />}
    >
      <Answer query={query} height={300}>
        {({ actions }) =>
          actions.length === 0 ? <None /> : actions.map((action) => <Remedy key={action.name} action={action} />)
        }
      </Answer>
    </Page>
  );
}
