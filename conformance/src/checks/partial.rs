//! Partial success (duty 4).
//!
//! OTLP does not say which ids are valid, and that bad data MAY be refused as a whole (400); so
//! a receiver that takes a record with a bad id keeps the protocol. That one bad record does
//! not cost the good ones beside it is what senders rely on, since a refused batch is dropped;
//! it is checked as robustness. What `partial_success` says where it is set is a MUST.

use serde_json::{Value, json};

use super::Setting;
use crate::answer::{Answer, Partial};
use crate::check::Check;
use crate::duty::Level;
use crate::fixture::{Fixture, request};
use crate::judge::{Ruling, response, taken_or_refused};
use crate::request::Request;
use crate::wire::{Signal, Wire};

/// Records in each request, one of them bad.
const RECORDS: usize = 3;

pub(super) fn checks(fixture: &Fixture, _: Setting) -> Vec<Check> {
    let mut checks = Vec::new();
    for wire in Wire::ALL {
        for signal in Signal::ALL {
            let id = |what: &str| format!("{}-{signal}-{what}", wire.id());
            let mixed = || {
                let records = vec![fixture.record(signal), bad(fixture, signal), fixture.record(signal)];
                Request::export(wire, signal, &request(signal, records))
            };
            checks.push(Check::one(
                (4, Level::Robustness),
                id("one-bad-record"),
                format!("{wire}: {} does not cost the {signal} beside it", what(signal)),
                mixed(),
                move |answer| one_lost_at_most(answer, signal),
            ));
            checks.push(Check::one(
                (4, Level::Must),
                id("partial-success-counts"),
                format!("{wire}: partial_success of {signal} counts what was rejected"),
                mixed(),
                move |answer| when_rejected(answer, signal, |partial| counted(partial, 1)),
            ));
            checks.push(Check::one(
                (4, Level::Should),
                id("partial-success-message"),
                format!("{wire}: partial_success of {signal} says why"),
                mixed(),
                move |answer| when_rejected(answer, signal, explained),
            ));
            let all_bad = vec![bad(fixture, signal); RECORDS];
            checks.push(Check::one(
                (8, Level::Must),
                id("all-bad-records"),
                format!("{wire}: a request of bad {signal} only is not sent again"),
                Request::export(wire, signal, &request(signal, all_bad)),
                move |answer| taken_or_refused(answer, signal),
            ));
        }
    }
    checks
}

/// A record that no store can keep as what it says it is.
fn bad(fixture: &Fixture, signal: Signal) -> Value {
    let mut record = fixture.record(signal);
    match signal {
        // Five bytes, where sixteen must be.
        Signal::Traces | Signal::Logs => record["traceId"] = json!("0102030405"),
        // Three buckets need two bounds.
        Signal::Metrics => {
            record = json!({"name": "conformance.bad", "histogram": {
                "aggregationTemporality": 1,
                "dataPoints": [{
                    "startTimeUnixNano": fixture.ago(60_000), "timeUnixNano": fixture.ago(2_000),
                    "count": "6", "sum": 6.0, "bucketCounts": ["1", "2", "3"],
                    "explicitBounds": [1.0, 2.0, 3.0, 4.0, 5.0],
                }],
            }});
        }
    }
    record
}

const fn what(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "a span with a short trace id",
        Signal::Metrics => "a histogram whose buckets and bounds do not fit",
        Signal::Logs => "a log record with a short trace id",
    }
}

fn one_lost_at_most(answer: &Answer, signal: Signal) -> Ruling {
    match response(answer, signal) {
        Err(ruling) => ruling,
        Ok(Some(partial)) if partial.rejected == 1 => Ruling::note("the bad record was rejected"),
        Ok(Some(partial)) if partial.rejected > 1 => Ruling::fail(
            "the good records are taken",
            format!("{} of {RECORDS} rejected: {}", partial.rejected, partial.message),
        ),
        Ok(_) => Ruling::note("the bad record was taken too: ids and buckets are not validated"),
    }
}

fn when_rejected(answer: &Answer, signal: Signal, judge: impl Fn(&Partial) -> Ruling) -> Ruling {
    match response(answer, signal) {
        Ok(Some(partial)) if partial.rejected != 0 => judge(&partial),
        Ok(_) => Ruling::skip("nothing was rejected"),
        Err(_) => Ruling::skip("the request was refused as a whole"),
    }
}

fn counted(partial: &Partial, bad: i64) -> Ruling {
    if (bad..=RECORDS as i64).contains(&partial.rejected) {
        Ruling::PASS
    } else {
        Ruling::fail(
            format!("between {bad} and {RECORDS} rejected, of {RECORDS} records"),
            format!("{} rejected", partial.rejected),
        )
    }
}

fn explained(partial: &Partial) -> Ruling {
    if partial.message.is_empty() {
        Ruling::fail("error_message says why records were rejected", "it is empty")
    } else {
        Ruling::PASS
    }
}
