//! Every way to change a box behind the log's back is found, named and located (LOG-03, F-P04, F-P05).

use std::fs;
use std::path::{Path, PathBuf};

use homeostat_blackbox::crc::crc32c;
use homeostat_blackbox::disk::FileId;
use homeostat_blackbox::entry::{Body, Kind, Milliseconds};
use homeostat_blackbox::evidence::{EvidenceError, evidence, verify_evidence};
use homeostat_blackbox::export::export;
use homeostat_blackbox::fault::FaultKind;
use homeostat_blackbox::folder::Durability;
use homeostat_blackbox::frame::{FrameType, Step, step};
use homeostat_blackbox::hash::{Hash, leaf_hash};
use homeostat_blackbox::layout::{Geometry, SLOT_LENGTH, SegmentHeader, Slot};
use homeostat_blackbox::log::{Config, Stamp};
use homeostat_blackbox::note::{Name, VerifierKey};
use homeostat_blackbox::proof::{ProofError, verify_consistency, verify_inclusion};
use homeostat_blackbox::store::{self, FolderLog, Reader, StoreError, verify_folder};
use homeostat_blackbox::testing::{RememberedSignatures, SimulatedDisk};
use homeostat_blackbox::verdict::{Finding, KeySource, Options, Verdict, file_name};

use homeostat_blackbox::verify::verify_log_with;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("blackbox-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn config() -> Config<'static> {
    let origin = Name::new("homeostat.example/device/7f3a").unwrap();
    let mut config = Config::new(origin, "loop 0.1", Hash([3; 32]));
    config.geometry = Geometry { write_unit: 512, segment_bytes: 8192 };
    config.epoch_entries = 16;
    config
}

fn at(milliseconds: u64) -> Stamp {
    Stamp { elapsed: Milliseconds(milliseconds), wall: None }
}

fn write_records(log: &mut FolderLog, count: u64, flush_each: u64) {
    for number in 0..count {
        let body = vec![number as u8; 100 + number as usize % 150];
        log.append(Kind(16), 1, at(number), Body::Plain(&body)).unwrap();
        if number % flush_each == flush_each - 1 {
            log.flush().unwrap();
        }
    }
}

fn make(folder: &Path, count: u64, flush_each: u64) -> VerifierKey {
    let mut log = store::create(folder, Durability::Process, &config(), at(0), &[9; 32]).unwrap();
    write_records(&mut log, count, flush_each);
    let key = log.root_key();
    log.finish(at(count)).unwrap();
    key
}

fn verify(folder: &Path) -> Verdict {
    verify_folder(folder, &Options::default()).unwrap()
}

fn fault(folder: &Path) -> Finding {
    verify(folder).fault.expect("a fault")
}

fn segment(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("segment-{number:08}"))
}

/// Where each frame of a segment begins and ends, with its type and sequence.
fn frames(bytes: &[u8]) -> Vec<(usize, usize, FrameType, u64)> {
    let (header, mut at) = SegmentHeader::decode(bytes).unwrap();
    let unit = header.geometry.write_unit as usize;
    let mut found = Vec::new();
    loop {
        match step(&bytes[at..], at, unit) {
            Step::Frame(frame, length) => {
                found.push((at, at + length, frame.frame_type, frame.sequence));
                at += length;
            }
            Step::Filling(length) => at += length,
            _ => return found,
        }
    }
}

fn entries(bytes: &[u8]) -> Vec<(usize, usize, u64)> {
    let entries = frames(bytes).into_iter().filter(|frame| frame.2 == FrameType::Entry);
    entries.map(|(start, end, _, sequence)| (start, end, sequence)).collect()
}

/// Makes the frame's checksum fit again, as an attacker would.
fn fix_checksum(frame: &mut [u8]) {
    let payload = usize::from(u16::from_be_bytes([frame[0], frame[1]]));
    let checksum = crc32c(&[&frame[..12], &frame[16..16 + payload]]);
    frame[12..16].copy_from_slice(&checksum.to_be_bytes());
}

