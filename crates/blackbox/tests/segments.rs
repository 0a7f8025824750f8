//! What a verifier says of the segments of a log beside each other: their heads, their lengths, and their ends, torn or
//! not yet born (LOG-03, LOG-05).

use homeostat_blackbox::disk::FileId;
use homeostat_blackbox::entry::{Body, Kind, Milliseconds};
use homeostat_blackbox::fault::FaultKind;
use homeostat_blackbox::hash::Hash;
use homeostat_blackbox::layout::{Geometry, SegmentHeader};
use homeostat_blackbox::log::{Config, Log, Stamp, buffer_for};
use homeostat_blackbox::note::Name;
use homeostat_blackbox::testing::SimulatedDisk;
use homeostat_blackbox::verdict::{Finding, Options, Verdict};
use homeostat_blackbox::verify::verify_log;

const BYTES: usize = 8192;

fn config() -> Config<'static> {
    let origin = Name::new("homeostat.example/device/7f3a").unwrap();
    let mut config = Config::new(origin, "loop 0.1", Hash([3; 32]));
    config.geometry = Geometry { write_unit: 512, segment_bytes: BYTES as u32 };
    config
}

fn at(milliseconds: u64) -> Stamp {
    Stamp { elapsed: Milliseconds(milliseconds), wall: None }
}

/// A log that goes on into its second segment, still open.
fn two_segments() -> SimulatedDisk {
    let config = config();
    let buffer = vec![0; buffer_for(&config)];
    let disk = SimulatedDisk::empty();
    let mut log = Log::create(disk, buffer, &config, at(0), &[9; 32]).unwrap();
    let mut number = 0;
    while log.disk_ref().files().keys().filter(|f| matches!(f, FileId::Segment(_))).count() < 2 {
        log.append(Kind(16), 1, at(number), Body::Plain(&[number as u8; 120])).unwrap();
        number += 1;
    }
    log.flush().unwrap();
    log.abandon().0
}

fn verify(disk: &SimulatedDisk) -> Verdict {
    verify_log(&mut disk.clone(), &Options::default(), &mut |_| {}).unwrap()
}

fn fault(disk: &SimulatedDisk) -> Finding {
    verify(disk).fault.expect("a fault")
}

/// The second segment with another head, whose checksum fits.
fn with_head(disk: &SimulatedDisk, change: impl Fn(&mut SegmentHeader)) -> SimulatedDisk {
    let mut changed = disk.clone();
    let bytes = changed.file_mut(FileId::Segment(1)).unwrap();
    let (mut header, length) = SegmentHeader::decode(bytes).unwrap();
    change(&mut header);
    let mut space = vec![0; 8192];
    assert_eq!(header.encode(&mut space), Some(length));
    bytes[..length].copy_from_slice(&space[..length]);
    changed
}

#[test]
fn log_03_the_head_of_a_segment_says_exactly_what_stands_before_it() {
    let disk = two_segments();
    let whole = verify(&disk);
    assert_eq!((whole.fault, whole.notes.len()), (None, 0));
    let before = SegmentHeader::decode(&disk.files()[&FileId::Segment(1)]).unwrap().0.frontier;
    let kind = |changed: &SimulatedDisk| {
        let found = fault(changed);
        assert_eq!((found.file.as_str(), found.offset), ("segment-00000001", 0), "{found}");
        assert_eq!(found.entry, before.size(), "{found}");
        found.kind
    };
    let order = FaultKind::SegmentOrder;
    let other = Name::new("homeostat.example/device/7f3b").unwrap();
    assert_eq!(kind(&with_head(&disk, |head| head.number = 2)), order);
    assert_eq!(kind(&with_head(&disk, |head| head.origin = other)), order);
    assert_eq!(kind(&with_head(&disk, |head| head.root_key[0] ^= 1)), order);
    assert_eq!(kind(&with_head(&disk, |head| head.epoch_key[0] ^= 1)), order);
    assert_eq!(kind(&with_head(&disk, |head| head.epoch += 1)), order);
    assert_eq!(kind(&with_head(&disk, |head| head.epoch_start += 1)), order);
    assert_eq!(kind(&with_head(&disk, |head| head.last_time.elapsed.0 += 1)), order);
    assert_eq!(kind(&with_head(&disk, |head| head.geometry.segment_bytes += 512)), order);
    // Another tree of the same size: the next signature shows that the entries are right.
    let mut tree = homeostat_blackbox::frontier::Frontier::new();
    (0..before.size()).for_each(|_| tree.push(Hash([7; 32])));
    assert_eq!(kind(&with_head(&disk, |head| head.frontier = tree.clone())), order);
    // Another log's head with another number of entries is another log's, not a gap in this one.
    let foreign = with_head(&disk, |head| {
        head.root_key[0] ^= 1;
        let mut tree = homeostat_blackbox::frontier::Frontier::new();
        // As many hashes, so that the head has the same length.
        let size = before.size() << 1;
        (0..size).for_each(|_| tree.push(Hash([7; 32])));
        head.frontier = tree;
    });
    assert_eq!(kind(&foreign), order);
    let gap = with_head(&disk, |head| {
        let mut tree = homeostat_blackbox::frontier::Frontier::new();
        (0..before.size() << 1).for_each(|_| tree.push(Hash([7; 32])));
        head.frontier = tree;
    });
    assert_eq!(kind(&gap), FaultKind::EntryMissing);
}

