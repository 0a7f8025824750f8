//! The entries since the last good signature, with the leaf hashes that were written beside them.
//!
//! When the next signature does not fit the entries but fits those hashes, the entries that differ from them are
//! the changed ones, exactly: nobody without the key can make a list of hashes that a signature fits.

use crate::checkpoint::TreeHead;
use crate::frontier::Frontier;
use crate::hash::Hash;
use crate::verdict::Position;

#[derive(Clone, Copy, Debug)]
struct Unsigned {
    position: Position,
    leaf: Hash,
    /// The hash that was written beside it, and in which list.
    written: Option<(Hash, usize)>,
}

impl Unsigned {
    fn differs(&self) -> bool {
        self.written.is_some_and(|(written, _)| written != self.leaf)
    }
}

/// Where a list of leaf hashes stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct List {
    pub(super) file: String,
    pub(super) offset: u64,
    /// Entries before it.
    pub(super) size: u64,
}

/// The tree that the written hashes make.
#[derive(Clone, Debug)]
struct Written {
    tree: Frontier,
    /// Entries of the stretch that are in it.
    entries: usize,
}

#[derive(Debug)]
pub(super) struct Stretch {
    /// The tree before the stretch.
    before: Frontier,
    entries: Vec<Unsigned>,
    /// So many of the entries are vouched for after all, by a handover between keys.
    vouched: usize,
    lists: Vec<List>,
    written: Option<Written>,
    differs: bool,
}

impl Stretch {
    pub(super) const fn new(before: Frontier) -> Self {
        let lists = Vec::new();
        Self { before, entries: Vec::new(), vouched: 0, lists, written: None, differs: false }
    }

    /// A signature vouches for everything so far, which makes this tree.
    pub(super) fn restart(&mut self, tree: &Frontier) {
        self.before = tree.clone();
        self.entries.clear();
        self.lists.clear();
        self.vouched = 0;
        self.written = None;
        self.differs = false;
    }

    pub(super) fn push(&mut self, position: Position, leaf: Hash) {
        self.entries.push(Unsigned { position, leaf, written: None });
    }

    /// Notes the leaf hashes of the last entries; false if there are not so many that have none.
    pub(super) fn write(&mut self, hashes: &[[u8; Hash::LENGTH]], list: List) -> bool {
        let from = self.entries.len().checked_sub(hashes.len());
        let settled = self.written.as_ref().map_or(0, |written| written.entries);
        let Some(last) = from
            .filter(|from| *from >= settled.max(self.vouched))
            .and_then(|from| self.entries.get_mut(from..))
            .filter(|last| last.iter().all(|entry| entry.written.is_none()))
        else {
            return false;
        };
        for (entry, hash) in last.iter_mut().zip(hashes) {
            entry.written = Some((Hash(*hash), self.lists.len()));
            self.differs |= entry.differs();
        }
        self.lists.push(list);
        true
    }

    /// A handover vouches for all entries so far.
    pub(super) const fn vouch(&mut self) {
        self.vouched = self.entries.len();
    }

    /// The first entry that nothing vouches for.
    pub(super) fn first(&self) -> Option<Position> {
        self.entries.get(self.vouched).map(|entry| entry.position)
    }

    /// The head that the written hashes make, if they differ from the entries.
    pub(super) fn written_head(&mut self) -> Option<TreeHead> {
        if !self.differs {
            return None;
        }
        let start = || Written { tree: self.before.clone(), entries: 0 };
        let written = self.written.get_or_insert_with(start);
        for entry in self.entries.get(written.entries..).unwrap_or_default() {
            written.tree.push(entry.written.map_or(entry.leaf, |(hash, _)| hash));
        }
        written.entries = self.entries.len();
        Some(TreeHead { size: written.tree.size(), root: written.tree.root() })
    }

    /// The entries that differ from the hashes written beside them.
    pub(super) fn changed(&self) -> impl Iterator<Item = Position> {
        self.entries.iter().filter(|entry| entry.differs()).map(|entry| entry.position)
    }

