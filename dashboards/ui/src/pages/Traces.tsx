import type { ReactNode, SubmitEvent } from 'react';
import { useRangedApi } from '../api/hooks';
import type { ServicesBody } from '../api/service';
import type { TraceRow, TracesBody } from '../api/traces';
import { Link, tracePath } from '../components/Link';
import { Page } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { trimmed } from '../lib/form';
import { formatDuration, formatExact, formatTime } from '../lib/format';
import { useParams } from '../lib/router';
import { tracesSentence } from '../lib/sentences';

const COLUMNS: readonly Column<TraceRow>[] = [
  {
    id: 'start',
    head: 'Start',
    by: (r) => r.start,
    cell: (r) => <Link to={tracePath(r.trace_id)}>{formatTime(r.start)}</Link>,
  },
  {
    id: 'root',
    head: 'Root',
    by: (r) => r.root_operation,
    cell: (r) => (
      <>
        {r.root_operation} <span className="quiet">{r.root_service}</span>
      </>
    ),
  },
  { id: 'duration', head: 'Duration', num: true, by: (r) => r.duration_ns, cell: (r) => formatDuration(r.duration_ns) },
  { id: 'spans', head: 'Spans', num: true, by: (r) => r.spans, cell: (r) => formatExact(r.spans) },
  {
    id: 'errors',
    head: 'Errors',
    num: true,
    by: (r) => r.errors,
    cell: (r) => (r.errors === 0 ? '0' : <span className="red">{formatExact(r.errors)}</span>),
  },
  { id: 'services', head: 'Services', cell: (r) => <span className="quiet small">{r.services.join(', ')}</span> },
];

/** Values of the form as address parameters; the duration is given in ms. */
function changesOf(form: FormData): Record<string, string | null> {
  const least = Number(trimmed(form, 'least'));
  return {
    service: trimmed(form, 'service'),
    operation: trimmed(form, 'operation'),
    status: trimmed(form, 'status'),
    min_duration_ns: least > 0 ? String(Math.round(least * 1e6)) : null,
  };
}

export default function Traces(): ReactNode {
  const [search, set] = useParams();
  const asked = {
    service: search.get('service'),
    operation: search.get('operation'),
    status: search.get('status'),
    min_duration_ns: search.get('min_duration_ns'),
  };
  const services = useRangedApi<ServicesBody>('/api/v1/services');
  const query = useRangedApi<TracesBody>('/api/v1/traces', { ...asked, limit: 100 });
  const names = (services.data?.services ?? []).map(({ service }) => service).sort();
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    set(changesOf(new FormData(event.currentTarget)));
  };
  const least = asked.min_duration_ns === null ? '' : String(Number(asked.min_duration_ns) / 1e6);
  return (
    <Page title="Traces" sentence={query.data === undefined ? 'Searching\u2026' : tracesSentence(query.data)}>
      <form className="row" onSubmit={submit} key={JSON.stringify(asked) + String(names.length)}>
        <label className="field">
          Service
          <select
            name="service"
            defaultValue={asked.service ?? ''}
            onChange={(event) => event.currentTarget.form?.requestSubmit()}
          >
            <option value="">any</option>
            {(asked.service === null || names.includes(asked.service) ? names : [asked.service, ...names]).map(
              (name) => (
                <option key={name}>{name}</option>
              ),
            )}
          </select>
        </label>
        <label className="field">
          Operation
          <input name="operation" defaultValue={asked.operation ?? ''} placeholder="any" spellCheck={false} />
        </label>
        <label className="field">
          At least, ms
          <input name="least" type="number" min="0" step="any" defaultValue={least} placeholder="0" />
        </label>
        <label className="field">
          Status
          <select
            name="status"
            defaultValue={asked.status ?? ''}
            onChange={(event) => event.currentTarget.form?.requestSubmit()}
          >
            <option value="">any</option>
            <option value="error">with errors</option>
          </select>
        </label>
        <label className="field">
          {'\u00a0'}
          <button className="main-action">Search</button>
        </label>
      </form>
      <Answer query={query} height={420}>
        {({ traces }) =>
          traces.length === 0 ? (
            <Empty>No trace fits. Take a filter away or choose a longer range.</Empty>
          ) : (
            <Table name="Traces" columns={COLUMNS} rows={traces} keyOf={(r) => r.trace_id} />
          )
        }
      </Answer>
    </Page>
  );
}
