import { lazy, Suspense, useEffect, type ComponentType, type ReactNode } from 'react';
import { Catch } from './components/Catch';
import { Link } from './components/Link';
import { Page } from './components/Page';
import { Shell } from './components/Shell';
import { Skeleton } from './components/State';
import { homeOf, may, type Area } from './lib/roles';
import { keepRange, matchPath, navigate, useLocation } from './lib/router';
import { useSession } from './lib/session';
import { DEFAULT_RANGE, LONG_PRESETS, type Range } from './lib/range';
import { LiveContext, useLive } from './lib/use-live';
import { RangeProvider } from './lib/use-range';
import { Lookup } from './pages/Lookup';
import { Overview } from './pages/Overview';
import { Services } from './pages/Services';

type Found = Record<string, string>;
interface Route {
  pattern: string;
  area: Area;
  page: ComponentType<{ found: Found }>;
  range?: Range | null;
  presets?: readonly string[];
}

const WEEK: Range = { from: 'now-7d', to: 'now' };
/** Delivery is counted in weeks, over three months. */
const QUARTER = { range: { from: 'now-90d', to: 'now' }, presets: LONG_PRESETS };
const DAYS: Range = { from: 'now-24h', to: 'now' };
/** The forecast looks ahead as far as back. */
const AHEAD: Range = { from: 'now-24h', to: 'now+24h' };

/** The pages people start at come with the first load, the others when asked for. */
const ROUTES: readonly Route[] = [
  { pattern: '/overview', area: 'overview', page: Overview },
  { pattern: '/services', area: 'services', page: Services },
  { pattern: '/services/:service', area: 'services', page: lazy(() => import('./pages/Service')) },
  {
    pattern: '/services/:service/delivery',
    area: 'capacity',
    page: lazy(() => import('./pages/ServiceDelivery')),
    ...QUARTER,
  },
  { pattern: '/map', area: 'services', page: lazy(() => import('./pages/ServiceMap')) },
  // At /metrics the node tells Prometheus of itself.
  { pattern: '/explore', area: 'services', page: lazy(() => import('./pages/Metrics')) },
  { pattern: '/traces', area: 'traces', page: lazy(() => import('./pages/Traces')) },
  { pattern: '/traces/:trace', area: 'traces', page: lazy(() => import('./pages/Trace')), range: null },
  { pattern: '/logs', area: 'logs', page: lazy(() => import('./pages/Logs')) },
  { pattern: '/lookup', area: 'lookup', page: Lookup, range: null },
  { pattern: '/shared', area: 'shared', page: lazy(() => import('./pages/Shared')), range: null },
  { pattern: '/slos', area: 'slos', page: lazy(() => import('./pages/Slos')), range: null },
  { pattern: '/slos/:slo', area: 'slos', page: lazy(() => import('./pages/Slo')), range: WEEK },
  { pattern: '/probes', area: 'slos', page: lazy(() => import('./pages/Probes')), range: null },
  { pattern: '/delivery', area: 'capacity', page: lazy(() => import('./pages/Delivery')), ...QUARTER },
  { pattern: '/forecast', area: 'forecast', page: lazy(() => import('./pages/Forecast')), range: AHEAD },
  { pattern: '/capacity', area: 'capacity', page: lazy(() => import('./pages/Capacity')), range: WEEK },
  {
    pattern: '/capacity/:service',
    area: 'capacity',
    page: lazy(() => import('./pages/CapacityCurve')),
    range: WEEK,
  },
  { pattern: '/portfolios', area: 'portfolios', page: lazy(() => import('./pages/Portfolios')), range: null },
  { pattern: '/portfolios/:portfolio', area: 'portfolios', page: lazy(() => import('./pages/Portfolio')), range: null },
  {
    pattern: '/portfolios/client/:client',
    area: 'portfolios',
    page: lazy(() => import('./pages/Together').then(({ Client }) => ({ default: Client }))),
    range: null,
  },
  {
    pattern: '/portfolios/adviser/:adviser',
    area: 'portfolios',
    page: lazy(() => import('./pages/Together').then(({ Adviser }) => ({ default: Adviser }))),
    range: null,
  },
  { pattern: '/assets', area: 'portfolios', page: lazy(() => import('./pages/Assets')), range: null },
  { pattern: '/alerts', area: 'alerts', page: lazy(() => import('./pages/Alerts')), range: null },
  { pattern: '/alerts/silences', area: 'alerts', page: lazy(() => import('./pages/Silences')), range: null },
  { pattern: '/alerts/deliveries', area: 'alerts', page: lazy(() => import('./pages/Deliveries')), range: null },
  { pattern: '/alerts/actions', area: 'alerts', page: lazy(() => import('./pages/Remedies')), range: null },
  { pattern: '/alerts/:alert', area: 'alerts', page: lazy(() => import('./pages/Alert')), range: null },
  { pattern: '/sql', area: 'sql', page: lazy(() => import('./pages/Sql')), range: null },
  { pattern: '/reports', area: 'reports', page: lazy(() => import('./pages/Reports')), range: null },
  { pattern: '/ingest', area: 'ingest', page: lazy(() => import('./pages/Ingest')), range: null },
  {
    pattern: '/audit',
    area: 'audit',
    page: lazy(() => import('./pages/Audit')),
    range: { from: 'now-30d', to: 'now' },
    presets: LONG_PRESETS,
  },
  { pattern: '/administration', area: 'administration', page: lazy(() => import('./pages/Accounts')), range: null },
  {
    pattern: '/administration/tokens',
    area: 'administration',
    page: lazy(() => import('./pages/Tokens')),
    range: null,
  },
  {
    pattern: '/administration/sessions',
    area: 'administration',
    page: lazy(() => import('./pages/Sessions')),
    range: null,
  },
  { pattern: '/administration/node', area: 'administration', page: lazy(() => import('./pages/Node')), range: null },
];

function Missing({ path, denied }: { path: string; denied: boolean }): ReactNode {
  const { role } = useSession();
  return (
    <Page
      title="Not here"
      sentence={denied ? `The role "${role}" does not open this page.` : `There is no page at ${path}.`}
    >
      <p>
        <Link to={homeOf(role)}>Back to the start</Link>
      </p>
    </Page>
  );
}

function Routed(): ReactNode {
  const { path, search } = useLocation();
  const { role } = useSession();
  const home = path === '/';
  useEffect(() => {
    if (home) navigate(keepRange(homeOf(role), search), true);
  }, [home, role, search]);
  if (home) return null;
  for (const { pattern, area, page: Body, range, presets } of ROUTES) {
    const found = matchPath(pattern, path);
    if (found === null) continue;
    if (!may(role, area))
      return (
        <Shell ranged={false}>
          <Missing path={path} denied />
        </Shell>
      );
    const shell = (
      <Shell ranged={range !== null}>
        <Suspense
          fallback={
            <main className="main">
              <Skeleton height={52} />
              <Skeleton height={320} />
            </main>
          }
        >
          <Catch key={path}>
            <Body found={found} />
          </Catch>
        </Suspense>
      </Shell>
    );
    return (
      <RangeProvider
        key={pattern}
        fallback={range ?? (pattern === '/traces' ? DAYS : DEFAULT_RANGE)}
        {...(presets === undefined ? {} : { presets })}
      >
        {shell}
      </RangeProvider>
    );
  }
  return (
    <Shell ranged={false}>
      <Missing path={path} denied={false} />
    </Shell>
  );
}

/** The page of the address, with what every page knows. */
export function Router(): ReactNode {
  const live = useLive();
  return (
    <LiveContext.Provider value={live}>
      <Routed />
    </LiveContext.Provider>
  );
}
