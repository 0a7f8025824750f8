//! The laws of one cycle and of its replay, over every therapy of one list.

mod house;
mod therapies;

use homeostat_kernel::{Divergence, Part, Replay};
use homeostat_record::{
    Authority, Canonical, Cause, CauseSet, Cycle, CycleEntry, List, Mode, Phase, Source, Steps,
};
use homeostat_supervisor::Profile as _;
use proptest::prelude::*;
use therapies::{Bed, CHOSEN, State, Therapy, run};

/// The one list: a law is written once and holds for each of these.
macro_rules! every_therapy {
    ($($law:ident)+) => {
        mod room { $(#[test] fn $law() { super::$law::<super::therapies::room::Room>(); })+ }
        mod insulin { $(#[test] fn $law() { super::$law::<super::therapies::insulin::Insulin>(); })+ }
        mod propofol { $(#[test] fn $law() { super::$law::<super::therapies::propofol::Propofol>(); })+ }
    };
}

every_therapy! {
    mod_01_automatic_operation_treats_and_stays
    log_02_the_record_alone_gives_every_decision_again
    ctl_01_the_same_input_gives_the_same_bytes
    a_replay_may_begin_at_any_snapshot_and_checks_the_later_ones
    log_03_a_changed_field_is_named_with_its_cycle
    a_missing_cycle_is_a_gap
    tim_08_a_missed_deadline_leaves_the_controller_as_it_was
    sup_01_a_failed_controller_is_replaced_by_the_background_in_the_same_cycle
    act_10_a_stop_ends_automatic_delivery_in_the_same_cycle
    sen_02_without_input_authority_falls_step_by_step
    any_input_gives_a_decision_within_the_bounds_that_replays
}

/// The record of a run: the first snapshot, then the cycles.
struct Record<T: Therapy> {
    snapshot: Vec<u8>,
    cycles: Vec<Vec<u8>>,
    states: Vec<State<T>>,
}

const UNDISTURBED: fn(&mut homeostat_record::Input) = |_| {};

fn bytes(value: &impl Canonical) -> Vec<u8> {
    let mut buffer = vec![0; 65_536];
    value.encode_canonical(&mut buffer).unwrap().to_vec()
}

fn record<T: Therapy>(cycles: u64) -> Record<T> {
    let snapshot = bytes(&T::machine().start());
    let mut record = Record { snapshot, cycles: vec![], states: vec![] };
    run::<T>(cycles, UNDISTURBED, |_, outcome| {
        record.cycles.push(bytes(&outcome.entry));
        record.states.push(outcome.state);
    });
    record
}

fn replay<T: Therapy>(record: &Record<T>) -> Result<u64, Divergence> {
    let machine = T::machine();
    let mut replay = Replay::new(&machine);
    replay.snapshot(&record.snapshot)?;
    for cycle in &record.cycles {
        replay.cycle(cycle)?;
    }
    Ok(replay.cycles())
}

fn mod_01_automatic_operation_treats_and_stays<T: Therapy>() {
    let (mut automatic, mut proposed) = (0, 0_u64);
    run::<T>(400, UNDISTURBED, |_, outcome| {
        let decision = outcome.entry.decision;
        automatic += u32::from(decision.mode == Mode::Automatic);
        if let (Mode::Automatic, Some(order)) = (decision.mode, decision.order) {
            // In the cycle of the choice the background still gives the amount.
            let chosen = outcome.entry.input.cycle == Cycle(CHOSEN);
            assert_eq!(order.source == Source::Background, chosen);
            proposed += u64::from(order.steps[0].0);
        }
    });
    assert!(automatic > 300, "automatic in {automatic} of 400 cycles");
    assert!(proposed > 0);
}

fn log_02_the_record_alone_gives_every_decision_again<T: Therapy>() {
    assert_eq!(replay(&record::<T>(400)), Ok(400));
}

fn ctl_01_the_same_input_gives_the_same_bytes<T: Therapy>() {
    assert_eq!(record::<T>(120).cycles, record::<T>(120).cycles);
}

fn a_replay_may_begin_at_any_snapshot_and_checks_the_later_ones<T: Therapy>() {
    let whole = record::<T>(90);
    let machine = T::machine();
    let mut replay = Replay::new(&machine);
    replay.snapshot(&bytes(&whole.states[29])).unwrap();
    for cycle in &whole.cycles[30..60] {
        replay.cycle(cycle).unwrap();
    }
    replay.snapshot(&bytes(&whole.states[59])).unwrap();
    assert_eq!(replay.cycles(), 30);
    let other = replay.snapshot(&bytes(&whole.states[58]));
    assert_eq!(other, Err(Divergence { cycle: Cycle(60), part: Part::Snapshot }));
}

/// Changes one cycle of a record and says what the replay finds.
fn altered<T: Therapy>(change: impl FnOnce(&mut CycleEntry)) -> Part {
    let mut record = record::<T>(60);
    let mut entry = CycleEntry::decode_canonical(&record.cycles[40]).unwrap();
    change(&mut entry);
    record.cycles[40] = bytes(&entry);
    let found = replay(&record).unwrap_err();
    assert_eq!(found.cycle, Cycle(41));
    found.part
}

fn log_03_a_changed_field_is_named_with_its_cycle<T: Therapy>() {
    let found = altered::<T>(|entry| entry.decision.acting = [Steps(12_345), Steps(0)]);
    assert_eq!(found, Part::Decision("acting"));
    let found = altered::<T>(|entry| entry.decision.authority = Authority::Suspend);
    assert_eq!(found, Part::Decision("authority"));
    let found = altered::<T>(|entry| entry.decision.phase = Phase::Manual);
    assert_eq!(found, Part::Decision("phase"));
    assert_eq!(altered::<T>(|entry| entry.proposal = None), Part::Proposal("presence"));
    assert_eq!(altered::<T>(|entry| entry.state.0 ^= 1), Part::State);
    let input = altered::<T>(|entry| {
        entry.input.conditions = entry.input.conditions.with(Cause::PowerLow);
    });
    assert_eq!(input, Part::Decision("active"));
}

fn a_missing_cycle_is_a_gap<T: Therapy>() {
    let mut missing = record::<T>(30);
    missing.cycles.remove(10);
    assert_eq!(replay(&missing), Err(Divergence { cycle: Cycle(12), part: Part::Gap }));
}

fn tim_08_a_missed_deadline_leaves_the_controller_as_it_was<T: Therapy>() {
    let late = |input: &mut homeostat_record::Input| {
        if input.cycle == Cycle(30) {
            input.conditions = input.conditions.with(Cause::DeadlineMissed);
        }
    };
    run::<T>(40, late, |before, outcome| {
        if outcome.entry.input.cycle == Cycle(30) {
            assert_eq!(outcome.entry.proposal, None);
            assert!(outcome.state.controller == before.controller);
        }
    });
}

fn sup_01_a_failed_controller_is_replaced_by_the_background_in_the_same_cycle<T: Therapy>() {
    let failed = |input: &mut homeostat_record::Input| {
        if input.cycle.0 >= 40 {
            input.conditions = input.conditions.with(Cause::ControllerFailed);
        }
    };
    let mut last = None;
    run::<T>(60, failed, |_, outcome| {
        let decision = outcome.entry.decision;
        if outcome.entry.input.cycle.0 >= 40 {
            assert_eq!(outcome.entry.proposal, None);
            assert!(decision.authority <= Authority::Background);
            last = decision.order.map(|order| order.source);
            assert_ne!(last, Some(Source::Controller));
        }
    });
    assert!(last.is_some(), "the background goes on");
}

fn act_10_a_stop_ends_automatic_delivery_in_the_same_cycle<T: Therapy>() {
    let stop = |input: &mut homeostat_record::Input| {
        if input.cycle == Cycle(50) {
            let by = homeostat_record::Role::Unknown;
            let action = homeostat_record::Action::Stop;
            input.people = List::new();
            input.people.push(homeostat_record::PersonAction { by, action }).unwrap();
        }
    };
    run::<T>(80, stop, |_, outcome| {
        let decision = outcome.entry.decision;
        if outcome.entry.input.cycle >= Cycle(50) {
            assert_ne!(decision.mode, Mode::Automatic);
            let source = decision.order.map(|order| order.source);
            assert_ne!(source, Some(Source::Controller));
        }
    });
}

fn sen_02_without_input_authority_falls_step_by_step<T: Therapy>() {
    let timing = *T::machine().profile.timing();
    let silent = |input: &mut homeostat_record::Input| {
        if input.cycle.0 >= 100 {
            input.frames = List::new();
        }
    };
    let mut lowest = Authority::Full;
    run::<T>(100 + 2 * u64::from(timing.input_lost), silent, |_, outcome| {
        let authority = outcome.entry.decision.authority;
        let missing = (outcome.entry.input.cycle.0 + 1).saturating_sub(100);
        if missing > u64::from(timing.input_limited) {
            assert!(authority <= Authority::Limited, "{missing} cycles without input");
        }
        if missing > u64::from(timing.input_lost) {
            assert!(authority <= Authority::Background, "{missing} cycles without input");
        }
        lowest = lowest.min(authority);
    });
    assert!(lowest >= Authority::Suspend, "the machine is not to blame");
}

fn any_input_gives_a_decision_within_the_bounds_that_replays<T: Therapy>() {
    let inputs = prop::collection::vec(
        (any::<u64>(), any::<u64>(), any::<i32>(), 0_u8..10, 0..80_usize, any::<u8>()),
        1..60,
    );
    let machine = T::machine();
    let most = machine.profile.limits().map(|limits| limits.cycle_max);
    let whole = record::<T>(CHOSEN + 8);
    let begun = whole.states.last().unwrap();
    let config = ProptestConfig { cases: 60, ..ProptestConfig::default() };
    proptest!(config, |(seeds in inputs)| {
        let mut state = *begun;
        let mut replay = Replay::new(&machine);
        replay.snapshot(&bytes(&state)).unwrap();
        let mut bed = Bed::<T>::new();
        for (cycle, (bits, millis, value, kind, place, byte)) in (CHOSEN + 9..).zip(seeds) {
            let mut input = bed.input(cycle);
            match kind {
                0 => input.conditions = CauseSet::from_bits(bits),
                1 => input.now.millis = millis,
                2 => input.frames = List::new(),
                3 => bed.patient.disturb(value),
                4 => input.reports = List::new(),
                5 => {
                    let frames: Vec<_> = input.frames.iter().copied().collect();
                    input.frames = List::new();
                    for mut frame in frames {
                        let mut raw = frame.bytes.as_slice().to_vec();
                        if let Some(at) = raw.get_mut(place) {
                            *at = byte;
                        }
                        frame.bytes = homeostat_record::Bytes::copy_of(&raw).unwrap();
                        input.frames.push(frame).unwrap();
                    }
                }
                _ => {}
            }
            let outcome = machine.cycle(&state, &input);
            let again = replay.cycle(&bytes(&outcome.entry));
            prop_assert_eq!(again.as_ref(), Ok(&outcome.entry));
            if let Some(order) = outcome.entry.decision.order {
                prop_assert!(order.steps.iter().zip(most).all(|(steps, most)| *steps <= most));
            }
            bed.take(&outcome.entry);
            state = outcome.state;
        }
    });
}
