//! What comes out: counts, a verdict, and the first examples of every kind. Values of personal
//! fields are masked already, so a report can be kept and passed on.

mod metrics;
mod text;

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::compare::FieldDifference;
use crate::options::{Allow, Options, Side};

/// An instant the way reports write it: RFC 3339 in UTC, with as many digits as it needs.
pub(crate) fn instant(nanos: i64) -> String {
    DateTime::from_timestamp_nanos(nanos).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The comparison of two streams.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Whether it passed: the exit code.
    pub passed: bool,
    /// Why not, in words; empty when it passed.
    pub reasons: Vec<String>,
    /// Matched of matched, missing, extra and different; absent when there were none of them.
    pub match_rate: Option<f64>,
    /// Least match rate that passes.
    pub min_match: f64,
    /// First instant compared.
    pub from: Option<DateTime<Utc>>,
    /// First instant no longer compared.
    pub to: Option<DateTime<Utc>>,
    /// Fields that tell which events belong together.
    pub key: Vec<String>,
    /// Fields that were compared.
    pub compared: Vec<String>,
    /// The left stream.
    pub left: SideCounts,
    /// The right stream.
    pub right: SideCounts,
    /// How the keys came out.
    pub counts: Counts,
    /// How many of the different ones differ in a field.
    pub different_by_field: BTreeMap<String, u64>,
    /// The first of each kind, by time.
    pub examples: Examples,
}

/// Keys by how they came out. A key is in exactly one of the first six; late ones are on both
/// sides and are matched or different as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// On both sides, equal.
    pub matched: u64,
    /// On both sides, not equal.
    pub different: u64,
    /// On the left only.
    pub missing: u64,
    /// On the right only.
    pub extra: u64,
    /// On the left only, too close to an end of the range to tell.
    pub pending_left: u64,
    /// On the right only, too close to an end of the range to tell.
    pub pending_right: u64,
    /// On both sides, the right later than allowed.
    pub late: u64,
}

/// One stream in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SideCounts {
    /// What it is.
    pub name: String,
    /// Events in the range.
    pub events: u64,
    /// Events that were left out because they are outside the range.
    pub outside: u64,
    /// Events without a time: never late, pending or suspect.
    pub untimed: u64,
    /// Events without a key, which could not be compared.
    pub unkeyed: u64,
    /// Events that were sent again: same key, same id, same content. Each counts once.
    pub resent: u64,
    /// Events beyond the first of their key that are not merely sent again.
    pub duplicates: u64,
    /// Events that repeat another one's customer, amount, currency and direction within the window
    /// under another key.
    pub suspects: u64,
    /// The earliest time.
    pub first: Option<String>,
    /// The latest time.
    pub last: Option<String>,
    /// Fields that only this side has and that were therefore not compared.
    pub own_fields: Vec<String>,
}

/// The first of each kind, by time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Examples {
    /// On the left only.
    pub missing: Vec<Event>,
    /// On the right only.
    pub extra: Vec<Event>,
    /// On both sides, not equal.
    pub different: Vec<Unequal>,
    /// On both sides, the right later than allowed.
    pub late: Vec<Late>,
    /// The same key more than once on a side.
    pub duplicates: Vec<Duplicate>,
    /// The same payment under two keys.
    pub suspects: Vec<Suspect>,
    /// Sent again.
    pub resent: Vec<Resent>,
    /// On one side only, too close to an end of the range to tell.
    pub pending: Vec<Event>,
    /// Without a key.
    pub unkeyed: Vec<Event>,
}

/// An event of one side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Event {
    /// Its side.
    pub side: Side,
    /// The values of the key's fields, masked; empty text where one is missing.
    pub key: Vec<String>,
    /// Its own id.
    pub event_id: Option<String>,
    /// When.
    pub time: Option<String>,
}

/// Two events of one key that are not equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unequal {
    /// The left one.
    pub left: Event,
    /// The right one.
    pub right: Event,
    /// What differs.
    pub fields: Vec<FieldDifference>,
}

/// A key that came late.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Late {
    /// The left event.
    pub left: Event,
    /// The right event.
    pub right: Event,
    /// How much later it is.
    pub by: String,
}

/// A key that a side has more than once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Duplicate {
    /// The first event.
    pub first: Event,
    /// The second.
    pub second: Event,
    /// How many there are.
    pub events: u64,
    /// Fields in which the first two differ; none when the content is the same.
    pub differ: Vec<String>,
}

/// An event that was sent more than once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Resent {
    /// The event.
    pub event: Event,
    /// How often beyond the first time.
    pub again: u64,
}

/// Two events under two keys that look like one payment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Suspect {
    /// The earlier one.
    pub first: Event,
    /// The later one.
    pub second: Event,
    /// What is the same.
    pub same: Vec<Fact>,
    /// How far apart they are.
    pub apart: String,
}

/// A field and its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fact {
    /// The field.
    pub field: String,
    /// Its value, masked in reports.
    pub value: String,
}

impl Report {
    /// The report of counts and examples, with its verdict.
    pub(crate) fn of(
        options: &Options,
        compared: Vec<String>,
        sides: [SideCounts; 2],
        counts: Counts,
        different_by_field: BTreeMap<String, u64>,
        examples: Examples,
    ) -> Self {
        let decided = counts.matched + counts.different + counts.missing + counts.extra;
        let match_rate = (decided > 0).then(|| counts.matched as f64 / decided as f64);
        let [left, right] = sides;
        let mut report = Self {
            passed: false,
            reasons: Vec::new(),
            match_rate,
            min_match: options.min_match,
            from: options.from,
            to: options.to,
            key: options.key.clone(),
            compared,
            left,
            right,
            counts,
            different_by_field,
            examples,
        };
        report.reasons = report.faults(options);
        report.passed = report.reasons.is_empty();
        report
    }

    fn faults(&self, options: &Options) -> Vec<String> {
        let mut reasons = Vec::new();
        match self.match_rate {
            // Two empty streams agree in everything; a wrong selection must not look like success.
            None => reasons.push("nothing could be compared".to_owned()),
            Some(rate) if rate < self.min_match => {
                let least = text::percent(self.min_match);
                reasons.push(format!("{} matched, at least {least} must", text::percent(rate)));
            }
            Some(_) => {}
        }
        let sum = |count: fn(&SideCounts) -> u64| count(&self.left) + count(&self.right);
        for (allow, count, one, many) in [
            (Allow::Duplicates, sum(|side| side.duplicates), "duplicate", "duplicates"),
            (Allow::Suspects, sum(|side| side.suspects), "suspect duplicate", "suspect duplicates"),
            (Allow::Unkeyed, sum(|side| side.unkeyed), "event without a key", "events without a key"),
        ] {
            if count > 0 && !options.allow.contains(&allow) {
                reasons.push(format!("{count} {}", if count == 1 { one } else { many }));
            }
        }
        reasons
    }
}
