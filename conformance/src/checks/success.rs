//! Full success, and the empty request (duties 4, 5, 8).

use serde_json::json;

use crate::check::Check;
use crate::duty::Level;
use crate::fixture::{Fixture, keys};
use crate::judge::{accepted, partial_success_unset, same_content_type};
use crate::request::Request;
use crate::wire::{Signal, Wire};

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let mut checks = Vec::new();
    for wire in Wire::ALL {
        for signal in Signal::ALL {
            let id = |what: &str| format!("{}-{signal}-{what}", wire.id());
            let ordinary = || Request::export(wire, signal, &fixture.request(signal));
            checks.push(Check::one(
                (4, Level::Must),
                id("success"),
                format!("{wire}: a request of {signal} is answered with an export response"),
                ordinary(),
                move |answer| accepted(answer, signal),
            ));
            checks.push(Check::one(
                (4, Level::Must),
                id("partial-success-unset"),
                format!("{wire}: partial_success is unset when all {signal} were taken"),
                ordinary(),
                move |answer| partial_success_unset(answer, signal),
            ));
            if wire != Wire::Grpc {
                checks.push(Check::one(
                    (8, Level::Must),
                    id("content-type"),
                    format!("{wire}: the answer to {signal} has the request's content type"),
                    ordinary(),
                    same_content_type,
                ));
            }
            let nothing: &[u8] = if wire == Wire::HttpJson { b"{}" } else { b"" };
            checks.push(Check::one(
                (5, Level::Should),
                id("empty"),
                format!("{wire}: a request of {signal} that holds nothing succeeds"),
                Request::message(wire, signal, nothing),
                move |answer| accepted(answer, signal),
            ));
            // An envelope around nothing is what filters in front of a receiver leave over.
            let [resources, scopes, _] = keys(signal);
            let envelope = json!({resources: [{"resource": {}, scopes: [{"scope": {}}]}, {}]});
            checks.push(Check::one(
                (5, Level::Should),
                id("empty-envelope"),
                format!("{wire}: resources and scopes without {signal} succeed"),
                Request::export(wire, signal, &envelope),
                move |answer| accepted(answer, signal),
            ));
        }
    }
    checks
}