/// The folder's log in memory, where thousands of changes can be tried.
fn in_memory(folder: &Path) -> SimulatedDisk {
    let mut disk = SimulatedDisk::empty();
    let slots = [FileId::Checkpoint(0), FileId::Checkpoint(1)];
    for file in (0..100).map(FileId::Segment).chain(slots) {
        if let Ok(bytes) = fs::read(folder.join(file_name(file))) {
            disk.put(file, bytes);
        }
    }
    disk
}

#[test]
fn log_03_every_flipped_byte_of_a_closed_box_is_found_in_its_file() {
    let folder = Folder::new("flip");
    make(&folder.0, 50, 10);
    assert_eq!(verify(&folder.0).fault, None);
    let disk = in_memory(&folder.0);
    let mut check = RememberedSignatures::default();
    let mut tried = 0;
    for (file, good) in disk.files() {
        let name = file_name(*file);
        let places = if good.len() > SLOT_LENGTH { frames(good) } else { Vec::new() };
        for offset in 0..good.len() {
            let mut bad = disk.clone();
            bad.file_mut(*file).unwrap()[offset] ^= 1 << (offset % 8);
            let verdict =
                verify_log_with(&mut bad, &Options::default(), &mut check, &mut |_| {}).unwrap();
            let found = verdict.fault.unwrap_or_else(|| panic!("byte {offset} of {name}"));
            tried += 1;
            assert_eq!(found.file, name, "byte {offset} of {name}: {found}");
            // Within a frame, the place is that frame and its entry.
            let hit = places.iter().find(|(start, end, ..)| (*start..*end).contains(&offset));
            if let Some((start, _, _, sequence)) = hit {
                assert_eq!(found.offset, *start as u64, "byte {offset} of {name}: {found}");
                assert_eq!(found.entry, *sequence, "byte {offset} of {name}: {found}");
            }
        }
    }
    assert!(tried > 12_000, "{tried}");
}

#[test]
fn log_03_an_edited_record_with_a_fixed_checksum_is_found_within_its_batch() {
    let folder = Folder::new("edit");
    make(&folder.0, 24, 6);
    let path = segment(&folder.0, 0);
    let good = fs::read(&path).unwrap();
    for (start, end, sequence) in entries(&good) {
        let mut bad = good.clone();
        let last = end - 16;
        bad[last] ^= 0x20;
        fix_checksum(&mut bad[start..end]);
        fs::write(&path, &bad).unwrap();
        let found = fault(&folder.0);
        assert!(found.entry <= sequence && sequence <= found.through, "{sequence}: {found}");
        assert!(found.through - found.entry < 8, "{sequence}: {found}");
        let reader = Reader::open(&folder.0, &Options::default()).unwrap();
        assert_eq!(reader.len() as u64, found.entry);
        assert!(matches!(reader.require_good(), Err(StoreError::Damaged { .. })));
    }
}

#[test]
fn log_03_removed_moved_and_repeated_records_are_found_at_their_place() {
    let folder = Folder::new("move");
    make(&folder.0, 40, 100);
    let path = segment(&folder.0, 0);
    let good = fs::read(&path).unwrap();
    let list = entries(&good);
    let (a, b, c) = (list[4], list[5], list[6]);
    let rebuilt = |order: &[(usize, usize, u64)]| {
        let mut bytes = good[..a.0].to_vec();
        for (start, end, _) in order {
            bytes.extend_from_slice(&good[*start..*end]);
        }
        bytes.extend_from_slice(&good[c.1..]);
        bytes.resize(good.len(), 0);
        bytes
    };
    for (bytes, kind, entry, offset) in [
        (rebuilt(&[a, c]), FaultKind::EntryMissing, b.2, b.0),
        (rebuilt(&[a, c, b]), FaultKind::EntryReordered, b.2, b.0),
        (rebuilt(&[b, a, c]), FaultKind::EntryReordered, a.2, a.0),
        (rebuilt(&[a, a, b, c]), FaultKind::EntryRepeated, b.2, a.1),
    ] {
        fs::write(&path, &bytes).unwrap();
        let found = fault(&folder.0);
        assert_eq!(
            (found.kind, found.entry, found.offset),
            (kind, entry, offset as u64),
            "{found}"
        );
    }
}

