//! The shipped table explored, and compared on every edge with the second statement.
//!
//! Thirty-three causes at once have too many states to visit. What is visited instead, and why that
//! is enough:
//!
//! 1. Every single row, whole: all states of its latch, all inputs that can reach it.
//! 2. Every pair of rows of different shape (rows of one shape differ in words alone), with all
//!    inputs: authority is the least ceiling, whatever the order.
//! 3. The flap guard on top of a pair of shapes that fall to different depths.
//! 4. The phases, with every person's act, over one row of every shape.
//! 5. That a latch depends on its own row, its own cause and people alone, and that authority is
//!    the least of them, on random states of all thirty-three: with it, 1 to 4 speak of all causes.
//! 6. Long random walks of all causes with the timing of a slow and of a fast therapy.
//!
//! Counters that no threshold looks at any more are held (`folded`); that this loses nothing is
//! checked on every edge by moving them.

mod second_statement;

use homeostat_record::{
    Action, Authority, Cause, CauseSet, Input, List, Mode, PersonAction, Phase, Role,
};
use homeostat_supervisor::causes::{Delay, Release};
use homeostat_supervisor::latch::{Latch, People};
use homeostat_supervisor::modes::{Modes, Signals};
use homeostat_supervisor::{Row, TABLE, Timing, projection};
use second_statement::{Deeds, Event, Second, Seen};
use std::collections::BTreeSet;

/// Small numbers that keep every order of the thresholds, all different where they meet.
const SMALL: Timing = Timing {
    input_limited: 2,
    input_lost: 4,
    deadline_misses: 3,
    record_lost: 3,
    implausible: 3,
    dwell: 2,
    dwell_cap: 5,
    flap_falls: 2,
    flap_window: 0,
    clamps: 1,
    clamp_window: 1,
    escalation: 3,
    background_limit: 3,
    handover: 2,
    request_interval: 1,
};

/// Still smaller, where two causes or all acts are explored together.
const TINY: Timing = Timing {
    input_lost: 3,
    deadline_misses: 2,
    record_lost: 2,
    implausible: 2,
    dwell: 1,
    dwell_cap: 3,
    escalation: 2,
    background_limit: 2,
    ..SMALL
};

/// Five-minute cycles.
const SLOW: Timing = Timing {
    input_limited: 2,
    input_lost: 4,
    deadline_misses: 3,
    record_lost: 12,
    implausible: 3,
    dwell: 3,
    dwell_cap: 9,
    flap_falls: 3,
    flap_window: 12,
    clamps: 4,
    clamp_window: 12,
    escalation: 6,
    background_limit: 48,
    handover: 2,
    request_interval: 3,
};

/// One-second cycles.
const FAST: Timing = Timing {
    input_limited: 10,
    input_lost: 30,
    deadline_misses: 3,
    record_lost: 60,
    implausible: 15,
    dwell: 5,
    dwell_cap: 60,
    flap_falls: 3,
    flap_window: 600,
    clamps: 10,
    clamp_window: 60,
    escalation: 45,
    background_limit: 0,
    handover: 30,
    request_interval: 20,
};

/// Age and clear time beyond which nothing changes any more.
fn horizon(timing: &Timing) -> (u16, u16) {
    let delays = [
        timing.input_limited,
        timing.input_lost,
        timing.deadline_misses,
        timing.record_lost,
        timing.implausible,
        timing.escalation,
        timing.dwell_cap.div_ceil(2),
    ];
    (delays.into_iter().max().unwrap(), timing.dwell.max(timing.dwell_cap))
}

fn input_of(deeds: &Deeds) -> Input {
    let mut people = List::new();
    let mut act = |by, action| people.push(PersonAction { by, action }).unwrap();
    if deeds.acknowledge {
        act(Role::User, Action::Acknowledge);
    }
    if deeds.reconcile {
        act(Role::Clinician, Action::Reconcile);
    }
    if deeds.reset {
        act(Role::Authorised, Action::Reset);
    }
    if let Some((phase, by)) = deeds.choose {
        act(by, Action::Choose(phase));
    }
    if deeds.stop {
        act(Role::Unknown, Action::Stop);
    }
    Input { people, ..Input::default() }
}

