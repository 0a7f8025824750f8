use super::*;
use crate::entry::{BODY_LIMIT, Body, Kind, Opened};
use crate::layout::decode_key;
use crate::testing::SimulatedDisk;
use crate::verdict::{Options, Verdict};
use crate::verify::verify_log;

type TestLog = Log<SimulatedDisk, Vec<u8>>;

const ENTROPY: [u8; 32] = [42; 32];

fn config() -> Config<'static> {
    let origin = Name::new("homeostat.example/device/7f3a").unwrap();
    let mut config = Config::new(origin, "loop 0.1", Hash([3; 32]));
    config.geometry = Geometry { write_unit: 512, segment_bytes: 16 << 10 };
    config.epoch_entries = 20;
    config
}

fn buffer(config: &Config<'_>) -> Vec<u8> {
    vec![0; buffer_for(config)]
}

fn at(milliseconds: u64) -> Stamp {
    Stamp {
        elapsed: Milliseconds(milliseconds),
        wall: Some(Milliseconds(1_000_000 + milliseconds)),
    }
}

fn created(config: &Config<'_>) -> TestLog {
    Log::create(SimulatedDisk::empty(), buffer(config), config, at(0), &ENTROPY).unwrap()
}

fn reopened(disk: SimulatedDisk, config: &Config<'_>) -> (TestLog, Recovery) {
    Log::open(disk, buffer(config), config, at(0), &ENTROPY).unwrap()
}

fn record(log: &mut TestLog, number: u64) -> Result<u64, LogError> {
    let body = [number as u8; 250];
    let length = 1 + number as usize * 37 % 250;
    log.append(Kind(16), 1, at(number), Body::Plain(&body[..length]))
}

fn verdict(disk: &mut SimulatedDisk) -> Verdict {
    verify_log(disk, &Options::default(), &mut |_| {}).unwrap()
}

#[test]
fn log_03_what_is_appended_and_closed_verifies() {
    let config = config();
    let mut log = created(&config);
    let key = log.root_key();
    for number in 0..100 {
        assert_eq!(record(&mut log, number), Ok(log.size() - 1));
        if number % 7 == 0 {
            assert_eq!(log.flush(), Ok(log.size()));
            assert_eq!(log.signed(), log.size());
        }
    }
    assert!(log.durable() < log.size());
    let mut disk = log.close(at(100)).unwrap();
    let mut kinds = Vec::new();
    let options = Options { key: Some(key), ..Options::default() };
    let verdict = verify_log(&mut disk, &options, &mut |record| {
        kinds.push(record.entry.unwrap().header.kind.0);
    })
    .unwrap();
    assert_eq!(verdict.fault, None);
    assert!(verdict.is_good() && verdict.closed);
    assert_eq!(verdict.unsigned_tail(), 0);
    assert_eq!(verdict.openings, 1);
    // 100 records, an opening, a close, and a new key at the first flush after each 20 entries.
    assert_eq!(kinds.iter().filter(|kind| **kind == 16).count(), 100);
    assert_eq!(kinds.iter().filter(|kind| **kind == 2).count(), verdict.epoch as usize);
    assert_eq!(verdict.epoch, 4);
    assert_eq!(kinds.len() as u64, verdict.entries);
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), (1, 4));
}

#[test]
fn log_05_what_is_not_flushed_is_lost_and_the_rest_goes_on() {
    let config = config();
    let mut log = created(&config);
    for number in 0..10 {
        record(&mut log, number).unwrap();
    }
    assert_eq!(log.flush(), Ok(11));
    let checkpoint = log.checkpoint().to_owned();
    record(&mut log, 11).unwrap();
    let (disk, _) = log.abandon();
    let (mut log, recovery) = reopened(disk, &config);
    assert_eq!(recovery, Recovery { entries: 11, unsigned: 0, torn_bytes: 0 });
    assert_eq!(log.state().last_time.boot, 2);
    record(&mut log, 0).unwrap();
    log.flush().unwrap();
    let (mut disk, _) = log.abandon();
    let options = Options { known_checkpoints: vec![checkpoint], ..Options::default() };
    let verdict = verify_log(&mut disk, &options, &mut |_| {}).unwrap();
    assert_eq!(verdict.fault, None);
    assert_eq!((verdict.entries, verdict.openings, verdict.closed), (13, 2, false));
}

