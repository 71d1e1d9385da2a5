//! How services are delivered: the five measures of DORA.
//!
//! Definitions by DORA's guide of January 2026 (dora.dev, *DORA's software delivery metrics*), bands by Four Keys. A
//! deployment is a version that begins to serve, seen in spans or told by a `deployment.*` event, once where it is both.
//! One has failed that was told so, that gave way to a version which had served before, or that was followed by a fix,
//! within a day. Unplanned are returns to an older version, and what was told to be a fix or for an incident.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changes::Changes;
use super::deployments::{Deployment, together};
use super::deploys::changes;
use super::pace::{FailBand, Pace, Within, median};
use super::told::{self, Status, Told};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Filter, Key, Literal, ScanQuery};

/// Width of the steps in which versions are looked for.
const STEP_SECONDS: i64 = 600;
/// What follows a deployment within this time may tell that it failed.
const FAILS_WITHIN: TimeDelta = TimeDelta::hours(24);

/// Delivery of one service in a range.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ServiceDelivery)]
pub struct Delivery {
    /// `service.name`
    pub service: String,
    /// Deployments, returns to an older version included.
    pub deployments: usize,
    /// Deployments that an event told of; the others were only seen.
    pub told: usize,
    /// Deployment frequency: deployments in seven days, in the mean.
    pub per_week: f64,
    /// The band of the deployment frequency.
    pub pace: Option<Pace>,
    /// Deployments that failed.
    pub failed: usize,
    /// Change fail rate: failed over all that brought something new; none without such.
    pub change_fail_rate: Option<f64>,
    /// Its band.
    pub change_fail_band: Option<FailBand>,
    /// Failed deployment recovery time: median seconds from a failed deployment to the one that ended it.
    pub recovery_seconds: Option<i64>,
    /// Its band.
    pub recovery_band: Option<Within>,
    /// Deployments that were not planned: returns to an older version, and those told to be fixes or for incidents.
    pub unplanned: usize,
    /// Deployment rework rate: unplanned over all deployments; none without deployments. It has no bands.
    pub rework_rate: Option<f64>,
    /// Change lead time: median seconds from a change to its first deployment.
    pub lead_time_seconds: Option<i64>,
    /// Its band.
    pub lead_time_band: Option<Within>,
    /// Changes that the lead time is the median of.
    pub changes: usize,
    /// Why a figure is absent, by the figure's name.
    pub unknown: BTreeMap<String, String>,
}

#[derive(Debug, Row, Deserialize)]
struct VersionRow {
    service: String,
    version: String,
    at: i64,
    calls: u64,
}

/// Versions of a service in the steps in which they were seen.
type Steps = Vec<(DateTime<Utc>, String)>;

/// Delivery of every service that says its version, or whose deployments are told, by name. One query over
/// `span_minute` and one over `events`.
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
    let (rows, told) =
        tokio::try_join!(scan.fetch::<VersionRow>(store), told::told(store, tenant, None, range))?;
    let mut services: BTreeMap<String, (Steps, Vec<Told>)> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| row.calls > 0) {
        let at = DateTime::from_timestamp_nanos(row.at);
        services.entry(row.service).or_default().0.push((at, row.version));
    }
    for told in told {
        services.entry(told.service.clone()).or_default().1.push(told);
    }
    let measured =
        services.into_iter().map(|(service, (seen, told))| measure(service, seen, told, range, changes));
    Ok(measured.collect())
}