#[test]
fn log_03_truncation_is_found_and_a_whole_rollback_by_outside_knowledge() {
    let folder = Folder::new("cut");
    let old = Folder::new("cut-old");
    let mut log =
        store::create(&folder.0, Durability::Process, &config(), at(0), &[9; 32]).unwrap();
    write_records(&mut log, 10, 5);
    let size = log.signed();
    fs::create_dir_all(&old.0).unwrap();
    for entry in fs::read_dir(&folder.0).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), old.0.join(entry.file_name())).unwrap();
    }
    write_records_from(&mut log, 10, 20);
    let newest = log.checkpoint().to_owned();
    let newest_size = log.signed();
    log.close(at(20)).unwrap();

    // Back to yesterday's image: whole in itself, so only someone who remembers can tell.
    let rolled_back = verify(&old.0);
    assert_eq!((rolled_back.fault, rolled_back.signed), (None, size));
    let told = Options { at_least: Some(newest_size), ..Options::default() };
    let found = verify_folder(&old.0, &told).unwrap().fault.unwrap();
    assert_eq!((found.kind, found.entry), (FaultKind::NotAsKnown, size));
    let told = Options { known_checkpoints: vec![newest.clone()], ..Options::default() };
    assert_eq!(verify_folder(&old.0, &told).unwrap().fault.unwrap().kind, FaultKind::NotAsKnown);
    assert_eq!(verify_folder(&folder.0, &told).unwrap().fault, None);

    // Cutting records off while a slot still speaks of them.
    let path = segment(&folder.0, 0);
    let good = fs::read(&path).unwrap();
    let list = entries(&good);
    for (start, _, sequence) in &list[3..] {
        let mut bytes = good.clone();
        bytes[*start..].fill(0);
        fs::write(&path, &bytes).unwrap();
        let found = fault(&folder.0);
        assert_eq!(found.entry, *sequence, "{found}");
        bytes.truncate(start.next_multiple_of(512));
        fs::write(&path, &bytes).unwrap();
        assert_eq!(fault(&folder.0).entry, *sequence);
    }
}

fn write_records_from(log: &mut FolderLog, from: u64, to: u64) {
    for number in from..to {
        log.append(Kind(16), 1, at(number), Body::Plain(&[7; 120])).unwrap();
    }
    log.flush().unwrap();
}

#[test]
fn log_03_a_fork_of_the_same_log_contradicts_the_checkpoint_seen_before() {
    let (one, two) = (Folder::new("fork-1"), Folder::new("fork-2"));
    let mut first = store::create(&one.0, Durability::Process, &config(), at(0), &[9; 32]).unwrap();
    let mut second =
        store::create(&two.0, Durability::Process, &config(), at(0), &[9; 32]).unwrap();
    assert_eq!(first.root_key(), second.root_key());
    write_records_from(&mut first, 0, 5);
    for number in 0..5 {
        second.append(Kind(16), 1, at(number), Body::Plain(&[8; 120])).unwrap();
    }
    second.flush().unwrap();
    let seen = first.checkpoint().to_owned();
    second.finish(at(9)).unwrap();
    let told = Options { known_checkpoints: vec![seen], ..Options::default() };
    let found = verify_folder(&two.0, &told).unwrap().fault.unwrap();
    assert_eq!(found.kind, FaultKind::Forked);

    // A slot of one put beside the other: both signatures are good, and they contradict each other.
    write_records_from(&mut first, 5, 8);
    for name in ["checkpoint-0", "checkpoint-1"] {
        let bytes = fs::read(one.0.join(name)).unwrap();
        if Slot::decode(&bytes).is_some_and(|slot| slot.size == 6) {
            fs::write(two.0.join(name), bytes).unwrap();
        }
    }
    assert!(matches!(fault(&two.0).kind, FaultKind::Forked | FaultKind::RootMismatch));
}

