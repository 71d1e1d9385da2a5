//! Data with everything that goes wrong: NULLs, empty texts, quotes, unicode, nanoseconds,
//! NaN, two signs of zero, repeated rows, and a second tenant.

use headroom_sql::Principal;
use headroom_store::testing::{self, TestStore};

/// 2030-05-01T00:00:00Z in nanoseconds: in the future, so that no row is too old to be kept.
pub(crate) const START: i64 = 1_903_824_000_000_000_000;

/// An analyst of a tenant.
pub(crate) fn who(tenant: &str) -> Principal {
    Principal { name: "ada".to_owned(), role: "analyst".to_owned(), tenant: tenant.to_owned() }
}

/// A store with data of the tenants `acme` and `other`.
pub(crate) async fn store() -> TestStore {
    let store = testing::counting_store().await;
    for (tenant, rows) in [("acme", 300), ("other", 40)] {
        fill(&store, tenant, rows).await;
    }
    // A client sent these again.
    let spans = store.table("spans");
    run(&store, format!("INSERT INTO {spans} SELECT * FROM {spans} WHERE tenant = 'acme' LIMIT 20")).await;
    store
}

/// A store with little in it but edges: the largest and smallest numbers, times between the ticks of a column, rows
/// sent twice that differ, keys sent twice, and slashes.
pub(crate) async fn edges() -> TestStore {
    let store = testing::counting_store().await;
    let durations =
        "[0, 1, 9007199254740993, 9223372036854775807, 9223372036854775808, 18446744073709551615]";
    let ints = "[-9223372036854775808, -1, NULL, 0, 9007199254740993, 9223372036854775807]";
    let ts = format!("fromUnixTimestamp64Nano(toInt64({START} + intDiv(number, 2) * 500000001), 'UTC')");
    let same = "intDiv(number, 2)";
    let trace = format!("unhex(leftPad(hex({same} % 7), 32, '0'))");
    let span = format!("unhex(leftPad(hex({same} + 1), 16, '0'))");
    run(&store, format!(
        "INSERT INTO {} (tenant, service, operation, kind, status, status_message, ts, duration_ns, trace_id, span_id, \
         customer_id, attributes) SELECT 'acme', ['a','é','a/b'][{same} % 3 + 1], 'op', ['server','client'][number % 2 + 1], \
         ['ok','error'][number % 2 + 1], ['','x/y'][number % 3 % 2 + 1], {ts}, toUInt64({durations}[({same} + number % 2 * 3) % 6 + 1]), {trace}, {span}, \
         if(number % 5 = 0, '', concat('c', toString(number % 5))), \
         if(number % 4 = 0, mapFromArrays(['k','k','p'], ['first','second','a/b']), map('k', concat('é/', char(92), char(39), char(34)))) FROM numbers(60)",
        store.table("spans"))).await;
    run(&store, format!(
        "INSERT INTO {} (tenant, name, ts, event_id, service, symbol, quantity, amount, fee, attributes) \
         SELECT 'acme', ['order.placed','order.filled'][{same} % 2 + 1], {ts}, concat('e', toString({same} % 20)), 's', \
         ['AAPL',''][number % 2 + 1], if(number % 3 = 0, NULL, toDecimal128(number, 12) / 8), \
         toDecimal128(['99999999999999999999999999.999999999999','-99999999999999999999999999.999999999999','0.000000000001','0'][number % 4 + 1], 12), \
         toDecimal128(toInt64(number % 5) - 2, 12), map('n', toString(number)) FROM numbers(60)", store.table("events"))).await;
    run(&store, format!(
        "INSERT INTO {} (tenant, service, name, ts, start_ts, value, int_value) SELECT 'acme', 's', 'm', {ts}, {ts}, \
         [0., -0., nan, 1e300, -1e300, 0.1][number % 6 + 1], CAST({ints}[number % 6 + 1], 'Nullable(Int64)') FROM numbers(60)",
        store.table("metric_gauge"))).await;
    run(&store, format!(
        "INSERT INTO {} (tenant, slo, generation, slice, good, total, coverage, measured_at) SELECT 'acme', 'orders', 'g', \
         toDateTime64({START} / 1000000000 + number, 0, 'UTC'), toUInt64({durations}[number % 6 + 1]), toUInt64({durations}[(number + 1) % 6 + 1]), 0.5, \
         fromUnixTimestamp64Milli(toInt64({START} / 1000000 + number * 250), 'UTC') FROM numbers(30)", store.table("slo_slices"))).await;
    run(&store, format!(
        "INSERT INTO {} (tenant, portfolio_id, opened, trades, flags, version) SELECT 'acme', concat('p', toString(number)), \
         toDate('2030-05-01') + number, 4294967295, 0, 1 FROM numbers(10)", store.table("portfolios"))).await;
    store
}

