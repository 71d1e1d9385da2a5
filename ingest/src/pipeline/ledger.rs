//! Which slices the store has: for restarts so late that the store forgot the tokens.

use headroom_store::literal;
use headroom_store::native::{Block, Numbers, Strings};

use super::Shared;
use super::insert::{Ended, insert, may_pass};
use crate::log::Slice;

/// The tokens of `slice` that the ledger holds. When it cannot be asked, none: the tokens
/// then protect alone.
pub(super) async fn known(
    shared: &Shared,
    slice: Slice,
    blocks: &[(&'static str, Block<'_>)],
) -> Vec<String> {
    let tokens: Vec<_> =
        blocks.iter().map(|(table, _)| literal::string(&shared.log.token(slice, table))).collect();
    if tokens.is_empty() {
        return Vec::new();
    }
    let sql = format!(
        "SELECT DISTINCT token FROM {} WHERE token IN ({})",
        shared.store.table("ingest_ledger"),
        tokens.join(", ")
    );
    let mut wait = std::time::Duration::from_millis(100);
    loop {
        match shared.store.rows::<String>(&sql).await {
            Ok(tokens) => return tokens,
            Err(error) if may_pass(&error) => {
                shared.note(error.to_string());
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(std::time::Duration::from_secs(5));
            }
            Err(error) => {
                tracing::warn!(%error, "the ledger of slices cannot be read");
                shared.note(error.to_string());
                return Vec::new();
            }
        }
    }
}

/// Writes that the store has `slice`.
pub(super) async fn write(shared: &Shared, slice: Slice, blocks: &[(&'static str, Block<'_>)]) {
    let (mut token, mut table, mut rows) = (Strings::new(), Strings::new(), Numbers::<u64>::new());
    for (name, block) in blocks {
        token.push(&shared.log.token(slice, name));
        table.push(name);
        rows.push(block.rows() as u64);
    }
    let n = blocks.len();
    let (mut segment, mut from, mut to) =
        (Numbers::<u64>::new(), Numbers::<u64>::new(), Numbers::<u64>::new());
    segment.push_n(slice.segment, n);
    from.push_n(slice.start, n);
    to.push_n(slice.end, n);
    let mut committed = Numbers::milliseconds();
    committed.push_n(shared.clock.now().timestamp_millis(), n);
    let ledger = Block::new()
        .with("token", token)
        .with("segment", segment)
        .with("from_offset", from)
        .with("to_offset", to)
        .with("table", table)
        .with("rows", rows)
        .with("committed_at", committed);
    let own = shared.log.token(slice, "ingest_ledger");
    if let Ended::Refused(error) = insert(shared, "ingest_ledger", &ledger, &own, &mut Vec::new()).await {
        tracing::warn!(%error, "the ledger of slices cannot be written");
        shared.note(error.to_string());
    }
}
