use super::*;
use crate::checkpoint::{TreeHead, sign};
use crate::crc::crc32c;
use crate::entry::{Body, Kind};
use crate::hash::{Hash, sha256};
use crate::log::{Config, Log, Stamp, buffer_for};
use crate::note::{Name, NoteSigner, Strict};
use crate::testing::SimulatedDisk;

const ENTROPY: [u8; 32] = [1; 32];
const FIRST: FileId = FileId::Segment(0);

fn config() -> Config<'static> {
    let mut config = Config::new(Name::new("example.org/recover").unwrap(), "test", Hash::ZERO);
    config.geometry = Geometry { write_unit: 512, segment_bytes: 8192 };
    config.epoch_entries = 0;
    config
}

type TestLog = Log<SimulatedDisk, Vec<u8>>;

fn log() -> TestLog {
    let config = config();
    let buffer = vec![0; buffer_for(&config)];
    Log::create(SimulatedDisk::empty(), buffer, &config, Stamp::default(), &ENTROPY).unwrap()
}

fn append(log: &mut TestLog, count: u8) {
    for number in 0..count {
        log.append(Kind(20), 1, Stamp::default(), Body::Plain(&[number + 1; 100])).unwrap();
    }
}

fn run(disk: &mut SimulatedDisk) -> Result<Recovered, RecoverError> {
    recover(disk, &mut vec![0; buffer_for(&config())], &mut Strict)
}

/// Recovery refuses with this fault, and leaves the disk as it was.
fn refuses(disk: &SimulatedDisk, kind: FaultKind, entry: u64, file: FileId, offset: u32) {
    let mut tried = disk.clone();
    let error = run(&mut tried).map(|_| ()).unwrap_err();
    assert_eq!(error, RecoverError::Damaged(Fault { kind, entry, file, offset }));
    assert_eq!(tried.files(), disk.files());
}

/// Where the frames of the first segment begin and end.
fn frames(disk: &SimulatedDisk) -> Vec<(usize, FrameType, bool, usize)> {
    let bytes = &disk.files()[&FIRST];
    let (_, mut at) = SegmentHeader::decode(bytes).unwrap();
    let mut found = Vec::new();
    loop {
        match step(&bytes[at..], at, 512) {
            Step::Frame(frame, length) => {
                found.push((at, frame.frame_type, frame.starts_batch, at + length));
                at += length;
            }
            Step::Filling(length) => at += length,
            _ => return found,
        }
    }
}

fn fix_checksum(bytes: &mut [u8], at: usize) {
    let length = usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    let checksum = crc32c(&[&bytes[at..at + 12], &bytes[at + 16..at + 16 + length]]);
    bytes[at + 12..at + 16].copy_from_slice(&checksum.to_be_bytes());
}

#[test]
fn log_05_a_whole_log_recovers_to_its_end_and_nothing_changes() {
    let mut log = log();
    append(&mut log, 5);
    log.flush().unwrap();
    append(&mut log, 2);
    log.sync().unwrap();
    let state = log.state().clone();
    let (mut disk, _) = log.abandon();
    let files = disk.files().clone();
    let found = run(&mut disk).unwrap();
    assert_eq!(found.state, state);
    assert_eq!((found.segment, found.slot.size, found.unsigned), (0, 6, 2));
    assert_eq!((found.torn_bytes, found.damaged_slots), (0, 0));
    assert_eq!(found.slot.generation, 2);
    let end = frames(&disk).last().unwrap().3;
    assert_eq!(found.offset as usize, end.next_multiple_of(512));
    assert_eq!(disk.files(), &files);
}

#[test]
fn log_05_a_torn_last_batch_is_wiped_and_what_is_whole_of_it_stays() {
    let mut log = log();
    append(&mut log, 5);
    log.flush().unwrap();
    append(&mut log, 12);
    log.sync().unwrap();
    let (mut disk, _) = log.abandon();
    let places = frames(&disk);
    let batch = places.iter().rposition(|frame| frame.2).unwrap();
    let torn = places[batch + 4].0;
    disk.file_mut(FIRST).unwrap()[torn + 20] ^= 0xff;
    let dirty = disk.files()[&FIRST][torn..].iter().filter(|byte| **byte != 0).count();
    let end = disk.files()[&FIRST].iter().rposition(|byte| *byte != 0).unwrap();
    let mut disk = disk.recording();
    let found = run(&mut disk).unwrap();
    assert_eq!(disk.steps().len(), end / 512 - torn / 512 + 1 + 1);
    // The batch begins with a signature, then three entries come before the torn one.
    assert_eq!((found.state.size(), found.unsigned), (9, 3));
    assert_eq!(found.torn_bytes, dirty as u64);
    assert_eq!(found.offset as usize, torn.next_multiple_of(512));
    assert!(disk.files()[&FIRST][torn..].iter().all(|byte| *byte == 0));
    assert_eq!(run(&mut disk).unwrap().torn_bytes, 0);
}

