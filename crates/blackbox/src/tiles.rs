//! The verifier of a C2SP `tlog-tiles` folder: our own export, or the log of anybody else.
//!
//! Three things must agree: the entries, the tiles of hashes, and the root that was signed. When two of them do,
//! the third is the damaged one, so that a changed entry is found exactly.

use std::io;
use std::path::Path;

use crate::checkpoint::{Checkpoint, TreeHead};
use crate::entry::{ENTRY_LIMIT, Entry, Kind, Loss, Opened};
use crate::fault::FaultKind;
use crate::folder::{Content, read_bounded};
use crate::hash::{Hash, leaf_hash};
use crate::known::{Known, refused_checkpoint};
use crate::note::{Note, NoteError, Strict, VerifierKey};
use crate::proof::TileReader;
use crate::state::LogState;
use crate::tile::{Bundle, TILE_WIDTH, TileKind, TilePath, row};
use crate::tree::Tree;
use crate::verdict::{Finding, KeySource, Layout, Options, Position, Record, Verdict, Visit};

const CHECKPOINT: &str = "checkpoint";

/// Verifies a `tlog-tiles` folder and shows every good entry to `visit`.
///
/// # Errors
/// A file cannot be read, other than because it is not there.
pub fn verify_tiles(folder: &Path, options: &Options, visit: Visit<'_>) -> io::Result<Verdict> {
    let mut verdict = Verdict::new(Layout::Tiles);
    let place = || Place { entry: 0, file: CHECKPOINT.into(), offset: 0 };
    let (kind, detail) = match read_bounded(&folder.join(CHECKPOINT), CHECKPOINT_LIMIT)? {
        Content::Bytes(bytes) => return verify_with(folder, options, visit, verdict, &bytes),
        Content::Missing => (FaultKind::CheckpointMissing, "the file is not there"),
        Content::NotAFile => (FaultKind::NotAFile, "it was not opened"),
        Content::TooLong => (FaultKind::CheckpointDamaged, "longer than any checkpoint"),
    };
    report(&mut verdict, kind, place(), detail);
    Ok(verdict)
}

fn verify_with(
    folder: &Path,
    options: &Options,
    visit: Visit<'_>,
    mut verdict: Verdict,
    bytes: &[u8],
) -> io::Result<Verdict> {
    let parsed = Note::parse(bytes)
        .ok()
        .and_then(|note| Checkpoint::parse(note.text()).ok().map(|checkpoint| (note, checkpoint)));
    let Some((note, checkpoint)) = parsed else {
        let place = Place { entry: 0, file: CHECKPOINT.into(), offset: 0 };
        report(&mut verdict, FaultKind::CheckpointDamaged, place, "not a signed checkpoint");
        return Ok(verdict);
    };
    verdict.origin = checkpoint.origin.to_owned();
    verdict.key = options.key;
    if options.key.is_some() {
        verdict.key_source = KeySource::Given;
    }
    let mut walk = Walk { folder, head: checkpoint.head, verdict, state: None, doubt: None };
    let tree = walk.entries(visit)?;
    walk.signature(&note);
    walk.known(options, &tree);
    let mut verdict = walk.verdict;
    let good = verdict.fault.as_ref().map_or(checkpoint.head.size, |fault| fault.entry);
    verdict.entries = good;
    if verdict.fault.is_none() {
        verdict.signed = good;
        verdict.head = Some(checkpoint.head);
        verdict.checkpoint = Some(String::from_utf8_lossy(bytes).into_owned());
    }
    if let Some(state) = walk.state {
        verdict.epoch = state.epoch;
        verdict.closed = state.closed && verdict.fault.is_none();
    }
    Ok(verdict)
}

struct Place {
    entry: u64,
    file: String,
    offset: u64,
}

fn report(verdict: &mut Verdict, kind: FaultKind, place: Place, detail: &str) {
    let Place { entry, file, offset } = place;
    let detail = detail.to_owned();
    let finding = Finding { kind, entry, through: entry, file, offset, detail };
    verdict.fault.get_or_insert(finding);
}

