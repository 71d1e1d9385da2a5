//! How fast budgets burnt over time.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ends, step};
use crate::range::TimeRange;
use crate::slo::Measured;
use crate::slo::budget::at;
use crate::slo::slices::FINE_SECONDS;

/// Objectives that are told.
const MOST: usize = 3;
const HOUR: i64 = 3_600;

/// An objective whose budget burnt.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Burning {
    /// Its name in addresses.
    pub name: String,
    /// The name people read.
    pub display_name: String,
    /// In time order.
    pub points: Vec<BurnPoint>,
}

/// How fast a budget burnt.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BurnPoint {
    /// Its end.
    pub ts: DateTime<Utc>,
    /// The burn over the hour that ends here: 1 spends exactly the budget; null when too little was seen.
    pub burn: Option<f64>,
}

/// The objectives that burnt anything in a range, as far as their windows reach back: the fastest at any time first.
pub(super) fn fastest(measured: &[Measured<'_>], range: &TimeRange, now: DateTime<Utc>) -> Vec<Burning> {
    let mut burning: Vec<(f64, Burning)> = measured
        .iter()
        .filter_map(|measured| {
            let points = points(measured, range, now);
            let highest = points.iter().filter_map(|point| point.burn).reduce(f64::max)?;
            let promise = &measured.promise;
            let (name, display_name) = (promise.id().to_owned(), promise.display_name().to_owned());
            (highest > 0.0).then_some((highest, Burning { name, display_name, points }))
        })
        .collect();
    burning.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.name.cmp(&y.name)));
    burning.into_iter().take(MOST).map(|(_, burning)| burning).collect()
}

fn points(measured: &Measured<'_>, range: &TimeRange, now: DateTime<Utc>) -> Vec<BurnPoint> {
    let (from, to) = (range.from.timestamp(), range.to.timestamp());
    // What is older comes added up to hours.
    let fine = from - HOUR >= now.timestamp() - FINE_SECONDS;
    let step = if fine { step(to - from) } else { step(to - from).max(HOUR) };
    let point = |end| BurnPoint { ts: at(end), burn: measured.burn(end, HOUR) };
    ends(measured, (from, to), step).map(point).collect()
}