#[test]
fn log_03_swapped_missing_and_foreign_segments_are_found() {
    let folder = Folder::new("swap");
    let other = Folder::new("swap-other");
    make(&folder.0, 120, 10);
    let mut config = config();
    config.origin = Name::new("homeostat.example/device/other").unwrap();
    let mut log = store::create(&other.0, Durability::Process, &config, at(0), &[8; 32]).unwrap();
    write_records(&mut log, 120, 10);
    log.close(at(120)).unwrap();
    let read = |number| fs::read(segment(&folder.0, number)).unwrap();
    let (first, second) = (read(1), read(2));
    fs::write(segment(&folder.0, 1), &second).unwrap();
    fs::write(segment(&folder.0, 2), &first).unwrap();
    let found = fault(&folder.0);
    assert_eq!((found.kind, found.file.as_str()), (FaultKind::SegmentOrder, "segment-00000001"));
    fs::write(segment(&folder.0, 2), &second).unwrap();
    fs::remove_file(segment(&folder.0, 1)).unwrap();
    let found = fault(&folder.0);
    assert_eq!((found.kind, found.file.as_str()), (FaultKind::SegmentMissing, "segment-00000001"));
    fs::copy(segment(&other.0, 1), segment(&folder.0, 1)).unwrap();
    let found = fault(&folder.0);
    assert_eq!((found.kind, found.file.as_str()), (FaultKind::SegmentOrder, "segment-00000001"));
    fs::write(segment(&folder.0, 1), &first).unwrap();
    assert_eq!(verify(&folder.0).fault, None);

    // The beginning cut off: told apart from pruning only by what the caller allows.
    fs::remove_file(segment(&folder.0, 0)).unwrap();
    let found = fault(&folder.0);
    assert_eq!((found.kind, found.file.as_str()), (FaultKind::SegmentMissing, "segment-00000001"));
    let told = Options { allow_pruned: true, ..Options::default() };
    let pruned = verify_folder(&folder.0, &told).unwrap();
    assert_eq!(pruned.fault, None);
    assert!(pruned.first_entry > 0);
    let reader = Reader::open(&folder.0, &told).unwrap();
    assert_eq!(reader.records().next().unwrap().position.entry, pruned.first_entry);
    let at_hand = reader.record(pruned.first_entry).unwrap();
    assert_eq!(at_hand.entry.unwrap().header.sequence, pruned.first_entry);
    assert_eq!(reader.record(pruned.first_entry - 1), None);
    assert!(matches!(reader.prove(pruned.first_entry), Err(StoreError::Pruned { .. })));
    assert!(matches!(export(&reader, &other.0), Err(StoreError::Pruned { .. })));
}

#[test]
fn log_03_bytes_after_the_end_and_damaged_or_missing_checkpoints_are_found() {
    let folder = Folder::new("tail");
    make(&folder.0, 10, 5);
    let path = segment(&folder.0, 0);
    let good = fs::read(&path).unwrap();
    let mut bytes = good.clone();
    bytes.extend_from_slice(b"more");
    fs::write(&path, &bytes).unwrap();
    let found = fault(&folder.0);
    assert_eq!((found.kind, found.offset), (FaultKind::ForeignBytes, good.len() as u64));
    bytes.truncate(good.len());
    bytes.resize(8192 + 512, 0);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(fault(&folder.0).kind, FaultKind::ForeignBytes);
    fs::write(&path, &good).unwrap();
    for name in ["checkpoint-0", "checkpoint-1"] {
        fs::write(folder.0.join(name), vec![0; SLOT_LENGTH]).unwrap();
    }
    assert_eq!(fault(&folder.0).kind, FaultKind::CheckpointMissing);
}

