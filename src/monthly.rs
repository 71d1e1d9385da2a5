//! What monthly reports are made of: a node's parts and what its configuration tells it to do.

use crate::config::Config;
use headroom_control::Control;
use headroom_monthly::{Reports, Setup};
use headroom_query::slo::SloSet;
use headroom_store::Store;
use std::sync::Arc;

/// The reports of a node.
pub(crate) fn reports(config: &Config, store: &Store, control: &Control, slos: &Arc<SloSet>) -> Reports {
    let of_key = config.clone();
    Reports {
        store: store.clone(),
        control: control.clone(),
        slos: Arc::clone(slos),
        key: Arc::new(move || of_key.audit_public_key().map_err(|error| error.to_string())),
        setup: Arc::new(Setup {
            retention: config.retention,
            archived_after_days: config.archive.is_on().then_some(config.archive.after_days),
            receivers: config.alerts.receivers().count(),
            heartbeat: config.alerts.heartbeat.is_some(),
            probes: config.probes.len(),
            doors: doors(config),
        }),
    }
}

/// The doors that are reached from other machines, by their keys, and whether each demands TLS. Pages are behind a
/// proxy that speaks HTTPS where cookies are secure.
fn doors(config: &Config) -> Vec<(String, bool)> {
    let ingest = config.ingest.tls.is_some();
    let doors = [
        ("ingest.grpc_listen", config.ingest.grpc_listen, ingest),
        ("ingest.http_listen", config.ingest.http_listen, ingest),
        ("web.listen", config.web.listen, config.web.secure_cookies),
    ];
    let sql = config.sql.doors().map(|(key, address)| (key, address, config.sql.tls.is_some()));
    let reached = doors.into_iter().chain(sql).filter(|(_, address, _)| !address.ip().is_loopback());
    reached.map(|(key, _, tls)| (key.to_owned(), tls)).collect()
}
