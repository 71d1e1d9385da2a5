use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;
use headroom_store::{Store, StoreConfig};

use crate::auth::Principal;
use crate::exec::ScanExec;
use crate::{SqlConfig, SqlDoor};

/// What ClickHouse would be asked for a statement, and what DataFusion keeps to itself.
async fn explained(sql: &str) -> String {
    let store = Store::connect(&StoreConfig::default()).expect("nothing is sent");
    let door = SqlDoor::new(store, SqlConfig::default()).expect("door");
    let ada = Principal { name: "ada".to_owned(), role: "analyst".to_owned(), tenant: "ac'me".to_owned() };
    let session = door.inner.session(&ada).expect("session");
    let plan = session.physical(sql).await.expect("plans");
    let mut text = format!("> {sql}\n");
    describe(&plan, &mut text);
    text
}

fn describe(plan: &Arc<dyn ExecutionPlan>, text: &mut String) {
    if plan.name() == "FilterExec" {
        let shown = datafusion::physical_plan::displayable(plan.as_ref()).one_line().to_string();
        let _ = write!(text, "kept: {shown}");
    }
    let any: &dyn std::any::Any = plan.as_ref();
    if let Some(scan) = any.downcast_ref::<ScanExec>() {
        let _ = writeln!(text, "asks: {}", scan.sql_for_tests());
    }
    for child in plan.children() {
        describe(child, text);
    }
}

#[tokio::test]
async fn generated_sql() {
    let mut text = String::new();
    for sql in [
        "SELECT * FROM spans",
        "SELECT count(*) FROM spans",
        "SELECT count(*) FROM metrics WHERE service = 'order'",
        "SELECT service FROM spans WHERE ts >= '2026-05-01T00:00:00.000000001Z' AND ts < '2026-05-02' LIMIT 5",
        "SELECT duration_ns FROM spans WHERE duration_ns BETWEEN 5 AND 10 OR duration_ns = -1",
        "SELECT operation FROM spans WHERE service IN ('a', 'it''s \\ é') AND operation LIKE 'GET /%'",
        "SELECT operation FROM spans WHERE operation LIKE '%x' AND operation LIKE 'a_b%' AND operation NOT LIKE 'c%'",
        "SELECT operation FROM spans WHERE trace_id = '000102030405060708090a0b0c0d0e0f'",
        "SELECT operation FROM spans WHERE trace_id = 'ABC' AND span_id IN ('0001020304050607', 'x')",
        "SELECT operation FROM spans WHERE parent_span_id IS NULL AND customer_id IS NOT NULL",
        "SELECT operation FROM spans WHERE parent_span_id = '0000000000000000' OR customer_id = '' OR customer_id <> 'c1'",
        "SELECT operation FROM spans WHERE attr(attributes, 'http.route') = '/v1' AND attr(resource, 'k') <> 'x'",
        "SELECT operation FROM spans WHERE attr(attributes, 'k') IS NULL AND upper(service) = 'A'",
        "SELECT name FROM metrics WHERE value > 1.5 AND value <> 2 AND value <= 0.0",
        "SELECT name FROM metrics WHERE type = 'sum' AND temporality IS NULL AND monotonic = true LIMIT 3",
        "SELECT amount FROM events WHERE amount > 10 AND price = 0.5 AND fee IN (1, 2.25)",
        "SELECT service, calls FROM span_minute WHERE minute >= '2026-05-01' AND calls > 5",
        "SELECT count(*) FROM traces",
        "SELECT service, sum(calls) FROM services WHERE service = 'order' GROUP BY service",
        "SELECT * FROM slo_slices LIMIT 1",
        "SELECT q50 FROM forecasts WHERE NOT (service = 'order')",
        "SELECT count(*) FROM spans s JOIN logs l ON s.trace_id = l.trace_id WHERE s.service = 'a' AND l.severity >= 17",
    ] {
        text += &explained(sql).await;
        text += "\n";
    }
    insta::assert_snapshot!("generated_sql", text);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    /// Whatever text is compared with, the statement keeps its shape: outside of literals
    /// it stays what it is for a harmless text.
    #[test]
    fn no_text_changes_the_statement(text in "\\PC*|['\\\\`;/*\\-\n\0 a-z]{0,12}") {
        let runtime = tokio::runtime::Runtime::new().expect("runtime");
        let asked = |text: &str| {
            let sql = format!("SELECT body FROM logs WHERE body = '{0}' OR service >= '{0}'", text.replace('\'', "''"));
            let all = runtime.block_on(explained(&sql));
            let asked = all.lines().rev().find_map(|line| line.strip_prefix("asks: ")).expect("asks").to_owned();
            without_literals(&asked)
        };
        proptest::prop_assert_eq!(asked(&text), asked("harmless"));
    }
}

/// The statement with every ClickHouse string literal replaced by `?`.
fn without_literals(sql: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for c in sql.chars() {
        match (inside, escaped, c) {
            (true, true, _) => escaped = false,
            (true, false, '\\') => escaped = true,
            (true, false, '\'') => {
                inside = false;
                out.push('?');
            }
            (true, ..) => {}
            (false, _, '\'') => inside = true,
            (false, ..) => out.push(c),
        }
    }
    assert!(!inside, "a literal is not closed in {sql}");
    out
}
