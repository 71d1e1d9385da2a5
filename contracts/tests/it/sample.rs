//! Everything the sample platform says keeps the built-in contracts.

use std::collections::BTreeSet;

use headroom_contracts::{Registry, Value, Verdict};
use headroom_sample_data::{Platform, SampleConfig};
use opentelemetry::logs::AnyValue;

#[test]
fn the_sample_platform_keeps_the_contracts() {
    let registry = Registry::built_in();
    let now = "2026-11-21T01:00:00Z".parse().unwrap();
    let config =
        SampleConfig { backfill_traces_per_minute: 2.0, ..SampleConfig::new("http://127.0.0.1:1", now) };
    let mut seen = BTreeSet::new();
    let mut platform = Platform::new(&config);
    // The whole fortnight: releases, a split, dividends, interest and invoices have their days.
    while platform.time() < now {
        for log in platform.minute().logs {
            let Some(name) = log.event else { continue };
            let attributes = log.attributes.iter().map(|(key, value)| (key.as_str(), borrowed(value)));
            let verdict = registry.judge(name, attributes);
            let Verdict::Valid { version, canonical: None } = verdict else { panic!("{name}: {verdict:?}") };
            seen.insert(format!("{name} {version}"));
        }
    }
    let seen: Vec<_> = seen.into_iter().collect();
    insta::assert_snapshot!(seen.join("\n"), @r"
    booking.cancelled 1
    booking.corrected 1
    customer.registered 2
    deployment.finished 1
    deployment.rolled_back 1
    deposit.completed 2
    deposit.failed 1
    deposit.initiated 1
    dividend.paid 2
    fee.charged 2
    fx.updated 1
    interest.paid 1
    invoice.issued 1
    kyc.approved 1
    kyc.rejected 1
    kyc.submitted 1
    order.accepted 1
    order.cancelled 1
    order.filled 2
    order.partially_filled 2
    order.placed 1
    order.rejected 1
    price.updated 2
    risk.checked 1
    session.started 1
    split.applied 1
    tax.withheld 1
    withdrawal.completed 2
    withdrawal.failed 1
    withdrawal.initiated 1
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