async fn run(store: &TestStore, sql: String) {
    store.execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn fill(store: &TestStore, tenant: &str, rows: usize) {
    let text = "['order','pay é','it\\'s','back\\\\slash','ZZ','a_b','%']";
    let ts = format!("fromUnixTimestamp64Nano(toInt64({START} + number * 61000000001), 'UTC')");
    let trace = format!("unhex(leftPad(hex(number % 50 + if('{tenant}' = 'acme', 0, 4096)), 32, '0'))");
    let map = "if(number % 3 = 0, map('http.route', concat('/v', toString(number % 4)), 'k', ''), map('k', ['x','é','it\\'s'][number % 3 + 1]))";
    run(store, format!(
        "INSERT INTO {} (tenant, service, operation, kind, status, status_message, ts, duration_ns, trace_id, span_id, \
         parent_span_id, version, region, customer_id, resource, attributes, events_name) \
         SELECT '{tenant}', {text}[number % 7 + 1], concat('GET /', toString(number % 11)), \
         ['server','client','internal','consumer'][number % 4 + 1], if(number % 9 = 0, 'error', 'ok'), \
         if(number % 9 = 0, 'boom é', ''), {ts}, if(number % 13 = 0, 0, number * number * 1000), {trace}, \
         unhex(leftPad(hex(number + 1), 16, '0')), unhex(leftPad(hex(if(number % 5 = 0, 0, number)), 16, '0')), \
         if(number % 2 = 0, '1.2', ''), if(number % 3 = 0, '', 'us-east-1'), \
         if(number % 4 = 0, '', concat('c', toString(number % 6))), map('service.name', 'x'), {map}, \
         if(number % 8 = 0, ['a','b'], []) FROM numbers({rows})", store.table("spans"))).await;
    run(store, format!(
        "INSERT INTO {} (tenant, service, severity, severity_text, ts, observed_ts, event_name, body, trace_id, span_id, \
         customer_id, attributes) SELECT '{tenant}', {text}[number % 7 + 1], number % 25, if(number % 2 = 0, 'ERROR', ''), \
         {ts}, {ts}, if(number % 6 = 0, 'order.placed', ''), concat('line ', toString(number), ' \u{1F600}\n\\'quoted\\''), \
         if(number % 3 = 0, toFixedString('', 16), {trace}), toFixedString('', 8), if(number % 4 = 0, '', 'c1'), {map} \
         FROM numbers({rows})", store.table("logs"))).await;
    run(store, format!(
        "INSERT INTO {} (tenant, name, ts, event_id, service, customer_id, symbol, side, currency, quantity, price, amount, fee, attributes) \
         SELECT '{tenant}', ['order.placed','order.filled','deposit.completed'][number % 3 + 1], {ts}, concat('{tenant}', toString(number)), \
         'order', concat('c', toString(number % 6)), ['AAPL','MSFT',''][number % 3 + 1], if(number % 2 = 0, 'buy', 'sell'), 'USD', \
         if(number % 5 = 0, NULL, toDecimal128(number, 12) / 8), toDecimal128('0.500000000001', 12), \
         if(number % 7 = 0, NULL, toDecimal128(toInt64(number) - 100, 12)), if(number = 1, toDecimal128('12345678901234567890123456.789', 12), NULL), {map} \
         FROM numbers({rows})", store.table("events"))).await;
    run(store, format!(
        "INSERT INTO {} (tenant, id, ts, actor, door, statement, sqlstate) SELECT '{tenant}', toString(number), \
         toDateTime64({START} / 1000000000 + number, 3, 'UTC'), 'eve', 'http', 'SELECT 0', '00000' FROM numbers(2)",
        store.table("queries"))).await;
    let value = "[1.5, nan, 0., -0., inf, -inf, 100., -2.25][number % 8 + 1]";
    run(store, format!(
        "INSERT INTO {} (tenant, service, name, unit, ts, start_ts, value, int_value, attributes) SELECT '{tenant}', \
         {text}[number % 7 + 1], 'cpu', '', {ts}, {ts}, {value}, if(number % 2 = 0, NULL, toInt64(number)), {map} FROM numbers({rows})",
        store.table("metric_gauge"))).await;
    run(store, format!(
        "INSERT INTO {} (tenant, service, name, unit, ts, start_ts, value, temporality, is_monotonic, attributes) SELECT '{tenant}', \
         {text}[number % 7 + 1], 'requests', 'req', {ts}, {ts}, number, if(number % 2 = 0, 'delta', 'cumulative'), number % 3 = 0, {map} \
         FROM numbers({rows})", store.table("metric_sum"))).await;
    for measured in [1, 2] {
        run(store, format!(
            "INSERT INTO {} (tenant, slo, generation, slice, good, total, coverage, measured_at) SELECT '{tenant}', 'orders', 'g', \
             toDateTime64({START} / 1000000000 + number * 60, 0, 'UTC'), {measured}, 10, 0.5, \
             toDateTime64({START} / 1000000000 + {measured}, 3, 'UTC') FROM numbers(30)", store.table("slo_slices"))).await;
    }
    run(store, format!(
        "INSERT INTO {} (tenant, metric, service, made_at, ts, q50, events, model) SELECT '{tenant}', 'requests_per_minute', 'order', \
         toDateTime64({START} / 1000000000, 3, 'UTC'), toDateTime64({START} / 1000000000 + number * 60, 0, 'UTC'), number, ['open é'], 'm' \
         FROM numbers(30)", store.table("forecasts"))).await;
    for found in [1, 2] {
        run(store, format!(
            "INSERT INTO {} (tenant, metric, service, ts, kind, side, since, value, expected, score, tail, event, reason, detected_at) \
             SELECT '{tenant}', 'requests_per_minute', 'order', toDateTime64({START} / 1000000000 + number * 60, 0, 'UTC'), \
             ['point','level'][number % 2 + 1], 'above', toDateTime64({START} / 1000000000, 0, 'UTC'), number, 1, number / 8 + {found}, 1e-5, \
             if(number % 3 = 0, 'FOMC é', ''), 'high é', toDateTime64({START} / 1000000000 + {found}, 3, 'UTC') \
             FROM numbers(30)", store.table("anomalies"))).await;
    }
    run(store, format!(
        "INSERT INTO {} (tenant, metric, service, made_at, model, chosen, kind, part, points, pinball90, coverage90, relative_mae, relative_wql) \
         SELECT '{tenant}', 'requests_per_minute', 'order', toDateTime64({START} / 1000000000 + number, 3, 'UTC'), 'm', number % 2 = 0, \
         ['all','event'][number % 2 + 1], ['all','ordinary'][number % 2 + 1], 10, number / 8, 0.9, if(number % 4 = 0, NULL, number / 8), \
         if(number % 4 = 1, NULL, number / 16) FROM numbers(30)", store.table("forecast_skill"))).await;
    run(store, format!(
        "INSERT INTO {} (tenant, service, made_at, ts, replicas, reactive, reason, mode) SELECT '{tenant}', 'order', \
         toDateTime64({START} / 1000000000, 3, 'UTC'), toDateTime64({START} / 1000000000 + number * 60, 0, 'UTC'), number, 1, 'r', \
         ['','shadow','act'][number % 3 + 1] \
         FROM numbers(30)", store.table("plans"))).await;
    let figures = "toDecimal128(toInt64(number) - 10, 12) / 8, toDecimal128(0, 12), number % 3, 0";
    let columns = "quantity, cash, trades, unknown";
    let symbol = "['AAPL','it\\'s',''][number % 3 + 1]";
    for version in [1, 2] {
        run(store, format!(
            "INSERT INTO {} (tenant, day, portfolio_id, symbol, currency, cohort, {columns}, version) SELECT '{tenant}', \
             toDate('2030-05-01') + number % 4, concat('pf', toString(number)), {symbol}, 'USD', toDate('2030-05-01'), {figures}, {version} \
             FROM numbers(30)", store.table("portfolio_moves"))).await;
        run(store, format!(
            "INSERT INTO {} (tenant, day, cohort, symbol, currency, {columns}, version) SELECT '{tenant}', toDate('2030-05-01') + number, \
             toDate('2030-05-01'), {symbol}, 'USD', {figures}, {version} FROM numbers(30)", store.table("cohort_moves"))).await;
        run(store, format!(
            "INSERT INTO {} (tenant, portfolio_id, customer_id, adviser_id, opened, trades, flags, version) SELECT '{tenant}', \
             concat('pf', toString(number)), if(number % 4 = 0, '', 'c1'), if(number % 2 = 0, '', 'adv é'), toDate('2030-05-01'), {version}, 0, {version} \
             FROM numbers(30)", store.table("portfolios"))).await;
        run(store, format!(
            "INSERT INTO {} (tenant, kind, symbol, quote, m, ts, price, currency) SELECT '{tenant}', 'rate', 'EUR', 'USD', \
             toDateTime64({START} / 1000000000 + number * 86400, 0, 'UTC'), fromUnixTimestamp64Nano(toInt64({START} + number * 86400000000000 + {version}), 'UTC'), \
             toDecimal128(number, 12) / 7, 'USD' FROM numbers(30)", store.table("quotes_1d"))).await;
    }
}

/// One row of each view of what the program knows, of the two tenants: its texts are the tenant of who asks.
#[derive(Debug)]
pub(crate) struct Facts;

#[async_trait::async_trait]
impl headroom_sql::Facts for Facts {
    fn open_to(&self, _: &str, _: &Principal) -> bool {
        true
    }

    async fn rows(
        &self,
        view: &str,
        by: &Principal,
        _: &headroom_sql::Asked,
    ) -> Result<Vec<serde_json::Value>, headroom_sql::Untold> {
        if !["acme", "other"].contains(&by.tenant.as_str()) {
            return Ok(Vec::new());
        }
        let known = headroom_sql::catalog();
        let view = known.iter().find(|known| known.name == view).expect("a view");
        let cell = |column: &headroom_sql::ColumnDoc| match column.data_type.as_str() {
            "Utf8" => serde_json::json!(by.tenant),
            "Float64" => serde_json::json!(0.5),
            "UInt64" | "Int64" => serde_json::json!(7),
            "Decimal128(38, 12)" => serde_json::json!("1.000000000001"),
            _ => serde_json::json!("2030-05-01T00:00:00Z"),
        };
        let row = view.columns.iter().map(|column| (column.name.to_owned(), cell(column)));
        Ok(vec![serde_json::Value::Object(row.collect())])
    }
}
