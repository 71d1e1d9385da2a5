//! What many portfolios hold together, day by day, from what moved in them.
//!
//! Its cost grows with days, instruments and currencies, and not with portfolios: their moves come summed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::entry::{Entry, Movement, Ratio};
use super::exact::{add, scaled, times};
use super::holding::Holding;
use super::moves::{DayMove, MoveKey};
use super::replay::Replay;
use super::{Terms, end_of};

/// What portfolios hold together at the end of a day, and what moved on it, in the base currency. A figure of which
/// a part is not known is null, and the reason stands in `unavailable`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PoolDay {
    /// In UTC.
    pub date: NaiveDate,
    /// Positions and cash.
    pub value: Option<Decimal>,
    /// The same, of everything whose value is known.
    pub known_value: Decimal,
    /// Of all currencies.
    pub cash: Option<Decimal>,
    /// From outside, on this day.
    pub inflow: Option<Decimal>,
    /// To outside, on this day.
    pub outflow: Option<Decimal>,
    /// Dividends and interest, on this day.
    pub income: Option<Decimal>,
    /// Of trades and charged, on this day.
    pub fees: Option<Decimal>,
    /// Withheld or paid, on this day.
    pub taxes: Option<Decimal>,
    /// Paid for pieces, on this day.
    pub bought: Option<Decimal>,
    /// Got for pieces, on this day.
    pub sold: Option<Decimal>,
    /// What closing lots brought over their cost, on this day.
    pub realised: Option<Decimal>,
    /// Purchases and sales on this day.
    pub trades: u64,
    /// Why figures are null.
    pub unavailable: Vec<String>,
}

/// What portfolios hold together of an instrument, or of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PoolPosition {
    /// The instrument; null for cash.
    pub symbol: Option<String>,
    /// Of its trades, or of the cash.
    pub currency: String,
    /// Pieces, or money.
    pub quantity: Decimal,
    /// In the base currency; null for the reason that stands in `unavailable`.
    pub value: Option<Decimal>,
    /// Why.
    pub unavailable: Option<String>,
}

/// How a pool is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolView {
    /// Currency of all values.
    pub base_currency: String,
    /// A price older than this at the end of the day is none.
    pub stale_after: Option<TimeDelta>,
}

/// The pool on each of these days, in order of time, and what it holds at the end of the last one. `market` has
/// prices, exchange rates, splits and symbol changes.
pub fn pool(
    moves: &BTreeMap<MoveKey, DayMove>,
    market: &[Entry],
    days: &[NaiveDate],
    view: &PoolView,
) -> (Vec<PoolDay>, Vec<PoolPosition>) {
    let wanted: BTreeSet<NaiveDate> = days.iter().copied().collect();
    let Some(last) = wanted.last().copied() else { return (Vec::new(), Vec::new()) };
    let moving = moves.keys().map(|key| key.day).filter(|day| *day <= last);
    let all: BTreeSet<NaiveDate> = moving.chain(wanted.iter().copied()).collect();
    let mut pool = Pool::default();
    let mut replay = Replay::new(market, Terms::default());
    let mut told = Vec::with_capacity(wanted.len());
    let mut positions = Vec::new();
    for day in all {
        let moved: Vec<_> =
            moves.range(MoveKey::first_of(day)..).take_while(|(key, _)| key.day == day).collect();
        let mut renamed = Vec::new();
        while let Some(entry) = replay.step(end_of(day)) {
            match &entry.movement {
                Movement::Split { symbol, ratio } => pool.split(&entry, symbol, *ratio),
                Movement::Rename { from, to } => {
                    pool.rename(from, to);
                    renamed.push((from.clone(), to.clone()));
                }
                _ => {}
            }
        }
        for (key, moved) in &moved {
            pool.add(key, moved);
        }
        // What moved before a name changed stands under the old name.
        for (from, to) in &renamed {
            pool.rename(from, to);
        }
        if wanted.contains(&day) {
            positions = pool.positions(day, &replay, view);
            told.push(Pool::day(day, &moved, &positions, &replay, view));
        }
    }
    (told, positions)
}

#[derive(Debug, Default)]
struct Pool {
    /// By symbol and currency.
    held: BTreeMap<(String, String), Held>,
    /// By currency.
    cash: BTreeMap<String, Held>,
    splits: BTreeMap<String, Vec<(chrono::DateTime<chrono::Utc>, Ratio)>>,
}

#[derive(Debug, Default, Clone)]
struct Held {
    quantity: Decimal,
    /// Portfolios of which it cannot be told how much they hold.
    unknown: u64,
    is_too_large: bool,
}

impl Held {
    fn plus(&mut self, quantity: Decimal, unknown: u64) {
        self.unknown += unknown;
        match add(self.quantity, quantity) {
            Some(sum) => self.quantity = sum,
            None => self.is_too_large = true,
        }
    }

    fn lacks(&self, what: &str) -> Option<String> {
        let (portfolios, are) =
            if self.unknown == 1 { ("portfolio holds", "is") } else { ("portfolios hold", "are") };
        if self.is_too_large {
            return Some(format!("{what}: {}", super::exact::TOO_LARGE));
        }
        (self.unknown > 0)
            .then(|| format!("{what}: what {} {portfolios} cannot be told and {are} left out", self.unknown))
    }
}

