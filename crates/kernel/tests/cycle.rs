//! One cycle and its replay, shown on the toy therapy.

mod house;

use homeostat_kernel::{Divergence, Part, Replay};
use homeostat_record::{
    Authority, Canonical, Cause, Cycle, CycleEntry, DecodeError, Mode, Phase, Source, Steps,
};
use house::{HouseState, house, run, undisturbed};
use proptest::prelude::*;

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
fn log_02_the_record_alone_gives_every_decision_again() {
    assert_eq!(replay(&record(400)), Ok(400));
}

#[test]
fn ctl_01_the_same_input_gives_the_same_bytes() {
    let (first, second) = (record(120), record(120));
    assert_eq!(first.cycles, second.cycles);
}

#[test]
fn a_replay_may_begin_at_any_snapshot_and_checks_the_later_ones() {
    let whole = record(90);
    let house = house();
    let mut replay = Replay::new(&house);
    replay.snapshot(&bytes(&whole.states[29])).unwrap();
    for cycle in &whole.cycles[30..60] {
        replay.cycle(cycle).unwrap();
    }
    replay.snapshot(&bytes(&whole.states[59])).unwrap();
    assert_eq!(replay.cycles(), 30);
    assert_eq!(
        replay.snapshot(&bytes(&whole.states[58])),
        Err(Divergence { cycle: Cycle(60), part: Part::Snapshot })
    );
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
fn tim_08_a_missed_deadline_leaves_the_controller_as_it_was() {
    run(
        40,
        |input| {
            if input.cycle == Cycle(30) {
                input.conditions = input.conditions.with(Cause::DeadlineMissed);
            }
        },
        |before, outcome| {
            if outcome.entry.input.cycle == Cycle(30) {
                assert_eq!(outcome.entry.proposal, None);
                assert_eq!(outcome.state.controller, before.controller);
            }
        },
    );
}

#[test]
fn sup_01_a_failed_controller_is_replaced_by_the_background_in_the_same_cycle() {
    run(
        60,
        |input| {
            if input.cycle.0 >= 40 {
                input.conditions = input.conditions.with(Cause::ControllerFailed);
            }
        },
        |_, outcome| {
            if outcome.entry.input.cycle.0 >= 40 {
                let decision = outcome.entry.decision;
                assert_eq!(outcome.entry.proposal, None);
                assert_eq!(outcome.state.controller, house::Remembered::default());
                assert_eq!(decision.authority, Authority::Background);
                assert_eq!(decision.order.unwrap().source, Source::Background);
            }
        },
    );
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

proptest! {
    #[test]
    fn any_input_gives_a_decision_that_replays(
        seeds in prop::collection::vec((any::<u32>(), any::<u64>(), any::<i32>(), 0_u8..8), 1..40)
    ) {
        let house = house();
        let mut state = house.start();
        let mut replay = Replay::new(&house);
        replay.snapshot(&bytes(&state)).unwrap();
        let mut room = house::Room::at(20_000);
        for (number, (bits, millis, value, kind)) in seeds.into_iter().enumerate() {
            let mut input = room.input(number as u64);
            match kind {
                0 => input.conditions = homeostat_record::CauseSet::from_bits(bits),
                1 => input.now.millis = millis,
                2 => input.frames = homeostat_record::List::new(),
                3 => room.temperature = value,
                4 => input.reports = homeostat_record::List::new(),
                _ => {}
            }
            let outcome = house.cycle(&state, &input);
            let again = replay.cycle(&bytes(&outcome.entry));
            prop_assert_eq!(again.as_ref(), Ok(&outcome.entry));
            if let Some(order) = outcome.entry.decision.order {
                prop_assert!(order.steps[0] <= house.profile.limits[0].cycle_max);
            }
            state = outcome.state;
        }
    }
}
