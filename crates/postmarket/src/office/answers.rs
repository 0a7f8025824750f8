//! The file of answers that a person gives to decide on a finding (TOML).

use crate::harm::assess::Justification;
use crate::harm::decision::Reason;
use crate::harm::matrix::Class;
use crate::harm::rubric::{Answer, Question};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a file of answers says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AnswersFile {
    /// Whether an attack can be automated.
    pub automatable: Option<bool>,
    /// Answers to the rubric.
    #[serde(default)]
    pub answers: BTreeMap<Question, Answer>,
    /// Why the product is not affected.
    pub not_affected: Option<NotAffected>,
    /// What happened in the field.
    #[serde(default)]
    pub incident: Happening,
    /// A decision against the rules.
    pub r#override: Option<Otherwise>,
}

/// Why a product is not affected.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotAffected {
    /// The reason.
    pub justification: Justification,
    /// What shows it.
    pub evidence: String,
}

/// What happened in the field.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Happening {
    /// Somebody attacks products in the field.
    pub attacked: bool,
    /// Somebody died or their health got worse, or could have.
    pub death_or_deterioration: bool,
    /// Personal data were read.
    pub data_breached: bool,
    /// When the maker learned of it, RFC 3339; needed where anything happened, since clocks run from it.
    pub learned: Option<String>,
}

/// A decision against the rules.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Otherwise {
    /// The class instead.
    pub class: Class,
    /// Why, as a code.
    pub reason: Reason,
    /// Why, in words.
    pub text: String,
    /// The second person.
    pub second: String,
    /// Their role.
    pub role: String,
    /// Until when, RFC 3339.
    pub expires: String,
}

/// What is wrong with a file of answers.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{file}:{line}: {found}; expected automatable, [answers], [not-affected], [incident], [override]"
)]
pub struct AnswersError {
    /// The file.
    pub file: String,
    /// The line.
    pub line: usize,
    /// What stands there.
    pub found: String,
}

impl AnswersFile {
    /// Reads a file of answers.
    ///
    /// # Errors
    /// Naming the line.
    pub fn read(file: &str, text: &str) -> Result<Self, AnswersError> {
        toml::from_str(text).map_err(|error| {
            let line = crate::lines::toml_line(text, &error);
            AnswersError { file: file.to_owned(), line, found: error.message().to_owned() }
        })
    }
}