impl Pool {
    fn add(&mut self, key: &MoveKey, moved: &DayMove) {
        let unknown = u64::from(moved.unknown);
        let cash = self.cash.entry(key.currency.clone()).or_default();
        cash.plus(moved.cash, if key.symbol.is_empty() { unknown } else { 0 });
        if !key.symbol.is_empty() {
            let held = self.held.entry((key.symbol.clone(), key.currency.clone())).or_default();
            held.plus(moved.quantity, unknown);
        }
    }

    fn split(&mut self, entry: &Entry, symbol: &str, ratio: Ratio) {
        for ((of, _), held) in &mut self.held {
            if of == symbol {
                match scaled(held.quantity, ratio.new, ratio.old) {
                    Some(quantity) => held.quantity = quantity,
                    None => held.is_too_large = true,
                }
            }
        }
        self.splits.entry(symbol.to_owned()).or_default().push((entry.ts, ratio));
    }

    fn rename(&mut self, from: &str, to: &str) {
        let old: Vec<_> = self.held.keys().filter(|(symbol, _)| symbol == from).cloned().collect();
        for key in old {
            let Some(held) = self.held.remove(&key) else { continue };
            let new = self.held.entry((to.to_owned(), key.1)).or_default();
            new.plus(held.quantity, held.unknown);
            new.is_too_large |= held.is_too_large;
        }
    }

    fn positions(&self, day: NaiveDate, replay: &Replay<'_>, view: &PoolView) -> Vec<PoolPosition> {
        let (market, base) = (replay.market(), view.base_currency.as_str());
        let brought = |value: Decimal, currency: &str| {
            let rate = || format!("no exchange rate from {currency} to {base} is known on {day}");
            market.convert(value, currency, base).ok_or_else(rate)
        };
        let mut positions = Vec::new();
        for ((symbol, currency), held) in &self.held {
            let mut holding = Holding::default();
            holding.currency.clone_from(currency);
            holding.splits = self.splits.get(symbol).cloned().unwrap_or_default();
            let value = if held.quantity.is_zero() {
                Ok(Decimal::ZERO)
            } else {
                market.price_of(symbol, &holding, end_of(day), view.stale_after).and_then(|(price, _)| {
                    let value = times(held.quantity, price).ok_or(super::exact::TOO_LARGE)?;
                    brought(value, currency)
                })
            };
            positions.push(PoolPosition {
                symbol: Some(symbol.clone()),
                currency: currency.clone(),
                quantity: held.quantity.normalize(),
                unavailable: held.lacks(symbol).or_else(|| value.clone().err()),
                value: value.ok(),
            });
        }
        for (currency, held) in &self.cash {
            let value = brought(held.quantity, currency);
            positions.push(PoolPosition {
                symbol: None,
                currency: currency.clone(),
                quantity: held.quantity.normalize(),
                unavailable: held.lacks(&format!("cash in {currency}")).or_else(|| value.clone().err()),
                value: value.ok(),
            });
        }
        positions.retain(|position| !position.quantity.is_zero() || position.unavailable.is_some());
        positions
    }

    fn day(
        date: NaiveDate,
        moved: &[(&MoveKey, &DayMove)],
        positions: &[PoolPosition],
        replay: &Replay<'_>,
        view: &PoolView,
    ) -> PoolDay {
        let base = view.base_currency.as_str();
        let mut reasons: BTreeSet<String> =
            positions.iter().filter_map(|position| position.unavailable.clone()).collect();
        let known = |cash_only: bool| {
            let own = positions.iter().filter(|position| !cash_only || position.symbol.is_none());
            own.filter_map(|position| position.value).try_fold(Decimal::ZERO, add)
        };
        let whole = |cash_only: bool| {
            let mut own = positions.iter().filter(|position| !cash_only || position.symbol.is_none());
            own.all(|position| position.unavailable.is_none())
        };
        let mut sum = |figure: fn(&DayMove) -> Decimal| {
            let mut sum = Some(Decimal::ZERO);
            for (key, moved) in moved {
                let amount = replay.market().convert(figure(moved), &key.currency, base);
                if amount.is_none() {
                    let currency = &key.currency;
                    reasons.insert(format!("no exchange rate from {currency} to {base} is known on {date}"));
                }
                sum = sum.and_then(|sum| add(sum, amount?));
            }
            sum
        };
        PoolDay {
            date,
            value: known(false).filter(|_| whole(false)),
            known_value: known(false).unwrap_or_default(),
            cash: known(true).filter(|_| whole(true)),
            inflow: sum(|moved| moved.inflow),
            outflow: sum(|moved| moved.outflow),
            income: sum(|moved| moved.income),
            fees: sum(|moved| moved.fees),
            taxes: sum(|moved| moved.taxes),
            bought: sum(|moved| moved.bought),
            sold: sum(|moved| moved.sold),
            realised: sum(|moved| moved.realised),
            trades: moved.iter().map(|(_, moved)| u64::from(moved.trades)).sum(),
            unavailable: reasons.into_iter().collect(),
        }
    }
}
