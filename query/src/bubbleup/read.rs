//! The counts of both groups: columns from the rollup, attributes from sampled spans.

use std::collections::BTreeSet;

use clickhouse::Row;
use headroom_store::Store;
use headroom_store::schema::PERSONAL_KEYS;
use serde::Deserialize;

use super::{Counts, Group, Scope, Seen, Selection};
use crate::error::Result;
use crate::latency::{Cut, Kinds, Source, fetch};
use crate::range::TimeRange;
use crate::sample::Plan;
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};

/// Spans of each group whose attributes are read: a difference of two hundredths is then beyond chance.
const WANTED: u64 = 10_000;
/// Most different pairs of key and value that are taken from the store.
const MOST_PAIRS: u64 = 1_000_000;
/// Resource attributes that are columns of the rollup too, or the same in all spans.
const COLUMNS_TOO: [&str; 3] = ["service.name", "service.version", "cloud.region"];

/// What was read.
pub(super) struct Read {
    pub(super) inside: Group,
    pub(super) outside: Group,
    pub(super) counts: Vec<Counts>,
    pub(super) source: &'static str,
}

#[derive(Debug, Row, Deserialize)]
struct ColumnRow {
    inside: u8,
    in_range: u8,
    in_baseline: u8,
    operation: String,
    kind: String,
    status: String,
    version: String,
    region: String,
    n: u64,
}

#[derive(Debug, Row, Deserialize)]
struct PairRow {
    inside: u8,
    pair: (String, String),
    n: u64,
}

#[derive(Debug, Row, Deserialize)]
struct ResourceRow {
    inside: u8,
    #[serde(rename = "hash")]
    _hash: u64,
    resource: Vec<(String, String)>,
    n: u64,
}

pub(super) async fn read(store: &Store, tenant: &str, selection: &Selection) -> Result<Read> {
    let baseline = selection.baseline.unwrap_or(selection.range);
    let longer = if baseline.length() > selection.range.length() { baseline } else { selection.range };
    let source = Source::of(&longer);
    let (range, baseline) = (selection.range.aligned(source.seconds()), baseline.aligned(source.seconds()));
    let (cut, baseline_cut) = (Cut::new(range, source), Cut::new(baseline, source));
    let scan = |source: Source| {
        let (in_range, in_baseline) = (cut.filter(source), baseline_cut.filter(source));
        let inside = selected(selection, in_range.clone(), &Expr::Column("b".to_owned()));
        scope(ScanQuery::aggregate(tenant, source.table()), selection)
            .filter(Filter::Or(vec![in_range.clone(), in_baseline.clone()]))
            .keys([
                Key::is(inside, "inside"),
                Key::is(in_range, "in_range"),
                Key::is(in_baseline, "in_baseline"),
            ])
            .columns(["operation", "kind", "status", "version", "region"])
            .aggregates([Aggregate::sum("n", "n")])
    };
    let asked = Kinds::asked(selection.kind.as_deref());
    let rows: Vec<ColumnRow> = fetch(store, &[&cut, &baseline_cut], asked, scan).await?;
    let kinds: BTreeSet<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
    let columns = columns(selection, rows.iter().filter(|row| row.inside + row.in_baseline > 0));
    let spans = columns.spans;
    let stored = |part: fn(&ColumnRow) -> u8| rows.iter().filter(|row| part(row) == 1).map(|row| row.n).sum();
    let plan_in = Plan::new(range, stored(|row| row.in_range), spans.inside, WANTED);
    let plan_out = Plan::new(baseline, stored(|row| row.in_baseline), spans.outside, WANTED);

    let is_inside =
        selected(selection, Filter::within("ts", &range), &Expr::LatencyBucket("duration_ns".to_owned()));
    let taken = Filter::Or(vec![
        Filter::And(vec![is_inside.clone(), plan_in.filter("ts")]),
        Filter::And(vec![Filter::Not(Box::new(is_inside.clone())), plan_out.filter("ts")]),
    ]);
    let sample = || {
        scope(ScanQuery::aggregate(tenant, "spans"), selection)
            .filter(Filter::one_of("kind", kinds.iter().copied()))
            .filter(taken.clone())
            .key(Key::is(is_inside.clone(), "inside"))
    };
    let without = PERSONAL_KEYS.iter().map(ToString::to_string).collect();
    let pairs = sample()
        .key(Key::new(Expr::Pairs { column: "attributes".to_owned(), without }, "pair"))
        .aggregates([Aggregate::count("n")])
        .limit(MOST_PAIRS);
    let resources = sample()
        .key(Key::new(Expr::Hash(vec!["resource".to_owned()]), "hash"))
        .aggregates([
            Aggregate::new(Function::Any(Expr::Column("resource".to_owned())), "resource"),
            Aggregate::count("n"),
        ])
        .limit(MOST_PAIRS);
    let (pairs, resources) = if spans.inside == 0 || spans.outside == 0 {
        (Vec::new(), Vec::new())
    } else {
        tokio::try_join!(pairs.fetch::<PairRow>(store), resources.fetch::<ResourceRow>(store))?
    };
    let attributes = attributes(pairs, resources);
    let group = |range: TimeRange, plan: &Plan, spans: u64, sampled: u64| Group {
        range,
        spans,
        sample: plan.told(&range, sampled),
    };
    Ok(Read {
        inside: group(range, &plan_in, spans.inside, attributes.spans.inside),
        outside: group(baseline, &plan_out, spans.outside, attributes.spans.outside),
        counts: vec![columns, attributes],
        source: source.table(),
    })
}

