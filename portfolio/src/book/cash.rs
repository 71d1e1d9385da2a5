//! What entries move in cash, one by one.

use rust_decimal::Decimal;

use super::entry::{Movement, Purpose, Side};
use super::exact::{TOO_LARGE, times};

/// What an entry moves in cash. With fees taken off, the amounts of a currency add up to its cash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashMove<'a> {
    /// `deposit`, `withdrawal`, `fee`, `tax`, `interest`, `dividend`; of a trade `buy`, `sell`, `sell_short` or
    /// `buy_to_cover`; `unreadable` where money moved and it cannot be told how much.
    pub kind: &'static str,
    /// The instrument, '' if none.
    pub symbol: &'a str,
    /// ISO code; '' where it may be any.
    pub currency: &'a str,
    /// Pieces of a trade, without a sign.
    pub quantity: Option<Decimal>,
    /// Per piece of a trade.
    pub price: Option<Decimal>,
    /// Above zero came in, below zero went out; a trade's without its fee.
    pub amount: Result<Decimal, &'a str>,
    /// Paid on top of a trade. What is charged apart is an amount of its own.
    pub fees: Decimal,
}

impl Movement {
    /// What it moves in cash; `None` where it moves none.
    pub fn cash(&self) -> Option<CashMove<'_>> {
        match self {
            Self::Trade(trade) => {
                let kind = match trade.side {
                    Side::Buy => "buy",
                    Side::Sell => "sell",
                    Side::SellShort => "sell_short",
                    Side::BuyToCover => "buy_to_cover",
                };
                let value = times(trade.quantity, trade.price).ok_or(TOO_LARGE);
                Some(CashMove {
                    kind,
                    symbol: &trade.symbol,
                    currency: &trade.currency,
                    quantity: Some(trade.quantity),
                    price: Some(trade.price),
                    amount: value.map(|value| if trade.side.buys() { -value } else { value }),
                    fees: trade.fee,
                })
            }
            Self::Money(money) => {
                let kind = match money.purpose {
                    Purpose::Deposit => "deposit",
                    Purpose::Withdrawal => "withdrawal",
                    Purpose::Fee => "fee",
                    Purpose::Tax => "tax",
                    Purpose::Interest => "interest",
                    Purpose::Dividend => "dividend",
                };
                let amount = if money.purpose.comes_in() { money.amount } else { -money.amount };
                Some(CashMove::of(kind, &money.symbol, &money.currency, Ok(amount)))
            }
            Self::Unreadable { symbol, money: Some(currency), reason } => {
                Some(CashMove::of("unreadable", symbol, currency, Err(reason)))
            }
            _ => None,
        }
    }
}

impl<'a> CashMove<'a> {
    fn of(kind: &'static str, symbol: &'a str, currency: &'a str, amount: Result<Decimal, &'a str>) -> Self {
        Self { kind, symbol, currency, quantity: None, price: None, amount, fees: Decimal::ZERO }
    }
}
