//! What the rollup counted, and the sampled spans of both sides.

use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::fold::{Callee, Caller, Drawn, Role, fold};
use crate::error::{QueryError, Result};
use crate::latency::{Cut, Kinds, Source, Tally, counted_kinds, fetch};
use crate::range::TimeRange;
use crate::rates::RECEIVED;
use crate::sample::{Count, Plan, Sampled};
use crate::scan::{Compare, Expr, Filter, Key, Literal, ScanQuery};

/// The kinds of span that are calls a service makes.
const SENT: [&str; 2] = ["client", "producer"];
/// Spans that are read, of both sides.
const WANTED: u64 = 20_000;
/// How much later than its call a request may begin and still be looked for.
const LATER: TimeDelta = TimeDelta::minutes(1);
/// Id of the parent of a root span.
const NO_PARENT: [u8; 8] = [0; 8];

/// What was read.
pub(super) struct Read {
    pub(super) range: TimeRange,
    pub(super) services: BTreeMap<String, Tally>,
    /// Spans that the rollup counted, by service and role.
    pub(super) received: BTreeMap<(String, Role), u64>,
    pub(super) drawn: Drawn,
    pub(super) sample: Sampled,
    pub(super) source: &'static str,
}

#[derive(Debug, Row, Deserialize)]
struct BucketRow {
    service: String,
    kind: String,
    b: i16,
    n: u64,
    errors: u64,
}

pub(super) async fn read(store: &Store, tenant: &str, range: TimeRange) -> Result<Read> {
    let source = Source::of(&range);
    let range = range.aligned(source.seconds());
    let failed = || Key::is(Filter::eq("status", "error"), "failed");
    let cut = Cut::new(range, source);
    let scan = |source: Source| {
        ScanQuery::aggregate(tenant, source.table())
            .filter(cut.filter(source))
            .columns(["service", "kind", "b"])
            .aggregates(Tally::aggregates())
    };
    let rows: Vec<BucketRow> = fetch(store, &[&cut], Kinds::All, scan).await?;
    let count = |fits: &dyn Fn(&str) -> bool| -> u64 {
        rows.iter().filter(|row| fits(&row.kind)).map(|row| row.n).sum()
    };
    let paired = count(&|kind| SENT.contains(&kind) || RECEIVED.contains(&kind));
    let counted = Count { stored: count(&|_| true), fitting: paired };
    let of_tenant = |source: Source| ScanQuery::aggregate(tenant, source.table());
    let pairs = Filter::one_of("kind", SENT.into_iter().chain(RECEIVED));
    let plan = Plan::read(store, range, source, counted, WANTED, of_tenant, &pairs).await?;

    let hash =
        |span: &str, alias: &str| Key::new(Expr::Hash(vec!["trace_id".to_owned(), span.to_owned()]), alias);
    let bucket = || Key::new(Expr::LatencyBucket("duration_ns".to_owned()), "b");
    let attribute = |keys: &[&str], alias: &str| {
        let of = |key: &&str| Expr::MapValue { column: "attributes".to_owned(), key: (*key).to_owned() };
        Key::new(Expr::First(keys.iter().map(of).collect()), alias)
    };
    let callers = ScanQuery::rows(tenant, "spans")
        .filter(Filter::one_of("kind", SENT))
        .filter(plan.filter("ts"))
        .key(hash("span_id", "link"))
        .columns(["service", "kind"])
        .keys([failed(), bucket()])
        .keys([
            attribute(&["service.peer.name", "peer.service"], "peer"),
            attribute(&["server.address", "net.peer.name"], "host"),
            attribute(&["db.namespace", "db.name"], "database"),
            attribute(&["db.system.name", "db.system"], "system"),
            attribute(&["messaging.destination.name"], "topic"),
        ])
        .limit(2 * WANTED);
    let root = Filter::compare("parent_span_id", Compare::Eq, Literal::Bytes(NO_PARENT.to_vec()));
    // Attributes take longest to read: of requests none is asked for.
    let callees = |kind: &str, topic: &[&str]| {
        ScanQuery::rows(tenant, "spans")
            .filter(Filter::eq("kind", kind))
            .filter(plan.until(LATER).filter("ts"))
            .keys([hash("parent_span_id", "link"), hash("span_id", "id")])
            .key(Key::is(root.clone(), "root"))
            .columns(["service", "kind"])
            .keys([failed(), bucket(), attribute(topic, "topic")])
            .key(Key::is(plan.time("ts"), "within"))
            .limit(2 * WANTED)
    };
    let (requests, messages) = (callees("server", &[]), callees("consumer", &["messaging.destination.name"]));
    let (mut callers, mut callees, messages) = tokio::try_join!(
        callers.fetch::<Caller>(store),
        requests.fetch::<Callee>(store),
        messages.fetch::<Callee>(store),
    )?;
    callees.extend(messages);
    // What a client sent twice is one call.
    let (mut sent, mut answered) = (HashSet::new(), HashSet::new());
    callers.retain(|caller| sent.insert(caller.link));
    callees.retain(|callee| answered.insert(callee.id));
    let spans = (callers.len() + callees.len()) as u64;
    let (services, received) = count_services(&rows);
    let names: Vec<String> = services.keys().cloned().collect();
    let folded = tokio::task::spawn_blocking(move || {
        fold(&callers, &callees, &names.iter().map(String::as_str).collect())
    });
    let drawn = folded.await.map_err(|error| {
        QueryError::unavailable(format!("the calls could not be put together: {error}"), "ask again")
    })?;
    Ok(Read {
        range,
        services,
        received,
        drawn,
        sample: plan.told(&range, spans, paired),
        source: source.table(),
    })
}

/// Services by what they received, or by all their spans where that is nothing; and spans by role.
fn count_services(rows: &[BucketRow]) -> (BTreeMap<String, Tally>, BTreeMap<(String, Role), u64>) {
    let (mut by_service, mut roles) = (BTreeMap::<&str, Vec<&BucketRow>>::new(), BTreeMap::new());
    for row in rows {
        by_service.entry(&row.service).or_default().push(row);
        let role = match row.kind.as_str() {
            "consumer" => Role::Consumes,
            kind if SENT.contains(&kind) => Role::Calls,
            _ => continue,
        };
        *roles.entry((row.service.clone(), role)).or_default() += row.n;
    }
    let tally = |rows: Vec<&BucketRow>| {
        let kinds = counted_kinds(rows.iter().map(|row| row.kind.as_str()));
        let mut tally = Tally::default();
        let counted = rows.iter().filter(|row| kinds.contains(&row.kind));
        counted.for_each(|row| tally.add(row.b, row.n, row.errors));
        tally
    };
    (by_service.into_iter().map(|(service, rows)| (service.to_owned(), tally(rows))).collect(), roles)
}
