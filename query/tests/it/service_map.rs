use chrono::TimeDelta;
use headroom_query::service_map::{self, MapEdge, MapNodeKind};

use crate::fixture::{SpanSeed, TENANT, base, hour, insert_spans, span, store};

/// Three hundred orders: gateway calls order, which asks its database, a bank outside, and sends a message that ledger
/// processes in a trace of its own. Every tenth call of the gateway is given up: order's span never comes.
fn traffic() -> (Vec<SpanSeed>, Vec<SpanSeed>) {
    let (mut callers, mut callees) = (Vec::new(), Vec::new());
    for i in 0..300_u64 {
        let (trace, id) = (u128::from(i) + 1, i * 10);
        let ts = base() + TimeDelta::seconds(i as i64 * 6);
        let at = |n: u64, parent: u64, service, kind, attributes: &[(&'static str, &'static str)]| SpanSeed {
            service,
            kind,
            parent: if parent == 0 { 0 } else { id + parent },
            attributes: attributes.iter().map(|(key, value)| (*key, "string", *value)).collect(),
            ..span(ts + TimeDelta::milliseconds(n as i64), trace, id + n)
        };
        let lost = i % 10 == 0;
        callees.push(at(1, 0, "gateway", "server", &[]));
        callers.push(SpanSeed {
            status: if lost { "error" } else { "ok" },
            duration_ns: if lost { 5_000_000_000 } else { 40_000_000 },
            ..at(2, 1, "gateway", "client", &[("server.address", "order.svc")])
        });
        if lost {
            continue;
        }
        callees.push(SpanSeed { duration_ns: 30_000_000, ..at(3, 2, "order", "server", &[]) });
        let database = [("db.system.name", "postgresql"), ("db.namespace", "orders")];
        callers.push(SpanSeed { duration_ns: 2_000_000, ..at(4, 3, "order", "client", &database) });
        callers.push(at(5, 3, "order", "client", &[("server.address", "bank.example")]));
        callers.push(at(6, 3, "order", "producer", &[("messaging.destination.name", "fills")]));
        let consumer = at(7, 0, "ledger", "consumer", &[("messaging.destination.name", "fills")]);
        callees.push(SpanSeed { trace: trace + 10_000, ts: ts + TimeDelta::minutes(20), ..consumer });
    }
    (callers, callees)
}

fn edges(edges: &[MapEdge]) -> Vec<(&str, &str, u64, u64)> {
    edges
        .iter()
        .map(|edge| (edge.from.name.as_str(), edge.to.name.as_str(), edge.calls, edge.errors))
        .collect()
}

#[tokio::test]
async fn spans_of_both_sides_meet_in_the_store() {
    let store = store().await;
    let (callers, callees) = traffic();
    // The callees' spans come first, and in the other order.
    let late: Vec<SpanSeed> = callees.into_iter().rev().collect();
    insert_spans(&store, &late).await;
    insert_spans(&store, &callers).await;
    let map = service_map::map(&store, TENANT, hour(base()), None).await.unwrap();
    assert_eq!(
        edges(&map.edges),
        [
            ("gateway", "order", 300, 30),
            ("order", "orders", 270, 0),
            ("order", "bank.example", 270, 0),
            ("order", "fills", 270, 0),
            ("fills", "ledger", 270, 0),
        ]
    );
    let first = &map.edges[0];
    assert_eq!((first.sampled, first.answered, first.calls_low, first.calls_high), (300, 270, 300, 300));
    let median = &first.quantiles[0];
    assert!(median.low_ns < 40_000_000 && 40_000_000 <= median.high_ns, "as the caller saw it: {median:?}");
    let (unresolved, without_caller) = (map.unresolved, map.without_caller);
    assert!(unresolved == 0.0 && without_caller == 0.0, "{unresolved} {without_caller}");

    let nodes: Vec<_> = map.nodes.iter().map(|node| (node.kind, node.name.as_str(), node.calls)).collect();
    assert_eq!(
        nodes,
        [
            (MapNodeKind::Service, "gateway", 300),
            (MapNodeKind::Service, "ledger", 270),
            (MapNodeKind::Service, "order", 270),
            (MapNodeKind::Database, "orders", 270),
            (MapNodeKind::Upstream, "bank.example", 270),
            (MapNodeKind::Topic, "fills", 270),
        ]
    );

    let near = service_map::map(&store, TENANT, hour(base()), Some("gateway")).await.unwrap();
    assert_eq!(edges(&near.edges), [("gateway", "order", 300, 30)]);
    assert_eq!(near.nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>(), ["gateway", "order"]);
    let empty = service_map::map(&store, "nobody", hour(base()), None).await.unwrap();
    assert!(empty.nodes.is_empty() && empty.unavailable.is_some());
}
