import type { ReactNode } from 'react';
import type { Level, LogLine } from '../api/logs';
import { formatClock, formatTime } from '../lib/format';
import { withTerm } from '../lib/logs';
import { useParams } from '../lib/router';
import { useMay } from '../lib/session';
import { inOrder, jsonText } from './Attributes';
import { Badge } from './Badge';
import { Link, lookupPath, servicePath, tracePath } from './Link';

const AROUND_MS = 30_000;
const STATES: Partial<Record<Level, string>> = { warn: 'warning', error: 'error', fatal: 'critical' };

/** A key and its value, with a way to find only those, and only others. */
function Pair({ name, value }: { name: string; value: string }): ReactNode {
  const [search, set] = useParams();
  const find = (not: boolean): void =>
    set({ q: withTerm(search.get('q') ?? '', name, value, not), before: null, line: null });
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <span className="mono">{value}</span>{' '}
        <button className="plain small" onClick={() => find(false)} aria-label={`Only lines with ${name} ${value}`}>
          only
        </button>{' '}
        <button className="plain small" onClick={() => find(true)} aria-label={`Only lines without ${name} ${value}`}>
          without
        </button>
      </dd>
    </>
  );
}

function Details({ line }: { line: LogLine }): ReactNode {
  const lookup = useMay('lookup');
  const traces = useMay('traces');
  const at = Date.parse(line.ts);
  const around = {
    q: null,
    service: line.service,
    level: null,
    before: null,
    from: new Date(at - AROUND_MS).toISOString(),
    to: new Date(at + AROUND_MS).toISOString(),
  };
  const resource = inOrder(line.resource);
  return (
    <div className="stack">
      <pre className="body">{line.body}</pre>
      <p className="row small">
        <span>{formatTime(line.ts)}</span>
        <Link to={servicePath(line.service)}>{line.service}</Link>
        {traces && line.trace_id !== null && (
          <Link to={tracePath(line.trace_id, line.span_id ?? undefined)}>The request it belongs to</Link>
        )}
        {lookup && line.customer_id !== '' && (
          <Link to={lookupPath(line.customer_id)}>Customer {line.customer_id}</Link>
        )}
        <Link to={`/logs?line=${line.id}`} with={around}>
          What {line.service} wrote before and after
        </Link>
      </p>
      <dl className="pairs">
        {line.trace_id !== null && <Pair name="trace" value={line.trace_id} />}
        {line.event_name !== '' && <Pair name="event" value={line.event_name} />}
        {line.scope_name !== '' && <Pair name="scope" value={line.scope_name} />}
        {inOrder(line.attributes).map(([key, value]) => (
          <Pair key={key} name={key} value={jsonText(value)} />
        ))}
      </dl>
      {resource.length > 0 && (
        <details>
          <summary className="small quiet">The program that wrote it</summary>
          <dl className="pairs">
            {resource.map(([key, value]) => (
              <Pair key={key} name={key} value={jsonText(value)} />
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

/** Log records, one line each; a line opens for all that is known of it. */
export function LogLines({ lines }: { lines: readonly LogLine[] }): ReactNode {
  const [search, set] = useParams();
  const open = search.get('line');
  return (
    <ol className="logs" aria-label="Log lines, newest first" data-testid="log-lines">
      {lines.map((line) => (
        <li key={line.id}>
          <details
            open={open === line.id}
            onToggle={({ currentTarget }) => {
              if (currentTarget.open && open !== line.id) set({ line: line.id }, true);
              if (!currentTarget.open && open === line.id) set({ line: null }, true);
            }}
          >
            <summary>
              <time dateTime={line.ts}>{formatClock(line.ts)}</time>
              <Badge state={STATES[line.level] ?? 'none'}>{line.level === 'unset' ? 'log' : line.level}</Badge>
              <span className="quiet">{line.service}</span>
              <span className="text mono">
                {line.event_name !== '' && <strong>{line.event_name} </strong>}
                {line.body !== line.event_name && line.body}
              </span>
            </summary>
            {open === line.id && <Details line={line} />}
          </details>
        </li>
      ))}
    </ol>
  );
}