#[test]
fn log_05_durable_but_unsigned_entries_are_kept_and_reported() {
    let config = config();
    let mut log = created(&config);
    record(&mut log, 1).unwrap();
    assert_eq!(log.sync(), Ok(2));
    assert_eq!(log.signed(), 1);
    let (mut disk, _) = log.abandon();
    let unsigned = verdict(&mut disk);
    assert_eq!((unsigned.entries, unsigned.signed, unsigned.unsigned_tail()), (2, 1, 1));
    assert!(unsigned.is_good());
    let (log, recovery) = reopened(disk, &config);
    assert_eq!(recovery, Recovery { entries: 2, unsigned: 1, torn_bytes: 0 });
    let (mut disk, _) = log.abandon();
    let mut told = None;
    let signed = verify_log(&mut disk, &Options::default(), &mut |record| {
        let entry = record.entry.unwrap();
        if entry.header.kind == Kind::OPEN {
            told = Opened::decode(entry.body.bytes()).ok().map(|o| o.recovered_unsigned);
        }
    });
    assert_eq!(signed.unwrap().unsigned_tail(), 0);
    assert_eq!(told, Some(1));
}

#[test]
fn log_04_a_full_disk_refuses_counts_and_recovers() {
    let mut config = config();
    config.geometry.segment_bytes = 8192;
    let mut log = created(&config);
    log.disk.capacity = Some(8192 + 2 * 1536 + 2 * 512);
    let mut refused = 0;
    for number in 0..60 {
        match record(&mut log, number) {
            Ok(_) => assert_eq!(refused, 0),
            Err(error) => {
                assert_eq!(error, LogError::Full);
                refused += 1;
            }
        }
    }
    assert!(refused > 10);
    assert_eq!(log.lost(), refused);
    assert!(log.is_full());
    log.flush().unwrap();
    assert!(log.is_full());
    assert_eq!(record(&mut log, 61), Err(LogError::Full));
    log.disk.capacity = None;
    log.flush().unwrap();
    assert!(!log.is_full());
    record(&mut log, 62).unwrap();
    assert_eq!(log.lost(), 0);
    let mut disk = log.close(at(63)).unwrap();
    let verdict = verdict(&mut disk);
    assert_eq!(verdict.fault, None);
    assert_eq!(verdict.lost_records, refused + 1);
}

#[test]
fn log_04_a_full_log_closes_in_order_and_says_what_was_lost() {
    let mut config = config();
    config.geometry.segment_bytes = 8192;
    config.most_segments = 1;
    for flush_every in [0, 1, 3] {
        config.flush_every = flush_every;
        let mut log = created(&config);
        let refused = (0..60).filter(|number| record(&mut log, *number).is_err()).count();
        assert!(refused > 0);
        let mut disk = log.close(at(60)).unwrap();
        let verdict = verdict(&mut disk);
        assert_eq!(verdict.fault, None);
        assert!(verdict.closed);
        assert_eq!(verdict.lost_records, refused as u64);
    }
}

#[test]
fn log_04_after_a_failed_sync_the_log_stops_until_opened_again() {
    let config = config();
    let mut log = created(&config);
    record(&mut log, 1).unwrap();
    log.disk.fails_after = Some(1);
    assert_eq!(log.flush(), Err(LogError::Disk(DiskError::Failed(5))));
    log.disk.fails_after = None;
    assert!(log.is_stopped());
    assert_eq!(record(&mut log, 2), Err(LogError::Stopped));
    assert_eq!(log.flush(), Err(LogError::Stopped));
    assert_eq!(log.sync(), Err(LogError::Stopped));
    assert_eq!(log.durable(), 1);
    let lost = log.lost();
    assert_eq!(lost, 1);
    let (disk, _) = log.abandon();
    let (mut log, _) = reopened(disk, &config);
    log.record_loss(lost);
    record(&mut log, 3).unwrap();
    let mut disk = log.close(at(4)).unwrap();
    let verdict = verdict(&mut disk);
    assert_eq!((verdict.fault, verdict.lost_records), (None, 1));
}

