//! Portfolios beside another one that serves as their benchmark: a model portfolio.

use super::history::History;
use super::options::{Ask, Benchmark, BenchmarkSegments, Model};
use super::unavailable::{Figure, Unavailable};
use super::{Performance, Portfolio, positions, tell, walk};
use crate::book::{Labels, View};
use crate::returns::Period;

/// The performance of portfolios, with the return beyond that of a model portfolio attributed to its segments: those
/// are its average capital and its gain, by label. Where the question names no benchmark, the figures beside one
/// (beta, alpha, capture) are those beside the model's index.
pub fn beside(portfolios: &[Portfolio<'_>], model: Model<'_>, ask: &Ask) -> Performance {
    let mut ask = ask.clone();
    let history = walk::history(portfolios, &ask);
    let Ok(mut history) = history else { return tell::tell(history, &ask) };
    let view = View { base_currency: history.base_currency.clone(), ..ask.view.clone() };
    let other = walk::history(&[model.portfolio], &Ask { view, benchmark: None, ..ask.clone() });
    if ask.benchmark.is_none() {
        let index = other.as_ref().map_err(Clone::clone).and_then(History::index).unwrap_or_default();
        history.benchmark = index.into_iter().map(|point| (point.date, point.value)).collect();
        ask.benchmark = Some(Benchmark::Values(history.benchmark.clone()));
    }
    let segments = segments(other, &model, history.period, &ask.view.labels);
    ask.segments = segments.as_ref().ok().cloned();
    let mut told = tell::tell(Ok(history), &ask);
    told.unavailable.extend(segments.err().map(|why| ("attribution".to_owned(), why)));
    told
}

fn segments(
    other: Figure<History>,
    model: &Model<'_>,
    own: Period,
    labels: &Labels,
) -> Figure<BenchmarkSegments> {
    let name = model.portfolio.name;
    let unknown = |why: Unavailable| {
        Unavailable::missing(format!("what the benchmark {name} made is not known: {}", why.reason))
    };
    let other = other.map_err(unknown)?;
    if own != other.period {
        let Period { from, to } = other.period;
        return Err(Unavailable::missing(format!(
            "the benchmark {name} can be told from {from} to {to}, and the portfolio from {} to {}: ask for a period in which both were there",
            own.from, own.to
        )));
    }
    let parts = other.capital().and_then(|capital| positions::by_segment(&other, &capital, model.by, labels));
    Ok(BenchmarkSegments { by: model.by.to_owned(), parts: parts.map_err(unknown)? })
}
