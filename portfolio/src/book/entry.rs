//! What can be booked.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// One thing to book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Unique: the second of a kind is not booked.
    pub event_id: String,
    /// When.
    pub ts: DateTime<Utc>,
    /// What moved.
    pub movement: Movement,
}

/// What moved, or what became known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Movement {
    /// Pieces for money.
    Trade(Trade),
    /// Money alone.
    Money(Money),
    /// Pieces become more or fewer.
    Split {
        /// The instrument.
        symbol: String,
        /// How many for how many.
        ratio: Ratio,
    },
    /// An instrument is called something else from now on.
    Rename {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// A price was made.
    Price {
        /// The instrument.
        symbol: String,
        /// Per piece.
        price: Decimal,
        /// ISO code.
        currency: String,
    },
    /// An exchange rate was made: one `base` is so many `quote`.
    Rate {
        /// ISO code.
        base: String,
        /// ISO code.
        quote: String,
        /// Above zero.
        rate: Decimal,
    },
    /// An entry was booked with wrong figures.
    Correction {
        /// Its id.
        of: String,
        /// The right ones.
        figures: Box<Figures>,
    },
    /// An entry, or a correction, should not have been booked.
    Cancel {
        /// Its id.
        of: String,
    },
    /// Something that must have moved, but does not say how much: it spoils what it touches.
    Unreadable {
        /// The instrument, '' if none is named.
        symbol: String,
        /// The currency of the money that moved; '' if it may be any, `None` if no money moved.
        money: Option<String>,
        /// What is missing.
        reason: String,
    },
}

/// Pieces for money.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trade {
    /// The instrument.
    pub symbol: String,
    /// Which way.
    pub side: Side,
    /// Pieces, above zero.
    pub quantity: Decimal,
    /// Per piece, not below zero.
    pub price: Decimal,
    /// Of price and fee.
    pub currency: String,
    /// Paid on top.
    pub fee: Decimal,
    /// The lots that it closes, where it names them.
    pub lots: Vec<Pick>,
}

/// Which way pieces go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// In. Covers what is short first.
    Buy,
    /// Out; more than is held only where the portfolio may go short.
    Sell,
    /// Out, beyond what is held.
    SellShort,
    /// In, no more than is short.
    BuyToCover,
}

impl Side {
    /// Pieces come in.
    pub fn buys(self) -> bool {
        matches!(self, Self::Buy | Self::BuyToCover)
    }
}

/// A lot that a sale names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pick {
    /// Id of the entry that opened it.
    pub lot: String,
    /// Pieces of it; `None`: as many as are there and needed.
    pub quantity: Option<Decimal>,
}

/// Money alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money {
    /// What for.
    pub purpose: Purpose,
    /// The instrument that it is for, '' if none.
    pub symbol: String,
    /// Without the direction, which is the purpose's: a fee of 2 takes 2 away. Below zero it goes the other
    /// way, as a dividend does that is paid on what was sold short.
    pub amount: Decimal,
    /// ISO code.
    pub currency: String,
}

/// What money moved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// In from outside.
    Deposit,
    /// Out to outside.
    Withdrawal,
    /// Charged.
    Fee,
    /// Withheld or paid.
    Tax,
    /// Received.
    Interest,
    /// Received.
    Dividend,
}

impl Purpose {
    /// Adds to cash.
    pub fn comes_in(self) -> bool {
        matches!(self, Self::Deposit | Self::Interest | Self::Dividend)
    }
}

/// `new` pieces for `old` ones, both above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio {
    /// Pieces after.
    pub new: Decimal,
    /// Pieces before.
    pub old: Decimal,
}

impl Ratio {
    /// Nothing that is not above zero is a ratio.
    pub fn of(new: Decimal, old: Decimal) -> Option<Self> {
        (new > Decimal::ZERO && old > Decimal::ZERO).then_some(Self { new, old })
    }

    /// Reads `2:1` and `2/1`.
    pub fn parse(text: &str) -> Option<Self> {
        let (new, old) = text.split_once([':', '/'])?;
        Self::of(parse_decimal(new)?, parse_decimal(old)?)
    }
}

/// Figures of an entry; a correction has those that are to be replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figures {
    /// Of trade, split, rename (the name before), price, or what money is for.
    pub symbol: Option<String>,
    /// Of a trade; of a split the new pieces for one old.
    pub quantity: Option<Decimal>,
    /// Of a trade, a price or an exchange rate.
    pub price: Option<Decimal>,
    /// Of money, without the direction.
    pub amount: Option<Decimal>,
    /// Of trade, money or price.
    pub currency: Option<String>,
    /// Of a trade.
    pub fee: Option<Decimal>,
    /// Of a split.
    pub ratio: Option<Ratio>,
}

/// Reads `12`, `-0.5` and `1e-8`.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// Three capital letters, or the three to five of a crypto currency.
pub fn is_currency(code: &str) -> bool {
    (3..=5).contains(&code.len()) && code.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}
