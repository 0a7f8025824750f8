//! What a trial found, whatever the therapy.

use serde::{Deserialize, Serialize};

use super::glucose::GlucoseOutcome;
use super::hypnosis::HypnosisOutcome;

/// A whole trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialReport {
    /// The report's title.
    pub title: String,
    /// What was run.
    pub run: RunFacts,
    /// The arms, in the order in which they are shown.
    pub arms: Vec<Arm>,
    /// Whether the trial passed, row by row.
    pub criteria: Vec<Criterion>,
    /// What each hazard did.
    pub hazards: HazardTable,
    /// Plain remarks for the reader.
    pub notes: Vec<String>,
    /// The therapy's own results.
    pub outcome: Outcome,
}

impl TrialReport {
    /// Whether every row that must hold does.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.criteria.iter().all(|row| row.passed || row.kind == CriterionKind::Aim)
    }

    /// The name of an arm by its id; the id itself where it is unknown.
    #[must_use]
    pub fn arm_name<'report>(&'report self, id: &'report str) -> &'report str {
        self.arms.iter().find(|arm| arm.id == id).map_or(id, |arm| arm.name.as_str())
    }
}

/// What was run, and how to run it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFacts {
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// The version of the software.
    pub version: String,
    /// The command that repeats the trial.
    pub command: String,
    /// More facts, as name and value: family, sensor, pump, days, patients.
    pub facts: Vec<(String, String)>,
}

/// One way of treating the cohort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// The short name used in files and commands.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// What it does, in a sentence.
    pub description: String,
}

/// Whether a criterion decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CriterionKind {
    /// The trial fails without it.
    Must,
    /// Reported, does not decide.
    Aim,
}

/// One acceptance criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// The requirement it comes from, such as `SIM-13`; may be empty.
    pub id: String,
    /// What is asked, in words.
    pub what: String,
    /// Whether it decides.
    pub kind: CriterionKind,
    /// What is required.
    pub required: String,
    /// What was reached.
    pub reached: String,
    /// Whether that is enough.
    pub passed: bool,
}

/// A measured quantity in the hazard table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// The column's name with its unit.
    pub name: String,
    /// How many decimals are shown.
    pub decimals: usize,
}

/// One hazard under one arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HazardRow {
    /// The hazard.
    pub hazard: String,
    /// The arm's id.
    pub arm: String,
    /// One value a measure; `None` where it was not measured.
    pub values: Vec<Option<f64>>,
    /// Whether the bound of this hazard held; `None` where there is no bound.
    pub passed: Option<bool>,
}

/// What each hazard did to the measures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HazardTable {
    /// The columns.
    pub measures: Vec<Measure>,
    /// The rows.
    pub rows: Vec<HazardRow>,
}

/// The therapy's own results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "therapy", rename_all = "snake_case")]
pub enum Outcome {
    /// Automated insulin delivery: glucose.
    Glucose(GlucoseOutcome),
    /// Closed-loop anaesthesia: the index of hypnosis.
    Hypnosis(HypnosisOutcome),
}
