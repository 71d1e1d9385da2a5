//! The books: entries in, lots and cash out. Pure and exact.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::Flag;
use super::entry::{Entry, Movement, Ratio, Trade};

/// Everything booked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    /// By symbol; closed ones stay.
    pub holdings: BTreeMap<String, Holding>,
    /// By currency, signed.
    pub cash: BTreeMap<String, Decimal>,
    /// By currency.
    pub fees: BTreeMap<String, Decimal>,
    /// By currency.
    pub dividends: BTreeMap<String, Decimal>,
    /// Currency of the first movement of money.
    pub base_currency: Option<String>,
    /// Currencies whose cash, fees and dividends cannot be told, with the reason; '' is all.
    pub spoiled_cash: BTreeMap<String, String>,
    /// Entries that could not be booked as they are.
    pub flags: Vec<Flag>,
}

/// One symbol's lots and what its sales made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Holding {
    /// Oldest first.
    pub lots: VecDeque<Lot>,
    /// Proceeds of sales less the cost of the lots sold.
    pub realised: Decimal,
    /// Of its trades.
    pub currency: String,
    /// Splits booked, in time order.
    pub splits: Vec<(DateTime<Utc>, Ratio)>,
    /// Why its figures cannot be told.
    pub spoiled: Option<String>,
}

/// Pieces bought together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// When.
    pub opened: DateTime<Utc>,
    /// Pieces left of it.
    pub quantity: Decimal,
    /// What these pieces cost in all: a split leaves it alone.
    pub cost: Decimal,
}

impl Holding {
    /// Pieces held.
    pub fn quantity(&self) -> Decimal {
        self.lots.iter().map(|lot| lot.quantity).sum()
    }

    /// What they cost.
    pub fn cost(&self) -> Decimal {
        self.lots.iter().map(|lot| lot.cost).sum()
    }

    fn spoil(&mut self, reason: &str) {
        self.spoiled.get_or_insert_with(|| reason.to_owned());
    }

    /// Takes pieces from the oldest lots; gives what they had cost.
    fn take(&mut self, mut quantity: Decimal) -> Option<Decimal> {
        let mut cost = Decimal::ZERO;
        while quantity > Decimal::ZERO {
            let lot = self.lots.front_mut()?;
            if lot.quantity <= quantity {
                quantity -= lot.quantity;
                cost = cost.checked_add(lot.cost)?;
                self.lots.pop_front();
            } else {
                let part = lot.cost.checked_mul(quantity)?.checked_div(lot.quantity)?;
                lot.quantity -= quantity;
                lot.cost -= part;
                return cost.checked_add(part);
            }
        }
        Some(cost)
    }
}

/// Books entries in time order, each event id once. On equal times money moves before
/// splits, splits before purchases, purchases before sales.
pub fn book(entries: &[Entry]) -> Book {
    let mut entries: Vec<&Entry> = entries.iter().collect();
    entries
        .sort_by(|a, b| (a.ts, rank(&a.movement), &a.event_id).cmp(&(b.ts, rank(&b.movement), &b.event_id)));
    let mut booked = BTreeSet::new();
    let mut book = Book::default();
    for entry in entries {
        if booked.insert(entry.event_id.as_str()) {
            book.add(entry);
        }
    }
    book
}

fn rank(movement: &Movement) -> u8 {
    match movement {
        Movement::Transfer { .. } | Movement::Fee { .. } | Movement::Dividend { .. } => 0,
        Movement::Split { .. } => 1,
        Movement::Trade(trade) if trade.buy => 2,
        Movement::Trade(_) => 3,
        Movement::Unreadable { .. } => 4,
    }
}

const TOO_LARGE: &str = "the figures are larger than 28 digits can hold";

