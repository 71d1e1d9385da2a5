// Every page that there is, once: a page that is added to the router and not here fails the tests.
import { readFileSync } from 'node:fs';
import { tell } from './browser.mjs';
import { subjects } from './subjects.mjs';

/** The router's patterns, and which subject opens each; several where a page has several views. */
const ROUTES = {
  '/overview': ['overview'],
  '/services': ['services'],
  '/services/:service': ['service', 'breakdown', 'compare'],
  '/services/:service/delivery': ['delivered'],
  '/map': ['map'],
  '/explore': ['metrics', 'metric'],
  '/traces': ['traces'],
  '/traces/:trace': ['trace'],
  '/logs': ['logs'],
  '/lookup': ['lookup'],
  '/shared': ['shared'],
  '/slos': ['slos'],
  '/slos/:slo': ['slo'],
  '/probes': ['probes'],
  '/delivery': ['delivery'],
  '/forecast': ['forecast'],
  '/capacity': ['capacity'],
  '/capacity/:service': ['curve'],
  '/portfolios': ['portfolios'],
  '/portfolios/:portfolio': ['portfolio'],
  '/portfolios/client/:client': ['client'],
  '/portfolios/adviser/:adviser': ['adviser'],
  '/assets': ['assets'],
  '/alerts': ['alerts'],
  '/alerts/silences': ['silences'],
  '/alerts/deliveries': ['deliveries'],
  '/alerts/actions': ['remedies'],
  '/alerts/:alert': ['alert'],
  '/sql': ['sql'],
  '/reports': ['reports'],
  '/ingest': ['ingest'],
  '/audit': ['audit'],
  '/administration': ['accounts'],
  '/administration/tokens': ['tokens'],
  '/administration/sessions': ['sessions'],
  '/administration/node': ['node'],
};

const router = readFileSync(new URL('../src/Router.tsx', import.meta.url), 'utf8');
const patterns = [...router.matchAll(/pattern: '([^']+)'/g)].map(([, pattern]) => pattern);
const [missing, gone] = [
  patterns.filter((pattern) => !(pattern in ROUTES)),
  Object.keys(ROUTES).filter((pattern) => !patterns.includes(pattern)),
];
if (missing.length + gone.length > 0)
  throw new Error(`e2e/routes.mjs lists every page once: add ${missing.join(', ')}; remove ${gone.join(', ')}`);

/** An alert as another Alertmanager would tell it: in a quiet hour the demo has none of its own. */
async function tellAlert() {
  const alert = {
    status: 'firing',
    labels: { alertname: 'DiskFull', severity: 'warning' },
    annotations: { summary: 'The disk fills up' },
    startsAt: new Date(Date.now() - 600_000).toISOString(),
  };
  await tell('ingest', '/alertmanager/webhook', {
    version: '4',
    groupKey: 'e2e',
    status: 'firing',
    receiver: 'headroom',
    alerts: [alert],
  });
}

/** Paths of every page and view, by name. One that the demo has no subject for is an error: it would not be tested. */
export async function pathsOf(ask) {
  let all = await subjects(ask);
  if (all.alert === undefined) {
    await tellAlert();
    all = await subjects(ask);
  }
  const customer = new URL(all.lookup, 'http://any').searchParams.get('q');
  all.shared = (await tell('admin', '/lookup/share', { q: customer })).path;
  const names = Object.values(ROUTES).flat();
  const without = names.filter((name) => all[name] === undefined);
  if (without.length > 0) throw new Error(`the demo has nothing to open for ${without.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}
