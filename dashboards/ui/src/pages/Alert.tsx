import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { Alert as Body, AlertChange, AlertContext, AlertsBody } from '../api/alerting';
import { Badge } from '../components/Badge';
import { Link, servicePath, sloPath, tracePath } from '../components/Link';
import { MoneyFigure } from '../components/Money';
import { Figure, Figures, Page, Section } from '../components/Page';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { AlertTabs } from '../components/Tabs';
import { Take } from '../components/Take';
import { causeWords, hitWords, isWeb, traceOf } from '../lib/alerts';
import { asSentence, formatAgo, formatBurn, formatTime } from '../lib/format';
import { POLICY } from '../lib/policies';
import { useMay } from '../lib/session';
import { matchersOf } from '../lib/silence';

/** How long before an alert its failed requests are looked for, in ms. */
const BEFORE = 600_000;

function Measures({ alert }: { alert: Body }): ReactNode {
  const [customers, transactions, money] = [
    alert.context?.customers ?? null,
    alert.context?.transactions ?? null,
    alert.context?.money ?? null,
  ];
  const now = Date.now();
  return (
    <Figures>
      <Figure
        label="Severity"
        value={<Badge state={alert.state === 'resolved' ? 'none' : alert.severity}>{alert.severity}</Badge>}
        note={causeWords(alert)}
      />
      <Figure
        label={alert.resolved_at === null ? 'Began' : 'Lasted'}
        value={alert.resolved_at === null ? formatAgo(alert.started_at, now) : formatTime(alert.started_at)}
        note={alert.resolved_at === null ? formatTime(alert.started_at) : `to ${formatTime(alert.resolved_at)}`}
      />
      {alert.threshold !== null && (
        <Figure
          label="Burn"
          value={`${formatBurn(alert.burn_long)} / ${formatBurn(alert.burn_short)}`}
          note={`over ${alert.windows.replace('&', 'and')}; it fires at ${formatBurn(alert.threshold)} in both`}
          how="Error rate as a multiple of the one that spends the budget exactly in the objective's window"
        />
      )}
      {customers !== null && <Figure label="Customers hit" value={hitWords(customers)} how="Of those of a usual day" />}
      {transactions !== null && (
        <Figure label="Transactions failed" value={hitWords(transactions)} how="Of those of a usual day" />
      )}
      {money !== null && (
        <MoneyFigure
          label="Their value"
          value={money.amount}
          currency={money.currency}
          how="Sum of the transactions that failed"
        />
      )}
      <Figure label="Taken by" value={<Take alert={alert} />} />
    </Figures>
  );
}

const CHANGES: readonly Column<AlertChange>[] = [
  { id: 'at', head: 'When', by: (r) => r.at, cell: (r) => <span className="nowrap">{formatTime(r.at)}</span> },
  { id: 'kind', head: 'Kind', by: (r) => r.kind, cell: (r) => <span className="quiet">{r.kind}</span> },
  { id: 'what', head: 'What', cell: (r) => r.what },
];

const Words = ({ of }: { of: readonly string[] }): ReactNode => (
  <ol className="plain-list">
    {of.map((text) => (
      <li key={text}>{asSentence(text)}</li>
    ))}
  </ol>
);

/** What was found out beside the figures. */
function Known({ context }: { context: AlertContext }): ReactNode {
  const worse = context.changes.filter(({ kind }) => kind === 'upstream');
  const changes = context.changes.filter(({ kind }) => kind !== 'upstream');
  return (
    <>
      {context.dora !== null && (
        <Note tone={context.dora.major ? 'red' : context.dora.met.length > 0 ? 'amber' : ''}>
          {asSentence(context.dora.words)} This counts the criteria; a person decides and reports.
        </Note>
      )}
      <div className="two">
        <Section title="What changed" note="in the hour before">
          {changes.length === 0 ? (
            <Empty>No deploy, change of configuration or market event is known.</Empty>
          ) : (
            <Table
              name="What changed"
              columns={CHANGES}
              rows={changes}
              keyOf={(r, i) => `${r.at}/${r.kind}/${i}`}
              sortParam="change-sort"
            />
          )}
        </Section>
        <Section title="What sets failing requests apart">
          {context.differences.length === 0 ? (
            <Empty>Nothing beyond chance: they are as the others are, or too few to tell.</Empty>
          ) : (
            <Words of={context.differences} />
          )}
        </Section>
        <Section title="Called services that got worse">
          {worse.length === 0 ? (
            <Empty>None: what it calls fails no more often and is no slower than before.</Empty>
          ) : (
            <Words of={worse.map(({ what }) => what)} />
          )}
        </Section>
        <Traces context={context} />
      </div>
    </>
  );
}

