import type { ReactNode, SubmitEvent } from 'react';
import { useApi } from '../api/hooks';
import type { LookupBody, LookupTrace } from '../api/lookup';
import { Badge, toneOf } from '../components/Badge';
import { Journey } from '../components/Journey';
import { Link, lookupPath, tracePath } from '../components/Link';
import { Page, Section } from '../components/Page';
import { CustomerCard } from '../components/Reveal';
import { Share } from '../components/Share';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { Incidents, Whose } from '../components/Whose';
import { trimmed } from '../lib/form';
import { formatDuration, formatTime } from '../lib/format';
import { useParams } from '../lib/router';
import { useMay } from '../lib/session';

const VERDICTS = { ok: 'ok', failed: 'failed', in_progress: 'in_progress', unknown: 'none' } as const;
const WORDS = { ok: 'all right', failed: 'failed', in_progress: 'in progress', unknown: 'not known' } as const;

function Traces({ rows }: { rows: readonly LookupTrace[] }): ReactNode {
  const open = useMay('traces');
  const columns: Column<LookupTrace>[] = [
    {
      id: 'ts',
      head: 'Time',
      by: (r) => r.ts,
      cell: (r) => (open ? <Link to={tracePath(r.trace_id)}>{formatTime(r.ts)}</Link> : formatTime(r.ts)),
    },
    { id: 'operation', head: 'Operation', by: (r) => r.operation, cell: (r) => r.operation },
    {
      id: 'duration',
      head: 'Duration',
      num: true,
      by: (r) => r.duration_ns,
      cell: (r) => formatDuration(r.duration_ns),
    },
    { id: 'status', head: 'Status', by: (r) => r.status, cell: (r) => <Badge state={r.status} /> },
  ];
  return <Table name="Evidence" columns={columns} rows={rows} keyOf={(r, i) => `${r.trace_id}/${i}`} />;
}

interface ResultProps {
  body: LookupBody;
  /** It was handed on: it is only read. */
  shared?: boolean;
}

/** Verdict, person, whose it is, journey, evidence. */
export function Result({ body, shared = false }: ResultProps): ReactNode {
  const { customer, verdict, journey, traces, matches, truncated } = body;
  return (
    <>
      <div className={`note-line ${toneOf(VERDICTS[verdict.state])}`} data-testid="verdict">
        <Badge state={VERDICTS[verdict.state]}>{WORDS[verdict.state]}</Badge> <strong>Next:</strong> {verdict.next_step}
      </div>
      <Incidents body={body} />
      {customer !== null && (
        <Section title="Who">
          <CustomerCard key={customer.customer_id} customer={customer} />
        </Section>
      )}
      {!shared && (matches.length > 1 || body.kind === 'phrase') && (
        <Section title={body.kind === 'phrase' ? 'Records are about' : 'Also found'}>
          <p className="row">
            {matches.slice(0, 20).map(({ kind, value }) => (
              <span key={kind + value}>
                <span className="quiet">{kind}</span> <Link to={lookupPath(value)}>{value}</Link>
              </span>
            ))}
          </p>
        </Section>
      )}
      {body.kind !== 'unknown' && body.kind !== 'phrase' && (
        <Section title="Whose it is">
          <Whose body={body} />
        </Section>
      )}
      <div className="wide-left">
        <Section title="Journey" note={truncated ? 'the newest part; there is more' : undefined}>
          {journey.length === 0 ? (
            <Empty>No business event carries this value. Orders, payments and sessions fill the journey.</Empty>
          ) : (
            <Journey steps={journey} />
          )}
        </Section>
        <Section title="Evidence" note="traces">
          {traces.length === 0 ? <Empty>No trace carries this value.</Empty> : <Traces rows={traces} />}
        </Section>
      </div>
      {!shared && (
        <Section title="Reply and hand on" note="to the customer, a colleague, or an engineer">
          <Share body={body} path={lookupPath(customer?.customer_id ?? body.query)} />
        </Section>
      )}
    </>
  );
}

/** Who is it, what happened, what to do: for someone with a customer on the phone. */
export function Lookup(): ReactNode {
  const [search, set] = useParams();
  const q = search.get('q') ?? '';
  const query = useApi<LookupBody>('/api/v1/lookup', { q }, { enabled: q !== '' });
  const shown = q !== '' && query.data !== undefined && !query.isPlaceholderData ? query.data : null;
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    set({ q: trimmed(new FormData(event.currentTarget), 'q') });
  };
  const waiting = query.error === null ? `Looking for ${q}\u2026` : `The lookup of ${q} did not work.`;
  const sentence =
    q === ''
      ? 'Who is it about? A customer, order, payment, trade, account, session or invoice id, or an email address.'
      : (shown?.verdict.sentence ?? waiting);
  return (
    <Page
      title="Customer lookup"
      sentence={sentence}
      aside={
        <form className="row" onSubmit={submit} key={q}>
          <input
            name="q"
            type="search"
            defaultValue={q}
            size={44}
            autoFocus={q === ''}
            aria-label="Look up"
            placeholder="Id or email address"
            autoComplete="off"
            spellCheck={false}
          />
          <button className="main-action">Look up</button>
        </form>
      }
    >
      {q !== '' &&
        (query.isPlaceholderData ? (
          <Note>Looking for {q}; the earlier answer is gone so that it is not taken for this one.</Note>
        ) : (
          <Answer query={query} height={480}>
            {(body) => <Result body={body} />}
          </Answer>
        ))}
    </Page>
  );
}
