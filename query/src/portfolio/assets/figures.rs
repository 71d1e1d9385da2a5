//! Sums over a period, shares and concentration.

use headroom_portfolio::book::{PoolDay, PoolPosition};
use rust_decimal::Decimal;

use super::read::Counts;
use super::{AssetPosition, AssetsPeriod, Concentration};

/// Of no days there is no sum.
pub(super) fn sum(days: &[PoolDay], figure: fn(&PoolDay) -> Option<Decimal>) -> Option<Decimal> {
    days.first()?;
    days.iter().try_fold(Decimal::ZERO, |sum, day| sum.checked_add(figure(day)?))
}

pub(super) fn difference(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    a?.checked_sub(b?)
}

pub(super) fn period(days: &[PoolDay], counts: &Counts) -> AssetsPeriod {
    let (inflow, outflow) = (sum(days, |day| day.inflow), sum(days, |day| day.outflow));
    let average = sum(days, |day| day.value).and_then(|sum| sum.checked_div(Decimal::from(days.len())));
    let (bought, sold) = (sum(days, |day| day.bought), sum(days, |day| day.sold));
    let turned = bought.zip(sold).map(|(bought, sold)| bought.min(sold));
    AssetsPeriod {
        inflow,
        outflow,
        net_flow: difference(inflow, outflow),
        income: sum(days, |day| day.income),
        fees: sum(days, |day| day.fees),
        taxes: sum(days, |day| day.taxes),
        trades: days.iter().map(|day| day.trades).sum(),
        turnover: turned.zip(average).and_then(|(turned, average)| ratio(turned, average)),
        active_portfolios: counts.active,
        portfolios: counts.by_cohort.values().sum(),
        trade_success_rate: counts.success,
    }
}

/// A part of something above zero, to six decimals.
fn ratio(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let share = part.checked_div(whole).filter(|_| whole > Decimal::ZERO)?;
    Some(share.round_dp(6).normalize())
}

pub(super) fn shares(positions: Vec<PoolPosition>, value: Option<Decimal>) -> Vec<AssetPosition> {
    let share = |position: &PoolPosition| ratio(position.value?, value?);
    let mut all: Vec<AssetPosition> =
        positions.into_iter().map(|position| AssetPosition { share: share(&position), position }).collect();
    all.sort_by_key(|position| std::cmp::Reverse(position.position.value));
    all
}

pub(super) fn concentration(positions: &[PoolPosition]) -> Concentration {
    let own = positions.iter().filter(|position| position.symbol.is_some());
    // One that is not known makes all shares unknown.
    let Some(mut values) = own.map(|position| position.value).collect::<Option<Vec<Decimal>>>() else {
        return Concentration::default();
    };
    values.sort_unstable_by(|a, b| b.cmp(a));
    let Some(whole) = values.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value)) else {
        return Concentration::default();
    };
    let largest = |count: usize| ratio(values.iter().take(count).sum(), whole);
    let squares = values.iter().try_fold(Decimal::ZERO, |sum, value| {
        let share = value.checked_div(whole)?;
        sum.checked_add(share.checked_mul(share)?)
    });
    Concentration {
        largest: largest(1),
        ten_largest: largest(10),
        herfindahl: squares.filter(|_| whole > Decimal::ZERO).map(|sum| sum.round_dp(6).normalize()),
    }
}
