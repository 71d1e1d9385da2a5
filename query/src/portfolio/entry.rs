//! From a business event to something that can be booked.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::events::{Event, parse_decimal};

/// One thing to book.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Unique: the second of a kind is not booked.
    pub event_id: String,
    /// When.
    pub ts: DateTime<Utc>,
    /// What moved.
    pub movement: Movement,
}

/// What moved.
#[derive(Debug, Clone, PartialEq)]
pub enum Movement {
    /// Pieces for money.
    Trade(Trade),
    /// Money that came in (above zero) or went out (below).
    Transfer {
        /// Signed.
        amount: Decimal,
        /// ISO code.
        currency: String,
    },
    /// Money charged.
    Fee {
        /// Above zero when it is charged.
        amount: Decimal,
        /// ISO code.
        currency: String,
    },
    /// Money from an instrument.
    Dividend {
        /// Above zero when it is paid.
        amount: Decimal,
        /// ISO code.
        currency: String,
    },
    /// Pieces become more or fewer.
    Split {
        /// The instrument.
        symbol: String,
        /// How many for how many.
        ratio: Ratio,
    },
    /// Something that must have moved, but does not say how much: it spoils what it touches.
    Unreadable {
        /// The instrument, '' if none is named.
        symbol: String,
        /// The currency, '' if none is named.
        currency: String,
        /// What is missing.
        reason: String,
    },
}

/// Pieces for money.
#[derive(Debug, Clone, PartialEq)]
pub struct Trade {
    /// The instrument.
    pub symbol: String,
    /// Bought, or else sold.
    pub buy: bool,
    /// Pieces, above zero.
    pub quantity: Decimal,
    /// Per piece, not below zero.
    pub price: Decimal,
    /// Of price and fee.
    pub currency: String,
    /// Paid on top.
    pub fee: Decimal,
}

/// `new` pieces for `old` ones, both above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// Pieces after.
    pub new: Decimal,
    /// Pieces before.
    pub old: Decimal,
}

impl Ratio {
    /// Reads `2:1`. Nothing that is not above zero is a ratio.
    pub fn parse(text: &str) -> Option<Self> {
        let (new, old) = text.split_once([':', '/'])?;
        let (new, old) = (parse_decimal(new)?, parse_decimal(old)?);
        (new > Decimal::ZERO && old > Decimal::ZERO).then_some(Self { new, old })
    }
}

/// What an event books; `None` for events that move nothing.
pub fn entry(event: &Event) -> Option<Entry> {
    let movement = match event.name.as_str() {
        "order.filled" | "order.partially_filled" => trade(event),
        "deposit.completed" => money(event).map(|(amount, currency)| Movement::Transfer { amount, currency }),
        "withdrawal.completed" => {
            money(event).map(|(amount, currency)| Movement::Transfer { amount: -amount, currency })
        }
        "fee.charged" => money(event).map(|(amount, currency)| Movement::Fee { amount, currency }),
        "dividend.paid" => money(event).map(|(amount, currency)| Movement::Dividend { amount, currency }),
        "split.applied" => split(event),
        _ => return None,
    };
    let movement = movement.unwrap_or_else(|reason| Movement::Unreadable {
        symbol: event.symbol.clone(),
        currency: Some(event.currency.clone()).filter(|code| is_currency(code)).unwrap_or_default(),
        reason: format!("{}: {reason}", event.name),
    });
    Some(Entry { event_id: event.event_id.clone(), ts: event.ts, movement })
}

fn trade(event: &Event) -> Result<Movement, String> {
    let buy = match event.side.as_str() {
        "buy" => true,
        "sell" => false,
        other => return Err(format!("the side \"{other}\" is neither buy nor sell")),
    };
    if event.symbol.is_empty() {
        return Err("no symbol is given".to_owned());
    }
    Ok(Movement::Trade(Trade {
        symbol: event.symbol.clone(),
        buy,
        quantity: event
            .quantity
            .filter(|pieces| *pieces > Decimal::ZERO)
            .ok_or("no quantity above zero is given")?,
        price: event.price.filter(|price| *price >= Decimal::ZERO).ok_or("no price is given")?,
        currency: currency(event)?,
        fee: event.fee.unwrap_or_default(),
    }))
}

fn money(event: &Event) -> Result<(Decimal, String), String> {
    Ok((event.amount.ok_or("no amount is given")?, currency(event)?))
}

fn split(event: &Event) -> Result<Movement, String> {
    let text = event.attribute("ratio").unwrap_or_default();
    let ratio = Ratio::parse(text)
        .ok_or_else(|| format!("the ratio \"{text}\" is not two numbers above zero such as 2:1"))?;
    Ok(Movement::Split { symbol: event.symbol.clone(), ratio })
}

fn currency(event: &Event) -> Result<String, String> {
    if is_currency(&event.currency) {
        Ok(event.currency.clone())
    } else {
        Err(format!("the currency \"{}\" is not known", event.currency))
    }
}

/// Three capital letters, or the three to five of a crypto currency.
pub(super) fn is_currency(code: &str) -> bool {
    (3..=5).contains(&code.len()) && code.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}
