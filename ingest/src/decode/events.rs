//! Business events: log records with an event name, their typed attributes.

use std::borrow::Cow;

use super::any::{Pair, Value};
use super::common::find;
use super::decimal;

/// The attributes that are decimal numbers, in the order of [`Event::decimals`].
pub const DECIMAL_KEYS: [&str; 4] = ["quantity", "price", "amount", "fee"];

/// The typed attributes of a business event; those missing are empty.
#[derive(Debug, Default)]
pub struct Event<'a> {
    /// `event.id`.
    pub id: Option<Cow<'a, [u8]>>,
    /// `account.id`.
    pub account_id: Cow<'a, [u8]>,
    /// `order.id`.
    pub order_id: Cow<'a, [u8]>,
    /// `trade.id`.
    pub trade_id: Cow<'a, [u8]>,
    /// `portfolio.id`.
    pub portfolio_id: Cow<'a, [u8]>,
    /// `symbol`.
    pub symbol: Cow<'a, [u8]>,
    /// `side`.
    pub side: Cow<'a, [u8]>,
    /// `currency`.
    pub currency: Cow<'a, [u8]>,
    /// The numbers named by [`DECIMAL_KEYS`], times 10^12.
    pub decimals: [Amount<'a>; 4],
}

/// A decimal attribute.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Amount<'a> {
    /// The event has none.
    #[default]
    Missing,
    /// The number times 10^12.
    Known(i128),
    /// What was there is no such number.
    Bad(Cow<'a, [u8]>),
}

impl<'a> Event<'a> {
    pub(super) fn read(attributes: &[Pair<'a>]) -> Self {
        let text = |key: &str| find(attributes, key.as_bytes()).unwrap_or_default();
        Self {
            id: find(attributes, b"event.id"),
            account_id: text("account.id"),
            order_id: text("order.id"),
            trade_id: text("trade.id"),
            portfolio_id: text("portfolio.id"),
            symbol: text("symbol"),
            side: text("side"),
            currency: text("currency"),
            decimals: DECIMAL_KEYS.map(|key| Amount::read(attributes, key)),
        }
    }

    /// A sentence for each decimal that cannot be read.
    pub(super) fn bad_decimals(&self) -> impl Iterator<Item = String> {
        DECIMAL_KEYS.iter().zip(&self.decimals).filter_map(|(key, amount)| match amount {
            Amount::Bad(text) => Some(format!(
                "{key} {:?} is no decimal number of at most 26 digits and 12 decimal places",
                String::from_utf8_lossy(text)
            )),
            _ => None,
        })
    }
}

impl<'a> Amount<'a> {
    fn read(attributes: &[Pair<'a>], key: &str) -> Self {
        let Some(pair) = attributes.iter().find(|pair| pair.key == key.as_bytes()) else {
            return Self::Missing;
        };
        if matches!(pair.value, Value::Empty) {
            return Self::Missing;
        }
        let text = pair.value.text();
        match decimal::parse(&text) {
            Some(units) => Self::Known(units),
            None => Self::Bad(text),
        }
    }

    /// The number, if it is known.
    pub fn known(&self) -> Option<i128> {
        match self {
            Self::Known(units) => Some(*units),
            _ => None,
        }
    }
}
