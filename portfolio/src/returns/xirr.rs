//! Money-weighted returns: the rate at which what was paid in and what was received balance.

use super::day_count::DayCount;
use super::money::{Flow, Payment, Period, Timing, Valuation, float, plus, total};
use super::reason::{NoReturn, Result};
use super::roots::{Term, roots};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[cfg(test)]
mod tests;

/// Where spreadsheets begin to look for a rate.
const GUESS: f64 = 0.1;
/// Steps after which a search that has not come to rest never will.
const STEPS: usize = 50;
/// Times by which payments may weigh more at a rate than they are. Beyond it their sum is made of rounding: 16 digits
/// are kept of each, and 6 of them would be left for the whole.
const HEAVIEST: f64 = 1e10;
/// Two rates that are this near, beside 1 + rate, are one.
const SAME: f64 = 1e-7;

/// The rate at which payments balance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rates {
    /// The rate: 0.1 is 10 %. Of several the one that a spreadsheet tells, which looks with Newton's method from 10 %
    /// on. Where that leads nowhere, or to more than 100 % a year for payments that add up to a loss, the one nearest
    /// to 0.
    pub rate: f64,
    /// The others at which the payments balance as well, ascending. Where there are any, `rate` is one answer of
    /// several, and a time-weighted return says more.
    pub others: Vec<f64>,
}

impl Rates {
    /// From all rates, ascending; `sum` is that of the payments.
    fn choose(mut rates: Vec<f64>, terms: &[Term], sum: f64) -> Option<Self> {
        let usual = |rate: &f64| sum >= 0.0 || *rate <= 1.0;
        let told = if rates.len() > 1 { as_spreadsheets(terms).filter(usual) } else { None };
        let nearest = || (0..rates.len()).min_by(|a, b| rates[*a].abs().total_cmp(&rates[*b].abs()));
        let chosen = told.and_then(|told| position(&rates, told)).or_else(nearest)?;
        Some(Self { rate: rates.remove(chosen), others: rates })
    }
}

/// Where among the rates this one is.
fn position(rates: &[f64], told: f64) -> Option<usize> {
    rates.iter().position(|rate| (rate - told).abs() <= SAME * (1.0 + told.abs()))
}

/// Where Newton's method comes to rest from the usual guess.
fn as_spreadsheets(terms: &[Term]) -> Option<f64> {
    let mut rate = GUESS;
    for _ in 0..STEPS {
        let (value, slope) = terms.iter().fold((0.0, 0.0), |(value, slope), term| {
            let worth = term.amount * (1.0 + rate).powf(-term.time);
            (value + worth, slope - term.time * worth / (1.0 + rate))
        });
        let next = rate - value / slope;
        if !next.is_finite() || next <= -1.0 {
            return None;
        }
        if (next - rate).abs() <= SAME * SAME.sqrt() {
            return Some(next);
        }
        rate = next;
    }
    None
}

/// The annual rate at which payments balance: the sum of amountᵢ / (1 + rate)^yearsᵢ is 0.
///
/// Years are counted from the first day on which something is paid. The order of payments has no meaning, those of one
/// day are added up, and amounts of 0 are passed over.
pub fn xirr(payments: &[Payment], day_count: DayCount) -> Result<Rates> {
    let mut days: BTreeMap<_, Decimal> = BTreeMap::new();
    for payment in payments {
        let sum = days.entry(payment.date).or_default();
        *sum = plus(*sum, payment.amount)?;
    }
    if payments.iter().all(|payment| payment.amount.is_zero()) {
        return Err(NoReturn::NoPayments);
    }
    days.retain(|_, sum| !sum.is_zero());
    let first = days.keys().next().copied();
    let dated =
        days.iter().map(|(date, sum)| (first.map_or(0.0, |first| day_count.years(first, *date)), *sum));
    balance(dated.collect())
}