function Traces({ context }: { context: AlertContext }): ReactNode {
  const ids = context.traces.flatMap(({ text, url }) => {
    const id = traceOf(url);
    return id === null ? [] : [{ id, text }];
  });
  return (
    <Section title="Example traces">
      {ids.length === 0 ? (
        <Empty>None was kept with the alert. The search for failed requests above may find some.</Empty>
      ) : (
        <ul>
          {ids.map(({ id, text }) => (
            <li key={id}>
              <Link to={tracePath(id)}>{text}</Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** Where to go from an alert. */
function Ways({ alert }: { alert: Body }): ReactNode {
  const [slos, traces] = [useMay('slos'), useMay('traces')];
  const from = new Date(Date.parse(alert.started_at) - BEFORE).toISOString();
  const range = { from, to: alert.resolved_at ?? 'now' };
  const slo = alert.labels['slo'];
  const ours = slo !== undefined;
  return (
    <p className="row small">
      {isWeb(alert.runbook) && (
        <a href={alert.runbook} target="_blank" rel="noreferrer">
          Runbook
        </a>
      )}
      {ours && slos && (
        <Link to={sloPath(slo)} with={{ from: null, to: null }}>
          Objective {slo}
        </Link>
      )}
      {ours && (
        <Link to={servicePath(alert.service)} with={range}>
          Service {alert.service}
        </Link>
      )}
      {ours && traces && (
        <Link to="/traces" with={{ ...range, service: alert.service, status: 'error' }}>
          Failed requests
        </Link>
      )}
      {alert.state === 'firing' && (
        <Link to="/alerts/silences" with={{ matchers: matchersOf(alert.labels) }}>
          Silence it
        </Link>
      )}
    </p>
  );
}

function Of({ alert }: { alert: Body }): ReactNode {
  const because = alert.resolved_because ?? '';
  return (
    <>
      <Measures alert={alert} />
      <Ways alert={alert} />
      {alert.state === 'resolved' && <Note>Resolved{because === '' ? '.' : `: ${asSentence(because)}`}</Note>}
      {alert.context !== null ? (
        <Known context={alert.context} />
      ) : (
        <Empty>
          {alert.state === 'resolved'
            ? 'Who was hit and what changed is known here only while an alert is open; the messages under Deliveries still say it.'
            : alert.labels['alertname'] === POLICY
              ? 'It is a step of an error-budget policy; the page of its objective tells what follows.'
              : 'Nothing more is known: it was reported by another Alertmanager, or the next evaluation will add it.'}
        </Empty>
      )}
    </>
  );
}

export default function Alert({ found }: { found: Record<string, string> }): ReactNode {
  const id = found['alert'] ?? '';
  const query = useApi<AlertsBody>('/api/v1/alerts', {}, { live: true });
  const alert = query.data?.alerts.find((one) => one.id === id);
  const waiting = query.error === null ? 'Reading the alert\u2026' : 'The alert could not be read.';
  const missing = `Alert ${id} is not among the newest ${query.data?.alerts.length ?? 0}.`;
  return (
    <Page
      title={
        alert === undefined
          ? 'Alert'
          : `Alert ${alert.slo === '' ? (alert.labels['alertname'] ?? alert.id) : `of ${alert.slo}`}`
      }
      sentence={query.data === undefined ? waiting : (alert?.summary ?? missing)}
      aside={<AlertTabs at="/alerts/:alert" />}
    >
      <Answer query={query} height={480}>
        {() =>
          alert === undefined ? (
            <Empty>
              It may be older, or belong to another tenant. <Link to="/alerts">All alerts</Link>
            </Empty>
          ) : (
            <Of alert={alert} />
          )
        }
      </Answer>
    </Page>
  );
}
