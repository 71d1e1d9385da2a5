//! The buckets of both sides: a query to minutes, one to hours.

use std::collections::BTreeMap;

use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::{CompareQuery, Side};
use crate::error::Result;
use crate::latency::{Cut, Kinds, Source, Tally, fetch};
use crate::scan::{Filter, Key, ScanQuery};

/// What both sides did of one operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Pair {
    pub(super) baseline: Tally,
    pub(super) candidate: Tally,
}

impl Pair {
    pub(super) fn merge(&mut self, other: &Self) {
        self.baseline.merge(&other.baseline);
        self.candidate.merge(&other.candidate);
    }
}

#[derive(Debug, Row, Deserialize)]
struct BucketRow {
    in_baseline: u8,
    in_candidate: u8,
    operation: String,
    b: i16,
    n: u64,
    errors: u64,
}

/// By operation.
pub(super) async fn read(
    store: &Store,
    tenant: &str,
    query: &CompareQuery,
    baseline: &Side,
    candidate: &Side,
    source: Source,
) -> Result<BTreeMap<String, Pair>> {
    let cuts = [baseline, candidate].map(|side| (side, Cut::new(side.range, source)));
    let scan = |source: Source| {
        let [baseline, candidate] = cuts.each_ref().map(|(side, cut)| {
            let version = side.version.as_deref().map(|version| Filter::eq("version", version));
            Filter::And([Some(cut.filter(source)), version].into_iter().flatten().collect())
        });
        ScanQuery::aggregate(tenant, source.table())
            .filter(Filter::eq("service", &query.service))
            .filter_opt(query.operation.as_deref().map(|operation| Filter::eq("operation", operation)))
            .filter(Filter::Or(vec![baseline.clone(), candidate.clone()]))
            .keys([Key::is(baseline, "in_baseline"), Key::is(candidate, "in_candidate")])
            .columns(["operation", "b"])
            .aggregates(Tally::aggregates())
    };
    let kinds = Kinds::asked(query.kind.as_deref());
    let rows: Vec<BucketRow> = fetch(store, &[&cuts[0].1, &cuts[1].1], kinds, scan).await?;
    let mut operations: BTreeMap<String, Pair> = BTreeMap::new();
    for row in rows {
        let pair = operations.entry(row.operation).or_default();
        if row.in_baseline == 1 {
            pair.baseline.add(row.b, row.n, row.errors);
        }
        if row.in_candidate == 1 {
            pair.candidate.add(row.b, row.n, row.errors);
        }
    }
    Ok(operations)
}
