//! Who may send (duty 15). Without a token there is nothing to check.

use super::Setting;
use crate::check::Check;
use crate::duty::Level;
use crate::fixture::Fixture;
use crate::grpc::UNAUTHENTICATED;
use crate::judge::{Ruling, refused, status_body};
use crate::request::{Credentials, Request};
use crate::wire::{Signal, Wire};

pub(super) fn checks(fixture: &Fixture, setting: Setting) -> Vec<Check> {
    let traces = Signal::Traces;
    let mut checks = Vec::new();
    for wire in Wire::ALL {
        let ordinary = || Request::export(wire, traces, &fixture.request(traces));
        for (name, what, credentials) in [
            ("token-wrong", "a wrong token", Credentials::Wrong),
            ("token-missing", "a missing token", Credentials::Nobody),
        ] {
            let title = match wire {
                Wire::Grpc => format!("{wire}: {what} is UNAUTHENTICATED"),
                _ => format!("{wire}: {what} is 401"),
            };
            let id = format!("{}-{name}", wire.id());
            let level = (15, Level::Robustness);
            checks.push(if setting.has_token {
                Check::one(level, id, title, ordinary().of(credentials), |answer| {
                    refused(answer, &[401], &[UNAUTHENTICATED])
                })
            } else {
                skipped(level, wire, id, title)
            });
        }
        if wire == Wire::Grpc {
            continue;
        }
        let id = format!("{}-token-wrong-status", wire.id());
        let title = format!("{wire}: the refusal of a wrong token is a Status");
        let level = (9, Level::Must);
        checks.push(if setting.has_token {
            Check::one(level, id, title, ordinary().of(Credentials::Wrong), status_body)
        } else {
            skipped(level, wire, id, title)
        });
    }
    checks
}

fn skipped(level: (u8, Level), wire: Wire, id: String, title: String) -> Check {
    Check::flow(level, wire, id, title, |_| async { Ok(Ruling::skip("no token was given").into()) })
}