fn measure(service: String, seen: Steps, told: Vec<Told>, range: TimeRange, made: &Changes) -> Delivery {
    let first = seen.first().map(|(ts, _)| *ts);
    let served =
        seen.iter().filter(|(ts, _)| Some(*ts) == first).map(|(_, version)| version.clone()).collect();
    let deployments = together(changes(seen), told);
    let Course { fresh, failed, unplanned, recoveries, leads } = course(&service, &deployments, served, made);
    let times: Vec<DateTime<Utc>> = deployments.iter().map(|deployment| deployment.at).collect();
    let mut unknown = BTreeMap::new();
    let mut why = |figure: &str, why: String| {
        unknown.insert(figure.to_owned(), why);
    };
    let pace = Pace::of(&times, range).map_err(|reason| why("pace", reason)).ok();
    if fresh == 0 {
        why("change_fail_rate", "nothing new was deployed".to_owned());
    }
    if recoveries.is_empty() {
        let none = "no deployment failed";
        let open = "what failed has not been ended by another deployment";
        why("recovery_seconds", if failed == 0 { none } else { open }.to_owned());
    }
    if deployments.is_empty() {
        why("rework_rate", "nothing was deployed".to_owned());
    }
    if leads.is_empty() {
        why("lead_time_seconds", no_lead_time(fresh, &deployments, made).to_owned());
    }
    let change_fail_rate = (fresh > 0).then(|| failed as f64 / fresh as f64);
    let whole = |seconds: f64| seconds.round() as i64;
    let changes = leads.len();
    let (recovery_seconds, lead_time_seconds) = (median(recoveries).map(whole), median(leads).map(whole));
    Delivery {
        service,
        deployments: deployments.len(),
        told: deployments.iter().filter(|deployment| deployment.told.is_some()).count(),
        per_week: deployments.len() as f64 / (range.seconds() / 604_800.0),
        pace,
        failed,
        change_fail_rate,
        change_fail_band: change_fail_rate.map(FailBand::of),
        recovery_seconds,
        recovery_band: recovery_seconds.map(Within::of),
        unplanned,
        rework_rate: (!deployments.is_empty()).then(|| unplanned as f64 / deployments.len() as f64),
        lead_time_seconds,
        lead_time_band: lead_time_seconds.map(Within::of),
        changes,
        unknown,
    }
}

/// What became of one deployment after the other.
#[derive(Debug, Default)]
struct Course {
    /// Deployments that brought something new.
    fresh: usize,
    failed: usize,
    unplanned: usize,
    /// Seconds from a failed deployment to what ended it.
    recoveries: Vec<f64>,
    /// Seconds from a change to its deployment. Automated changes, made with the deployment, are none.
    leads: Vec<f64>,
}

fn course(service: &str, deployments: &[Deployment], mut served: Vec<String>, made: &Changes) -> Course {
    let mut course = Course::default();
    // The last that brought something new, and whether it is known to have failed.
    let mut last: Option<(DateTime<Utc>, bool)> = None;
    for deployment in deployments {
        let back = deployment.told == Some(Status::RolledBack) || served.contains(&deployment.version);
        let unplanned = back || deployment.reason.is_some();
        course.unplanned += usize::from(unplanned);
        if let Some((at, known)) =
            last.filter(|(at, known)| *known || (unplanned && deployment.at - *at <= FAILS_WITHIN))
        {
            course.failed += usize::from(!known);
            course.recoveries.push((deployment.at - at).num_seconds() as f64);
        }
        last = None;
        if back {
            continue;
        }
        let failed = deployment.told == Some(Status::Failed);
        course.fresh += 1;
        course.failed += usize::from(failed);
        last = Some((deployment.at, failed));
        if failed {
            continue;
        }
        served.push(deployment.version.clone());
        let told = deployment.commits.iter().copied();
        let filed = made.of(service, &deployment.version).filter(|_| deployment.commits.is_empty());
        let since = told.chain(filed).map(|change| (deployment.at - change).num_seconds());
        course.leads.extend(since.filter(|seconds| *seconds > 0).map(|seconds| seconds as f64));
    }
    course
}

