import type { ReactNode } from 'react';
import { Tabs } from './Tabs';

const PARTS: readonly [string, string][] = [
  ['/administration', 'Accounts'],
  ['/administration/tokens', 'Tokens'],
  ['/administration/sessions', 'Sessions'],
  ['/administration/node', 'Node'],
];

/** What belongs to administration. */
export const AdministrationTabs = ({ at }: { at: string }): ReactNode => (
  <Tabs name="Of administration" tabs={PARTS.map(([to, label]) => ({ to, label, current: to === at }))} />
);
