//! Reports: one model, several forms.
//!
//! A trial fills [`TrialReport`]; an analysis of real readings fills [`AnalysisReport`]. From the
//! same model come the HTML page ([`trial_page`], [`analysis_page`]), `results.json`
//! ([`results_json`]), `subjects.csv` ([`subjects_csv`]) and the table for the terminal
//! ([`headline_text`]), so they cannot disagree. The pages are single files: style inside, no
//! script, nothing fetched.
//!
//! Only the glucose and the hypnosis modules here know a therapy. Another therapy adds a variant to [`Outcome`] and
//! a page of its own; run facts, criteria and hazards stay as they are.

mod analysis;
mod analysis_page;
mod checks;
mod files;
mod glossary;
mod glucose;
mod glucose_page;
mod glucose_tables;
mod hypnosis;
mod hypnosis_page;
mod model;
mod page;
mod terminal;
mod text;
mod trial_page;

#[cfg(test)]
mod tests;

pub use analysis::{AnalysisReport, AnalysisSubject, Day, Rejection, RuleCount, SourceFacts};
pub use analysis_page::analysis_page;
pub use checks::{checker_rows, first_violations};
pub use files::{results_json, subjects_csv};
pub use glucose::{GlucoseArm, GlucoseGroup, GlucoseOutcome, GlucosePatient, GlucoseSubject};
pub use hypnosis::{
    HypnosisArm, HypnosisMoment, HypnosisOutcome, HypnosisPatient, HypnosisSpread, HypnosisSubject,
    is_asleep_in_time,
};
pub use model::{
    Arm, Criterion, CriterionKind, HazardRow, HazardTable, Measure, Outcome, RunFacts, TrialReport,
};
pub use terminal::{analysis_text, headline_text};
pub use trial_page::trial_page;
