//! No question shows one tenant what belongs to another.

use chrono::TimeDelta;
use headroom_portfolio::performance::Ask;
use headroom_query::bubbleup::{self, Names, Selection};
use headroom_query::compare::{self, CompareQuery, Side};
use headroom_query::latency::LatencyQuery;
use headroom_query::portfolio::{Beside, Look, Whose};
use headroom_query::red::{self, Dimension, RedQuery};
use headroom_query::traces::TraceSearch;
use headroom_query::{latency, lookup, portfolio, rates, service_map, services, traces};

use crate::fixture::{SpanSeed, base, event, hour, insert_events, insert_spans, span, store, trace_hex};

const OTHER: &str = "other";

#[tokio::test]
async fn nothing_of_another_tenant_is_seen() {
    let store = store().await;
    let catalog = lookup::Catalog::built_in();
    let range = hour(base());
    insert_spans(
        &store,
        &[SpanSeed { customer: "c-1", status: "error", message: "m", ..span(base(), 1, 1) }],
    )
    .await;
    let own = [
        ("customer.id", "c-1"),
        ("customer.email", "a@b.de"),
        ("portfolio.id", "pf-1"),
        ("amount", "1"),
        ("currency", "USD"),
    ];
    insert_events(
        &store,
        &[event("deposit.completed", base(), &own), event("customer.registered", base(), &own)],
    )
    .await;

    let query = LatencyQuery::new("order", range);
    let step = TimeDelta::minutes(1);
    let now = range.to;
    for (tenant, sees) in [("acme", true), (OTHER, false), ("acme' OR '1'='1", false), ("", false)] {
        let percentiles = latency::percentiles(&store, tenant, &query).await.unwrap();
        assert_eq!(percentiles.count > 0, sees, "{tenant}");
        assert_eq!(latency::heatmap(&store, tenant, &query, 10).await.unwrap().max > 0, sees);
        let exemplars = latency::exemplars(&store, tenant, &query, 0, u64::MAX / 2).await.unwrap();
        assert_eq!(!exemplars.exemplars.is_empty(), sees);
        assert_eq!(!rates::per_minute(&store, tenant, "order", range).await.unwrap().is_empty(), sees);
        assert_eq!(!services::list(&store, tenant, range).await.unwrap().services.is_empty(), sees);
        assert_eq!(
            !services::operations(&store, tenant, "order", range).await.unwrap().operations.is_empty(),
            sees
        );
        let errors = services::errors(&store, tenant, "order", range, Names::Shown).await.unwrap().errors;
        assert_eq!(!errors.is_empty(), sees);
        let selection = Selection { errors: false, low_ns: Some(1), ..Selection::failed("order", range) };
        let differences = bubbleup::differences(&store, tenant, &selection, Names::Shown, now).await.unwrap();
        assert_eq!(differences.inside.spans > 0, sees);
        let map = service_map::map(&store, tenant, range, None).await.unwrap();
        assert_eq!(!map.nodes.is_empty(), sees);
        for dimension in ["version", "tenant"] {
            let by = RedQuery {
                by: Dimension::parse(dimension).unwrap(),
                service: None,
                operation: None,
                version: None,
                region: None,
                range,
                step,
                limit: 5,
            };
            assert_eq!(red::red(&store, tenant, &by, Names::Shown).await.unwrap().calls > 0, sees);
        }
        let side = |range| Side { range, version: None };
        let earlier = hour(base() - TimeDelta::hours(1));
        let sides = CompareQuery {
            service: "order".to_owned(),
            operation: None,
            kind: None,
            baseline: side(earlier),
            candidate: side(range),
        };
        assert_eq!(compare::compare(&store, tenant, &sides).await.unwrap().candidate.calls > 0, sees);
        assert_eq!(
            !services::series(&store, tenant, "order", range, step).await.unwrap().points.is_empty(),
            sees
        );
        assert_eq!(traces::get(&store, tenant, &trace_hex(1)).await.is_ok(), sees);
        let found = traces::search(&store, tenant, &TraceSearch::new(range)).await.unwrap();
        assert_eq!(!found.traces.is_empty(), sees);
        let asked = |text| lookup::Question { text, catalog: &catalog, alerts: &[], now };
        let found = lookup::find(&store, tenant, asked("c-1")).await.unwrap();
        assert_eq!((found.kind == "customer", found.journey.is_empty()), (sees, !sees));
        assert_eq!(lookup::find(&store, tenant, asked(&trace_hex(1))).await.unwrap().kind == "trace", sees);
        assert_eq!(lookup::reveal(&store, tenant, "c-1").await.is_ok(), sees);
        assert_eq!(portfolio::value(&store, tenant, "pf-1", now, &Look::default()).await.is_ok(), sees);
        portfolio::MovesKeeper::new((*store).clone(), tenant).round(now).await.unwrap();
        assert_eq!(!portfolio::list(&store, tenant).await.unwrap().portfolios.is_empty(), sees);
        let ask = portfolio::AssetsAsk {
            from: base().date_naive(),
            to: now.date_naive().max(base().date_naive()),
            as_of: None,
            base_currency: "USD".to_owned(),
            cohort: None,
            stale_after: None,
        };
        assert_eq!(!portfolio::assets(&store, tenant, &ask, now).await.unwrap().days.is_empty(), sees);
        let ids = ["pf-1".to_owned()];
        let made = portfolio::performance(&store, tenant, &ids, Ask::default(), Beside::default(), now).await;
        assert_eq!(made.is_ok(), sees);
        let of_client = portfolio::ids(&store, tenant, Whose::Client, "c-1").await;
        assert_eq!(of_client.is_ok(), sees);
    }
}

#[tokio::test]
async fn the_same_names_stay_apart() {
    let store = store().await;
    let both = |tenant, id, duration_ns| SpanSeed { tenant, duration_ns, ..span(base(), 1, id) };
    insert_spans(&store, &[both("acme", 1, 10), both(OTHER, 2, 1_000_000)]).await;
    let own = [("portfolio.id", "pf-1"), ("amount", "1"), ("currency", "USD")];
    insert_events(
        &store,
        &[event("deposit.completed", base(), &own), event("deposit.completed", base(), &own).of(OTHER)],
    )
    .await;
    for tenant in ["acme", OTHER] {
        let trace = traces::get(&store, tenant, &trace_hex(1)).await.unwrap();
        assert_eq!(trace.spans.len(), 1);
        let value = portfolio::value(&store, tenant, "pf-1", base(), &Look::default()).await.unwrap();
        assert_eq!(value.valuation.accounts[0].cash, Some(1.into()));
    }
}
