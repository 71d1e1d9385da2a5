import type { ReactNode } from 'react';
import type { TraceLog, TraceSpan } from '../api/traces';
import { formatClock, formatDuration, formatTime } from '../lib/format';
import { useMay } from '../lib/session';
import { Attributes } from './Attributes';
import { Badge } from './Badge';
import { Link, lookupPath, servicePath, tracePath } from './Link';

function Logs({ logs }: { logs: readonly TraceLog[] }): ReactNode {
  return (
    <ul className="stack">
      {logs.slice(0, 200).map((log, i) => (
        <li key={`${log.ts}/${i}`} className="small">
          <span className="quiet">
            {formatClock(log.ts)} {log.service}
          </span>{' '}
          <Badge state={/^(error|fatal)/i.test(log.severity_text) ? 'error' : 'none'}>
            {log.severity_text === '' ? 'log' : log.severity_text}
          </Badge>{' '}
          {log.event_name !== '' && <strong>{log.event_name} </strong>}
          {log.body}
        </li>
      ))}
    </ul>
  );
}

interface Props {
  span: TraceSpan | null;
  logs: readonly TraceLog[];
  /** Where more logs of the selected span's service are. */
  link: ReactNode;
  close: () => void;
}

/** Everything about the selected span; the trace's logs while none is. */
export function SpanPanel({ span, logs, link, close }: Props): ReactNode {
  const lookup = useMay('lookup');
  if (span === null) {
    return (
      <aside className="panel" aria-label="Span">
        <p className="quiet">
          Choose a span for its attributes, events and logs. The line under a bar marks the critical path.
        </p>
        {logs.length > 0 && (
          <section className="stack">
            <h2>Logs of the trace</h2>
            <Logs logs={logs} />
          </section>
        )}
      </aside>
    );
  }
  const own = logs.filter(({ span_id }) => span_id === span.span_id);
  return (
    <aside
      className="panel"
      aria-label="Span"
      data-testid="span-panel"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <section className="stack">
        <div className="row">
          <h2 className="grow">{span.operation}</h2>
          <button className="plain" onClick={close}>
            Close
          </button>
        </div>
        <div className="row">
          <Link to={servicePath(span.service)}>{span.service}</Link>
          <Badge state={span.status} />
          {span.critical && <Badge state="none">critical path</Badge>}
        </div>
        {link !== null && <p className="small">{link}</p>}
        {span.status_message !== '' && <p className="red">{span.status_message}</p>}
        <dl className="pairs">
          <dt>duration</dt>
          <dd>{formatDuration(span.duration_ns)}</dd>
          <dt>start</dt>
          <dd>
            {formatTime(span.start)} (+{formatDuration(span.start_offset_ns)})
          </dd>
          <dt>kind</dt>
          <dd>{span.kind}</dd>
          <dt>span id</dt>
          <dd className="mono">{span.span_id}</dd>
          {span.customer_id !== '' && (
            <>
              <dt>customer</dt>
              <dd>{lookup ? <Link to={lookupPath(span.customer_id)}>{span.customer_id}</Link> : span.customer_id}</dd>
            </>
          )}
        </dl>
      </section>
      {span.events.length > 0 && (
        <section className="stack">
          <h2>Events</h2>
          {span.events.map((event, i) => (
            <div key={`${event.ts}/${i}`} className="stack">
              <span>
                {event.name} <span className="quiet small">{formatClock(event.ts)}</span>
              </span>
              <Attributes of={event.attributes} />
            </div>
          ))}
        </section>
      )}
      {own.length > 0 && (
        <section className="stack">
          <h2>Logs</h2>
          <Logs logs={own} />
        </section>
      )}
      <section className="stack">
        <h2>Attributes</h2>
        <Attributes of={span.attributes} />
      </section>
      {span.links.length > 0 && (
        <section className="stack">
          <h2>Links</h2>
          {span.links.map((link) => (
            <Link key={link.trace_id + link.span_id} to={tracePath(link.trace_id, link.span_id)}>
              {link.trace_id.slice(0, 16)}
            </Link>
          ))}
        </section>
      )}
      <section className="stack">
        <h2>Resource</h2>
        <Attributes of={span.resource} />
      </section>
    </aside>
  );
}
