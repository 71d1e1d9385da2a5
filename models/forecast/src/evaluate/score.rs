//! Scores of records.

use std::collections::BTreeMap;

use chrono::Duration;

use super::{Record, grouped};
use crate::QUANTILES;

/// Scores of some points.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Points scored.
    pub points: usize,
    /// Their mean demand.
    pub mean_actual: f64,
    /// Sum of absolute errors of the median over the sum of demand.
    pub wape: f64,
    /// Pinball loss at each of [`QUANTILES`] over the mean demand of these points.
    pub pinball: [f64; 6],
    /// Share of points at or below each quantile.
    pub coverage: [f64; 6],
    /// Share of the demand above each quantile: what capacity at that quantile would not have served.
    pub unserved: [f64; 6],
    /// Weighted quantile loss: twice the mean of `pinball`.
    pub wql: f64,
    /// Mean absolute error of the median over that of the last like time of day before the evaluation.
    pub mase: Option<f64>,
    /// Points that have a seasonal naive forecast to compare with.
    pub compared: usize,
    /// The median's absolute error over the seasonal naive forecast's, on the points compared.
    pub relative_mase: Option<f64>,
    /// The weighted quantile loss over the one of the seasonal naive forecast taken as every quantile.
    pub relative_wql: Option<f64>,
}

/// The scores of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Over all points.
    pub all: Score,
    /// By event class, each point for the most telling event that touches it; in none as `ordinary`.
    pub by_class: BTreeMap<String, Score>,
    /// By distance from the origin.
    pub by_lead: BTreeMap<String, Score>,
    /// The unit of MASE: the mean absolute error of the last like time of day in the data before the evaluation.
    pub mase_scale: Option<f64>,
}

/// Pinball loss of a forecast at a probability.
fn loss(probability: f64, actual: f64, forecast: f64) -> f64 {
    let miss = actual - forecast;
    if miss > 0.0 { probability * miss } else { (probability - 1.0) * miss }
}

impl Score {
    /// Scores records; nothing where there are none, or where no demand came at all.
    pub(super) fn of<'a>(records: impl Iterator<Item = &'a Record>, scale: Option<f64>) -> Option<Self> {
        let records: Vec<&Record> = records.collect();
        let demand: f64 = records.iter().map(|r| r.actual).sum();
        let points = records.len() as f64;
        if records.is_empty() || demand <= 0.0 {
            return None;
        }
        let sum = |of: &dyn Fn(&Record) -> f64| records.iter().map(|r| of(r)).sum::<f64>();
        let over =
            |of: &dyn Fn(&Record, usize) -> f64| -> [f64; 6] { std::array::from_fn(|i| sum(&|r| of(r, i))) };
        let absolute = sum(&|r| (r.actual - r.quantiles[0]).abs());
        let pinball = over(&|r, i| loss(QUANTILES[i], r.actual, r.quantiles[i]));
        let compared: Vec<(&Record, [f64; 6])> =
            records.iter().filter_map(|r| Some((*r, [r.seasonal_naive?; 6]))).collect();
        let ratio = |cost: &dyn Fn(f64, &[f64; 6]) -> f64| {
            let own: f64 = compared.iter().map(|(r, _)| cost(r.actual, &r.quantiles)).sum();
            let naive: f64 = compared.iter().map(|(r, naive)| cost(r.actual, naive)).sum();
            (naive > 0.0).then(|| own / naive)
        };
        let total: f64 = pinball.iter().sum();
        Some(Self {
            points: records.len(),
            mean_actual: demand / points,
            wape: absolute / demand,
            pinball: pinball.map(|l| l / demand),
            coverage: over(&|r, i| f64::from(u8::from(r.actual <= r.quantiles[i]))).map(|c| c / points),
            unserved: over(&|r, i| (r.actual - r.quantiles[i]).max(0.0)).map(|s| s / demand),
            wql: 2.0 * total / 6.0 / demand,
            mase: scale.map(|scale| absolute / points / scale),
            compared: compared.len(),
            relative_mase: ratio(&|actual, quantiles| (actual - quantiles[0]).abs()),
            relative_wql: ratio(&|actual, quantiles| {
                QUANTILES.iter().zip(quantiles).map(|(p, quantile)| loss(*p, actual, *quantile)).sum()
            }),
        })
    }
}

impl Summary {
    pub(super) fn new(records: &[Record], scale: Option<f64>) -> Option<Self> {
        let scored = |groups: BTreeMap<&'static str, Vec<&Record>>| {
            groups
                .into_iter()
                .filter_map(|(key, records)| Some((key.to_owned(), Score::of(records.into_iter(), scale)?)))
                .collect()
        };
        Some(Self {
            all: Score::of(records.iter(), scale)?,
            by_class: scored(grouped(records, Record::event_class)),
            by_lead: scored(grouped(records, |record| lead(record.ts - record.issued_at))),
            mase_scale: scale,
        })
    }
}

/// The class of a distance from the origin, named so that names sort by distance.
pub(crate) fn lead(ahead: Duration) -> &'static str {
    match ahead.num_minutes() {
        ..15 => "1: under 15 min",
        15..60 => "2: 15 to 60 min",
        60..240 => "3: 1 to 4 h",
        240..1440 => "4: 4 to 24 h",
        1440..4320 => "5: 1 to 3 d",
        _ => "6: 3 d and more",
    }
}