    /// The first list that the entries contradict.
    pub(super) fn contradicted(&self) -> Option<&List> {
        let first = self.entries.iter().filter(|_| self.differs).find(|entry| entry.differs())?;
        self.lists.get(first.written?.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    fn at(entry: u64) -> Position {
        Position { entry, segment: 0, offset: 100 * entry }
    }

    fn list(size: u64) -> List {
        List { file: "segment-00000000".to_owned(), offset: 7, size }
    }

    fn leaf(entry: u64) -> Hash {
        leaf_hash(&[entry as u8])
    }

    fn head(leaves: impl IntoIterator<Item = Hash>) -> TreeHead {
        let mut tree = Frontier::new();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        TreeHead { size: tree.size(), root: tree.root() }
    }

    /// Entries 0 to 4 of which 1 and 3 were changed; hashes are written beside 0, 1 and 3, 4.
    fn changed() -> Stretch {
        let mut stretch = Stretch::new(Frontier::new());
        for entry in 0..5 {
            let changed = [1, 3].contains(&entry);
            stretch.push(at(entry), leaf(if changed { 100 } else { entry }));
            if entry == 1 {
                assert!(stretch.write(&[leaf(0).0, leaf(1).0], list(2)));
            }
        }
        assert!(stretch.write(&[leaf(3).0, leaf(4).0], list(5)));
        stretch
    }

    #[test]
    fn log_03_the_written_hashes_make_the_tree_that_was_signed_and_name_what_changed() {
        let mut stretch = changed();
        assert_eq!(stretch.written_head(), Some(head((0..5).map(leaf))));
        assert_eq!(stretch.changed().map(|place| place.entry).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(stretch.contradicted(), Some(&list(2)));
        // It goes on from there.
        stretch.push(at(5), leaf(5));
        assert_eq!(stretch.written_head(), Some(head((0..6).map(leaf))));
        assert_eq!(stretch.first(), Some(at(0)));
        stretch.vouch();
        assert_eq!(stretch.first(), None);
        stretch.push(at(6), leaf(6));
        assert_eq!(stretch.first(), Some(at(6)));
    }

    #[test]
    fn hashes_are_written_once_for_entries_that_nothing_has_judged_yet() {
        let mut stretch = changed();
        assert!(!stretch.write(&[leaf(4).0], list(5)), "a second time");
        stretch.push(at(5), leaf(5));
        assert!(!stretch.write(&[leaf(4).0, leaf(5).0], list(6)), "overlapping");
        assert!(!stretch.write(&[[0; 32]; 9], list(6)), "more than there are");
        assert!(stretch.written_head().is_some());
        assert!(!stretch.write(&[leaf(5).0], list(6)), "judged");
        stretch.push(at(6), leaf(6));
        stretch.vouch();
        assert!(!stretch.write(&[leaf(6).0], list(7)), "vouched for");
        stretch.push(at(7), leaf(7));
        assert!(stretch.write(&[leaf(7).0], list(8)));
    }

    #[test]
    fn without_a_difference_there_is_nothing_to_tell() {
        let mut stretch = changed();
        let mut tree = Frontier::new();
        (0..5).for_each(|entry| tree.push(leaf(entry)));
        stretch.restart(&tree);
        assert_eq!((stretch.written_head(), stretch.contradicted()), (None, None));
        assert_eq!((stretch.first(), stretch.changed().count()), (None, 0));
        stretch.push(at(5), leaf(5));
        assert!(stretch.write(&[leaf(5).0], list(6)));
        assert_eq!((stretch.written_head(), stretch.contradicted()), (None, None));
        stretch.push(at(6), leaf(60));
        assert!(stretch.write(&[leaf(6).0], list(7)));
        assert_eq!(stretch.written_head(), Some(head((0..7).map(leaf))));
        assert_eq!(stretch.contradicted(), Some(&list(7)));
    }
}