impl Book {
    fn add(&mut self, entry: &Entry) {
        let wrong = match &entry.movement {
            Movement::Trade(trade) => self.trade(entry.ts, trade).err(),
            Movement::Transfer { amount, currency } => self.pay(currency, *amount).err(),
            Movement::Fee { amount, currency } => self.charge(currency, *amount).err(),
            Movement::Dividend { amount, currency } => {
                let counted = add_to(&mut self.dividends, currency, *amount);
                counted.and_then(|()| self.pay(currency, *amount)).err()
            }
            Movement::Split { symbol, ratio } => self.split(entry.ts, symbol, *ratio).err(),
            Movement::Unreadable { symbol, currency, reason } => {
                if !symbol.is_empty() {
                    self.holdings.entry(symbol.clone()).or_default().spoil(reason);
                }
                if !reason.starts_with("split.applied") {
                    self.spoiled_cash.entry(currency.clone()).or_insert_with(|| reason.clone());
                }
                Some(reason.clone())
            }
        };
        if let Some(reason) = wrong {
            self.flags.push(Flag { event_id: entry.event_id.clone(), reason });
        }
    }

    fn trade(&mut self, ts: DateTime<Utc>, trade: &Trade) -> Result<(), String> {
        let Trade { symbol, buy, quantity, price, currency, fee } = trade;
        let (buy, quantity, fee) = (*buy, *quantity, *fee);
        let holding = self.holdings.entry(symbol.clone()).or_default();
        let Some(value) = quantity.checked_mul(*price) else {
            holding.spoil(TOO_LARGE);
            self.spoiled_cash.entry(currency.clone()).or_insert_with(|| TOO_LARGE.to_owned());
            return Err(TOO_LARGE.to_owned());
        };
        let mut wrong = Ok(());
        if holding.currency.is_empty() {
            holding.currency.clone_from(currency);
        } else if holding.currency != *currency {
            wrong = Err(format!("{symbol} was traded in {} before and in {currency} now", holding.currency));
        }
        if wrong.is_ok() && buy {
            holding.lots.push_back(Lot { opened: ts, quantity, cost: value });
        } else if wrong.is_ok() && holding.quantity() < quantity {
            wrong = Err(format!(
                "{quantity} {symbol} were sold when {} were held",
                holding.quantity().normalize()
            ));
        } else if wrong.is_ok() {
            let gain = holding.take(quantity).and_then(|cost| value.checked_sub(cost));
            match gain.and_then(|gain| holding.realised.checked_add(gain)) {
                Some(realised) => holding.realised = realised,
                None => wrong = Err(TOO_LARGE.to_owned()),
            }
        }
        if let Err(reason) = &wrong {
            holding.spoil(reason);
        }
        self.pay(currency, if buy { -value } else { value })?;
        self.charge(currency, fee)?;
        wrong
    }

    fn charge(&mut self, currency: &str, fee: Decimal) -> Result<(), String> {
        add_to(&mut self.fees, currency, fee)?;
        self.pay(currency, -fee)
    }

    fn pay(&mut self, currency: &str, amount: Decimal) -> Result<(), String> {
        self.base_currency.get_or_insert_with(|| currency.to_owned());
        let paid = add_to(&mut self.cash, currency, amount);
        if let Err(reason) = &paid {
            self.spoiled_cash.entry(currency.to_owned()).or_insert_with(|| reason.clone());
        }
        paid
    }

    /// A split of what is not held (yet) changes no lots, but prices from before it.
    fn split(&mut self, ts: DateTime<Utc>, symbol: &str, ratio: Ratio) -> Result<(), String> {
        let holding = self.holdings.entry(symbol.to_owned()).or_default();
        holding.splits.push((ts, ratio));
        for lot in &mut holding.lots {
            if let Some(pieces) =
                lot.quantity.checked_mul(ratio.new).and_then(|pieces| pieces.checked_div(ratio.old))
            {
                lot.quantity = pieces
            } else {
                holding.spoiled.get_or_insert_with(|| TOO_LARGE.to_owned());
                return Err(TOO_LARGE.to_owned());
            }
        }
        Ok(())
    }
}

fn add_to(sums: &mut BTreeMap<String, Decimal>, currency: &str, amount: Decimal) -> Result<(), String> {
    let sum = sums.entry(currency.to_owned()).or_default();
    *sum = sum.checked_add(amount).ok_or(TOO_LARGE)?;
    Ok(())
}
