//! One symbol's lots.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::Terms;
use super::entry::{Pick, Ratio, Trade};
use super::exact::{TOO_LARGE, add, add_to, part, scaled};
use super::terms::Method;

/// One symbol's lots and what its sales made. Either all of it is held or all of it is short: a trade first
/// closes lots of the other direction, and only what is left of it opens one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Holding {
    /// Oldest first.
    pub lots: VecDeque<Lot>,
    /// What closing lots brought over their cost.
    pub realised: Decimal,
    /// What the lots closed so far had cost.
    pub closed_cost: Decimal,
    /// Dividends and interest, by currency.
    pub income: BTreeMap<String, Decimal>,
    /// Fees of its trades and fees charged for it, by currency.
    pub fees: BTreeMap<String, Decimal>,
    /// Of its trades.
    pub currency: String,
    /// Splits booked, in time order.
    pub splits: Vec<(DateTime<Utc>, Ratio)>,
    /// Why its figures cannot be told.
    pub spoiled: Option<String>,
    quantity: Decimal,
    cost: Decimal,
}

/// Pieces bought, or sold short, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Id of the entry that opened it.
    pub id: String,
    /// When.
    pub opened: DateTime<Utc>,
    /// Pieces left of it; below zero when they are short.
    pub quantity: Decimal,
    /// What these pieces cost in all: a split leaves it alone. Below zero for what is short: the proceeds.
    pub cost: Decimal,
}

impl Holding {
    /// Pieces held; below zero when they are short. The sum over the lots.
    pub fn quantity(&self) -> Decimal {
        self.quantity
    }

    /// What they cost; below zero what a short sale brought. The sum over the lots.
    pub fn cost(&self) -> Decimal {
        self.cost
    }

    pub(super) fn spoil(&mut self, reason: &str) {
        self.spoiled.get_or_insert_with(|| reason.to_owned());
    }

    /// Books a trade of `value` money.
    pub(super) fn trade(
        &mut self,
        id: &str,
        ts: DateTime<Utc>,
        trade: &Trade,
        value: Decimal,
        terms: Terms,
    ) -> Result<(), String> {
        let Trade { symbol, side, quantity, .. } = trade;
        let held = if side.buys() { -self.quantity } else { self.quantity };
        let closing = held.max(Decimal::ZERO).min(*quantity);
        if closing < *quantity && !terms.may_open(*side) {
            let (closing, quantity) = (closing.normalize(), quantity.normalize());
            return Err(if side.buys() {
                format!("{quantity} {symbol} were bought to cover when {closing} were short")
            } else {
                format!("{quantity} {symbol} were sold when {closing} were held")
            });
        }
        let paid = if side.buys() { -value } else { value };
        let closing_paid =
            if closing == *quantity { paid } else { part(paid, closing, *quantity).ok_or(TOO_LARGE)? };
        if closing > Decimal::ZERO {
            let cost = self.close(symbol, closing, &trade.lots, terms.method)?;
            add_to(&mut self.closed_cost, cost)?;
            add_to(&mut self.realised, add(closing_paid, -cost).ok_or(TOO_LARGE)?)?;
        }
        let opening = add(*quantity, -closing).ok_or(TOO_LARGE)?;
        if opening > Decimal::ZERO {
            let quantity = if side.buys() { opening } else { -opening };
            let cost = add(closing_paid, -paid).ok_or(TOO_LARGE)?;
            self.open(Lot { id: id.to_owned(), opened: ts, quantity, cost }, terms.method)?;
        }
        Ok(())
    }

    fn open(&mut self, lot: Lot, method: Method) -> Result<(), String> {
        add_to(&mut self.quantity, lot.quantity)?;
        add_to(&mut self.cost, lot.cost)?;
        match self.lots.front_mut().filter(|_| method == Method::Average) {
            // At average cost all pieces are alike: one lot since the first.
            Some(pool) => {
                add_to(&mut pool.quantity, lot.quantity)?;
                add_to(&mut pool.cost, lot.cost)?;
            }
            None => self.lots.push_back(lot),
        }
        Ok(())
    }

