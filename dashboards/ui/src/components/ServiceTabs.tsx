import type { ReactNode } from 'react';
import { useMay } from '../lib/session';
import { curvePath, Link, servicePath } from './Link';
import { Tabs } from './Tabs';

/** The tab that is a page of its own: it looks back over months, the others over hours. */
export const DELIVERY = 'delivery';
const VIEWS: readonly [string, string][] = [
  ['', 'Signals'],
  ['split', 'Breakdown'],
  ['compare', 'Compare'],
];
const OWN_RANGE = { from: null, to: null };

/** What there is of a service. */
export function ServiceTabs({ service, at }: { service: string; at: string }): ReactNode {
  const [capacity, logs] = [useMay('capacity'), useMay('logs')];
  const path = servicePath(service);
  const back = at === DELIVERY ? OWN_RANGE : {};
  const views = VIEWS.map(([view, label]) => ({ label, to: path, with: { view, ...back }, current: view === at }));
  const delivery = {
    label: 'Delivery',
    to: `${path}/${DELIVERY}`,
    with: at === DELIVERY ? {} : OWN_RANGE,
    current: at === DELIVERY,
  };
  return (
    <div className="row">
      <Tabs name="Of the service" tabs={capacity ? [...views, delivery] : views} />
      <span className="row small">
        <Link to="/map" with={{ service, ...back }}>
          Who calls it
        </Link>
        {logs && (
          <Link to="/logs" with={{ service, ...back }}>
            Logs
          </Link>
        )}
        {capacity && (
          <Link to={curvePath(service)} with={back}>
            Capacity curve
          </Link>
        )}
      </span>
    </div>
  );
}
