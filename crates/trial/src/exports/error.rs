//! The one error of the readers.

use homeostat_patients::wording;
use thiserror::Error;

/// Why a file could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}{place}: found {found}; expected {expected}")]
pub struct ExportError {
    /// The file.
    pub file: String,
    /// Line and column or field, as words with a leading `:`; empty for the whole file.
    pub place: String,
    /// What was found.
    pub found: String,
    /// What was expected, and what to do.
    pub expected: String,
}

impl ExportError {
    pub(super) fn new(file: &str, place: &str, found: &str, expected: &str) -> Self {
        Self {
            file: file.to_owned(),
            place: place.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }

    pub(super) fn too_large(file: &str, bytes: u64) -> Self {
        let found = format!("{bytes} bytes or more");
        Self::new(file, "", &found, "at most 256 MiB; split the export by date")
    }

    pub(super) fn empty(file: &str) -> Self {
        Self::new(file, "", "nothing", "a CGM export with a header row and readings")
    }

    pub(super) fn unreadable(file: &str, error: &std::io::Error) -> Self {
        let found = format!("a file that cannot be read ({error})");
        Self::new(file, "", &found, "a readable file; check the path and its permissions")
    }
}

/// What a field held, cut to a length that fits a message.
pub(super) fn quoted(field: &str) -> String {
    if field.trim().is_empty() { "an empty field".to_owned() } else { wording::quoted(field) }
}

/// A number as it stood in a file, which may have had hundreds of digits.
pub(super) fn figure(value: f64) -> String {
    wording::shortened(&value.to_string())
}
