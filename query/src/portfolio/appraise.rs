//! The body of an answer, from a valuation.

use chrono::{DateTime, Utc};
use headroom_portfolio::book::{self, Account, Book, Market, View};

use super::{Cash, Portfolio, Position, Totals};

/// Values the books. Totals are given only where every part of them is known and can be
/// brought to the base currency.
pub fn appraise(portfolio_id: &str, as_of: DateTime<Utc>, book: &Book, market: &Market) -> Portfolio {
    let valuation = book::appraise(as_of, book, market, &View::default());
    Portfolio {
        portfolio_id: portfolio_id.to_owned(),
        as_of,
        base_currency: valuation.base_currency,
        cash: valuation.accounts.into_iter().map(Cash::from).collect(),
        positions: valuation.positions.into_iter().map(Position::from).collect(),
        totals: Totals::from(valuation.totals),
        unavailable: valuation.unavailable,
        flags: valuation.flags,
    }
}

impl From<Account> for Cash {
    fn from(account: Account) -> Self {
        Self { currency: account.currency, amount: account.cash }
    }
}

impl From<book::Position> for Position {
    fn from(position: book::Position) -> Self {
        Self {
            symbol: position.symbol,
            quantity: position.quantity,
            average_cost: position.average_cost,
            cost_basis: position.cost_basis,
            price: position.price,
            price_at: position.price_at,
            market_value: position.market_value,
            unrealised: position.unrealised,
            realised: position.realised,
            income: position.income,
            fees: position.fees,
            currency: position.currency,
            unavailable: position.unavailable,
        }
    }
}

impl From<book::Totals> for Totals {
    fn from(totals: book::Totals) -> Self {
        Self {
            value: totals.value,
            cash: totals.cash,
            market_value: totals.market_value,
            cost_basis: totals.cost_basis,
            unrealised: totals.unrealised,
            realised: totals.realised,
            fees: totals.fees,
            dividends: totals.dividends,
        }
    }
}
