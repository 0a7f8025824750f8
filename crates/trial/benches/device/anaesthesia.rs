//! Anaesthetics: people, and the loop and its record without them.

use super::Device;
use homeostat_assembly::InstalledProfile;
use homeostat_assembly::propofol as machine;
use homeostat_record::{CycleEntry, Input};
use homeostat_trial::engine::MemoryDisk;
use homeostat_trial::propofol::cell::Cell;
use homeostat_trial::propofol::scenario::{Arm, standard};
use homeostat_trial::propofol::trial::Trial;

pub(crate) use homeostat_trial::propofol::scenario::Control;

/// A trial of so many people under one controller with this control period, seconds.
pub(crate) fn trial(control: Control, period: u32, people: u32) -> Trial {
    let mut scenario = standard();
    scenario.patients.count = Some(people);
    scenario.period_seconds = period;
    scenario.arms = vec![Arm::usual(control)];
    Trial::prepare(scenario).expect("people can be drawn")
}

/// Its cells.
pub(crate) fn cells(trial: &Trial) -> impl Iterator<Item = Cell<'_>> {
    trial.roster().cells().into_iter().map(|key| trial.cell(key).expect("it is there"))
}

/// The inputs of an hour of one person, and the profile that it ran with.
pub(crate) fn recorded(control: Control, period: u32) -> (Vec<Input>, InstalledProfile) {
    let trial = trial(control, period, 1);
    let cell = cells(&trial).next().expect("there is a cell");
    let mut inputs = Vec::new();
    let mut look = |entry: &CycleEntry, _| inputs.push(entry.input);
    cell.live(MemoryDisk::default(), &mut look).expect("it runs");
    let (installed, _) = cell.install(super::DEVICE).expect("the person can be treated");
    (inputs, installed)
}

/// The loop and its record.
pub(crate) fn device(control: Control, profile: &InstalledProfile) -> Device {
    Device::of(machine::start(control, profile).expect("the profile is good"), profile)
}