fn advance(modes: &Modes, timing: &Timing, event: &Event) -> (Modes, bool) {
    let input = input_of(&event.deeds);
    let (causes, fresh, given) = (event.causes, event.fresh, event.given);
    let signals = Signals { causes, fresh, given, restarted: event.restarted, input: &input };
    let (next, unmet) = modes.next(timing, &signals);
    (next, unmet.is_some())
}

fn seen(modes: &Modes, refused: bool) -> Seen {
    let mut limiting = CauseSet::EMPTY;
    for (cause, latch) in Cause::ALL.into_iter().zip(&modes.latches) {
        limiting = limiting.with_if(cause, latch.limits());
    }
    Seen {
        phase: modes.phase,
        authority: modes.authority(),
        mode: projection::mode(modes),
        refused,
        limiting,
        governing: modes.governing(),
        stopped: modes.stopped,
    }
}

/// The same state with counters held where no threshold looks at them any more.
fn folded(mut modes: Modes, timing: &Timing) -> Modes {
    let (age, clear) = horizon(timing);
    for latch in modes.latches.iter_mut().chain([&mut modes.flap.latch]) {
        latch.age = latch.age.min(age);
        latch.clear = latch.clear.min(clear);
    }
    modes.fresh = modes.fresh.min(timing.dwell);
    modes.background = modes.background.min(timing.background_limit);
    modes
}

/// A state that folding makes equal to this one: what is held moves on by seven.
fn moved(mut modes: Modes, timing: &Timing) -> Modes {
    let (age, clear) = horizon(timing);
    for latch in modes.latches.iter_mut().chain([&mut modes.flap.latch]) {
        latch.age += if latch.age == age { 7 } else { 0 };
        latch.clear += if latch.clear == clear { 7 } else { 0 };
    }
    modes.fresh += if modes.fresh == timing.dwell { 7 } else { 0 };
    modes
}

/// Whatever the state and the input.
fn laws(before: &Modes, after: &Modes, event: &Event, timing: &Timing) {
    let (from, to) = (before.authority(), after.authority());
    // P1, MOD-07: up by one level, and only by latches that are clear, waited, and were released.
    if to > from {
        assert_eq!(to as u8, from as u8 + 1, "one level at a time");
        let people = People::of(&input_of(&event.deeds));
        let latches = before.latches.iter().zip(&after.latches).zip(&TABLE);
        for ((old, new), row) in latches.filter(|((old, new), _)| new.ceiling > old.ceiling) {
            assert!(!event.causes.has(row.cause));
            assert!(old.clear + 1 >= timing.dwell);
            assert!(!old.held || people.grant(row.release));
            assert!(!new.held);
        }
    }
    // MOD-12, MOD-13: without a person nobody gets into a phase with more of the machine in it.
    if event.deeds.choose.is_none() && after.phase != before.phase {
        let moves = [
            (Phase::SelfTest, Phase::Standby),
            (Phase::Advisory, Phase::Manual),
            (Phase::Automatic, Phase::Manual),
        ];
        let by_machine = moves.contains(&(before.phase, after.phase));
        let by_stop = event.deeds.stop && after.phase == Phase::Standby;
        let to_test = after.phase == Phase::SelfTest && before.phase != Phase::Off;
        assert!(by_machine || by_stop || (to_test && (event.restarted || event.deeds.reset)));
    }
    // P2, ACT-10.
    if event.deeds.stop {
        assert!(after.stopped);
        assert!(!matches!(after.phase, Phase::Manual | Phase::Advisory | Phase::Automatic));
    }
    // P3, MOD-14.
    if event.causes.has(Cause::ProfileInvalid) {
        assert!(to <= Authority::Suspend);
        assert!(after.phase != Phase::Automatic || before.phase == Phase::Automatic);
    }
    // P5: out of fail-stop only by an authorised reset, now or while the latch waited.
    if from == Authority::FailStop && to > from {
        let stops = before.latches.iter().filter(|latch| latch.ceiling == Authority::FailStop);
        assert!(stops.into_iter().all(|latch| !latch.held || event.deeds.reset));
    }
    // MOD-02: automatic begins with everything green.
    if after.phase == Phase::Automatic && before.phase != Phase::Automatic {
        assert_eq!((to, after.reconciled), (Authority::Full, true));
        assert!(after.fresh >= timing.dwell);
        assert!(event.deeds.choose.is_some_and(|(_, by)| by != Role::Unknown));
    }
    assert!(after.is_sound());
}

