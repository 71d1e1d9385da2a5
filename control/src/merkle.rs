//! The Merkle tree of RFC 6962, section 2.1, over SHA-256: roots, and proofs that are logarithmic in the tree's size.
//!
//! Pure: where the hashes of a stored tree come from is the caller's affair. A tree of `n` leaves is made of complete
//! subtrees; one of height `h` with number `i` holds the leaves from `i << h` on. A [`Frontier`] has the complete
//! subtrees of a tree, at most 64 hashes, and is enough to append and to give the root. Proofs ask for further
//! subtrees.

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// The hash of a leaf: of a zero byte and the leaf's bytes.
pub(crate) fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// The hash of two subtrees.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree that only grows, as its complete subtrees, the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A tree of `size` leaves.
    ///
    /// # Errors
    /// What `subtree` (height, number) cannot give.
    pub(crate) fn load<E>(
        size: u64,
        mut subtree: impl FnMut(u32, u64) -> Result<Hash, E>,
    ) -> Result<Self, E> {
        let heights = (0..u64::BITS).rev().filter(|height| size >> height & 1 == 1);
        let peaks = heights.map(|height| subtree(height, (size >> height) - 1));
        Ok(Self { size, peaks: peaks.collect::<Result<_, _>>()? })
    }

    /// Appends a leaf by its hash; `completed` is told the height, number and hash of each subtree that it completes.
    pub(crate) fn push(&mut self, leaf: Hash, mut completed: impl FnMut(u32, u64, Hash)) {
        let (mut hash, mut number, mut height) = (leaf, self.size, 0);
        completed(height, number, hash);
        while number & 1 == 1 {
            let left = self.peaks.pop().expect("a set bit has a peak");
            hash = node_hash(&left, &hash);
            number >>= 1;
            height += 1;
            completed(height, number, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The root; of the empty tree, the hash of nothing.
    pub(crate) fn root(&self) -> Hash {
        let joined = self.peaks.iter().copied().rev().reduce(|right, left| node_hash(&left, &right));
        joined.unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// The hashes that lead from leaf `index` to the root of the first `size` leaves, from below.
///
/// # Errors
/// What `subtree` cannot give.
///
/// # Panics
/// There is no such leaf.
pub(crate) fn inclusion_proof<E>(
    index: u64,
    size: u64,
    mut subtree: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    assert!(index < size, "leaf {index} of {size}");
    let (mut from, mut until, mut aside) = (0, size, Vec::new());
    while until - from > 1 {
        let middle = from + split(until - from);
        aside.push(if index < middle { (middle, until) } else { (from, middle) });
        (from, until) = if index < middle { (from, middle) } else { (middle, until) };
    }
    aside.into_iter().rev().map(|(from, until)| range(from, until, &mut subtree)).collect()
}

/// The root that `proof` leads to from a leaf; nothing if it is no proof for such a leaf.
pub(crate) fn root_of_inclusion(index: u64, size: u64, leaf: Hash, proof: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let Some((aside, below)) = proof.split_last() else { return (size == 1).then_some(leaf) };
    if size == 1 {
        return None;
    }
    let left = split(size);
    if index < left {
        Some(node_hash(&root_of_inclusion(index, left, leaf, below)?, aside))
    } else {
        Some(node_hash(aside, &root_of_inclusion(index - left, size - left, leaf, below)?))
    }
}

/// What shows that the first `old` leaves of a tree of `new` are the tree that there was before.
///
/// # Errors
/// What `subtree` cannot give.
///
/// # Panics
/// The tree has shrunk.
pub(crate) fn consistency_proof<E>(
    old: u64,
    new: u64,
    mut subtree: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    assert!(old <= new, "{old} leaves of {new}");
    if old == 0 {
        return Ok(Vec::new());
    }
    let (mut from, mut until, mut aside, mut whole) = (0, new, Vec::new(), true);
    while until != old {
        let middle = from + split(until - from);
        if old <= middle {
            aside.push((middle, until));
            until = middle;
        } else {
            aside.push((from, middle));
            from = middle;
            whole = false;
        }
    }
    if !whole {
        aside.push((from, until));
    }
    aside.into_iter().rev().map(|(from, until)| range(from, until, &mut subtree)).collect()
}

/// Whether `proof` shows that the tree of `new` leaves with `new_root` begins with the one of `old` leaves.
pub(crate) fn is_consistent(old: u64, new: u64, old_root: &Hash, new_root: &Hash, proof: &[Hash]) -> bool {
    if old == 0 {
        return proof.is_empty() && *old_root == Frontier::default().root();
    }
    old <= new && roots(old, new, true, *old_root, proof) == Some((*old_root, *new_root))
}

/// The two roots that a proof of consistency leads to. `whole`: the old tree is a subtree from the first leaf on, which
/// the verifier has and the proof leaves out.
fn roots(old: u64, new: u64, whole: bool, old_root: Hash, proof: &[Hash]) -> Option<(Hash, Hash)> {
    if old == new {
        return match proof {
            [] if whole => Some((old_root, old_root)),
            [shared] if !whole => Some((*shared, *shared)),
            _ => None,
        };
    }
    let (aside, below) = proof.split_last()?;
    let left = split(new);
    if old <= left {
        let (before, after) = roots(old, left, whole, old_root, below)?;
        Some((before, node_hash(&after, aside)))
    } else {
        let (before, after) = roots(old - left, new - left, false, old_root, below)?;
        Some((node_hash(aside, &before), node_hash(aside, &after)))
    }
}

/// The largest power of two below `size`, which is 2 at least.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

fn range<E>(from: u64, until: u64, subtree: &mut impl FnMut(u32, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let size = until - from;
    if size.is_power_of_two() {
        let height = size.ilog2();
        return subtree(height, from >> height);
    }
    let middle = from + split(size);
    Ok(node_hash(&range(from, middle, subtree)?, &range(middle, until, subtree)?))
}

#[cfg(test)]
mod tests;
