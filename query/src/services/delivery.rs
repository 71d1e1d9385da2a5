//! How services are delivered: the measures of DORA, from version changes and the times of the changes in them.
//!
//! Definitions by DORA's guide of January 2026 (dora.dev, *DORA's software delivery metrics*), read off the
//! versions that served: a deployment is a version that begins to serve, a failed one is a version that gave way
//! to one that had served before, within a day.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changes::Changes;
use super::deploys::{Deploy, changes};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Filter, Key, Literal, ScanQuery};

/// Width of the steps in which versions are looked for.
const STEP_SECONDS: i64 = 600;
/// A return to an older version within this time tells of a failed deployment.
const FAILS_WITHIN: TimeDelta = TimeDelta::hours(24);

/// Delivery of one service in a range.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Delivery {
    /// `service.name`
    pub service: String,
    /// Deployments, returns to an older version included.
    pub deployments: usize,
    /// Deployment frequency: deployments in seven days, in the mean.
    pub per_week: f64,
    /// Deployments that were undone within a day.
    pub failed: usize,
    /// Change fail rate: failed over all that brought something new; none without such.
    pub change_fail_rate: Option<f64>,
    /// Failed deployment recovery time: median seconds from a failed deployment to the version before it.
    pub recovery_seconds: Option<i64>,
    /// Deployment rework rate: returns to an older version over all deployments; none without deployments.
    pub rework_rate: Option<f64>,
    /// Change lead time: median seconds from a change to its first deployment.
    pub lead_time_seconds: Option<i64>,
    /// Changes that the lead time is the median of.
    pub changes: usize,
    /// Why there is no change lead time.
    pub lead_time_unknown: Option<String>,
}

#[derive(Debug, Row, Deserialize)]
struct VersionRow {
    service: String,
    version: String,
    at: i64,
    calls: u64,
}

/// Delivery of every service that says its version, by name. One query over `span_minute`.
pub async fn delivery(
    store: &Store,
    tenant: &str,
    range: TimeRange,
    changes: &Changes,
) -> Result<Vec<Delivery>> {
    let range = range.aligned(STEP_SECONDS);
    let scan = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::compare("version", Compare::NotEq, Literal::Text(String::new())))
        .filter(Filter::within("m", &range))
        .columns(["service", "version"])
        .key(Key::bucket("m", STEP_SECONDS, "at"))
        .aggregates([Aggregate::sum("calls", "calls")])
        .ascending("service")
        .ascending("at");
    let rows: Vec<VersionRow> = scan.fetch(store).await?;
    let mut seen: BTreeMap<String, Vec<(DateTime<Utc>, String)>> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| row.calls > 0) {
        seen.entry(row.service).or_default().push((DateTime::from_timestamp_nanos(row.at), row.version));
    }
    Ok(seen.into_iter().map(|(service, seen)| measure(service, seen, range, changes)).collect())
}

