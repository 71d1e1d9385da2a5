import type { ReactNode } from 'react';
import type { AlertsBody } from '../api/alerting';
import { useApi } from '../api/hooks';
import { asSentence, formatAgo, formatDayMinute } from '../lib/format';
import { freezesOfAlerts, type Freeze } from '../lib/policies';
import { useMay } from '../lib/session';
import { Link, servicePath, sloPath } from './Link';
import { Note } from './State';

/** That releases are frozen, since when, and what still goes on. */
export const Freezes = ({ of }: { of: readonly Freeze[] }): ReactNode =>
  of.map(({ id, service, slo, policy, since, says }) => (
    <Note key={id} tone="amber">
      <strong>
        Releases of <Link to={servicePath(service)}>{service}</Link> are frozen
      </strong>{' '}
      since {formatDayMinute(since)} ({formatAgo(since, Date.now())}) by the policy {policy} of{' '}
      <Link to={sloPath(slo)} with={{ from: null, to: null }}>
        {slo}
      </Link>
      . {asSentence(says)} A version that is a fix goes on.
    </Note>
  ));

/**
 * Freezes of one service or of all, from the alerts that they are. Who may not read alerts finds them on the objectives'
 * pages.
 */
export function FreezesNow({ service = null }: { service?: string | null }): ReactNode {
  const [alerts, slos] = [useMay('alerts'), useMay('slos')];
  const query = useApi<AlertsBody>('/api/v1/alerts', { state: 'firing' }, { enabled: alerts && slos, live: true });
  return <Freezes of={freezesOfAlerts(query.data?.alerts ?? [], service)} />;
}
