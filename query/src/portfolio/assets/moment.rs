//! A day that is told as it stood at a moment within it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use headroom_portfolio::book::{Entry, MoveKey, Terms, moves_until};
use headroom_store::literal::string;
use headroom_store::{Store, schema};

use super::AssetsAsk;
use super::read::{Counts, Moves, date};
use crate::error::{QueryError, Result};
use crate::portfolio::read::{bookings, with_events};

/// Most portfolios that are told from their bookings for one question.
const MOST_PORTFOLIOS: usize = 10_000;
/// Portfolios that are told at once.
const TOGETHER: usize = 1_000;

/// What a day had brought until a moment, of the portfolios to which anything was booked on it.
#[derive(Debug, Default)]
pub(super) struct Begun {
    /// By cohort.
    moves: BTreeMap<NaiveDate, Moves>,
    /// Portfolios whose first booking this day had brought, by cohort.
    opened: BTreeMap<NaiveDate, u64>,
    /// Portfolios that had traded on this day, but not yet in the period before it.
    active: u64,
}

/// Tells the last day of what is asked until a moment within it.
///
/// # Errors
/// [`QueryError::Unavailable`] when too many portfolios moved on that day; what the store says.
pub(super) async fn begun(
    store: &Store,
    tenant: &str,
    ask: &AssetsAsk,
    until: DateTime<Utc>,
    market: &[Entry],
) -> Result<Begun> {
    let day = until.date_naive();
    let cohort = ask.cohort.map_or(String::new(), |cohort| format!(" AND cohort = {}", date(cohort)));
    let sql = format!(
        "SELECT portfolio_id, max(day < {day} AND day >= {from} AND trades > 0) FROM {table} FINAL WHERE tenant = {tenant}{cohort} AND day <= {day} AND portfolio_id IN (SELECT portfolio_id FROM {table} WHERE tenant = {tenant} AND day = {day}) GROUP BY portfolio_id ORDER BY portfolio_id LIMIT {limit}",
        day = date(day),
        from = date(ask.from),
        table = store.table(schema::PORTFOLIO_MOVES),
        tenant = string(tenant),
        limit = MOST_PORTFOLIOS + 1,
    );
    let portfolios: Vec<(String, u8)> = store.rows(&sql).await?;
    if portfolios.len() > MOST_PORTFOLIOS {
        return Err(QueryError::unavailable(
            format!(
                "more than {MOST_PORTFOLIOS} portfolios moved on {day}, too many to tell them within the day"
            ),
            "ask for the end of a day (`to`), or for a cohort",
        ));
    }
    let mut begun = Begun::default();
    for portfolios in portfolios.chunks(TOGETHER) {
        let books = bookings(store, tenant, portfolios.iter().map(|(id, _)| id.as_str()), None).await?;
        for (id, was_active) in portfolios {
            let Some((_, entries)) = books.get(id) else { continue };
            begun.portfolio(&with_events(entries, market), entries, until, *was_active > 0);
        }
    }
    Ok(begun)
}

impl Begun {
    fn portfolio(&mut self, all: &[Entry], own: &[Entry], until: DateTime<Utc>, was_active: bool) {
        let Some(opened) = own.iter().map(|entry| entry.ts).min().filter(|opened| *opened <= until) else {
            return;
        };
        let (day, opened) = (until.date_naive(), opened.date_naive());
        let cohort = opened.with_day(1).unwrap_or(opened);
        let (moved, _) = moves_until(all, Terms::default(), until);
        let today = moved.range(MoveKey::first_of(day)..).take_while(|(key, _)| key.day == day);
        let sums = self.moves.entry(cohort).or_default();
        let mut trades = 0;
        for (key, moved) in today {
            trades += moved.trades;
            sums.entry(key.clone()).or_default().add(moved);
        }
        *self.opened.entry(cohort).or_default() += u64::from(opened == day);
        self.active += u64::from(trades > 0 && !was_active);
    }

    /// Puts it to what the days before it had brought.
    pub(super) fn join(self, by_cohort: &mut BTreeMap<NaiveDate, Moves>, counts: &mut Counts) {
        for (cohort, moves) in self.moves {
            by_cohort.entry(cohort).or_default().extend(moves);
        }
        for (cohort, opened) in self.opened {
            *counts.by_cohort.entry(cohort).or_default() += opened;
        }
        counts.active += self.active;
    }
}
