//! What symbols added to the return, and how that compares with a benchmark's segments.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::history::{Capital, History};
use super::options::{Ask, BenchmarkSegments};
use super::shape::{ByLabel, LabelContribution, Movers, Performance, SymbolContribution};
use super::symbols::{Followed, Symbols};
use super::unavailable::{Figure, Reasons, Unavailable, add_to};
use crate::attribution::{Attribution, Part, Segment, brinson_fachler, parts};
use crate::book::Labels;
use crate::returns::{Contribution, Contributions, Position, Timing, contributions};

/// What cash is called among labels and segments.
const CASH: &str = "cash";
/// What symbols without a label are.
const NO_LABEL: &str = "(none)";

/// Puts contributions, movers, labels and attribution into what is told.
pub(super) fn tell(
    history: &History,
    capital: &Figure<Capital>,
    ask: &Ask,
    told: &mut Performance,
    reasons: &mut Reasons,
) {
    let Some(symbols) = &history.symbols else {
        let why = Unavailable::none("the file tells values of the whole only, and not of single symbols");
        reasons.told("contributions", Err::<(), _>(why));
        return;
    };
    let followed = followed(symbols);
    let shares = capital.as_ref().map_err(Clone::clone).and_then(|capital| shares(&followed, capital));
    let mut rows = Vec::with_capacity(followed.len());
    for (place, (symbol, followed)) in followed.iter().enumerate() {
        let name = format!("contributions.{}", symbol.unwrap_or(CASH));
        let share = shares.as_ref().ok().map(|shares| &shares.positions[place]);
        rows.push(SymbolContribution {
            symbol: symbol.map(str::to_owned),
            start_value: followed.start.as_ref().ok().map(Decimal::normalize),
            end_value: followed.end.as_ref().ok().map(Decimal::normalize),
            gain: reasons.money(&name, followed.gain()),
            average_capital: share.map(|share| share.base.normalize()),
            contribution: share.map(|share| share.contribution),
        });
    }
    told.movers = movers(&rows, ask.movers);
    let kinds: BTreeSet<&str> =
        ask.view.labels.values().flat_map(|of| of.keys().map(String::as_str)).collect();
    told.by_label = kinds.into_iter().map(|by| by_label(&rows, by, &ask.view.labels)).collect();
    told.contributions = Some(rows);
    let shares = reasons.told("contributions", shares);
    if let (Some(segments), Some(shares)) = (&ask.segments, shares) {
        let found = attribution(&followed, &shares, segments, &ask.view.labels);
        told.attribution = reasons.told("attribution", found);
    }
}

/// By symbol, then cash; without those of which nothing was held and nothing moved.
fn followed(symbols: &Symbols) -> Vec<(Option<&str>, &Followed)> {
    let by_name = symbols.by_name.iter().map(|(symbol, followed)| (Some(symbol.as_str()), followed));
    by_name.chain([(None, &symbols.cash)]).filter(|(_, followed)| followed.counts()).collect()
}

/// Each one's part of the return, when all of them are known.
fn shares(followed: &[(Option<&str>, &Followed)], capital: &Capital) -> Figure<Contributions> {
    let position = |(symbol, followed): &(Option<&str>, &Followed)| {
        let (start, flows) = followed.since(capital.opening.date)?;
        Ok(Position { name: symbol.unwrap_or(CASH).to_owned(), start, end: followed.end.clone()?, flows })
    };
    let positions = followed.iter().map(position).collect::<Figure<Vec<Position>>>()?;
    Ok(contributions(capital.opening.date, capital.closing.date, &positions, Timing::End)?)
}

