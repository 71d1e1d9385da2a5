//! Answers from samples, beside what is known of the data.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::bubbleup::{self, Names, Scope, Selection};
use headroom_query::red::{self, Dimension, RedQuery};
use headroom_query::{TimeRange, service_map, services};
use headroom_store::{Store, literal};

use crate::fixture::{TENANT, base, store};

/// Requests in twelve hours; each has the span of its caller too.
const REQUESTS: u64 = 600_000;

/// One request in 72 ms, a quarter of them for alpha. For ten minutes those of venue XNYS fail, which is all that is
/// traded then; else venues take turns.
async fn fill(store: &Store, start: DateTime<Utc>) {
    let sql = format!(
        "INSERT INTO {} (tenant, service, operation, kind, status, status_message, ts, duration_ns, trace_id, span_id, parent_span_id, version, attributes) \
        WITH intDiv(number, 2) AS t, number % 2 = 1 AS answers, intDiv(t * 72, 60000) AS minute, minute >= 400 AND minute < 410 AS bad \
        SELECT '{TENANT}', if(answers, 'order', 'gateway'), 'POST /orders', if(answers, 'server', 'client'), \
          if(bad AND answers, 'error', 'ok'), if(bad AND answers, concat('order ', toString(t), ' refused'), ''), \
          {} + toIntervalMillisecond(t * 72 + answers), 10000000 + t % 1000 * 1000, sipHash128(t), \
          reinterpretAsFixedString(cityHash64(number)), \
          if(answers, reinterpretAsFixedString(cityHash64(number - 1)), toFixedString('', 8)), '1.0', \
          map('venue', if(bad, 'XNYS', ['XNYS', 'XLON', 'XETR'][1 + t % 3]), 'tenant.id', if(t % 4 = 0, 'alpha', 'beta'), \
            'order.id', toString(t)) \
        FROM numbers({})",
        store.table("spans"),
        literal::ts(start),
        2 * REQUESTS
    );
    store.execute(&sql).await.unwrap();
}

#[tokio::test]
async fn samples_are_bounded_and_say_what_is_so() {
    let store = store().await;
    let range = TimeRange::new(base() - TimeDelta::hours(12), base()).unwrap();
    fill(&store, range.from).await;
    let failed = (0..REQUESTS).filter(|t| (400..410).contains(&(t * 72 / 60_000))).count() as u64;

    let selection = Selection::failed("order", range);
    let found = bubbleup::differences(&store, TENANT, &selection, Names::Shown, base()).await.unwrap();
    assert_eq!((found.inside.spans, found.outside.spans), (failed, REQUESTS - failed));
    let (inside, outside) = (&found.inside.sample, &found.outside.sample);
    assert!(
        inside.spans == failed && inside.time < 0.05,
        "the ten minutes are found, and looked at alone: {inside:?}"
    );
    assert!((7_000..13_000).contains(&outside.spans) && outside.time < 0.7, "{outside:?}");
    let [only] = &found.differences[..] else { panic!("{:?}", found.differences) };
    assert_eq!(
        (only.scope, only.key.as_str(), only.value.as_deref()),
        (Scope::Attribute, "venue", Some("XNYS"))
    );
    assert!(only.difference_low < 2.0 / 3.0 && 2.0 / 3.0 < only.difference_high, "{only:?}");
    assert_eq!(found.identifiers[0].key, "order.id");

    let by_client = RedQuery {
        by: Dimension::parse("tenant").unwrap(),
        service: Some("order".to_owned()),
        operation: None,
        version: None,
        region: None,
        range,
        step: TimeDelta::hours(1),
        limit: 10,
    };
    let clients = red::red(&store, TENANT, &by_client, Names::Withheld).await.unwrap();
    let sample = clients.sample.unwrap();
    assert!((15_000..25_000).contains(&sample.spans) && sample.of == REQUESTS, "{sample:?}");
    let alpha = clients.groups.iter().find(|group| group.value == "alpha").unwrap();
    let known = REQUESTS / 4;
    assert!(
        alpha.calls_low < known && known < alpha.calls_high && alpha.calls_high < known * 11 / 10,
        "{alpha:?}"
    );

    let map = service_map::map(&store, TENANT, range, None).await.unwrap();
    let [edge] = &map.edges[..] else { panic!("{:?}", map.edges) };
    assert_eq!((edge.from.name.as_str(), edge.to.name.as_str(), edge.calls), ("gateway", "order", REQUESTS));
    assert!((7_000..13_000).contains(&edge.sampled) && edge.answered == edge.sampled, "{edge:?}");
    assert!(map.without_caller < 0.001, "{}", map.without_caller);

    let errors = services::errors(&store, TENANT, "order", range, Names::Withheld).await.unwrap();
    let [group] = &errors.errors[..] else { panic!("{:?}", errors.errors) };
    assert_eq!((group.message.as_str(), group.count, group.new), ("order <number> refused", failed, true));
}
