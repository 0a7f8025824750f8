//! A controller's process in every way in which it can fail: the answer comes by the deadline, says
//! what happened, and the next honest one is heard again (SUP-01, E.2).

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use homeostat_assembly::{Machine, insulin};
use homeostat_device::controller::confinement::Confinement;
use homeostat_device::controller::{ChildProcess, ControllerPort, Heard};
use homeostat_insulin::profile::{PROFILE_BYTES_MAX, Profile, ReferencePerson};
use homeostat_insulin::units as of;
use homeostat_record::{Cycle, Input, Instant};

/// Long enough for a busy machine, short enough that a hung process is noticed.
const DEADLINE: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

fn program() -> PathBuf {
    let test = std::env::current_exe().expect("it runs");
    let folder = test.parent().and_then(|folder| folder.parent()).expect("target/debug");
    folder.join("examples/controller")
}

fn profile() -> Vec<u8> {
    let person = ReferencePerson {
        age: of::Years(44.0),
        weight: of::Kilograms(75.0),
        daily_dose: of::Units(48.0),
        basal: of::UnitsPerHour(1.0),
        carbohydrate_ratio: of::GramsPerUnit(10.0),
        correction_factor: of::MgDlPerUnit(40.0),
        pump_step: of::Units(0.05),
        sensor: 7,
        pump: 9,
    };
    let profile = Profile::reference_for(&person).expect("it is good");
    profile.content().encode(&mut [0; PROFILE_BYTES_MAX]).expect("it fits").to_vec()
}

fn machine() -> Box<dyn Machine> {
    insulin::rebuild(&insulin::identity(insulin::Control::Mpc), &profile()).expect("it is good")
}

/// A process that fails so, for as long as `fails` holds.
fn process(how: &'static str, fails: Arc<AtomicBool>) -> ChildProcess {
    let make = move || {
        let mut command = Command::new(program());
        command.arg(if fails.load(Ordering::Relaxed) { how } else { "honest" });
        command
    };
    let identity = insulin::identity(insulin::Control::Mpc);
    ChildProcess::start(make, identity, profile()).expect("it can be started")
}

fn input(cycle: u64) -> Input {
    let now = Instant { boot: 1, millis: cycle * 300_000 };
    Input { cycle: Cycle(cycle), now, ..Input::default() }
}

fn ask(process: &mut ChildProcess, cycle: u64, deadline: Duration) -> Heard {
    let mut space = vec![0; 32_768];
    let machine = machine();
    let state = machine.controller_state(&mut space).expect("it fits");
    process.ask(state, &input(cycle), deadline)
}

fn shown(heard: &Heard) -> &str {
    match heard {
        Heard::Given { .. } => "given",
        Heard::Late => "late",
        Heard::Failed(why) => why,
    }
}

#[test]
fn sup_01_an_honest_process_answers_as_the_machine_itself() {
    let mut process = process("honest", Arc::default());
    let machine = machine();
    let (mut before, mut after) = (vec![0; 32_768], vec![0; 32_768]);
    let state = machine.controller_state(&mut before).expect("it fits");
    for cycle in 0..5 {
        let (expected, proposal) =
            machine.propose(state, &input(cycle), &mut after).expect("it is a state");
        let heard = ask(&mut process, cycle, DEADLINE);
        let proposal = proposal.expect("it was asked");
        assert_eq!(heard, Heard::Given { state: expected.to_vec(), proposal });
    }
    assert_eq!(process.starts(), 1);
    let confinement = process.confinement().expect("it was ready");
    // What a kernel has differs; that is said, not assumed.
    assert!(confinement.limits && confinement.seccomp, "{confinement}");
}

#[test]
fn f_c01_f_c02_every_failure_is_heard_by_the_deadline_and_mended_by_the_next_cycle() {
    for how in ["crashes", "garbage", "floods", "wrong-token", "dies-when-asked"] {
        let fails = Arc::new(AtomicBool::new(true));
        let mut process = process(how, Arc::clone(&fails));
        for cycle in 0..3 {
            let heard = ask(&mut process, cycle, DEADLINE);
            assert!(matches!(heard, Heard::Failed(_)), "{how}: {}", shown(&heard));
        }
        fails.store(false, Ordering::Relaxed);
        let _ = ask(&mut process, 3, DEADLINE);
        let heard = ask(&mut process, 4, DEADLINE);
        assert!(matches!(heard, Heard::Given { .. }), "{how}: {}", shown(&heard));
    }
}

#[test]
fn f_c01_a_process_that_reads_nothing_makes_nobody_wait() {
    let fails = Arc::new(AtomicBool::new(true));
    let mut process = process("reads-nothing", Arc::clone(&fails));
    for cycle in 0..3 {
        fails.store(cycle < 2, Ordering::Relaxed);
        let heard = process.ask(&[0; 9_000], &input(cycle), DEADLINE);
        assert!(shown(&heard).starts_with("it cannot be asked"), "{}", shown(&heard));
    }
    let heard = ask(&mut process, 3, DEADLINE);
    assert!(matches!(heard, Heard::Given { .. }), "{}", shown(&heard));
}

#[test]
fn f_c01_a_process_that_hangs_is_late_once_and_then_replaced() {
    for how in ["hangs", "hangs-when-asked"] {
        let fails = Arc::new(AtomicBool::new(true));
        let mut process = process(how, Arc::clone(&fails));
        assert_eq!(ask(&mut process, 0, SHORT), Heard::Late, "{how}");
        fails.store(false, Ordering::Relaxed);
        // A machine that is busier than the deadline is long hears it start one cycle later.
        let heard =
            (1..4).map(|cycle| ask(&mut process, cycle, SHORT)).find(|heard| *heard != Heard::Late);
        assert!(matches!(heard, Some(Heard::Failed(_))), "{how}: {heard:?}");
        assert_eq!(process.starts(), 2, "{how}");
        let heard = ask(&mut process, 4, DEADLINE);
        assert!(matches!(heard, Heard::Given { .. }), "{how}: {}", shown(&heard));
    }
}

#[test]
fn sup_01_a_confined_process_opens_nothing() {
    let honest = {
        let mut process = process("honest", Arc::default());
        let _ = ask(&mut process, 0, DEADLINE);
        process.confinement().unwrap_or_default()
    };
    assert_ne!(honest, Confinement::default());
    for how in ["opens-a-file", "opens-a-port", "starts-a-process"] {
        let mut process = process(how, Arc::new(AtomicBool::new(true)));
        let heard = ask(&mut process, 0, DEADLINE);
        assert!(matches!(heard, Heard::Failed(_)), "{how}: {}", shown(&heard));
    }
}