#[test]
fn log_05_a_torn_tail_is_found_to_the_last_byte_of_a_segment_larger_than_the_buffer() {
    let mut config = config();
    config.geometry.segment_bytes = 256 << 10;
    let needed = buffer_for(&config);
    assert!(needed < 70_000);
    let disk = SimulatedDisk::empty();
    let stamp = Stamp::default();
    let mut log = Log::create(disk, vec![0; needed], &config, stamp, &ENTROPY).unwrap();
    append(&mut log, 200);
    log.flush().unwrap();
    let size = log.size();
    let (disk, _) = log.abandon();
    for (at, bytes, units) in
        [((256 << 10) - 1, 1, 1), (200_000, 5, 1), (100_000, 70_000, 138), (0, 0, 0)]
    {
        let mut torn = disk.clone().recording();
        torn.file_mut(FIRST).unwrap()[at..at + bytes].fill(9);
        let found = recover(&mut torn, &mut vec![0; needed], &mut Strict).unwrap();
        assert_eq!((found.state.size(), found.torn_bytes), (size, bytes as u64));
        assert_eq!(torn.files(), disk.files());
        // Nothing is written that was zero already; the segment is synced in any case.
        assert_eq!(torn.steps().len(), units + 1);
    }
    // A later batch far behind the end is no torn write.
    let mut bad = disk.clone();
    let batch = frames(&disk).iter().rfind(|frame| frame.2).unwrap().0;
    let copy = disk.files()[&FIRST][batch..batch + 512].to_vec();
    bad.file_mut(FIRST).unwrap()[200_192..200_704].copy_from_slice(&copy);
    let error = recover(&mut bad, &mut vec![0; needed], &mut Strict).map(|_| ()).unwrap_err();
    let RecoverError::Damaged(fault) = error else { panic!("{error}") };
    assert_eq!((fault.kind, fault.entry), (FaultKind::RecordDamaged, size));
}

#[test]
fn log_05_a_batch_without_its_start_is_not_taken() {
    let mut log = log();
    append(&mut log, 2);
    log.flush().unwrap();
    append(&mut log, 2);
    log.sync().unwrap();
    let (mut disk, _) = log.abandon();
    let start = frames(&disk).iter().rfind(|frame| frame.2).unwrap().0;
    let bytes = disk.file_mut(FIRST).unwrap();
    bytes[start + 3] = 0;
    fix_checksum(bytes, start);
    let found = run(&mut disk).unwrap();
    assert_eq!((found.state.size(), found.offset as usize), (3, start));
    assert!(found.torn_bytes > 300);
}

#[test]
fn log_03_damage_that_no_loss_of_power_explains_is_reported_and_left_alone() {
    let mut log = log();
    append(&mut log, 5);
    log.flush().unwrap();
    append(&mut log, 2);
    log.sync().unwrap();
    append(&mut log, 2);
    log.sync().unwrap();
    let (disk, _) = log.abandon();
    let places = frames(&disk);
    let entries: Vec<usize> =
        places.iter().filter(|frame| frame.1 == FrameType::Entry).map(|frame| frame.0).collect();

    // A record that a checkpoint vouches for.
    let mut bad = disk.clone();
    bad.file_mut(FIRST).unwrap()[entries[3] + 30] ^= 1;
    refuses(&bad, FaultKind::RecordDamaged, 3, FIRST, entries[3] as u32);
    // A record of an unsigned batch, behind which another batch begins.
    let mut bad = disk.clone();
    bad.file_mut(FIRST).unwrap()[entries[7] + 30] ^= 1;
    refuses(&bad, FaultKind::RecordDamaged, 7, FIRST, entries[7] as u32);
    // The end is gone.
    let mut bad = disk.clone();
    bad.file_mut(FIRST).unwrap()[entries[4]..].fill(0);
    refuses(&bad, FaultKind::Truncated, 4, FIRST, entries[4].next_multiple_of(512) as u32);
    // A whole unit is gone, and what follows it is not.
    let mut bad = disk.clone();
    bad.file_mut(FIRST).unwrap()[1024..1536].fill(0);
    let mut tried = bad.clone();
    let Err(RecoverError::Damaged(fault)) = run(&mut tried) else { panic!("recovered") };
    assert_eq!(fault.kind, FaultKind::RecordDamaged);
    // Another record in place, with a checksum that fits.
    let mut bad = disk.clone();
    let bytes = bad.file_mut(FIRST).unwrap();
    let last = entries[5] + 16 + 60;
    bytes[last] ^= 1;
    fix_checksum(bytes, entries[5]);
    let end = places.iter().find(|frame| frame.0 == entries[5]).unwrap().3;
    refuses(&bad, FaultKind::RootMismatch, 6, FIRST, end as u32);
    // Sequence numbers that do not follow.
    for (sequence, kind) in [(4, FaultKind::EntryRepeated), (9, FaultKind::EntryMissing)] {
        let mut bad = disk.clone();
        let bytes = bad.file_mut(FIRST).unwrap();
        bytes[entries[6] + 11] = sequence;
        fix_checksum(bytes, entries[6]);
        refuses(&bad, kind, 6, FIRST, entries[6] as u32);
    }
    // A signature frame of another length.
    let mut bad = disk.clone();
    let bytes = bad.file_mut(FIRST).unwrap();
    let signature = places.iter().rfind(|frame| frame.1 == FrameType::Signature).unwrap().0;
    bytes[signature + 1] = 63;
    bytes[signature + 16 + 63] = 0;
    fix_checksum(bytes, signature);
    refuses(&bad, FaultKind::RecordDamaged, 6, FIRST, signature as u32);
}

