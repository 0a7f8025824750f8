//! A device without a patient: the loop and its record, fed with the inputs of a real run.

pub(crate) mod anaesthesia;

use homeostat_assembly::insulin as machine;
use homeostat_assembly::{BoxIdentity, Cadence, InstalledProfile, Machine, Recorder};
use homeostat_record::{CycleEntry, Input};
use homeostat_trial::engine::MemoryDisk;
use homeostat_trial::insulin::cell::Cell;
use homeostat_trial::insulin::scenario::{Control, SensorModel, standard};
use homeostat_trial::insulin::trial::Trial;
use std::hint::black_box;

/// The pseudonym of the device.
const DEVICE: &str = "homeostat.example/bench";

/// A trial of one subject under one controller.
pub(crate) fn trial(control: Control, days: u32) -> Trial {
    let mut scenario = standard();
    scenario.run_in_days = 0;
    scenario.days = days;
    scenario.sensor = SensorModel::Dexcom;
    scenario.patients.subjects = vec!["adolescent#003".to_owned()];
    scenario.arms.retain(|arm| arm.control == control);
    Trial::prepare(scenario).expect("the subject is published")
}

/// Its only cell.
pub(crate) fn only_cell(trial: &Trial) -> Cell<'_> {
    trial.cell(trial.cells()[0]).expect("there is a cell")
}

/// The inputs of so many days of a closed loop, and the profile that it ran with.
pub(crate) fn recorded(control: Control, days: u32) -> (Vec<Input>, InstalledProfile) {
    let trial = trial(control, days);
    let mut inputs = Vec::new();
    let mut look = |entry: &CycleEntry, _| inputs.push(entry.input);
    only_cell(&trial).run_watched(MemoryDisk::default(), &mut look).expect("it runs");
    let (installed, _) = only_cell(&trial).install(DEVICE).expect("the subject can be treated");
    (inputs, installed)
}

/// The loop and its record.
pub(crate) struct Device {
    machine: Box<dyn Machine>,
    recorder: Recorder<MemoryDisk>,
}

impl Device {
    /// A device that was just switched on, with its record in memory.
    pub(crate) fn new(control: Control, profile: &InstalledProfile) -> Self {
        Self::of(machine::start(control, profile).expect("the profile is good"), profile)
    }

    /// The same, whatever the therapy.
    pub(crate) fn of(machine: Box<dyn Machine>, profile: &InstalledProfile) -> Self {
        let whose = BoxIdentity {
            origin: DEVICE.to_owned(),
            entropy: [1; 32],
            wall_start_millis: 0,
            cadence: Cadence::USUAL,
        };
        let recorder = Recorder::create(MemoryDisk::default(), &whose, &*machine, profile, "bench");
        Self { machine, recorder: recorder.expect("memory is there") }
    }

    /// Sense, decide, supervise, second opinion, encode, append.
    pub(crate) fn cycle(&mut self, input: &Input) {
        let turn = self.machine.turn(input, None);
        self.recorder.cycle(&*self.machine, &turn.entry).expect("memory is there");
        black_box(&turn.admitted);
    }
}