fn measure(
    service: String,
    seen: Vec<(DateTime<Utc>, String)>,
    range: TimeRange,
    made: &Changes,
) -> Delivery {
    let mut served: Vec<String> = Vec::new();
    let first = seen.first().map(|(ts, _)| *ts);
    served.extend(seen.iter().filter(|(ts, _)| Some(*ts) == first).map(|(_, version)| version.clone()));
    let deploys = changes(seen);
    let (mut failed, mut back, mut recoveries, mut leads) = (0, 0, Vec::new(), Vec::new());
    let mut last: Option<&Deploy> = None;
    for deploy in &deploys {
        if served.contains(&deploy.version) {
            back += 1;
            if let Some(undone) = last.filter(|undone| deploy.ts - undone.ts <= FAILS_WITHIN) {
                failed += 1;
                recoveries.push((deploy.ts - undone.ts).num_seconds());
            }
            last = None;
        } else {
            let changes = made.of(&service, &deploy.version).filter(|change| *change <= deploy.ts);
            leads.extend(changes.map(|change| (deploy.ts - change).num_seconds()));
            served.push(deploy.version.clone());
            last = Some(deploy);
        }
    }
    recoveries.sort_unstable();
    leads.sort_unstable();
    let fresh = deploys.len() - back;
    let lead_time_unknown = match (leads.is_empty(), made.is_empty(), fresh) {
        (false, ..) => None,
        (_, _, 0) => Some("nothing new was deployed".to_owned()),
        (_, true, _) => {
            Some("telemetry does not carry when a change was made: capacity.changes names a file".to_owned())
        }
        _ => Some("the file of changes has none of its deployed versions".to_owned()),
    };
    Delivery {
        service,
        deployments: deploys.len(),
        per_week: deploys.len() as f64 / (range.seconds() / 604_800.0),
        failed,
        change_fail_rate: (fresh > 0).then(|| failed as f64 / fresh as f64),
        recovery_seconds: recoveries.get(recoveries.len() / 2).copied(),
        rework_rate: (!deploys.is_empty()).then(|| back as f64 / deploys.len() as f64),
        lead_time_seconds: leads.get(leads.len() / 2).copied(),
        changes: leads.len(),
        lead_time_unknown,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn start() -> DateTime<Utc> {
        "2026-11-02T00:00:00Z".parse().unwrap()
    }

    fn of(versions: &[(i64, &str)]) -> Delivery {
        with(versions, &Changes::default())
    }

    fn with(versions: &[(i64, &str)], made: &Changes) -> Delivery {
        let start = start();
        let seen =
            versions.iter().map(|(hour, v)| (start + TimeDelta::hours(*hour), (*v).to_owned())).collect();
        measure("order".into(), seen, TimeRange { from: start, to: start + TimeDelta::days(14) }, made)
    }

    #[test]
    fn a_version_that_gives_way_to_an_older_one_has_failed() {
        let found =
            of(&[(0, "1"), (10, "1"), (11, "2"), (13, "2"), (14, "1"), (100, "1"), (101, "3"), (200, "3")]);
        assert_eq!((found.deployments, found.failed, found.per_week), (3, 1, 1.5));
        assert_eq!((found.change_fail_rate, found.recovery_seconds), (Some(0.5), Some(3 * 3600)));
        assert_eq!(found.rework_rate, Some(1.0 / 3.0));
    }

    #[test]
    fn a_return_after_days_is_no_failed_deployment() {
        let found = of(&[(0, "1"), (10, "2"), (60, "2"), (61, "1")]);
        assert_eq!((found.deployments, found.failed, found.recovery_seconds), (2, 0, None));
    }

    #[test]
    fn the_lead_time_runs_from_each_change_to_its_first_deployment() {
        let mut made = Changes::default();
        made.add("order", "2", start() + TimeDelta::hours(4));
        made.add("", "2", start() + TimeDelta::hours(9));
        made.add("order", "3", start() + TimeDelta::hours(10));
        made.add("order", "3", start() + TimeDelta::hours(30));
        made.add("wallet", "3", start());
        let found = with(&[(0, "1"), (10, "2"), (12, "1"), (20, "2"), (21, "3")], &made);
        // 1, 6 and 11 hours; version 2 came back without a change, and one of 3 was made after it began to serve.
        assert_eq!((found.lead_time_seconds, found.changes), (Some(6 * 3600), 3));
        assert_eq!(found.lead_time_unknown, None);
        let why = |versions: &[(i64, &str)], made: &Changes| with(versions, made).lead_time_unknown.unwrap();
        insta::assert_snapshot!(why(&[(0, "1"), (9, "8")], &made), @"the file of changes has none of its deployed versions");
        insta::assert_snapshot!(why(&[(0, "1")], &made), @"nothing new was deployed");
        insta::assert_snapshot!(why(&[(0, "1"), (9, "8")], &Changes::default()), @"telemetry does not carry when a change was made: capacity.changes names a file");
    }

    #[test]
    fn nothing_deployed_has_no_rates() {
        let found = of(&[(0, "1"), (99, "1")]);
        assert_eq!((found.deployments, found.change_fail_rate, found.rework_rate), (0, None, None));
    }
}
