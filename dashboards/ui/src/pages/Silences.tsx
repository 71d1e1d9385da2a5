import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { NewSilence, Silence, SilencesBody } from '../api/alerting';
import { post, remove } from '../api/client';
import { useApi } from '../api/hooks';
import { Page, Section } from '../components/Page';
import { SilenceForm } from '../components/SilenceForm';
import { Answer, Empty, Failed } from '../components/State';
import { Table, type Column } from '../components/Table';
import { AlertTabs } from '../components/Tabs';
import { formatAgo, formatDayMinute, plural } from '../lib/format';
import { useParams } from '../lib/router';
import { windowWords } from '../lib/silence';

const API = '/api/v1/silences';

function sentenceOf(silences: readonly Silence[]): string {
  if (silences.length === 0) return 'No silence stands: every alert is told as its route says.';
  const holding = silences.filter(({ active_until: until }) => until !== null);
  const rest = plural(silences.length, 'silence stands', 'silences stand');
  if (holding.length === 0) return `${rest}; none holds now.`;
  return `${rest}, ${holding.length} of them now: ${holding
    .slice(0, 3)
    .map(({ matchers, comment }) => `${matchers.join(' and ')} (${comment})`)
    .join('; ')}.`;
}

const COLUMNS: readonly Column<Silence>[] = [
  {
    id: 'which',
    head: 'Alerts that fit',
    cell: (r) =>
      r.matchers.map((matcher) => (
        <code key={matcher} className="below">
          {matcher}
        </code>
      )),
  },
  { id: 'when', head: 'When', cell: (r) => windowWords(r.window) },
  {
    id: 'now',
    head: 'Now',
    by: (r) => r.active_until,
    cell: (r) =>
      r.active_until === null ? (
        <span className="quiet">not now</span>
      ) : (
        <span title={formatDayMinute(r.active_until)}>holds, ends {formatAgo(r.active_until, Date.now())}</span>
      ),
  },
  { id: 'why', head: 'Why', cell: (r) => r.comment },
  {
    id: 'by',
    head: 'Made by',
    by: (r) => r.created_at,
    cell: (r) => (
      <>
        {r.created_by} <span className="quiet small nowrap">{formatDayMinute(r.created_at)}</span>
      </>
    ),
  },
];

export default function Silences(): ReactNode {
  const [search, set] = useParams();
  const client = useQueryClient();
  const query = useApi<SilencesBody>(API, {}, { live: true });
  const onSettled = (): Promise<void> => client.invalidateQueries({ queryKey: [API] });
  const end = useMutation({ mutationFn: (id: string) => remove(`${API}/${encodeURIComponent(id)}`), onSettled });
  const make = useMutation({
    mutationFn: (silence: NewSilence) => post<Silence>(API, silence),
    onSuccess: () => set({ matchers: null }, true),
    onSettled,
  });
  const matchers = search.get('matchers') ?? '';
  const columns: Column<Silence>[] = [
    ...COLUMNS,
    {
      id: 'end',
      head: 'End',
      spoken: true,
      cell: (r) => (
        <button
          className="plain"
          disabled={end.isPending}
          aria-label={`End the silence ${r.comment}`}
          onClick={() => end.mutate(r.id)}
        >
          End
        </button>
      ),
    },
  ];
  return (
    <Page
      title="Silences"
      sentence={query.data === undefined ? 'Reading the silences\u2026' : sentenceOf(query.data.silences)}
      aside={<AlertTabs at="/alerts/silences" />}
    >
      {end.error !== null && <Failed error={end.error} />}
      <Answer query={query} height={160}>
        {({ silences }) =>
          silences.length === 0 ? (
            <Empty>For planned work make one for its time; for work of every week let it recur.</Empty>
          ) : (
            <Table name="Silences" columns={columns} rows={silences} keyOf={(r) => r.id} sortParam="silence-sort" />
          )
        }
      </Answer>
      <Section
        title="Make a silence"
        note="an alert that fits goes on, and nobody is told of it while the silence holds"
      >
        {make.error !== null && <Failed error={make.error} />}
        {make.data !== undefined && (
          <p className="small green" role="status">
            Made: {windowWords(make.data.window)}.
          </p>
        )}
        <SilenceForm
          key={`${matchers}/${make.data?.id ?? ''}`}
          matchers={matchers}
          busy={make.isPending}
          make={make.mutate}
        />
      </Section>
    </Page>
  );
}
