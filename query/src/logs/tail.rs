//! Records as they arrive.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::{LogLine, Search, lines};
use crate::error::Result;
use crate::scan::{Compare, Filter, Literal};

/// A record is stored within this time of its receipt, mostly: so far back is looked again.
const STORED_WITHIN: TimeDelta = TimeDelta::seconds(10);
/// Records with an older time of their own are not told, however late they arrive: they are read with a search.
const WRITTEN_WITHIN: TimeDelta = TimeDelta::minutes(15);
/// Most records that are read at once. Of more, the newest are told.
const MOST: u64 = 2_000;

/// Follows the records that fit a search. Each is told once.
#[derive(Debug)]
pub struct Tail {
    tenant: String,
    search: Search,
    /// Everything received before was told.
    since: DateTime<Utc>,
    told: Told,
}

/// Data of an event `lines` of `GET /api/v1/logs/live`: records that came since the last step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = LogsArrived)]
pub struct Arrived {
    /// Oldest first.
    pub lines: Vec<LogLine>,
    /// More came than is told.
    pub truncated: bool,
}

impl Tail {
    /// Follows what is received from `since` on.
    pub fn new(tenant: &str, search: Search, since: DateTime<Utc>) -> Self {
        Self { tenant: tenant.to_owned(), search, since, told: Told::default() }
    }

    /// What was received since the last step. One query over the records of the last minutes.
    pub async fn step(&mut self, store: &Store, now: DateTime<Utc>) -> Result<Arrived> {
        let after = |column, at| Filter::compare(column, Compare::GreaterEq, Literal::Time(at));
        let scan = lines::scan(&self.tenant, &self.search)
            .filter(after("ts", now - WRITTEN_WITHIN))
            .filter(after("received_at", self.since - STORED_WITHIN))
            .limit(MOST + 1);
        let found: Vec<lines::Line> = scan.fetch(store).await?;
        let truncated = found.len() as u64 > MOST;
        let mut lines: Vec<LogLine> = found
            .into_iter()
            .take(MOST as usize)
            .filter(|line| self.told.add(line.id, now))
            .map(lines::Line::told)
            .collect();
        lines.reverse();
        self.since = now;
        self.told.forget(now - STORED_WITHIN * 2);
        Ok(Arrived { lines, truncated })
    }
}

/// Records that were told and may be read again, and when they were read last.
#[derive(Debug, Default)]
struct Told(HashMap<u64, DateTime<Utc>>);

impl Told {
    /// Whether the record is new.
    fn add(&mut self, id: u64, now: DateTime<Utc>) -> bool {
        self.0.insert(id, now).is_none()
    }

    fn forget(&mut self, before: DateTime<Utc>) {
        self.0.retain(|_, read| *read >= before);
    }
}