/// The longest checkpoint: 64 signature lines of the longest kind have room.
const CHECKPOINT_LIMIT: u64 = 1 << 19;

/// The most bytes that a tile of this kind and width has.
fn most_bytes(tile: &TilePath) -> u64 {
    let each = match tile.kind {
        TileKind::Hashes(_) => Hash::LENGTH,
        TileKind::Entries => 2 + ENTRY_LIMIT,
    };
    u64::from(tile.width) * each as u64
}

struct Walk<'a> {
    folder: &'a Path,
    head: TreeHead,
    verdict: Verdict,
    /// Of a log of our own kind.
    state: Option<LogState>,
    /// The first place where entries and tiles disagree.
    doubt: Option<Place>,
}

impl Walk<'_> {
    /// The bytes of a tile, and its width; a full tile stands in for a partial one, as the specification allows.
    fn tile(&self, tile: &TilePath) -> io::Result<Result<(Vec<u8>, u16), FaultKind>> {
        for tile in [*tile, TilePath { width: 256, ..*tile }] {
            let path = self.folder.join(tile.to_string());
            return Ok(match read_bounded(&path, most_bytes(&tile))? {
                Content::Bytes(bytes) => Ok((bytes, tile.width)),
                Content::Missing => continue,
                Content::NotAFile => Err(FaultKind::NotAFile),
                Content::TooLong => Err(FaultKind::TileDamaged),
            });
        }
        Ok(Err(FaultKind::TileMissing))
    }

    fn hashes(&self, tile: &TilePath) -> io::Result<Result<Vec<Hash>, FaultKind>> {
        let (bytes, stored) = match self.tile(tile)? {
            Ok(tile) => tile,
            Err(kind) => return Ok(Err(kind)),
        };
        let width = usize::from(tile.width);
        let (hashes, rest) = bytes.as_chunks::<{ Hash::LENGTH }>();
        let whole = rest.is_empty() && hashes.len() == usize::from(stored);
        let hashes = hashes.iter().take(width).map(|bytes| Hash(*bytes));
        Ok(if whole { Ok(hashes.collect()) } else { Err(FaultKind::TileDamaged) })
    }

    /// Reads entries and leaf hashes side by side.
    fn entries(&mut self, visit: Visit<'_>) -> io::Result<Tree> {
        let mut of_entries = Tree::new();
        let mut of_tiles = Tree::new();
        let hash_row = row(TileKind::Hashes(0), self.head.size);
        for (tile, bundle) in hash_row.zip(row(TileKind::Entries, self.head.size)) {
            let first = tile.index * TILE_WIDTH;
            let hashes = match self.hashes(&tile)? {
                Ok(hashes) => hashes,
                Err(kind) => {
                    let place = Place { entry: first, file: tile.to_string(), offset: 0 };
                    report(&mut self.verdict, kind, place, "a tile of leaf hashes");
                    return Ok(of_entries);
                }
            };
            hashes.iter().for_each(|hash| of_tiles.push(*hash));
            let (bytes, stored) = match self.tile(&bundle)? {
                Ok(bundle) => bundle,
                Err(kind) => {
                    let place = Place { entry: first, file: bundle.to_string(), offset: 0 };
                    report(&mut self.verdict, kind, place, "an entry bundle");
                    return Ok(of_entries);
                }
            };
            let exact = stored == bundle.width;
            if !self.bundle(&bundle, (&bytes, exact), &hashes, &mut of_entries, visit) {
                return Ok(of_entries);
            }
        }
        self.compare(&of_entries, &of_tiles);
        Ok(of_entries)
    }

    fn bundle(
        &mut self,
        tile: &TilePath,
        (bytes, exact): (&[u8], bool),
        hashes: &[Hash],
        of_entries: &mut Tree,
        visit: Visit<'_>,
    ) -> bool {
        let mut offset = 0_u64;
        let mut entries = Bundle::new(bytes);
        for (index, hash) in (tile.index * TILE_WIDTH..).zip(hashes) {
            let place = || Place { entry: index, file: tile.to_string(), offset };
            let Some(Ok(entry)) = entries.next() else {
                let detail = "the bundle ends before its last entry";
                report(&mut self.verdict, FaultKind::TileDamaged, place(), detail);
                return false;
            };
            let leaf = leaf_hash(entry);
            of_entries.push(leaf);
            if leaf != *hash && self.doubt.is_none() {
                self.doubt = Some(place());
            }
            let position = Position { entry: index, segment: tile.index as u32, offset };
            if self.doubt.is_none() && !self.accept(entry, position, tile, visit) {
                return false;
            }
            offset += 2 + entry.len() as u64;
        }
        if exact && entries.next().is_some() {
            let entry = tile.index * TILE_WIDTH + u64::from(tile.width);
            let place = Place { entry, file: tile.to_string(), offset };
            report(&mut self.verdict, FaultKind::ForeignBytes, place, "more than the tree has");
            return false;
        }
        true
    }

    /// In a log of our own kind an entry must also make sense.
    fn accept(
        &mut self,
        bytes: &[u8],
        position: Position,
        tile: &TilePath,
        visit: Visit<'_>,
    ) -> bool {
        if position.entry == 0 {
            self.recognise(bytes);
        }
        let Some(state) = self.state.as_mut() else {
            self.verdict.readable = position.entry + 1;
            visit(&Record { position, bytes, entry: Entry::decode(bytes).ok() });
            return true;
        };
        match state.accept(bytes, &mut Strict) {
            Ok(entry) => {
                match entry.header.kind {
                    Kind::OPEN => self.verdict.openings += 1,
                    Kind::EPOCH => self.verdict.signatures += 1,
                    Kind::LOSS => {
                        let loss = Loss::decode(entry.body.bytes()).map_or(0, |loss| loss.records);
                        self.verdict.lost_records = self.verdict.lost_records.saturating_add(loss);
                    }
                    _ => {}
                }
                self.verdict.readable = position.entry + 1;
                visit(&Record { position, bytes, entry: Some(entry) });
                true
            }
            Err(kind) => {
                let Position { entry, offset, .. } = position;
                let place = Place { entry, file: tile.to_string(), offset };
                report(&mut self.verdict, kind, place, "the entry cannot stand here");
                false
            }
        }
    }

    /// A log whose first entry opens it under the checkpoint's origin is of our own kind.
    fn recognise(&mut self, bytes: &[u8]) {
        let Ok(entry) = Entry::decode(bytes) else { return };
        let opened = Some(entry.header.kind).filter(|kind| *kind == Kind::OPEN);
        let opened = opened.and_then(|_| Opened::decode(entry.body.bytes()).ok());
        let Some(opened) = opened.filter(|opened| opened.origin == self.verdict.origin) else {
            return;
        };
        let Ok(name) = crate::note::Name::new(opened.origin) else { return };
        let root = VerifierKey { name, key: opened.root_key };
        if self.verdict.key.is_none_or(|given| given == root) {
            self.verdict.key = Some(root);
            self.state = Some(LogState::new(&root));
        }
    }

    /// Entries, tiles and signed root: which one stands alone?
    fn compare(&mut self, of_entries: &Tree, of_tiles: &Tree) {
        let size = self.head.size;
        let entries_right = of_entries.root(size) == Some(self.head.root);
        let tiles_right = of_tiles.root(size) == Some(self.head.root);
        match (self.doubt.take(), entries_right, tiles_right) {
            (None, true, _) => {}
            (Some(place), false, true) => {
                let detail = "the entry does not have the hash that was signed";
                report(&mut self.verdict, FaultKind::RecordDamaged, place, detail);
            }
            (Some(mut place), true, _) => {
                place.file = leaf_tile(place.entry, size);
                place.offset = place.entry % TILE_WIDTH * Hash::LENGTH as u64;
                let detail = "the entry is right, its hash in the tile is not";
                report(&mut self.verdict, FaultKind::TileDamaged, place, detail);
            }
            (doubt, false, false) | (doubt @ None, false, true) => {
                let start = Place { entry: 0, file: CHECKPOINT.into(), offset: 0 };
                let detail = "neither entries nor tiles have the root that was signed";
                report(&mut self.verdict, FaultKind::RootMismatch, doubt.unwrap_or(start), detail);
                if let Some(fault) = &mut self.verdict.fault {
                    fault.through = size.saturating_sub(1);
                }
            }
        }
        if self.verdict.fault.is_none() {
            self.check_upper(of_tiles);
        }
    }

    fn check_upper(&mut self, tree: &Tree) {
        let rows = (1..8).flat_map(|level| {
            row(TileKind::Hashes(level), self.head.size).map(move |tile| (level, tile))
        });
        let rows: Vec<(u8, TilePath)> = rows.collect();
        for (level, tile) in rows {
            let mut reader = tree;
            let first = tile.index * TILE_WIDTH;
            let (kind, at) = match self.hashes(&tile).unwrap_or(Err(FaultKind::TileMissing)) {
                Err(kind) => (kind, 0),
                Ok(hashes) => {
                    let wrong = hashes
                        .iter()
                        .zip(first..)
                        .position(|(hash, index)| reader.tile_hash(level, index) != Some(*hash));
                    let Some(at) = wrong else { continue };
                    (FaultKind::TileDamaged, at)
                }
            };
            let offset = (at * Hash::LENGTH) as u64;
            let place = Place { entry: self.head.size, file: tile.to_string(), offset };
            report(&mut self.verdict, kind, place, "a tile of inner hashes");
        }
    }

    /// The checkpoint must be signed: by the epoch's key in our own logs, else by the key given.
    fn signature(&mut self, note: &Note<'_>) {
        let place = || Place { entry: 0, file: CHECKPOINT.into(), offset: 0 };
        let key = self.state.as_ref().map(LogState::verifier).or(self.verdict.key);
        let Some(key) = key else {
            let detail = "give the log's verifier key: name+hash+base64";
            report(&mut self.verdict, FaultKind::KeyUnknown, place(), detail);
            return;
        };
        match note.verify(&[key], &mut Strict) {
            Ok(count) => self.verdict.signatures += count as u64,
            Err(NoteError::NoKnownKey) => {
                let detail = format!("no signature is by {key}");
                report(&mut self.verdict, FaultKind::BadSignature, place(), &detail);
            }
            Err(error) => {
                report(&mut self.verdict, FaultKind::BadSignature, place(), &error.to_string());
            }
        }
    }

    /// Holds the log against what the caller knows from elsewhere.
    fn known(&mut self, options: &Options, tree: &Tree) {
        let size = self.head.size;
        let checkpoint = || Place { entry: 0, file: CHECKPOINT.into(), offset: 0 };
        let last = self.state.as_ref().map(LogState::verifier);
        let keys: Vec<VerifierKey> = self.verdict.key.into_iter().chain(last).collect();
        if let Some(detail) = refused_checkpoint(options, &self.verdict.origin, &keys) {
            report(&mut self.verdict, FaultKind::NotAsKnown, checkpoint(), &detail);
        }
        let mut known = Known::new(options);
        let sizes: Vec<u64> = known.sizes().collect();
        for size in sizes {
            if let Some(root) = tree.root(size) {
                known.found(TreeHead { size, root });
            }
        }
        let Some((kind, (entry, through), detail)) = known.contradiction(0, size) else { return };
        if self.verdict.fault.is_some() {
            return;
        }
        // Where the entries begin that contradict, or what says that there are no more.
        let bundle = row(TileKind::Entries, size).nth(tile_number(entry)).filter(|_| entry < size);
        let file = bundle.map_or_else(|| CHECKPOINT.to_owned(), |bundle| bundle.to_string());
        report(&mut self.verdict, kind, Place { entry, file, offset: 0 }, &detail);
        if let Some(fault) = &mut self.verdict.fault {
            fault.through = through;
        }
    }
}

fn tile_number(index: u64) -> usize {
    usize::try_from(index / TILE_WIDTH).unwrap_or(usize::MAX)
}

fn leaf_tile(index: u64, size: u64) -> String {
    let tile = row(TileKind::Hashes(0), size).nth(tile_number(index));
    tile.map_or_else(String::new, |tile| tile.to_string())
}
