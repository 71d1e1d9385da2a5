use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::lookup::{
    self, Alert, Catalog, Lookup, Party, Question, Reading, StepKind, VerdictState,
};
use headroom_store::Store;

use crate::fixture::{
    SpanSeed, TENANT, base, event, insert_events, insert_logs, insert_spans, span, store, trace_hex,
};

async fn ask(store: &Store, text: &str, now: DateTime<Utc>) -> headroom_query::Result<Lookup> {
    let catalog = Catalog::built_in();
    lookup::find(store, TENANT, Question { text, catalog: &catalog, alerts: &[], now }).await
}

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
        let found = ask(&store, text, now).await.unwrap();
        assert_eq!(found.kind, kind, "{text}");
        let told = found.journey.iter().filter(|step| step.kind == StepKind::Event);
        assert_eq!(told.map(|step| step.event.as_str()).collect::<Vec<_>>(), events, "{text}");
        let handed_on = format!("{} {}", found.escalation.title, found.escalation.text);
        assert!(!handed_on.contains('@') || handed_on.contains("J***@d***.com"), "{handed_on}");
        assert!(!handed_on.contains("Jane"), "{handed_on}");
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
    let found = ask(&store, "c-1", now).await.unwrap();
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

    let order = ask(&store, "o-1", now).await.unwrap();
    assert_eq!(order.verdict.state, VerdictState::Ok);
    assert_eq!(order.journey[1].title, "Bought 10 ACME at 12.50 USD");
}

#[tokio::test]
async fn an_id_is_found_within_a_sentence() {
    let store = store().await;
    let about = [("order.id", "ord_77ab"), ("reason.code", "market_closed")];
    let rejected = event("order.rejected", base(), &about);
    insert_events(&store, &[rejected]).await;
    for text in ["why did order ord_77ab fail?", "Re: #ORD_77AB, (again!)", "ord_77ab 2026"] {
        let found = ask(&store, text, base()).await.unwrap();
        assert_eq!((found.kind.as_str(), found.query.as_str()), ("order", text));
        assert_eq!(found.verdict.state, VerdictState::Failed, "{text}");
    }
    assert_eq!(ask(&store, "why did order ord_78ab fail?", base()).await.unwrap().kind, "unknown");
}

#[tokio::test]
async fn what_is_unknown_is_said() {
    let store = store().await;
    let found = ask(&store, "o-404", base()).await.unwrap();
    assert_eq!((found.kind.as_str(), found.verdict.state), ("unknown", VerdictState::Unknown));
    assert_eq!(found.verdict.sentence, "Nothing is stored under \"o-404\".");
    assert_eq!(ask(&store, "  ", base()).await.unwrap_err().code(), "bad_request");
    assert_eq!(ask(&store, &trace_hex(404), base()).await.unwrap().kind, "unknown");
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
    let found = ask(&store, "c-7", start + TimeDelta::hours(1)).await.unwrap();
    assert_eq!((found.journey.len(), found.truncated), (300, true));
    assert_eq!(found.journey[0].ts, start + TimeDelta::seconds(50));
}

#[tokio::test]
async fn a_failure_says_whose_it_is_and_how_others_fared() {
    let store = store().await;
    customer(&store).await;
    let at = |minute| base() + TimeDelta::minutes(minute);
    let other = |id, reason| [("customer.id", "c-9"), ("payment.id", id), ("reason.code", reason)];
    insert_events(
        &store,
        &[
            event("deposit.completed", at(11), &other("p-2", "")),
            event("deposit.completed", at(13), &other("p-3", "")),
            event("deposit.failed", at(14), &other("p-4", "account_closed")),
            event("deposit.failed", at(15), &other("p-5", "card_declined")),
            event("deposit.completed", at(30), &other("p-6", "")),
            event("deposit.completed", at(12), &other("p-7", "")).of("other-tenant"),
        ],
    )
    .await;
    let found = ask(&store, "p-1", at(40)).await.unwrap();
    assert_eq!(found.attribution.party, Party::Customer);
    assert!(
        found.attribution.evidence[0].ends_with("gave the reason account_closed"),
        "{:?}",
        found.attribution
    );
    let figures = found.cohort.figures.unwrap();
    assert_eq!((figures.succeeded, figures.failed, figures.same_reason), (2, 2, Some(1)));
    assert_eq!(figures.reading, Reading::Few);
    assert!(found.reply.contains("Your deposit of 250.00 USD did not go through"), "{}", found.reply);
    assert!(found.reply.contains("Please use another account."), "{}", found.reply);
    assert!(found.escalation.text.contains(&trace_hex(2)), "{}", found.escalation.text);
    let done = ask(&store, "o-1", at(40)).await.unwrap();
    assert_eq!((done.attribution.party, done.cohort.figures), (Party::None, None));
}

