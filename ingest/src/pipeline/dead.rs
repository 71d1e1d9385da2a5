//! The dead-letter folder: what cannot be stored is kept and counted.

use std::sync::atomic::Ordering;
use std::time::Duration;

use headroom_store::StoreError;
use headroom_store::native::{Block, Numbers, Strings};

use super::Shared;
use super::insert::{Ended, insert};
use crate::log::{LogError, Slice};
use crate::wire::WireError;

/// Puts aside a block the store refuses: the slice's bytes to a file, a row to `rejected`.
pub(super) async fn put_aside(shared: &Shared, slice: Slice, table: &str, rows: usize, error: &StoreError) {
    shared.dead.fetch_add(1, Ordering::Relaxed);
    metrics::counter!("headroom_ingest_dead_slices_total", "table" => table.to_owned()).increment(1);
    let name = format!("slice-{:020}-{}-{}-{table}.bin", slice.segment, slice.start, slice.end);
    let mut wait = Duration::from_millis(100);
    let path = loop {
        match shared.log.read(slice).and_then(|bytes| shared.log.bury(&name, bytes.raw())) {
            Ok(path) => break path,
            Err(fault) => {
                shared.note(format!("a refused slice cannot be put aside: {fault}"));
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(10));
            }
        }
    };
    tracing::error!(%error, table, rows, copy = %path.display(), "the store refused a slice, it was put aside");
    shared.note(error.to_string());
    let detail =
        format!("{rows} rows of {table} were refused, the slice is kept in {}: {error}", path.display());
    let tenants = shared.log.read(slice).map(|bytes| tenants(&bytes)).unwrap_or_default();
    let block = rejected(shared, &tenants, &detail);
    let token = shared.log.token(slice, &format!("rejected for {table}"));
    if let Ended::Refused(error) = insert(shared, "rejected", &block, &token, &mut Vec::new()).await {
        tracing::error!(%error, "the table rejected cannot be written");
    }
}

fn tenants(bytes: &crate::log::SliceBytes) -> Vec<String> {
    let mut tenants: Vec<_> = bytes
        .items()
        .filter_map(|item| match item {
            crate::log::Item::Data(data) => Some(data.tenant.to_owned()),
            crate::log::Item::Damage { .. } => None,
        })
        .collect();
    tenants.sort_unstable();
    tenants.dedup();
    tenants
}

/// A row for each tenant that has records in the slice.
fn rejected(shared: &Shared, tenants: &[String], detail: &str) -> Block<'static> {
    let n = tenants.len();
    let mut columns = [(); 5].map(|()| Strings::new());
    for tenant in tenants {
        for (column, value) in columns.iter_mut().zip([tenant, "slice", "store_refused", detail, ""]) {
            column.push(value);
        }
    }
    let mut ts = Numbers::milliseconds();
    ts.push_n(shared.clock.now().timestamp_millis(), n);
    let [tenant, signal, reason, detail, payload] = columns;
    Block::new()
        .with("tenant", tenant)
        .with("ts", ts)
        .with("signal", signal)
        .with("reason", reason)
        .with("detail", detail)
        .with("payload", payload)
}

/// Keeps a request that was good when it was acknowledged and cannot be decoded now.
pub(super) fn unreadable(
    shared: &Shared,
    slice: Slice,
    payload: &[u8],
    error: &WireError,
) -> Result<(), LogError> {
    let hash = blake3::hash(payload).to_hex();
    let path = shared.log.bury(&format!("request-{:020}-{}.pb", slice.segment, &hash[..16]), payload)?;
    metrics::counter!("headroom_ingest_dead_requests_total").increment(1);
    tracing::error!(%error, copy = %path.display(), "a logged request cannot be decoded, it was put aside");
    shared.note(format!("a logged request cannot be decoded: {error}"));
    Ok(())
}

/// Keeps bytes of a slice that are no record any more.
pub(super) fn damaged(shared: &Shared, slice: Slice, offset: u64, bytes: &[u8]) -> Result<(), LogError> {
    let path = shared.log.bury(&format!("damaged-{:020}-{offset}.bin", slice.segment), bytes)?;
    tracing::error!(segment = slice.segment, offset, copy = %path.display(), "a slice holds damaged bytes");
    shared.note(format!("segment {} is damaged at byte {offset}, see {}", slice.segment, path.display()));
    Ok(())
}
