//! Loss of power at random instants: nothing acknowledged is lost, the state after the restart is one
//! that the loop was in, treatment does not resume by itself, and the box verifies and replays
//! (F-P01, LOG-05, MOD-13).
//!
//! `HOMEOSTAT_POWER_CUTS` says how many instants; `HOMEOSTAT_SEED` where to begin.

#[allow(dead_code, reason = "shared with other tests")]
mod disk;
mod person;
mod random;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use homeostat_assembly::inspection::{Replayed, inspect};
use homeostat_assembly::{InstalledProfile, Machine, insulin};
use homeostat_blackbox::disk::FileId;
use homeostat_blackbox::testing::{Files, SimulatedDisk, Step};
use homeostat_blackbox::verdict::Options;
use homeostat_blackbox::verify::verify_log;
use homeostat_device::controller::confinement::Confinement;
use homeostat_device::controller::{ControllerPort, Heard};
use homeostat_device::core::{Core, Kept, Moment};
use homeostat_device::keeping::Direct;
use homeostat_device::life::Life;
use homeostat_device::restart::{Opened, Start};
use homeostat_record::{Action, CauseSet, Digest, Input, Instant, PersonAction, Phase, Role};

use disk::{Memory, Shared, after_a_cut};
use person::{fresh, profile, start};
use random::Random;

const CYCLES: u64 = 30;

/// A controller in the same process, which sometimes is late or fails.
struct Inside {
    machine: Box<dyn Machine>,
    chance: Random,
}

impl ControllerPort for Inside {
    fn ask(&mut self, state: &[u8], input: &Input, _: Duration) -> Heard {
        match self.chance.below(12) {
            0 => return Heard::Late,
            1 => return Heard::Failed("a test".to_owned()),
            _ => {}
        }
        let mut space = vec![0; 32_768];
        match self.machine.propose(state, input, &mut space) {
            Ok((state, Some(proposal))) => Heard::Given { state: state.to_vec(), proposal },
            other => Heard::Failed(format!("{other:?}")),
        }
    }
    fn confinement(&self) -> Option<Confinement> {
        None
    }
    fn starts(&self) -> u64 {
        1
    }
}

/// The newest box's files and what happened to them since this life began.
fn newest_files(boxes: &Memory) -> (Files, Vec<Step>) {
    let newest = boxes.all().last().cloned();
    let files = |disk: &mut SimulatedDisk| (disk.files().clone(), disk.steps().to_vec());
    newest.map(|disk| disk.with(files)).unwrap_or_default()
}

/// One life: it runs until power is cut, and gives the states that it was in, the last acknowledged
/// cycle, and what is left on the disk.
struct Lived {
    /// Cycle and digest of the state after it.
    states: Vec<(u64, Digest)>,
    acknowledged: Option<u64>,
    disk: Files,
    /// The box was made before power went.
    made: bool,
}

fn live(
    boxes: &Memory,
    profile: &InstalledProfile,
    inputs: &[Input],
    life: Life,
    chance: &mut Random,
) -> Lived {
    let (mut before, _) = newest_files(boxes);
    let opened = start(boxes, profile, life);
    assert_ne!(opened.start, Start::Damaged, "{:?}", opened.details);
    if opened.number > life.boxes {
        before = Files::default();
    }
    let made_at = newest_files(boxes).1.len();
    let mut states = Vec::new();
    if let Some(last) = opened.last {
        states.push((last.0, opened.machine.digest()));
    }
    let mut core = Core::new(opened.machine, opened.last, 8);
    let mut keeper = Direct::new(opened.recorder, ());
    let mut controller = Inside { machine: fresh(profile), chance: Random(chance.next()) };
    let mut durable_after = Vec::new();
    let boot = life.boot + 1;
    let by = Role::User;
    for (number, recorded) in inputs.iter().take(CYCLES as usize).enumerate() {
        let now = Instant { boot, millis: recorded.now.millis };
        for frame in &recorded.frames {
            core.mailbox.frame(Instant { boot, ..frame.received }, frame.bytes);
        }
        for report in &recorded.reports {
            core.mailbox.report(homeostat_record::Report { received: now, ..*report });
        }
        for phase in [(1, Phase::SelfTest), (4, Phase::Manual), (9, Phase::Automatic)] {
            if phase.0 == number {
                let _ = core.mailbox.person(PersonAction { by, action: Action::Reconcile });
                let _ = core.mailbox.person(PersonAction { by, action: Action::Choose(phase.1) });
            }
        }
        let moment = Moment { now, wall: recorded.wall };
        let turned = core.cycle(
            moment,
            CauseSet::EMPTY,
            &mut controller,
            Duration::from_secs(1),
            &mut keeper,
        );
        if number == 0 {
            let phase = turned.entry.decision.phase;
            assert!(matches!(phase, Phase::Off | Phase::SelfTest | Phase::Standby), "{phase:?}");
        }
        states.push((turned.entry.input.cycle.0, turned.entry.state));
        assert_eq!(turned.kept, Kept::Durable);
        let steps = newest_files(boxes).1.len();
        durable_after.push((steps, turned.entry.input.cycle.0));
    }
    let (_, steps) = newest_files(boxes);
    let cut = chance.below(steps.len() as u64 + 1) as usize;
    let disk = after_a_cut(&before, &steps[..cut], &mut || chance.below(2) == 0);
    let acknowledged =
        durable_after.iter().filter(|(steps, _)| *steps <= cut).map(|(_, n)| *n).max();
    let acknowledged = acknowledged.or_else(|| opened_before(&states, &durable_after));
    Lived { states, acknowledged, disk, made: cut >= made_at }
}

