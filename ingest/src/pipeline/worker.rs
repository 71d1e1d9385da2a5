//! One worker: slice after slice.

use std::time::{Duration, Instant};

use headroom_store::native::Block;

use super::insert::{Ended, insert};
use super::{Shared, dead, ledger};
use crate::decode::{Received, Tables};
use crate::log::{Item, LogError, Slice};

/// After a slice of fewer bytes the worker's memory is given back: a burst does not keep it.
const KEPT_BYTES: u64 = 8 << 20;

/// What a worker uses again for the next slice: pages that are fresh from the kernel cost more than
/// much of the decoding.
#[derive(Default)]
struct Memory {
    /// A slice as it lies in the log.
    read: Vec<u8>,
    tables: Tables,
    /// A block as it goes to the store.
    encoded: Vec<u8>,
}

/// Takes slices until the service stops.
pub(super) fn run(shared: &Shared) {
    let mut memory = Memory::default();
    while let Some(slice) = shared.next() {
        if let Err(Stopped) = one(shared, slice, &mut memory) {
            return;
        }
        if slice.end - slice.start < KEPT_BYTES {
            memory = Memory::default();
        }
    }
}

/// The service is stopping; the slice stays in the log.
pub(super) struct Stopped;

fn one(shared: &Shared, slice: Slice, memory: &mut Memory) -> Result<(), Stopped> {
    let begin = Instant::now();
    read(shared, slice, memory)?;
    let blocks = memory.tables.blocks();
    metrics::histogram!("headroom_ingest_decode_seconds").record(begin.elapsed().as_secs_f64());
    let any_dead = shared.runtime.block_on(async {
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => Err(Stopped),
            done = store(shared, slice, &blocks, &mut memory.encoded) => Ok(done),
        }
    })?;
    shared.log.commit(slice, any_dead);
    metrics::counter!("headroom_ingest_slices_total").increment(1);
    metrics::histogram!("headroom_ingest_slice_seconds").record(begin.elapsed().as_secs_f64());
    Ok(())
}

/// Inserts all blocks of a slice. Whether one of them had to be put aside.
async fn store(
    shared: &Shared,
    slice: Slice,
    blocks: &[(&'static str, Block<'_>)],
    room: &mut Vec<u8>,
) -> bool {
    let known =
        if shared.log.is_recovered(slice) { ledger::known(shared, slice, blocks).await } else { Vec::new() };
    let mut any_dead = false;
    for (table, block) in blocks {
        let token = shared.log.token(slice, table);
        if known.contains(&token) {
            continue;
        }
        match insert(shared, table, block, &token, room).await {
            Ended::Stored => shared.inserted(table, block.rows() as u64),
            Ended::Refused(error) => {
                any_dead = true;
                dead::put_aside(shared, slice, table, block.rows(), &error).await;
            }
        }
    }
    ledger::write(shared, slice, blocks).await;
    any_dead
}

/// Reads and decodes a slice; while the disk does not answer, again and again.
fn read(shared: &Shared, slice: Slice, memory: &mut Memory) -> Result<(), Stopped> {
    let mut wait = Duration::from_millis(100);
    loop {
        memory.tables.clear();
        match decode(shared, slice, memory) {
            Ok(()) => return Ok(()),
            Err(error) => {
                let message = format!("a slice of the log cannot be read: {error}");
                tracing::error!(segment = slice.segment, start = slice.start, "{message}");
                shared.note(message);
            }
        }
        let stopped = shared
            .runtime
            .block_on(async { tokio::time::timeout(wait, shared.stop.cancelled()).await.is_ok() });
        if stopped {
            return Err(Stopped);
        }
        wait = (wait * 2).min(Duration::from_secs(10));
    }
}

fn decode(shared: &Shared, slice: Slice, memory: &mut Memory) -> Result<(), LogError> {
    let bytes = shared.log.read_into(slice, std::mem::take(&mut memory.read))?;
    for item in bytes.items() {
        match item {
            Item::Data(data) => {
                let received = Received {
                    tenant: data.tenant,
                    signal: data.signal,
                    received_ns: data.received_ns,
                    window: data.window,
                };
                if let Err(error) = memory.tables.add(received, data.payload) {
                    dead::unreadable(shared, slice, data.payload, &error)?;
                }
            }
            Item::Damage { offset, bytes } => dead::damaged(shared, slice, offset, bytes)?,
        }
    }
    memory.read = bytes.into_room();
    Ok(())
}
