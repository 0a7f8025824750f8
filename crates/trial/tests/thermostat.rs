//! A third therapy runs in the trial's engine without a change to it: a heated room, the toy
//! therapy that the supervisor's and the kernel's tests use. The patient is a room, the drug is
//! heat; the loop, the record, its verification and its replay are the real ones.

#[path = "../../kernel/tests/house/mod.rs"]
mod house;

use homeostat_assembly::inspection::{Builder, Inspection, Replayed, inspect};
use homeostat_assembly::signed_profile::Statement;
use homeostat_assembly::{
    BoxIdentity, Cadence, Corruption, InstalledProfile, LoopMachine, Machine, RecordError,
    Recorder, Trust,
};
use homeostat_blackbox::verdict::Options;
use homeostat_blackbox::verify::verify_log;
use homeostat_record::{
    Action, Authority, Bytes, CHANNELS, Cause, CycleEntry, Decision, List, PERSON_ACTIONS_MAX,
    PersonAction, Phase, Quantity, Role, SensorFrame, SoftwareIdentity, Span, Steps, Unit,
};
use homeostat_trial::checkers::{alarm::Bell, guard::Guard, lease::Lease};
use homeostat_trial::engine::{
    ActuatorSettings, Bedside, Clockwork, Delivered, MemoryDisk, PortFaults, ProfileFault,
    ProfileStore, Seen, Sensed, Watcher, World, test_signer,
};

/// A room with people in it.
struct Home {
    temperature: f64,
    sequence: u32,
    faults: fn(u64) -> PortFaults,
}

impl Bedside for Home {
    fn faults(&self, at: Span) -> PortFaults {
        (self.faults)(at.as_millis() / 1_000)
    }

    fn sense(&mut self, at: Span) -> Sensed {
        let mut sensed = Sensed::new();
        if !at.as_millis().is_multiple_of(house::PERIOD_MILLIS) {
            return sensed;
        }
        self.sequence += 1;
        let frame = SensorFrame {
            quantity: Quantity(3),
            unit: Unit(4),
            source: 9,
            sequence: self.sequence,
            taken_millis: at.as_millis(),
            value_thousandths: (self.temperature * 1_000.0) as i32,
            quality: 100,
            ..SensorFrame::default()
        };
        let _ = sensed.push(frame);
        sensed
    }

    fn people(&mut self, _: Span, shown: &Decision) -> List<PersonAction, PERSON_ACTIONS_MAX> {
        let mut acts = List::new();
        let mut act = |action| {
            let _ = acts.push(PersonAction { by: Role::User, action });
        };
        match shown.phase {
            Phase::Off => act(Action::Choose(Phase::SelfTest)),
            Phase::Standby => act(Action::Choose(Phase::Manual)),
            Phase::Manual => {
                act(Action::Acknowledge);
                act(Action::Reconcile);
                act(Action::Choose(Phase::Automatic));
            }
            _ => act(Action::Acknowledge),
        }
        acts
    }

    fn background(&self, _: Span) -> [Steps; CHANNELS] {
        [Steps(5), Steps::ZERO]
    }

    fn live(&mut self, _: Span, delivered: &Delivered) {
        self.temperature += delivered.real[0] * 0.006 - (self.temperature - 5.0) / 2_000.0;
    }
}

struct Watch {
    recorder: Recorder<MemoryDisk>,
    guard: Guard,
    lease: Lease,
    bell: Bell,
    last: Decision,
}

impl Watcher<Home> for Watch {
    type Error = RecordError;

    fn record(&mut self, machine: &dyn Machine, entry: &CycleEntry) -> Result<(), RecordError> {
        self.last = entry.decision;
        self.recorder.cycle(machine, entry)
    }

    fn note(&mut self, words: &str) -> Result<(), RecordError> {
        self.recorder.note(words)
    }

    fn look(&mut self, seen: &Seen<'_>, _: &Home) {
        self.guard.look(seen);
        self.lease.look(seen);
        self.bell.look(seen);
    }
}

fn machine() -> LoopMachine<house::Proportional, house::thermostat::Thermostat, house::Neighbour> {
    let identity = SoftwareIdentity {
        controller: Bytes::copy_of(b"thermostat/proportional").expect("it fits"),
        ..SoftwareIdentity::default()
    };
    LoopMachine::new(house::house(), identity, PROFILE.to_vec(), Span::from_minutes(1))
}

const PROFILE: &[u8] = b"as built";
const DEVICE: &str = "homeostat.example/trial/thermostat";

fn installed() -> InstalledProfile {
    let signer = test_signer(1).expect("a name");
    let (therapy, device) = ("heating".to_owned(), DEVICE.to_owned());
    let statement = Statement {
        therapy: therapy.clone(),
        device: device.clone(),
        revision: 1,
        profile: PROFILE.to_vec(),
    };
    let trust = Trust { signers: vec![*signer.verifier()], therapy, device };
    InstalledProfile::verify(statement.signed(&signer).as_bytes(), trust).expect("it is signed")
}

struct Lived {
    temperature: f64,
    last: Decision,
    verdicts: Vec<homeostat_trial::checkers::Verdict>,
    inspection: Inspection,
}

