//! The calls of a journey's requests that failed or were made again. One read of their spans.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::safe::{hints, safe};
use super::{JourneyStep, Outcome, StepKind};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Expr, Filter, Key, ScanQuery};
use crate::traces::TraceSummary;

/// Most spans that are looked at.
const MOST: u64 = 2_000;

/// A call: a span that failed, or one to another system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Call {
    pub(super) trace_id: String,
    pub(super) span_id: String,
    pub(super) parent_span_id: String,
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) kind: String,
    pub(super) failed: bool,
    pub(super) ts: DateTime<Utc>,
    pub(super) ended: DateTime<Utc>,
    /// What the program said of its failure, '' if nothing.
    pub(super) message: String,
    /// The host it went to, '' when not known.
    pub(super) host: String,
    /// How often it had been sent before.
    pub(super) resent: u64,
}

#[derive(Debug, Row, Deserialize)]
struct CallRow {
    trace_id: String,
    span_id: String,
    parent_span_id: String,
    message: String,
    host: String,
    resent: String,
    service: String,
    operation: String,
    kind: String,
    status: String,
    ts: i64,
    duration_ns: u64,
}

/// The calls of these requests, by time.
pub(super) async fn of(store: &Store, tenant: &str, traces: &[TraceSummary]) -> Result<Vec<Call>> {
    let end = |trace: &TraceSummary| trace.start + TimeDelta::nanoseconds(trace.duration_ns as i64 + 1);
    let (Some(from), Some(to)) = (traces.iter().map(|trace| trace.start).min(), traces.iter().map(end).max())
    else {
        return Ok(Vec::new());
    };
    let attribute = |key: &str| Expr::MapValue { column: "attributes".to_owned(), key: key.to_owned() };
    let told = |key: &str| Expr::EventValue { event: "exception".to_owned(), key: key.to_owned() };
    let message = Expr::First(vec![
        told("exception.message"),
        Expr::Column("status_message".to_owned()),
        told("exception.type"),
        attribute("error.type"),
    ]);
    let host =
        Expr::First(vec![attribute("server.address"), attribute("peer.service"), attribute("net.peer.name")]);
    let scan = ScanQuery::rows(tenant, "spans")
        .filter(Filter::ids("trace_id", traces.iter().map(|trace| trace.trace_id.as_str())))
        .filter(Filter::within("ts", &TimeRange { from, to }))
        .filter(Filter::Or(vec![Filter::eq("status", "error"), Filter::eq("kind", "client")]))
        .keys(["trace_id", "span_id", "parent_span_id"].map(|id| Key::hex(id, id)))
        .keys([
            Key::new(message, "message"),
            Key::new(host, "host"),
            Key::new(Expr::First(vec![attribute("http.request.resend_count")]), "resent"),
        ])
        .columns(["service", "operation", "kind", "status", "ts", "duration_ns"])
        .ascending("ts")
        .once_by(["span_id"])
        .limit(MOST);
    let rows: Vec<CallRow> = scan.fetch(store).await?;
    Ok(rows.into_iter().map(Call::from).collect())
}

impl From<CallRow> for Call {
    fn from(row: CallRow) -> Self {
        let ts = DateTime::from_timestamp_nanos(row.ts);
        Self {
            trace_id: row.trace_id,
            span_id: row.span_id,
            parent_span_id: row.parent_span_id,
            service: row.service,
            operation: row.operation,
            kind: row.kind,
            failed: row.status == "error",
            ts,
            ended: ts + TimeDelta::nanoseconds(row.duration_ns as i64),
            message: row.message,
            host: row.host,
            resent: row.resent.parse().unwrap_or(0),
        }
    }
}

impl Call {
    /// Whether it left the platform: it named a host that no service of the platform is called.
    pub(super) fn is_outward(&self, services: &BTreeSet<&str>) -> bool {
        self.kind == "client" && !self.host.is_empty() && !services.contains(self.host.as_str())
    }

    /// ` of payments to bank.example.net`, without what must not be told.
    fn place(&self) -> String {
        let operation = if hints(&self.operation) { "a call" } else { &self.operation };
        let host = if self.host.is_empty() || hints(&self.host) {
            String::new()
        } else {
            format!(" to {}", self.host)
        };
        format!("{operation}{host}")
    }

    /// `payments: POST /v3/debits to bank.example.net failed: no answer`.
    pub(super) fn words(&self) -> String {
        let said = safe(&self.message).map(|text| format!(": {text}")).unwrap_or_default();
        format!("{}: {} failed{said}", self.service, self.place())
    }
}