/// P7 and P10 on one edge: an attacked link changes nothing, and a further cause never gives more.
fn further_causes(before: &Modes, after: &Modes, event: &Event, timing: &Timing, more: &[Cause]) {
    let attacked = Event { causes: event.causes.with(Cause::LinkAttacked), ..*event };
    let overlaid = advance(before, timing, &attacked).0;
    assert_eq!((overlaid.phase, overlaid.authority()), (after.phase, after.authority()));
    for cause in more {
        let worse = Event { causes: event.causes.with(*cause), ..*event };
        assert!(advance(before, timing, &worse).0.authority() <= after.authority());
    }
}

/// Visits every state that these events reach, and returns how many there are.
fn explore(causes: &[Cause], timing: &Timing, start: (Modes, Second), events: &[Event]) -> usize {
    let mut known = BTreeSet::new();
    let mut open = vec![start];
    while let Some((modes, second)) = open.pop() {
        let other = moved(modes, timing);
        for event in events {
            let (next, refused) = advance(&modes, timing, event);
            let mut next_second = second.clone();
            let expected = next_second.next(timing, event);
            assert_eq!(seen(&next, refused), expected, "{event:?} from {modes:?}");
            laws(&modes, &next, event, timing);
            if event.deeds.choose.is_none() {
                further_causes(&modes, &next, event, timing, causes);
            }
            let folded_next = folded(next, timing);
            if other != modes {
                assert_eq!(folded(advance(&other, timing, event).0, timing), folded_next);
            }
            if known.insert((key(&folded_next, causes), next_second.clone())) {
                open.push((folded_next, next_second));
            }
        }
    }
    known.len()
}

fn key(modes: &Modes, causes: &[Cause]) -> Vec<u16> {
    let mut key = Vec::with_capacity(32);
    let relevant = causes.iter().map(|cause| &modes.latches[*cause as usize]);
    for latch in relevant.chain([&modes.flap.latch]) {
        let flags = u16::from(latch.active)
            | u16::from(latch.held) << 1
            | u16::from(latch.seen) << 2
            | (latch.ceiling as u16) << 3;
        key.extend([flags, latch.age, latch.clear]);
    }
    let flags = u16::from(modes.reconciled) | u16::from(modes.stopped) << 1;
    key.extend([modes.phase as u16, flags, modes.handover, modes.background, modes.fresh]);
    key.extend(modes.flap.cause.map(|cause| cause as u16));
    key
}

fn off(causes: &[Cause], timing: &Timing) -> (Modes, Second) {
    (Modes::default(), Second::new(causes, timing))
}

/// All subsets of these causes with all sets of acts that release.
fn releases(causes: &[Cause]) -> Vec<Event> {
    let wanted =
        |release: Release| causes.iter().any(|cause| TABLE[*cause as usize].release == release);
    let ledger: &[bool] = if wanted(Release::Reconcile) { &[false, true] } else { &[false] };
    let reset: &[bool] = if wanted(Release::AuthorisedReset) { &[false, true] } else { &[false] };
    let mut events = Vec::new();
    for subset in 0..1_usize << causes.len() {
        let mut held = CauseSet::EMPTY;
        for (number, cause) in causes.iter().enumerate() {
            held = held.with_if(*cause, subset >> number & 1 == 1);
        }
        for acknowledge in [false, true] {
            for reconcile in ledger {
                for reset in reset {
                    let deeds = Deeds {
                        acknowledge,
                        reconcile: *reconcile,
                        reset: *reset,
                        ..Deeds::default()
                    };
                    events.push(Event { causes: held, deeds, ..Event::default() });
                }
            }
        }
    }
    events
}

type Shape = (Vec<(u16, u8)>, Option<u8>, u8);

/// What a row does, without its words: rows of one shape behave alike.
fn shape(row: &Row) -> Shape {
    let stages = row.stages.iter().map(|stage| {
        let delay: Delay = stage.after;
        (delay.cycles(&FAST), stage.ceiling as u8)
    });
    let release = match row.release {
        Release::WhenClear => 0,
        Release::Acknowledge => 1,
        Release::Reconcile => 2,
        Release::AuthorisedReset => 3,
    };
    (stages.collect(), row.second.map(|second| second as u8), release)
}

