//! Whatever is done to a real black box is found and located, and all before it can still be read.

use homeostat_assembly::inspection::{Replayed, inspect};
use homeostat_assembly::insulin as machine;
use homeostat_blackbox::crc::crc32c;
use homeostat_blackbox::disk::FileId;
use homeostat_blackbox::verdict::{Finding, Options, Verdict};
use homeostat_blackbox::verify::verify_log;
use homeostat_trial::engine::MemoryDisk;
use homeostat_trial::insulin::scenario::{Control, standard};
use homeostat_trial::insulin::trial::Trial;
use proptest::prelude::*;

const SEGMENT: FileId = FileId::Segment(0);

/// The box of one patient-day, and how long its segment is.
fn real_box() -> (MemoryDisk, usize, u64) {
    let mut scenario = standard();
    scenario.run_in_days = 0;
    scenario.days = 1;
    scenario.patients.subjects = vec!["adult#001".to_owned()];
    scenario.arms.retain(|arm| arm.control == Control::Rules);
    let trial = Trial::prepare(scenario).expect("the subject is published");
    let cell = trial.cell(trial.cells()[0]).expect("there is a cell");
    let (result, mut disk) = cell.run_on(MemoryDisk::default()).expect("it runs");
    let length = disk.files().get(&SEGMENT).map_or(0, Vec::len);
    (disk, length, result.findings.entries)
}

fn verdict(disk: &mut MemoryDisk) -> (Verdict, u64) {
    let mut shown = 0;
    let verdict = verify_log(disk, &Options::default(), &mut |_| shown += 1);
    (verdict.expect("memory can be read"), shown)
}

#[test]
fn log_02_a_real_box_verifies_and_replays() {
    let (mut disk, length, entries) = real_box();
    assert!(length > 50_000 && entries > 288, "{length} bytes, {entries} entries");
    let options = Options::default();
    let found = inspect(|visit| verify_log(&mut disk, &options, visit), &machine::rebuild, None);
    let found = found.expect("memory can be read");
    assert!(found.verdict.is_good(), "{:?}", found.verdict.fault);
    assert_eq!((found.replayed, found.cycles), (Replayed::Equal, 288));
    assert!(found.same_software);
}

#[test]
fn log_03_a_truncated_box_is_found_at_its_end() {
    let (mut disk, length, entries) = real_box();
    // The last write unit is filled with zeros: only what is written can be lost.
    let written = disk.files().get(&SEGMENT).and_then(|bytes| bytes.iter().rposition(|b| *b != 0));
    let written = written.expect("something is written");
    for cut in [length / 4, length / 2, written - 700, written - 1, written] {
        let mut cut_short = disk.clone();
        cut_short.files().entry(SEGMENT).and_modify(|bytes| bytes.truncate(cut));
        let (verdict, shown) = verdict(&mut cut_short);
        let fault = verdict.fault.expect("it is found");
        assert!(fault.entry < entries && shown >= fault.entry.saturating_sub(1), "{fault}");
        assert!(fault.offset <= cut as u64, "{fault}");
    }
    assert!(verdict(&mut disk).0.is_good());
}

#[test]
fn log_03_a_missing_segment_and_missing_checkpoints_are_found() {
    let (disk, _, _) = real_box();
    let mut without = disk.clone();
    without.files().remove(&SEGMENT);
    assert!(!verdict(&mut without).0.is_good());
    let mut without = disk;
    without.files().remove(&FileId::Checkpoint(0));
    without.files().remove(&FileId::Checkpoint(1));
    assert!(!verdict(&mut without).0.is_good());
}

