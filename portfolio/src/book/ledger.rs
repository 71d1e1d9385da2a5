//! The books: entries in, lots and cash out.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::entry::{Entry, Money, Movement, Purpose, Ratio, Trade};
use super::exact::{TOO_LARGE, add_to, times};
use super::holding::Holding;
use super::settle::settle;
use super::{Flag, Terms};

/// Everything booked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    /// By symbol; closed ones stay.
    pub holdings: BTreeMap<String, Holding>,
    /// By currency.
    pub purses: BTreeMap<String, Purse>,
    /// Currency of the first movement of money.
    pub base_currency: Option<String>,
    /// Currencies whose purse cannot be told, with the reason; '' is all.
    pub spoiled_cash: BTreeMap<String, String>,
    /// Entries that could not be booked as they are.
    pub flags: Vec<Flag>,
    /// How all of this is booked.
    pub terms: Terms,
}

/// The money of one currency. What is there is `deposits - withdrawals + dividends + interest - fees - taxes`
/// less the cost of all lots, plus what was realised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purse {
    /// What is there; below zero what is owed.
    pub cash: Decimal,
    /// From outside.
    pub deposits: Decimal,
    /// To outside.
    pub withdrawals: Decimal,
    /// Received.
    pub dividends: Decimal,
    /// Received.
    pub interest: Decimal,
    /// Of trades, and charged.
    pub fees: Decimal,
    /// Paid.
    pub taxes: Decimal,
}

/// Books entries, each event id once, in the order of time and on equal times of rank: prices and rates,
/// money, splits, renames, purchases, dividends, sales. The order in which they are given does not matter.
pub fn book(entries: &[Entry], terms: Terms) -> Book {
    let settled = settle(entries);
    let flags = settled.flags.into_iter().map(|(_, flag)| flag).collect();
    let mut book = Book { flags, terms, ..Book::default() };
    for entry in &settled.entries {
        book.add(entry);
    }
    book
}

impl Book {
    /// What sales of all symbols traded in a currency made.
    pub fn realised(&self, currency: &str) -> Option<Decimal> {
        let mut sum = Decimal::ZERO;
        for holding in self.holdings.values().filter(|holding| holding.currency == currency) {
            add_to(&mut sum, holding.realised).ok()?;
        }
        Some(sum)
    }

    /// Why the cash of a currency cannot be told.
    pub(super) fn spoiled_cash(&self, currency: &str) -> Option<&String> {
        self.spoiled_cash.get("").or_else(|| self.spoiled_cash.get(currency))
    }

    pub(super) fn add(&mut self, entry: &Entry) {
        let booked = match &entry.movement {
            Movement::Trade(trade) => self.trade(entry, trade),
            Movement::Money(money) => self.money(money),
            Movement::Split { symbol, ratio } => self.split(entry.ts, symbol, *ratio),
            Movement::Rename { from, to } => self.rename(from, to),
            Movement::Unreadable { symbol, money, reason } => {
                if !symbol.is_empty() {
                    self.holding(symbol).spoil(reason);
                }
                if let Some(currency) = money {
                    self.spoil_cash(currency, reason);
                }
                Err(reason.clone())
            }
            // Prices stand in the market, and corrections are carried out before anything is booked.
            Movement::Price { .. }
            | Movement::Rate { .. }
            | Movement::Correction { .. }
            | Movement::Cancel { .. } => Ok(()),
        };
        if let Err(reason) = booked {
            self.flags.push(Flag { event_id: entry.event_id.clone(), reason });
        }
    }

    fn holding(&mut self, symbol: &str) -> &mut Holding {
        self.holdings.entry(symbol.to_owned()).or_default()
    }

