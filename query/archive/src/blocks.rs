//! Checksums of a file's blocks. A reader of a Parquet file fetches parts of it, and neither Parquet pages nor their
//! compression tell for certain that a bit has changed; so each block that is read is compared with its checksum.

use std::ops::Range;

use bytes::Bytes;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Bytes of a block.
pub(crate) const BLOCK: u64 = 256 << 10;

/// Sums up a file while it is written.
#[derive(Default)]
pub(crate) struct Summing {
    whole: blake3::Hasher,
    block: Xxh3,
    bytes: u64,
    sums: Vec<u8>,
}

impl Summing {
    pub(crate) fn add(&mut self, mut bytes: &[u8]) {
        self.whole.update(bytes);
        while !bytes.is_empty() {
            let room = (BLOCK - self.bytes % BLOCK) as usize;
            let (now, rest) = bytes.split_at(room.min(bytes.len()));
            self.block.update(now);
            self.bytes += now.len() as u64;
            if self.bytes.is_multiple_of(BLOCK) {
                self.close();
            }
            bytes = rest;
        }
    }

    fn close(&mut self) {
        self.sums.extend(self.block.digest().to_le_bytes());
        self.block.reset();
    }

    /// The file's size, its BLAKE3 and the sums of its blocks.
    pub(crate) fn finish(mut self) -> (u64, blake3::Hash, Vec<u8>) {
        if !self.bytes.is_multiple_of(BLOCK) {
            self.close();
        }
        (self.bytes, self.whole.finalize(), self.sums)
    }
}

/// The blocks that a range of a file of `size` bytes touches, from the first's start to the last's end.
pub(crate) fn around(range: &Range<u64>, size: u64) -> Range<u64> {
    let start = range.start / BLOCK * BLOCK;
    start..range.end.div_ceil(BLOCK).saturating_mul(BLOCK).min(size).max(start)
}

/// `range` of the blocks in `bytes`, which begin at `start`; what is wrong where a block is not as it was written.
pub(crate) fn checked(sums: &[u8], bytes: &Bytes, start: u64, range: &Range<u64>) -> Result<Bytes, String> {
    for (n, block) in bytes.chunks(BLOCK as usize).enumerate() {
        let at = (start / BLOCK) as usize + n;
        let written = sums.get(at * 8..at * 8 + 8);
        if written != Some(&xxh3_64(block).to_le_bytes()[..]) {
            return Err(format!("its bytes from {} on are not those that were written", at as u64 * BLOCK));
        }
    }
    let (from, to) = ((range.start - start) as usize, (range.end - start) as usize);
    if to > bytes.len() {
        return Err(format!("it ends before its byte {}", range.end));
    }
    Ok(bytes.slice(from..to))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(size: usize) -> Vec<u8> {
        (0..size).map(|n| (n * 31 % 251) as u8).collect()
    }

    fn sums(file: &[u8], step: usize) -> Vec<u8> {
        let mut summing = Summing::default();
        file.chunks(step).for_each(|chunk| summing.add(chunk));
        let (size, whole, sums) = summing.finish();
        assert_eq!((size, whole), (file.len() as u64, blake3::hash(file)));
        sums
    }

    fn read(file: &[u8], sums: &[u8], range: Range<u64>) -> Result<Bytes, String> {
        let around = around(&range, file.len() as u64);
        let bytes = Bytes::copy_from_slice(&file[around.start as usize..around.end as usize]);
        checked(sums, &bytes, around.start, &range)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn any_range_is_read_and_any_changed_bit_is_seen(
            size in 1_usize..700_000, step in 1_usize..300_000, a in 0.0..1.0, b in 0.0..1.0, hit in 0.0..1.0,
        ) {
            let mut file = file(size);
            let sums = sums(&file, step);
            let [a, b, hit] = [a, b, hit].map(|share: f64| (share * size as f64) as usize);
            let range = a.min(b) as u64..a.max(b) as u64;
            prop_assert_eq!(&read(&file, &sums, range.clone()).unwrap()[..], &file[a.min(b)..a.max(b)]);
            file[hit] ^= 4;
            let touched = around(&range, size as u64).contains(&(hit as u64));
            prop_assert_eq!(read(&file, &sums, range).is_err(), touched);
        }
    }
}
