//! Inclusion and consistency proofs of RFC 6962, section 2.1: made from a tree, checked without one.
//!
//! Checking follows the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2, which work bottom-up on two
//! counters and never allocate.

use core::fmt;

use thiserror::Error;

use crate::frontier::Frontier;
use crate::hash::{Hash, node_hash};

/// Where the hashes of a tree are looked up.
pub trait TreeReader {
    /// The root of the perfect subtree of `2^level` entries that begins at entry `index * 2^level`, or none
    /// where it is not stored.
    fn subtree(&mut self, level: u8, index: u64) -> Option<Hash>;
}

/// Where a tree is stored as tiles: only every eighth level is at hand.
pub trait TileReader {
    /// The hash at `index` of the row at tile level `level`: the root of `256^level` entries.
    fn tile_hash(&mut self, level: u8, index: u64) -> Option<Hash>;
}

/// A tree seen through its tiles.
#[derive(Debug)]
pub struct Tiles<R>(pub R);

impl<R: TileReader> TreeReader for Tiles<R> {
    fn subtree(&mut self, level: u8, index: u64) -> Option<Hash> {
        let width = 1_u64.checked_shl(u32::from(level % 8))?;
        let first = index.checked_mul(width)?;
        let mut within = Frontier::new();
        for offset in 0..width {
            within.push(self.0.tile_hash(level / 8, first.checked_add(offset)?)?);
        }
        Some(within.root())
    }
}

/// Why a proof was refused, or could not be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ProofError {
    /// The entry does not exist in a tree of that size.
    #[error("entry {index} is not in a tree of {size} entries")]
    IndexBeyondSize {
        /// The entry asked for.
        index: u64,
        /// Entries in the tree.
        size: u64,
    },
    /// The older tree is empty or larger than the newer one: nothing can be proved about it.
    #[error("no consistency proof exists from size {old} to size {new}")]
    SizesOutOfOrder {
        /// Entries in the older tree.
        old: u64,
        /// Entries in the newer tree.
        new: u64,
    },
    /// A proof for these numbers has another length.
    #[error("the proof has the wrong number of hashes for this index and size")]
    WrongLength,
    /// The proof leads to another root.
    #[error("the proof leads to another root than the one that was signed")]
    WrongRoot,
    /// A hash that the proof needs is not stored.
    #[error("a hash of the tree is not stored: level {level}, index {index}")]
    HashMissing {
        /// Level of the subtree, 0 for leaves.
        level: u8,
        /// Its position in the level.
        index: u64,
    },
}

/// The hashes of a proof, from the leaf towards the root.
#[derive(Clone)]
pub struct Proof {
    hashes: [Hash; Proof::LIMIT],
    length: usize,
}

impl Proof {
    /// No proof of a tree with a 64-bit size is longer.
    pub const LIMIT: usize = 65;

    const EMPTY: Self = Self { hashes: [Hash::ZERO; Self::LIMIT], length: 0 };

    /// The hashes.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        self.hashes.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, hash: Hash) -> Result<(), ProofError> {
        *self.hashes.get_mut(self.length).ok_or(ProofError::WrongLength)? = hash;
        self.length = self.length.saturating_add(1);
        Ok(())
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.hashes()).finish()
    }
}

impl PartialEq for Proof {
    fn eq(&self, other: &Self) -> bool {
        self.hashes() == other.hashes()
    }
}

/// The proof that entry `index` is in the tree of the first `size` entries.
///
/// # Errors
/// The entry is not in that tree, or `tree` lacks a hash.
pub fn prove_inclusion(
    tree: &mut impl TreeReader,
    index: u64,
    size: u64,
) -> Result<Proof, ProofError> {
    if index >= size {
        return Err(ProofError::IndexBeyondSize { index, size });
    }
    let mut proof = Proof::EMPTY;
    path_to_root(tree, 0, index, size, &mut proof)?;
    Ok(proof)
}

