//! What the books are worth at the market. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::book::{Book, Holding};
use super::{Cash, Portfolio, Position, Totals};

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
            Some(rate) => amount.checked_mul(rate),
            None => amount.checked_div(rate(to, from)?),
        }
    }
}

/// Values the books. Totals are given only where every part of them is known and can be
/// brought to the base currency.
pub fn appraise(portfolio_id: &str, as_of: DateTime<Utc>, book: &Book, market: &Market) -> Portfolio {
    // A split of something never traded says nothing about this portfolio.
    let held =
        book.holdings.iter().filter(|(_, holding)| !holding.currency.is_empty() || holding.spoiled.is_some());
    let positions: Vec<Position> = held.map(|(symbol, holding)| position(symbol, holding, market)).collect();
    let mut reasons: BTreeSet<String> = BTreeSet::new();
    for position in &positions {
        reasons.extend(position.unavailable.as_ref().map(|reason| format!("{}: {reason}", position.symbol)));
    }
    reasons.extend(book.spoiled_cash.values().map(|reason| format!("cash: {reason}")));
    let all_spoiled = book.spoiled_cash.contains_key("");
    let cash = book.cash.iter().map(|(currency, amount)| Cash {
        currency: currency.clone(),
        amount: (!all_spoiled && !book.spoiled_cash.contains_key(currency)).then(|| amount.normalize()),
    });
    let totals = totals(&positions, book, market, &mut reasons);
    Portfolio {
        portfolio_id: portfolio_id.to_owned(),
        as_of,
        base_currency: book.base_currency.clone(),
        cash: cash.collect(),
        positions,
        totals,
        unavailable: reasons.into_iter().collect(),
        flags: book.flags.clone(),
    }
}

fn position(symbol: &str, holding: &Holding, market: &Market) -> Position {
    let mut position = Position {
        symbol: symbol.to_owned(),
        quantity: None,
        average_cost: None,
        cost_basis: None,
        price: None,
        price_at: None,
        market_value: None,
        unrealised: None,
        realised: None,
        currency: holding.currency.clone(),
        unavailable: holding.spoiled.clone(),
    };
    if holding.spoiled.is_some() {
        return position;
    }
    let (quantity, cost) = (holding.quantity(), holding.cost());
    position.quantity = Some(quantity.normalize());
    position.cost_basis = Some(cost.normalize());
    position.average_cost = cost.checked_div(quantity).map(|average| average.normalize());
    position.realised = Some(holding.realised.normalize());
    if quantity.is_zero() {
        position.market_value = Some(Decimal::ZERO);
        position.unrealised = Some(Decimal::ZERO);
        return position;
    }
    match price_now(symbol, holding, market) {
        Ok((price, at)) => {
            position.price = Some(price.normalize());
            position.price_at = Some(at);
            position.market_value = quantity.checked_mul(price).map(|value| value.normalize());
            position.unrealised =
                position.market_value.and_then(|value| value.checked_sub(cost)).map(|gain| gain.normalize());
        }
        Err(reason) => position.unavailable = Some(reason),
    }
    position
}

/// The last price in the holding's currency; one from before a split is brought to after it.
fn price_now(symbol: &str, holding: &Holding, market: &Market) -> Result<(Decimal, DateTime<Utc>), String> {
    let last =
        market.prices.get(symbol).ok_or_else(|| format!("no price of {symbol} is known at that time"))?;
    let price = market.convert(last.price, &last.currency, &holding.currency).ok_or_else(|| {
        format!("the price of {symbol} is in {} and no rate to {} is known", last.currency, holding.currency)
    })?;
    let later = holding.splits.iter().filter(|(at, _)| *at > last.at);
    let adjusted = later
        .map(|(_, ratio)| ratio)
        .try_fold(price, |price, ratio| price.checked_mul(ratio.old)?.checked_div(ratio.new));
    let price = adjusted.ok_or_else(|| format!("the price of {symbol} is too large"))?;
    Ok((price, last.at))
}

fn totals(positions: &[Position], book: &Book, market: &Market, reasons: &mut BTreeSet<String>) -> Totals {
    let Some(base) = book.base_currency.as_deref() else {
        return Totals::default();
    };
    let mut to_base = |amount: Decimal, currency: &str| {
        let converted = market.convert(amount, currency, base);
        if converted.is_none() {
            reasons
                .insert(format!("totals: no exchange rate from {currency} to {base} is known at that time"));
        }
        converted
    };
    let mut sum_positions = |figure: fn(&Position) -> Option<Decimal>| {
        let parts = positions.iter().map(|position| to_base(figure(position)?, &position.currency));
        sum(parts.collect::<Vec<_>>())
    };
    let market_value = sum_positions(|position| position.market_value);
    let cost_basis = sum_positions(|position| position.cost_basis);
    let unrealised = sum_positions(|position| position.unrealised);
    let realised = sum_positions(|position| position.realised);
    let mut sum_money = |sums: &BTreeMap<String, Decimal>| {
        let known = book.spoiled_cash.is_empty();
        let parts = sums.iter().map(|(currency, amount)| to_base(*amount, currency));
        let total = sum(parts.collect::<Vec<_>>());
        total.filter(|_| known)
    };
    Totals {
        market_value,
        cost_basis,
        unrealised,
        realised,
        fees: sum_money(&book.fees),
        dividends: sum_money(&book.dividends),
    }
}

/// The sum, when every part is known.
fn sum(parts: Vec<Option<Decimal>>) -> Option<Decimal> {
    let total = parts.into_iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part?));
    total.map(|total| total.normalize())
}
