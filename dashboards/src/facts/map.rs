//! The service map as rows, hour by hour.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use headroom_query::QueryError;
use headroom_query::latency::QuantileValue;
use headroom_query::range::TimeRange;
use headroom_query::service_map::{self, MapEdge};
use headroom_sql::{Days, Untold};
use serde_json::{Value, json};

use super::{NodeFacts, Rows, asked_back};

const HOUR: TimeDelta = TimeDelta::hours(1);
/// Told where nothing is said: this hour and those before it that make a day.
const LAST: TimeDelta = TimeDelta::hours(23);
/// Hours that one statement may ask for: each is a sample of traces.
const MOST: i64 = 72;
/// Hours that are read at once.
const AT_ONCE: usize = 2;

impl NodeFacts {
    pub(super) async fn service_map(&self, tenant: &str, days: Days) -> Rows {
        let Some(range) = self.range(days, LAST)? else { return Ok(Vec::new()) };
        // A row is of the beginning of its hour: an hour that begins before the time asked for is none of it.
        let start = |at: DateTime<Utc>| at.duration_trunc(HOUR).unwrap_or(at);
        let begun = days.from.is_some_and(|from| start(from) < from);
        let first = start(range.from) + if begun { HOUR } else { TimeDelta::zero() };
        let hours = (range.to - first).num_hours();
        if hours > MOST {
            return Err(Untold::Refused {
                why: format!(
                    "each hour of the map is a sample of its traces: at most {MOST} are told at once, not {hours}"
                ),
                hint: "ask for fewer hours, such as hour >= now() - INTERVAL '1 day'".to_owned(),
            });
        }
        let hours = std::iter::successors(Some(first), |hour| Some(*hour + HOUR));
        let maps = stream::iter(hours.take_while(|hour| *hour < range.to)).map(|hour| async move {
            let range = TimeRange::new(hour, (hour + HOUR).min(self.clock.now()))?;
            Ok::<_, QueryError>((hour, service_map::map(&self.store, tenant, range, None).await?))
        });
        let maps: Vec<_> = maps.buffered(AT_ONCE).try_collect().await.map_err(asked_back)?;
        Ok(maps.iter().flat_map(|(hour, map)| map.edges.iter().map(|edge| row(*hour, edge))).collect())
    }
}

fn row(hour: DateTime<Utc>, edge: &MapEdge) -> Value {
    let mut row = json!({
        "hour": hour, "caller": edge.from.name, "caller_kind": edge.from.kind, "callee": edge.to.name,
        "callee_kind": edge.to.kind, "requests": edge.calls, "requests_low": edge.calls_low,
        "requests_high": edge.calls_high, "errors": edge.errors, "error_rate": edge.error_rate,
        "sampled": edge.sampled, "answered": edge.answered,
    });
    for (q, name) in [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")] {
        let found = edge.quantiles.iter().find(|one| one.q == q);
        let Some(QuantileValue { value_ns, low_ns, high_ns, .. }) = found else { continue };
        row[format!("{name}_ns")] = json!(value_ns);
        row[format!("{name}_low_ns")] = json!(low_ns);
        row[format!("{name}_high_ns")] = json!(high_ns);
    }
    row
}
