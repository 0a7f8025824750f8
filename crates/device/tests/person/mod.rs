//! A person with insulin, what a day of treatment gave a loop to read, and the start of their device.

use homeostat_assembly::{BoxIdentity, Cadence, InstalledProfile, Machine, insulin};
use homeostat_device::life::Life;
use homeostat_device::restart::{Boxes, Opened, open};
use homeostat_record::Input;
use homeostat_trial::engine::install;
use homeostat_trial::insulin::scenario::{Control, standard};
use homeostat_trial::insulin::trial::Trial;

const DEVICE: &str = "homeostat.example/person";

pub(crate) fn profile() -> (InstalledProfile, Vec<Input>) {
    let mut scenario = standard();
    scenario.run_in_days = 0;
    scenario.days = 1;
    scenario.patients.subjects = vec!["adult#001".to_owned()];
    scenario.arms.retain(|arm| arm.control == Control::Rules && arm.announced);
    let trial = Trial::prepare(scenario).expect("the subject is published");
    let cell = trial.cell(trial.cells()[0]).expect("there is a cell");
    let mut inputs = Vec::new();
    let mut look = |entry: &homeostat_record::CycleEntry, _| inputs.push(entry.input);
    cell.run_watched(homeostat_trial::engine::MemoryDisk::default(), &mut look).expect("it runs");
    let (installed, _) = cell.install(DEVICE).expect("it can be treated");
    let statement = installed.statement().clone();
    let none = core::iter::empty();
    (install(&statement, 1, None, none).expect("it is good").0, inputs)
}

pub(crate) fn fresh(profile: &InstalledProfile) -> Box<dyn Machine> {
    insulin::start(Control::Rules, profile).expect("it is good")
}

pub(crate) fn start<B: Boxes>(
    boxes: &B,
    profile: &InstalledProfile,
    before: Life,
) -> Opened<B::Disk> {
    open(boxes, &whose(), profile, fresh(profile), &insulin::rebuild, before).expect("it opens")
}

/// Whose boxes they are.
fn whose() -> BoxIdentity {
    BoxIdentity {
        origin: DEVICE.to_owned(),
        entropy: [7; 32],
        wall_start_millis: 1_000,
        cadence: Cadence { snapshot: 8, signature: 3 },
    }
}
