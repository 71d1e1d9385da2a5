//! What is no key is looked for in what programs wrote: newest first, for as long as there is time.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::safe::hints;
use super::verdict::{clock, length};
use super::{Match, Verdict, VerdictState};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Filter, Key, ScanQuery};

/// How far back is looked, step by step.
const BACK: [TimeDelta; 5] = [
    TimeDelta::minutes(10),
    TimeDelta::hours(1),
    TimeDelta::hours(6),
    TimeDelta::hours(24),
    TimeDelta::hours(72),
];
/// The next step reads about so many times what the last one did.
const GROWTH: u32 = 6;
/// A look-up answers within half a second; this leaves room for the rest of it.
const TIME: Duration = Duration::from_millis(350);
/// Most records that are read of a phrase.
const MOST: u64 = 200;
/// Most things that are offered.
const OFFERED: usize = 20;
/// A shorter text stands in every other record.
const SHORTEST: usize = 4;

/// A record that says a phrase; what it says is not read.
#[derive(Debug, Row, Deserialize)]
struct Record {
    trace_id: String,
    order: String,
    payment: String,
    ts: i64,
    service: String,
    customer_id: String,
}

/// Where a phrase was found.
pub(super) struct Said {
    pub(super) verdict: Verdict,
    /// What the records are about, latest first.
    pub(super) matches: Vec<Match>,
}

/// Looks for a phrase. `None` when no record says it, when it is too short, or when it asks for a suspicion.
pub(super) async fn find(
    store: &Store,
    tenant: &str,
    text: &str,
    now: DateTime<Utc>,
) -> Result<Option<Said>> {
    if text.chars().count() < SHORTEST || hints(text) {
        return Ok(None);
    }
    let begun = Instant::now();
    let mut to = now + TimeDelta::minutes(1);
    let mut took = Duration::ZERO;
    for back in BACK {
        if begun.elapsed() + took * GROWTH > TIME {
            break;
        }
        let (step, range) = (Instant::now(), TimeRange { from: now - back, to });
        let records = read(store, tenant, text, &range).await?;
        if let Some(said) = tell(text, &records, back, now) {
            return Ok(Some(said));
        }
        (took, to) = (step.elapsed(), range.from);
    }
    Ok(None)
}

async fn read(store: &Store, tenant: &str, text: &str, range: &TimeRange) -> Result<Vec<Record>> {
    let scan = ScanQuery::rows(tenant, "logs")
        .filter(Filter::within("ts", range))
        .filter(Filter::Contains("body".to_owned(), text.to_owned()))
        .key(Key::hex("trace_id", "trace_id"))
        .keys(
            [("order.id", "order"), ("payment.id", "payment")]
                .map(|(key, alias)| Key::map_value("attributes", key, alias)),
        )
        .columns(["ts", "service", "customer_id"])
        .descending("ts")
        .limit(MOST);
    scan.fetch(store).await
}

fn tell(text: &str, records: &[Record], back: TimeDelta, now: DateTime<Utc>) -> Option<Said> {
    let last = records.first()?;
    let mut seen = BTreeSet::new();
    let about = |record: &Record| {
        let trace = Some(&record.trace_id).filter(|id| id.bytes().any(|c| c != b'0'));
        [
            ("order", Some(&record.order)),
            ("payment", Some(&record.payment)),
            ("customer", Some(&record.customer_id)),
            ("trace", trace),
        ]
        .map(|(kind, value)| {
            Some(Match { kind: kind.to_owned(), value: value.filter(|v| !v.is_empty())?.clone() })
        })
    };
    let matches: Vec<Match> = records
        .iter()
        .flat_map(about)
        .flatten()
        .filter(|found| seen.insert(found.clone()))
        .take(OFFERED)
        .collect();
    let many =
        if records.len() as u64 == MOST { format!("{MOST} records or more") } else { count(records.len()) };
    Some(Said {
        verdict: Verdict {
            state: VerdictState::Unknown,
            sentence: format!(
                "\"{text}\" is said in {many} of the last {}, last by {} at {}.",
                length(back),
                last.service,
                clock(DateTime::from_timestamp_nanos(last.ts), now)
            ),
            next_step: "Choose the order, payment, customer or request that fits.".to_owned(),
        },
        matches,
    })
}

fn count(records: usize) -> String {
    if records == 1 { "1 record".to_owned() } else { format!("{records} records") }
}
