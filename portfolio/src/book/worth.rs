//! What the books are worth, without the other figures of each position: cheap enough for every day.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::View;
use super::exact::{add, add_to, times};
use super::holding::Holding;
use super::ledger::Book;
use super::market::Market;

/// The worth of books at a moment, in the base currency. It adds up to the value of their
/// [`Valuation`](super::Valuation).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worth {
    /// By symbol, of all that are held or short, and those whose worth cannot be told with the reason.
    pub positions: Vec<(String, Result<Decimal, String>)>,
    /// Of all currencies.
    pub cash: Result<Decimal, String>,
}

impl Worth {
    pub(super) fn of(book: &Book, market: &Market, as_of: DateTime<Utc>, base: &str, view: &View) -> Self {
        let told = book
            .holdings
            .iter()
            .filter(|(_, holding)| holding.spoiled.is_some() || !holding.quantity().is_zero());
        let positions = told
            .map(|(symbol, holding)| (symbol.clone(), position(symbol, holding, market, as_of, base, view)));
        Self { positions: positions.collect(), cash: cash(book, market, base) }
    }

    /// Positions and cash, when every part is known; else all reasons.
    pub fn total(&self) -> Result<Decimal, BTreeSet<String>> {
        let mut total = Decimal::ZERO;
        let mut reasons = BTreeSet::new();
        for part in self.positions.iter().map(|(_, worth)| worth).chain([&self.cash]) {
            let added = part.clone().and_then(|part| add_to(&mut total, part));
            reasons.extend(added.err());
        }
        if reasons.is_empty() { Ok(total) } else { Err(reasons) }
    }
}

fn position(
    symbol: &str,
    holding: &Holding,
    market: &Market,
    as_of: DateTime<Utc>,
    base: &str,
    view: &View,
) -> Result<Decimal, String> {
    let of_symbol = |reason: &String| format!("{symbol}: {reason}");
    if let Some(reason) = &holding.spoiled {
        return Err(of_symbol(reason));
    }
    let (price, _) =
        market.price_of(symbol, holding, as_of, view.stale_after).map_err(|reason| of_symbol(&reason))?;
    let worth =
        times(holding.quantity(), price).ok_or_else(|| format!("the value of {symbol} is too large"))?;
    in_base(market, worth, &holding.currency, base)
}

fn cash(book: &Book, market: &Market, base: &str) -> Result<Decimal, String> {
    if let Some(reason) = book.spoiled_cash.values().next() {
        return Err(format!("cash: {reason}"));
    }
    let mut sum = Decimal::ZERO;
    for (currency, purse) in &book.purses {
        let amount = in_base(market, purse.cash, currency, base)?;
        sum = add(sum, amount).ok_or("the cash is too large")?;
    }
    Ok(sum)
}

fn in_base(market: &Market, amount: Decimal, currency: &str, base: &str) -> Result<Decimal, String> {
    market
        .convert(amount, currency, base)
        .ok_or_else(|| format!("no exchange rate from {currency} to {base} is known at that time"))
}