#[test]
fn log_04_a_loss_that_was_taken_back_is_not_said() {
    let config = config();
    let mut log = created(&config);
    log.record_loss(3);
    log.take_back_loss(2);
    assert_eq!(log.lost(), 1);
    record(&mut log, 1).unwrap();
    // What is said already stays so.
    log.take_back_loss(1);
    assert_eq!(log.lost(), 0);
    let mut disk = log.close(at(2)).unwrap();
    let verdict = verdict(&mut disk);
    assert_eq!((verdict.fault, verdict.lost_records), (None, 1));
}

#[test]
fn refusals_name_the_reason_and_are_counted() {
    let config = config();
    let mut log = created(&config);
    record(&mut log, 9).unwrap();
    let own = log.append(Kind::CLOSE, 1, at(9), Body::Plain(b""));
    assert_eq!(own, Err(LogError::OwnKind(4)));
    let back = log.append(Kind(16), 1, at(8), Body::Plain(b""));
    let (last, given) = (Milliseconds(9), Milliseconds(8));
    assert_eq!(back, Err(LogError::TimeWentBack { last, given }));
    let limit = log.body_limit();
    let body = vec![0; limit + 1];
    let long = log.append(Kind(16), 1, at(9), Body::Plain(&body));
    assert_eq!(long, Err(LogError::TooLong { length: limit + 1, limit }));
    assert_eq!(log.lost(), 3);
    log.append(Kind(16), 1, at(9), Body::Sealed(&body[..limit])).unwrap();
    let mut disk = log.close(at(9)).unwrap();
    let verdict = verdict(&mut disk);
    assert_eq!((verdict.fault, verdict.lost_records), (None, 3));
}

/// Whatever the size of the records: a log that has no more room is still closed in order.
#[test]
fn log_04_a_log_filled_with_records_of_any_size_closes() {
    for (write_unit, segment_bytes) in [(64, 8192), (512, 8192), (512, 16 << 10), (4096, 32 << 10)]
    {
        let mut config = config();
        config.geometry = Geometry { write_unit, segment_bytes };
        config.most_segments = 2;
        config.epoch_entries = 0;
        let limit = created(&config).body_limit();
        // A segment without its longest head, three units, what the log itself may write, and the frame.
        let largest = segment_bytes as usize - 2370 - 3 * write_unit as usize - (2 * 768 + 80);
        assert_eq!(limit, (largest - 16 - 64).min(BODY_LIMIT));
        // Signing costs most: few lengths with it, many without.
        let lengths = (50..limit).step_by(limit / 40).chain([limit - 1, limit]);
        for (number, length) in lengths.enumerate() {
            for flush_every in if number % 8 == 0 { &[0, 4][..] } else { &[0] } {
                config.flush_every = *flush_every;
                let mut log = created(&config);
                let body = vec![7; length];
                let full =
                    (0..).find_map(|_| log.append(Kind(16), 1, at(1), Body::Plain(&body)).err());
                assert_eq!(full, Some(LogError::Full), "{length}");
                let mut disk = log.close(at(1)).unwrap();
                let verdict = verdict(&mut disk);
                assert_eq!((verdict.fault, verdict.lost_records), (None, 1), "{length}");
                assert!(
                    verdict.closed
                        && disk.files()[&FileId::Segment(0)].len() <= segment_bytes as usize
                );
            }
        }
    }
}

#[test]
fn the_largest_body_fits_a_large_segment() {
    let mut config = config();
    config.geometry.segment_bytes = 1 << 20;
    let mut log = created(&config);
    assert_eq!(log.body_limit(), BODY_LIMIT);
    let body = vec![0x55; BODY_LIMIT];
    for _ in 0..40 {
        log.append(Kind(16), 1, at(1), Body::Plain(&body)).unwrap();
    }
    let (mut log, _) = {
        log.flush().unwrap();
        reopened(log.abandon().0, &config)
    };
    record(&mut log, 1).unwrap();
    let mut disk = log.close(at(1)).unwrap();
    assert_eq!(verdict(&mut disk).fault, None);
}

