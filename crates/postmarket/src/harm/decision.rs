//! The record of a decision: all that it rests on, what followed, who took it. The same inputs give the same bytes.
//!
//! Without a named person a record is a proposal. Records form a chain: each carries the digest of the one before.

use super::assess::{Inputs, Nearest, Outcome, assess, nearest};
use super::canonical::{self, CanonicalError};
use super::matrix::{Class, InForce};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The form of the record.
pub const FORM: &str = "homeostat-decision/1";

/// How long a decision against the rules holds at the most: a year, after which somebody decides again.
pub const OVERRIDE_AT_MOST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// A person who takes responsibility.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approval {
    /// The name.
    pub name: String,
    /// The role in which.
    pub role: String,
    /// When, RFC 3339 in UTC.
    pub time: String,
}

/// Why a person decides otherwise than the rules.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A fact is known that no input holds yet.
    NewEvidence,
    /// The rules do not fit the clinical use.
    ClinicalJudgement,
    /// An interim measure is in force in the field.
    InterimMeasure,
    /// Caution.
    Caution,
}

/// A decision against the rules. It needs a second person and ends by itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Override {
    /// The class instead.
    pub class: Class,
    /// Why, as a code.
    pub reason: Reason,
    /// Why, in words.
    pub text: String,
    /// The second person.
    pub second: Approval,
    /// Until when, RFC 3339 in UTC; from then on the rules' class holds again.
    pub expires: String,
}

/// A decision, or a proposal for one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// [`FORM`].
    pub form: String,
    /// What it rests on.
    pub inputs: Inputs,
    /// What the rules say.
    pub outcome: Outcome,
    /// The nearest other outcomes.
    pub nearest: Vec<Nearest>,
    /// Who decided; `None`: a proposal.
    pub decided: Option<Approval>,
    /// The decision against the rules, if there is one.
    pub overridden: Option<Override>,
    /// SHA-256 of the record before this one; `None` for the first.
    pub previous: Option<String>,
}

/// Why a record is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecisionError {
    /// A field does not hold what it must.
    #[error("decision record: {field}: found {found}; expected {expected}")]
    Field {
        /// Which.
        field: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// The record was made with another table.
    #[error(
        "decision record: made with table {version} ({digest}); replay it with that table, not with {given}"
    )]
    OtherTable {
        /// The record's.
        version: String,
        /// The record's.
        digest: String,
        /// The digest of the one given.
        given: String,
    },
    /// Replay gives something else.
    #[error("decision record: {pointer}: the record says {recorded}, replay gives {computed}")]
    Differs {
        /// The first field that differs (RFC 6901).
        pointer: String,
        /// What the record says.
        recorded: String,
        /// What replay gives.
        computed: String,
    },
    /// It has no canonical form.
    #[error("decision record: {0}")]
    Canonical(#[from] CanonicalError),
}

fn refuse<T>(field: &str, found: &str, expected: &str) -> Result<T, DecisionError> {
    Err(DecisionError::Field {
        field: field.into(),
        found: found.into(),
        expected: expected.into(),
    })
}

impl Record {
    /// What the rules propose.
    ///
    /// # Errors
    /// If the inputs do not name the table as their first table.
    pub fn propose(
        inputs: Inputs,
        table: &InForce,
        previous: Option<String>,
    ) -> Result<Self, DecisionError> {
        check_table(&inputs, table)?;
        let outcome = assess(&inputs, table);
        let nearest = nearest(&inputs, table);
        let record = Self {
            form: FORM.to_owned(),
            inputs,
            outcome,
            nearest,
            decided: None,
            overridden: None,
            previous,
        };
        record.check()?;
        Ok(record)
    }

    /// The same, decided by a person.
    ///
    /// # Errors
    /// If the name, role or time is missing, or the override lacks a second person, a reason in words, or an end after
    /// the decision and within [`OVERRIDE_AT_MOST`], or says that the product is not affected, which only evidence does.
    pub fn decide(
        mut self,
        person: Approval,
        overridden: Option<Override>,
    ) -> Result<Self, DecisionError> {
        self.decided = Some(person);
        self.overridden = overridden;
        self.check()?;
        self.check_new()?;
        Ok(self)
    }