#[test]
fn log_03_only_the_right_key_verifies() {
    let folder = Folder::new("key");
    let key = make(&folder.0, 10, 5);
    let text: VerifierKey = key.to_string().parse().unwrap();
    let told = Options { key: Some(text), ..Options::default() };
    let verdict = verify_folder(&folder.0, &told).unwrap();
    assert_eq!((verdict.fault, verdict.key_source), (None, KeySource::Given));
    let wrong = VerifierKey { key: [1; 32], ..key };
    let told = Options { key: Some(wrong), ..Options::default() };
    assert_eq!(verify_folder(&folder.0, &told).unwrap().fault.unwrap().kind, FaultKind::NotAsKnown);
    assert_eq!(verify(&folder.0).key_source, KeySource::FromLog);
}

#[test]
fn log_14_an_export_verifies_as_tiles_and_changed_entries_are_found_exactly() {
    let folder = Folder::new("export");
    let out = Folder::new("export-out");
    let again = Folder::new("export-again");
    let key = make(&folder.0, 600, 100);
    let reader = Reader::open(&folder.0, &Options::default()).unwrap();
    let before: Vec<_> = ["segment-00000000", "checkpoint-0"]
        .map(|name| fs::read(folder.0.join(name)).unwrap())
        .to_vec();
    let size = export(&reader, &out.0).unwrap();
    assert_eq!(size, reader.len() as u64);
    export(&reader, &again.0).unwrap();
    let after: Vec<_> = ["segment-00000000", "checkpoint-0"]
        .map(|name| fs::read(folder.0.join(name)).unwrap())
        .to_vec();
    assert_eq!(before, after);
    let bundle = format!("tile/entries/002.p/{}", size - 512);
    for name in ["checkpoint", "tile/0/000", "tile/1/000.p/2", "tile/entries/001", &bundle] {
        assert_eq!(fs::read(out.0.join(name)).unwrap(), fs::read(again.0.join(name)).unwrap());
    }
    assert!(export(&reader, &out.0).is_err());
    for told in [None, Some(key)] {
        let options = Options { key: told, ..Options::default() };
        let verdict = verify_folder(&out.0, &options).unwrap();
        assert_eq!(verdict.fault, None);
        assert_eq!((verdict.signed, verdict.closed), (size, true));
    }
    let exported = Reader::open(&out.0, &Options::default()).unwrap();
    assert!(exported.records().map(|r| r.bytes).eq(reader.records().map(|r| r.bytes)));

    for (name, kind) in [
        (bundle.as_str(), FaultKind::RecordDamaged),
        ("tile/entries/001", FaultKind::RecordDamaged),
        ("tile/0/001", FaultKind::TileDamaged),
        ("tile/1/000.p/2", FaultKind::TileDamaged),
        ("checkpoint", FaultKind::RootMismatch),
    ] {
        let path = out.0.join(name);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let place = if name == "checkpoint" { 40 } else { 60 };
        bad[place] ^= 2;
        fs::write(&path, &bad).unwrap();
        let found = fault(&out.0);
        assert_eq!(found.kind, kind, "{name}: {found}");
        if kind != FaultKind::RootMismatch {
            assert_eq!(found.file, name, "{found}");
        }
        fs::remove_file(&path).unwrap();
        let found = fault(&out.0);
        let missing = matches!(found.kind, FaultKind::TileMissing | FaultKind::CheckpointMissing);
        assert!(missing && found.file == name, "{found}");
        fs::write(&path, &good).unwrap();
    }
    let told = Options { at_least: Some(size + 1), ..Options::default() };
    assert_eq!(verify_folder(&out.0, &told).unwrap().fault.unwrap().kind, FaultKind::NotAsKnown);
    let wrong = VerifierKey { key: [1; 32], ..key };
    let told = Options { key: Some(wrong), ..Options::default() };
    assert_eq!(verify_folder(&out.0, &told).unwrap().fault.unwrap().kind, FaultKind::BadSignature);
}