fn live(cycles: u64, faults: fn(u64) -> PortFaults) -> Lived {
    let mut machine = machine();
    let clockwork = Clockwork {
        period: Span::from_millis(house::PERIOD_MILLIS),
        ticks: 5,
        cycles,
        wall_start_millis: 1_767_225_600_000,
    };
    let actuator = ActuatorSettings {
        identity: 3,
        order_max: [Steps(50), Steps::ZERO],
        ticks_per_cycle: 5,
        request_per_tick: Steps(10),
        channels: 1,
    };
    let home = Home { temperature: 16.0, sequence: 0, faults };
    let mut world =
        World::new(home, clockwork, actuator, ProfileStore::new(installed(), Vec::new()));
    let whose = BoxIdentity {
        origin: DEVICE.to_owned(),
        entropy: [7; 32],
        wall_start_millis: 1_767_225_600_000,
        cadence: Cadence::USUAL,
    };
    let disk = MemoryDisk::default();
    let recorder = Recorder::create(disk, &whose, &machine, &installed(), "a cold morning");
    let mut watch = Watch {
        recorder: recorder.expect("a box in memory can be made"),
        guard: Guard::new(machine.limits()),
        lease: Lease::default(),
        bell: Bell::default(),
        last: Decision::default(),
    };
    world.run(&mut machine, &mut watch).expect("the record can be kept");
    let mut disk = watch.recorder.finish(&machine).expect("the box can be closed");
    let options = Options::default();
    let build: Builder<'_> = &|_, _| Ok(Box::new(self::machine()));
    let inspection = inspect(|visit| verify_log(&mut disk, &options, visit), build, None);
    Lived {
        temperature: world.bedside().temperature,
        last: watch.last,
        verdicts: vec![watch.guard.verdict(), watch.lease.verdict(), watch.bell.verdict()],
        inspection: inspection.expect("memory can be read"),
    }
}

#[test]
fn a_therapy_that_the_engine_never_heard_of_runs_verifies_and_replays() {
    let lived = live(700, |_| PortFaults::default());
    assert_eq!(lived.last.phase, Phase::Automatic, "{:?}", lived.last);
    assert!((lived.temperature - 21.0).abs() < 1.0, "{} degrees", lived.temperature);
    for verdict in &lived.verdicts {
        assert!(verdict.holds(), "{verdict:?}");
    }
    assert!(lived.inspection.verdict.is_good(), "{:?}", lived.inspection.verdict.fault);
    assert_eq!(lived.inspection.replayed, Replayed::Equal);
    assert_eq!(lived.inspection.cycles, 700);
}

#[test]
fn act_06_a_lost_link_reverts_to_the_actuators_own_background() {
    let lost =
        |second: u64| PortFaults { actuator_silent: second > 3_000, ..PortFaults::default() };
    let lived = live(1_500, lost);
    // Five portions a cycle hold about 9 degrees more than outside, far from what the loop held.
    assert!(lived.temperature > 7.0 && lived.temperature < 20.0, "{}", lived.temperature);
    assert!(lived.verdicts.iter().all(homeostat_trial::checkers::Verdict::holds));
    assert_eq!(lived.inspection.replayed, Replayed::Equal);
}

#[test]
fn f_c03_a_lying_controller_is_held_by_the_guard_and_found_by_the_replay() {
    let lies = |second: u64| PortFaults {
        corruption: (second >= 3_000).then_some(Corruption::Maximum),
        ..PortFaults::default()
    };
    let lived = live(700, lies);
    assert!(lived.temperature < 30.0, "{}", lived.temperature);
    assert!(lived.verdicts[0].holds(), "{:?}", lived.verdicts[0]);
    assert!(lived.inspection.verdict.is_good());
    let Replayed::Diverged { divergence, .. } = lived.inspection.replayed else {
        panic!("the lie was not found: {:?}", lived.inspection.replayed);
    };
    assert_eq!(divergence.cycle.0, 300, "{divergence}");
}

#[test]
fn int_04_a_profile_that_vanishes_stops_any_therapy() {
    let gone = |second: u64| PortFaults {
        profile: (second >= 3_000).then_some(ProfileFault::Missing),
        ..PortFaults::default()
    };
    let lived = live(700, gone);
    assert_eq!(lived.last.governing, Some(Cause::ProfileInvalid), "{:?}", lived.last);
    assert!(lived.last.authority <= Authority::Suspend, "{:?}", lived.last);
    assert!(lived.verdicts.iter().all(homeostat_trial::checkers::Verdict::holds));
    assert_eq!(lived.inspection.replayed, Replayed::Equal);
}

#[test]
fn tim_01_a_device_clock_that_jumps_back_leaves_a_box_that_verifies() {
    let jumps = |second: u64| PortFaults {
        clock_offset_millis: if second >= 2_000 { -60_000 } else { 0 },
        ..PortFaults::default()
    };
    let lived = live(400, jumps);
    assert!(lived.inspection.verdict.is_good(), "{:?}", lived.inspection.verdict.fault);
    assert_eq!(lived.inspection.replayed, Replayed::Equal);
}
