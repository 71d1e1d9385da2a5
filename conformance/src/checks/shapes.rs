//! Every message of the schema, over every wire (duty 14).

mod logs;
mod metrics;
mod traces;

use serde_json::Value;

use crate::check::Check;
use crate::duty::Level;
use crate::fixture::{Fixture, request};
use crate::judge::accepted;
use crate::request::Request;
use crate::wire::{Signal, Wire};

/// A name, what it is in words, and the records.
pub(crate) type Shape = (&'static str, &'static str, Vec<Value>);

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let mut checks = Vec::new();
    for (signal, shapes) in all(fixture) {
        for (name, what, records) in shapes {
            let request = request(signal, records);
            for wire in Wire::ALL {
                checks.push(Check::one(
                    (14, Level::Must),
                    format!("{}-{signal}-{name}", wire.id()),
                    format!("{wire}: {what} is taken"),
                    Request::export(wire, signal, &request),
                    move |answer| accepted(answer, signal),
                ));
            }
        }
    }
    checks
}

/// The shapes of each signal.
pub(crate) fn all(fixture: &Fixture) -> [(Signal, Vec<Shape>); 3] {
    [
        (Signal::Traces, traces::shapes(fixture)),
        (Signal::Metrics, metrics::shapes(fixture)),
        (Signal::Logs, logs::shapes(fixture)),
    ]
}
