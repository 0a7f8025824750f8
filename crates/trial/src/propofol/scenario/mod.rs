//! What a trial of propofol anaesthesia is: who, how long, under which stimulation, with which devices,
//! controllers and hazards, and what counts as passed.
//!
//! A scenario is data: it is read from TOML ([`read`]), written back as TOML ([`Scenario`]'s
//! `Display`) and stands verbatim in every black box that it made. Its time counts from the moment at
//! which the clinician announces induction.

mod builtin;
mod hazard;
mod keys;
mod opioid;
mod read;
mod write;

pub use crate::engine::ControllerFault;
pub use crate::scenario::{Bound, Over, Seeds};
pub use builtin::{builtin_hazards, hazard_campaign, standard, usual_criteria};
pub use hazard::{Fault, FaultKind, Hazard, Onsets, When};
pub use homeostat_assembly::propofol::Control;
pub use homeostat_patients::anaesthesia::stimulus::Profile as StimulusProfile;
pub use opioid::Coordinated;
pub use read::read;

use crate::scenario::{keep_bound, name_in};

/// Seconds of a minute.
pub(crate) const MINUTE: u32 = 60;
/// Minute from which maintenance is scored, whatever the controller thinks.
pub const MAINTENANCE_FROM_MINUTE: u32 = 10;

/// Least and largest index to aim at: adequate hypnosis is 40 to 60, and a profile is refused that
/// aims at its edge.
pub const TARGETS: (f64, f64) = (41.0, 59.0);

/// Who is treated.
pub type Patients = crate::scenario::Patients<CohortChoice>;

/// A cohort of virtual persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CohortChoice {
    /// The thirteen published by Ionescu 2008: propofol alone, no delay.
    Ionescu,
    /// The same with a surface of propofol and remifentanil.
    IonescuSurface,
    /// Adults drawn by seed with Eleveld's published variability.
    Adults,
    /// Elderly people, likewise.
    Elderly,
    /// Children, likewise.
    Children,
    /// A table of people.
    File(String),
}

impl CohortChoice {
    /// Those that need no file, by name.
    pub const NAMES: [(&'static str, CohortName); 5] = [
        ("ionescu", CohortName::Ionescu),
        ("ionescu-surface", CohortName::IonescuSurface),
        ("eleveld-adults", CohortName::Adults),
        ("eleveld-elderly", CohortName::Elderly),
        ("eleveld-children", CohortName::Children),
    ];

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ionescu => "ionescu",
            Self::IonescuSurface => "ionescu-surface",
            Self::Adults => "eleveld-adults",
            Self::Elderly => "eleveld-elderly",
            Self::Children => "eleveld-children",
            Self::File(file) => file,
        }
    }

    /// The cohort of a name, or the file of that name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let known = Self::NAMES.iter().find(|(known, _)| *known == name);
        known.map_or_else(|| Self::File(name.to_owned()), |(_, known)| known.choice())
    }

    /// Whether its people are drawn by seed.
    #[must_use]
    pub const fn is_drawn(&self) -> bool {
        matches!(self, Self::Adults | Self::Elderly | Self::Children)
    }
}

/// A cohort that needs no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CohortName {
    /// See [`CohortChoice::Ionescu`].
    Ionescu,
    /// See [`CohortChoice::IonescuSurface`].
    IonescuSurface,
    /// See [`CohortChoice::Adults`].
    Adults,
    /// See [`CohortChoice::Elderly`].
    Elderly,
    /// See [`CohortChoice::Children`].
    Children,
}

impl CohortName {
    /// The choice.
    #[must_use]
    pub const fn choice(self) -> CohortChoice {
        match self {
            Self::Ionescu => CohortChoice::Ionescu,
            Self::IonescuSurface => CohortChoice::IonescuSurface,
            Self::Adults => CohortChoice::Adults,
            Self::Elderly => CohortChoice::Elderly,
            Self::Children => CohortChoice::Children,
        }
    }
}

/// The monitor of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonitorChoice {
    /// Without noise.
    Ideal,
    /// Coloured noise as published with the Python Anesthesia Simulator.
    Noisy,
    /// The same through the shorter of the modules' two smoothings.
    Smoothed,
}

