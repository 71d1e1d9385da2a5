//! A day of spans to ask about: twenty services of six or seven operations, three pairs of version and region at once;
//! traces of five spans with a dozen attributes; one request in fifty fails.

use chrono::{DateTime, Utc};
use headroom_store::{Store, literal, schema};

pub(crate) const TENANT: &str = "acme";
/// The service that every trace begins in: two spans of five are its own.
pub(crate) const BUSY: &str = "gateway";
/// Spans of one insert.
const BLOCK: u64 = 1_000_000;

/// The spans, and the rollups that are sums of them.
pub(crate) async fn fill(store: &Store, day: DateTime<Utc>, spans: u64) {
    for first in (0..spans).step_by(BLOCK as usize) {
        store.execute(&insert(store, day, spans, first)).await.unwrap();
    }
    let latency = [schema::LATENCY_BUCKETS_1M, schema::LATENCY_BUCKETS_1H, schema::SPAN_MINUTE];
    for rollup in schema::rollups().into_iter().filter(|rollup| latency.contains(&rollup.table)) {
        let columns = schema::columns_of(rollup.table).join(", ");
        let select = rollup.select.replace("{source}", &store.table(rollup.source));
        let table = store.table(rollup.table);
        let sql = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM ({select})");
        store.execute(&sql).await.unwrap();
    }
}

/// Spans `first` and following. A trace: a request to the gateway, its call of one of nineteen services, that service's
/// own span, its database call and its message.
fn insert(store: &Store, day: DateTime<Utc>, spans: u64, first: u64) -> String {
    let columns = "tenant, service, operation, kind, status, status_message, ts, duration_ns, trace_id, span_id, \
        parent_span_id, version, region, customer_id, resource, attributes, events_ts, events_name, events_attributes";
    let start = literal::ts(day);
    let step_ns = 86_400_000_000_000 / (spans / 5);
    let count = BLOCK.min(spans - first);
    format!(
        "INSERT INTO {table} ({columns}) \
        WITH intDiv(number, 5) AS t, number % 5 AS j, cityHash64(t) AS h, \
          concat('svc-', toString(1 + h % 19)) AS peer, if(j < 2, '{BUSY}', peer) AS svc, \
          concat('op', toString(bitShiftRight(h, 8) % 5)) AS op, bitShiftRight(h, 16) % 50 = 0 AS failed, \
          bitShiftRight(h, 24) % 3 AS pod, if(number < {spans} / 2 OR pod = 0, '1.0', '1.1') AS ver, \
          ['eu-west-1', 'us-east-1'][1 + pod % 2] AS zone, toString(bitShiftRight(h, 30) % 100000) AS customer, \
          {start} + toIntervalNanosecond(t * {step_ns} + j * 150000) AS start, \
          concat('order ', toString(h % 100000), ' not found') AS said, failed AND j < 3 AS fails \
        SELECT '{TENANT}', svc, multiIf(j = 1, 'POST', j = 3, 'SELECT orders', j = 4, 'send orders', op), \
          ['server', 'client', 'server', 'client', 'producer'][j + 1], if(fails, 'error', 'ok'), if(fails, said, ''), \
          start, toUInt64(exp(15 + randNormal(0, 0.8)) * if(failed OR ver = '1.1' AND pod = 1, 4, 1) / (1 + j)), \
          sipHash128(t), reinterpretAsFixedString(cityHash64(number)), \
          if(j = 0, toFixedString('', 8), reinterpretAsFixedString(cityHash64(if(j < 3, number - 1, number - j + 2)))), \
          ver, zone, customer, \
          map('service.name', svc, 'service.version', ver, 'service.instance.id', concat(svc, '-', toString(pod)), \
            'host.name', concat('ip-10-0-', toString(pod)), 'k8s.pod.name', concat(svc, '-', toString(pod)), \
            'cloud.region', zone, 'cloud.provider', 'aws', 'deployment.environment.name', 'production', \
            'telemetry.sdk.language', 'rust'), \
          mapFilter((k, v) -> v != '', map('http.request.method', if(j < 3, 'POST', ''), 'http.route', if(j < 3, op, ''), \
            'http.response.status_code', multiIf(j > 2, '', failed, '404', '200'), \
            'server.address', if(j = 1, concat(peer, '.internal'), ''), 'db.system.name', if(j = 3, 'postgresql', ''), \
            'db.namespace', if(j = 3, 'orders', ''), 'messaging.destination.name', if(j = 4, 'orders', ''), \
            'order.id', concat('ord-', toString(h)), 'customer.id', customer, \
            'tenant.id', concat('broker-', toString(bitShiftRight(h, 40) % 12)), \
            'venue', ['XNYS', 'XNAS', 'XLON', 'XETR'][1 + bitShiftRight(h, 44) % 4], \
            'thread.name', concat('worker-', toString(bitShiftRight(h, 48) % 16)), \
            'order.type', ['limit', 'market'][1 + bitShiftRight(h, 52) % 2])), \
          if(fails, [start], []), if(fails, ['exception'], []), \
          if(fails, [map('exception.type', 'OrderNotFound', 'exception.message', said)], []) \
        FROM numbers({first}, {count}) SETTINGS max_insert_threads = 1",
        table = store.table(schema::SPANS),
    )
}
