//! The file layout of C2SP `tlog-tiles`: rows of 256 hashes, bundles of 256 entries, and their paths.

use core::fmt::{self, Write};

use thiserror::Error;

/// Hashes in a full tile and entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// What a tile holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TileKind {
    /// Hashes of one level: 0 for leaf hashes, then the roots of 256 times as many entries a level.
    Hashes(u8),
    /// The entries themselves, each after its length.
    Entries,
}

/// The name of one tile: what it holds, which one of its row, and how full it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TilePath {
    /// What it holds.
    pub kind: TileKind,
    /// Which tile of the row.
    pub index: u64,
    /// Hashes or entries in it: 1 to 256, where 256 is a full tile.
    pub width: u16,
}

/// Why a text is not the path of a tile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("not the path of a tile: expected tile/<level or entries>/<index>[.p/<width>]")]
pub struct TilePathError;

impl fmt::Display for TilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(formatter, "tile/{level}/")?,
            TileKind::Entries => formatter.write_str("tile/entries/")?,
        }
        // 64 bits are at most seven groups of three digits.
        for power in (1..7).rev() {
            let above = self.index / 1000_u64.pow(power);
            if above > 0 {
                write!(formatter, "x{:03}/", above % 1000)?;
            }
        }
        write!(formatter, "{:03}", self.index % 1000)?;
        if u64::from(self.width) < TILE_WIDTH {
            write!(formatter, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl core::str::FromStr for TilePath {
    type Err = TilePathError;

    /// Reads a path, in the one spelling that the specification allows.
    fn from_str(text: &str) -> Result<Self, TilePathError> {
        let rest = text.strip_prefix("tile/").ok_or(TilePathError)?;
        let (row, rest) = rest.split_once('/').ok_or(TilePathError)?;
        let kind = match row {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes(small_number(level, 63)? as u8),
        };
        let (index_text, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, small_number(width, 255)?),
            None => (rest, 256),
        };
        if width == 0 {
            return Err(TilePathError);
        }
        let path = Self { kind, index: tile_index(index_text)?, width };
        // Whatever does not print as it was read had a second spelling.
        let mut same = SameText(text);
        write!(same, "{path}").map_err(|_| TilePathError)?;
        if same.0.is_empty() { Ok(path) } else { Err(TilePathError) }
    }
}

fn tile_index(text: &str) -> Result<u64, TilePathError> {
    let mut index = 0_u64;
    for group in text.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        let number = digits.parse::<u64>().map_err(|_| TilePathError)?;
        index = index.checked_mul(1000).and_then(|i| i.checked_add(number)).ok_or(TilePathError)?;
    }
    Ok(index)
}

fn small_number(text: &str, most: u16) -> Result<u16, TilePathError> {
    let number = text.parse::<u16>().map_err(|_| TilePathError)?;
    if number > most { Err(TilePathError) } else { Ok(number) }
}

/// Compares what is written with a text, piece by piece.
struct SameText<'a>(&'a str);

impl Write for SameText<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(piece).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// The paths of all tiles of one row of a tree with `size` entries; none for a row that does not exist.
pub fn row(kind: TileKind, size: u64) -> impl Iterator<Item = TilePath> {
    let level = match kind {
        TileKind::Hashes(level) => level,
        TileKind::Entries => 0,
    };
    let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    let full = (0..hashes / TILE_WIDTH).map(move |index| TilePath { kind, index, width: 256 });
    let rest = (hashes % TILE_WIDTH) as u16;
    let partial = TilePath { kind, index: hashes / TILE_WIDTH, width: rest };
    full.chain((rest > 0).then_some(partial))
}

/// The entries of a bundle, in order. After an error there is nothing more.
#[derive(Clone, Debug)]
pub struct Bundle<'a>(&'a [u8]);

/// A bundle ends in the middle of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the entry bundle ends in the middle of an entry")]
pub struct BundleError;

