use proptest::prelude::*;

use super::fold::{Callee, Caller, fold};
use super::*;

fn caller(link: u64, service: &str, host: &str) -> Caller {
    Caller {
        link,
        service: service.to_owned(),
        kind: "client".to_owned(),
        failed: 0,
        b: 300,
        peer: String::new(),
        host: host.to_owned(),
        database: String::new(),
        system: String::new(),
        topic: String::new(),
    }
}

fn callee(link: u64, service: &str) -> Callee {
    Callee {
        link,
        id: link ^ 1 << 40,
        root: 0,
        service: service.to_owned(),
        kind: "server".to_owned(),
        failed: 0,
        b: 290,
        topic: String::new(),
        within: 1,
    }
}

fn names(drawn: &Drawn) -> Vec<(String, String, u64, u64)> {
    let edge = |((from, to), edge): (&(MapPoint, MapPoint), &fold::EdgeTally)| {
        (from.name.clone(), to.name.clone(), edge.tally.calls(), edge.answered)
    };
    drawn.edges.iter().map(edge).collect()
}

#[test]
fn a_call_without_its_answer_goes_where_the_others_went() {
    let mut timeout = caller(3, "gateway", "order.svc");
    timeout.failed = 1;
    let callers = [
        caller(1, "gateway", "order.svc"),
        caller(2, "gateway", "order.svc"),
        timeout,
        caller(4, "order", "bank.example"),
        Caller { system: "postgresql".into(), database: "orders".into(), ..caller(5, "order", "10.0.0.7") },
        Caller { kind: "producer".into(), topic: "fills".into(), ..caller(6, "order", "kafka") },
        caller(7, "order", ""),
    ];
    let callees = [
        callee(2, "order"),
        callee(1, "order"),
        Callee { kind: "consumer".into(), topic: String::new(), ..callee(6, "ledger") },
        callee(99, "gateway"),
        Callee { root: 1, ..callee(0, "gateway") },
    ];
    let drawn = fold(&callers, &callees, &["gateway", "order", "ledger"].into_iter().collect());
    let edge = |from: &str, to: &str, calls, answered| (from.to_owned(), to.to_owned(), calls, answered);
    assert_eq!(
        names(&drawn),
        [
            edge("gateway", "order", 3, 2),
            edge("order", "orders", 1, 0),
            edge("order", "bank.example", 1, 0),
            edge("order", "fills", 1, 1),
            edge("fills", "ledger", 1, 1),
        ]
    );
    assert_eq!((drawn.unresolved, drawn.requests, drawn.without_caller), (1, 4, 1));
    let failed = drawn.edges.values().map(|edge| edge.tally.errors).sum::<u64>();
    assert_eq!(failed, 1, "the call that was never answered failed, as its caller saw it");
}

proptest! {
    /// In whatever order spans come, the map is the same, and each call is on one edge or unresolved.
    #[test]
    fn order_does_not_matter(
        seeds in prop::collection::vec((0_u64..40, 0_usize..4, 0_usize..4, any::<bool>()), 1..60),
        turn in any::<u64>(),
    ) {
        const SERVICES: [&str; 4] = ["a", "b", "c", "d"];
        let callers: Vec<_> = seeds.iter().enumerate()
            .map(|(i, (_, from, to, _))| caller(i as u64, SERVICES[*from], ["", "h1", "h2", "h3"][*to])).collect();
        let callees: Vec<_> = seeds.iter().map(|(link, _, to, _)| callee(*link, SERVICES[*to])).collect();
        let known = SERVICES.into_iter().collect();
        // One answer to each call: of two, which one is found depends on their order.
        let mut seen = BTreeSet::new();
        let callees: Vec<_> = callees.into_iter().filter(|callee| seen.insert(callee.link)).collect();
        let drawn = fold(&callers, &callees, &known);
        let (mut late_callers, mut late_callees) = (callers.clone(), callees.clone());
        late_callers.sort_by_key(|caller| (caller.link ^ turn).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        late_callees.sort_by_key(|callee| (callee.link ^ turn).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        prop_assert_eq!(&fold(&late_callers, &late_callees, &known), &drawn);
        let on_edges: u64 = drawn.edges.values().map(|edge| edge.tally.calls()).sum();
        prop_assert_eq!(on_edges + drawn.unresolved, callers.len() as u64);
    }
}