/// The failed call that the others of a request follow from: of those with no failed call under them the one
/// that ended last, which decided.
pub(super) fn root<'a>(calls: &'a [Call], traces: &BTreeSet<&str>) -> Option<&'a Call> {
    let failed = || calls.iter().filter(|call| call.failed && traces.contains(call.trace_id.as_str()));
    let parents: BTreeSet<&str> = failed().map(|call| call.parent_span_id.as_str()).collect();
    failed().filter(|call| !parents.contains(call.span_id.as_str())).max_by_key(|call| call.ended)
}

/// The first failed call of each service in each request, and each call that was made again, as steps.
pub(super) fn steps(calls: &[Call]) -> Vec<JourneyStep> {
    let mut seen = BTreeSet::new();
    let failed = calls.iter().filter(|call| call.failed && seen.insert((&call.trace_id, &call.service)));
    let mut steps: Vec<JourneyStep> = failed
        .map(|call| JourneyStep {
            detail: safe(&call.message).unwrap_or_default(),
            outcome: Outcome::Failed,
            ..step(call, StepKind::Error, format!("{} failed", call.place()))
        })
        .collect();
    let mut same: BTreeMap<_, Vec<&Call>> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.kind == "client") {
        same.entry((&call.trace_id, &call.parent_span_id, &call.service, &call.operation, &call.host))
            .or_default()
            .push(call);
    }
    for attempts in same.values() {
        for pair in attempts.windows(2) {
            let [before, again] = pair else { continue };
            if again.resent > 0 || before.failed && again.ts >= before.ended {
                let how = if again.failed { "and failed again" } else { "and it went through" };
                steps.push(JourneyStep {
                    detail: how.to_owned(),
                    ..step(again, StepKind::Retry, format!("{} was tried again", again.place()))
                });
            }
        }
    }
    steps
}

fn step(call: &Call, kind: StepKind, title: String) -> JourneyStep {
    JourneyStep {
        ts: call.ts,
        kind,
        event: if kind == StepKind::Retry { "retry" } else { "error" }.to_owned(),
        title,
        service: call.service.clone(),
        outcome: Outcome::Info,
        detail: String::new(),
        trace_id: Some(call.trace_id.clone()),
        amount: None,
        currency: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// `(span, parent, service, host, start s, end s, failed)`
    fn call(span: &str, parent: &str, service: &str, host: &str, at: (i64, i64), failed: bool) -> Call {
        let second = |s| DateTime::from_timestamp(1_780_000_000 + s, 0).unwrap();
        Call {
            trace_id: "t".to_owned(),
            span_id: span.to_owned(),
            parent_span_id: parent.to_owned(),
            service: service.to_owned(),
            operation: "POST /debits".to_owned(),
            kind: if host.is_empty() { "server" } else { "client" }.to_owned(),
            failed,
            ts: second(at.0),
            ended: second(at.1),
            message: "no answer for jane@doe.com".to_owned(),
            host: host.to_owned(),
            resent: 0,
        }
    }

    #[test]
    fn what_failed_first_is_the_root_and_a_second_attempt_is_a_retry() {
        let calls = [
            call("g", "", "gateway", "", (0, 30), true),
            call("p", "g", "payments", "", (1, 29), true),
            call("b1", "p", "payments", "bank.net", (2, 12), true),
            call("b2", "p", "payments", "bank.net", (13, 23), true),
        ];
        let root = root(&calls, &BTreeSet::from(["t"])).unwrap();
        assert_eq!(root.span_id, "b2", "the last attempt decided");
        assert!(root.is_outward(&BTreeSet::from(["gateway", "payments"])));
        assert_eq!(root.words(), "payments: POST /debits to bank.net failed: no answer for ***");
        let told: Vec<String> =
            steps(&calls).iter().map(|s| format!("{:?} {} {}", s.kind, s.title, s.detail)).collect();
        assert_eq!(
            told,
            [
                "Error POST /debits failed no answer for ***",
                "Error POST /debits failed no answer for ***",
                "Retry POST /debits to bank.net was tried again and failed again",
            ]
        );
        assert_eq!(super::root(&calls, &BTreeSet::from(["other"])), None);
    }

    #[test]
    fn calls_side_by_side_are_no_retry() {
        let calls = [
            call("a", "p", "payments", "bank.net", (2, 12), true),
            call("b", "p", "payments", "bank.net", (3, 4), false),
        ];
        assert!(steps(&calls).iter().all(|step| step.kind == StepKind::Error));
    }
}