/// The first row of every shape.
fn shapes() -> Vec<Cause> {
    let mut known = BTreeSet::new();
    TABLE.iter().filter(|row| known.insert(shape(row))).map(|row| row.cause).collect()
}

#[test]
fn mod_01_every_row_alone_as_the_register_states_it() {
    let mut states = 0;
    for cause in Cause::ALL {
        let causes = [cause];
        states += explore(&causes, &SMALL, off(&causes, &SMALL), &releases(&causes));
    }
    assert_eq!(states, 1_539, "a changed count is a reviewed change");
}

#[test]
fn p10_every_pair_of_shapes_composes_as_the_lower_of_the_two() {
    let shapes = shapes();
    let mut states = 0;
    for (number, first) in shapes.iter().enumerate() {
        for second in &shapes[number + 1..] {
            let causes = [*first, *second];
            states += explore(&causes, &TINY, off(&causes, &TINY), &releases(&causes));
        }
    }
    assert_eq!((shapes.len(), states), (16, 74_483), "a changed count is a reviewed change");
}

#[test]
fn mod_08_the_flap_guard_over_pairs_that_fall_to_different_depths() {
    let pairs = [
        [Cause::QualityReduced, Cause::QualityPoor],
        [Cause::InputMissing, Cause::PhysiologicStop],
        [Cause::ArtefactSuspected, Cause::IntegrityLost],
    ];
    let timing = Timing { flap_window: 3, ..TINY };
    let counts =
        pairs.map(|causes| explore(&causes, &timing, off(&causes, &timing), &releases(&causes)));
    assert_eq!(counts, [2_857, 9_258, 6_067], "a changed count is a reviewed change");
}

fn acts() -> Vec<Deeds> {
    let none = Deeds::default();
    let mut acts = vec![
        none,
        Deeds { stop: true, ..none },
        Deeds { acknowledge: true, ..none },
        Deeds { reconcile: true, ..none },
        Deeds { reset: true, ..none },
        Deeds { stop: true, choose: Some((Phase::Manual, Role::User)), ..none },
        Deeds { reconcile: true, choose: Some((Phase::Automatic, Role::Clinician)), ..none },
        Deeds { choose: Some((Phase::Automatic, Role::Unknown)), ..none },
        Deeds { choose: Some((Phase::Manual, Role::Unknown)), ..none },
        Deeds { choose: Some((Phase::Service, Role::User)), ..none },
        Deeds { choose: Some((Phase::Service, Role::Authorised)), ..none },
    ];
    for phase in [
        Phase::Off,
        Phase::SelfTest,
        Phase::Standby,
        Phase::Manual,
        Phase::Advisory,
        Phase::Automatic,
    ] {
        acts.push(Deeds { choose: Some((phase, Role::User)), ..none });
    }
    acts
}

#[test]
fn mod_01_every_act_in_every_phase_over_every_shape() {
    let mut states = 0;
    for cause in shapes() {
        let causes = [cause];
        let mut events = Vec::new();
        for deeds in acts() {
            for holds in [CauseSet::EMPTY, CauseSet::EMPTY.with(cause)] {
                let plain = Event { causes: holds, fresh: true, deeds, ..Event::default() };
                events.push(plain);
                events.push(Event { fresh: false, ..plain });
                events.push(Event { given: true, ..plain });
                events.push(Event { restarted: true, ..plain });
            }
        }
        states += explore(&causes, &TINY, off(&causes, &TINY), &events);
    }
    assert_eq!(states, 22_264, "a changed count is a reviewed change");
}

#[test]
fn p10_two_triggers_at_once_give_the_lower_target_for_all_causes() {
    let of = |causes| {
        let event = Event { causes, ..Event::default() };
        advance(&Modes::default(), &SMALL, &event).0.authority()
    };
    for first in Cause::ALL {
        for second in Cause::ALL {
            let one = CauseSet::EMPTY.with(first);
            let both = of(one.with(second));
            assert_eq!(both, of(one).min(of(CauseSet::EMPTY.with(second))));
        }
    }
}

