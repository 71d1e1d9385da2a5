import type { ReactNode } from 'react';
import type { Changes } from '../lib/router';
import { Link } from './Link';

export interface Tab {
  label: string;
  to: string;
  with?: Changes;
  current: boolean;
}

/** Sub-pages side by side; each is an address. */
export const Tabs = ({ name, tabs }: { name: string; tabs: readonly Tab[] }): ReactNode => (
  <nav className="tabs" aria-label={name}>
    {tabs.map(({ label, to, with: more = {}, current }) => (
      <Link key={label} to={to} with={more} aria-current={current ? 'page' : undefined}>
        {label}
      </Link>
    ))}
  </nav>
);

const ALERTS: readonly [string, string][] = [
  ['/alerts', 'Alerts'],
  ['/alerts/silences', 'Silences'],
  ['/alerts/deliveries', 'Deliveries'],
  ['/alerts/actions', 'Remedies'],
];

/** What belongs to alerts. */
export const AlertTabs = ({ at }: { at: string }): ReactNode => (
  <Tabs name="Of alerts" tabs={ALERTS.map(([to, label]) => ({ to, label, current: to === at }))} />
);
