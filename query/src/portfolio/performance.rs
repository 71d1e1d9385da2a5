//! What portfolios made over a period: the entries of each, priced day by day, and the arithmetic of
//! [`headroom_portfolio::performance`].

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use headroom_portfolio::book::{Entry, end_of};
use headroom_portfolio::performance::{Ask, Benchmark, Performance, Portfolio, performance as told};
use headroom_store::Store;

use super::read::{MOST_BOOKINGS, about, bookings, closing, instruments, last, symbols_of, with_events};
use crate::error::{QueryError, Result};

/// What one portfolio, or several together, made. `benchmark` is a symbol whose prices are compared with.
///
/// # Errors
/// [`QueryError::NotFound`] when nothing was booked to any of them until the end of the period; what the store says.
pub async fn performance(
    store: &Store,
    tenant: &str,
    portfolios: &[String],
    mut ask: Ask,
    benchmark: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Performance> {
    let until = ask.to.map_or(now, end_of).min(now);
    ask.to = Some(until.date_naive());
    let ids = portfolios.iter().map(String::as_str);
    let (books, market) = tokio::try_join!(
        bookings(store, tenant, ids, Some(MOST_BOOKINGS)),
        instruments(store, tenant, until)
    )?;
    if !books.values().any(|(_, entries)| entries.iter().any(|entry| entry.ts <= until)) {
        return Err(QueryError::not_found(
            format!("nothing was booked to {} up to {}", named(portfolios), until.to_rfc3339()),
            "check its number, or ask for a later day",
        ));
    }
    let mut symbols: BTreeSet<String> = books
        .values()
        .flat_map(|(_, entries)| symbols_of(entries))
        .chain(benchmark.map(str::to_owned))
        .collect();
    let events = about(&market, &mut symbols);
    let (closes, latest) = tokio::try_join!(
        closing(store, tenant, &symbols, None, until),
        last(store, tenant, &symbols, until)
    )?;
    let quotes: Vec<Entry> = closes.entries.into_iter().chain(latest.entries).collect();
    ask.view.labels = closes.labels;
    ask.benchmark = benchmark.map(|symbol| Benchmark::Symbol(symbol.to_owned()));
    let entries: Vec<(&String, Vec<Entry>)> = books
        .iter()
        .map(|(id, (_, own))| (id, [with_events(own, &events), quotes.clone()].concat()))
        .collect();
    let each: Vec<Portfolio<'_>> =
        entries.iter().map(|(id, entries)| Portfolio { name: id, entries }).collect();
    Ok(told(&each, &ask))
}

fn named(portfolios: &[String]) -> String {
    match portfolios {
        [one] => format!("portfolio `{one}`"),
        several => format!("these {} portfolios", several.len()),
    }
}
