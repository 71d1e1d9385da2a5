// Which service, trace, customer and so on the tests and pictures look at: the
// ones with most to show, chosen from what the API answers.

const most = (rows, by) => rows.reduce((top, row) => (top === undefined || by(row) > by(top) ? row : top), undefined);

/** Customers of recent failed traces come first: their story has a turn. */
async function customerOf(ask, traces) {
  for (const { trace_id: id } of traces) {
    const trace = await ask('admin', `/traces/${id}`);
    const owner = trace.spans.find((span) => span.customer_id !== '');
    if (owner !== undefined) return owner.customer_id;
  }
  const { portfolios } = await ask('admin', '/portfolios');
  return portfolios[0]?.customer_id ?? '';
}

/** Paths of every page, by name. */
export async function subjects(ask) {
  const { services } = await ask('admin', '/services');
  const service = (most(services, (row) => row.error_rate ?? 0) ?? { service: 'gateway' }).service;
  const failed = await ask('admin', '/traces', { status: 'error', limit: 20 });
  const any = failed.traces.length > 0 ? failed : await ask('admin', '/traces', { limit: 20 });
  const trace = most(any.traces, (row) => row.spans);
  const { slos } = await ask('admin', '/slos');
  const slo = slos.filter((row) => row.budget_remaining !== null).sort((a, b) => a.budget_remaining - b.budget_remaining)[0] ?? slos[0];
  const { portfolios } = await ask('admin', '/portfolios');
  const portfolio = most(portfolios, (row) => row.trades);
  const customer = await customerOf(ask, any.traces.slice(0, 5));
  const seg = encodeURIComponent;
  return {
    overview: '/overview?from=now-6h&to=now', services: '/services', service: `/services/${seg(service)}?from=now-1h&to=now`, traces: '/traces?from=now-6h&to=now',
    ...(trace === undefined ? {} : { trace: `/traces/${trace.trace_id}` }), lookup: `/lookup?q=${seg(customer)}`, slos: '/slos',
    ...(slo === undefined ? {} : { slo: `/slos/${seg(slo.name)}` }), forecast: '/forecast', portfolios: '/portfolios',
    ...(portfolio === undefined ? {} : { portfolio: `/portfolios/${seg(portfolio.id)}` }), alerts: '/alerts', sql: '/sql', ingest: '/ingest',
  };
}
