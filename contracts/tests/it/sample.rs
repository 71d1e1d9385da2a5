//! Everything the sample platform says keeps the built-in contracts.

use std::collections::BTreeMap;

use headroom_contracts::{Registry, Value, Verdict};
use headroom_sample_data::{Platform, SampleConfig};
use opentelemetry::logs::AnyValue;

#[test]
fn the_sample_platform_keeps_the_contracts() {
    let registry = Registry::built_in();
    let now = "2026-11-21T01:00:00Z".parse().unwrap();
    let config =
        SampleConfig { backfill_traces_per_minute: 2.0, ..SampleConfig::new("http://127.0.0.1:1", now) };
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    let mut platform = Platform::new(&config);
    // The whole fortnight: releases, a split, dividends and invoices have their days.
    while platform.time() < now {
        for log in platform.minute().logs {
            let Some(name) = log.event else { continue };
            *seen.entry(name).or_default() += 1;
            let attributes = log.attributes.iter().map(|(key, value)| (key.as_str(), borrowed(value)));
            let verdict = registry.judge(name, attributes);
            assert!(matches!(verdict, Verdict::Valid { version: 1, canonical: None }), "{name}: {verdict:?}");
        }
    }
    let names: Vec<_> = seen.keys().copied().collect();
    insta::assert_snapshot!(names.join("\n"), @r"
    customer.registered
    deployment.finished
    deployment.rolled_back
    deposit.completed
    deposit.failed
    deposit.initiated
    dividend.paid
    fee.charged
    fx.updated
    invoice.issued
    kyc.approved
    kyc.rejected
    kyc.submitted
    order.accepted
    order.cancelled
    order.filled
    order.partially_filled
    order.placed
    order.rejected
    price.updated
    risk.checked
    session.started
    split.applied
    withdrawal.completed
    withdrawal.failed
    withdrawal.initiated
    ");
}

fn borrowed(value: &AnyValue) -> Value<'_> {
    match value {
        AnyValue::String(text) => Value::Text(text.as_str()),
        AnyValue::Int(whole) => Value::Int(*whole),
        AnyValue::Double(double) => Value::Double(*double),
        AnyValue::Boolean(flag) => Value::Bool(*flag),
        _ => Value::Other,
    }
}
