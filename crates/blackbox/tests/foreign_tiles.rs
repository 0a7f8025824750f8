//! A `tlog-tiles` folder of somebody else, whose entries mean nothing to us (LOG-14).

use std::fs;
use std::path::{Path, PathBuf};

use homeostat_blackbox::checkpoint::{TreeHead, sign};
use homeostat_blackbox::fault::FaultKind;
use homeostat_blackbox::hash::leaf_hash;
use homeostat_blackbox::note::NoteSigner;
use homeostat_blackbox::proof::TileReader;
use homeostat_blackbox::tile::{TileKind, TilePath, row};
use homeostat_blackbox::tree::Tree;
use homeostat_blackbox::verdict::{Layout, Options, Verdict};
use homeostat_blackbox::{Name, verify_folder};

const SIZE: u64 = 700;

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn entry(index: u64) -> Vec<u8> {
    format!("line {index} of a log that is not ours").into_bytes()
}

fn put(folder: &Path, tile: &TilePath, bytes: &[u8]) {
    let path = folder.join(tile.to_string());
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, bytes).expect("written");
}

fn signer() -> NoteSigner {
    NoteSigner::new(Name::new("rome.example.com/log").expect("a name"), &[3; 32])
}

/// Writes the log as its specification says, with a witness's line that we do not know.
fn make(name: &str) -> (Folder, Tree) {
    let path = std::env::temp_dir().join(format!("blackbox-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    let folder = Folder(path);
    let mut tree = Tree::new();
    (0..SIZE).for_each(|index| tree.push(leaf_hash(&entry(index))));
    for tile in row(TileKind::Entries, SIZE) {
        let first = tile.index * 256;
        let entries = (first..first + u64::from(tile.width)).map(entry);
        let bytes: Vec<u8> = entries
            .flat_map(|entry| [&(entry.len() as u16).to_be_bytes()[..], &entry].concat())
            .collect();
        put(&folder.0, &tile, &bytes);
    }
    for level in 0..2 {
        for tile in row(TileKind::Hashes(level), SIZE) {
            let first = tile.index * 256;
            let mut reader = &tree;
            let hashes = (first..first + u64::from(tile.width))
                .flat_map(|index| reader.tile_hash(level, index).expect("a hash").0)
                .collect::<Vec<u8>>();
            put(&folder.0, &tile, &hashes);
        }
    }
    let head = TreeHead { size: SIZE, root: tree.root(SIZE).expect("a root") };
    let note = sign(&signer(), head).expect("signed");
    let witness = "\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeol\
        MI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    fs::write(folder.0.join("checkpoint"), format!("{note}{witness}")).expect("written");
    (folder, tree)
}

fn verify(folder: &Folder) -> Verdict {
    let key = signer().verifier().to_string().parse().expect("a key");
    let options = Options { key: Some(key), ..Options::default() };
    verify_folder(&folder.0, &options).expect("readable")
}

#[test]
fn log_14_a_foreign_log_verifies_with_its_key_alone() {
    let (folder, tree) = make("foreign");
    let verdict = verify(&folder);
    assert_eq!(verdict.fault, None);
    assert_eq!((verdict.layout, verdict.signed, verdict.signatures), (Layout::Tiles, SIZE, 1));
    assert_eq!(verdict.origin, "rome.example.com/log");
    assert_eq!(verdict.head.expect("a head").root, tree.root(SIZE).expect("a root"));
    let keyless = verify_folder(&folder.0, &Options::default()).expect("readable");
    assert_eq!(keyless.fault.expect("a fault").kind, FaultKind::KeyUnknown);
    // A checkpoint of the same log seen earlier, and one that contradicts it.
    let seen = TreeHead { size: 300, root: tree.root(300).expect("a root") };
    let other = TreeHead { size: 300, root: tree.root(299).expect("a root") };
    let later = TreeHead { size: SIZE + 1, root: seen.root };
    for (head, want) in
        [(seen, None), (other, Some(FaultKind::Forked)), (later, Some(FaultKind::NotAsKnown))]
    {
        let known = sign(&signer(), head).expect("signed").to_string();
        let key = Some(*signer().verifier());
        let options = Options { key, known_checkpoints: vec![known], ..Options::default() };
        let verdict = verify_folder(&folder.0, &options).expect("readable");
        assert_eq!(verdict.fault.map(|fault| fault.kind), want);
    }
}

#[test]
fn log_14_a_full_tile_stands_in_for_a_partial_one() {
    let (folder, _) = make("foreign-full");
    // The log has grown since, and dropped the partial tiles; the checkpoint is an older one.
    for (kind, filler) in [(TileKind::Hashes(0), vec![7; 32]), (TileKind::Entries, vec![0, 1, 9])] {
        let partial = row(kind, SIZE).last().expect("a tile");
        let mut bytes = fs::read(folder.0.join(partial.to_string())).expect("read");
        (partial.width..256).for_each(|_| bytes.extend_from_slice(&filler));
        fs::remove_file(folder.0.join(partial.to_string())).expect("removed");
        put(&folder.0, &TilePath { width: 256, ..partial }, &bytes);
    }
    assert_eq!(verify(&folder).fault.map(|fault| fault.kind), None);
}

#[test]
fn log_14_each_kind_of_damage_is_named_with_its_file_and_entry() {
    let (folder, _) = make("foreign-damage");
    let change = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let path = folder.0.join(name);
        let good = fs::read(&path).expect("read");
        let mut bad = good.clone();
        change(&mut bad);
        fs::write(&path, bad).expect("written");
        let fault = verify(&folder).fault.expect("a fault");
        fs::write(&path, good).expect("written");
        (fault.kind, fault.entry, fault.file, fault.offset)
    };
    let length = entry(256).len() as u64 + 2;
    let bundle = "tile/entries/001".to_owned();
    let found = change(&bundle, &|bytes| bytes[length as usize * 3 + 5] ^= 1);
    assert_eq!(found, (FaultKind::RecordDamaged, 259, bundle.clone(), 3 * length));
    let found = change(&bundle, &|bytes| bytes.truncate(length as usize * 3 + 5));
    assert_eq!(found, (FaultKind::TileDamaged, 259, bundle.clone(), 3 * length));
    let found = change(&bundle, &|bytes| bytes.extend_from_slice(&[0, 0]));
    assert_eq!((found.0, found.1), (FaultKind::ForeignBytes, 512));
    let found = change("tile/entries/002.p/188", &|bytes| bytes.extend_from_slice(&[0, 0]));
    assert_eq!((found.0, found.1), (FaultKind::ForeignBytes, SIZE));
    let found = change("tile/0/002.p/188", &|bytes| bytes.extend_from_slice(&[0; 32]));
    assert_eq!((found.0, found.1), (FaultKind::TileDamaged, 512));
    let tile = "tile/0/001".to_owned();
    let found = change(&tile, &|bytes| bytes[32 * 3 + 5] ^= 1);
    assert_eq!(found, (FaultKind::TileDamaged, 259, tile.clone(), 96));
    let found = change(&tile, &|bytes| bytes.truncate(8191));
    assert_eq!(found, (FaultKind::TileDamaged, 256, tile.clone(), 0));
    let found = change(&tile, &|bytes| bytes.truncate(8192 - 32));
    assert_eq!(found, (FaultKind::TileDamaged, 256, tile, 0));
    let upper = "tile/1/000.p/2".to_owned();
    let found = change(&upper, &|bytes| bytes[40] ^= 1);
    assert_eq!(found, (FaultKind::TileDamaged, SIZE, upper, 32));
    let found = change("checkpoint", &|bytes| bytes.truncate(30));
    assert_eq!(found.0, FaultKind::CheckpointDamaged);
    let signature = fs::read(folder.0.join("checkpoint")).expect("read").len() - 200;
    let found = change("checkpoint", &|bytes| {
        let at = bytes.windows(3).position(|w| w == "\u{2014}".as_bytes()).expect("a line");
        assert!(at < signature);
        bytes[at + 60] = if bytes[at + 60] == b'A' { b'B' } else { b'A' };
    });
    assert_eq!(found.0, FaultKind::BadSignature);
}