impl MonitorChoice {
    /// All by the name that the command line and the files use.
    pub const NAMES: [(&'static str, Self); 3] =
        [("ideal", Self::Ideal), ("noisy", Self::Noisy), ("smoothed", Self::Smoothed)];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }
}

/// The physics of the syringe pump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PumpChoice {
    /// What is commanded arrives.
    Exact,
    /// A 50 mL syringe with compliance, slack and a slow occlusion alarm.
    Syringe,
}

impl PumpChoice {
    /// Both by name.
    pub const NAMES: [(&'static str, Self); 2] =
        [("exact", Self::Exact), ("syringe", Self::Syringe)];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }
}

/// One way of treating every subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Its name: letters, digits and hyphens, since it names folders.
    pub name: String,
    /// Who decides.
    pub control: Control,
}

impl Arm {
    /// The arm of a controller with its usual name.
    #[must_use]
    pub fn usual(control: Control) -> Self {
        Self { name: control.name().to_owned(), control }
    }
}

/// A figure of merit that a criterion bounds; per person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Time from 40 to 60 in maintenance, %.
    InRange,
    /// Time below 40 in maintenance, %.
    Below40,
    /// Time above 60 in maintenance, %.
    Above60,
    /// Median size of the performance error, %.
    Inaccuracy,
    /// Global score.
    GlobalScore,
    /// Lowest index of the induction.
    Nadir,
    /// Lowest index of all.
    Lowest,
    /// 100 for a person who was ever below 30, else 0: the mean is the share of persons.
    EverBelow30,
    /// The same for 20.
    EverBelow20,
    /// 100 for a person below 60 within five minutes, else 0.
    AsleepIn5,
}

impl Measure {
    /// Every measure by its name in files.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("in-40-60", Self::InRange),
        ("below-40", Self::Below40),
        ("above-60", Self::Above60),
        ("mdape", Self::Inaccuracy),
        ("global-score", Self::GlobalScore),
        ("nadir", Self::Nadir),
        ("lowest", Self::Lowest),
        ("ever-below-30", Self::EverBelow30),
        ("ever-below-20", Self::EverBelow20),
        ("asleep-in-5-min", Self::AsleepIn5),
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
    /// Minutes from the announcement of induction to the end.
    pub minutes: u32,
    /// How many of them, at the end, are emergence.
    pub emergence_minutes: u32,
    /// What surgery does.
    pub stimulus: StimulusProfile,
    /// Whether hypnosis and opioid attenuate what surgery does, opioid or not: the fair comparison of
    /// propofol alone with a trial that gives remifentanil.
    pub attenuated: bool,
    /// Remifentanil beside the loop's propofol; `None` for propofol alone.
    pub remifentanil: Option<Coordinated>,
    /// The monitor.
    pub monitor: MonitorChoice,
    /// Whether an arterial line is connected.
    pub pressure: bool,
    /// The pump.
    pub pump: PumpChoice,
    /// Index to aim at.
    pub target: f64,
    /// Seconds between decisions.
    pub period_seconds: u32,
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
    /// Whether stimuli are attenuated: asked for, or because remifentanil is given.
    #[must_use]
    pub const fn is_attenuated(&self) -> bool {
        self.attenuated || self.remifentanil.is_some()
    }

    /// Seconds from the announcement of induction to the end.
    #[must_use]
    pub const fn seconds(&self) -> u32 {
        self.minutes * MINUTE
    }

    /// Second at which emergence is announced; the end, where it is not.
    #[must_use]
    pub const fn emergence_second(&self) -> u32 {
        self.minutes.saturating_sub(self.emergence_minutes) * MINUTE
    }

    /// First scored second of maintenance: minute 10, or the middle of a shorter trial.
    #[must_use]
    pub const fn maintenance_second(&self) -> u32 {
        let usual = MAINTENANCE_FROM_MINUTE * MINUTE;
        let half = self.emergence_second() / 2;
        if usual < half { usual } else { half }
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