fn no_lead_time(fresh: usize, deployments: &[Deployment], made: &Changes) -> &'static str {
    let told = deployments.iter().any(|deployment| !deployment.commits.is_empty());
    match (fresh, told, made.is_empty()) {
        (0, ..) => "nothing new was deployed",
        (_, true, _) => "what is told of its changes is no older than their deployment",
        (_, _, true) => {
            "telemetry does not carry when a change was made: tell it with POST /api/v1/deployments, or name a file in capacity.changes"
        }
        _ => "neither events nor the file of changes have changes of its deployed versions",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::told::Unplanned;
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
        measure(
            "order".into(),
            seen,
            Vec::new(),
            TimeRange { from: start, to: start + TimeDelta::days(14) },
            made,
        )
    }

    /// What was told, at so many hours; changes were made so many hours before.
    fn told(hour: i64, version: &str, status: Status, reason: Option<Unplanned>, changes: &[i64]) -> Told {
        let ts = start() + TimeDelta::hours(hour);
        let commits = changes.iter().map(|before| ts - TimeDelta::hours(*before)).collect();
        let (service, version) = ("order".to_owned(), version.to_owned());
        Told { ts, service, version, status, reason, commits, url: None }
    }

    fn both(versions: &[(i64, &str)], told: Vec<Told>) -> Delivery {
        let start = start();
        let seen =
            versions.iter().map(|(hour, v)| (start + TimeDelta::hours(*hour), (*v).to_owned())).collect();
        let range = TimeRange { from: start, to: start + TimeDelta::days(14) };
        measure("order".into(), seen, told, range, &Changes::default())
    }

    #[test]
    fn what_is_seen_and_told_counts_once_and_what_is_told_says_more() {
        use Status::{Failed, Finished, RolledBack, Started};
        let seen = [(0, "1"), (10, "2"), (60, "2"), (100, "3"), (130, "3")];
        let found = both(
            &seen,
            vec![
                told(9, "2", Started, None, &[]),
                told(11, "2", Finished, None, &[5, 49, 0]),
                told(100, "3", Finished, Some(Unplanned::Fix), &[2]),
                told(200, "4", Failed, None, &[1]),
                told(203, "5", Finished, Some(Unplanned::Incident), &[3]),
                told(300, "6", Finished, None, &[]),
                told(301, "5", RolledBack, None, &[]),
            ],
        );
        assert_eq!((found.deployments, found.told, found.per_week), (6, 6, 3.0));
        // 4 was told to have failed, and 6 was undone after an hour; 2 had served for days when 3 mended it.
        assert_eq!((found.failed, found.change_fail_rate), (2, Some(0.4)));
        assert_eq!(
            (found.recovery_seconds, found.recovery_band),
            (Some(2 * 3_600), Some(Within::OneDay)),
            "3 h and 1 h"
        );
        assert_eq!((found.unplanned, found.rework_rate), (3, Some(0.5)), "a fix, an incident, a return");
        // It was seen an hour before it was told to serve everywhere: 4 h and 48 h, then 2 h and 3 h.
        assert_eq!((found.lead_time_seconds, found.changes), (Some(7 * 1_800), 4));
        assert_eq!((found.pace, found.change_fail_band), (Some(Pace::Weekly), Some(FailBand::Middle)));
        assert!(found.unknown.is_empty(), "{:?}", found.unknown);
    }

    #[test]
    fn a_fix_within_a_day_tells_that_what_it_mends_failed() {
        let fixed = |hour| {
            let fix = told(hour, "3", Status::Finished, Some(Unplanned::Fix), &[]);
            both(&[(0, "1"), (10, "2"), (hour, "3")], vec![fix]).failed
        };
        assert_eq!((fixed(34), fixed(35)), (1, 0));
    }

    #[test]
    fn a_service_that_says_no_version_is_known_by_what_is_told() {
        let found = both(
            &[],
            vec![told(5, "1", Status::Finished, None, &[10]), told(6, "2", Status::Failed, None, &[])],
        );
        assert_eq!((found.deployments, found.failed, found.lead_time_seconds), (2, 1, Some(36_000)));
        let expected = "what failed has not been ended by another deployment";
        assert_eq!(found.unknown["recovery_seconds"], expected);
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
        assert!(!found.unknown.contains_key("lead_time_seconds"));
        let why = |versions: &[(i64, &str)], made: &Changes| {
            with(versions, made).unknown.remove("lead_time_seconds").unwrap()
        };
        insta::assert_snapshot!(why(&[(0, "1"), (9, "8")], &made), @"neither events nor the file of changes have changes of its deployed versions");
        insta::assert_snapshot!(why(&[(0, "1")], &made), @"nothing new was deployed");
        insta::assert_snapshot!(why(&[(0, "1"), (9, "8")], &Changes::default()), @"telemetry does not carry when a change was made: tell it with POST /api/v1/deployments, or name a file in capacity.changes");
    }

    #[test]
    fn nothing_deployed_has_no_rates() {
        let found = of(&[(0, "1"), (99, "1")]);
        assert_eq!((found.deployments, found.change_fail_rate, found.rework_rate), (0, None, None));
        let unknown: Vec<&str> = found.unknown.keys().map(String::as_str).collect();
        assert_eq!(
            unknown,
            ["change_fail_rate", "lead_time_seconds", "pace", "recovery_seconds", "rework_rate"]
        );
    }
}
