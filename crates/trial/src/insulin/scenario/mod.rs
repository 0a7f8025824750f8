//! What a trial of the insulin therapy is: who, how long, with which devices, meals, controllers,
//! hazards, and what counts as passed.
//!
//! A scenario is data: it is read from TOML ([`read`]), written back as TOML ([`Scenario`]'s
//! `Display`) and stands verbatim in every black box that it made.

mod builtin;
mod hazard;
mod keys;
mod read;
mod write;

pub use crate::engine::ControllerFault;
pub use crate::scenario::{Bound, Over, Seeds};
pub use builtin::{apply_sensor, builtin_hazards, hazard_campaign, standard};
pub use hazard::{Fault, FaultKind, Hazard, SettingsError, When};
pub use homeostat_assembly::insulin::Control;
pub use read::read;

use crate::scenario::{keep_bound, name_in};

/// Minutes of a day.
pub const DAY_MINUTES: u32 = 1_440;

/// Who is treated.
pub type Patients = crate::scenario::Patients<Family>;

/// A family of virtual patients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Family {
    /// The 30 published subjects of the UVA/Padova S2008 model.
    UvaPadova,
    /// A cohort drawn by seed from the published population of the Hovorka model.
    Hovorka,
    /// A parameter file in simglucose's form.
    File(String),
}

impl Family {
    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::UvaPadova => "UVA/Padova S2008",
            Self::Hovorka => "Hovorka",
            Self::File(file) => file,
        }
    }

    /// Whether its people are drawn by seed.
    #[must_use]
    pub const fn is_drawn(&self) -> bool {
        matches!(self, Self::Hovorka)
    }
}

/// The glucose sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SensorModel {
    /// Reads the interstitial glucose without error.
    Ideal,
    /// Breton and Kovatchev's errors, Dexcom's limits.
    Dexcom,
    /// The same, `GuardianRT`'s limits.
    Guardian,
    /// The same, Navigator's limits.
    Navigator,
    /// Facchinetti 2014.
    SevenPlus,
    /// Vettoretti 2018.
    G5,
    /// Vettoretti 2019.
    G6,
}

impl SensorModel {
    /// Every model by the name that the command line and the files use.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("ideal", Self::Ideal),
        ("dexcom", Self::Dexcom),
        ("guardian", Self::Guardian),
        ("navigator", Self::Navigator),
        ("seven-plus", Self::SevenPlus),
        ("g5", Self::G5),
        ("g6", Self::G6),
    ];

    /// The model's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }
}

/// The insulin pump's physics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PumpModel {
    /// Delivers every step exactly.
    Exact,
    /// Relative errors and quanta as published for a patch pump with 0.05 U pulses.
    Patch,
    /// As published for a pump with 0.025 U increments.
    Tethered,
    /// As published for a pump with 0.01 U boluses and 0.001 U/h basal.
    Fine,
}

impl PumpModel {
    /// Every model by the name that the files use.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("exact", Self::Exact),
        ("patch", Self::Patch),
        ("tethered", Self::Tethered),
        ("fine", Self::Fine),
    ];

    /// The model's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }
}

/// A meal of every day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meal {
    /// Minute of the day at which eating begins.
    pub at_minute: u32,
    /// Carbohydrate, grams.
    pub carbohydrate_g: f64,
}

/// One way of treating every subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Its name: letters, digits and hyphens, since it names folders.
    pub name: String,
    /// Who decides.
    pub control: Control,
    /// Whether meals are announced.
    pub announced: bool,
}

impl Arm {
    /// The name of an arm to which nobody gave one.
    #[must_use]
    pub fn usual_name(control: Control, announced: bool) -> String {
        let manner = if announced { "" } else { "-unannounced" };
        format!("{}{manner}", control.name())
    }
}

/// A figure of merit that a criterion bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Time below 54 mg/dL, per cent.
    Below54,
    /// Time below 70 mg/dL, per cent.
    Below70,
    /// Time from 70 to 180 mg/dL, per cent.
    InRange,
    /// Time above 180 mg/dL, per cent.
    Above180,
    /// Time above 250 mg/dL, per cent.
    Above250,
}

impl Measure {
    /// Every measure by its name in files.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("below-54", Self::Below54),
        ("below-70", Self::Below70),
        ("in-range", Self::InRange),
        ("above-180", Self::Above180),
        ("above-250", Self::Above250),
    ];

    /// The measure's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }
}

/// What counts as passed.
pub type Criterion = crate::scenario::Criterion<Measure>;

/// A whole trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Title.
    pub name: String,
    /// Who is treated.
    pub patients: Patients,
    /// Days before scoring begins, for adaptation.
    pub run_in_days: u32,
    /// Days that are scored.
    pub days: u32,
    /// The sensor.
    pub sensor: SensorModel,
    /// The pump.
    pub pump: PumpModel,
    /// Meals of every day.
    pub meals: Vec<Meal>,
    /// The arms.
    pub arms: Vec<Arm>,
    /// Seeds.
    pub seeds: Seeds,
    /// Faults in every arm.
    pub faults: Vec<Fault>,
    /// Named sets of faults: every arm runs once with each of them.
    pub hazards: Vec<Hazard>,
    /// What counts as passed.
    pub criteria: Vec<Criterion>,
}

impl Scenario {
    /// All days of a run.
    #[must_use]
    pub const fn total_days(&self) -> u32 {
        self.run_in_days + self.days
    }

    /// Puts other arms in the place of the present ones. A reported aim for an arm that is gone goes
    /// with it.
    ///
    /// # Errors
    /// The name of an arm that is gone and that a deciding criterion needs.
    pub fn replace_arms(&mut self, arms: Vec<Arm>) -> Result<(), String> {
        keep_bound(&mut self.criteria, |name| arms.iter().any(|arm| arm.name == *name))?;
        self.arms = arms;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
