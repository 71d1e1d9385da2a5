//! A portfolio's worth day by day, with what came in and went out: what returns are computed from.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::Terms;
use super::entry::{Entry, Money, Movement, Purpose};
use super::replay::Replay;
use super::value::View;

/// A portfolio at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// In UTC.
    pub date: NaiveDate,
    /// Positions and cash in the base currency.
    pub value: Option<Decimal>,
    /// Money from and to outside since the end of the day before in the list, in time order; with the first
    /// day everything before it.
    pub flows: Vec<Flow>,
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

/// Values a portfolio at the end of each of these days, in one pass over its entries. Days are sorted and
/// each taken once.
pub fn daily(entries: &[Entry], days: &[NaiveDate], terms: Terms, view: &View) -> Vec<Day> {
    let mut replay = Replay::new(entries, terms);
    let days: BTreeSet<NaiveDate> = days.iter().copied().collect();
    days.into_iter()
        .map(|date| {
            let (flows, mut reasons) = flows(&mut replay, date, view);
            let valuation = replay.value(end_of(date), view);
            reasons.extend(valuation.unavailable);
            if valuation.base_currency.is_none() {
                reasons.insert("nothing was booked yet".to_owned());
            }
            Day { date, value: valuation.totals.value, flows, unavailable: reasons.into_iter().collect() }
        })
        .collect()
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

/// Books everything up to the end of a day, day after day, and gives what came in and went out.
fn flows(replay: &mut Replay<'_>, until: NaiveDate, view: &View) -> (Vec<Flow>, BTreeSet<String>) {
    let mut flows = Vec::new();
    let mut reasons = BTreeSet::new();
    while let Some(date) = replay.next_at().map(|at| at.date_naive()).filter(|date| *date <= until) {
        let mut moved: Vec<(DateTime<Utc>, Money)> = Vec::new();
        while let Some(entry) = replay.step(end_of(date)) {
            if let Movement::Money(money) = &entry.movement
                && matches!(money.purpose, Purpose::Deposit | Purpose::Withdrawal)
            {
                moved.push((entry.ts, money.clone()));
            }
        }
        let base = view.base_currency.as_ref().or(replay.book().base_currency.as_ref());
        for (at, money) in moved {
            let signed = if money.purpose.comes_in() { money.amount } else { -money.amount };
            let amount = base.and_then(|base| replay.market().convert(signed, &money.currency, base));
            if amount.is_none() {
                let base = base.map_or("the base currency", String::as_str);
                reasons.insert(format!(
                    "flow of {date}: no exchange rate from {} to {base} is known",
                    money.currency
                ));
            }
            flows.push(Flow { at, amount });
        }
    }
    (flows, reasons)
}
