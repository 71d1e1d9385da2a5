//! Many requests on one connection.

use futures::future::join_all;

use super::{CONCURRENT, TRACES, after_refusal, all_accepted, rubbish};
use crate::check::Check;
use crate::client::unanswered;
use crate::connection::Version;
use crate::duty::Level;
use crate::fixture::Fixture;
use crate::request::Request;
use crate::wire::Wire;

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let mut checks = vec![concurrent(fixture)];
    for wire in Wire::ALL {
        let good = Request::export(wire, TRACES, &fixture.request(TRACES));
        let id = format!("{}-after-refusal", wire.id());
        let title = format!("{wire}: a connection stays of use after a refusal");
        checks.push(Check::flow((13, Level::Robustness), wire, id, title, move |client| {
            after_refusal(client, rubbish(wire), good.clone())
        }));
    }
    checks
}

/// Calls at the same time, on streams of one connection: how every SDK sends.
fn concurrent(fixture: &Fixture) -> Check {
    let wire = Wire::Grpc;
    let requests: Vec<_> =
        (0..CONCURRENT).map(|_| Request::export(wire, TRACES, &fixture.request(TRACES))).collect();
    let title = format!("gRPC: {CONCURRENT} calls at a time on one connection succeed");
    Check::flow((13, Level::Should), wire, "grpc-concurrent", title, move |client| {
        let requests = requests.clone();
        async move {
            let first = &requests[0];
            let connected = client.connect(wire, Version::Two).await;
            let connection = connected.map_err(|error| unanswered(first, &error))?;
            let answers =
                join_all(requests.iter().map(|request| async { connection.stream()?.send(request).await }));
            all_accepted(first, answers.await)
        }
    })
}
