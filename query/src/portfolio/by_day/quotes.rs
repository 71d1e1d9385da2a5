//! Prices of many portfolios, read once and handed to each by what it ever held.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use headroom_portfolio::book::{Entry, Movement, end_of};
use headroom_store::Store;

use crate::error::Result;
use crate::portfolio::read::{Books, about, closing, last, symbols_of};

/// Prices by instrument, and exchange rates.
pub(super) struct BySymbol {
    prices: BTreeMap<String, Vec<Entry>>,
    rates: Vec<Entry>,
}

impl BySymbol {
    /// The closing prices and rates of every day from `from` up to a moment, those of before by the last of them.
    pub(super) async fn read(
        store: &Store,
        tenant: &str,
        books: &Books,
        market: &[Entry],
        from: NaiveDate,
        until: DateTime<Utc>,
    ) -> Result<Self> {
        let mut symbols: BTreeSet<String> =
            books.values().flat_map(|(_, entries)| symbols_of(entries)).collect();
        about(market, &mut symbols);
        let first = end_of(from).min(until);
        let before = Box::pin(last(store, tenant, &symbols, first)).await?;
        let mut quotes = before.entries;
        if first < until {
            let from = from.and_time(NaiveTime::MIN).and_utc();
            quotes.extend(Box::pin(closing(store, tenant, &symbols, Some(from), until)).await?.entries);
        }
        let mut read = Self { prices: BTreeMap::new(), rates: Vec::new() };
        for quote in quotes {
            match &quote.movement {
                Movement::Price { symbol, .. } => {
                    read.prices.entry(symbol.clone()).or_default().push(quote);
                }
                _ => read.rates.push(quote),
            }
        }
        Ok(read)
    }

    /// A portfolio's entries, with the prices of all that it ever held and with the rates.
    pub(super) fn with(&self, mut entries: Vec<Entry>) -> Vec<Entry> {
        let mut symbols = symbols_of(&entries);
        let renamed = entries.iter().filter_map(|entry| match &entry.movement {
            Movement::Rename { to, .. } => Some(to.clone()),
            _ => None,
        });
        symbols.extend(renamed.collect::<Vec<_>>());
        let prices = symbols.iter().filter_map(|symbol| self.prices.get(symbol)).flatten();
        entries.extend(prices.chain(&self.rates).cloned());
        entries
    }
}