/// The proof that the tree of the first `old` entries is a beginning of the tree of the first `new` ones.
///
/// # Errors
/// `old` is zero or above `new`, or `tree` lacks a hash.
pub fn prove_consistency(
    tree: &mut impl TreeReader,
    old: u64,
    new: u64,
) -> Result<Proof, ProofError> {
    if old == 0 || old > new {
        return Err(ProofError::SizesOutOfOrder { old, new });
    }
    let mut proof = Proof::EMPTY;
    if old == new {
        return Ok(proof);
    }
    // The largest perfect subtree that ends where the old tree ends. The checker knows it if it is all of it.
    let level = old.trailing_zeros() as u8;
    let index = (old - 1) >> level;
    if !old.is_power_of_two() {
        proof.push(subtree(tree, level, index)?)?;
    }
    path_to_root(tree, level, index, new, &mut proof)?;
    Ok(proof)
}

/// The siblings on the way from the subtree (`level`, `index`) to the root of a tree of `size` entries.
fn path_to_root(
    tree: &mut impl TreeReader,
    level: u8,
    index: u64,
    size: u64,
    proof: &mut Proof,
) -> Result<(), ProofError> {
    let mut index = index;
    let mut last = (size - 1) >> level;
    for level in level..64 {
        if last == 0 {
            break;
        }
        let sibling = index ^ 1;
        if sibling < last {
            proof.push(subtree(tree, level, sibling)?)?;
        } else if sibling == last {
            proof.push(range_to_end(tree, sibling << level, size)?)?;
        }
        index >>= 1;
        last >>= 1;
    }
    Ok(())
}

fn subtree(tree: &mut impl TreeReader, level: u8, index: u64) -> Result<Hash, ProofError> {
    tree.subtree(level, index).ok_or(ProofError::HashMissing { level, index })
}

/// The root over entries `start` to `end`, where no subtree that covers `start` begins before it.
fn range_to_end(tree: &mut impl TreeReader, start: u64, end: u64) -> Result<Hash, ProofError> {
    let length = end - start;
    let mut root = None;
    let mut rest = end;
    for level in 0..64_u8 {
        if length >> level & 1 == 1 {
            let index = (rest >> level) - 1;
            let left = subtree(tree, level, index)?;
            root = Some(root.map_or(left, |right| node_hash(&left, &right)));
            rest = index << level;
        }
    }
    root.ok_or(ProofError::WrongLength)
}

/// Checks that `leaf` is entry `index` of the tree with `size` entries and this `root`.
///
/// # Errors
/// Everything but a correct proof.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::IndexBeyondSize { index, size });
    }
    let mut node = index;
    let mut last = size - 1;
    let mut computed = *leaf;
    for hash in proof {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            computed = node_hash(hash, &computed);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            computed = node_hash(&computed, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    conclude(last, computed == *root)
}

/// Checks that the tree with `old` entries and `old_root` is a beginning of the one with `new` entries and
/// `new_root`.
///
/// # Errors
/// Everything but a correct proof. The empty tree is a beginning of any tree; as that says nothing, it is refused.
pub fn verify_consistency(
    old: u64,
    new: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofError> {
    if old == 0 || old > new {
        return Err(ProofError::SizesOutOfOrder { old, new });
    }
    if old == new {
        let length = if proof.is_empty() { 0 } else { 1 };
        return conclude(length, old_root == new_root);
    }
    let shift = old.trailing_zeros();
    let mut node = (old - 1) >> shift;
    let mut last = (new - 1) >> shift;
    let (seed, rest) = match proof.split_first() {
        _ if old.is_power_of_two() => (old_root, proof),
        Some(split) => split,
        None => return Err(ProofError::WrongLength),
    };
    let mut computed_old = *seed;
    let mut computed_new = *seed;
    for hash in rest {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            computed_old = node_hash(hash, &computed_old);
            computed_new = node_hash(hash, &computed_new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            computed_new = node_hash(&computed_new, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    conclude(last, computed_old == *old_root && computed_new == *new_root)
}

/// A proof is good when it was used up exactly at the root and led to the right one.
fn conclude(unproved_levels: u64, roots_equal: bool) -> Result<(), ProofError> {
    match (unproved_levels, roots_equal) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::WrongRoot),
        _ => Err(ProofError::WrongLength),
    }
}

#[cfg(test)]
mod tests;
