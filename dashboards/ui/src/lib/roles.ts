import type { Role } from '../api/types';

/** What a role may open. The server decides; the pages only leave out dead ends. */
export type Area =
  | 'overview'
  | 'services'
  | 'traces'
  | 'logs'
  | 'lookup'
  | 'shared'
  | 'reveal'
  | 'slos'
  | 'forecast'
  | 'capacity'
  | 'portfolios'
  | 'alerts'
  | 'sql'
  | 'ingest'
  | 'reports'
  | 'evidence'
  | 'audit'
  | 'administration';

const ALL: readonly Area[] = [
  'overview',
  'services',
  'traces',
  'logs',
  'lookup',
  'shared',
  'reveal',
  'slos',
  'forecast',
  'capacity',
  'portfolios',
  'alerts',
  'sql',
  'ingest',
  'reports',
  'evidence',
  'audit',
  'administration',
];
const AREAS: Record<Role, readonly Area[]> = {
  agent: ['overview', 'services', 'traces', 'lookup', 'shared', 'reveal', 'portfolios'],
  sre: ALL.filter((area) => !['reveal', 'sql', 'audit', 'evidence', 'administration'].includes(area)),
  analyst: ['shared', 'overview', 'services', 'slos', 'forecast', 'capacity', 'portfolios', 'sql'],
  lead: [
    'shared',
    'overview',
    'services',
    'slos',
    'forecast',
    'capacity',
    'portfolios',
    'alerts',
    'sql',
    'reports',
    'evidence',
  ],
  admin: ALL,
  ingest: [],
};

export const may = (role: Role, area: Area): boolean => AREAS[role].includes(area);

export interface Place {
  area: Area;
  path: string;
  label: string;
  key: string;
  group: string;
}

/** The pages of the navigation; `key` follows "g" on the keyboard. */
export const PLACES: readonly Place[] = [
  { area: 'overview', path: '/overview', label: 'Overview', key: 'o', group: 'Now' },
  { area: 'lookup', path: '/lookup', label: 'Customer lookup', key: 'l', group: 'Now' },
  { area: 'alerts', path: '/alerts', label: 'Alerts', key: 'a', group: 'Now' },
  { area: 'services', path: '/services', label: 'Services', key: 's', group: 'Look closer' },
  { area: 'services', path: '/map', label: 'Service map', key: 'w', group: 'Look closer' },
  { area: 'services', path: '/explore', label: 'Metrics', key: 'e', group: 'Look closer' },
  { area: 'traces', path: '/traces', label: 'Traces', key: 't', group: 'Look closer' },
  { area: 'logs', path: '/logs', label: 'Logs', key: 'j', group: 'Look closer' },
  { area: 'slos', path: '/slos', label: 'SLOs', key: 'b', group: 'Look closer' },
  { area: 'slos', path: '/probes', label: 'Probes', key: 'h', group: 'Look closer' },
  { area: 'capacity', path: '/delivery', label: 'Delivery', key: 'd', group: 'Look closer' },
  { area: 'forecast', path: '/forecast', label: 'Forecast and plan', key: 'f', group: 'Look ahead' },
  { area: 'capacity', path: '/capacity', label: 'Capacity', key: 'c', group: 'Look ahead' },
  { area: 'portfolios', path: '/portfolios', label: 'Portfolios', key: 'p', group: 'Look ahead' },
  { area: 'portfolios', path: '/assets', label: 'Assets', key: 'm', group: 'Look ahead' },
  { area: 'sql', path: '/sql', label: 'SQL', key: 'q', group: 'Tools' },
  { area: 'reports', path: '/reports', label: 'Reports', key: 'r', group: 'Tools' },
  { area: 'ingest', path: '/ingest', label: 'Ingest', key: 'i', group: 'Tools' },
  { area: 'audit', path: '/audit', label: 'Audit', key: 'u', group: 'Tools' },
  { area: 'administration', path: '/administration', label: 'Administration', key: 'n', group: 'Tools' },
];

export const placesOf = (role: Role): Place[] => PLACES.filter((place) => may(role, place.area));
/** Agents have someone on the phone; everyone else starts at the overview. */
export const homeOf = (role: Role): string => (role === 'agent' ? '/lookup' : '/overview');
