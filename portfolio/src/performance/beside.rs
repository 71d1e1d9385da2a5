//! Portfolios beside another one that serves as their benchmark: a model portfolio.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::options::{Ask, Benchmark, BenchmarkSegments, Model};
use super::positions::label;
use super::unavailable::{Figure, Unavailable, add_to};
use super::{Performance, Portfolio, performance, tell, walk};
use crate::attribution::Part;
use crate::book::{Labels, View};
use crate::returns::Period;

/// The performance of portfolios, with the return beyond that of a model portfolio attributed to its segments: those
/// are its average capital and its gain, by label. Where the question names no benchmark, the figures beside one
/// (beta, alpha, capture) are those beside the model's index.
pub fn beside(portfolios: &[Portfolio<'_>], model: Model<'_>, ask: &Ask) -> Performance {
    let mut ask = ask.clone();
    let mut history = walk::history(portfolios, &ask);
    let period = history.as_ref().map(|history| history.period).ok();
    let base = history.as_ref().ok().and_then(|history| history.base_currency.clone());
    let other = Ask {
        view: View { base_currency: base, ..ask.view.clone() },
        benchmark: None,
        segments: None,
        large_flow: None,
        ..ask.clone()
    };
    let other = performance(&[model.portfolio], &other);
    let segments = segments(&other, model.portfolio.name, period, model.by, &ask.view.labels);
    if let (None, Ok(history)) = (&ask.benchmark, &mut history) {
        history.benchmark = other.index.iter().filter_map(|day| Some((day.date, day.index?))).collect();
        ask.benchmark = Some(Benchmark::Values(history.benchmark.clone()));
    }
    let why = match segments {
        Ok(segments) => {
            ask.segments = Some(segments);
            None
        }
        Err(why) => Some(why),
    };
    let mut told = tell::tell(history, &ask);
    told.unavailable.extend(why.map(|why| ("attribution".to_owned(), why)));
    told
}

fn segments(
    model: &Performance,
    name: &str,
    period: Option<Period>,
    by: &str,
    labels: &Labels,
) -> Figure<BenchmarkSegments> {
    if let (Some(own), Some(other)) = (period, model.period)
        && own != other
    {
        return Err(Unavailable::missing(format!(
            "the benchmark {name} can be told from {} to {}, and the portfolio from {} to {}: ask for a period in which both were there",
            other.from, other.to, own.from, own.to
        )));
    }
    let unknown = || {
        let why = model.unavailable.values().find(|why| why.missing);
        let why = why.map_or("it holds nothing", |why| why.reason.as_str());
        Unavailable::missing(format!("what the benchmark {name} made is not known: {why}"))
    };
    let mut sums: BTreeMap<&str, (Figure<Decimal>, Figure<Decimal>)> = BTreeMap::new();
    for row in model.contributions.as_ref().ok_or_else(unknown)? {
        let zero = || Ok(Decimal::ZERO);
        let sum = sums.entry(label(row.symbol.as_deref(), by, labels)).or_insert((zero(), zero()));
        add_to(&mut sum.0, row.average_capital.ok_or_else(unknown));
        add_to(&mut sum.1, row.gain.ok_or_else(unknown));
    }
    let capital = model.modified_dietz.average_capital.and_then(|whole| whole.to_f64());
    let whole = capital.filter(|whole| *whole > 0.0).ok_or_else(unknown)?;
    let part = |(name, (base, gain)): (&str, (Figure<Decimal>, Figure<Decimal>))| {
        let (base, gain) = base?.to_f64().zip(gain?.to_f64()).ok_or_else(unknown)?;
        let ratio = (base != 0.0).then(|| gain / base);
        Ok((name.to_owned(), Part { weight: base / whole, ratio }))
    };
    let parts = sums.into_iter().map(part).collect::<Figure<_>>()?;
    Ok(BenchmarkSegments { by: by.to_owned(), parts })
}