fn scope(scan: ScanQuery, selection: &Selection) -> ScanQuery {
    let equal = |column: &str, text: &Option<String>| text.as_deref().map(|text| Filter::eq(column, text));
    scan.filter(Filter::eq("service", &selection.service))
        .filter_opt(equal("operation", &selection.operation))
}

/// Rows inside of the selection, by their time and latency bucket.
fn selected(selection: &Selection, time: Filter, bucket: &Expr) -> Filter {
    let mut all = vec![time];
    if let Some((low, high)) = selection.band() {
        let bound = |op, b: i16| Filter::Value(bucket.clone(), op, Literal::Int(b.into()));
        all.extend((low > i16::MIN).then(|| bound(Compare::GreaterEq, low)));
        all.extend((high < i16::MAX).then(|| bound(Compare::LessEq, high)));
    }
    all.extend(selection.errors.then(|| Filter::eq("status", "error")));
    all.extend(selection.version.as_deref().map(|version| Filter::eq("version", version)));
    Filter::And(all)
}

/// The rollup's columns, but those that the selection itself is made by.
fn columns<'a>(selection: &Selection, rows: impl Iterator<Item = &'a ColumnRow>) -> Counts {
    let mut counts = Counts::default();
    for row in rows {
        let seen = seen(row.inside, row.n);
        counts.spans.add(seen);
        let told = [
            ("operation", &row.operation, selection.operation.is_some()),
            ("kind", &row.kind, selection.kind.is_some()),
            ("status", &row.status, selection.errors),
            ("service.version", &row.version, selection.version.is_some()),
            ("cloud.region", &row.region, false),
        ];
        for (key, value, _) in told.into_iter().filter(|(_, value, fixed)| !fixed && !value.is_empty()) {
            let values = counts.attributes.entry((Scope::Column, key.to_owned())).or_default();
            values.entry(value.clone()).or_default().add(seen);
        }
    }
    counts
}

/// Attributes of the sampled spans and of their resources. Every sampled span has one resource.
fn attributes(pairs: Vec<PairRow>, resources: Vec<ResourceRow>) -> Counts {
    let mut counts = Counts::default();
    for row in pairs {
        let values = counts.attributes.entry((Scope::Attribute, row.pair.0)).or_default();
        values.entry(row.pair.1).or_default().add(seen(row.inside, row.n));
    }
    for row in resources {
        let seen = seen(row.inside, row.n);
        counts.spans.add(seen);
        for (key, value) in row.resource {
            if COLUMNS_TOO.contains(&key.as_str()) || PERSONAL_KEYS.contains(&key.as_str()) {
                continue;
            }
            let values = counts.attributes.entry((Scope::Resource, key)).or_default();
            values.entry(value).or_default().add(seen);
        }
    }
    counts
}

fn seen(inside: u8, n: u64) -> Seen {
    if inside == 1 { Seen { inside: n, outside: 0 } } else { Seen { inside: 0, outside: n } }
}