    fn trade(&mut self, entry: &Entry, trade: &Trade) -> Result<(), String> {
        let Trade { symbol, side, quantity, price, currency, fee, .. } = trade;
        let terms = self.terms;
        let holding = self.holding(symbol);
        let Some(value) = times(*quantity, *price) else {
            holding.spoil(TOO_LARGE);
            self.spoil_cash(currency, TOO_LARGE);
            return Err(TOO_LARGE.to_owned());
        };
        if holding.currency.is_empty() {
            holding.currency.clone_from(currency);
        }
        let booked = if holding.currency == *currency {
            holding.trade(&entry.event_id, entry.ts, trade, value, terms)
        } else {
            Err(format!("{symbol} was traded in {} before and in {currency} now", holding.currency))
        };
        if let Err(reason) = &booked {
            holding.spoil(reason);
        }
        self.pay(currency, if side.buys() { -value } else { value })?;
        self.money(&Money {
            purpose: Purpose::Fee,
            symbol: symbol.clone(),
            amount: *fee,
            currency: currency.clone(),
        })?;
        booked
    }

    fn money(&mut self, money: &Money) -> Result<(), String> {
        let Money { purpose, symbol, amount, currency } = money;
        self.pay(currency, if purpose.comes_in() { *amount } else { -*amount })?;
        let purse = self.purses.entry(currency.clone()).or_default();
        let figure = match purpose {
            Purpose::Deposit => &mut purse.deposits,
            Purpose::Withdrawal => &mut purse.withdrawals,
            Purpose::Fee => &mut purse.fees,
            Purpose::Tax => &mut purse.taxes,
            Purpose::Interest => &mut purse.interest,
            Purpose::Dividend => &mut purse.dividends,
        };
        let counted = add_to(figure, *amount);
        self.keep(currency, counted)?;
        if symbol.is_empty() || amount.is_zero() { Ok(()) } else { self.about(money) }
    }

    /// Notes income and fees at the instrument that they are for.
    fn about(&mut self, money: &Money) -> Result<(), String> {
        let Money { purpose, symbol, amount, currency } = money;
        let holding = self.holding(symbol);
        let figures = match purpose {
            Purpose::Dividend | Purpose::Interest => &mut holding.income,
            Purpose::Fee => &mut holding.fees,
            Purpose::Deposit | Purpose::Withdrawal | Purpose::Tax => return Ok(()),
        };
        let counted = add_to(figures.entry(currency.clone()).or_default(), *amount);
        if let Err(reason) = &counted {
            holding.spoil(reason);
        }
        counted?;
        if *purpose != Purpose::Dividend || holding.spoiled.is_some() || !holding.quantity().is_zero() {
            Ok(())
        } else if holding.currency.is_empty() {
            Err(format!("a dividend of {symbol} was paid, which was not held; it is booked"))
        } else {
            Err(format!("a dividend of {symbol} was paid after the position was closed; it is booked"))
        }
    }

    fn pay(&mut self, currency: &str, amount: Decimal) -> Result<(), String> {
        self.base_currency.get_or_insert_with(|| currency.to_owned());
        let paid = add_to(&mut self.purses.entry(currency.to_owned()).or_default().cash, amount);
        self.keep(currency, paid)
    }

    /// A sum that could not be made spoils its currency.
    fn keep(&mut self, currency: &str, sum: Result<(), String>) -> Result<(), String> {
        if let Err(reason) = &sum {
            self.spoil_cash(currency, reason);
        }
        sum
    }

    fn spoil_cash(&mut self, currency: &str, reason: &str) {
        self.spoiled_cash.entry(currency.to_owned()).or_insert_with(|| reason.to_owned());
    }

    /// A split of what is not held (yet) changes no lots, but prices from before it.
    fn split(&mut self, ts: DateTime<Utc>, symbol: &str, ratio: Ratio) -> Result<(), String> {
        let holding = self.holding(symbol);
        let split = holding.split(ts, ratio);
        if let Err(reason) = &split {
            holding.spoil(reason);
        }
        split
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), String> {
        if from == to {
            return Ok(());
        }
        let terms = self.terms;
        let Some(mut old) = self.holdings.remove(from) else {
            return Err(format!("{from} was renamed {to} and was never held"));
        };
        let new = self.holding(to);
        let taken = new.take_over(&mut old, terms).map_err(|reason| format!("{from} became {to}: {reason}"));
        if let Err(reason) = &taken {
            new.spoil(reason);
            old.spoil(reason);
        }
        self.holdings.insert(from.to_owned(), old);
        taken
    }
}
