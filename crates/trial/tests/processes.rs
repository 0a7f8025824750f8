//! A controller in a process of its own, whose state travels with each question, decides as it does
//! in one process; what it answers late or not at all stands in the record, and the record replays.

use homeostat_assembly::insulin as machine;
use homeostat_assembly::{Answer, Machine};
use homeostat_record::{Canonical, Cause, CycleEntry, Input};
use homeostat_trial::engine::MemoryDisk;
use homeostat_trial::insulin::scenario::{Control, standard};
use homeostat_trial::insulin::trial::Trial;

const SPACE: usize = 32_768;

fn a_day() -> (Vec<Input>, homeostat_assembly::InstalledProfile) {
    let mut scenario = standard();
    scenario.run_in_days = 0;
    scenario.days = 1;
    scenario.patients.subjects = vec!["adult#001".to_owned()];
    scenario.arms.retain(|arm| arm.control == Control::Mpc && arm.announced);
    let trial = Trial::prepare(scenario).expect("the subject is published");
    let cell = trial.cell(trial.cells()[0]).expect("there is a cell");
    let mut inputs = Vec::new();
    let mut look = |entry: &CycleEntry, _| inputs.push(entry.input);
    cell.run_watched(MemoryDisk::default(), &mut look).expect("it runs");
    (inputs, cell.install("homeostat.example/test").expect("it can be treated").0)
}

/// One cycle with the controller apart.
fn apart(child: &dyn Machine, device: &mut dyn Machine, input: &Input) -> CycleEntry {
    let mut before = vec![0; SPACE];
    let mut after = vec![0; SPACE];
    let state = device.controller_state(&mut before).expect("it fits");
    let (state, proposal) = child.propose(state, input, &mut after).expect("it is a state");
    let answer = Answer::Given { state, proposal: proposal.expect("it was asked") };
    device.dispose(input, answer).entry
}

#[test]
fn sup_01_two_processes_decide_as_one() {
    let (inputs, profile) = a_day();
    let start = || machine::start(Control::Mpc, &profile).expect("the profile is good");
    let (mut one, mut device, child) = (start(), start(), start());
    for input in &inputs {
        let expected = one.turn(input, None).entry;
        assert_eq!(apart(&*child, &mut *device, input), expected);
    }
    assert_eq!(inputs.len(), 288);
}

#[test]
fn f_c01_late_failed_and_unreadable_answers_are_recorded_and_replay() {
    let (inputs, profile) = a_day();
    let start = || machine::start(Control::Mpc, &profile).expect("the profile is good");
    let (mut device, child, replayer) = (start(), start(), start());
    let mut retrace = replayer.retrace();
    let mut space = vec![0; SPACE];
    let first = device.snapshot(&mut space).expect("it fits").to_vec();
    retrace.snapshot(&first).expect("it is a state");
    for (number, input) in inputs.iter().enumerate() {
        let (entry, cause) = match number % 40 {
            37 => (device.dispose(input, Answer::Late).entry, Some(Cause::DeadlineMissed)),
            38 => (device.dispose(input, Answer::Failed).entry, Some(Cause::ControllerFailed)),
            39 => {
                let answer = Answer::Given { state: &[0xFF, 1], proposal: Default::default() };
                (device.dispose(input, answer).entry, Some(Cause::ControllerFailed))
            }
            _ => (apart(&*child, &mut *device, input), None),
        };
        assert_eq!(cause.is_some_and(|cause| entry.input.conditions.has(cause)), cause.is_some());
        assert_eq!(entry.proposal.is_none(), cause.is_some());
        let mut bytes = vec![0; SPACE];
        retrace.cycle(entry.encode_canonical(&mut bytes).expect("it fits")).expect("it replays");
    }
    let after = device.snapshot(&mut space).expect("it fits");
    let mut other = start();
    other.restore(after).expect("it is a state");
    assert_eq!(other.digest(), device.digest());
    assert!(other.restore(&[0x80]).is_err());
    assert_eq!(other.digest(), device.digest());
}