impl<'a> Bundle<'a> {
    /// Reads the bytes of `tile/entries/...`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl<'a> Iterator for Bundle<'a> {
    type Item = Result<&'a [u8], BundleError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let bytes = core::mem::take(&mut self.0);
        let entry = bytes.split_first_chunk::<2>().and_then(|(length, rest)| {
            rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        });
        let Some((entry, rest)) = entry else { return Some(Err(BundleError)) };
        self.0 = rest;
        Some(Ok(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(kind: TileKind, index: u64, width: u16) -> TilePath {
        TilePath { kind, index, width }
    }

    #[test]
    fn paths_are_spelled_as_the_specification_says() {
        use TileKind::{Entries, Hashes};
        for (tile, text) in [
            (path(Hashes(0), 1_234_067, 256), "tile/0/x001/x234/067"),
            (path(Hashes(1), 0, 17), "tile/1/000.p/17"),
            (path(Hashes(63), 999, 256), "tile/63/999"),
            (path(Hashes(2), 1000, 1), "tile/2/x001/000.p/1"),
            (path(Entries, 273, 112), "tile/entries/273.p/112"),
            (path(Entries, 1_000_000, 255), "tile/entries/x001/x000/000.p/255"),
            (path(Entries, u64::MAX, 256), "tile/entries/x018/x446/x744/x073/x709/x551/615"),
        ] {
            assert_eq!(tile.to_string(), text);
            assert_eq!(text.parse(), Ok(tile));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000/001",
            "tile/0/001/x234/067",
            "tile/0/x001/x234/x067",
            "tile/0/x001/234/067",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000.p/1/",
            "tile/0/000/",
            "tile/0/+01",
            "tile/0/x+01/000",
            "tile/entries/x018/x446/x744/x073/x709/x551/616",
            "tile/data/000",
            "Tile/0/000",
            " tile/0/000",
        ] {
            assert_eq!(text.parse::<TilePath>(), Err(TilePathError), "{text}");
        }
    }

    /// The example of the specification: a tree of 70,000 entries.
    #[test]
    fn rows_of_a_tree_equal_the_specifications_example() {
        let count = |kind| row(kind, 70_000).count();
        let last = |kind, size| row(kind, size).last().map(|tile| (tile.index, tile.width));
        assert_eq!(count(TileKind::Hashes(0)), 274);
        assert_eq!(last(TileKind::Hashes(0), 70_000), Some((273, 112)));
        assert_eq!(count(TileKind::Hashes(1)), 2);
        assert_eq!(last(TileKind::Hashes(1), 70_000), Some((1, 17)));
        assert_eq!(last(TileKind::Hashes(2), 70_000), Some((0, 1)));
        assert_eq!(last(TileKind::Hashes(3), 70_000), None);
        assert_eq!(last(TileKind::Hashes(63), 70_000), None);
        assert_eq!(last(TileKind::Entries, 70_000), Some((273, 112)));
        assert_eq!(last(TileKind::Hashes(0), 256), Some((0, 256)));
        assert_eq!(last(TileKind::Hashes(1), 256), Some((0, 1)));
        assert_eq!(row(TileKind::Entries, 0).count(), 0);
    }

    #[test]
    fn bundles_give_their_entries_and_stop_at_a_cut() {
        let bytes = [0, 2, b'a', b'b', 0, 0, 0, 1, b'c'];
        let entries: Vec<_> = Bundle::new(&bytes).collect();
        assert_eq!(entries, [Ok(&b"ab"[..]), Ok(&b""[..]), Ok(&b"c"[..])]);
        for (cut, whole) in [(1, 0), (3, 0), (5, 1), (8, 2)] {
            let entries: Vec<_> = Bundle::new(&bytes[..cut]).collect();
            assert_eq!(entries.len(), whole + 1, "cut at {cut}");
            assert_eq!(entries.last(), Some(&Err(BundleError)));
        }
        assert_eq!(Bundle::new(&[]).next(), None);
    }
}
