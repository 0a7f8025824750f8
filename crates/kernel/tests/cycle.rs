//! One cycle and its replay, shown on the toy therapy. What holds for every therapy stands in
//! `every_therapy.rs`.

mod house;

use homeostat_kernel::{Divergence, Part, Replay};
use homeostat_record::{
    Authority, Canonical, Cause, Cycle, CycleEntry, DecodeError, Mode, Phase, Steps,
};
use house::{HouseState, house, run, undisturbed};

/// The record of a run: the first snapshot, then the cycles.
struct Record {
    snapshot: Vec<u8>,
    cycles: Vec<Vec<u8>>,
    states: Vec<HouseState>,
}

fn bytes(value: &impl Canonical) -> Vec<u8> {
    let mut buffer = [0; 16_384];
    value.encode_canonical(&mut buffer).unwrap().to_vec()
}

fn record(cycles: u64) -> Record {
    let mut record = Record { snapshot: bytes(&house().start()), cycles: vec![], states: vec![] };
    run(cycles, undisturbed, |_, outcome| {
        record.cycles.push(bytes(&outcome.entry));
        record.states.push(outcome.state);
    });
    record
}

fn replay(record: &Record) -> Result<u64, Divergence> {
    let house = house();
    let mut replay = Replay::new(&house);
    replay.snapshot(&record.snapshot)?;
    for cycle in &record.cycles {
        replay.cycle(cycle)?;
    }
    Ok(replay.cycles())
}

#[test]
fn a_cold_room_is_warmed_and_held() {
    let mut automatic = 0;
    let room = run(600, undisturbed, |_, outcome| {
        automatic += u32::from(outcome.entry.decision.mode == Mode::Automatic);
    });
    assert!((20_000..22_000).contains(&room.temperature), "{room:?}");
    assert!(automatic > 500, "automatic in {automatic} of 600 cycles");
}

#[test]
fn cycles_before_the_first_snapshot_are_read_and_passed_over() {
    let whole = record(20);
    let house = house();
    let mut replay = Replay::new(&house);
    for cycle in &whole.cycles {
        replay.cycle(cycle).unwrap();
    }
    assert_eq!(replay.cycles(), 0);
    assert!(replay.state().is_none());
}

/// Changes one cycle of a record and says what the replay finds.
fn altered(change: impl FnOnce(&mut CycleEntry)) -> Divergence {
    let mut record = record(60);
    let mut entry = CycleEntry::decode_canonical(&record.cycles[40]).unwrap();
    change(&mut entry);
    record.cycles[40] = bytes(&entry);
    replay(&record).unwrap_err()
}

#[test]
fn log_03_a_changed_field_is_named_with_its_cycle() {
    let found = |part| Divergence { cycle: Cycle(41), part };
    assert_eq!(
        altered(|entry| entry.decision.acting = [Steps(12_345), Steps(0)]),
        found(Part::Decision("acting"))
    );
    assert_eq!(altered(|entry| entry.decision.order = None), found(Part::Decision("order")));
    assert_eq!(
        altered(|entry| entry.decision.authority = Authority::Suspend),
        found(Part::Decision("authority"))
    );
    assert_eq!(
        altered(|entry| entry.decision.phase = Phase::Manual),
        found(Part::Decision("phase"))
    );
    assert_eq!(altered(|entry| entry.proposal = None), found(Part::Proposal("presence")));
    assert_eq!(
        altered(|entry| {
            let mut proposal = entry.proposal.unwrap();
            proposal.rationale.reason = 77;
            entry.proposal = Some(proposal);
        }),
        found(Part::Proposal("rationale"))
    );
    assert_eq!(altered(|entry| entry.state.0 ^= 1), found(Part::State));
}

#[test]
fn a_changed_input_shows_in_what_follows_from_it() {
    let divergence =
        altered(|entry| entry.input.conditions = entry.input.conditions.with(Cause::PowerLow));
    assert_eq!(divergence, Divergence { cycle: Cycle(41), part: Part::Decision("active") });
}

#[test]
fn a_missing_cycle_is_a_gap_and_a_damaged_one_is_located() {
    let mut missing = record(30);
    missing.cycles.remove(10);
    assert_eq!(replay(&missing), Err(Divergence { cycle: Cycle(12), part: Part::Gap }));

    let mut swapped = record(30);
    swapped.cycles.swap(10, 11);
    assert_eq!(replay(&swapped), Err(Divergence { cycle: Cycle(12), part: Part::Gap }));

    let mut damaged = record(30);
    damaged.cycles[5].truncate(7);
    let divergence = replay(&damaged).unwrap_err();
    assert_eq!(divergence.cycle, Cycle(5));
    assert!(matches!(divergence.part, Part::Undecodable(DecodeError::Malformed { .. })));
    assert!(divergence.to_string().starts_with("cycle 5: cycle entry: malformed record at byte"));
}

#[test]
fn a_damaged_snapshot_is_located_and_every_difference_has_its_words() {
    let house = house();
    let mut replay = Replay::new(&house);
    let divergence = replay.snapshot(&[0x80]).unwrap_err();
    let error = DecodeError::Malformed { position: 1 };
    assert_eq!(divergence, Divergence { cycle: Cycle(0), part: Part::SnapshotUndecodable(error) });
    let words = |part| Divergence { cycle: Cycle(9), part }.to_string();
    assert_eq!(
        words(divergence.part),
        "cycle 9: snapshot: malformed record at byte 1: not the expected structure"
    );
    assert_eq!(words(Part::Gap), "cycle 9: cycle number: does not follow the one before");
    assert_eq!(words(Part::Proposal("steps")), "cycle 9: proposal.steps");
    assert_eq!(words(Part::Decision("mode")), "cycle 9: decision.mode");
    assert_eq!(words(Part::State), "cycle 9: state after the cycle (digest)");
    assert_eq!(words(Part::Snapshot), "cycle 9: snapshot: another state than the one computed");
}

#[test]
fn sup_04_an_objection_takes_authority_in_the_same_cycle() {
    let house = house();
    let mut state = house.start();
    let mut room = house::Room::at(20_500);
    let mut objected = false;
    for cycle in 1..=40 {
        if cycle == 30 {
            // The room is warm, and the controller has been told to make it warmer still.
            room.temperature = 26_500;
        }
        let mut loud = house;
        if cycle >= 30 {
            loud.controller.set_point = 40_000;
        }
        let outcome = loud.cycle(&state, &room.input(cycle));
        if cycle == 30 {
            objected = outcome.entry.decision.active.has(Cause::OpinionDiffers);
            assert!(outcome.entry.decision.authority <= Authority::Background);
        }
        room.take(&outcome);
        state = outcome.state;
    }
    assert!(objected);
}