#[test]
fn log_03_only_the_last_segment_may_be_shorter_than_its_head_says() {
    let disk = two_segments();
    let mut short = disk.clone();
    short.file_mut(FileId::Segment(0)).unwrap().truncate(BYTES - 1);
    let found = fault(&short);
    assert_eq!((found.kind, found.file.as_str()), (FaultKind::Truncated, "segment-00000000"));
    assert_eq!(
        found.entry,
        SegmentHeader::decode(&disk.files()[&FileId::Segment(1)]).unwrap().0.frontier.size()
    );
    let mut long = disk.clone();
    long.file_mut(FileId::Segment(0)).unwrap().push(0);
    let found = fault(&long);
    assert_eq!((found.kind, found.offset), (FaultKind::ForeignBytes, BYTES as u64));
    // Filled with nothing, the last one ends anywhere behind its entries.
    let mut last = disk;
    last.file_mut(FileId::Segment(1)).unwrap().truncate(BYTES - 512);
    assert_eq!(verify(&last).fault, None);
}

#[test]
fn log_05_a_torn_end_is_no_fault_in_the_last_segment_and_one_in_another() {
    let disk = two_segments();
    let end = |number| {
        let bytes = &disk.files()[&FileId::Segment(number)];
        bytes.iter().rposition(|byte| *byte != 0).unwrap().next_multiple_of(512)
    };
    let mut torn = disk.clone();
    torn.file_mut(FileId::Segment(1)).unwrap()[end(1)..end(1) + 40].fill(0x5a);
    let verdict = verify(&torn);
    assert_eq!(verdict.fault, None);
    let tail = verdict.torn.unwrap();
    assert_eq!(
        (tail.file.as_str(), tail.offset, tail.bytes),
        ("segment-00000001", end(1) as u64, 40)
    );
    let mut bad = disk.clone();
    let place = end(0).min(BYTES - 40);
    bad.file_mut(FileId::Segment(0)).unwrap()[place..place + 40].fill(0x5a);
    assert_eq!(fault(&bad).kind, FaultKind::RecordDamaged);
    assert_eq!(fault(&bad).file, "segment-00000000");
    // A last segment that was being made: whatever is in it, there is no head.
    let mut unborn = disk.clone();
    unborn.put(FileId::Segment(2), vec![0; BYTES]);
    assert_eq!((verify(&unborn).fault, verify(&unborn).torn), (None, None));
    unborn.file_mut(FileId::Segment(2)).unwrap()[..100].fill(0x5a);
    let verdict = verify(&unborn);
    assert_eq!((verdict.fault, verdict.torn.map(|torn| torn.bytes)), (None, Some(100)));
    // With a batch in it, it was born; and a first one was always.
    let second = disk.files()[&FileId::Segment(1)].to_vec();
    let header = SegmentHeader::decode(&second).unwrap().1;
    let mut beheaded = disk.clone();
    beheaded.file_mut(FileId::Segment(1)).unwrap()[..header].fill(0);
    assert_eq!(fault(&beheaded).kind, FaultKind::SegmentHeader);
    beheaded.take(FileId::Segment(1));
    beheaded.file_mut(FileId::Segment(0)).unwrap().fill(0);
    assert_eq!(fault(&beheaded).kind, FaultKind::SegmentHeader);
}

#[test]
fn log_03_a_log_closed_at_the_end_of_a_segment_goes_on_in_the_next() {
    let config = config();
    let buffer = || vec![0; buffer_for(&config)];
    let mut disk = SimulatedDisk::empty();
    let mut log = Log::create(disk, buffer(), &config, at(0), &[9; 32]).unwrap();
    let mut openings = 1;
    loop {
        for number in 0..4 {
            log.append(Kind(16), 1, at(number), Body::Plain(&[7; 120])).unwrap();
        }
        disk = log.close(at(9)).unwrap();
        assert!(verify(&disk).closed);
        if disk.files().contains_key(&FileId::Segment(2)) {
            break;
        }
        log = Log::open(disk, buffer(), &config, at(0), &[8; 32]).unwrap().0;
        openings += 1;
    }
    let verdict = verify(&disk);
    assert_eq!((verdict.fault, verdict.openings), (None, openings));
    // Nothing was ever written beside the first checkpoint.
    let log = Log::create(SimulatedDisk::empty(), buffer(), &config, at(0), &[9; 32]).unwrap();
    let verdict = verify(&log.abandon().0);
    assert_eq!((verdict.fault, verdict.notes), (None, Vec::new()));
}
