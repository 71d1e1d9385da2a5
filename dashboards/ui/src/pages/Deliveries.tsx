import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { DeliveriesBody, Delivery } from '../api/alerting';
import { post } from '../api/client';
import { useApi } from '../api/hooks';
import { Badge } from '../components/Badge';
import { Choices } from '../components/Choices';
import { Page } from '../components/Page';
import { Answer, Empty, Failed } from '../components/State';
import { Table, type Column } from '../components/Table';
import { AlertTabs } from '../components/Tabs';
import { deliveriesSentence, deliveryReason, deliveryTitle } from '../lib/delivery';
import { formatAgo, formatExact, formatTime } from '../lib/format';
import { useParams } from '../lib/router';

const API = '/api/v1/deliveries';
const STATES: readonly [string, string][] = [
  ['', 'All'],
  ['pending', 'Waiting'],
  ['delivered', 'Delivered'],
  ['dead', 'Given up'],
];

const COLUMNS: readonly Column<Delivery>[] = [
  {
    id: 'queued',
    head: 'Queued',
    by: (r) => r.created_at,
    cell: (r) => <span className="nowrap">{formatTime(r.created_at)}</span>,
  },
  { id: 'receiver', head: 'Receiver', by: (r) => r.channel, cell: (r) => r.channel },
  {
    id: 'what',
    head: 'What',
    cell: (r) => {
      const why = deliveryReason(r);
      return (
        <span title={r.dedup_key}>
          {deliveryTitle(r)} {why !== null && <span className="quiet small below">{why}</span>}
        </span>
      );
    },
  },
  {
    id: 'state',
    head: 'State',
    by: (r) => r.state,
    cell: (r) => (
      <>
        <Badge state={r.state}>{r.state === 'dead' ? 'given up' : r.state === 'leased' ? 'sending' : r.state}</Badge>{' '}
        <span className="quiet small below nowrap">
          {r.state === 'pending'
            ? `due ${formatAgo(r.due_at, Date.now())}`
            : r.finished_at === null
              ? ''
              : formatTime(r.finished_at)}
        </span>
      </>
    ),
  },
  {
    id: 'attempts',
    head: 'Attempts',
    num: true,
    by: (r) => r.attempts,
    cell: (r) => formatExact(r.attempts),
  },
  {
    id: 'error',
    head: 'Last error',
    cell: (r) => r.last_error ?? <span className="quiet">none</span>,
  },
];

export default function Deliveries(): ReactNode {
  const [search, set] = useParams();
  const state = search.get('state') ?? '';
  const client = useQueryClient();
  const query = useApi<DeliveriesBody>(API, { state }, { live: true });
  const replay = useMutation({
    mutationFn: (id: number) => post<Delivery>(`${API}/${id}/replay`),
    onSettled: () => client.invalidateQueries({ queryKey: [API] }),
  });
  const columns: Column<Delivery>[] = [
    ...COLUMNS,
    {
      id: 'again',
      head: 'Once more',
      spoken: true,
      cell: (r) =>
        r.state === 'dead' && (
          <button
            className="plain nowrap"
            disabled={replay.isPending}
            aria-label={`Send again to ${r.channel}: ${deliveryTitle(r)}`}
            onClick={() => replay.mutate(r.id)}
          >
            Send again
          </button>
        ),
    },
  ];
  const waiting = query.error === null ? 'Reading the messages\u2026' : 'The messages could not be read.';
  return (
    <Page
      title="Deliveries"
      sentence={query.data === undefined ? waiting : deliveriesSentence(query.data.deliveries, state)}
      aside={<AlertTabs at="/alerts/deliveries" />}
    >
      <div>
        <Choices label="State" of={STATES} chosen={state} choose={(next) => set({ state: next })} />
      </div>
      {replay.error !== null && <Failed error={replay.error} />}
      <Answer query={query} height={300}>
        {({ deliveries }) =>
          deliveries.length === 0 ? (
            <Empty>
              {state === ''
                ? 'Messages appear when an alert begins, gets worse or ends. Receivers are the [[alerts.targets]] of the configuration.'
                : 'No message is in this state.'}
            </Empty>
          ) : (
            <Table
              name="Deliveries"
              columns={columns}
              rows={deliveries}
              keyOf={(r) => String(r.id)}
              sortParam="delivery-sort"
            />
          )
        }
      </Answer>
    </Page>
  );
}
