//! What a hostile reviewer did to boxes: files that are too large or no files, checkpoints taken away or put back, a
//! forged closing, records forged with their checksums, foreign files, and the end cut off (LOG-03, F-P04, F-P05).

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use homeostat_blackbox::checkpoint::TreeHead;
use homeostat_blackbox::crc::crc32c;
use homeostat_blackbox::entry::{Body, Entry, Header, Kind, Milliseconds};
use homeostat_blackbox::export::export;
use homeostat_blackbox::fault::FaultKind;
use homeostat_blackbox::folder::Durability;
use homeostat_blackbox::frame::{FrameType, Step, seal_frame, step};
use homeostat_blackbox::hash::{Hash, leaf_hash};
use homeostat_blackbox::layout::{Geometry, SLOT_LENGTH, SegmentHeader, Slot};
use homeostat_blackbox::log::{Config, Stamp};
use homeostat_blackbox::note::Name;
use homeostat_blackbox::store::{self, FolderLog, Reader, StoreError, verify_folder};
use homeostat_blackbox::verdict::{Finding, Options, Verdict};
use proptest::prelude::*;

const SEGMENT: u32 = 16 << 10;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("blackbox-h-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn segment(&self) -> PathBuf {
        self.path("segment-00000000")
    }

    fn copy_to(&self, other: &Self) {
        let _ = fs::remove_dir_all(&other.0);
        fs::create_dir_all(&other.0).unwrap();
        for entry in fs::read_dir(&self.0).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), other.0.join(entry.file_name())).unwrap();
        }
    }

    fn verify(&self) -> Verdict {
        verify_folder(&self.0, &Options::default()).unwrap()
    }

    fn fault(&self) -> Finding {
        self.verify().fault.expect("a fault")
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
    config.geometry = Geometry { write_unit: 512, segment_bytes: SEGMENT };
    config
}

fn at(milliseconds: u64) -> Stamp {
    Stamp { elapsed: Milliseconds(milliseconds), wall: None }
}

/// A log with `count` records, signed after each `sign_every`.
fn running(folder: &Folder, count: u64, sign_every: u64) -> FolderLog {
    let mut log =
        store::create(&folder.0, Durability::Process, &config(), at(0), &[9; 32]).unwrap();
    for number in 0..count {
        log.append(Kind(16), 1, at(number), Body::Plain(&[number as u8; 120])).unwrap();
        if number % sign_every == sign_every - 1 {
            log.flush().unwrap();
        }
    }
    log
}

fn closed(folder: &Folder, count: u64, sign_every: u64) -> Verdict {
    running(folder, count, sign_every).close(at(count)).unwrap();
    let verdict = folder.verify();
    assert_eq!(verdict.fault, None);
    assert!(verdict.closed && !verdict.unsigned_close);
    verdict
}

/// Frames of a segment: where, how long, what, and the sequence.
fn frames(bytes: &[u8]) -> Vec<(usize, usize, FrameType, u64)> {
    let (header, mut at) = SegmentHeader::decode(bytes).unwrap();
    let unit = header.geometry.write_unit as usize;
    let mut found = Vec::new();
    loop {
        match step(&bytes[at..], at, unit) {
            Step::Frame(frame, length) => {
                found.push((at, length, frame.frame_type, frame.sequence));
                at += length;
            }
            Step::Filling(length) => at += length,
            _ => return found,
        }
    }
}

fn entry_frames(bytes: &[u8]) -> Vec<(usize, usize, u64)> {
    let entries = frames(bytes).into_iter().filter(|frame| frame.2 == FrameType::Entry);
    entries.map(|(start, length, _, sequence)| (start, length, sequence)).collect()
}

fn fix_checksum(frame: &mut [u8]) {
    let payload = usize::from(u16::from_be_bytes([frame[0], frame[1]]));
    let checksum = crc32c(&[&frame[..12], &frame[16..16 + payload]]);
    frame[12..16].copy_from_slice(&checksum.to_be_bytes());
}

