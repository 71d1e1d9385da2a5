//! The ingester that the benchmarks send to.

use std::path::Path;
use std::sync::Arc;

use headroom_ingest::{AuthRefusal, Authenticator, Ingest, IngestConfig};
use headroom_store::{Store, SystemClock};

/// Takes each sender for the tenant `acme`.
struct Anyone;

impl Authenticator for Anyone {
    fn tenant(&self, _: Option<&str>) -> Result<String, AuthRefusal> {
        Ok("acme".to_owned())
    }
}

/// Starts one at free ports, with its log in `dir`.
pub(crate) async fn start(dir: &Path, store: &Store, config: IngestConfig) -> Ingest {
    let any_port = "127.0.0.1:0".parse().expect("an address");
    let config =
        IngestConfig { grpc_listen: any_port, http_listen: any_port, data_dir: dir.to_owned(), ..config };
    let ingest = Ingest::start(config, store.clone(), Arc::new(Anyone), Arc::new(SystemClock)).await;
    ingest.expect("the ingester starts")
}
