//! Protobuf as the encoding allows it (duty 14).

use serde_json::json;

use crate::check::Check;
use crate::duty::Level;
use crate::fixture::{Fixture, keys, request};
use crate::judge::accepted;
use crate::message::{Style, proto, protobuf};
use crate::request::Request;
use crate::wire::{Signal, Wire};

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let plain = Style::default();
    let styles = [
        ("unknown-fields", "unknown fields in every message are ignored", Style { unknown: true, ..plain }),
        ("reversed-fields", "fields may come in any order", Style { reversed: true, ..plain }),
        (
            "repeated-fields",
            "of a field that comes twice the last one counts, messages are merged",
            Style { repeated: true, ..plain },
        ),
        ("unpacked", "packed numbers may come one by one", Style { unpacked: true, ..plain }),
    ];
    let mut checks = Vec::new();
    for (signal, shapes) in super::shapes::all(fixture) {
        let everything = request(signal, shapes.into_iter().flat_map(|(_, _, records)| records).collect());
        for wire in Wire::BINARY {
            for (name, what, style) in styles {
                // Only metrics have packed numbers.
                if style.unpacked && signal != Signal::Metrics {
                    continue;
                }
                checks.push(Check::one(
                    (14, Level::Must),
                    format!("{}-{signal}-{name}", wire.id()),
                    format!("{wire}, {signal}: {what}"),
                    Request::message(wire, signal, &protobuf(signal, &everything, style)),
                    move |answer| accepted(answer, signal),
                ));
            }
            checks.push(deprecated(fixture, wire, signal));
        }
    }
    for wire in Wire::BINARY {
        checks.push(group(fixture, wire));
    }
    checks
}

/// Field 1000 was how scopes came until 0.19; its number is reserved, so it is an unknown field.
fn deprecated(fixture: &Fixture, wire: Wire, signal: Signal) -> Check {
    let [resources, _, items] = keys(signal);
    let library = match signal {
        Signal::Traces => "instrumentationLibrarySpans",
        Signal::Metrics => "instrumentationLibraryMetrics",
        Signal::Logs => "instrumentationLibraryLogs",
    };
    let old = json!({resources: [{
        "resource": {}, library: [{"scope": {"name": "old"}, items: [fixture.record(signal)]}],
    }]});
    Check::one(
        (14, Level::Must),
        format!("{}-{signal}-deprecated-library", wire.id()),
        format!("{wire}, {signal}: the instrumentation libraries of old senders are ignored"),
        Request::export(wire, signal, &old),
        move |answer| accepted(answer, signal),
    )
}

/// Groups are out of use, but still in the encoding: a parser skips one it does not know.
fn group(fixture: &Fixture, wire: Wire) -> Check {
    let mut bytes = protobuf(Signal::Traces, &fixture.request(Signal::Traces), Style::default());
    proto::tag(&mut bytes, proto::UNKNOWN, 3);
    proto::number(&mut bytes, 1, 7);
    proto::bytes(&mut bytes, 2, b"inside");
    proto::tag(&mut bytes, proto::UNKNOWN, 4);
    Check::one(
        (14, Level::Robustness),
        format!("{}-unknown-group", wire.id()),
        format!("{wire}: an unknown group is skipped"),
        Request::message(wire, Signal::Traces, &bytes),
        |answer| accepted(answer, Signal::Traces),
    )
}
