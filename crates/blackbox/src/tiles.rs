//! The verifier of a C2SP `tlog-tiles` folder: our own export, or the log of anybody else.
//!
//! Three things must agree: the entries, the tiles of hashes, and the root that was signed. When two of them do,
//! the third is the damaged one, so that a changed entry is found exactly.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::checkpoint::{Checkpoint, TreeHead};
use crate::entry::{Entry, Kind, Loss, Opened};
use crate::fault::FaultKind;
use crate::hash::{Hash, leaf_hash};
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
    let Some(bytes) = read(folder, CHECKPOINT)? else {
        let place = Place { entry: 0, file: CHECKPOINT.into(), offset: 0 };
        report(&mut verdict, FaultKind::CheckpointMissing, place, "the file is not there");
        return Ok(verdict);
    };
    let parsed = Note::parse(&bytes)
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
        verdict.checkpoint = Some(String::from_utf8_lossy(&bytes).into_owned());
    }
    if let Some(state) = walk.state {
        verdict.epoch = state.epoch;
        verdict.closed = state.closed;
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

fn read(folder: &Path, name: &str) -> io::Result<Option<Vec<u8>>> {
    match fs::read(folder.join(name)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
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
    fn tile(&self, tile: &TilePath) -> io::Result<Option<(Vec<u8>, u16)>> {
        if let Some(bytes) = read(self.folder, &tile.to_string())? {
            return Ok(Some((bytes, tile.width)));
        }
        let full = TilePath { width: 256, ..*tile };
        Ok(read(self.folder, &full.to_string())?.map(|bytes| (bytes, full.width)))
    }

    fn hashes(&self, tile: &TilePath) -> io::Result<Result<Vec<Hash>, FaultKind>> {
        let Some((bytes, stored)) = self.tile(tile)? else {
            return Ok(Err(FaultKind::TileMissing));
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
            let Some((bytes, stored)) = self.tile(&bundle)? else {
                let place = Place { entry: first, file: bundle.to_string(), offset: 0 };
                report(&mut self.verdict, FaultKind::TileMissing, place, "an entry bundle");
                return Ok(of_entries);
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
        let place = |entry| Place { entry, file: CHECKPOINT.into(), offset: 0 };
        if let Some(least) = options.at_least.filter(|least| *least > size) {
            let detail = format!("{size} entries are signed, at least {least} are known");
            report(&mut self.verdict, FaultKind::NotAsKnown, place(size), &detail);
        }
        let Some(known) = options.known_checkpoint.as_deref() else { return };
        let note = Note::parse(known.as_bytes()).ok();
        let known = note.and_then(|note| Checkpoint::parse(note.text()).ok());
        match known.filter(|known| known.origin == self.verdict.origin) {
            None => {
                let detail = "the known checkpoint is not one of this log";
                report(&mut self.verdict, FaultKind::NotAsKnown, place(0), detail);
            }
            Some(known) if known.head.size > size => {
                let detail = format!("the known checkpoint has {} entries", known.head.size);
                report(&mut self.verdict, FaultKind::NotAsKnown, place(size), &detail);
            }
            Some(known) if tree.root(known.head.size) != Some(known.head.root) => {
                let detail = "the known checkpoint has another root at its size";
                report(&mut self.verdict, FaultKind::Forked, place(0), detail);
            }
            Some(_) => {}
        }
    }
}

fn leaf_tile(index: u64, size: u64) -> String {
    let number = index / TILE_WIDTH;
    let tile = row(TileKind::Hashes(0), size).nth(usize::try_from(number).unwrap_or(usize::MAX));
    tile.map_or_else(String::new, |tile| tile.to_string())
}
