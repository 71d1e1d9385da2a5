#![allow(clippy::unwrap_used)]
use super::*;

fn span(trace: &str, id: &str, parent: &str, service: &str, kind: &str, operation: &str) -> SpanRow {
    SpanRow {
        trace_id: trace.into(),
        span_id: id.into(),
        parent_span_id: parent.into(),
        service: service.into(),
        operation: operation.into(),
        kind: kind.into(),
        host: String::new(),
        database: String::new(),
        database_before: String::new(),
        system: String::new(),
        system_before: String::new(),
        topic: String::new(),
    }
}

fn service(name: &str) -> Target {
    Target::service(name)
}

/// An order: gateway calls order, which asks its database twice, a bank, and sends a message; each message is
/// processed in a trace of its own that asks the ledger.
fn order(trace: &str) -> Vec<SpanRow> {
    let consumer = format!("{trace}-c");
    let database = |id: &str| SpanRow {
        system: "postgresql".into(),
        database: "orders".into(),
        ..span(trace, id, "3", "order", "client", "SELECT orders")
    };
    let topic = "orders.accepted".to_owned();
    vec![
        span(trace, "1", "0", "gateway", "server", "POST /v1/orders"),
        SpanRow { host: "order".into(), ..span(trace, "2", "1", "gateway", "client", "POST /orders") },
        span(trace, "3", "2", "order", "server", "POST /orders"),
        database("4"),
        database("5"),
        SpanRow { host: "bank.example".into(), ..span(trace, "6", "3", "order", "client", "POST /pay") },
        SpanRow {
            topic: topic.clone(),
            ..span(trace, "7", "3", "order", "producer", "send orders.accepted")
        },
        SpanRow { topic, ..span(&consumer, "1", "0", "execution", "consumer", "process orders.accepted") },
        span(&consumer, "2", "1", "execution", "client", "POST /book"),
        span(&consumer, "3", "2", "ledger", "server", "POST /book"),
    ]
}

#[test]
fn a_request_counts_with_what_its_messages_start() {
    let rows: Vec<SpanRow> = [order("a"), order("b")].concat();
    let entries = visits::entries(&fold::fold(&rows));
    let [entry] = &entries[..] else { panic!("one entry: {entries:?}") };
    assert_eq!((entry.operation.as_str(), entry.traces), ("POST /v1/orders", 2));
    let found: Vec<_> = entry.visits.iter().map(|(target, n)| (target.clone(), *n)).collect();
    assert_eq!(
        found,
        [
            (service("execution"), 1.0),
            (service("gateway"), 1.0),
            (service("ledger"), 1.0),
            (service("order"), 1.0),
            (Target::Database { service: "order".into(), name: "orders".into() }, 2.0),
            (Target::Upstream { service: "order".into(), host: "bank.example".into() }, 1.0),
            (Target::Topic { name: "orders.accepted".into() }, 1.0),
        ]
    );
}

#[test]
fn fan_out_is_calls_per_request_received() {
    let edges = fold::fold(&order("a")).edges();
    let of = |from: &str| edges.iter().filter(|edge| edge.from == service(from)).collect::<Vec<_>>();
    let database = of("order").into_iter().find(|edge| matches!(edge.to, Target::Database { .. })).unwrap();
    assert_eq!((database.calls, database.per_call), (2, Some(2.0)));
    assert_eq!(of("gateway").len(), 1, "the client span and the server span are one call");
    assert_eq!(of("execution")[0].to, service("ledger"));
    let message = edges.iter().find(|edge| edge.to == service("execution")).unwrap();
    assert_eq!((message.from.name(), message.per_call), ("orders.accepted", Some(1.0)));
}

#[test]
fn a_ring_of_parents_ends() {
    let rows = [span("a", "1", "2", "x", "server", "x"), span("a", "2", "1", "x", "server", "x")];
    let entries = visits::entries(&fold::fold(&rows));
    assert_eq!(entries[0].visits[&service("x")], 2.0);
}

#[test]
fn the_window_shrinks_to_what_can_be_looked_through() {
    let hour = |n: i64, calls| HourRow { at: n * 3_600_000_000_000, calls };
    let instant = |n: i64| chrono::DateTime::from_timestamp_nanos(n * 3_600_000_000_000);
    let day = TimeRange { from: instant(0), to: instant(24) };
    let (range, spans) = window(&[hour(23, 15_000_000), hour(22, 4_000_000), hour(21, 9_000_000)], day);
    assert_eq!((range.from, spans), (instant(22), 19_000_000));
    let (range, spans) = window(&[hour(23, 90_000_000)], day);
    assert_eq!((range.from, spans), (instant(23), 90_000_000));
}

#[test]
fn a_consumer_within_the_senders_trace_is_called_by_the_topic() {
    let topic = "fills".to_owned();
    let rows = [
        span("a", "1", "0", "order", "server", "POST /orders"),
        SpanRow { topic: topic.clone(), ..span("a", "2", "1", "order", "producer", "send fills") },
        SpanRow { topic, ..span("a", "3", "2", "ledger", "consumer", "process fills") },
    ];
    let sample = fold::fold(&rows);
    let calls: Vec<_> = sample
        .edges()
        .into_iter()
        .map(|edge| (edge.from.name().to_owned(), edge.to.name().to_owned()))
        .collect();
    assert_eq!(calls, [("order".to_owned(), "fills".to_owned()), ("fills".to_owned(), "ledger".to_owned())]);
    let entries = visits::entries(&sample);
    assert_eq!((entries.len(), entries[0].visits[&service("ledger")]), (1, 1.0));
}

#[test]
fn topics_that_feed_each_other_end_and_rare_requests_are_put_together() {
    let mut rows = Vec::new();
    for i in 0..20 {
        rows.push(SpanRow {
            topic: format!("t{i}"),
            ..span(&format!("c{i}"), "1", "0", "x", "consumer", "process")
        });
        for j in 0..20 {
            let id = format!("{}", j + 2);
            rows.push(SpanRow {
                topic: format!("t{j}"),
                ..span(&format!("c{i}"), &id, "1", "x", "producer", "send")
            });
        }
    }
    for i in 0..500 {
        rows.push(span(&format!("r{i}"), "1", "0", "door", "server", &format!("GET /{i}")));
    }
    let entries = visits::entries(&fold::fold(&rows));
    assert_eq!(
        (entries.len(), entries.last().unwrap().traces),
        (MOST_ENTRIES, 500 - MOST_ENTRIES as u64 + 1)
    );
    assert!(entries.iter().flat_map(|entry| entry.visits.values()).all(|n| n.is_finite()));
}
