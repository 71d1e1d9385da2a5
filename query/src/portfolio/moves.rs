//! What moved in all portfolios, kept day by day in the store.
//!
//! A portfolio to which something was booked is told anew from its bookings, from the first day that may have
//! changed on; then the days that changed are summed over all portfolios by cohort. Both tables hold the newest
//! version of each row, so a round that is repeated, also after a crash, changes nothing, and late bookings,
//! corrections and cancels restate the past.

mod rows;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Instant;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clickhouse::Row;
use headroom_portfolio::book::{Entry, MoveKey, Terms, moves};
use headroom_store::literal::string;
use headroom_store::{Store, schema};
use serde::{Deserialize, Serialize};

use super::read::{bookings, instruments, with_events};
use crate::error::Result;
pub(super) use rows::{Amount, Date, SUMS};
use rows::{MoveRow, PortfolioRow, cohort_sums, version};

/// Bookings that are looked at again in the next round: an insert may become visible a little after its time.
const OVERLAP: TimeDelta = TimeDelta::seconds(5);
/// Portfolios that are told at once.
const TOGETHER: usize = 1_000;
/// Days that are summed at once.
const DAYS_TOGETHER: usize = 31;

/// Keeps the moves of one tenant.
#[derive(Debug)]
pub struct MovesKeeper {
    store: Store,
    tenant: String,
    /// Bookings up to here (by when they were stored) are in the moves; none before the first round.
    until: Option<DateTime<Utc>>,
    /// Marks of those of the overlap that are in.
    seen: HashSet<u64>,
    /// After each piece of work it pauses so many times as long as that took.
    rest: u32,
}

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Portfolios that were told anew.
    pub portfolios: u64,
    /// Days that were summed anew.
    pub days: u64,
}

/// A portfolio to which something may have been booked.
#[derive(Debug, Row, Deserialize)]
struct TouchedRow {
    portfolio_id: String,
    first_ts: i64,
    stored_at: i64,
    restates: u8,
    /// Of the bookings of the overlap.
    marks: Vec<u64>,
}

#[derive(Debug, Row, Serialize)]
struct ProgressRow {
    tenant: String,
    stored_until: i64,
    made_at: i64,
}

impl MovesKeeper {
    /// A keeper that goes on where the store says that the last one was.
    pub fn new(store: Store, tenant: &str) -> Self {
        Self { store, tenant: tenant.to_owned(), until: None, seen: HashSet::new(), rest: 0 }
    }

    /// Leaves the machine to questions: after each piece of work the keeper pauses `rest` times as long as it took, so
    /// that it has a share of one part in `rest + 1`. Sums then come later when much is booked.
    #[must_use]
    pub fn resting(mut self, rest: u32) -> Self {
        self.rest = rest;
        self
    }

