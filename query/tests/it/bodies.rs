//! The answers are the HTTP bodies: their fields are a promise to every client.

use chrono::TimeDelta;
use headroom_query::bubbleup::{self, Names, Selection};
use headroom_query::compare::{self, CompareQuery, Side};
use headroom_query::latency::LatencyQuery;
use headroom_query::portfolio::Look;
use headroom_query::red::{self, Dimension, RedQuery};
use headroom_query::traces::TraceSearch;
use headroom_query::{latency, lookup, portfolio, service_map, services, traces};
use serde::Serialize;
use serde_json::Value;

use crate::fixture::{
    SpanSeed, TENANT, base, event, hour, insert_events, insert_logs, insert_spans, span, store, trace_hex,
};

/// The fields of a body, with those of the first element of a list in brackets.
pub(crate) fn fields(body: &impl Serialize) -> String {
    fn walk(value: &Value) -> String {
        match value {
            Value::Object(map) => {
                let inner = |(key, value): (&String, &Value)| format!("{key}{}", walk(value));
                format!("{{{}}}", map.iter().map(inner).collect::<Vec<_>>().join(" "))
            }
            Value::Array(list) => format!("[{}]", list.first().map(walk).unwrap_or_default()),
            _ => String::new(),
        }
    }
    walk(&serde_json::to_value(body).unwrap())
}

