//! A portfolio's worth day by day, with what came in and went out: what returns are computed from.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::Terms;
use super::entry::{Entry, Movement, Purpose};
use super::exact::{add, times};
use super::replay::Replay;
use super::value::View;
use super::worth::Worth;

/// A portfolio at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// In UTC.
    pub date: NaiveDate,
    /// Positions and cash in the base currency.
    pub value: Option<Decimal>,
    /// The parts of it; none where there is no base currency yet.
    pub worth: Option<Worth>,
    /// Money from and to outside since the end of the day before in the list, in time order; with the first
    /// day everything before it.
    pub flows: Vec<Flow>,
    /// Between cash and symbols in that time, in the order of booking.
    pub moves: Vec<Move>,
    /// Something was traded or priced in that time.
    pub traded: bool,
    /// Why a figure is missing.
    pub unavailable: Vec<String>,
}

/// Money from or to outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// When.
    pub at: DateTime<Utc>,
    /// In the base currency at the rates of the end of that day; below zero when it went out.
    pub amount: Option<Decimal>,
}

/// What went from cash into a symbol, or from one symbol into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// A purchase, a fee or a tax; below zero a sale, a dividend or interest.
    Money {
        /// The instrument.
        symbol: String,
        /// In UTC.
        date: NaiveDate,
        /// In the base currency at the rates of the end of that day.
        amount: Option<Decimal>,
    },
    /// All of it goes by another name from here on.
    Renamed {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
}

/// Values a portfolio at the end of each of these days, in one pass over its entries. Days are sorted and
/// each taken once.
pub fn daily(entries: &[Entry], days: &[NaiveDate], terms: Terms, view: &View) -> Vec<Day> {
    let mut replay = Replay::new(entries, terms);
    let days: BTreeSet<NaiveDate> = days.iter().copied().collect();
    days.into_iter().map(|date| replay.day(date, view)).collect()
}

/// Every day from the first entry to the one of this moment.
pub fn days_until(entries: &[Entry], until: DateTime<Utc>) -> Vec<NaiveDate> {
    let first = entries.iter().map(|entry| entry.ts.date_naive()).min();
    first
        .map(|first| first.iter_days().take_while(|day| *day <= until.date_naive()).collect())
        .unwrap_or_default()
}

/// The last moment of a day.
pub fn end_of(date: NaiveDate) -> DateTime<Utc> {
    let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
    next.and_time(NaiveTime::MIN).and_utc() - TimeDelta::nanoseconds(1)
}

impl Replay<'_> {
    /// Books everything up to the end of a day and values it there.
    pub fn day(&mut self, date: NaiveDate, view: &View) -> Day {
        let mut day = Day {
            date,
            value: None,
            worth: None,
            flows: Vec::new(),
            moves: Vec::new(),
            traded: false,
            unavailable: Vec::new(),
        };
        let mut reasons = BTreeSet::new();
        while let Some(booked) = self.next_at().map(|at| at.date_naive()).filter(|booked| *booked <= date) {
            self.book_day(booked, view, &mut day, &mut reasons);
        }
        // Also what is flagged from a moment on without being booked.
        while self.step(end_of(date)).is_some() {}
        match view.base_currency.as_ref().or(self.book().base_currency.as_ref()) {
            None => _ = reasons.insert("nothing was booked yet".to_owned()),
            Some(base) => {
                let worth = Worth::of(self.book(), self.market(), end_of(date), base, view);
                match worth.total() {
                    Ok(total) => day.value = Some(total),
                    Err(missing) => reasons.extend(missing),
                }
                day.worth = Some(worth);
            }
        }
        day.unavailable = reasons.into_iter().collect();
        day
    }

    /// Books a day that has entries. What moved is brought to the base currency when all of it is booked.
    fn book_day(&mut self, date: NaiveDate, view: &View, day: &mut Day, reasons: &mut BTreeSet<String>) {
        let mut moved = Vec::new();
        while let Some(entry) = self.step(end_of(date)) {
            day.traded |= matches!(entry.movement, Movement::Trade(_) | Movement::Price { .. });
            moved.extend(Moved::of(&entry));
        }
        let base = view.base_currency.as_ref().or(self.book().base_currency.as_ref());
        let base = base.map_or("", String::as_str);
        for moved in moved {
            let into_base = |cash: Option<Decimal>, currency: &str| {
                cash.and_then(|cash| self.market().convert(cash, currency, base))
            };
            match moved {
                Moved::Outside { at, amount, currency } => {
                    let amount = into_base(Some(amount), &currency);
                    if amount.is_none() {
                        reasons.insert(no_rate(date, &currency, base));
                    }
                    day.flows.push(Flow { at, amount });
                }
                Moved::Inside { symbol, amount, currency } => {
                    let amount = into_base(amount, &currency);
                    day.moves.push(Move::Money { symbol, date, amount });
                }
                Moved::Renamed { from, to } => day.moves.push(Move::Renamed { from, to }),
            }
        }
    }
}

fn no_rate(date: NaiveDate, currency: &str, base: &str) -> String {
    format!("flow of {date}: no exchange rate from {currency} to {base} is known")
}

/// What an entry moved, in its own currency.
enum Moved {
    Outside { at: DateTime<Utc>, amount: Decimal, currency: String },
    Inside { symbol: String, amount: Option<Decimal>, currency: String },
    Renamed { from: String, to: String },
}

impl Moved {
    fn of(entry: &Entry) -> Option<Self> {
        Some(match &entry.movement {
            Movement::Trade(trade) => {
                let value = times(trade.quantity, trade.price);
                let value = value.map(|value| if trade.side.buys() { value } else { -value });
                let amount = value.and_then(|value| add(value, trade.fee));
                Self::Inside { symbol: trade.symbol.clone(), amount, currency: trade.currency.clone() }
            }
            Movement::Money(money) => {
                let (amount, currency) = (money.amount, money.currency.clone());
                let signed = if money.purpose.comes_in() { amount } else { -amount };
                if matches!(money.purpose, Purpose::Deposit | Purpose::Withdrawal) {
                    Self::Outside { at: entry.ts, amount: signed, currency }
                } else if money.symbol.is_empty() {
                    return None;
                } else {
                    Self::Inside { symbol: money.symbol.clone(), amount: Some(-signed), currency }
                }
            }
            Movement::Rename { from, to } => Self::Renamed { from: from.clone(), to: to.clone() },
            _ => return None,
        })
    }
}
