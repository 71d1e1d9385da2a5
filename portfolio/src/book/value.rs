//! What the books are worth at the market.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::allocation::{Allocation, Labels, allocations};
use super::exact::{add, times};
use super::holding::Holding;
use super::ledger::Book;
use super::market::Market;
use super::terms::Method;
use super::totals::{Totals, totals};
use super::{Account, Flag};

/// How books are looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// Currency of the totals; the book's own if none.
    pub base_currency: Option<String>,
    /// A price older than this is none.
    pub stale_after: Option<TimeDelta>,
    /// What to allocate by, beside symbol and currency.
    pub labels: Labels,
}

/// A portfolio's worth at a moment. A figure that cannot be had is `None`, and the reason stands in
/// `unavailable`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Valuation {
    /// What happened and what was known up to and at this moment counts.
    pub as_of: DateTime<Utc>,
    /// Which lots sales closed.
    pub method: Method,
    /// Currency of the totals; null when nothing was booked.
    pub base_currency: Option<String>,
    /// By symbol; closed positions stay for what they made.
    pub positions: Vec<Position>,
    /// By currency.
    pub accounts: Vec<Account>,
    /// In the base currency, at the last exchange rates.
    pub totals: Totals,
    /// Of the total value; null when that is.
    pub allocations: Option<Vec<Allocation>>,
    /// Why figures are missing.
    pub unavailable: Vec<String>,
    /// Events that could not be booked as they are.
    pub flags: Vec<Flag>,
}

/// What is held of one symbol, or short of it. Figures are decimal strings, or null for the reason in
/// `unavailable`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Position {
    /// The instrument.
    pub symbol: String,
    /// Pieces held; below zero when they are short.
    pub quantity: Option<Decimal>,
    /// Cost basis per piece.
    pub average_cost: Option<Decimal>,
    /// What the lots still held cost, without fees; below zero what a short sale brought.
    pub cost_basis: Option<Decimal>,
    /// Last price, adjusted for splits since.
    pub price: Option<Decimal>,
    /// When that price was made.
    pub price_at: Option<DateTime<Utc>>,
    /// Pieces times price; below zero when they are short.
    pub market_value: Option<Decimal>,
    /// Market value less cost basis.
    pub unrealised: Option<Decimal>,
    /// What closing lots brought over their cost, without fees.
    pub realised: Option<Decimal>,
    /// What the closed lots had cost; below zero what short sales that are covered had brought.
    pub closed_cost: Option<Decimal>,
    /// Dividends and interest.
    pub income: Option<Decimal>,
    /// Of its trades, and charged for it.
    pub fees: Option<Decimal>,
    /// Currency of all of these.
    pub currency: String,
    /// Why figures are missing.
    pub unavailable: Option<String>,
}

/// Values the books. Totals are given only where every part of them is known and can be brought to the base
/// currency.
pub fn appraise(as_of: DateTime<Utc>, book: &Book, market: &Market, view: &View) -> Valuation {
    let base = view.base_currency.clone().or_else(|| book.base_currency.clone());
    // A split of something never traded says nothing about this portfolio.
    let held = book.holdings.iter().filter(|(_, holding)| holding.counts());
    let positions: Vec<Position> =
        held.map(|(symbol, holding)| position(symbol, holding, market, as_of, view.stale_after)).collect();
    let mut reasons: BTreeSet<String> = BTreeSet::new();
    for position in &positions {
        reasons.extend(position.unavailable.as_ref().map(|reason| format!("{}: {reason}", position.symbol)));
    }
    reasons.extend(book.spoiled_cash.values().map(|reason| format!("cash: {reason}")));
    let accounts: Vec<Account> =
        book.purses.iter().map(|(currency, purse)| Account::of(book, currency, purse)).collect();
    let mut totals = totals(&positions, &accounts, base.as_deref(), market, &mut reasons);
    if !book.spoiled_cash.is_empty() {
        // It may be of a currency that has no account.
        (totals.cash, totals.value) = (None, None);
    }
    let allocations = base
        .as_deref()
        .and_then(|base| allocations(&positions, &accounts, totals.value?, base, market, &view.labels));
    Valuation {
        as_of,
        method: book.terms.method,
        base_currency: base,
        positions,
        accounts,
        totals,
        allocations,
        unavailable: reasons.into_iter().collect(),
        flags: book.flags.clone(),
    }
}

impl Holding {
    /// Whether there is anything to tell of it.
    fn counts(&self) -> bool {
        !self.currency.is_empty()
            || self.spoiled.is_some()
            || !self.income.is_empty()
            || !self.fees.is_empty()
    }

    /// The currency of its trades, or else that of its income or fees.
    fn own_currency(&self) -> &str {
        let other = self.income.keys().chain(self.fees.keys()).next();
        if self.currency.is_empty() { other.map_or("", String::as_str) } else { &self.currency }
    }
}

fn position(
    symbol: &str,
    holding: &Holding,
    market: &Market,
    as_of: DateTime<Utc>,
    stale_after: Option<TimeDelta>,
) -> Position {
    let currency = holding.own_currency();
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
        closed_cost: None,
        income: None,
        fees: None,
        currency: currency.to_owned(),
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
    position.closed_cost = Some(holding.closed_cost.normalize());
    let mut lacking = None;
    position.income = sum_in(&holding.income, currency, market, "income", &mut lacking);
    position.fees = sum_in(&holding.fees, currency, market, "fees", &mut lacking);
    if quantity.is_zero() {
        position.market_value = Some(Decimal::ZERO);
        position.unrealised = Some(Decimal::ZERO);
    } else {
        match market.price_of(symbol, holding, as_of, stale_after) {
            Ok((price, at)) => {
                position.price = Some(price.normalize());
                position.price_at = Some(at);
                position.market_value = times(quantity, price);
                position.unrealised = position.market_value.and_then(|value| add(value, -cost));
                if position.unrealised.is_none() {
                    lacking = Some(format!("the value of {symbol} is too large"));
                }
            }
            Err(reason) => lacking = Some(reason),
        }
    }
    position.unavailable = lacking;
    position
}

/// The sum over currencies in one of them.
fn sum_in(
    figures: &BTreeMap<String, Decimal>,
    to: &str,
    market: &Market,
    what: &str,
    lacking: &mut Option<String>,
) -> Option<Decimal> {
    let mut sum = Decimal::ZERO;
    for (currency, amount) in figures {
        let Some(converted) = market.convert(*amount, currency, to) else {
            *lacking = Some(format!("{what} are in {currency} and no rate to {to} is known"));
            return None;
        };
        sum = add(sum, converted)?;
    }
    Some(sum)
}