#[tokio::test]
async fn bodies_keep_their_fields() {
    let store = store().await;
    let range = hour(base());
    let failed = SpanSeed { status: "error", customer: "c-1", ..span(base(), 1, 1) };
    insert_spans(&store, &[failed, SpanSeed { version: "2", ..span(base() + TimeDelta::minutes(1), 2, 2) }])
        .await;
    insert_logs(&store, 1, &[("order", base(), "text")]).await;
    let own = [
        ("customer.id", "c-1"),
        ("portfolio.id", "pf-1"),
        ("currency", "USD"),
        ("amount", "5"),
        ("payment.id", "p-1"),
    ];
    let trade =
        [("portfolio.id", "pf-1"), ("currency", "USD"), ("symbol", "A"), ("side", "buy"), ("quantity", "1")];
    let events = [event("deposit.completed", base(), &own), event("order.filled", base(), &trade)];
    insert_events(&store, &events).await;

    let query = LatencyQuery { step: Some(TimeDelta::minutes(1)), ..LatencyQuery::new("order", range) };
    let body = latency::percentiles(&store, TENANT, &query).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{count operation quantiles[{high_ns low_ns q value_ns}] range{from to} relative_error series[{count ts values_ns[]}] service source unavailable}");
    let body = latency::heatmap(&store, TENANT, &query, 10).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{cells[[]] columns[] from max rows[{high_ns low_ns}] step_seconds to}");
    let body = latency::exemplars(&store, TENANT, &query, 1, 1_000_000_000).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{exemplars[{duration_ns operation span_id status trace_id ts}]}");
    let body = services::list(&store, TENANT, range).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{range{from to} services[{calls calls_per_second error_rate errors p50_ns p95_ns p99_high_ns p99_low_ns p99_ns service trend[]}] trend_step_seconds}");
    let body = services::operations(&store, TENANT, "order", range).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{operations[{calls error_rate errors kind operation p50_ns p95_ns p99_ns}]}");
    let body = services::errors(&store, TENANT, "order", range, Names::Shown).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{errors[{count error_type first_seen last_seen message new operation series[{count ts}] trace_id traces[] versions[]}] left_out looked_back_to sample{of spans time} step_seconds}");
    let slow = Selection { errors: false, low_ns: Some(1), ..Selection::failed("order", range) };
    let body = bubbleup::differences(&store, TENANT, &slow, Names::Shown, range.to).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{differences[] high_ns identifiers[] inside{range{from to} sample{of spans time} spans} low_ns outside{range{from to} sample{of spans time} spans} source tried unavailable}");
    let side = |range| Side { range, version: None };
    let sides = CompareQuery {
        service: "order".to_owned(),
        operation: None,
        kind: None,
        baseline: side(range),
        candidate: side(hour(base() - TimeDelta::minutes(30))),
    };
    let body = compare::compare(&store, TENANT, &sides).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{baseline{calls calls_per_second error_rate errors quantiles[{high_ns low_ns q value_ns}] range{from to} version} buckets[{baseline candidate high_ns low_ns}] candidate{calls calls_per_second error_rate errors quantiles[{high_ns low_ns q value_ns}] range{from to} version} distance{chance value} error_rate{difference high low p_value} operation operations[{baseline_calls baseline_error_rate baseline_quantiles[{high_ns low_ns q value_ns}] candidate_calls candidate_error_rate candidate_quantiles[{high_ns low_ns q value_ns}] changed distance{chance value} error_rate{difference high low p_value} only_in operation quantiles[{q ratio ratio_high ratio_low}]}] quantiles[{q ratio ratio_high ratio_low}] service source unavailable}");
    let by_version = RedQuery {
        by: Dimension::parse("version").unwrap(),
        service: None,
        operation: None,
        version: None,
        region: None,
        range,
        step: TimeDelta::minutes(1),
        limit: 5,
    };
    let body = red::red(&store, TENANT, &by_version, Names::Shown).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{calls groups[{calls calls_high calls_low calls_per_second error_rate errors quantiles[{high_ns low_ns q value_ns}] series[{calls errors p50_ns p95_ns p99_ns ts}] value}] left_out range{from to} sample source step_seconds unavailable}");
    let body = service_map::map(&store, TENANT, range, None).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{edges[] nodes[{calls calls_per_second error_rate errors kind name quantiles[{high_ns low_ns q value_ns}]}] range{from to} sample{of spans time} source unavailable unresolved without_caller}");
    let body = services::series(&store, TENANT, "order", range, TimeDelta::minutes(1)).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{deploys[{reason told ts url version}] points[{calls errors p50_ns p95_ns p99_ns ts}] step_seconds}");
    let body = traces::search(&store, TENANT, &TraceSearch::new(range)).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{traces[{duration_ns errors root_operation root_service services[] spans start trace_id}] truncated}");
    let body = traces::get(&store, TENANT, &trace_hex(1)).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{duration_ns logs[{attributes{attempt} body event_name service severity_text span_id ts}] services[] spans[{attributes{} critical customer_id depth duration_ns events[{attributes{depth} name ts}] kind links[{span_id trace_id}] operation parent_span_id resource{service.name} service span_id start start_offset_ns status status_message}] start trace_id truncated}");
    let catalog = lookup::Catalog::built_in();
    let asked = lookup::Question { text: "c-1", catalog: &catalog, alerts: &[], now: range.to };
    let body = lookup::find(&store, TENANT, asked).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{attribution{evidence[] party sentence} cohort{figures sentence} customer{country customer_id email_masked name_masked} escalation{text title url} incidents[] journey[{amount currency detail event kind outcome service title trace_id ts}] kind matches[{kind value}] query reply traces[{duration_ns operation status trace_id ts}] truncated verdict{next_step sentence state}}");
    let body = portfolio::value(&store, TENANT, "pf-1", range.to, &Look::default()).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{accounts[{cash currency deposits dividends fees interest realised taxes withdrawals}] adviser_id allocations as_of base_currency customer_id flags[{event_id reason}] method portfolio_id positions[{average_cost closed_cost cost_basis currency fees income market_value price price_at quantity realised symbol unavailable unrealised}] totals{cash cost_basis dividends fees interest market_value realised taxes unrealised value} unavailable[]}");
    portfolio::MovesKeeper::new((*store).clone(), TENANT).round(range.to).await.unwrap();
    let body = portfolio::list(&store, TENANT).await.unwrap();
    insta::assert_snapshot!(fields(&body), @"{portfolios[{adviser_id customer_id flags id trades}] truncated}");
}