#[test]
fn log_03_slots_must_be_there_signed_and_true() {
    let mut log = log();
    append(&mut log, 5);
    log.flush().unwrap();
    let head = log.state().head();
    let (disk, _) = log.abandon();
    // The slot is compared where the last entry ends: before the list of its leaf hash.
    let end = frames(&disk).iter().rfind(|frame| frame.1 == FrameType::Entry).unwrap().3;
    let newest = FileId::Checkpoint(0);
    assert_eq!(Slot::decode(&disk.files()[&newest]).unwrap().generation, 2);
    let with_note = |note| {
        let mut bad = disk.clone();
        let slot = Slot { generation: 9, size: 6, note };
        bad.put(newest, slot.encode().unwrap().to_vec());
        bad
    };
    let name = Name::new("example.org/recover").unwrap();
    let owner = NoteSigner::new(name, &sha256(&[b"homeostat root key", &ENTROPY]));
    let good = with_note(sign(&owner, head).unwrap());
    assert_eq!(run(&mut good.clone()).unwrap().slot.generation, 9);
    let thief = NoteSigner::new(name, &[5; 32]);
    let forged = with_note(sign(&thief, head).unwrap());
    let at = |bad: &SimulatedDisk| match run(&mut bad.clone()).map(|_| ()).unwrap_err() {
        RecoverError::Damaged(fault) => (fault.kind, fault.entry, fault.offset as usize),
        other => panic!("{other}"),
    };
    let (kind, entry, offset) = at(&forged);
    assert_eq!((kind, entry), (FaultKind::BadSignature, 6));
    assert_eq!(offset, end);
    let other = with_note(sign(&owner, TreeHead { root: Hash::ZERO, ..head }).unwrap());
    assert_eq!(at(&other).0, FaultKind::RootMismatch);
    let smaller = with_note(sign(&owner, TreeHead { size: 5, ..head }).unwrap());
    assert_eq!(at(&smaller).0, FaultKind::CheckpointDamaged);
    let elsewhere = NoteSigner::new(Name::new("other").unwrap(), &[5; 32]);
    assert_eq!(at(&with_note(sign(&elsewhere, head).unwrap())).0, FaultKind::BadSignature);
    let nonsense = with_note(crate::checkpoint::NoteText::copy_of("no note").unwrap());
    assert_eq!(at(&nonsense).0, FaultKind::CheckpointDamaged);

    // Of two slots with one generation, which no log writes, the first counts.
    let mut twins = with_note(sign(&owner, head).unwrap());
    let second = Slot { generation: 9, size: 1, note: sign(&thief, head).unwrap() };
    twins.put(FileId::Checkpoint(1), second.encode().unwrap().to_vec());
    assert_eq!(run(&mut twins).unwrap().slot.size, 6);

    // One slot torn: the other counts, and vouches for less.
    let mut torn = disk.clone();
    torn.file_mut(newest).unwrap()[40] ^= 1;
    let found = run(&mut torn).unwrap();
    assert_eq!((found.slot.size, found.unsigned, found.damaged_slots), (1, 5, 1));
    // Both gone, while there is more than creation leaves behind.
    for missing in [false, true] {
        let mut gone = disk.clone();
        for slot in [FileId::Checkpoint(0), FileId::Checkpoint(1)] {
            if missing {
                gone.take(slot);
            } else {
                gone.file_mut(slot).unwrap().fill(0);
            }
        }
        assert_eq!(at(&gone).0, FaultKind::CheckpointMissing);
    }
}

