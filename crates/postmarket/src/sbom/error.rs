//! Why a bill is refused.

use thiserror::Error;

/// A bill that is refused: which file, where in it, what was expected, what was found, what to do.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BillError {
    /// No reader knows this form.
    #[error(
        "{file}: no form of a bill of materials that is known here ({found}); give CycloneDX 1.2 to 1.7 (JSON, XML), \
         SPDX 2.2, 2.3 (JSON, tag-value) or 3.0 (JSON-LD), Cargo.lock, a binary built with cargo \
         auditable, or CSV with a `name` column"
    )]
    UnknownForm {
        /// The file.
        file: String,
        /// What it begins with or says of itself.
        found: String,
    },
    /// The file is not even well formed.
    #[error("{file} at {place}: {message}; write the file again with its tool")]
    Syntax {
        /// The file.
        file: String,
        /// Line and column, or byte.
        place: String,
        /// What is wrong there.
        message: String,
    },
    /// It is well formed, but not what its form demands.
    #[error("{file} at {place}: expected {expected}, found {found}; {advice}")]
    Invalid {
        /// The file.
        file: String,
        /// JSON pointer, XML path with line, or line.
        place: String,
        /// What its form demands there.
        expected: String,
        /// What stands there, shortened.
        found: String,
        /// What to do.
        advice: String,
    },
    /// A bound of [`Limits`](super::Limits) was reached.
    #[error(
        "{file}: more than {limit} {what}; split the bill, or raise the limit if you trust its source"
    )]
    TooMuch {
        /// The file.
        file: String,
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// A form cannot carry the bill that was to be written.
    #[error("cannot write as {form}: {reason}")]
    Unwritable {
        /// The form.
        form: &'static str,
        /// What it cannot carry.
        reason: String,
    },
}

/// What is wrong at one place, before the file's name is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub(super) place: String,
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) advice: String,
}

impl Fault {
    pub(super) fn new(
        place: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            place: place.into(),
            expected: expected.into(),
            found: found.into(),
            advice: advice.into(),
        }
    }

    pub(super) fn of(self, file: &str) -> BillError {
        let Self { place, expected, found, advice } = self;
        BillError::Invalid { file: file.to_owned(), place, expected, found, advice }
    }
}

/// A text as it is quoted in a message: bounded, and on one line.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    format!("`{shown}`")
}
