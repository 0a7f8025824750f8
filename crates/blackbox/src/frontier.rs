//! The right edge of a growing tree: all that appending needs to remember.
//!
//! A tree of `size` entries is a row of perfect subtrees, one for each bit that is set in `size`. Pushing a
//! leaf merges subtrees as adding one carries bits. Sixty-four hashes serve any size.

use crate::hash::{Hash, node_hash};

/// The perfect subtrees of an append-only tree, by level.
#[derive(Clone, Debug)]
pub struct Frontier {
    size: u64,
    nodes: [Hash; Frontier::LEVELS],
}

impl Default for Frontier {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Frontier {
    /// Equal when the trees are: the hashes of levels that are not in use do not count.
    fn eq(&self, other: &Self) -> bool {
        self.size == other.size && self.hashes().eq(other.hashes())
    }
}

impl Eq for Frontier {}

impl Frontier {
    /// Levels that a 64-bit size can have.
    pub const LEVELS: usize = 64;

    /// The frontier of an empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, nodes: [Hash::ZERO; Self::LEVELS] }
    }

    /// Entries in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds one leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut carried = leaf;
        for (level, node) in self.nodes.iter_mut().enumerate() {
            if self.size >> level & 1 == 0 {
                *node = carried;
                break;
            }
            carried = node_hash(node, &carried);
        }
        self.size = self.size.saturating_add(1);
    }

    /// The root of the whole tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut root = None;
        for (level, node) in self.nodes.iter().enumerate() {
            if self.size >> level & 1 == 1 {
                root = Some(root.map_or(*node, |right| node_hash(node, &right)));
            }
        }
        root.unwrap_or(Hash::EMPTY_ROOT)
    }

    /// The hashes in use, smallest subtree first: as many as `size` has bits set.
    pub fn hashes(&self) -> impl Iterator<Item = &Hash> {
        self.nodes.iter().enumerate().filter(|(l, _)| self.size >> l & 1 == 1).map(|(_, h)| h)
    }

    /// The frontier of a tree of `size` entries from the hashes that [`Frontier::hashes`] gave, or none if there
    /// are too few or too many.
    #[must_use]
    pub fn restore(size: u64, mut hashes: impl Iterator<Item = Hash>) -> Option<Self> {
        let mut frontier = Self { size, ..Self::new() };
        for (level, node) in frontier.nodes.iter_mut().enumerate() {
            if size >> level & 1 == 1 {
                *node = hashes.next()?;
            }
        }
        hashes.next().is_none().then_some(frontier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;
    use crate::testdata::{LEAF_INPUTS, node_hashes, root_hash};

    fn of(count: usize) -> Frontier {
        let mut frontier = Frontier::new();
        for entry in LEAF_INPUTS.iter().take(count) {
            frontier.push(leaf_hash(entry));
        }
        frontier
    }

    #[test]
    fn log_03_roots_of_every_size_equal_the_published_ones() {
        for size in 0..=8 {
            assert_eq!(of(size).root(), root_hash(size), "size {size}");
            assert_eq!(of(size).size(), size as u64);
        }
    }

    #[test]
    fn the_hashes_in_use_are_the_published_compact_trees() {
        let node = |level: usize, index: usize| node_hashes(level)[index];
        let want = [
            vec![],
            vec![node(0, 0)],
            vec![node(1, 0)],
            vec![node(0, 2), node(1, 0)],
            vec![node(2, 0)],
            vec![node(0, 4), node(2, 0)],
            vec![node(1, 2), node(2, 0)],
            vec![node(0, 6), node(1, 2), node(2, 0)],
            vec![node(3, 0)],
        ];
        for (size, want) in want.iter().enumerate() {
            assert_eq!(&of(size).hashes().copied().collect::<Vec<_>>(), want);
        }
    }

    #[test]
    fn restoring_gives_the_same_tree_and_refuses_a_wrong_count() {
        for size in 0..=8 {
            let frontier = of(size);
            let hashes: Vec<Hash> = frontier.hashes().copied().collect();
            let restored = Frontier::restore(size as u64, hashes.iter().copied());
            assert_eq!(restored, Some(frontier));
            let longer = hashes.iter().copied().chain([Hash::ZERO]);
            assert_eq!(Frontier::restore(size as u64, longer), None);
            if size > 0 {
                assert_eq!(Frontier::restore(size as u64, hashes.iter().skip(1).copied()), None);
            }
        }
    }

    #[test]
    fn equality_looks_at_size_and_at_the_hashes_in_use() {
        assert_eq!(Frontier::default(), Frontier::new());
        assert_ne!(of(3), of(4));
        let mut other = of(2);
        other.push(Hash::ZERO);
        assert_ne!(other, of(3));
        let unused = Frontier { nodes: [Hash([7; 32]); 64], size: 0 };
        assert_eq!(unused, Frontier::new());
    }
}