fn grow(path: &Path, length: u64) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

#[cfg(unix)]
fn pipe(path: &Path) {
    let _ = fs::remove_file(path);
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Finding 1: a segment of 20 GB was read whole.
#[test]
fn log_03_a_file_larger_than_it_can_be_is_a_located_fault_and_is_not_read_whole() {
    const HUGE: u64 = 20 << 30;
    let folder = Folder::new("huge");
    let bad = Folder::new("huge-bad");
    let whole = closed(&folder, 30, 10);
    folder.copy_to(&bad);
    grow(&bad.segment(), HUGE);
    let verdict = bad.verify();
    let fault = verdict.fault.unwrap();
    assert_eq!((fault.kind, fault.entry), (FaultKind::ForeignBytes, whole.entries));
    assert_eq!((fault.file.as_str(), fault.offset), ("segment-00000000", u64::from(SEGMENT)));
    assert_eq!(verdict.entries, whole.entries);
    let reopened = store::open(&bad.0, Durability::Process, &config(), at(50), &[9; 32]);
    assert!(matches!(reopened, Err(StoreError::Log { .. })), "it is evidence, not to be cut");
    assert_eq!(fs::metadata(bad.segment()).unwrap().len(), HUGE);
    // Without a header nothing says how large it may be: no more than a header is read.
    fs::write(bad.segment(), [7; 100]).unwrap();
    grow(&bad.segment(), HUGE);
    assert_eq!(bad.fault().kind, FaultKind::SegmentHeader);

    for name in ["checkpoint-0", "checkpoint-1"] {
        folder.copy_to(&bad);
        grow(&bad.path(name), HUGE);
        let fault = bad.fault();
        assert_eq!((fault.kind, fault.file.as_str()), (FaultKind::CheckpointDamaged, name));
    }
    let tiles = Folder::new("huge-tiles");
    let size = export(&Reader::open(&folder.0, &Options::default()).unwrap(), &tiles.0).unwrap();
    for (name, kind) in [
        (format!("tile/0/000.p/{size}"), FaultKind::TileDamaged),
        (format!("tile/entries/000.p/{size}"), FaultKind::TileDamaged),
        ("checkpoint".to_owned(), FaultKind::CheckpointDamaged),
    ] {
        let path = tiles.path(&name);
        let good = fs::read(&path).unwrap();
        grow(&path, HUGE);
        let fault = tiles.fault();
        assert_eq!((fault.kind, fault.file), (kind, name));
        fs::write(&path, good).unwrap();
    }
    assert_eq!(tiles.verify().fault, None);
}

/// Findings 1 and 5: a pipe as a segment hung, and the error for a directory did not name it.
#[cfg(unix)]
#[test]
fn log_03_what_is_no_regular_file_is_named_and_never_opened() {
    let folder = Folder::new("pipe");
    let bad = Folder::new("pipe-bad");
    closed(&folder, 30, 10);
    let directory = |path: &Path| {
        let _ = fs::remove_file(path);
        fs::create_dir(path).unwrap();
    };
    let socket = |path: &Path| {
        let _ = fs::remove_file(path);
        drop(std::os::unix::net::UnixListener::bind(path).unwrap());
    };
    let device = |path: &Path| {
        let _ = fs::remove_file(path);
        std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    };
    let replace: [&dyn Fn(&Path); 4] = [&|path| pipe(path), &directory, &socket, &device];
    for replace in replace {
        for name in ["segment-00000000", "segment-00000001", "checkpoint-0", "checkpoint-1"] {
            folder.copy_to(&bad);
            replace(&bad.path(name));
            let verdict = bad.verify();
            let fault = verdict.fault.unwrap();
            assert_eq!((fault.kind, fault.file.as_str()), (FaultKind::NotAFile, name));
            assert!(fault.to_string().contains("not a regular file"), "{fault}");
            assert_eq!(verdict.readable, if name == "segment-00000000" { 0 } else { 32 });
            assert_eq!(verdict.entries, verdict.readable - u64::from(name == "checkpoint-1"));
            let opened = store::open(&bad.0, Durability::Process, &config(), at(50), &[9; 32]);
            assert!(opened.unwrap_err().to_string().contains(name), "{name}");
        }
        folder.copy_to(&bad);
        replace(&bad.path("key-0"));
        let opened = store::open(&bad.0, Durability::Process, &config(), at(50), &[9; 32]);
        assert!(opened.unwrap_err().to_string().contains("key-0 is not a regular file"));
        let tiles = Folder::new("pipe-tiles");
        let reader = Reader::open(&folder.0, &Options::default()).unwrap();
        let size = export(&reader, &tiles.0).unwrap();
        for name in [
            format!("tile/0/000.p/{size}"),
            format!("tile/entries/000.p/{size}"),
            "checkpoint".into(),
        ] {
            let path = tiles.path(&name);
            let good = fs::read(&path).unwrap();
            replace(&path);
            let fault = tiles.fault();
            assert_eq!((fault.kind, fault.file.as_str()), (FaultKind::NotAFile, name.as_str()));
            let _ = fs::remove_dir(&path);
            let _ = fs::remove_file(&path);
            fs::write(&path, good).unwrap();
        }
    }
}

/// Finding 2: without checkpoints nothing was listed.
#[test]
fn log_03_without_checkpoints_every_entry_can_still_be_read_and_older_signatures_hold() {
    let folder = Folder::new("slots");
    let whole = closed(&folder, 35, 10);
    for name in ["checkpoint-0", "checkpoint-1"] {
        fs::remove_file(folder.path(name)).unwrap();
    }
    let reader = Reader::open(&folder.0, &Options::default()).unwrap();
    let verdict = reader.verdict();
    let fault = verdict.fault.as_ref().unwrap();
    assert_eq!(fault.kind, FaultKind::CheckpointMissing);
    // One opening, three signatures that stand in the segment: 31 entries. The last of all stood in the slot alone.
    assert_eq!((fault.entry, fault.through), (31, whole.entries - 1));
    assert_eq!((verdict.signed, verdict.entries, verdict.readable), (31, 31, whole.entries));
    assert!(!verdict.closed);
    assert_eq!((reader.len(), reader.readable().len()), (31, whole.entries as usize));
    let indices: Vec<u64> = reader.readable().map(|record| record.position.entry).collect();
    assert_eq!(indices, (0..whole.entries).collect::<Vec<_>>());
    assert!(reader.record(31).is_none() && export(&reader, &folder.path("out")).is_err());
}

/// Finding 3: anyone could write a closing entry.
#[test]
fn log_03_a_closing_that_no_signature_covers_is_none() {
    let folder = Folder::new("close");
    let bad = Folder::new("close-bad");
    drop(running(&folder, 30, 10));
    let open = folder.verify();
    assert!(open.is_good() && !open.closed && !open.unsigned_close);
    folder.copy_to(&bad);
    let mut bytes = fs::read(bad.segment()).unwrap();
    let (start, length, ..) = *frames(&bytes).last().unwrap();
    let batch = (start + length).next_multiple_of(512);
    let log = store::open(&folder.0, Durability::Process, &config(), at(50), &[9; 32]).unwrap().0;
    let state = log.state().clone();
    drop(log);
    let mut times = homeostat_blackbox::entry::Times { monotonic: state.last_time, wall: None };
    times.monotonic.boot = 1;
    let header = Header { kind: Kind::CLOSE, schema: 1, sequence: 31, times, epoch: 0 };
    let body = Body::Plain(&[0x80]);
    let payload = Entry { header, body }.encode(&mut bytes[batch + 16..]).unwrap();
    seal_frame(&mut bytes[batch..], FrameType::Entry, true, 31, payload).unwrap();
    fs::write(bad.segment(), &bytes).unwrap();
    let verdict = bad.verify();
    assert_eq!((verdict.fault, verdict.entries, verdict.signed), (None, 32, 31));
    assert!(!verdict.closed && verdict.unsigned_close);
    // Cut as closing cuts it: that comes after the checkpoint.
    bytes.truncate(batch + 512);
    fs::write(bad.segment(), &bytes).unwrap();
    let fault = bad.fault();
    assert_eq!((fault.kind, fault.entry, fault.through), (FaultKind::CheckpointMissing, 31, 31));
}

/// Finding 3: slots of another time beside segments of today.
#[test]
fn log_03_an_older_checkpoint_put_back_is_found_by_its_turn_or_by_the_segments() {
    let folder = Folder::new("turn");
    let bad = Folder::new("turn-bad");
    let mut log = running(&folder, 10, 5);
    let slots = |folder: &Folder| {
        ["checkpoint-0", "checkpoint-1"].map(|name| fs::read(folder.path(name)).unwrap())
    };
    let old = slots(&folder);
    for number in 10..40 {
        log.append(Kind(16), 1, at(number), Body::Plain(&[7; 120])).unwrap();
        if number % 5 == 4 {
            log.flush().unwrap();
        }
    }
    let new = slots(&folder);
    log.close(at(40)).unwrap();
    let generation = |bytes: &[u8]| Slot::decode(bytes).unwrap().generation;
    assert!(generation(&old[0]) + 2 < generation(&new[0]));
    let last = slots(&folder);
    for [zero, one] in [
        [&old[0], &old[1]],
        [&old[0], &last[1]],
        [&last[0], &old[1]],
        [&last[1], &last[0]],
        [&last[0], &last[0]],
        [&new[0], &new[1]],
    ] {
        folder.copy_to(&bad);
        fs::write(bad.path("checkpoint-0"), zero).unwrap();
        fs::write(bad.path("checkpoint-1"), one).unwrap();
        let fault = bad.fault();
        assert!(fault.file.starts_with("checkpoint-"), "{fault}");
        let found = [FaultKind::CheckpointDamaged, FaultKind::CheckpointMissing];
        assert!(found.contains(&fault.kind), "{fault}");
    }
    // Shorter, with the checkpoint whole in it.
    for name in ["checkpoint-0", "checkpoint-1"] {
        folder.copy_to(&bad);
        grow(&bad.path(name), SLOT_LENGTH as u64 - 1);
        assert_eq!(bad.fault().file, name);
    }
    // One taken away, or emptied: no loss of power does that to a closed log.
    for name in ["checkpoint-0", "checkpoint-1"] {
        folder.copy_to(&bad);
        fs::write(bad.path(name), vec![0; SLOT_LENGTH]).unwrap();
        assert_eq!(bad.fault().file, name);
        fs::remove_file(bad.path(name)).unwrap();
        assert_eq!(bad.fault().file, name);
    }
}

/// The same in a log that was not closed, where a loss of power explains more.
#[test]
fn log_03_slots_of_an_open_log_take_turns_and_are_not_older_than_its_segments() {
    let folder = Folder::new("turn-open");
    let bad = Folder::new("turn-open-bad");
    let mut log = running(&folder, 4, 9);
    let slot = |number: u8| fs::read(folder.path(&format!("checkpoint-{number}"))).unwrap();
    let mut by_generation = vec![Vec::new(), slot(1)];
    for number in 4..12 {
        log.append(Kind(16), 1, at(number), Body::Plain(&[7; 120])).unwrap();
        log.flush().unwrap();
        by_generation.push(slot((by_generation.len() % 2) as u8));
    }
    drop(log);
    assert_eq!(folder.verify().fault, None);
    let newest = by_generation.len() - 1;
    assert_eq!(newest, 9);
    for (number, bytes) in by_generation.iter().enumerate().skip(1) {
        assert_eq!(Slot::decode(bytes).unwrap().generation, number as u64);
    }
    let empty = vec![0; SLOT_LENGTH];
    let with = |zero: &[u8], one: &[u8]| {
        folder.copy_to(&bad);
        fs::write(bad.path("checkpoint-0"), zero).unwrap();
        fs::write(bad.path("checkpoint-1"), one).unwrap();
        let verdict = bad.verify();
        let notes: Vec<String> = verdict.notes.into_iter().map(|note| note.file).collect();
        (verdict.fault.map(|fault| (fault.kind, fault.file)), notes)
    };
    let damaged = |name: &str| Some((FaultKind::CheckpointDamaged, name.to_owned()));
    let g = |number: usize| by_generation[number].as_slice();
    assert_eq!(with(g(8), g(9)), (None, vec![]));
    // One may be torn; that it holds nothing is told, unless nothing was ever there.
    assert_eq!(with(&empty, g(9)), (None, vec!["checkpoint-0".to_owned()]));
    assert_eq!(with(g(8), &empty), (None, vec!["checkpoint-1".to_owned()]));
    // Out of turn: the older of the two is the one that was put back.
    assert_eq!(with(g(4), g(9)), (damaged("checkpoint-0"), vec![]));
    assert_eq!(with(g(8), g(5)), (damaged("checkpoint-1"), vec![]));
    // In the wrong place, also beside one that is torn.
    assert_eq!(with(g(9), g(8)).0, damaged("checkpoint-0"));
    assert_eq!(with(g(9), &empty).0, damaged("checkpoint-0"));
    assert_eq!(with(&empty, g(8)).0, damaged("checkpoint-1"));
    // In turn, and older than what is signed in the segments: the next would stand in the other slot.
    assert_eq!(with(g(6), g(7)).0, damaged("checkpoint-0"));
    assert_eq!(with(g(6), g(5)).0, damaged("checkpoint-1"));

    // The second checkpoint of all has the first beside it.
    let second = Folder::new("turn-second");
    let mut log = running(&second, 1, 9);
    log.flush().unwrap();
    drop(log);
    assert_eq!(
        Slot::decode(&fs::read(second.path("checkpoint-0")).unwrap()).unwrap().generation,
        2
    );
    fs::write(second.path("checkpoint-1"), &empty).unwrap();
    assert_eq!(second.verify().notes[0].file, "checkpoint-1");
}

/// Finding 4: a record forged together with its checksum was found within a day.
#[test]
fn log_03_a_forged_record_with_a_fitting_checksum_is_located_exactly() {
    let folder = Folder::new("exact");
    let whole = closed(&folder, 60, 25);
    let path = folder.segment();
    let good = fs::read(&path).unwrap();
    let mut tried = 0;
    for (start, length, sequence) in entry_frames(&good) {
        let payload = usize::from(u16::from_be_bytes([good[start], good[start + 1]]));
        for place in [0, payload / 2, payload - 1] {
            let mut bad = good.clone();
            bad[start + 16 + place] ^= 0x10;
            fix_checksum(&mut bad[start..start + length]);
            fs::write(&path, &bad).unwrap();
            let verdict = folder.verify();
            let fault = verdict.fault.unwrap();
            assert_eq!((fault.entry, fault.through), (sequence, sequence), "{fault}");
            assert_eq!((fault.offset, verdict.entries), (start as u64, sequence), "{fault}");
            tried += 1;
        }
    }
    assert_eq!(tried, 3 * whole.entries);
}

/// Finding 4: without the key an attacker can at best blur the place to what lies between two signatures.
#[test]
fn log_03_a_record_forged_with_its_leaf_hash_is_located_between_two_signatures() {
    let folder = Folder::new("blur");
    closed(&folder, 60, 12);
    let path = folder.segment();
    let good = fs::read(&path).unwrap();
    let all = frames(&good);
    for (start, length, sequence) in entry_frames(&good) {
        let mut bad = good.clone();
        bad[start + length - 16] ^= 0x10;
        fix_checksum(&mut bad[start..start + length]);
        let payload = usize::from(u16::from_be_bytes([bad[start], bad[start + 1]]));
        let leaf = leaf_hash(&bad[start + 16..start + 16 + payload]);
        let list = all.iter().find(|frame| frame.2 == FrameType::Leaves && frame.3 > sequence);
        let Some((at, length, _, size)) = list else { continue };
        let (at, count) = (*at, (length - 16) as u64 / 32);
        if size - sequence > count {
            continue;
        }
        let place = at + 16 + (count - (size - sequence)) as usize * 32;
        bad[place..place + 32].copy_from_slice(&leaf.0);
        fix_checksum(&mut bad[at..at + length]);
        fs::write(&path, &bad).unwrap();
        let fault = folder.fault();
        assert_eq!(fault.kind, FaultKind::RootMismatch);
        assert!(fault.entry <= sequence && sequence <= fault.through, "{sequence}: {fault}");
        assert!(fault.through - fault.entry < 12, "{sequence}: {fault}");
        // The list alone: the entries are proved right, and the list is what is named.
        let mut bad = good.clone();
        bad[place] ^= 1;
        fix_checksum(&mut bad[at..at + length]);
        fs::write(&path, &bad).unwrap();
        let fault = folder.fault();
        assert_eq!((fault.kind, fault.offset), (FaultKind::RecordDamaged, at as u64), "{fault}");
        assert_eq!(fault.entry, *size);
    }
}

#[test]
fn log_03_forged_records_are_all_counted_and_a_forged_signature_beside_them_hides_nothing() {
    let folder = Folder::new("several");
    closed(&folder, 60, 20);
    let path = folder.segment();
    let mut bytes = fs::read(&path).unwrap();
    let list = entry_frames(&bytes);
    for place in [24, 26, 33] {
        let (start, length, _) = list[place];
        bytes[start + length - 16] ^= 0x10;
        fix_checksum(&mut bytes[start..start + length]);
    }
    fs::write(&path, &bytes).unwrap();
    let fault = folder.fault();
    assert_eq!((fault.kind, fault.entry), (FaultKind::RecordDamaged, 24));
    assert!(fault.detail.ends_with("2 more like it: 26, 33"), "{fault}");
    // A frame torn later on does not hide a forged record before it.
    let mut torn = bytes.clone();
    torn[list[50].0 + 20] ^= 1;
    fs::write(&path, &torn).unwrap();
    assert_eq!(folder.fault().entry, 24);
    torn.clone_from(&bytes);
    torn[list[38].0 + 20] ^= 1;
    fs::write(&path, &torn).unwrap();
    assert_eq!(folder.fault().entry, 24, "no signature was reached, a leaf hash was");
    // The signature over them is spoilt too: the next one still fits what was written.
    let signature = frames(&bytes).into_iter().find(|f| f.2 == FrameType::Signature && f.3 == 41);
    let (start, length, ..) = signature.unwrap();
    bytes[start + 40] ^= 1;
    fix_checksum(&mut bytes[start..start + length]);
    fs::write(&path, &bytes).unwrap();
    let fault = folder.fault();
    assert_eq!((fault.kind, fault.entry), (FaultKind::RecordDamaged, 24), "{fault}");
    // And that one cannot be reached: what lies between two signatures is all that is left to say.
    bytes[list[50].0 + 20] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let fault = folder.fault();
    assert_eq!((fault.kind, fault.entry, fault.through), (FaultKind::RootMismatch, 21, 40));
}

#[test]
fn log_03_a_forged_record_behind_the_last_signature_is_found_by_its_leaf_hash() {
    let folder = Folder::new("unsigned");
    let mut log = running(&folder, 20, 10);
    for number in 20..25 {
        log.append(Kind(16), 1, at(number), Body::Plain(&[7; 120])).unwrap();
    }
    log.sync().unwrap();
    drop(log);
    assert_eq!(folder.verify().unsigned_tail(), 5);
    let mut bytes = fs::read(folder.segment()).unwrap();
    let (start, length, sequence) = entry_frames(&bytes)[23];
    bytes[start + length - 16] ^= 0x10;
    fix_checksum(&mut bytes[start..start + length]);
    fs::write(folder.segment(), &bytes).unwrap();
    let fault = folder.fault();
    assert_eq!((fault.kind, fault.entry), (FaultKind::RecordDamaged, sequence));
    assert_eq!(fault.offset, start as u64);
}

/// Finding 5: files that look like the log's were passed over.
#[test]
fn log_03_files_named_like_the_logs_own_are_reported() {
    let folder = Folder::new("names");
    let whole = closed(&folder, 20, 10);
    for name in [
        "segment-0",
        "segment-000000001",
        "segment-00000001.bak",
        "segment-0000000a",
        "Segment-00000000",
        "segment-+0000001",
        "checkpoint-2",
        "checkpoint-00",
        "checkpoint",
        "key-7",
    ] {
        let path = folder.path(name);
        if path.exists() {
            continue;
        }
        fs::copy(folder.segment(), &path).unwrap();
        let verdict = folder.verify();
        let fault = verdict.fault.unwrap();
        assert_eq!((fault.kind, fault.file.as_str()), (FaultKind::ForeignFile, name));
        assert_eq!((verdict.entries, verdict.signed), (whole.entries, whole.signed));
        fs::remove_file(&path).unwrap();
    }
    // A gap, and a number that does not fit.
    fs::copy(folder.segment(), folder.path("segment-00000005")).unwrap();
    let fault = folder.fault();
    assert_eq!((fault.kind, fault.file.as_str()), (FaultKind::SegmentMissing, "segment-00000001"));
    fs::rename(folder.path("segment-00000005"), folder.path("segment-00000001")).unwrap();
    let fault = folder.fault();
    assert_eq!((fault.kind, fault.file.as_str()), (FaultKind::SegmentOrder, "segment-00000001"));
    fs::remove_file(folder.path("segment-00000001")).unwrap();
    // Beside a fault it is told as well.
    fs::write(folder.path("segment-1"), b"").unwrap();
    fs::remove_file(folder.path("checkpoint-0")).unwrap();
    let verdict = folder.verify();
    assert_eq!(verdict.fault.unwrap().kind, FaultKind::CheckpointMissing);
    assert_eq!(verdict.notes[0].kind, FaultKind::ForeignFile);
    fs::write(folder.path("notes.txt"), b"").unwrap();
    assert_eq!(folder.verify().notes.len(), 1);
}

/// Finding 3: the end cut off together with the slots, which a head that someone kept shows.
#[test]
fn log_03_a_kept_head_shows_that_the_log_was_put_back_or_rewritten() {
    let folder = Folder::new("head");
    let (early, other) = (Folder::new("head-early"), Folder::new("head-other"));
    let mut log = running(&folder, 20, 10);
    folder.copy_to(&early);
    let middle = folder.verify().head.unwrap();
    for number in 20..40 {
        log.append(Kind(16), 1, at(number), Body::Plain(&[7; 120])).unwrap();
    }
    log.close(at(40)).unwrap();
    let last = folder.verify().head.unwrap();
    let told = |folder: &Folder, heads: &[TreeHead]| {
        let options = Options { known_heads: heads.to_vec(), ..Options::default() };
        verify_folder(&folder.0, &options).unwrap().fault.map(|f| (f.kind, f.entry, f.through))
    };
    assert_eq!(told(&folder, &[middle, last]), None);
    assert_eq!(told(&early, &[middle]), None);
    let gone = FaultKind::NotAsKnown;
    assert_eq!(told(&early, &[last]), Some((gone, middle.size, last.size - 1)));
    // The place is where the entries end, or where those begin that no signature covers.
    let place = |folder: &Folder| {
        let options = Options { known_heads: vec![middle, last], ..Options::default() };
        verify_folder(&folder.0, &options).unwrap().fault.unwrap().offset as usize
    };
    let (start, length, ..) = *frames(&fs::read(early.segment()).unwrap()).last().unwrap();
    assert_eq!(place(&early), (start + length).next_multiple_of(512));
    let mut log = store::open(&early.0, Durability::Process, &config(), at(0), &[1; 32]).unwrap().0;
    log.append(Kind(16), 1, at(50), Body::Plain(&[7; 120])).unwrap();
    log.sync().unwrap();
    let signed = log.signed() as usize;
    drop(log);
    assert_eq!(place(&early), entry_frames(&fs::read(early.segment()).unwrap())[signed].0);
    // Another log of the same length, by who has the key.
    let mut log = running(&other, 20, 10);
    for number in 20..40 {
        log.append(Kind(16), 1, at(number), Body::Plain(&[8; 120])).unwrap();
    }
    log.close(at(40)).unwrap();
    assert_eq!(told(&other, &[last]), Some((gone, 0, last.size - 1)));
    // What still agrees bounds what was rewritten, and where it begins is named.
    assert_eq!(told(&other, &[middle, last]), Some((gone, middle.size, last.size - 1)));
    let options = Options { known_heads: vec![middle, last], ..Options::default() };
    let fault = verify_folder(&other.0, &options).unwrap().fault.unwrap();
    let bytes = fs::read(other.segment()).unwrap();
    assert_eq!(fault.offset, entry_frames(&bytes)[middle.size as usize].0 as u64);
    // The same of an export.
    let tiles = Folder::new("head-tiles");
    export(&Reader::open(&other.0, &Options::default()).unwrap(), &tiles.0).unwrap();
    assert_eq!(told(&tiles, &[middle]), None);
    assert_eq!(told(&tiles, &[middle, last]), Some((gone, middle.size, last.size - 1)));
    let more = TreeHead { size: last.size + 3, ..last };
    assert_eq!(told(&tiles, &[more]), Some((gone, last.size, last.size + 2)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    /// Whatever is changed in the frames, whether or not checksums are made to fit: found, and what is called signed
    /// is what was written.
    #[test]
    fn log_03_any_change_of_any_frames_is_found_and_what_is_called_signed_is_unchanged(
        sign_every in 1..30_u64,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..1000_usize, 1..=255_u8, any::<bool>()), 1..4),
    ) {
        let folder = Folder::new(&format!("any-{:?}", std::thread::current().id()));
        let mut log = running(&folder, 40, sign_every);
        log.flush().unwrap();
        log.close(at(40)).unwrap();
        let good = fs::read(folder.segment()).unwrap();
        let original = Reader::open(&folder.0, &Options::default()).unwrap();
        let all = frames(&good);
        let mut bad = good.clone();
        for (which, place, xor, fix) in changes {
            let (start, length, ..) = *which.get(&all);
            let payload = usize::from(u16::from_be_bytes([good[start], good[start + 1]]));
            bad[start + 16 + place % payload] ^= xor;
            if fix {
                fix_checksum(&mut bad[start..start + length]);
            }
        }
        prop_assume!(bad != good);
        fs::write(folder.segment(), &bad).unwrap();
        let reader = Reader::open(&folder.0, &Options::default()).unwrap();
        prop_assert!(!reader.verdict().is_good());
        let signed = reader.verdict().signed as usize;
        prop_assert!(reader.len() >= signed);
        let mut pairs = reader.records().zip(original.records()).take(signed);
        prop_assert!(pairs.all(|(a, b)| a.bytes == b.bytes));
        let changed: Vec<usize> = all
            .iter()
            .map(|(start, length, ..)| (*start, start + length))
            .filter(|(start, end)| good[*start..*end] != bad[*start..*end])
            .map(|(start, _)| start)
            .collect();
        if let [one] = changed[..] {
            let fault = reader.verdict().fault.as_ref().unwrap();
            prop_assert_eq!(fault.offset, one as u64, "{}", fault);
        }
    }
}
