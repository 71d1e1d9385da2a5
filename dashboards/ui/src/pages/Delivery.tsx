import type { ReactNode } from 'react';
import type { DeliveryBody, ServiceDelivery } from '../api/delivery';
import { useRangedApi } from '../api/hooks';
import { FreezesNow } from '../components/Freezes';
import { Link, servicePath } from '../components/Link';
import { Page } from '../components/Page';
import { DELIVERY } from '../components/ServiceTabs';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { asSentence } from '../lib/format';
import { delivered, deliverySentence, MEASURES } from '../lib/measures';

const COLUMNS: readonly Column<ServiceDelivery>[] = [
  {
    id: 'service',
    head: 'Service',
    by: (r) => r.service,
    cell: (r) => (
      <Link className="nowrap" to={`${servicePath(r.service)}/${DELIVERY}`}>
        {r.service}
      </Link>
    ),
  },
  ...MEASURES.map(({ id, name, how, value, words, note, why }): Column<ServiceDelivery> => ({
    id,
    head: name,
    how,
    num: true,
    by: value,
    cell: (r) => {
      const known = value(r);
      return (
        <>
          {known === null ? <span className="quiet">not known</span> : words(known)}
          <span className="quiet small note">{known === null ? why(r) : note(r)}</span>
        </>
      );
    },
  })),
];

function Body({ body }: { body: DeliveryBody }): ReactNode {
  const { some, none } = delivered(body.services);
  return (
    <>
      {body.changes_unreadable !== null && (
        <Note tone="amber">{asSentence(body.changes_unreadable)} Lead times come from what was told alone.</Note>
      )}
      {some.length === 0 ? (
        <Empty>
          A deployment is seen when a new service.version begins to serve. The job that deploys may tell more with POST
          /api/v1/deployments: which changes, why, and how it ended; docs/rollouts.md shows how.
        </Empty>
      ) : (
        <Table name="Delivery" columns={COLUMNS} rows={some} keyOf={(r) => r.service} sortParam="delivery-sort" />
      )}
      {none.length > 0 && (
        <p className="small quiet">Not deployed in this range, as far as is known: {none.join(', ')}.</p>
      )}
      <p className="small quiet">
        The measures are those of DORA&rsquo;s guide of 2026, the bands those of Four Keys. What was only seen reaches
        back as far as figures by the minute are kept.
      </p>
    </>
  );
}

/** How every service is delivered. */
export default function Delivery(): ReactNode {
  const query = useRangedApi<DeliveryBody>('/api/v1/delivery');
  const waiting = query.error === null ? 'Reading the deployments\u2026' : 'The deployments could not be read.';
  return (
    <Page title="Delivery" sentence={query.data === undefined ? waiting : deliverySentence(query.data.services)}>
      <FreezesNow />
      <Answer query={query} height={360}>
        {(body) => <Body body={body} />}
      </Answer>
    </Page>
  );
}
