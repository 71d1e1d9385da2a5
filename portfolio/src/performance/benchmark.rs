//! A portfolio beside a benchmark.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use super::history::{Capital, History};
use super::options::Ask;
use super::risk::{a_period, sampled};
use super::shape::BenchmarkFigures;
use super::unavailable::{Figure, Reasons, Unavailable};
use crate::returns::{IndexPoint, Period};
use crate::risk::{Result, Series, alpha, beta, capture};

/// A benchmark's value counts until the next one, but no longer than over a long weekend.
const LONGEST: TimeDelta = TimeDelta::days(7);

pub(super) fn figures(
    history: &History,
    capital: &Figure<Capital>,
    index: &Figure<Vec<IndexPoint>>,
    ask: &Ask,
    reasons: &mut Reasons,
) -> BenchmarkFigures {
    let compared = compared(history, capital, index, ask);
    let ends = compared.as_ref().map(|compared| &compared.ends).map_err(Clone::clone);
    let series = compared.as_ref().map(|compared| &compared.series).map_err(Clone::clone);
    let period = reasons.told("benchmark.period", ends.clone().map(|ends| ends.period));
    let mut told = |name: &str, figure: fn(&Ends) -> f64| {
        reasons.told(&format!("benchmark.{name}"), ends.clone().map(figure))
    };
    let (portfolio, benchmark, active) = (
        told("portfolio", |ends| ends.portfolio),
        told("benchmark", |ends| ends.benchmark),
        told("active", |ends| ends.portfolio - ends.benchmark),
    );
    let mut of = Of { series, reasons };
    BenchmarkFigures {
        period,
        portfolio,
        benchmark,
        active,
        beta: of.told("beta", beta),
        alpha: of.told("alpha", |own, other| alpha(own, other, a_period(ask))),
        capture: of.told("capture", capture),
    }
}

struct Compared {
    ends: Ends,
    /// The portfolio's and the benchmark's.
    series: (Series, Series),
}

struct Ends {
    period: Period,
    portfolio: f64,
    benchmark: f64,
}

fn compared(
    history: &History,
    capital: &Figure<Capital>,
    index: &Figure<Vec<IndexPoint>>,
    ask: &Ask,
) -> Figure<Compared> {
    let (index, opening) =
        (index.as_ref().map_err(Clone::clone)?, capital.as_ref().map_err(Clone::clone)?.opening);
    let values = &history.benchmark;
    let points = sampled(history, index, opening.date, ask.frequency)?;
    let others: Vec<IndexPoint> = points.iter().map(|point| at(values, point.date)).collect::<Figure<_>>()?;
    let series = (Series::of_index(ask.frequency, &points)?, Series::of_index(ask.frequency, &others)?);
    let to = history.period.to;
    let begin = (points[0].value, others[0].value);
    let end = (index.last().map_or(begin.0, |last| last.value), at(values, to)?.value);
    let ends = Ends {
        period: Period::new(opening.date, to)?,
        portfolio: end.0 / begin.0 - 1.0,
        benchmark: end.1 / begin.1 - 1.0,
    };
    Ok(Compared { ends, series })
}

/// The last value known on a day.
fn at(values: &BTreeMap<NaiveDate, f64>, date: NaiveDate) -> Figure<IndexPoint> {
    match values.range(..=date).next_back() {
        None => Err(Unavailable::missing(format!("the benchmark has no value on {date} or before"))),
        Some((of, _)) if date - *of > LONGEST => Err(Unavailable::missing(format!(
            "the benchmark's last value before {date} is of {of}, more than {} days before",
            LONGEST.num_days()
        ))),
        Some((_, value)) => Ok(IndexPoint { date, value: *value }),
    }
}

/// Figures of two series, which may not be there.
struct Of<'a> {
    series: Figure<&'a (Series, Series)>,
    reasons: &'a mut Reasons,
}

impl Of<'_> {
    fn told<T>(&mut self, name: &str, figure: impl FnOnce(&Series, &Series) -> Result<T>) -> Option<T> {
        let found = self.series.clone().and_then(|(own, other)| Ok(figure(own, other)?));
        self.reasons.told(&format!("benchmark.{name}"), found)
    }
}