#[tokio::test]
async fn the_journey_merges_what_bears_on_it() {
    let store = store().await;
    let at = |second| base() + TimeDelta::minutes(30) + TimeDelta::seconds(second);
    let old = |second: i64| SpanSeed {
        version: "0.9",
        ..span(at(second), 100 + u128::from(second.unsigned_abs()), 1)
    };
    let outward = vec![("server.address", "string", "venue.example.net")];
    let call = |id, second| SpanSeed {
        kind: "client",
        operation: "POST /fix",
        status: "error",
        message: "no answer",
        parent: 1,
        attributes: outward.clone(),
        ..span(at(second), 7, id)
    };
    insert_spans(
        &store,
        &[
            old(-1_200),
            span(at(-600), 99, 1),
            SpanSeed { status: "error", duration_ns: 9_000_000_000, ..span(at(0), 7, 1) },
            call(2, 1),
            call(3, 3),
        ],
    )
    .await;
    let order = [("customer.id", "c-3"), ("order.id", "o-3"), ("reason.code", "venue_timeout")];
    insert_events(
        &store,
        &[
            event("order.placed", at(0), &order[..2]).traced(7),
            event("webhook.failed", at(2), &order[..2]).traced(7),
            event("order.rejected", at(5), &order).traced(7),
        ],
    )
    .await;
    let alert = Alert {
        id: "a-1".to_owned(),
        service: "order".to_owned(),
        summary: "orders fail".to_owned(),
        started_at: at(60),
        resolved_at: None,
    };
    let catalog = Catalog::built_in();
    let asked = Question { text: "o-3", catalog: &catalog, alerts: &[alert], now: at(120) };
    let found = lookup::find(&store, TENANT, asked).await.unwrap();
    let kinds: Vec<StepKind> = found.journey.iter().map(|step| step.kind).collect();
    use StepKind::{Deploy, Error, Event, Incident, Retry, Webhook};
    assert_eq!(kinds, [Deploy, Event, Error, Webhook, Retry, Event, Incident], "{:#?}", found.journey);
    assert_eq!(found.attribution.party, Party::Upstream);
    assert_eq!(found.incidents[0].matched_by, ["service", "time", "error"]);
    assert!(found.reply.contains("We know of a problem"), "{}", found.reply);
}

#[tokio::test]
async fn a_phrase_leads_to_what_its_records_are_about() {
    let store = store().await;
    let at = base() + TimeDelta::minutes(5);
    insert_logs(
        &store,
        5,
        &[("ledger", at, "Entry booked late: lock wait for jane@doe.com"), ("risk", at, "fraud score")],
    )
    .await;
    let now = at + TimeDelta::minutes(30);
    let found = ask(&store, "booked LATE", now).await.unwrap();
    assert_eq!(found.kind, "phrase");
    assert!(
        found
            .verdict
            .sentence
            .starts_with("\"booked LATE\" is said in 1 record of the last 60 minutes, last by ledger")
    );
    assert_eq!((found.matches[0].kind.as_str(), found.matches[0].value.clone()), ("trace", trace_hex(5)));
    assert!(!serde_json::to_string(&found).unwrap().contains("doe.com"));
    assert_eq!(
        ask(&store, "fraud score", now).await.unwrap().kind,
        "unknown",
        "a suspicion is not looked for"
    );
    assert_eq!(ask(&store, "booked by nobody", now).await.unwrap().kind, "unknown");
}
