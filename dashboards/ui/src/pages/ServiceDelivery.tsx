import type { ReactNode } from 'react';
import type { DeliveryBody, ServiceDelivery as Body } from '../api/delivery';
import { useRangedApi } from '../api/hooks';
import type { Deploy, SeriesBody } from '../api/service';
import { Badge } from '../components/Badge';
import { FreezesNow } from '../components/Freezes';
import { Figure, Figures, Page, Section } from '../components/Page';
import { DELIVERY, ServiceTabs } from '../components/ServiceTabs';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { isWeb } from '../lib/alerts';
import { asSentence, formatTime } from '../lib/format';
import { deliveredSentence, MEASURES, outcomeOf, reasonOf } from '../lib/measures';

/** Points of the series are not shown here: as few as the API gives. */
const DAY = 86_400;

const Measures = ({ of }: { of: Body }): ReactNode => (
  <Figures>
    {MEASURES.map(({ id, name, how, value, words, note, why }) => {
      const [known, reason] = [value(of), why(of)];
      return (
        <Figure
          key={id}
          label={name}
          how={how}
          value={known === null ? <span className="quiet">not known</span> : words(known)}
          note={
            known === null ? reason : [note(of), reason].filter((part) => part !== undefined && part !== '').join('; ')
          }
        />
      );
    })}
  </Figures>
);

const COLUMNS: readonly Column<Deploy>[] = [
  { id: 'at', head: 'When', by: (r) => r.ts, cell: (r) => <span className="nowrap">{formatTime(r.ts)}</span> },
  { id: 'version', head: 'Version', by: (r) => r.version, cell: (r) => r.version },
  {
    id: 'outcome',
    head: 'Outcome',
    by: (r) => outcomeOf(r)[1],
    how: 'As it was told; one that was only seen began to serve',
    cell: (r) => {
      const [state, words] = outcomeOf(r);
      return <Badge state={state}>{words}</Badge>;
    },
  },
  {
    id: 'reason',
    head: 'Why',
    by: reasonOf,
    cell: (r) => reasonOf(r) ?? <span className="quiet">not told</span>,
  },
  {
    id: 'job',
    head: 'Done by',
    cell: (r) =>
      isWeb(r.url) ? (
        <a href={r.url} target="_blank" rel="noreferrer">
          {r.url}
        </a>
      ) : (
        <span className="quiet">not told</span>
      ),
  },
];

function Deployments({ service }: { service: string }): ReactNode {
  const query = useRangedApi<SeriesBody>(`/api/v1/services/${encodeURIComponent(service)}/series`, { step: DAY });
  return (
    <Section
      title="Deployments"
      note="as they were told or seen, the newest first; as failed count also those that an older version or a fix followed within a day"
    >
      <Answer query={query} height={200}>
        {({ deploys }) =>
          deploys.length === 0 ? (
            <Empty>
              None is known. A deployment is seen when a new service.version begins to serve; the job that deploys may
              tell it with POST /api/v1/deployments, as docs/rollouts.md shows.
            </Empty>
          ) : (
            <Table
              name="Deployments"
              columns={COLUMNS}
              rows={deploys.toReversed()}
              keyOf={(r) => `${r.ts}/${r.version}`}
              sortParam="deploy-sort"
            />
          )
        }
      </Answer>
    </Section>
  );
}

/** How a service is delivered: five measures, and the deployments that they count. */
export default function ServiceDelivery({ found }: { found: Record<string, string> }): ReactNode {
  const service = found['service'] ?? '';
  const query = useRangedApi<DeliveryBody>('/api/v1/delivery');
  const own = query.data?.services.find((row) => row.service === service);
  const waiting = query.error === null ? `Reading ${service}\u2026` : `How ${service} is delivered could not be read.`;
  return (
    <Page
      title={`Delivery of ${service}`}
      sentence={query.data === undefined ? waiting : deliveredSentence(own, service)}
      aside={<ServiceTabs service={service} at={DELIVERY} />}
    >
      <FreezesNow service={service} />
      <Answer query={query} height={80}>
        {({ changes_unreadable: wrong }) => (
          <>
            {wrong !== null && <Note tone="amber">{asSentence(wrong)} Lead times come from what was told alone.</Note>}
            {own !== undefined && <Measures of={own} />}
          </>
        )}
      </Answer>
      <Deployments service={service} />
    </Page>
  );
}