    /// Whether it is a decision; otherwise it is a proposal.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        self.decided.is_some()
    }

    /// The class that holds at a time: an override holds until it expires.
    #[must_use]
    pub fn class_at(&self, now: Timestamp) -> Class {
        match &self.overridden {
            Some(over) if over.expires.parse::<Timestamp>().is_ok_and(|end| now < end) => {
                over.class
            }
            _ => self.outcome.class,
        }
    }

    /// The canonical bytes.
    ///
    /// # Errors
    /// If a number is not whole, which no field of a record is.
    pub fn bytes(&self) -> Result<Vec<u8>, DecisionError> {
        Ok(canonical::bytes(self)?)
    }

    /// SHA-256 of the canonical bytes.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub fn digest(&self) -> Result<String, DecisionError> {
        Ok(canonical::digest(&self.bytes()?))
    }

    /// What a new decision holds to beyond [`check`](Self::check); those of earlier releases replay without it.
    fn check_new(&self) -> Result<(), DecisionError> {
        let Some(over) = &self.overridden else { return Ok(()) };
        if over.class == Class::NotAffected {
            return refuse(
                "/overridden/class",
                "not-affected",
                "controlled or uncontrolled; that a product is not affected needs a justification and evidence",
            );
        }
        let decided = self.decided.as_ref().and_then(|person| person.time.parse().ok());
        let end = over.expires.parse::<Timestamp>().ok();
        match decided.zip(end) {
            Some((at, end)) if end.duration_since(at) > OVERRIDE_AT_MOST => refuse(
                "/overridden/expires",
                &over.expires,
                "a time within a year of the decision; then somebody decides again",
            ),
            _ => Ok(()),
        }
    }

    fn check(&self) -> Result<(), DecisionError> {
        if self.form != FORM {
            return refuse("/form", &self.form, FORM);
        }
        if let super::assess::Applicability::NotAffected { evidence, .. } =
            &self.inputs.applicability
            && evidence.trim().is_empty()
        {
            return refuse(
                "/inputs/applicability",
                "no evidence",
                "the id and digest of the evidence",
            );
        }
        let decided = match &self.decided {
            Some(person) => Some(check_person("/decided", person)?),
            None => None,
        };
        let Some(over) = &self.overridden else { return Ok(()) };
        let (Some(at), Some(first)) = (decided, &self.decided) else {
            return refuse(
                "/decided",
                "nobody",
                "a person who decides, where the rules are overridden",
            );
        };
        if over.text.trim().is_empty() {
            return refuse("/overridden/text", "nothing", "why the rules are overridden");
        }
        check_person("/overridden/second", &over.second)?;
        if over.second.name.trim().eq_ignore_ascii_case(first.name.trim()) {
            return refuse(
                "/overridden/second/name",
                &over.second.name,
                "another person than the first",
            );
        }
        match over.expires.parse::<Timestamp>() {
            Ok(end) if end > at => Ok(()),
            _ => {
                refuse("/overridden/expires", &over.expires, "a time after the decision, RFC 3339")
            }
        }
    }
}

fn check_person(field: &str, person: &Approval) -> Result<Timestamp, DecisionError> {
    for (name, value) in [("name", &person.name), ("role", &person.role)] {
        if value.trim().is_empty() {
            return refuse(&format!("{field}/{name}"), "nothing", "a named person with a role");
        }
    }
    person
        .time
        .parse()
        .or_else(|_| refuse(&format!("{field}/time"), &person.time, "a time, RFC 3339"))
}

fn check_table(inputs: &Inputs, table: &InForce) -> Result<(), DecisionError> {
    match inputs.tables.first() {
        Some(first) if first.digest == table.digest() => Ok(()),
        Some(first) => Err(DecisionError::OtherTable {
            version: first.version.clone(),
            digest: first.digest.clone(),
            given: table.digest().to_owned(),
        }),
        None => refuse("/inputs/tables", "none", "the matrix as first table"),
    }
}

/// Computes a record again from its inputs: the same bytes, or the first field that differs.
///
/// # Errors
/// If the bytes are no such record, the table is another, or something differs.
pub fn replay(bytes: &[u8], table: &InForce) -> Result<Vec<u8>, DecisionError> {
    let value: serde_json::Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return refuse("", &error.to_string(), "JSON"),
    };
    let record: Record = match serde_json::from_slice(bytes) {
        Ok(record) => record,
        Err(error) => return refuse("", &error.to_string(), "a decision record"),
    };
    let again = Record {
        decided: record.decided.clone(),
        overridden: record.overridden.clone(),
        ..Record::propose(record.inputs.clone(), table, record.previous.clone())?
    };
    again.check()?;
    record.check()?;
    let computed = again.bytes()?;
    if computed == bytes {
        return Ok(computed);
    }
    let other: serde_json::Value = serde_json::from_slice(&computed).unwrap_or_default();
    let (pointer, recorded, computed) = canonical::first_difference(&value, &other)
        .unwrap_or_else(|| ("".into(), "other spelling".into(), "canonical bytes".into()));
    Err(DecisionError::Differs { pointer, recorded, computed })
}

/// Checks that records, oldest first, form a chain: each names the digest of the one before.
///
/// # Errors
/// Naming the first record that does not.
pub fn check_chain(records: &[Record]) -> Result<(), DecisionError> {
    let mut before: Option<String> = None;
    for (index, record) in records.iter().enumerate() {
        if record.previous != before {
            return refuse(
                &format!("record {index}: /previous"),
                record.previous.as_deref().unwrap_or("nothing"),
                before.as_deref().unwrap_or("nothing, for the first record"),
            );
        }
        before = Some(record.digest()?);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