#[test]
fn log_14_proofs_and_evidence_hold_with_the_root_key_alone() {
    let folder = Folder::new("prove");
    let key = make(&folder.0, 70, 10);
    let reader = Reader::open(&folder.0, &Options::default()).unwrap();
    let head = reader.verdict().head.unwrap();
    assert!(reader.verdict().epoch >= 3);
    for index in (0..head.size).step_by(5) {
        let proof = reader.prove(index).unwrap();
        let bytes = reader.record(index).unwrap().bytes;
        let leaf = leaf_hash(bytes);
        verify_inclusion(index, head.size, &leaf, proof.hashes(), &head.root).unwrap();
        let file = evidence(&reader, index).unwrap();
        let proved = verify_evidence(&file, &key).unwrap();
        assert_eq!((proved.entry.as_slice(), proved.index, proved.head), (bytes, index, head));
    }
    for old in 1..=head.size {
        let proof = reader.prove_consistency(old, head.size).unwrap();
        let root = reader.tree().root(old).unwrap();
        verify_consistency(old, head.size, proof.hashes(), &root, &head.root).unwrap();
    }
    assert!(matches!(reader.prove(head.size), Err(StoreError::NotSigned { .. })));
    assert!(evidence(&reader, head.size).is_err());
    let file = evidence(&reader, 30).unwrap();
    let wrong = VerifierKey { key: [1; 32], ..key };
    assert_eq!(verify_evidence(&file, &wrong), Err(EvidenceError::Handover(1)));
    let other = VerifierKey { name: Name::new("other").unwrap(), ..key };
    assert_eq!(verify_evidence(&file, &other), Err(EvidenceError::OtherLog));
    // No single changed character passes.
    for at in (0..file.len()).step_by(11) {
        let mut bytes = file.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let Ok(text) = String::from_utf8(bytes) else { continue };
        assert!(verify_evidence(&text, &key).is_err(), "character {at}");
    }
    assert_eq!(verify_evidence("", &key), Err(EvidenceError::Malformed));
    // A proof of the most hashes is read and is too long for this tree; one more is no proof.
    let (start, rest) = file.split_once("index 30\n").unwrap();
    let (proof, note) = rest.split_once("\n\n").unwrap();
    let line = proof.lines().next().unwrap();
    let with =
        |count: usize| format!("{start}index 30\n{}\n{note}", format!("{line}\n").repeat(count));
    let too_long = Err(EvidenceError::Inclusion(ProofError::WrongLength));
    assert_eq!(verify_evidence(&with(65), &key), too_long);
    assert_eq!(verify_evidence(&with(66), &key), Err(EvidenceError::Malformed));
}

#[test]
fn log_08_a_folder_is_written_by_one_and_read_without_a_trace() {
    let folder = Folder::new("lock");
    let log = store::create(&folder.0, Durability::Storage, &config(), at(0), &[9; 32]).unwrap();
    let second = store::open(&folder.0, Durability::Storage, &config(), at(0), &[9; 32]);
    assert!(matches!(second, Err(StoreError::Io { .. })));
    assert_eq!(verify(&folder.0).fault, None);
    drop(log);
    let mut larger = config();
    larger.geometry = Geometry { write_unit: 4096, segment_bytes: 1 << 20 };
    let (mut log, recovery) =
        store::open(&folder.0, Durability::Storage, &larger, at(0), &[9; 32]).unwrap();
    assert_eq!(recovery.entries, 1);
    write_records(&mut log, 3, 1);
    log.close(at(3)).unwrap();
    assert_eq!(verify(&folder.0).openings, 2);
    let missing = folder.0.join("none");
    assert!(matches!(verify_folder(&missing, &Options::default()), Err(StoreError::Io { .. })));
    fs::create_dir_all(&missing).unwrap();
    let empty = verify_folder(&missing, &Options::default());
    assert!(matches!(empty, Err(StoreError::NotALog(_))));
}
