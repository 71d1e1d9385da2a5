//! Books and market, walked through time once.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::iter::Peekable;
use std::vec::IntoIter;

use chrono::{DateTime, Utc};

use super::entry::Entry;
use super::ledger::Book;
use super::market::Market;
use super::settle::settle;
use super::value::{Valuation, View, appraise};
use super::{Flag, Terms};

/// Entries on their way into books and market. It only goes forward.
#[derive(Debug)]
pub struct Replay<'a> {
    book: Book,
    market: Market,
    ahead: VecDeque<Cow<'a, Entry>>,
    flags: Peekable<IntoIter<(DateTime<Utc>, Flag)>>,
}

impl<'a> Replay<'a> {
    /// Nothing is booked yet. Entries may come in any order.
    pub fn new(entries: &'a [Entry], terms: Terms) -> Self {
        let settled = settle(entries);
        Self {
            book: Book { terms, ..Book::default() },
            market: Market::default(),
            ahead: settled.entries.into(),
            flags: settled.flags.into_iter().peekable(),
        }
    }

    /// What is booked so far.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// Prices and rates known so far.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// What is yet to be booked, in that order: each entry once, as it was corrected.
    pub fn ahead(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.ahead.iter().map(Cow::as_ref)
    }

    /// When the next entry is to be booked.
    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        self.ahead.front().map(|entry| entry.ts)
    }

    /// Books the next entry up to and at a moment, and gives it.
    pub fn step(&mut self, until: DateTime<Utc>) -> Option<Cow<'a, Entry>> {
        while let Some((_, flag)) = self.flags.next_if(|(from, _)| *from <= until) {
            self.book.flags.push(flag);
        }
        let entry = self.ahead.pop_front_if(|entry| entry.ts <= until)?;
        self.market.add(&entry);
        self.book.add(&entry);
        Some(entry)
    }

    /// Books everything up to and at a moment and values it.
    pub fn value(&mut self, as_of: DateTime<Utc>, view: &View) -> Valuation {
        while self.step(as_of).is_some() {}
        appraise(as_of, &self.book, &self.market, view)
    }
}

/// The worth of a portfolio as of any moment: of entries up to and at it, with their corrections, whenever
/// these were made.
pub fn value(entries: &[Entry], as_of: DateTime<Utc>, terms: Terms, view: &View) -> Valuation {
    Replay::new(entries, terms).value(as_of, view)
}