/// What is found when one bit of one record is changed and its checksum made to fit: with the number of the record
/// and where it begins.
fn forged(disk: &MemoryDisk, cycle: usize, place: f64, bit: u32) -> (Finding, u64, u64) {
    let mut frames = Vec::new();
    let mut damaged = disk.clone();
    verify_log(&mut damaged, &Options::default(), &mut |record| {
        frames.push((record.position.offset as usize, record.bytes.len()));
    })
    .expect("memory can be read");
    let which = cycle % frames.len();
    let (start, length) = frames[which];
    let bytes = damaged.files().get_mut(&SEGMENT).expect("it is there");
    bytes[start + 16 + (place * length as f64) as usize] ^= 1 << bit;
    let checksum = crc32c(&[&bytes[start..start + 12], &bytes[start + 16..start + 16 + length]]);
    bytes[start + 12..start + 16].copy_from_slice(&checksum.to_be_bytes());
    let (verdict, _) = verdict(&mut damaged);
    (verdict.fault.expect("it is found"), which as u64, start as u64)
}

/// The next record of the same batch is the one that looks wrong then: its time goes back.
#[test]
fn log_03_a_record_forged_to_be_ahead_of_the_next_is_located_itself() {
    let (disk, _, _) = real_box();
    for byte in 0..40 {
        for bit in 0..8 {
            let place = (f64::from(byte) + 0.5) / 600.0;
            let (fault, which, start) = forged(&disk, 113, place, bit);
            assert_eq!(
                (fault.entry, fault.through, fault.offset),
                (which, which, start),
                "{fault}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn log_03_any_flipped_bit_of_the_records_is_found_and_located(
        places in prop::collection::vec((0.0..1.0_f64, 0..8_u32), 4),
    ) {
        thread_local! {
            static BOX: (MemoryDisk, usize, u64) = real_box();
        }
        BOX.with(|(disk, length, entries)| {
            for (place, bit) in places {
                let mut damaged = disk.clone();
                let at = (place * *length as f64) as usize;
                let bytes = damaged.files().get_mut(&SEGMENT).expect("it is there");
                bytes[at] ^= 1 << bit;
                let (verdict, shown) = verdict(&mut damaged);
                let fault = verdict.fault;
                prop_assert!(fault.is_some(), "bit {bit} of byte {at}");
                let fault = fault.expect("just checked");
                prop_assert!(fault.entry <= *entries && fault.offset <= at as u64 + 1, "{fault}");
                prop_assert!(shown >= verdict.entries);
            }
            Ok(())
        })?;
    }

    #[test]
    fn log_03_a_record_forged_with_its_checksum_is_located_exactly(
        cycle in 0..296_usize,
        place in 0.0..1.0_f64,
        bit in 0..8_u32,
    ) {
        thread_local! {
            static BOX: (MemoryDisk, usize, u64) = real_box();
        }
        BOX.with(|(disk, _, _)| {
            let (fault, which, start) = forged(disk, cycle, place, bit);
            prop_assert_eq!((fault.entry, fault.through), (which, which), "{}", fault);
            prop_assert_eq!(fault.offset, start, "{}", fault);
            Ok(())
        })?;
    }

    #[test]
    fn log_03_records_that_change_places_are_found(cycle in 10..250_usize) {
        thread_local! {
            static BOX: (MemoryDisk, usize, u64) = real_box();
        }
        BOX.with(|(disk, _, _)| {
            let mut starts = Vec::new();
            let mut whole = disk.clone();
            verify_log(&mut whole, &Options::default(), &mut |record| {
                starts.push(record.position.offset as usize);
            }).expect("memory can be read");
            let (a, b, c) = (starts[cycle], starts[cycle + 1], starts[cycle + 2]);
            let original = disk.clone().files().get(&SEGMENT).expect("it is there").clone();
            let swapped = [&original[..a], &original[b..c], &original[a..b], &original[c..]].concat();
            let dropped = [&original[..a], &original[b..]].concat();
            let doubled = [&original[..b], &original[a..b], &original[b..]].concat();
            for bytes in [swapped, dropped, doubled] {
                let mut damaged = disk.clone();
                damaged.files().insert(SEGMENT, bytes);
                let (verdict, _) = verdict(&mut damaged);
                let fault = verdict.fault.expect("it is found");
                let near = (cycle as u64).saturating_sub(1)..=cycle as u64 + 2;
                prop_assert!(near.contains(&fault.entry), "{fault}");
            }
            Ok(())
        })?;
    }
}
