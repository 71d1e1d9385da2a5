//! What the worth of a portfolio is made of.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::exact::add_to;
use super::market::Market;
use super::totals::Account;
use super::value::Position;

/// By symbol, then by what is told of it: `asset_class`, `sector`, `venue`, ...
pub type Labels = BTreeMap<String, BTreeMap<String, String>>;

/// Decimals of a share.
const PLACES: u32 = 6;

/// The total value by one way to group it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Allocation {
    /// `symbol`, `currency` or the name of a label.
    pub by: String,
    /// By name. Cash is a part of its own, called `cash`, except by currency.
    pub parts: Vec<Part>,
}

/// A part of the total value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AllocationPart)]
pub struct Part {
    /// The symbol, the currency or the label; `(none)` where a symbol has no such label.
    pub name: String,
    /// In the base currency; below zero what is short or owed.
    pub value: Decimal,
    /// Of the total value, to 6 decimals; null unless that is above zero.
    pub share: Option<Decimal>,
}

/// Groups what is known in full: `total` is the sum over positions and cash.
pub(super) fn allocations(
    positions: &[Position],
    accounts: &[Account],
    total: Decimal,
    base: &str,
    market: &Market,
    labels: &Labels,
) -> Option<Vec<Allocation>> {
    let mut kinds: Vec<&str> = labels.values().flat_map(|of| of.keys().map(String::as_str)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let by = |kind: &str| {
        let mut parts: BTreeMap<&str, Decimal> = BTreeMap::new();
        for position in positions {
            let value = market.convert(position.market_value?, &position.currency, base)?;
            let name = match kind {
                "symbol" => &position.symbol,
                "currency" => &position.currency,
                _ => {
                    labels.get(&position.symbol).and_then(|of| of.get(kind)).map_or("(none)", String::as_str)
                }
            };
            add_to(parts.entry(name).or_default(), value).ok()?;
        }
        for account in accounts {
            let value = market.convert(account.cash?, &account.currency, base)?;
            let name = if kind == "currency" { &account.currency } else { "cash" };
            add_to(parts.entry(name).or_default(), value).ok()?;
        }
        let share = |value: Decimal| value.checked_div(total).map(|share| share.round_dp(PLACES).normalize());
        let parts = parts.into_iter().filter(|(_, value)| !value.is_zero()).map(|(name, value)| Part {
            name: name.to_owned(),
            value,
            share: share(value).filter(|_| total > Decimal::ZERO),
        });
        Some(Allocation { by: kind.to_owned(), parts: parts.collect() })
    };
    ["symbol", "currency"].into_iter().chain(kinds).map(by).collect()
}
