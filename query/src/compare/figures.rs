//! Two tallies into what changed. Pure.

use std::collections::BTreeMap;

use super::read::Pair;
use super::{
    BucketPair, CompareQuery, Compared, Distance, OnlyIn, OperationChange, QuantileChange, ShareChange, Side,
    SideFigures,
};
use crate::latency::{Source, Tally, lay_out};
use crate::proportion::{self, Share, Z95};

/// Leaves 1.25 % on either side, so that two intervals hold together with 95 %.
const Z_OF_TWO: f64 = 2.241_402_727_604_945;
/// Probability that chance alone is taken for a change, over all operations.
const BY_CHANCE: f64 = 0.05;
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

pub(super) fn compared(
    query: &CompareQuery,
    baseline: Side,
    candidate: Side,
    counted: BTreeMap<String, Pair>,
    source: Source,
) -> Compared {
    let mut all = Pair::default();
    counted.values().for_each(|pair| all.merge(pair));
    let tests = counted.len().max(1) as f64;
    let mut operations: Vec<OperationChange> =
        counted.into_iter().map(|(name, pair)| operation(name, &pair, BY_CHANCE / tests)).collect();
    operations.sort_by(|a, b| rank(b).0.cmp(&rank(a).0).then(rank(b).1.total_cmp(&rank(a).1)));
    let missing = match (all.baseline.calls(), all.candidate.calls()) {
        (0, 0) => Some("no requests were measured on either side"),
        (0, _) => Some("no requests were measured in the baseline"),
        (_, 0) => Some("no requests were measured in the candidate"),
        _ => None,
    };
    Compared {
        service: query.service.clone(),
        operation: query.operation.clone(),
        error_rate: share_change(&all),
        quantiles: quantile_changes(&all),
        distance: distance(&all, BY_CHANCE),
        buckets: buckets(&all),
        operations,
        baseline: side(baseline, &all.baseline),
        candidate: side(candidate, &all.candidate),
        source: source.table().to_owned(),
        unavailable: missing.map(str::to_owned),
    }
}

fn side(side: Side, tally: &Tally) -> SideFigures {
    SideFigures {
        calls: tally.calls(),
        errors: tally.errors,
        error_rate: tally.error_rate(),
        calls_per_second: tally.calls() as f64 / side.range.seconds(),
        quantiles: tally.quantiles(),
        range: side.range,
        version: side.version,
    }
}

fn operation(operation: String, pair: &Pair, by_chance: f64) -> OperationChange {
    let error_rate = share_change(pair);
    let distance = distance(pair, by_chance);
    let slower = distance.is_some_and(|distance| distance.value > distance.chance);
    let fails = error_rate.is_some_and(|change| change.p_value < by_chance);
    OperationChange {
        operation,
        baseline_calls: pair.baseline.calls(),
        candidate_calls: pair.candidate.calls(),
        baseline_error_rate: pair.baseline.error_rate(),
        candidate_error_rate: pair.candidate.error_rate(),
        baseline_quantiles: pair.baseline.quantiles(),
        candidate_quantiles: pair.candidate.quantiles(),
        quantiles: quantile_changes(pair),
        changed: slower || fails,
        error_rate,
        distance,
        only_in: match (pair.baseline.calls(), pair.candidate.calls()) {
            (0, 1..) => Some(OnlyIn::Candidate),
            (1.., 0) => Some(OnlyIn::Baseline),
            _ => None,
        },
    }
}

/// Class, and how large the change is: of durations or of errors, whichever changed more.
fn rank(change: &OperationChange) -> (u8, f64) {
    let class = if change.changed { 2 } else { u8::from(change.only_in.is_some()) };
    let durations = change.distance.map_or(0.0, |distance| distance.value);
    let errors = change.error_rate.map_or(0.0, |change| change.difference.abs());
    (class, durations.max(errors))
}

pub(super) fn share_change(pair: &Pair) -> Option<ShareChange> {
    let share = |tally: &Tally| Share { of: tally.errors, all: tally.calls() };
    let (before, after) = (share(&pair.baseline), share(&pair.candidate));
    if before.all == 0 || after.all == 0 {
        return None;
    }
    let (low, high) = proportion::difference(after, before, Z95);
    let p_value = proportion::p_value(after, before);
    Some(ShareChange { difference: after.value() - before.value(), low, high, p_value })
}

pub(super) fn quantile_changes(pair: &Pair) -> Vec<QuantileChange> {
    let change = |q: f64| {
        let (before, after) = (pair.baseline.buckets.quantile(q)?, pair.candidate.buckets.quantile(q)?);
        let (low_before, high_before) = pair.baseline.buckets.quantile_interval(q, Z_OF_TWO);
        let (low_after, high_after) = pair.candidate.buckets.quantile_interval(q, Z_OF_TWO);
        let ratio = |above: Option<f64>, below: Option<f64>| Some(above? / below.filter(|ns| *ns > 0.0)?);
        Some(QuantileChange {
            q,
            ratio: after.value_ns / before.value_ns.max(1.0),
            ratio_low: ratio(low_after, high_before),
            ratio_high: ratio(high_after, low_before),
        })
    };
    QUANTILES.into_iter().filter_map(change).collect()
}

/// Kolmogorov and Smirnov's distance, and its critical value for two large samples.
pub(super) fn distance(pair: &Pair, by_chance: f64) -> Option<Distance> {
    let (before, after) = (&pair.baseline.buckets, &pair.candidate.buckets);
    let (n, m) = (before.count() as f64, after.count() as f64);
    if before.is_empty() || after.is_empty() {
        return None;
    }
    let mut steps: BTreeMap<i16, f64> = BTreeMap::new();
    before.iter().for_each(|(b, count)| *steps.entry(b).or_default() += count as f64 / n);
    after.iter().for_each(|(b, count)| *steps.entry(b).or_default() -= count as f64 / m);
    let (mut sum, mut value) = (0.0_f64, 0.0_f64);
    for step in steps.values() {
        sum += step;
        value = value.max(sum.abs());
    }
    let chance = (-(by_chance / 2.0).ln() / 2.0 * (n + m) / (n * m)).sqrt().min(1.0);
    Some(Distance { value, chance })
}

/// Both distributions on the rows of one heat-map.
fn buckets(pair: &Pair) -> Vec<BucketPair> {
    let steps: Vec<_> = (0..2).filter_map(|second| chrono::DateTime::from_timestamp(second, 0)).collect();
    let sides = [&pair.baseline.buckets, &pair.candidate.buckets].map(Clone::clone);
    let map = lay_out(&steps.iter().copied().zip(sides).collect(), steps.clone(), 1);
    let mut pairs: Vec<BucketPair> = map
        .rows
        .iter()
        .map(|row| BucketPair { low_ns: row.low_ns, high_ns: row.high_ns, baseline: 0, candidate: 0 })
        .collect();
    for cell in &map.cells {
        let pair = &mut pairs[cell.1];
        if cell.0 == 0 { pair.baseline = cell.2 } else { pair.candidate = cell.2 }
    }
    pairs
}
