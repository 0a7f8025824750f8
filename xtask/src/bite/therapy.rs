//! What a therapy brings to the campaign: where mutants are made, and the corpus that is run with each.

/// One therapy's campaign.
#[derive(Debug)]
pub(crate) struct Therapy {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// Files and folders in which mutants are made.
    pub(super) sources: &'static [&'static str],
    /// A program that prints a line a cell: name, dose, times it objected, times it differed, alarms,
    /// time where nobody should be, and the steps ordered in every cycle (`-` where none were).
    pub(super) probe: &'static str,
    /// A change is relevant too if the orders of so many cycles change by a part of what is ordered in
    /// so many.
    pub(super) cycles: (usize, usize),
    /// What the time where nobody should be is.
    pub(super) low: &'static str,
}

impl Therapy {
    /// Every therapy's campaign.
    pub(crate) const ALL: [&'static Self; 2] = [&INSULIN, &PROPOFOL];

    /// The campaign of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|therapy| therapy.name == name)
    }
}

/// Three people for two days under both controllers: two hours against a day.
pub(super) const INSULIN: Therapy = Therapy {
    name: "insulin",
    sources: &[
        "crates/kernel/src/cycle.rs",
        "crates/insulin/src/delivered.rs",
        "crates/insulin/src/on_board.rs",
        "crates/insulin/src/loop_controller.rs",
        "crates/insulin/src/controller",
        "crates/insulin/src/sensing.rs",
        "crates/insulin/src/sensing",
        "crates/insulin/src/units.rs",
    ],
    probe: INSULIN_PROBE,
    cycles: (24, 288),
    low: "minutes below 70 mg/dL",
};

/// Three people for an hour with surgery under the predictive and the PID controller: five minutes
/// against the hour.
const PROPOFOL: Therapy = Therapy {
    name: "propofol",
    sources: &[
        "crates/kernel/src/cycle.rs",
        "crates/propofol/src/delivered.rs",
        "crates/propofol/src/books.rs",
        "crates/propofol/src/kinetics.rs",
        "crates/propofol/src/kinetics",
        "crates/propofol/src/effect.rs",
        "crates/propofol/src/target_controlled.rs",
        "crates/propofol/src/loop_controller.rs",
        "crates/propofol/src/controller",
        "crates/propofol/src/observer.rs",
        "crates/propofol/src/observer",
        "crates/propofol/src/restraint.rs",
        "crates/propofol/src/course.rs",
        "crates/propofol/src/sensing.rs",
        "crates/propofol/src/sensing",
        "crates/propofol/src/units.rs",
    ],
    probe: PROPOFOL_PROBE,
    cycles: (60, 720),
    low: "minutes below 30",
};

const INSULIN_PROBE: &str = r##"
use homeostat_record::Opinion;
use homeostat_trial::engine::MemoryDisk;
use homeostat_trial::insulin::scenario::{Arm, Control, SensorModel, apply_sensor, standard};
use homeostat_trial::insulin::trial::Trial;

fn main() {
    let mut scenario = standard();
    scenario.patients.subjects =
        ["adult#003", "adolescent#007", "child#009"].map(str::to_owned).to_vec();
    (scenario.days, scenario.run_in_days, scenario.seeds.first) = (2, 0, 7);
    scenario.seeds.count = 1;
    apply_sensor(&mut scenario, SensorModel::Dexcom);
    scenario.criteria.clear();
    scenario.arms = [(Control::Rules, true), (Control::Rules, false), (Control::Mpc, true),
        (Control::Mpc, false)]
        .map(|(control, announced)| {
            Arm { name: Arm::usual_name(control, announced), control, announced }
        })
        .to_vec();
    let trial = Trial::prepare(scenario).expect("the corpus is known");
    for key in trial.cells() {
        let (mut objected, mut differed, mut orders) = (0, 0, String::new());
        let cell = trial.cell(key).expect("a cell of this trial");
        let look = &mut |entry: &homeostat_record::CycleEntry, _: f64| {
            match entry.decision.opinion {
                Opinion::Object { .. } => objected += 1,
                Opinion::Differ { .. } => differed += 1,
                _ => {}
            }
            let order = entry.decision.order.map(|order| order.steps[0].0.to_string());
            orders.push(' ');
            orders.push_str(order.as_deref().unwrap_or("-"));
        };
        let (result, _) = cell.run_watched(MemoryDisk::default(), look).expect("the cell runs");
        let (arm, subject) = (&cell.arm.name, &result.subject);
        let low = result.course.iter().filter(|glucose| **glucose < 70.0).count();
        let (units, alarms) = (result.insulin_per_day, result.findings.alarms);
        println!("{arm}/{subject} {units} {objected} {differed} {alarms} {low}{orders}");
    }
}
"##;

const PROPOFOL_PROBE: &str = r##"
use homeostat_record::Opinion;
use homeostat_trial::engine::MemoryDisk;
use homeostat_trial::propofol::scenario::{Arm, Control, standard};
use homeostat_trial::propofol::trial::Trial;

fn main() {
    let mut scenario = standard();
    scenario.patients.count = Some(3);
    scenario.seeds.first = 7;
    scenario.criteria.clear();
    scenario.arms = [Control::Mpc, Control::Pid].map(Arm::usual).to_vec();
    let trial = Trial::prepare(scenario).expect("people can be drawn");
    for key in trial.roster().cells() {
        let (mut objected, mut differed, mut alarms) = (0, 0, 0);
        let (mut dose, mut orders) = (0_u64, String::new());
        let cell = trial.cell(key).expect("a cell of this trial");
        let look = &mut |entry: &homeostat_record::CycleEntry, _: f64| {
            match entry.decision.opinion {
                Opinion::Object { .. } => objected += 1,
                Opinion::Differ { .. } => differed += 1,
                _ => {}
            }
            alarms += entry.decision.alarms.len();
            let order = entry.decision.order.map(|order| order.steps[0].0);
            dose += u64::from(order.unwrap_or(0));
            orders.push(' ');
            orders.push_str(&order.map_or("-".to_owned(), |steps| steps.to_string()));
        };
        let lived = cell.live(MemoryDisk::default(), look).expect("the cell runs");
        let low = lived.bedside().course.iter().filter(|index| **index < 30.0).count() / 60;
        let (arm, subject) = (&cell.arm.name, cell.subject.name.replace(' ', "_"));
        println!("{arm}/{subject} {dose} {objected} {differed} {alarms} {low}{orders}");
    }
}
"##;
