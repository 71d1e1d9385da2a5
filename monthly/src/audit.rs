//! Who did what in a month, and whether the trail that says so holds.

mod integrity;
mod page;
mod sorts;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use headroom_control::{AuditFilter, AuditRow, Control, PublicKey};
use serde::Serialize;
use utoipa::ToSchema;

use crate::month::Period;

pub use integrity::{CheckpointBody, Integrity, RowBody};
pub(crate) use page::document;
pub use sorts::Sort;

/// Rows of the trail that are in memory at once.
const AT_ONCE: usize = 5_000;
/// Deeds of a sort that are told one by one; the others are counted.
const TOLD: usize = 200;

/// The body of a report on the audit trail.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditReport {
    /// Whose.
    pub tenant: String,
    /// The month.
    #[serde(flatten)]
    pub period: Period,
    /// How many deeds of each sort there were.
    pub sorts: BTreeMap<Sort, u64>,
    /// The same by actor and deed.
    pub actors: Vec<ActorCount>,
    /// The same by day.
    pub days: Vec<DayCounts>,
    /// Deeds that an auditor reads one by one, the newest first: reveals of personal data, lock-outs, erasures, changes of
    /// what is configured; of each sort at most 200.
    pub deeds: Vec<DeedBody>,
    /// Whether the trail holds.
    pub integrity: Integrity,
}

/// How often somebody did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActorCount {
    /// Who.
    pub actor: String,
    /// What, such as `customer.reveal`.
    pub action: String,
    /// Its sort.
    pub sort: Sort,
    /// How often.
    pub rows: u64,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayCounts {
    /// Its date in the report's zone.
    pub day: NaiveDate,
    /// How many deeds of each sort.
    pub sorts: BTreeMap<Sort, u64>,
}

/// A deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeedBody {
    /// Its row in the trail.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// Its sort.
    pub sort: Sort,
    /// To whom or what.
    pub subject: String,
    /// Why, in the actor's words.
    pub reason: String,
}

impl AuditReport {
    /// How many deeds of a sort there were.
    pub fn count(&self, sort: Sort) -> u64 {
        self.sorts.get(&sort).copied().unwrap_or(0)
    }
}

/// What is added up of the month's rows.
#[derive(Default)]
struct Tally {
    sorts: BTreeMap<Sort, u64>,
    actors: BTreeMap<(String, String, Sort), u64>,
    days: BTreeMap<NaiveDate, BTreeMap<Sort, u64>>,
    deeds: Vec<DeedBody>,
    last: Option<RowBody>,
    first: Option<RowBody>,
}

impl Tally {
    /// Takes a row; the newest comes first.
    fn take(&mut self, row: AuditRow, period: &Period) {
        let sort = Sort::of(&row);
        let so_far = self.sorts.entry(sort).or_default();
        *so_far += 1;
        let told = sort.is_told() && *so_far <= TOLD as u64;
        *self.actors.entry((row.actor.clone(), row.action.clone(), sort)).or_default() += 1;
        if let Some(day) = period.day_of(row.at) {
            *self.days.entry(day).or_default().entry(sort).or_default() += 1;
        }
        let ends = RowBody { seq: row.seq, at: row.at, hash: row.hash };
        self.last.get_or_insert_with(|| ends.clone());
        self.first = Some(ends);
        if told {
            let AuditRow { seq, at, actor, action, subject, reason, .. } = row;
            self.deeds.push(DeedBody { seq, at, actor, action, sort, subject, reason });
        }
    }
}

/// Reads the month's rows, and recomputes the whole trail. Takes a while where it is long.
pub(crate) fn report(
    control: &Control,
    key: &Result<PublicKey, String>,
    tenant: String,
    period: Period,
) -> headroom_control::Result<AuditReport> {
    let mut tally = Tally::default();
    let mut filter =
        AuditFilter { from: Some(period.from), until: Some(period.until), ..AuditFilter::default() };
    loop {
        let page = control.audit_rows(&filter, AT_ONCE)?;
        let Some(oldest) = page.last() else { break };
        filter.before = Some(oldest.seq);
        page.into_iter().for_each(|row| tally.take(row, &period));
    }
    let integrity = Integrity::read(control, key, &period, (tally.first, tally.last))?;
    let actor = |((actor, action, sort), rows)| ActorCount { actor, action, sort, rows };
    let day = |(day, sorts)| DayCounts { day, sorts };
    Ok(AuditReport {
        tenant,
        period,
        sorts: tally.sorts,
        actors: tally.actors.into_iter().map(actor).collect(),
        days: tally.days.into_iter().map(day).collect(),
        deeds: tally.deeds,
        integrity,
    })
}
