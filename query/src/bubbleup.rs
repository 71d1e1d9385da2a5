//! What sets a selection of spans apart: slow ones, failed ones, those of one version, against the others.
//!
//! Counted first is what the latency rollup holds (operation, kind, status, version, region): exactly, however many spans
//! there are. Then every other attribute of the spans and of the programs that sent them, on a sample of spans
//! ([`crate::sample`]). Values are ranked by difference of proportions; what chance alone would bring about is left out,
//! by a test of two proportions corrected for how many values were tried. Attributes that name single things (ids of
//! spans, orders) are told apart.
//!
//! Personal data is never read; ids of customers and of what they did are withheld unless asked for
//! ([`Names::Shown`]).

mod rank;
mod read;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

pub use rank::{Counts, Ranked, Seen, Values, names_somebody, rank};

use crate::error::{QueryError, Result};
use crate::latency::Buckets;
use crate::range::TimeRange;
use crate::sample::Sampled;

/// The spans that are asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// `service.name`
    pub service: String,
    /// One operation; all of them otherwise.
    pub operation: Option<String>,
    /// One kind of span; requests received otherwise.
    pub kind: Option<String>,
    /// When: for a rectangle of a heat-map its columns.
    pub range: TimeRange,
    /// Durations above this: for a rectangle of a heat-map the lower edge of its lowest row.
    pub low_ns: Option<u64>,
    /// Durations up to this.
    pub high_ns: Option<u64>,
    /// Only failed ones.
    pub errors: bool,
    /// Only those of this version.
    pub version: Option<String>,
    /// When the spans that they are compared with were: what of the service is not selected there. The same range
    /// otherwise.
    pub baseline: Option<TimeRange>,
}

/// Whether ids of customers, orders and the like are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// That they differ, not which: for messages, and for callers who may not see traces.
    Withheld,
    /// As they are.
    Shown,
}

/// Where an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// A column of the rollup: counted in all spans.
    Column,
    /// An attribute of the span: counted in a sample.
    Attribute,
    /// An attribute of the program that sent it: counted in a sample.
    Resource,
}

/// A value that is more frequent among the selected spans.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    /// Where the attribute stands.
    pub scope: Scope,
    /// The attribute.
    pub key: String,
    /// Its value; null when it is missing, or withheld.
    pub value: Option<String>,
    /// Whether the value is known and not told: it names a customer, or something of theirs.
    pub withheld: bool,
    /// Selected spans with the value, and all that were counted.
    pub inside: u64,
    /// Selected spans that were counted.
    pub inside_of: u64,
    /// The first as a share of the second.
    pub inside_share: f64,
    /// Spans of the baseline with the value.
    pub outside: u64,
    /// Spans of the baseline that were counted.
    pub outside_of: u64,
    /// The first as a share of the second.
    pub outside_share: f64,
    /// `inside_share - outside_share`
    pub difference: f64,
    /// The difference is at least this, with 95 % confidence.
    pub difference_low: f64,
    /// And at most this.
    pub difference_high: f64,
    /// How likely chance brings about one such difference among all that were tried.
    pub p_value: f64,
}

/// An attribute that names single things, and so sets nothing apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Identifier {
    /// Where it stands.
    pub scope: Scope,
    /// The attribute.
    pub key: String,
    /// Different values in the sample.
    pub distinct: u64,
    /// Spans of the sample that have it.
    pub spans: u64,
}

/// One of the two groups of spans.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Group {
    /// When, widened to whole rows of the rollup.
    pub range: TimeRange,
    /// How many there are.
    pub spans: u64,
    /// Of those, the ones whose attributes were read.
    pub sample: Sampled,
}

/// Body of `GET /api/v1/bubbleup`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Differences {
    /// The selected spans.
    pub inside: Group,
    /// The spans they are compared with.
    pub outside: Group,
    /// Selected durations are above this, at the edge of a bucket; null without a lower bound.
    pub low_ns: Option<u64>,
    /// Selected durations are up to this, at the edge of a bucket; null without an upper bound.
    pub high_ns: Option<u64>,
    /// Largest first, at most fifty.
    pub differences: Vec<Difference>,
    /// Values that were compared: each probability is multiplied by so many.
    pub tried: u64,
    /// Attributes that name single things. Only values on a twentieth of the selected spans are compared of them.
    pub identifiers: Vec<Identifier>,
    /// The rollup that answered.
    pub source: String,
    /// Why there is nothing to compare, when there is nothing.
    pub unavailable: Option<String>,
}

impl Selection {
    /// The failed requests of a service against the others of the same time.
    pub fn failed(service: &str, range: TimeRange) -> Self {
        Self {
            service: service.to_owned(),
            operation: None,
            kind: None,
            range,
            low_ns: None,
            high_ns: None,
            errors: true,
            version: None,
            baseline: None,
        }
    }

    /// The buckets of the band, if there is one.
    fn band(&self) -> Option<(i16, i16)> {
        let low = self.low_ns.map(|ns| Buckets::index(ns.saturating_add(1)));
        // The rounded upper edge of a bucket may lie a nanosecond above it.
        let high = self.high_ns.map(|ns| Buckets::index(ns.saturating_sub(u64::from(ns > 1_000))));
        (low.is_some() || high.is_some()).then(|| (low.unwrap_or(i16::MIN), high.unwrap_or(i16::MAX)))
    }

    fn check(&self, now: DateTime<Utc>) -> Result<()> {
        if self.range.from > now {
            return Err(QueryError::bad_request("the selection lies in the future", "give an earlier range"));
        }
        if let (Some(low), Some(high)) = (self.low_ns, self.high_ns)
            && low >= high
        {
            return Err(QueryError::bad_request(
                format!("no duration is above {low} ns and at most {high} ns"),
                "give low_ns and high_ns of rows of the heat-map",
            ));
        }
        let within = |outer: TimeRange| self.range.from <= outer.from && outer.to <= self.range.to;
        if self.band().is_none() && !self.errors && self.version.is_none() && self.baseline.is_none_or(within)
        {
            return Err(QueryError::bad_request(
                "everything is selected, so that nothing is left to compare with",
                "select a band of durations, errors or a version, or give another baseline range",
            ));
        }
        Ok(())
    }
}

/// What sets a selection apart. One query to a rollup and two to spans.
///
/// # Errors
/// [`QueryError::BadRequest`] for a selection that cannot be one.
pub async fn differences(
    store: &Store,
    tenant: &str,
    selection: &Selection,
    names: Names,
    now: DateTime<Utc>,
) -> Result<Differences> {
    selection.check(now)?;
    let read = read::read(store, tenant, selection).await?;
    let mut ranked = rank(&read.counts);
    if names == Names::Withheld {
        for difference in ranked.differences.iter_mut().filter(|one| names_somebody(&one.key)) {
            difference.withheld = difference.value.take().is_some();
        }
    }
    let nothing = |what: &str| Some(format!("no spans are {what}: there is nothing to compare"));
    let band = selection.band();
    Ok(Differences {
        unavailable: match (read.inside.spans, read.outside.spans) {
            (0, _) => nothing("selected"),
            (_, 0) => nothing("left outside of the selection"),
            _ => None,
        },
        inside: read.inside,
        outside: read.outside,
        low_ns: band.filter(|band| band.0 > i16::MIN).map(|band| Buckets::low_ns(band.0).round() as u64),
        high_ns: band.filter(|band| band.1 < i16::MAX).map(|band| Buckets::high_ns(band.1).round() as u64),
        differences: ranked.differences,
        tried: ranked.tried,
        identifiers: ranked.identifiers,
        source: read.source.to_owned(),
    })
}
