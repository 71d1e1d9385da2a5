// Which service, trace, customer and so on the tests and pictures look at: the
// ones with most to show, chosen from what the API answers.

const most = (rows, by) => rows.reduce((top, row) => (top === undefined || by(row) > by(top) ? row : top), undefined);

/**
 * A customer with a story: those of recent failed traces come first, and the
 * one taken has a journey and a card, so that there is something to look at.
 */
async function customerOf(ask, traces, portfolios) {
  const owners = [];
  for (const { trace_id: id } of traces) {
    const { spans } = await ask('admin', `/traces/${id}`);
    owners.push(...spans.map((span) => span.customer_id).filter((owner) => owner !== ''));
  }
  const candidates = [...new Set([...owners, ...portfolios.slice(0, 20).map((row) => row.customer_id)])];
  for (const candidate of candidates) {
    const { journey, customer } = await ask('admin', '/lookup', { q: candidate });
    if (journey.length > 1 && customer?.email_masked) return candidate;
  }
  return candidates[0] ?? '';
}

/** As the pages write it: a dot would look like a file's ending to the server. */
export const seg = (text) => encodeURIComponent(text).replaceAll('.', '%2E');

/** Paths of every page, by name. */
export async function subjects(ask) {
  const { services } = await ask('admin', '/services');
  // In quiet hours probes call more often than customers; they are no service that anything is known of.
  const platform = services.filter((row) => row.service !== 'headroom-probes');
  const service = (most(platform, (row) => row.calls) ?? { service: 'gateway' }).service;
  const failed = await ask('admin', '/traces', { status: 'error', limit: 20 });
  const any = failed.traces.length > 0 ? failed : await ask('admin', '/traces', { limit: 20 });
  const trace = most(any.traces, (row) => row.spans);
  const { slos } = await ask('admin', '/slos');
  const slo =
    slos.filter((row) => row.budget_remaining !== null).sort((a, b) => a.budget_remaining - b.budget_remaining)[0] ??
    slos[0];
  const { portfolios } = await ask('admin', '/portfolios');
  const portfolio = most(portfolios, (row) => row.trades);
  const adviser = portfolios.find((row) => (row.adviser_id ?? '') !== '')?.adviser_id;
  const { alerts } = await ask('admin', '/alerts');
  const alert = alerts.find((one) => one.context !== null) ?? alerts[0];
  const customer = await customerOf(ask, any.traces.slice(0, 8), portfolios);
  return {
    overview: '/overview?from=now-6h&to=now',
    services: '/services',
    service: `/services/${seg(service)}?from=now-24h&to=now`,
    breakdown: `/services/${seg(service)}?view=split&by=operation&from=now-6h&to=now`,
    compare: `/services/${seg(service)}?view=compare&from=now-30m&to=now`,
    delivered: `/services/${seg(service)}/delivery`,
    delivery: '/delivery',
    map: '/map?from=now-6h&to=now',
    metrics: '/explore',
    metric: `/explore?metric=http.server.requests&service=${seg(service)}&by=cloud.region&from=now-24h&to=now`,
    traces: '/traces?from=now-6h&to=now',
    ...(trace === undefined ? {} : { trace: `/traces/${trace.trace_id}` }),
    logs: '/logs?from=now-6h&to=now',
    lookup: `/lookup?q=${seg(customer)}`,
    slos: '/slos',
    ...(slo === undefined ? {} : { slo: `/slos/${seg(slo.name)}` }),
    forecast: '/forecast?from=now-7d&to=now%2B7d',
    capacity: '/capacity',
    curve: `/capacity/${seg(service)}?from=now-7d&to=now`,
    portfolios: '/portfolios',
    ...(portfolio === undefined ? {} : { portfolio: `/portfolios/${seg(portfolio.id)}` }),
    ...(portfolio === undefined ? {} : { client: `/portfolios/client/${seg(portfolio.customer_id)}` }),
    ...(adviser === undefined ? {} : { adviser: `/portfolios/adviser/${seg(adviser)}` }),
    assets: '/assets',
    alerts: '/alerts',
    ...(alert === undefined ? {} : { alert: `/alerts/${seg(alert.id)}` }),
    silences: '/alerts/silences',
    deliveries: '/alerts/deliveries',
    remedies: '/alerts/actions',
    probes: '/probes',
    sql: '/sql',
    reports: '/reports',
    ingest: '/ingest',
    audit: '/audit',
    accounts: '/administration',
    tokens: '/administration/tokens',
    sessions: '/administration/sessions',
    node: '/administration/node',
  };
}