#[test]
fn log_03_old_keys_are_wiped_and_a_finished_log_has_none() {
    let config = config();
    let mut log = created(&config);
    for epoch in 0..3_u32 {
        assert_eq!(log.state().epoch, epoch);
        let key =
            |parity| log.disk.files().get(&FileId::Key(parity)).map(|bytes| decode_key(bytes));
        let current = key((epoch % 2) as u8).flatten().unwrap();
        assert_eq!(current.0, epoch);
        let other = log.disk.files().get(&FileId::Key(((epoch + 1) % 2) as u8));
        assert!(other.is_none_or(|bytes| bytes.iter().all(|byte| *byte == 0)));
        log.rotate().unwrap();
    }
    let mut disk = log.finish(at(1)).unwrap();
    assert!(!disk.files().keys().any(|file| matches!(file, FileId::Key(_))));
    let verdict = verdict(&mut disk);
    assert_eq!((verdict.fault, verdict.epoch, verdict.closed), (None, 3, true));
    let again = Log::open(disk, buffer(&config), &config, at(0), &ENTROPY).map(|_| ());
    assert_eq!(again, Err(LogError::KeyGone(3)));
}

#[test]
fn log_02_the_same_inputs_give_the_same_bytes_and_other_entropy_other_keys() {
    let config = config();
    let run = |entropy: [u8; 32]| {
        let disk = SimulatedDisk::empty();
        let mut log = Log::create(disk, buffer(&config), &config, at(0), &entropy).unwrap();
        for number in 0..50 {
            record(&mut log, number).unwrap();
        }
        log.flush().unwrap();
        (log.root_key().key, log.state().epoch_key, log.finish(at(50)).unwrap())
    };
    let (first, again, other) = (run([1; 32]), run([1; 32]), run([2; 32]));
    assert_eq!(first.2.files(), again.2.files());
    assert_ne!(first.0, other.0);
    assert_ne!(first.1, other.1);
    let mut stirred = created(&config);
    let mut plain = created(&config);
    stirred.add_entropy(&[5; 32]);
    stirred.rotate().unwrap();
    plain.rotate().unwrap();
    assert_ne!(stirred.state().epoch_key, plain.state().epoch_key);
}

#[test]
fn creating_over_a_log_and_opening_nothing_are_refused() {
    let config = config();
    let log = created(&config);
    let (disk, _) = log.abandon();
    let files = disk.files().clone();
    let over = Log::create(disk.clone(), buffer(&config), &config, at(0), &ENTROPY).map(|_| ());
    assert_eq!(over, Err(LogError::Exists));
    assert_eq!(disk.files(), &files);
    let nothing = Log::open(SimulatedDisk::empty(), buffer(&config), &config, at(0), &ENTROPY);
    assert_eq!(nothing.map(|_| ()), Err(LogError::Recover(RecoverError::NotCreated)));
    let mut other = config;
    other.origin = Name::new("homeostat.example/device/other").unwrap();
    let opened = Log::open(disk, buffer(&config), &other, at(0), &ENTROPY).map(|_| ());
    assert_eq!(opened, Err(LogError::OtherOrigin));
}

#[test]
fn impossible_configurations_are_refused() {
    for (write_unit, segment_bytes) in
        [(500, 16_384), (32, 16_384), (8192, 16_384), (512, 16_000), (512, 4096), (512, 2 << 30)]
    {
        let mut config = config();
        config.geometry = Geometry { write_unit, segment_bytes };
        let space = vec![0; 100_000];
        let made = Log::create(SimulatedDisk::empty(), space, &config, at(0), &ENTROPY).map(|_| ());
        assert!(matches!(made, Err(LogError::Config(_))), "{write_unit} {segment_bytes}");
    }
    let mut config = config();
    let small = vec![0; buffer_for(&config) - 1];
    let made = Log::create(SimulatedDisk::empty(), small, &config, at(0), &ENTROPY).map(|_| ());
    assert!(matches!(made, Err(LogError::Config(_))));
    let long = "s".repeat(SOFTWARE_LIMIT + 1);
    config.software = &long;
    let space = buffer(&config);
    let made = Log::create(SimulatedDisk::empty(), space, &config, at(0), &ENTROPY).map(|_| ());
    assert!(matches!(made, Err(LogError::Config(_))));
}

#[test]
fn a_log_can_be_written_from_another_thread() {
    fn sendable<T: Send>() {}
    sendable::<TestLog>();
}
