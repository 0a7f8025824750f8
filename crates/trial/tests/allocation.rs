//! CTL-14: after its start, a whole cycle takes no memory: sense, decide, supervise, second opinion,
//! encode, append.

use homeostat_assembly::insulin as machine;
use homeostat_assembly::{BoxIdentity, Cadence, InstalledProfile, Recorder};
use homeostat_record::Input;
use homeostat_trial::engine::MemoryDisk;
use homeostat_trial::insulin::scenario::{Control, standard};
use homeostat_trial::insulin::trial::Trial;

const DEVICE: &str = "homeostat.example/test";

/// The inputs of one day, and the profile that it ran with.
fn recorded(control: Control) -> (Vec<Input>, InstalledProfile) {
    let mut scenario = standard();
    scenario.run_in_days = 0;
    scenario.days = 1;
    scenario.patients.subjects = vec!["adult#001".to_owned()];
    scenario.arms.retain(|arm| arm.control == control);
    let trial = Trial::prepare(scenario).expect("the subject is published");
    let cell = trial.cell(trial.cells()[0]).expect("there is a cell");
    let mut inputs = Vec::new();
    let mut look = |entry: &homeostat_record::CycleEntry, _| inputs.push(entry.input);
    cell.run_watched(MemoryDisk::default(), &mut look).expect("it runs");
    let (installed, _) = cell.install(DEVICE).expect("the subject can be treated");
    (inputs, installed)
}

#[test]
fn ctl_14_a_cycle_takes_no_memory_after_the_start() {
    for control in [Control::OpenLoop, Control::Rules, Control::Mpc] {
        let (inputs, profile) = recorded(control);
        let mut machine = machine::start(control, &profile).expect("the profile is good");
        let whose = BoxIdentity {
            origin: DEVICE.to_owned(),
            entropy: [1; 32],
            wall_start_millis: 0,
            cadence: Cadence::USUAL,
        };
        let disk = MemoryDisk::default();
        let recorder = Recorder::create(disk, &whose, &*machine, &profile, "a day");
        let mut recorder = recorder.expect("memory is there");
        let mut day = || {
            for input in &inputs {
                profile.check(profile.signed()).expect("it is what was verified");
                let turn = machine.turn(input, None);
                recorder.cycle(&*machine, &turn.entry).expect("memory is there");
            }
        };
        let counted = allocation_counter::measure(&mut day);
        assert_eq!(counted.count_total, 0, "{}: {counted:?}", control.name());
    }
}

#[test]
fn ctl_14_a_cycle_of_anaesthesia_takes_no_memory_after_the_start() {
    use homeostat_assembly::propofol as machine;
    use homeostat_trial::propofol::scenario::{Arm, Control, standard};
    use homeostat_trial::propofol::trial::Trial;
    for control in [Control::Tci, Control::Pid, Control::Mpc] {
        let mut scenario = standard();
        scenario.minutes = 20;
        scenario.pressure = true;
        scenario.patients.count = Some(1);
        scenario.arms = vec![Arm::usual(control)];
        let trial = Trial::prepare(scenario).expect("a person can be drawn");
        let cell = trial.cell(trial.roster().cells()[0]).expect("there is a cell");
        let mut inputs = Vec::new();
        let mut look = |entry: &homeostat_record::CycleEntry, _| inputs.push(entry.input);
        cell.live(MemoryDisk::default(), &mut look).expect("it runs");
        let (profile, _) = cell.install(DEVICE).expect("the person can be treated");
        let mut machine = machine::start(control, &profile).expect("the profile is good");
        let (entropy, cadence) = ([1; 32], Cadence::USUAL);
        let whose =
            BoxIdentity { origin: DEVICE.to_owned(), entropy, wall_start_millis: 0, cadence };
        let disk = MemoryDisk::default();
        let recorder = Recorder::create(disk, &whose, &*machine, &profile, "twenty minutes");
        let mut recorder = recorder.expect("memory is there");
        let counted = allocation_counter::measure(|| {
            for input in &inputs {
                let turn = machine.turn(input, None);
                recorder.cycle(&*machine, &turn.entry).expect("memory is there");
            }
        });
        assert_eq!(counted.count_total, 0, "{}: {counted:?}", control.name());
    }
}