/// What an earlier life had kept.
fn opened_before(states: &[(u64, Digest)], lived: &[(usize, u64)]) -> Option<u64> {
    let first = lived.first().map(|(_, number)| *number);
    states.first().map(|(number, _)| *number).filter(|number| Some(*number) != first)
}

fn check(disk: &Files, lived: &Lived, life: Life, profile: &InstalledProfile) {
    let mut memory = SimulatedDisk::new(disk.clone(), 512);
    let options = Options::default();
    let visit =
        |visit: homeostat_blackbox::verdict::Visit<'_>| verify_log(&mut memory, &options, visit);
    let found = inspect(visit, &insulin::rebuild, None).expect("memory can be read");
    if !found.begun {
        assert_eq!(lived.acknowledged, None);
        return;
    }
    assert!(found.verdict.is_good(), "{:?}", found.verdict.fault);
    let ended = found.ended.as_ref().map(|ended| ended.cycle.0);
    assert!(
        ended >= lived.acknowledged,
        "{ended:?} of {:?}; {:?}",
        lived.acknowledged,
        found.replayed
    );
    if found.cycles > 0 {
        assert_eq!(found.replayed, Replayed::Equal);
    }
    if let Some(ended) = found.ended {
        let mut machine = fresh(profile);
        machine.restore(&ended.state).expect("it is a state");
        let state = (ended.cycle.0, machine.digest());
        assert!(lived.states.contains(&state), "a state between: cycle {} of {life:?}", state.0);
    }
}

#[test]
fn f_p01_power_is_lost_at_any_instant_and_the_loop_goes_on_from_a_state_that_it_was_in() {
    let number = |name: &str, usual| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (cuts, seed): (u64, u64) =
        (number("HOMEOSTAT_POWER_CUTS", 60), number("HOMEOSTAT_SEED", 1));
    let (profile, inputs) = profile();
    let lives = 4;
    for chain in 0..cuts.div_ceil(lives) {
        let seed = seed + chain;
        let said = std::panic::catch_unwind(|| {
            let mut chance = Random(seed);
            let boxes = Memory::default();
            let mut life = Life::default();
            for _ in 0..lives {
                let lived = live(&boxes, &profile, &inputs, life, &mut chance);
                check(&lived.disk, &lived, life, &profile);
                life = life.begun();
                if lived.made {
                    life.boxes = boxes.all().len() as u32;
                }
                let disk = SimulatedDisk::new(lived.disk.clone(), 512).recording();
                let mut all = boxes.all();
                all.pop();
                if !lived.disk.is_empty() {
                    all.push(Shared(Arc::new(Mutex::new(disk))));
                }
            }
        });
        assert!(
            said.is_ok(),
            "repeat with HOMEOSTAT_SEED={seed} HOMEOSTAT_POWER_CUTS={lives} cargo test -p \
             homeostat-device --test power"
        );
    }
}

/// A life that was lived to its end without a loss of power: its boxes, and the life after it.
fn lived(boxes: &Memory, profile: &InstalledProfile, inputs: &[Input]) -> Life {
    let life = Life::default();
    live(boxes, profile, inputs, life, &mut Random(1));
    Life { boxes: 1, ..life.begun() }
}

/// What a start in these boxes is, and the life after it. It ends before its first cycle is kept.
fn started(boxes: &Memory, profile: &InstalledProfile, life: Life) -> (Start, Life) {
    let opened = start(boxes, profile, life);
    let boxes = life.boxes.max(opened.number);
    (opened.start, Life { boxes, ..life.begun() })
}

#[test]
fn mod_13_a_damaged_box_stays_damaged_until_a_new_one_has_kept_its_first_cycle() {
    let (profile, inputs) = profile();
    let boxes = Memory::default();
    let life = lived(&boxes, &profile, &inputs);
    boxes.all()[0].with(|disk| {
        let segment = disk.file_mut(FileId::Segment(0)).expect("it has one");
        let middle = segment.iter().rposition(|byte| *byte != 0).expect("it is written") / 2;
        segment[middle] ^= 1;
    });
    let (first, life) = started(&boxes, &profile, life);
    assert_eq!(first, Start::Damaged);
    // Power goes before the first cycle; then while a box is made, before it is known to be.
    let (second, life) = started(&boxes, &profile, life);
    assert_eq!(second, Start::Damaged);
    let known = life.boxes;
    let (third, life) = started(&boxes, &profile, life);
    assert_eq!(third, Start::Damaged);
    let (fourth, _) = started(&boxes, &profile, Life { boxes: known, ..life });
    assert_eq!(fourth, Start::Damaged);
}

#[test]
fn log_04_an_orderly_end_with_records_missing_behind_the_last_snapshot_is_no_fresh_start() {
    let (profile, inputs) = profile();
    let boxes = Memory::default();
    let life = lived(&boxes, &profile, &inputs);
    let Opened { mut recorder, start: first, .. } = start(&boxes, &profile, life);
    assert_eq!(first, Start::Unexplained);
    recorder.lost(1);
    recorder.close().expect("it is closed");
    let before = Life { orderly: true, ..life.begun() };
    assert_eq!(start(&boxes, &profile, before).start, Start::Damaged);
}