/// A small generator of the test's own, so that a failing walk repeats.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.roll().is_multiple_of(n)
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.roll()).unwrap() % all.len()]
    }
}

fn random_latch(dice: &mut Dice) -> Latch {
    let age = u16::try_from(dice.roll() % 70).unwrap();
    if age == 0 {
        return Latch { seen: dice.one_in(2), ..Latch::default() };
    }
    let active = dice.one_in(2);
    let ceilings = [
        Authority::FailStop,
        Authority::Suspend,
        Authority::Background,
        Authority::Limited,
        Authority::Full,
    ];
    Latch {
        active,
        ceiling: dice.of(&ceilings),
        age,
        clear: if active { 0 } else { u16::try_from(dice.roll() % 70).unwrap() },
        held: dice.one_in(2),
        seen: dice.one_in(2),
    }
}

#[test]
fn a_latch_knows_of_no_other_cause_and_authority_is_the_least_of_all() {
    let mut dice = Dice(0x5EED);
    for _ in 0..20_000 {
        let mut modes = Modes { phase: Phase::Automatic, ..Modes::default() };
        for latch in &mut modes.latches {
            *latch = random_latch(&mut dice);
        }
        let deeds = Deeds {
            acknowledge: dice.one_in(3),
            reconcile: dice.one_in(3),
            reset: dice.one_in(3),
            ..Deeds::default()
        };
        let causes = CauseSet::from_bits(dice.roll() >> 31);
        let event = Event { causes, deeds, ..Event::default() };
        let timing = Timing { flap_window: 0, ..dice.of(&[SLOW, FAST]) };
        let joint = advance(&modes, &timing, &event).0;
        let people = People::of(&input_of(&deeds));
        let mut least = Authority::Full;
        for (row, (old, new)) in TABLE.iter().zip(modes.latches.iter().zip(&joint.latches)) {
            assert_eq!(*new, old.next(row, &timing, causes.has(row.cause), &people));
            least = least.min(new.ceiling);
        }
        assert_eq!(joint.authority(), least);
    }
}

/// A long walk in which causes come and go at their own pace, and people act now and then.
fn walk(timing: &Timing, seed: u64, cycles: u32) {
    let mut dice = Dice(seed);
    let mut modes = Modes::default();
    let mut second = Second::new(&Cause::ALL, timing);
    let mut causes = CauseSet::EMPTY;
    let mut rises: Vec<u32> = Vec::new();
    let mut modes_seen = BTreeSet::new();
    for cycle in 0..cycles {
        let calm = cycle / 2_000 % 3 != 0;
        let rare = if calm { 900 } else { 60 };
        for cause in Cause::ALL {
            if causes.has(cause) {
                if dice.one_in(6) {
                    causes = causes.without(cause);
                }
            } else if dice.one_in(rare * 8) {
                causes = causes.with(cause);
            }
        }
        let deeds = if dice.one_in(4) { dice.of(&acts()) } else { Deeds::default() };
        let restarted = dice.one_in(700);
        let event =
            Event { causes, fresh: !dice.one_in(40), given: dice.one_in(50), restarted, deeds };
        let (next, refused) = advance(&modes, timing, &event);
        assert_eq!(seen(&next, refused), second.next(timing, &event), "cycle {cycle}, seed {seed}");
        laws(&modes, &next, &event, timing);
        if next.authority() > modes.authority() {
            if let Some(last) = rises.last() {
                assert!(cycle - last >= u32::from(timing.dwell), "one level per dwell");
            }
            rises.push(cycle);
        }
        modes = next;
        modes_seen.insert(projection::mode(&modes) as u8);
    }
    assert!(rises.len() > 50, "the walk moves: {} rises", rises.len());
    assert!(modes_seen.len() == Mode::Handover as usize + 1, "every mode is seen: {modes_seen:?}");
}

#[test]
fn mod_07_long_walks_with_the_timing_of_a_slow_therapy() {
    for seed in 1..=8 {
        walk(&SLOW, seed, 60_000);
    }
}

#[test]
fn mod_07_long_walks_with_the_timing_of_a_fast_therapy() {
    for seed in 11..=18 {
        walk(&FAST, seed, 60_000);
    }
}