/// The rate per period at which amounts in equal distances balance, the first now.
pub fn irr(amounts: &[Decimal]) -> Result<Rates> {
    if amounts.iter().all(Decimal::is_zero) {
        return Err(NoReturn::NoPayments);
    }
    balance(amounts.iter().enumerate().map(|(at, amount)| (at as f64, *amount)).collect())
}

/// The money-weighted return over the period between two valuations, not annualised: the growth rate of the whole
/// period at which the value at its beginning and the flows grow into the value at its end.
///
/// # Errors
/// The end is not after the beginning; a flow outside; no rate fits.
pub fn money_weighted(start: Valuation, end: Valuation, flows: &[Flow], timing: Timing) -> Result<Rates> {
    let period = Period::new(start.date, end.date)?;
    let mut moments = vec![(0.0, -start.value), (1.0, end.value)];
    for flow in flows {
        let at_work = period.days_at_work(flow, timing)?;
        moments.push((1.0 - at_work as f64 / period.days() as f64, -flow.amount));
    }
    let paid_in = |(_, amount): &(f64, Decimal)| *amount <= Decimal::ZERO;
    if end.value.is_zero()
        && moments.iter().all(paid_in)
        && moments.iter().any(|(_, amount)| !amount.is_zero())
    {
        // Nothing came back and nothing is left. No growth rate above -100 % leads there, but that one does.
        return Ok(Rates { rate: -1.0, others: Vec::new() });
    }
    balance(moments)
}

/// The rate at which amounts at times balance.
fn balance(mut moments: Vec<(f64, Decimal)>) -> Result<Rates> {
    moments.retain(|(_, amount)| !amount.is_zero());
    moments.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Conventions with months of 30 days see one moment in two days.
    let mut merged: Vec<(f64, Decimal)> = Vec::with_capacity(moments.len());
    for (time, amount) in moments {
        match merged.last_mut() {
            Some((last, sum)) if *last == time => *sum = plus(*sum, amount)?,
            _ => merged.push((time, amount)),
        }
    }
    merged.retain(|(_, amount)| !amount.is_zero());
    match merged.as_slice() {
        [] => return Err(NoReturn::EveryRate),
        [_] => return Err(NoReturn::OneDay),
        several if several.iter().all(|(_, amount)| amount.is_sign_positive()) => {
            return Err(NoReturn::OneWay);
        }
        several if several.iter().all(|(_, amount)| amount.is_sign_negative()) => {
            return Err(NoReturn::OneWay);
        }
        _ => {}
    }
    // As parts of the largest, to the 28th decimal: the same whatever unit the amounts are told in, and with them every
    // step of the search.
    let largest = merged.iter().map(|(_, amount)| amount.abs()).max().unwrap_or(Decimal::ONE);
    let part = |amount: Decimal| float(amount.checked_div(largest).ok_or(NoReturn::TooLarge)?);
    let sum = part(total(merged.iter().map(|(_, amount)| *amount))?)?;
    let terms = merged
        .iter()
        .map(|(time, amount)| Ok(Term { amount: part(*amount)?, time: *time }))
        .collect::<Result<Vec<Term>>>()?;
    let found = roots(&terms, sum);
    let rates: Vec<f64> = found.logs.into_iter().map(f64::exp_m1).collect();
    let none = match (found.beyond, rates.is_empty()) {
        (true, _) => NoReturn::Extreme,
        (false, true) => NoReturn::NoRate,
        (false, false) => NoReturn::TooSteep,
    };
    let told = rates.into_iter().filter(|rate| decided(&terms, *rate)).collect();
    Rates::choose(told, &terms, sum).ok_or(none)
}

/// Whether digits are left that say that payments balance at a rate, seen from the first of them. Money that went to
/// and fro for decades weighs so much at -80 % that none are.
fn decided(terms: &[Term], rate: f64) -> bool {
    let moved: f64 = terms.iter().map(|term| term.amount.abs()).sum();
    let weight: f64 = terms.iter().map(|term| term.amount.abs() * (1.0 + rate).powf(-term.time)).sum();
    weight <= HEAVIEST * moved
}
