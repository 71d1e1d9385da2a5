use chrono::TimeDelta;
use headroom_query::traces::{self, SearchOrder, TraceSearch};
use serde_json::json;

use crate::fixture::{SpanSeed, TENANT, base, hour, insert_logs, insert_spans, span, store, trace_hex};

const TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;

fn order() -> Vec<SpanSeed> {
    let start = base();
    let ms = TimeDelta::milliseconds;
    let attributes = vec![("http.status", "int", "502"), ("retry", "bool", "true"), ("note", "string", "12")];
    vec![
        SpanSeed { service: "gateway", duration_ns: 100_000_000, ..span(start, TRACE, 1) },
        SpanSeed { parent: 1, duration_ns: 80_000_000, attributes, ..span(start + ms(10), TRACE, 2) },
        SpanSeed {
            service: "risk",
            parent: 2,
            status: "error",
            message: "limit",
            ..span(start + ms(20), TRACE, 3)
        },
        SpanSeed { service: "mail", parent: 99, ..span(start + ms(30), TRACE, 4) },
    ]
}

#[tokio::test]
async fn a_trace_is_whole_and_each_span_is_shown_once() {
    let store = store().await;
    insert_spans(&store, &order()).await;
    insert_spans(&store, &order()).await;
    insert_logs(&store, TRACE, &[("risk", base() + TimeDelta::milliseconds(21), "over the limit")]).await;
    let trace = traces::get(&store, TENANT, &trace_hex(TRACE).to_uppercase()).await.unwrap();
    assert_eq!((trace.start, trace.duration_ns, trace.truncated), (base(), 100_000_000, false));
    assert_eq!(trace.services, ["gateway", "order", "risk", "mail"]);
    let rows: Vec<_> =
        trace.spans.iter().map(|span| (span.service.as_str(), span.depth, span.critical)).collect();
    assert_eq!(rows, [("gateway", 0, true), ("order", 1, true), ("risk", 2, true), ("mail", 0, false)]);
    let order = &trace.spans[1];
    assert_eq!(order.parent_span_id.as_deref(), Some("0000000000000001"));
    assert_eq!((order.start_offset_ns, trace.spans[0].parent_span_id.as_deref()), (10_000_000, None));
    assert_eq!(
        serde_json::to_value(&order.attributes).unwrap(),
        json!({"http.status": 502, "retry": true, "note": "12"})
    );
    assert_eq!(order.resource["service.name"], "order");
    assert_eq!(
        (order.events[0].name.as_str(), order.events[0].attributes["depth"].as_str()),
        ("queued", "3")
    );
    assert_eq!(order.links[0].span_id, "000000000000beef");
    assert_eq!(trace.logs.len(), 1);
    assert_eq!(serde_json::to_value(&trace.logs[0].attributes).unwrap(), json!({"attempt": 2}));
}

#[tokio::test]
async fn an_unknown_trace_is_not_found_and_nonsense_is_refused() {
    let store = store().await;
    let unknown = traces::get(&store, TENANT, &trace_hex(5)).await.unwrap_err();
    assert_eq!(unknown.code(), "not_found");
    let nonsense = traces::get(&store, TENANT, "' OR 1=1").await.unwrap_err();
    assert_eq!(
        (nonsense.code(), nonsense.hint()),
        ("bad_request", "a trace id has 32 digits of 0-9 and a-f")
    );
}

#[tokio::test]
async fn traces_are_searched_by_what_they_were_like() {
    let store = store().await;
    insert_spans(&store, &order()).await;
    insert_spans(&store, &order()).await;
    let later = base() + TimeDelta::minutes(58);
    insert_spans(&store, &[SpanSeed { customer: "c-9", ..span(later, 7, 1) }]).await;
    let all = TraceSearch::new(hour(base()));
    let ids = |traces: &traces::Traces| {
        traces.traces.iter().map(|trace| trace.trace_id.clone()).collect::<Vec<_>>()
    };

    let recent = traces::search(&store, TENANT, &all).await.unwrap();
    assert_eq!(ids(&recent), [trace_hex(7), trace_hex(TRACE)]);
    let first = &recent.traces[1];
    assert_eq!(
        (first.root_service.as_str(), first.spans, first.errors, first.duration_ns),
        ("gateway", 4, 1, 100_000_000)
    );
    assert_eq!(first.services, ["gateway", "mail", "order", "risk"]);

    let slowest = TraceSearch { order: SearchOrder::Slowest, limit: 1, ..all.clone() };
    let slowest = traces::search(&store, TENANT, &slowest).await.unwrap();
    assert_eq!((ids(&slowest), slowest.truncated), (vec![trace_hex(TRACE)], true));

    let some = |text: &str| Some(text.to_owned());
    for (search, expected) in [
        (TraceSearch { status: some("error"), ..all.clone() }, vec![trace_hex(TRACE)]),
        (TraceSearch { customer_id: some("c-9"), ..all.clone() }, vec![trace_hex(7)]),
        (
            TraceSearch { service: some("risk"), operation: some("POST /orders"), ..all.clone() },
            vec![trace_hex(TRACE)],
        ),
        (TraceSearch { min_duration_ns: Some(90_000_000), ..all.clone() }, vec![trace_hex(TRACE)]),
        (TraceSearch { service: some("nobody"), ..all.clone() }, vec![]),
    ] {
        assert_eq!(ids(&traces::search(&store, TENANT, &search).await.unwrap()), expected, "{search:?}");
    }
    let refused = traces::search(&store, TENANT, &TraceSearch { limit: 0, ..all }).await.unwrap_err();
    assert_eq!(refused.code(), "bad_request");
}

#[tokio::test]
async fn the_slowest_are_found_exactly() {
    let store = store().await;
    // Three hundred traces of two operations within three minutes: exemplars keep few of them.
    let spans: Vec<SpanSeed> = (1..=300_u64)
        .map(|i| SpanSeed {
            operation: if i % 2 == 0 { "GET /" } else { "POST /" },
            duration_ns: i * 1_000_000,
            ..span(base() + TimeDelta::milliseconds(i as i64 * 600), u128::from(i), i)
        })
        .collect();
    insert_spans(&store, &spans).await;
    for limit in [1, 2, 5, 20, 100] {
        let search = TraceSearch { order: SearchOrder::Slowest, limit, ..TraceSearch::new(hour(base())) };
        let found = traces::search(&store, TENANT, &search).await.unwrap();
        let expected: Vec<u64> = (0..u64::from(limit)).map(|i| (300 - i) * 1_000_000).collect();
        assert_eq!(found.traces.iter().map(|trace| trace.duration_ns).collect::<Vec<_>>(), expected);
        assert!(found.truncated);
    }
}

#[tokio::test]
async fn a_huge_trace_is_cut_and_says_so() {
    let store = store().await;
    let start = base();
    let spans: Vec<SpanSeed> = (1..=10_050_u64)
        .map(|id| SpanSeed {
            parent: u64::from(id > 1),
            ..span(start + TimeDelta::microseconds(id as i64), 8, id)
        })
        .collect();
    insert_spans(&store, &spans).await;
    let trace = traces::get(&store, TENANT, &trace_hex(8)).await.unwrap();
    assert_eq!((trace.spans.len(), trace.truncated), (10_000, true));
    assert_eq!(trace.spans[0].span_id, "0000000000000001");
}
