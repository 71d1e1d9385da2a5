import { useMemo, type ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { TraceBody, TraceSpan } from '../api/traces';
import { Waterfall } from '../charts/Waterfall';
import { Link, servicePath } from '../components/Link';
import { Figure, Figures, Page } from '../components/Page';
import { Answer, Note } from '../components/State';
import { SpanPanel } from '../components/SpanPanel';
import { formatDuration, formatExact, formatTime, plural } from '../lib/format';
import { useParams } from '../lib/router';
import { traceSentence } from '../lib/sentences';
import { useMay } from '../lib/session';
import { treeOrder } from '../lib/waterfall';

/** The critical path as a list of the services that held the request up. */
function Critical({ spans, total }: { spans: readonly TraceSpan[]; total: number }): ReactNode {
  const path = spans.filter(({ critical }) => critical);
  if (path.length === 0) return null;
  return (
    <p className="small">
      <span className="quiet">Critical path: </span>
      {path.slice(0, 8).map((span, i) => (
        <span key={span.span_id}>
          {i > 0 && <span className="quiet"> {'\u2192'} </span>}
          {span.service} {span.operation}{' '}
          <span className="quiet">
            {formatDuration(span.duration_ns)}
            {total > 0 && i > 0 ? `, ${Math.round((span.duration_ns / total) * 100)} %` : ''}
          </span>
        </span>
      ))}
      {path.length > 8 && <span className="quiet"> and {plural(path.length - 8, 'more span')}</span>}
    </p>
  );
}

/** Logs are looked for a little before a trace begins and after it ends. */
const AROUND_MS = 300_000;

/** All log lines of a trace, of every service or of one; nothing to who may not read logs. */
function LogsLink({ trace, service }: { trace: TraceBody; service?: string }): ReactNode {
  if (!useMay('logs')) return null;
  const start = Date.parse(trace.start);
  const [from, to] = [start - AROUND_MS, start + trace.duration_ns / 1e6 + AROUND_MS];
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return (
    <Link to="/logs" with={{ q: `trace:${trace.trace_id}`, service: service ?? null, ...range }}>
      {service === undefined ? 'Log lines of this trace' : `Log lines of ${service} in this trace`}
    </Link>
  );
}

function Body({ trace }: { trace: TraceBody }): ReactNode {
  const [search, set] = useParams();
  const ordered = useMemo(() => treeOrder(trace.spans), [trace]);
  const wanted = search.get('span');
  const selected = ordered.find(({ span_id }) => span_id === wanted) ?? null;
  const close = (): void => set({ span: null }, true);
  const failed = trace.spans.filter(({ status }) => status === 'error').length;
  return (
    <>
      {trace.truncated && (
        <Note tone="amber">
          The trace has more spans than are shown; the earliest {formatExact(trace.spans.length)} are.
        </Note>
      )}
      <Figures>
        <Figure
          label="Duration"
          value={formatDuration(trace.duration_ns)}
          how="From the start of the first span to the end of the last"
        />
        <Figure label="Start" value={formatTime(trace.start)} />
        <Figure label="Spans" value={formatExact(trace.spans.length)} />
        <Figure label="Failed spans" value={formatExact(failed)} tone={failed > 0 ? 'red' : ''} />
        <Figure label="Logs" value={formatExact(trace.logs.length)} note={<LogsLink trace={trace} />} />
        <Figure
          label="Services"
          value={trace.services.length}
          note={trace.services.slice(0, 6).map((name, i) => (
            <span key={name}>
              {i > 0 && ', '}
              <Link to={servicePath(name)}>{name}</Link>
            </span>
          ))}
        />
      </Figures>
      <Critical spans={ordered} total={trace.duration_ns} />
      <div className="fall-grid">
        <Waterfall
          spans={ordered}
          services={trace.services}
          total={trace.duration_ns}
          selected={selected?.span_id ?? null}
          select={(id) => set({ span: id }, true)}
          close={close}
        />
        <SpanPanel
          span={selected}
          logs={trace.logs}
          link={selected === null ? null : <LogsLink trace={trace} service={selected.service} />}
          close={close}
        />
      </div>
    </>
  );
}

export default function Trace({ found }: { found: Record<string, string> }): ReactNode {
  const id = found['trace'] ?? '';
  const query = useApi<TraceBody>(`/api/v1/traces/${encodeURIComponent(id)}`);
  const sentence =
    query.data === undefined
      ? query.error === null
        ? 'Reading the trace\u2026'
        : 'This trace cannot be shown.'
      : traceSentence(query.data);
  return (
    <Page title={`Trace ${id}`} sentence={sentence}>
      <Answer query={query} height={560}>
        {(trace) => <Body trace={trace} />}
      </Answer>
    </Page>
  );
}
