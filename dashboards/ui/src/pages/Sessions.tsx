import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { OpenSession, SessionsBody } from '../api/administration';
import { remove } from '../api/client';
import { useApi } from '../api/hooks';
import { AdministrationTabs } from '../components/AdministrationTabs';
import { Page } from '../components/Page';
import { Answer, Empty, Failed, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { doorWords, sessionsSentence } from '../lib/administration';
import { formatAgo, formatDayMinute } from '../lib/format';

const API = '/api/v1/admin/sessions';

const COLUMNS: readonly Column<OpenSession>[] = [
  {
    id: 'user',
    head: 'Account',
    by: (r) => r.user,
    cell: (r) => (
      <>
        {r.user} {r.own && <span className="quiet small">this one is yours</span>}
      </>
    ),
  },
  { id: 'door', head: 'Signed in by', by: (r) => r.door, cell: (r) => doorWords(r.door) },
  {
    id: 'address',
    head: 'From',
    by: (r) => r.address,
    cell: (r) => r.address ?? <span className="quiet">not known</span>,
  },
  {
    id: 'began',
    head: 'Began',
    by: (r) => r.created_at,
    cell: (r) => <span title={formatDayMinute(r.created_at)}>{formatAgo(r.created_at, Date.now())}</span>,
  },
  {
    id: 'ends',
    head: 'Ends by itself',
    by: (r) => r.expires_at,
    cell: (r) => <span title={formatDayMinute(r.expires_at)}>{formatAgo(r.expires_at, Date.now())}</span>,
  },
];

/** Who is signed in now. */
export default function Sessions(): ReactNode {
  const client = useQueryClient();
  const query = useApi<SessionsBody>(API);
  const end = useMutation({
    mutationFn: (id: string) => remove(`${API}/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: [API] }),
  });
  const columns: Column<OpenSession>[] = [
    ...COLUMNS,
    {
      id: 'end',
      head: 'End',
      spoken: true,
      cell: (r) => (
        <button
          className="plain"
          disabled={end.isPending}
          aria-label={`End the session of ${r.user} that began ${formatDayMinute(r.created_at)}`}
          onClick={() => end.mutate(r.id)}
        >
          End
        </button>
      ),
    },
  ];
  return (
    <Page
      title="Sessions"
      sentence={query.data === undefined ? 'Reading the sessions\u2026' : sessionsSentence(query.data.sessions)}
      aside={<AdministrationTabs at="/administration/sessions" />}
    >
      {end.error !== null && <Failed error={end.error} />}
      <Answer query={query} height={300}>
        {({ sessions, truncated }) => (
          <>
            {truncated && <Note tone="amber">There are more; the newest {sessions.length} are shown.</Note>}
            {sessions.length === 0 ? (
              <Empty>A session begins when somebody signs in, and ends after twelve hours.</Empty>
            ) : (
              <Table name="Sessions" columns={columns} rows={sessions} keyOf={(r) => r.id} />
            )}
          </>
        )}
      </Answer>
    </Page>
  );
}
