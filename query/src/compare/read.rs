//! The buckets of both sides, in one query.

use std::collections::BTreeMap;

use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::{CompareQuery, Side};
use crate::error::Result;
use crate::latency::{Source, Tally, counted_kinds};
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
    kind: String,
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
    let of = |side: &Side| {
        let version = side.version.as_deref().map(|version| Filter::eq("version", version));
        Filter::And([Some(Filter::within("m", &side.range)), version].into_iter().flatten().collect())
    };
    let equal = |column: &str, text: &Option<String>| text.as_deref().map(|text| Filter::eq(column, text));
    let scan = ScanQuery::aggregate(tenant, source.table())
        .filter(Filter::eq("service", &query.service))
        .filter_opt(equal("operation", &query.operation))
        .filter_opt(equal("kind", &query.kind))
        .filter(Filter::Or(vec![of(baseline), of(candidate)]))
        .keys([Key::is(of(baseline), "in_baseline"), Key::is(of(candidate), "in_candidate")])
        .columns(["operation", "kind", "b"])
        .aggregates(Tally::aggregates());
    let rows: Vec<BucketRow> = scan.fetch(store).await?;
    let kinds = counted_kinds(rows.iter().map(|row| row.kind.as_str()));
    let mut operations: BTreeMap<String, Pair> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| kinds.contains(&row.kind)) {
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
