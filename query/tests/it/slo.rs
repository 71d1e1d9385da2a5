//! What alert rules would have done, over slices in the store.

use chrono::TimeDelta;
use headroom_query::range::TimeRange;
use headroom_query::slo::{self, Severity, SloSet};
use serde::Serialize;

use crate::fixture::{TENANT, base, store};

const SLO: &str = "apiVersion: openslo/v1
kind: SLO
metadata: { name: order }
spec:
  service: order
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 30d, isRolling: true }]
  indicator:
    metadata: { name: orders }
    spec:
      ratioMetric:
        counter: true
        good: { metricSource: { type: headroom, spec: { operation: POST /orders, status: not_error } } }
        total: { metricSource: { type: headroom, spec: { operation: POST /orders } } }
  objectives: [{ target: 0.999 }]
";

#[derive(clickhouse::Row, Serialize)]
struct Row {
    tenant: &'static str,
    slo: String,
    objective: u8,
    generation: String,
    slice: i64,
    good: u64,
    total: u64,
    coverage: f32,
    measured_at: i64,
}

#[tokio::test]
async fn an_outage_of_twenty_minutes_would_have_paged_once_and_another_tenants_would_not() {
    let store = store().await;
    let set = SloSet::parse([("order.yaml", SLO)]).unwrap();
    let promise = slo::named(&set, "order").unwrap();
    let order = &set.slos[0];
    assert_eq!(order.indicator.as_ref().err(), None);
    let minute = |n: i64| (base() + TimeDelta::minutes(n)).timestamp();
    // Four days of a hundred orders a minute; on the fourth, half of them fail for twenty minutes. The other tenant's
    // all fail.
    let outage = 3 * 1440 + 600;
    let mut rows = Vec::new();
    for n in 0..4 * 1440 {
        let good = if (outage..outage + 20).contains(&n) { 50 } else { 100 };
        for (tenant, good) in [(TENANT, good), ("other", 0)] {
            let (slo, generation) = (order.id.clone(), order.generation.clone());
            let (slice, measured_at) = (minute(n), minute(n + 2) * 1_000);
            let objective = order.objective_index;
            rows.push(Row {
                tenant,
                slo,
                objective,
                generation,
                slice,
                good,
                total: 100,
                coverage: 1.0,
                measured_at,
            });
        }
    }
    store.insert_rows("slo_slices", &rows).await.unwrap();

    let days = |from: i64, to: i64| {
        TimeRange::new(base() + TimeDelta::days(from), base() + TimeDelta::days(to)).unwrap()
    };
    let tested = slo::fired(&store, TENANT, &promise, 1e-3, days(3, 4)).await.unwrap();
    assert_eq!((tested.steps, tested.pages.count, tested.pages.open), (1440, 1, false), "{tested:?}");
    let critical = tested.rules.iter().find(|rule| rule.rule.severity == Severity::Critical).unwrap();
    assert_eq!(critical.fired.count, 1, "{critical:?}");
    // Half of the requests burn 500 times too fast: 14.4 over an hour is reached within two minutes.
    let begun = critical.fired.first.unwrap().timestamp() - minute(outage);
    assert!((60..=180).contains(&begun), "{begun} s after the outage began");
    assert!((2_400..3_600).contains(&tested.pages.seconds), "{tested:?}");

    let before = slo::fired(&store, TENANT, &promise, 1e-3, days(1, 3)).await.unwrap();
    assert_eq!((before.pages.count, before.tickets.count), (0, 0), "{before:?}");
    let nothing = slo::fired(&store, "third", &promise, 1e-3, days(3, 4)).await.unwrap();
    assert_eq!((nothing.steps, nothing.from), (0, None));
    let unknown = slo::named(&set, "none").unwrap_err().to_string();
    assert_eq!(unknown, "there is no objective `none`");
}
