//! How full the fullest resources were, over time.

use chrono::{DateTime, Utc};
use headroom_query::TimeRange;
use headroom_query::capacity::resources::{Resource, ResourceSeries};
use serde::Serialize;
use utoipa::ToSchema;

/// Resources that are told.
const MOST: usize = 3;
/// Points of a series, before its step is rounded up.
const POINTS: i64 = 60;

/// The fullest resources of a tenant's services.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Saturation {
    /// What was looked at.
    pub range: TimeRange,
    /// Width of a point.
    pub step_seconds: i64,
    /// The one that was fullest at any time comes first.
    pub resources: Vec<Filled>,
    /// Resources of which nobody says how much there is.
    pub unbounded: usize,
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Filled {
    /// Which.
    pub resource: Resource,
    /// The highest share in the range.
    pub highest: f64,
    /// In time order; steps without a report are left out.
    pub points: Vec<FilledPoint>,
}

/// The share of a resource in use in one step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FilledPoint {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// What was in use in the mean over what there was; 1 is full.
    pub share: f64,
}

/// Width of the points of a range, in whole minutes.
pub(crate) fn step_seconds(range: &TimeRange) -> i64 {
    (range.length().num_seconds() / POINTS + 59) / 60 * 60
}

/// The fullest of some resources.
pub(crate) fn of(series: Vec<ResourceSeries>, range: TimeRange, step_seconds: i64) -> Saturation {
    let all = series.len();
    let mut resources: Vec<Filled> = series.into_iter().filter_map(filled).collect();
    let unbounded = all - resources.len();
    resources.sort_by(|a, b| b.highest.total_cmp(&a.highest).then_with(|| a.resource.cmp(&b.resource)));
    resources.truncate(MOST);
    Saturation { range, step_seconds, resources, unbounded }
}

fn filled(series: ResourceSeries) -> Option<Filled> {
    let share = |used: f64, capacity: Option<f64>| {
        capacity.or(series.capacity).filter(|capacity| *capacity > 0.0).map(|capacity| used / capacity)
    };
    let points: Vec<FilledPoint> = series
        .points
        .iter()
        .filter_map(|point| Some(FilledPoint { ts: point.ts, share: share(point.used, point.capacity)? }))
        .collect();
    let highest = points.iter().map(|point| point.share).reduce(f64::max)?;
    Some(Filled { resource: series.resource, highest, points })
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_query::capacity::resources::{ResourceKind, UsePoint};

    fn series(service: &str, capacity: Option<f64>, used: &[f64]) -> ResourceSeries {
        let start: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let point = |(at, used): (usize, &f64)| UsePoint {
            ts: start + chrono::TimeDelta::minutes(at as i64),
            used: *used,
            most: *used,
            instances: 1,
            // Nobody says it in the first minute.
            capacity: capacity.filter(|_| at > 0),
            waiting: None,
        };
        ResourceSeries {
            resource: Resource {
                service: service.to_owned(),
                kind: ResourceKind::Connections,
                name: String::new(),
            },
            metric: "db.client.connection.count".to_owned(),
            unit: "connection".to_owned(),
            instances: 1,
            capacity,
            points: used.iter().enumerate().map(point).collect(),
        }
    }

    #[test]
    fn the_fullest_come_first_and_what_has_no_end_is_counted() {
        let range =
            TimeRange::new("2026-11-20T10:00:00Z".parse().unwrap(), "2026-11-20T16:00:00Z".parse().unwrap())
                .unwrap();
        assert_eq!(step_seconds(&range), 360);
        let found = of(
            vec![
                series("wallet", Some(10.0), &[1.0, 2.0]),
                series("order", Some(10.0), &[9.0, 5.0]),
                series("queue", None, &[1e6]),
                series("broken", Some(0.0), &[1.0]),
                series("risk", Some(10.0), &[3.0]),
                series("auth", Some(10.0), &[2.5]),
            ],
            range,
            360,
        );
        let told: Vec<(&str, f64)> =
            found.resources.iter().map(|one| (one.resource.service.as_str(), one.highest)).collect();
        assert_eq!(told, [("order", 0.9), ("risk", 0.3), ("auth", 0.25)]);
        assert_eq!((found.unbounded, found.resources[0].points.len()), (2, 2));
    }
}
