import { chance, hex, iso } from './world.mjs';

const TREE = [
  [null, 'gateway', 'POST /api/orders', 'server', 0, 1],
  [0, 'auth', 'verify session', 'server', 0.02, 0.05],
  [0, 'order', 'POST /orders', 'server', 0.09, 0.89],
  [2, 'order', 'validate', 'internal', 0.1, 0.03],
  [2, 'risk', 'check limits', 'server', 0.15, 0.6],
  [4, 'risk', 'SELECT exposure', 'client', 0.17, 0.22],
  [4, 'ledger', 'balance of account', 'server', 0.41, 0.31],
  [6, 'ledger', 'SELECT entries', 'client', 0.43, 0.27],
  [2, 'execution', 'route order', 'server', 0.77, 0.19],
  [8, 'execution', 'send to venue', 'client', 0.79, 0.15],
  [2, 'notification', 'orders.placed publish', 'producer', 0.965, 0.01],
];
const CRITICAL = new Set([0, 2, 4, 6, 7, 8, 9]);
export const TRACES = Array.from({ length: 60 }, (_, i) => hex(32, 'trace', i));
export const BIG = 'b1'.repeat(16);

const attributes = (service, operation, failed) => ({
  'http.request.method': 'POST',
  'http.route': operation,
  'http.response.status_code': failed ? 503 : 201,
  'server.address': `${service}.svc`,
  'order.id': 'ord-20117',
  'order.quantity': '12.5',
  sampled: true,
  'risk.rules': ['limit', 'band'],
});

function span(id, [parent, service, operation, kind, at, share], i, start, total) {
  const failed = i === 4 && Number.parseInt(id.slice(0, 2), 16) % 3 === 0;
  const offset = Math.round(total * at);
  return {
    span_id: hex(16, 'span', id, i),
    parent_span_id: parent === null ? null : hex(16, 'span', id, parent),
    service,
    operation,
    kind,
    status: failed ? 'error' : 'ok',
    status_message: failed ? 'no healthy upstream' : '',
    start: iso(start + offset / 1e6),
    start_offset_ns: offset,
    duration_ns: Math.round(total * share),
    depth: 0,
    critical: CRITICAL.has(i),
    customer_id: i < 3 ? 'cus-1042' : '',
    attributes: attributes(service, operation, failed),
    resource: {
      'service.name': service,
      'service.version': '2.31.0',
      'cloud.region': 'us-east-1',
      'deployment.environment.name': 'production',
    },
    events: failed
      ? [
          {
            ts: iso(start + offset / 1e6 + 5),
            name: 'exception',
            attributes: { 'exception.type': 'UpstreamUnavailable', 'exception.message': 'no healthy upstream' },
          },
        ]
      : [],
    links: [],
  };
}

function big(now) {
  const spans = Array.from({ length: 10_000 }, (_, i) => {
    const parent = i === 0 ? null : Math.floor((i - 1) / 8);
    const made = span(
      BIG,
      [
        parent,
        ['gateway', 'order', 'risk', 'ledger', 'wallet'][i % 5],
        `step ${i}`,
        'internal',
        i / 11_000,
        i === 0 ? 1 : 0.02 + 0.05 * chance(i),
      ],
      i,
      now - 90_000,
      4e9,
    );
    return { ...made, critical: i < 4 };
  });
  return {
    trace_id: BIG,
    start: iso(now - 90_000),
    duration_ns: 4e9,
    services: ['gateway', 'order', 'risk', 'ledger', 'wallet'],
    truncated: false,
    spans,
    logs: [],
  };
}

function deepen(spans) {
  const depths = new Map();
  return spans.map((one) => {
    const depth = one.parent_span_id === null ? 0 : (depths.get(one.parent_span_id) ?? 0) + 1;
    depths.set(one.span_id, depth);
    return { ...one, depth };
  });
}

export function trace(id, now) {
  if (id === BIG) {
    const body = big(now);
    return { ...body, spans: deepen(body.spans) };
  }
  const i = TRACES.indexOf(id);
  if (i === -1) return null;
  const total = Math.round((20 + 400 * chance('took', id)) * 1e6);
  const start = now - 60_000 - i * 47_000;
  const spans = deepen(TREE.map((line, n) => span(id, line, n, start, total)));
  const log = (n, severity, event, body) => ({
    ts: spans[n].start,
    service: spans[n].service,
    severity_text: severity,
    event_name: event,
    body,
    span_id: spans[n].span_id,
    attributes: {},
  });
  return {
    trace_id: id,
    start: iso(start),
    duration_ns: total,
    services: [...new Set(spans.map(({ service }) => service))],
    truncated: false,
    spans,
    logs: [
      log(2, 'INFO', 'order.placed', 'order ord-20117 placed'),
      log(4, spans[4].status === 'error' ? 'ERROR' : 'INFO', 'risk.checked', 'limits of account checked'),
      log(9, 'INFO', 'order.filled', '12.5 AAPL at 190.11'),
    ],
  };
}

export function search({ service, status, least, limit, from, to, now }) {
  const rows = TRACES.map((id) => trace(id, now))
    .filter((one) => Date.parse(one.start) >= from && Date.parse(one.start) <= to)
    .map((one) => ({
      trace_id: one.trace_id,
      root_service: 'gateway',
      root_operation: 'POST /api/orders',
      start: one.start,
      duration_ns: one.duration_ns,
      spans: one.spans.length,
      errors: one.spans.filter((s) => s.status === 'error').length,
      services: one.services,
    }))
    .filter(
      (one) =>
        (service === null || one.services.includes(service)) &&
        (status !== 'error' || one.errors > 0) &&
        one.duration_ns >= least,
    );
  return { traces: rows.slice(0, limit), truncated: rows.length > limit };
}