    /// Takes pieces out of lots; gives what they had cost.
    fn close(
        &mut self,
        symbol: &str,
        pieces: Decimal,
        picks: &[Pick],
        method: Method,
    ) -> Result<Decimal, String> {
        let mut left = pieces;
        let mut cost = Decimal::ZERO;
        let named = method == Method::Specific && !picks.is_empty();
        for pick in picks.iter().filter(|_| named) {
            let place = self.lots.iter().position(|lot| lot.id == pick.lot);
            let place = place.ok_or_else(|| format!("there is no lot \"{}\" of {symbol}", pick.lot))?;
            let there = self.lots[place].quantity.abs();
            let wanted = pick.quantity.unwrap_or_else(|| there.min(left));
            if wanted > there || wanted > left {
                return Err(format!(
                    "{wanted} {symbol} are named of the lot \"{}\" when it has {there} and {left} are to be closed",
                    pick.lot
                ));
            }
            add_to(&mut cost, self.take(place, wanted).ok_or(TOO_LARGE)?)?;
            left = add(left, -wanted).ok_or(TOO_LARGE)?;
        }
        if named && left > Decimal::ZERO {
            return Err(format!(
                "the lots named are {left} {symbol} short of the {pieces} that are to be closed"
            ));
        }
        while left > Decimal::ZERO {
            let place = if method == Method::Lifo { self.lots.len().saturating_sub(1) } else { 0 };
            // Where a lot was too large to be booked, there is none.
            let taken = self.lots.get(place).ok_or(TOO_LARGE)?.quantity.abs().min(left);
            add_to(&mut cost, self.take(place, taken).ok_or(TOO_LARGE)?)?;
            left = add(left, -taken).ok_or(TOO_LARGE)?;
        }
        Ok(cost)
    }

    /// Takes pieces, no more than are there, out of one lot; gives what they had cost. The rest of the
    /// lot keeps the rest of the cost, so that nothing is lost to rounding.
    fn take(&mut self, place: usize, pieces: Decimal) -> Option<Decimal> {
        let lot = self.lots.get_mut(place)?;
        let (quantity, cost) = if lot.quantity.abs() == pieces {
            let lot = self.lots.remove(place)?;
            (lot.quantity, lot.cost)
        } else {
            let cost = part(lot.cost, pieces, lot.quantity.abs())?;
            let quantity = if lot.quantity.is_sign_negative() { -pieces } else { pieces };
            lot.quantity = add(lot.quantity, -quantity)?;
            lot.cost = add(lot.cost, -cost)?;
            (quantity, cost)
        };
        self.quantity = add(self.quantity, -quantity)?;
        self.cost = add(self.cost, -cost)?;
        Some(cost)
    }

    /// Makes pieces more or fewer. Where they do not come out even, the position is rounded and not each
    /// lot, so that lots still sum to it.
    pub(super) fn split(&mut self, ts: DateTime<Utc>, ratio: Ratio) -> Result<(), String> {
        self.splits.push((ts, ratio));
        let (mut before, mut after) = (Decimal::ZERO, Decimal::ZERO);
        for lot in &mut self.lots {
            add_to(&mut before, lot.quantity)?;
            let upto = scaled(before, ratio.new, ratio.old).ok_or(TOO_LARGE)?;
            lot.quantity = add(upto, -after).ok_or(TOO_LARGE)?;
            after = upto;
        }
        self.quantity = after;
        Ok(())
    }

    /// Takes over all lots of what had another name, their cost and dates kept.
    pub(super) fn take_over(&mut self, other: &mut Self, terms: Terms) -> Result<(), String> {
        if let Some(reason) = &other.spoiled {
            return Err(reason.clone());
        }
        if self.currency.is_empty() {
            self.currency.clone_from(&other.currency);
        } else if !other.currency.is_empty() && self.currency != other.currency {
            return Err(format!("it is traded in {} and was in {} before", self.currency, other.currency));
        }
        let none = self.quantity.is_zero() || other.quantity.is_zero();
        if !none && self.quantity.is_sign_negative() != other.quantity.is_sign_negative() {
            return Err("one of the two is held and one is short".to_owned());
        }
        for lot in other.lots.drain(..) {
            self.open(lot, terms.method)?;
        }
        (other.quantity, other.cost) = (Decimal::ZERO, Decimal::ZERO);
        self.lots.make_contiguous().sort_by(|a, b| (a.opened, &a.id).cmp(&(b.opened, &b.id)));
        self.splits.append(&mut other.splits);
        self.splits.sort_by_key(|(at, _)| *at);
        Ok(())
    }
}
