//! Prices and exchange rates.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::entry::{Entry, Movement};
use super::exact::{over, times};
use super::holding::Holding;

/// Prices and exchange rates at a moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Market {
    /// Last price by symbol.
    pub prices: BTreeMap<String, Price>,
    /// Last rate by (base, quote): one base is so many quotes.
    pub rates: BTreeMap<(String, String), Decimal>,
}

/// A price and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Per piece.
    pub price: Decimal,
    /// ISO code.
    pub currency: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Market {
    /// An amount of one currency in another, by the rate or its inverse.
    pub fn convert(&self, amount: Decimal, from: &str, to: &str) -> Option<Decimal> {
        if from == to || amount.is_zero() {
            return Some(amount);
        }
        let rate = |base: &str, quote: &str| {
            let rate = self.rates.get(&(base.to_owned(), quote.to_owned())).copied();
            rate.filter(|rate| *rate > Decimal::ZERO)
        };
        match rate(from, to) {
            Some(rate) => times(amount, rate),
            None => over(amount, rate(to, from)?),
        }
    }

    /// Takes in what became known. What was called something else has its price still.
    pub(super) fn add(&mut self, entry: &Entry) {
        match &entry.movement {
            Movement::Price { symbol, price, currency } => {
                let price = Price { price: *price, currency: currency.clone(), at: entry.ts };
                self.prices.insert(symbol.clone(), price);
            }
            Movement::Rate { base, quote, rate } => {
                // The inverse would be older from now on.
                self.rates.remove(&(quote.clone(), base.clone()));
                self.rates.insert((base.clone(), quote.clone()), *rate);
            }
            Movement::Rename { from, to } => {
                let known = self.prices.get(to).map(|price| price.at);
                if let Some(price) = self.prices.get(from).filter(|price| Some(price.at) > known).cloned() {
                    self.prices.insert(to.clone(), price);
                }
            }
            _ => {}
        }
    }

    /// The last price in the holding's currency; one from before a split is brought to after it.
    pub(super) fn price_of(
        &self,
        symbol: &str,
        holding: &Holding,
        as_of: DateTime<Utc>,
        stale_after: Option<TimeDelta>,
    ) -> Result<(Decimal, DateTime<Utc>), String> {
        let last =
            self.prices.get(symbol).ok_or_else(|| format!("no price of {symbol} is known at that time"))?;
        if let Some(limit) = stale_after.filter(|limit| as_of - last.at > *limit) {
            let at = last.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            return Err(format!("the last price of {symbol} is of {at}, more than {} before", span(limit)));
        }
        let price = self.convert(last.price, &last.currency, &holding.currency).ok_or_else(|| {
            format!(
                "the price of {symbol} is in {} and no rate to {} is known",
                last.currency, holding.currency
            )
        })?;
        let later = holding.splits.iter().filter(|(at, _)| *at > last.at);
        let adjusted = later
            .map(|(_, ratio)| ratio)
            .try_fold(price, |price, ratio| price.checked_mul(ratio.old)?.checked_div(ratio.new));
        let price = adjusted.ok_or_else(|| format!("the price of {symbol} is too large"))?;
        Ok((price, last.at))
    }
}

/// `7 days`, or seconds where it is no whole number of days.
fn span(length: TimeDelta) -> String {
    let (seconds, days) = (length.num_seconds(), length.num_days());
    match (seconds, days) {
        (86_400, _) => "a day".to_owned(),
        _ if seconds == days * 86_400 => format!("{days} days"),
        _ => format!("{seconds} s"),
    }
}
