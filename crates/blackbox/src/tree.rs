//! A whole tree in memory, for proofs and tiles of a log that was read.

use crate::frontier::Frontier;
use crate::hash::{Hash, node_hash};
use crate::proof::{TileReader, TreeReader};

/// All perfect subtrees of the entries so far: 64 bytes an entry.
#[derive(Clone, Default, Debug)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// A tree without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self { levels: Vec::new() }
    }

    /// Adds a leaf and every subtree that it completes.
    pub fn push(&mut self, leaf: Hash) {
        let mut complete = Some(leaf);
        for level in 0.. {
            let Some(hash) = complete.take() else { break };
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(level) else { break };
            row.push(hash);
            if let (true, [.., left, right]) = (row.len().is_multiple_of(2), row.as_slice()) {
                complete = Some(node_hash(left, right));
            }
        }
    }

    /// Entries in the tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The root of the first `size` entries, or none if there are fewer.
    #[must_use]
    pub fn root(&self, size: u64) -> Option<Hash> {
        let hashes = (0..Frontier::LEVELS).filter(|level| size >> level & 1 == 1).map(|level| {
            let index = (size >> level) - 1;
            let row = self.levels.get(level)?;
            row.get(usize::try_from(index).ok()?).copied()
        });
        let hashes: Option<Vec<Hash>> = hashes.collect();
        Frontier::restore(size, hashes?.into_iter()).map(|frontier| frontier.root())
    }
}

impl TreeReader for &Tree {
    fn subtree(&mut self, level: u8, index: u64) -> Option<Hash> {
        self.levels.get(usize::from(level))?.get(usize::try_from(index).ok()?).copied()
    }
}

impl TileReader for &Tree {
    fn tile_hash(&mut self, level: u8, index: u64) -> Option<Hash> {
        self.subtree(level.checked_mul(8)?, index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;
    use crate::testdata::{LEAF_INPUTS, node_hashes, root_hash};

    #[test]
    fn the_tree_holds_the_published_hashes_and_roots() {
        let mut tree = Tree::new();
        assert_eq!((tree.size(), tree.root(0)), (0, Some(Hash::EMPTY_ROOT)));
        for (count, entry) in (1..).zip(LEAF_INPUTS) {
            tree.push(leaf_hash(entry));
            assert_eq!(tree.size(), count);
            for size in 0..=count {
                assert_eq!(tree.root(size), Some(root_hash(size as usize)));
            }
            assert_eq!(tree.root(count + 1), None);
        }
        for level in 0..4 {
            assert_eq!(tree.levels[level], node_hashes(level));
        }
        let mut reader = &tree;
        assert_eq!(reader.subtree(3, 0), Some(node_hashes(3)[0]));
        assert_eq!(reader.subtree(3, 1), None);
        assert_eq!(reader.subtree(4, 0), None);
        assert_eq!(reader.tile_hash(0, 7), Some(node_hashes(0)[7]));
        assert_eq!(reader.tile_hash(1, 0), None);
    }
}
