//! What all portfolios, or those of a cohort, hold together, from the moves that are kept.

mod figures;
mod moment;
mod read;
mod shape;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use headroom_portfolio::book::{PoolView, end_of, pool};
use headroom_store::Store;

use super::moves::progress;
use super::read::{about, closing, instruments, last};
use crate::error::{QueryError, Result};
use figures::{concentration, difference, period, shares, sum};
use read::{Counts, counts, moved, whole};
pub use shape::{AssetPosition, Assets, AssetsAsk, AssetsPeriod, Cohort, Concentration};

/// Longest period that is told day by day.
const MOST_DAYS: i64 = 3_660;

impl Assets {
    /// The answer where nothing was booked yet: no figures, and why.
    fn nothing(ask: &AssetsAsk, complete_until: Option<DateTime<Utc>>) -> Self {
        Self {
            base_currency: ask.base_currency.clone(),
            complete_until,
            days: Vec::new(),
            positions: Vec::new(),
            concentration: Concentration::default(),
            period: period(&[], &Counts::default()),
            cohorts: Vec::new(),
            unavailable: vec![match ask.as_of {
                Some(moment) => format!("nothing was booked to any portfolio up to {moment}"),
                None => format!("nothing was booked to any portfolio up to {}", ask.to),
            }],
        }
    }
}

/// Assets under management over a period, day by day. It reads sums by cohort, day and instrument, so that its cost
/// does not grow with portfolios.
///
/// # Errors
/// [`QueryError::BadRequest`] for a period that is none or too long; what the store says.
pub async fn assets(store: &Store, tenant: &str, ask: &AssetsAsk, now: DateTime<Utc>) -> Result<Assets> {
    if ask.to < ask.from || (ask.to - ask.from).num_days() > MOST_DAYS {
        return Err(QueryError::bad_request(
            format!("{} to {} is no period of up to {MOST_DAYS} days", ask.from, ask.to),
            "give `from` and `to` as days, the earlier first",
        ));
    }
    let until = ask.as_of.unwrap_or(end_of(ask.to)).min(now);
    if until.date_naive() != ask.to.min(now.date_naive()) {
        return Err(QueryError::bad_request(
            format!("the moment {until} is not on the last day, {}", ask.to),
            "give `as_of` alone, or as a moment of the day `to`",
        ));
    }
    let market = instruments(store, tenant, until).await?;
    // Sums are of whole days: of the day of a moment, portfolios are told from their bookings.
    let summed = if ask.as_of.is_some() { until.date_naive() - TimeDelta::days(1) } else { ask.to };
    let begun = async {
        match ask.as_of {
            Some(_) => Box::pin(moment::begun(store, tenant, ask, until, &market)).await.map(Some),
            None => Ok(None),
        }
    };
    let (mut by_cohort, complete_until, mut counts, begun) = tokio::try_join!(
        moved(store, tenant, ask, summed, &market),
        progress(store, tenant),
        counts(store, tenant, ask, summed, until),
        begun,
    )?;
    if let Some(begun) = begun {
        begun.join(&mut by_cohort, &mut counts);
    }
    if by_cohort.is_empty() {
        return Ok(Assets::nothing(ask, complete_until));
    }
    let all = whole(&by_cohort);
    let mut symbols = all.keys().map(|key| key.symbol.clone()).filter(|symbol| !symbol.is_empty()).collect();
    let mut entries = about(&market, &mut symbols);
    let first = ask.from.and_time(NaiveTime::MIN).and_utc();
    let (before, closes) = tokio::try_join!(
        Box::pin(last(store, tenant, &symbols, first - TimeDelta::nanoseconds(1))),
        Box::pin(closing(store, tenant, &symbols, Some(first), until))
    )?;
    for quotes in [before, closes] {
        entries.extend(quotes.entries);
    }
    let days: Vec<NaiveDate> = ask.from.iter_days().take_while(|day| *day <= ask.to).collect();
    let view = PoolView { base_currency: ask.base_currency.clone(), stale_after: ask.stale_after };
    let (told, positions) = pool(&all, &entries, &days, &view);
    let unavailable: BTreeSet<String> = told.iter().flat_map(|day| day.unavailable.iter().cloned()).collect();
    let cohorts = by_cohort.iter().map(|(month, moves)| {
        let (own, _) = pool(moves, &entries, &days, &view);
        let last = own.last();
        Cohort {
            month: *month,
            portfolios: counts.by_cohort.get(month).copied().unwrap_or_default(),
            value: last.and_then(|day| day.value),
            known_value: last.map(|day| day.known_value).unwrap_or_default(),
            net_flow: difference(sum(&own, |day| day.inflow), sum(&own, |day| day.outflow)),
        }
    });
    Ok(Assets {
        base_currency: ask.base_currency.clone(),
        complete_until,
        cohorts: cohorts.collect(),
        concentration: concentration(&positions),
        period: period(&told, &counts),
        positions: shares(positions, told.last().and_then(|day| day.value)),
        days: told,
        unavailable: unavailable.into_iter().collect(),
    })
}