fn movers(rows: &[SymbolContribution], most: usize) -> Movers {
    let mut symbols: Vec<(&SymbolContribution, Decimal)> =
        rows.iter().filter(|row| row.symbol.is_some()).filter_map(|row| Some((row, row.gain?))).collect();
    symbols.sort_by_key(|(_, gain)| Reverse(*gain));
    let gains = symbols.iter().filter(|(_, gain)| *gain > Decimal::ZERO);
    let losses = symbols.iter().rev().filter(|(_, gain)| *gain < Decimal::ZERO);
    Movers {
        gains: gains.take(most).map(|(row, _)| (*row).clone()).collect(),
        losses: losses.take(most).map(|(row, _)| (*row).clone()).collect(),
    }
}

/// The label of a symbol, or of cash.
fn label<'a>(symbol: Option<&'a str>, by: &str, labels: &'a Labels) -> &'a str {
    match symbol {
        None => CASH,
        Some(symbol) if by == "symbol" => symbol,
        Some(symbol) => labels.get(symbol).and_then(|of| of.get(by)).map_or(NO_LABEL, String::as_str),
    }
}

fn by_label(rows: &[SymbolContribution], by: &str, labels: &Labels) -> ByLabel {
    let mut parts: BTreeMap<&str, (Option<Decimal>, Option<f64>)> = BTreeMap::new();
    for row in rows {
        let name = label(row.symbol.as_deref(), by, labels);
        let sum = parts.entry(name).or_insert((Some(Decimal::ZERO), Some(0.0)));
        sum.0 = sum.0.zip(row.gain).and_then(|(sum, gain)| sum.checked_add(gain));
        sum.1 = sum.1.zip(row.contribution).map(|(sum, part)| sum + part);
    }
    let part = |(name, (gain, contribution)): (&str, _)| LabelContribution {
        name: name.to_owned(),
        gain,
        contribution,
    };
    ByLabel { by: by.to_owned(), parts: parts.into_iter().map(part).collect() }
}

/// Weights and returns of a portfolio by a label of its symbols.
pub(super) fn by_segment(
    history: &History,
    capital: &Capital,
    by: &str,
    labels: &Labels,
) -> Figure<BTreeMap<String, Part>> {
    let followed = history.symbols.as_ref().map(followed).unwrap_or_default();
    segments(&followed, &shares(&followed, capital)?, by, labels)
}

fn segments(
    followed: &[(Option<&str>, &Followed)],
    shares: &Contributions,
    by: &str,
    labels: &Labels,
) -> Figure<BTreeMap<String, Part>> {
    let mut sums: BTreeMap<&str, (Figure<Decimal>, Figure<Decimal>)> = BTreeMap::new();
    for ((symbol, _), share) in followed.iter().zip(&shares.positions) {
        let zero = || Ok(Decimal::ZERO);
        let sum = sums.entry(label(*symbol, by, labels)).or_insert((zero(), zero()));
        add_to(&mut sum.0, Ok(share.gain));
        add_to(&mut sum.1, Ok(share.base));
    }
    let grouped = sums.into_iter().map(|(name, (gain, base))| {
        Ok(Contribution { name: name.to_owned(), gain: gain?, base: base?, contribution: 0.0 })
    });
    let grouped = Contributions { positions: grouped.collect::<Figure<_>>()?, portfolio: shares.portfolio };
    Ok(parts(&grouped)?.into_iter().collect())
}

/// The portfolio's segments beside the benchmark's.
fn attribution(
    followed: &[(Option<&str>, &Followed)],
    shares: &Contributions,
    benchmark: &BenchmarkSegments,
    labels: &Labels,
) -> Figure<Attribution> {
    let own = segments(followed, shares, &benchmark.by, labels)?;
    let names: BTreeSet<&String> = own.keys().chain(benchmark.parts.keys()).collect();
    let segments: Vec<Segment> = names
        .into_iter()
        .map(|name| Segment {
            name: name.clone(),
            portfolio: own.get(name).copied().unwrap_or_default(),
            benchmark: benchmark.parts.get(name).copied().unwrap_or_default(),
        })
        .collect();
    Ok(brinson_fachler(&segments)?)
}
