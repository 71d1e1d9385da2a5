use chrono::TimeDelta;
use headroom_query::lookup::{self, VerdictState};
use headroom_store::Store;

use crate::fixture::{SpanSeed, TENANT, base, event, insert_events, insert_spans, span, store, trace_hex};

/// A customer whose order went through and whose deposit the bank refused.
async fn customer(store: &Store) {
    let start = base();
    let at = |minute| start + TimeDelta::minutes(minute);
    let who = ("customer.id", "c-1");
    let order = [
        who,
        ("order.id", "o-1"),
        ("portfolio.id", "pf-1"),
        ("symbol", "ACME"),
        ("side", "buy"),
        ("quantity", "10"),
        ("price", "12.5"),
        ("currency", "USD"),
    ];
    let filled = [order.as_slice(), &[("trade.id", "t-1")]].concat();
    let deposit = [who, ("payment.id", "p-1"), ("account.id", "a-1"), ("amount", "250"), ("currency", "USD")];
    let refused =
        [deposit.as_slice(), &[("reason.code", "account_closed"), ("reason", "AC04 closed")]].concat();
    let person =
        [who, ("customer.email", "Jane@doe.com"), ("customer.name", "Jane Doe"), ("customer.country", "DE")];
    insert_events(
        store,
        &[
            event("customer.registered", at(0), &person),
            event("order.placed", at(5), &order).traced(1),
            event("order.filled", at(6), &filled).traced(1),
            event("deposit.initiated", at(10), &deposit).traced(2),
            event("deposit.failed", at(12), &refused).traced(2),
        ],
    )
    .await;
    insert_spans(
        store,
        &[
            SpanSeed { customer: "c-1", ..span(at(5), 1, 1) },
            SpanSeed { customer: "c-1", operation: "POST /deposits", status: "error", ..span(at(10), 2, 2) },
        ],
    )
    .await;
}

#[tokio::test]
async fn every_number_leads_to_the_journey() {
    let store = store().await;
    customer(&store).await;
    // What a client sends again is told once.
    customer(&store).await;
    let now = base() + TimeDelta::minutes(30);
    let whole =
        ["customer.registered", "order.placed", "order.filled", "deposit.initiated", "deposit.failed"];
    for (text, kind, events) in [
        ("c-1", "customer", whole.as_slice()),
        ("Jane@doe.com", "email", whole.as_slice()),
        ("o-1", "order", &["order.placed", "order.filled"]),
        ("t-1", "trade", &["order.placed", "order.filled"]),
        (" p-1 ", "payment", &["deposit.initiated", "deposit.failed"]),
        ("a-1", "account", &["deposit.initiated", "deposit.failed"]),
        (&trace_hex(2), "trace", &["deposit.initiated", "deposit.failed"]),
    ] {
        let found = lookup::find(&store, TENANT, text, now).await.unwrap();
        assert_eq!(found.kind, kind, "{text}");
        assert_eq!(
            found.journey.iter().map(|step| step.event.as_str()).collect::<Vec<_>>(),
            events,
            "{text}"
        );
        let customer = found.customer.unwrap();
        assert_eq!(
            (customer.customer_id.as_str(), customer.country.as_deref()),
            ("c-1", Some("DE")),
            "{text}"
        );
        assert_eq!(
            (customer.email_masked.as_deref(), customer.name_masked.as_deref()),
            (Some("J***@d***.com"), Some("J. D."))
        );
        assert!(!found.traces.is_empty() && !found.truncated, "{text}");
    }
}

#[tokio::test]
async fn the_verdict_says_what_to_do() {
    let store = store().await;
    customer(&store).await;
    let now = base() + TimeDelta::minutes(30);
    let found = lookup::find(&store, TENANT, "c-1", now).await.unwrap();
    assert_eq!(found.verdict.state, VerdictState::Failed);
    let time = (base() + TimeDelta::minutes(12)).format("%H:%M");
    assert_eq!(
        found.verdict.sentence,
        format!(
            "The deposit of 250.00 USD was refused by the bank at {time} UTC: account closed. Not our fault."
        )
    );
    assert_eq!(found.verdict.next_step, "Ask the customer for another account.");
    assert_eq!(found.traces.iter().map(|trace| trace.status.as_str()).collect::<Vec<_>>(), ["error", "ok"]);
    let shown = serde_json::to_string(&found).unwrap();
    assert!(!shown.contains("doe.com") && !shown.contains("Jane") && !shown.contains("AC04"), "{shown}");

    let order = lookup::find(&store, TENANT, "o-1", now).await.unwrap();
    assert_eq!(order.verdict.state, VerdictState::Ok);
    assert_eq!(order.journey[1].title, "Bought 10 ACME at 12.50 USD");
}

#[tokio::test]
async fn what_is_unknown_is_said() {
    let store = store().await;
    let found = lookup::find(&store, TENANT, "o-404", base()).await.unwrap();
    assert_eq!((found.kind.as_str(), found.verdict.state), ("unknown", VerdictState::Unknown));
    assert_eq!(found.verdict.sentence, "Nothing is stored under \"o-404\".");
    assert_eq!(lookup::find(&store, TENANT, "  ", base()).await.unwrap_err().code(), "bad_request");
    assert_eq!(lookup::find(&store, TENANT, &trace_hex(404), base()).await.unwrap().kind, "unknown");
}

#[tokio::test]
async fn clear_data_is_given_by_reveal_alone() {
    let store = store().await;
    customer(&store).await;
    let revealed = lookup::reveal(&store, TENANT, "c-1").await.unwrap();
    assert_eq!(
        (revealed.email.as_deref(), revealed.name.as_deref()),
        (Some("Jane@doe.com"), Some("Jane Doe"))
    );
    assert_eq!(lookup::reveal(&store, TENANT, "c-2").await.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn a_long_life_is_cut_at_its_older_end() {
    let store = store().await;
    let start = base();
    let events: Vec<_> = (0..350)
        .map(|i| {
            event(
                "session.started",
                start + TimeDelta::seconds(i),
                &[("customer.id", "c-7"), ("session.id", "s")],
            )
        })
        .collect();
    insert_events(&store, &events).await;
    let found = lookup::find(&store, TENANT, "c-7", start + TimeDelta::hours(1)).await.unwrap();
    assert_eq!((found.journey.len(), found.truncated), (300, true));
    assert_eq!(found.journey[0].ts, start + TimeDelta::seconds(50));
}
