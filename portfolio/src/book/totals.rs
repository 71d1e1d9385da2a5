//! Sums over currencies and over positions.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::exact::add;
use super::ledger::{Book, Purse};
use super::market::Market;
use super::value::Position;

/// The money of one currency. Figures are null when a movement of it could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Account {
    /// ISO code.
    pub currency: String,
    /// What is there; below zero what is owed.
    pub cash: Option<Decimal>,
    /// From outside.
    pub deposits: Option<Decimal>,
    /// To outside.
    pub withdrawals: Option<Decimal>,
    /// Received.
    pub dividends: Option<Decimal>,
    /// Received.
    pub interest: Option<Decimal>,
    /// Of trades, and charged.
    pub fees: Option<Decimal>,
    /// Paid.
    pub taxes: Option<Decimal>,
    /// What closing lots of symbols traded in it made; null when one of these is spoiled.
    pub realised: Option<Decimal>,
}

impl Account {
    pub(super) fn of(book: &Book, currency: &str, purse: &Purse) -> Self {
        let known = book.spoiled_cash(currency).is_none();
        let figure = |amount: Decimal| known.then(|| amount.normalize());
        let mut own = book.holdings.values().filter(|holding| holding.currency == currency);
        let spoiled = own.any(|holding| holding.spoiled.is_some());
        Self {
            currency: currency.to_owned(),
            cash: figure(purse.cash),
            deposits: figure(purse.deposits),
            withdrawals: figure(purse.withdrawals),
            dividends: figure(purse.dividends),
            interest: figure(purse.interest),
            fees: figure(purse.fees),
            taxes: figure(purse.taxes),
            realised: book.realised(currency).filter(|_| !spoiled),
        }
    }
}

/// Sums in the base currency.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Totals {
    /// Positions and cash.
    pub value: Option<Decimal>,
    /// Of all currencies.
    pub cash: Option<Decimal>,
    /// What the positions are worth.
    pub market_value: Option<Decimal>,
    /// What they cost.
    pub cost_basis: Option<Decimal>,
    /// Market value less cost.
    pub unrealised: Option<Decimal>,
    /// What closing lots made.
    pub realised: Option<Decimal>,
    /// Dividends paid.
    pub dividends: Option<Decimal>,
    /// Interest paid.
    pub interest: Option<Decimal>,
    /// Fees of trades and fees charged.
    pub fees: Option<Decimal>,
    /// Taxes paid.
    pub taxes: Option<Decimal>,
}

/// Each sum, when every part of it is known and can be brought to the base currency.
pub(super) fn totals(
    positions: &[Position],
    accounts: &[Account],
    base: Option<&str>,
    market: &Market,
    reasons: &mut BTreeSet<String>,
) -> Totals {
    let Some(base) = base else { return Totals::default() };
    let mut to_base = |amount: Decimal, currency: &str| {
        let converted = market.convert(amount, currency, base);
        if converted.is_none() {
            reasons
                .insert(format!("totals: no exchange rate from {currency} to {base} is known at that time"));
        }
        converted
    };
    let mut of_positions = |figure: fn(&Position) -> Option<Decimal>| {
        sum(positions.iter().map(|position| to_base(figure(position)?, &position.currency)))
    };
    let market_value = of_positions(|position| position.market_value);
    let cost_basis = of_positions(|position| position.cost_basis);
    let unrealised = of_positions(|position| position.unrealised);
    let realised = of_positions(|position| position.realised);
    let mut of_accounts = |figure: fn(&Account) -> Option<Decimal>| {
        sum(accounts.iter().map(|account| to_base(figure(account)?, &account.currency)))
    };
    let cash = of_accounts(|account| account.cash);
    Totals {
        value: market_value.zip(cash).and_then(|(market_value, cash)| add(market_value, cash)),
        cash,
        market_value,
        cost_basis,
        unrealised,
        realised,
        dividends: of_accounts(|account| account.dividends),
        interest: of_accounts(|account| account.interest),
        fees: of_accounts(|account| account.fees),
        taxes: of_accounts(|account| account.taxes),
    }
}

/// The sum, when every part is known.
fn sum(parts: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    // All parts are looked at first, so that every reason is told.
    let parts: Vec<Option<Decimal>> = parts.collect();
    parts.into_iter().try_fold(Decimal::ZERO, |sum, part| add(sum, part?))
}
