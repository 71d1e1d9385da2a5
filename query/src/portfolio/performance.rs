//! What portfolios made over a period: the entries of each, priced day by day, and the arithmetic of
//! [`headroom_portfolio::performance`].

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use headroom_portfolio::book::{Entry, end_of};
use headroom_portfolio::performance::{self, Ask, Benchmark, Model, Performance, Portfolio};
use headroom_store::Store;

use super::read::{MOST_BOOKINGS, about, bookings, closing, instruments, symbols_of, with_events};
use crate::error::{QueryError, Result};

/// What portfolios are compared with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beside<'a> {
    /// A symbol, by its prices.
    pub symbol: Option<&'a str>,
    /// A portfolio, and the label of symbols by which the return beyond its own is attributed.
    pub portfolio: Option<(&'a str, &'a str)>,
}

/// What one portfolio, or several together, made.
///
/// # Errors
/// [`QueryError::NotFound`] when nothing was booked to any of them until the end of the period; what the store says.
pub async fn performance(
    store: &Store,
    tenant: &str,
    portfolios: &[String],
    mut ask: Ask,
    beside: Beside<'_>,
    now: DateTime<Utc>,
) -> Result<Performance> {
    let until = ask.to.map_or(now, end_of).min(now);
    ask.to = Some(until.date_naive());
    let ids = portfolios.iter().map(String::as_str).chain(beside.portfolio.map(|(id, _)| id));
    let (books, market) = tokio::try_join!(
        bookings(store, tenant, ids, Some(MOST_BOOKINGS)),
        instruments(store, tenant, until)
    )?;
    let is_booked = |id: &str| {
        let entries = books.get(id).map(|(_, entries)| entries);
        entries.is_some_and(|entries| entries.iter().any(|entry| entry.ts <= until))
    };
    let nothing = |what: String| {
        QueryError::not_found(
            format!("nothing was booked to {what} up to {}", until.to_rfc3339()),
            "check its number, or ask for a later day",
        )
    };
    if !portfolios.iter().any(|id| is_booked(id)) {
        return Err(nothing(named(portfolios)));
    }
    if let Some((model, _)) = beside.portfolio.filter(|(model, _)| !is_booked(model)) {
        return Err(nothing(format!("the benchmark portfolio `{model}`")));
    }
    let mut symbols: BTreeSet<String> = books
        .values()
        .flat_map(|(_, entries)| symbols_of(entries))
        .chain(beside.symbol.map(str::to_owned))
        .collect();
    let events = about(&market, &mut symbols);
    let quotes = Box::pin(closing(store, tenant, &symbols, None, until)).await?;
    ask.view.labels = quotes.labels;
    ask.benchmark = beside.symbol.map(|symbol| Benchmark::Symbol(symbol.to_owned()));
    let whole = |id: &str| {
        let (_, own) = books.get(id)?;
        Some([with_events(own, &events), quotes.entries.clone()].concat())
    };
    let entries: Vec<(&String, Vec<Entry>)> =
        portfolios.iter().filter_map(|id| Some((id, whole(id)?))).collect();
    let each: Vec<Portfolio<'_>> =
        entries.iter().map(|(id, entries)| Portfolio { name: id, entries }).collect();
    let Some((name, by)) = beside.portfolio else {
        return Ok(performance::performance(&each, &ask));
    };
    let entries = whole(name).unwrap_or_default();
    Ok(performance::beside(&each, Model { portfolio: Portfolio { name, entries: &entries }, by }, &ask))
}

fn named(portfolios: &[String]) -> String {
    match portfolios {
        [one] => format!("portfolio `{one}`"),
        several => format!("these {} portfolios", several.len()),
    }
}