    async fn paced<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let begin = Instant::now();
        let done = work.await;
        tokio::time::sleep(begin.elapsed() * self.rest).await;
        done
    }

    /// Takes in what was booked since the last round.
    ///
    /// # Errors
    /// What the store says; the next round goes on where this one was.
    pub async fn round(&mut self, now: DateTime<Utc>) -> Result<Kept> {
        let from = match self.until {
            Some(until) => Some(until),
            None => progress(&self.store, &self.tenant).await?,
        };
        let (touched, marks) = self.touched(from).await?;
        let Some(last) = touched.iter().map(|row| row.stored_at).max() else {
            (self.until, self.seen) = (from, marks);
            return Ok(Kept::default());
        };
        let first = |row: &TouchedRow| {
            // A correction may change any day.
            let day = if row.restates > 0 { NaiveDate::MIN } else { date(row.first_ts) };
            (row.portfolio_id.clone(), day)
        };
        // The store has bookings in this order: those told together lie together.
        let portfolios: BTreeMap<String, NaiveDate> = touched.iter().map(first).collect();
        let portfolios: Vec<(String, NaiveDate)> = portfolios.into_iter().collect();
        let market = instruments(&self.store, &self.tenant, now).await?;
        let mut days = BTreeSet::new();
        for portfolios in portfolios.chunks(TOGETHER) {
            days.extend(self.paced(Box::pin(self.tell(portfolios, &market, now))).await?);
        }
        let changed: Vec<NaiveDate> = days.into_iter().collect();
        for days in changed.chunks(DAYS_TOGETHER) {
            let sums = cohort_sums(&self.store, &self.tenant, days, now);
            self.paced(async { Ok(self.store.execute(&sums).await?) }).await?;
        }
        let until = DateTime::from_timestamp_millis(last).unwrap_or(now).max(from.unwrap_or_default());
        let row = ProgressRow {
            tenant: self.tenant.clone(),
            stored_until: until.timestamp_millis(),
            made_at: now.timestamp_millis(),
        };
        self.store.insert_rows(schema::MOVES_PROGRESS, &[row]).await?;
        (self.until, self.seen) = (Some(until), marks);
        Ok(Kept { portfolios: portfolios.len() as u64, days: changed.len() as u64 })
    }

    /// Portfolios with bookings that were stored since then, or that were not there yet when the overlap was looked
    /// at last; and the marks of all that are there now.
    async fn touched(&self, from: Option<DateTime<Utc>>) -> Result<(Vec<TouchedRow>, HashSet<u64>)> {
        let from_ms = from.map_or(0, |from| from.timestamp_millis());
        let sql = format!(
            "SELECT portfolio_id, min(toUnixTimestamp64Nano(b.ts)) AS first_ts, toUnixTimestamp64Milli(max(b.stored_at)) AS stored_at, max(name IN ('booking.corrected', 'booking.cancelled')) AS restates, groupArrayIf(cityHash64(portfolio_id, event_id, b.ts, b.stored_at), b.stored_at <= {from} OR b.stored_at >= now64(3) - toIntervalMillisecond({recent})) AS marks FROM {bookings} AS b WHERE tenant = {tenant} AND b.stored_at >= {from} - toIntervalMillisecond({overlap}) GROUP BY portfolio_id",
            from = format_args!("fromUnixTimestamp64Milli({from_ms}, 'UTC')"),
            recent = 2 * OVERLAP.num_milliseconds(),
            overlap = OVERLAP.num_milliseconds(),
            bookings = self.store.table(schema::BOOKINGS),
            tenant = string(&self.tenant),
        );
        let mut rows: Vec<TouchedRow> = self.store.rows(&sql).await?;
        let marks = rows.iter().flat_map(|row| row.marks.iter().copied()).collect();
        rows.retain(|row| row.stored_at > from_ms || row.marks.iter().any(|mark| !self.seen.contains(mark)));
        Ok((rows, marks))
    }

    /// Tells portfolios anew, each from a day on; gives the days.
    async fn tell(
        &self,
        portfolios: &[(String, NaiveDate)],
        market: &[Entry],
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<NaiveDate>> {
        let ids = portfolios.iter().map(|(id, _)| id.as_str());
        let books = bookings(&self.store, &self.tenant, ids, None).await?;
        let (mut rows, mut owners, mut days) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (id, first) in portfolios {
            let Some((owner, entries)) = books.get(id) else { continue };
            let opened = entries.iter().map(|entry| entry.ts.date_naive()).min().unwrap_or_default();
            let (moved, flags) = moves(&with_events(entries, market), Terms::default());
            let trades = moved.values().map(|moved| moved.trades).sum();
            owners.push(PortfolioRow {
                tenant: self.tenant.clone(),
                portfolio_id: id.clone(),
                customer_id: owner.customer_id.clone(),
                adviser_id: owner.adviser_id.clone(),
                opened: Date::of(opened),
                trades,
                flags: flags.len() as u32,
                version: version(now),
            });
            for (key, moved) in moved.range(MoveKey::first_of(*first)..) {
                days.insert(key.day);
                rows.push(MoveRow::new(&self.tenant, id, opened, key, moved, now));
            }
        }
        self.store.insert_rows(schema::PORTFOLIO_MOVES, &rows).await?;
        self.store.insert_rows(schema::PORTFOLIOS, &owners).await?;
        Ok(days)
    }
}

/// Tenants to which anything was ever booked.
///
/// # Errors
/// What the store says.
pub async fn booking_tenants(store: &Store) -> Result<Vec<String>> {
    let sql = format!("SELECT DISTINCT tenant FROM {}", store.table(schema::BOOKINGS));
    Ok(store.rows(&sql).await?)
}

/// Until when bookings, by when they were stored, are in the moves.
pub(super) async fn progress(store: &Store, tenant: &str) -> Result<Option<DateTime<Utc>>> {
    let sql = format!(
        "SELECT toUnixTimestamp64Milli(max(stored_until)) FROM {} WHERE tenant = {} HAVING count() > 0",
        store.table(schema::MOVES_PROGRESS),
        string(tenant)
    );
    Ok(store.rows::<i64>(&sql).await?.first().copied().and_then(DateTime::from_timestamp_millis))
}

fn date(ts: i64) -> NaiveDate {
    DateTime::from_timestamp_nanos(ts).date_naive()
}