#[test]
fn log_05_an_interrupted_creation_is_no_log() {
    assert_eq!(run(&mut SimulatedDisk::empty()).map(|_| ()), Err(RecoverError::NotCreated));
    let (disk, _) = log().abandon();
    // Creation leaves one slot blank, which is no damage.
    let found = run(&mut disk.clone()).unwrap();
    assert_eq!((found.slot.generation, found.damaged_slots), (1, 0));
    let mut early = disk.clone();
    early.take(FileId::Checkpoint(0));
    early.take(FileId::Checkpoint(1));
    assert_eq!(run(&mut early).map(|_| ()), Err(RecoverError::NotCreated));
    early.file_mut(FIRST).unwrap().fill(0);
    assert_eq!(run(&mut early).map(|_| ()), Err(RecoverError::NotCreated));
    let mut elsewhere = SimulatedDisk::empty();
    elsewhere.put(FileId::Segment(3), vec![0; 8192]);
    refuses(&elsewhere, FaultKind::SegmentHeader, 0, FileId::Segment(3), 0);
    let mut gone = disk.clone();
    gone.take(FIRST);
    refuses(&gone, FaultKind::SegmentMissing, 1, FIRST, 0);
    let mut headless = disk;
    headless.file_mut(FIRST).unwrap()[20] ^= 1;
    refuses(&headless, FaultKind::SegmentHeader, 1, FIRST, 0);
}

#[test]
fn log_05_a_segment_without_a_header_is_dropped_only_if_nothing_was_written_in_it() {
    let mut log = log();
    for _ in 0..40 {
        append(&mut log, 1);
    }
    log.flush().unwrap();
    let (disk, _) = log.abandon();
    let last = FileId::Segment(1);
    assert_eq!(disk.files().keys().last(), Some(&last));
    let size = run(&mut disk.clone()).unwrap().state.size();
    assert_eq!(size, 41);

    let mut unborn = disk.clone();
    unborn.put(FileId::Segment(2), vec![0; 8192]);
    unborn.file_mut(FileId::Segment(2)).unwrap()[..300].fill(7);
    let found = run(&mut unborn).unwrap();
    assert_eq!((found.state.size(), found.segment), (41, 1));
    assert!(!unborn.files().contains_key(&FileId::Segment(2)));

    let mut headless = disk.clone();
    headless.file_mut(last).unwrap()[20] ^= 1;
    refuses(&headless, FaultKind::SegmentHeader, 41, last, 0);
    let mut both = disk.clone();
    both.put(FileId::Segment(2), vec![0; 8192]);
    both.file_mut(last).unwrap()[20] ^= 1;
    refuses(&both, FaultKind::SegmentHeader, 41, last, 0);
    let mut renumbered = disk;
    let copy = renumbered.files()[&last].to_vec();
    renumbered.put(FileId::Segment(2), copy);
    refuses(&renumbered, FaultKind::SegmentHeader, 41, FileId::Segment(2), 0);
}

#[test]
fn a_short_file_is_filled_up_and_a_small_buffer_is_refused_with_its_size() {
    let mut log = log();
    append(&mut log, 3);
    let mut disk = log.close(Stamp::default()).unwrap();
    assert!(disk.files()[&FIRST].len() < 8192);
    let found = run(&mut disk).unwrap();
    assert!(found.state.closed);
    assert_eq!(disk.files()[&FIRST].len(), 8192);
    let needed = buffer_needed(config().geometry);
    assert_eq!(needed, 8192 + 512);
    let small = recover(&mut disk, &mut vec![0; needed - 1], &mut Strict).map(|_| ());
    assert_eq!(small, Err(RecoverError::BufferTooSmall { needed }));
    let large = Geometry { write_unit: 512, segment_bytes: 1 << 20 };
    assert_eq!(buffer_needed(large), FRAME_LIMIT + 512);
}

#[test]
fn a_disk_that_fails_is_reported() {
    let mut log = log();
    append(&mut log, 3);
    let mut disk = log.abandon().0;
    disk.fails_after = Some(0);
    assert_eq!(run(&mut disk).map(|_| ()), Err(RecoverError::Disk(DiskError::Failed(5))));
}
