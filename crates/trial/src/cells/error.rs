//! Why a trial, or a cell of it, could not be run.

use homeostat_assembly::RecordError;
use homeostat_assembly::inspection::BuildError;
use homeostat_assembly::signed_profile::ProfileRefusal;
use homeostat_blackbox::disk::DiskError;
use homeostat_blackbox::note::NoteError;
use homeostat_patients::TableError;
use homeostat_patients::wording::quoted;

use crate::document::{Document, FileError};

/// Why a cell could not be run.
#[derive(Debug, thiserror::Error)]
pub enum CellError {
    /// The subject cannot be treated with a profile of these settings.
    #[error("{subject}: {reason}")]
    Profile {
        /// The subject.
        subject: String,
        /// The field that is refused and why.
        reason: String,
    },
    /// The signed profile is refused, and nothing is started.
    #[error("{subject}: automatic operation does not start: {refusal}")]
    NotStarted {
        /// The subject.
        subject: String,
        /// Why.
        refusal: ProfileRefusal,
    },
    /// The name of a key is none.
    #[error(transparent)]
    Key(#[from] NoteError),
    /// The loop cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The record could not be kept.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The box could not be read again.
    #[error("{0}")]
    Disk(#[from] DiskError),
    /// The box's folder cannot be made.
    #[error("{folder}: {reason}")]
    Folder {
        /// The folder.
        folder: String,
        /// Why.
        reason: String,
    },
    /// The cohort has no such subject.
    #[error("there is no subject {0} in the cohort")]
    Subject(usize),
}

/// Why a trial could not be run.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The cohort file cannot be read.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// The cohort file does not hold what it should.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The cohort has no people.
    #[error("the cohort has nobody; expected a table with a row for each subject")]
    Nobody,
    /// The loop's profile cannot be made for somebody.
    #[error("the cohort: {0}")]
    Untreatable(CellError),
    /// The scenario names somebody who is not there.
    #[error("subject {}: not in the cohort; expected {known}", quoted(name))]
    Subject {
        /// The name.
        name: String,
        /// Who may have been meant, in words.
        known: String,
    },
    /// The scenario names somebody twice.
    #[error("subject {}: named twice; expected each subject once", quoted(name))]
    Twice {
        /// The name.
        name: String,
    },
    /// The scenario wants more subjects than there are.
    #[error("count: found {count}; expected at most {subjects}, all that the cohort has")]
    Count {
        /// How many are wanted.
        count: u32,
        /// How many there are.
        subjects: usize,
    },
    /// Somebody cannot be given what the scenario gives.
    #[error("subject {}: {reason}", quoted(name))]
    Unfit {
        /// The name.
        name: String,
        /// Why, and what would do.
        reason: String,
    },
    /// A criterion that decides binds nobody, and would pass whatever happens.
    #[error("criteria[{}].subjects: found {}, which binds nobody who takes part; expected the first \
        letters of a subject, {known}", place + 1, quoted(subjects))]
    Criterion {
        /// Place of the criterion in the scenario, from 0.
        place: usize,
        /// The first letters that nobody has.
        subjects: String,
        /// Who may have been meant, in words.
        known: String,
    },
    /// The threads could not be started.
    #[error("threads: {0}")]
    Threads(String),
    /// A cell failed.
    #[error("{cell}: {error}")]
    Cell {
        /// Which.
        cell: String,
        /// Why.
        error: CellError,
    },
}

/// Says of an error that a cohort gave where the scenario `text`, which came from `file`, caused it;
/// `None` for an error that has no place in a scenario.
#[must_use]
pub fn cohort_error(file: &str, text: &str, error: &TrialError) -> Option<FileError> {
    let document = Document::parse(file, text).ok()?;
    let root = document.root();
    let patients = root.section("patients").ok()?;
    match error {
        TrialError::Subject { name, known } => {
            Some(patients.item_error("subjects", name, &quoted(name), known))
        }
        TrialError::Twice { name } => {
            let found = format!("{} again", quoted(name));
            Some(patients.item_error("subjects", name, &found, "each subject once"))
        }
        TrialError::Count { count, subjects } => {
            Some(patients.error("count", count, &format!("at most {subjects}, all there are")))
        }
        TrialError::Criterion { place, subjects, known } => {
            let criteria = root.sections("criteria").ok()??;
            let expected = format!("the first letters of a subject, {known}");
            Some(criteria.get(*place)?.error("subjects", quoted(subjects), &expected))
        }
        TrialError::File { .. }
        | TrialError::Unfit { .. }
        | TrialError::Table(_)
        | TrialError::Nobody
        | TrialError::Untreatable(_)
        | TrialError::Threads(_)
        | TrialError::Cell { .. } => None,
    }
}
