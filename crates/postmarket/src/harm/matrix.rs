//! The table that says whether the risk to patients is controlled. It is data: versioned, signed, and a maker's own
//! may only be stricter than the one shipped here.

use super::canonical;
use super::function_map::Severity;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// The table of this release.
const SHIPPED: &str = include_str!("matrix.toml");
/// The tables of all releases. One that was shipped once stays: decisions were made with it.
const RELEASED: [&str; 1] = [SHIPPED];

/// How easily a vulnerability is exploited.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exploitability {
    /// Hard.
    Low,
    /// In between.
    Medium,
    /// Easy, or done already.
    High,
}

/// What a finding is for patients.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The product is not affected: there is evidence, and a justification.
    NotAffected,
    /// The residual risk of harm to patients is acceptable.
    Controlled,
    /// It is not: somebody must act, and clocks run.
    Uncontrolled,
}

/// Points for what stands in an attacker's way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hurdles {
    /// Only from the adjacent network.
    pub adjacent: u8,
    /// Only locally.
    pub local: u8,
    /// Only by touch.
    pub physical: u8,
    /// High complexity, or conditions beyond the attacker's control.
    pub complexity: u8,
    /// Some privileges.
    pub privileges_low: u8,
    /// High privileges.
    pub privileges_high: u8,
    /// A person must act.
    pub interaction: u8,
    /// A compensating control in force.
    pub control: u8,
    /// All compensating controls together at the most.
    pub controls_at_most: u8,
}

/// From how many points on exploitability is medium, and low.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Levels {
    /// Medium.
    pub medium_from: u8,
    /// Low.
    pub low_from: u8,
}

/// Predicted exploitation in parts per million from which exploitability is at least medium, and high.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Predicted {
    /// At least medium.
    pub medium_from: u32,
    /// High.
    pub high_from: u32,
}

/// Exploitability by severity, columns from negligible to catastrophic.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    /// The row of low exploitability.
    pub low: [Class; 5],
    /// Medium.
    pub medium: [Class; 5],
    /// High.
    pub high: [Class; 5],
}

/// A whole table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Its version.
    pub version: String,
    /// Points.
    pub hurdles: Hurdles,
    /// Levels.
    pub levels: Levels,
    /// Thresholds of prediction.
    pub predicted: Predicted,
    /// Classes.
    pub matrix: Cells,
}

/// Why a table is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}: {key}: {reason}; expected {expected}")]
pub struct MatrixError {
    /// The file, as the caller named it.
    pub file: String,
    /// The key.
    pub key: String,
    /// What is wrong.
    pub reason: String,
    /// What was expected.
    pub expected: String,
}

impl Matrix {
    /// Reads a table and checks that it is sound by itself.
    ///
    /// # Errors
    /// If it is no such table, or a class sinks where exploitability or severity rises.
    pub fn read(file: &str, text: &str) -> Result<Self, MatrixError> {
        let refuse = |key: &str, reason: String, expected: &str| MatrixError {
            file: file.to_owned(),
            key: key.to_owned(),
            reason,
            expected: expected.to_owned(),
        };
        let table: Self = toml::from_str(text).map_err(|error| {
            let line = crate::lines::toml_line(text, &error);
            refuse(
                &format!("line {line}"),
                error.message().to_owned(),
                "the keys of the shipped table",
            )
        })?;
        let rows = [
            ("low", &table.matrix.low),
            ("medium", &table.matrix.medium),
            ("high", &table.matrix.high),
        ];
        for (index, (name, row)) in rows.iter().enumerate() {
            let key = format!("matrix.{name}");
            if row.contains(&Class::NotAffected) {
                return Err(refuse(
                    &key,
                    "not-affected stands in a cell".into(),
                    "controlled or uncontrolled",
                ));
            }
            if !row.is_sorted() {
                return Err(refuse(
                    &key,
                    "a class sinks while severity rises".into(),
                    "a class that never sinks",
                ));
            }
            if index > 0 && rows[index - 1].1.iter().zip(*row).any(|(easier, here)| here < easier) {
                return Err(refuse(
                    &key,
                    "a class sinks while exploitability rises".into(),
                    "a class that never sinks",
                ));
            }
        }
        if table.levels.medium_from > table.levels.low_from {
            return Err(refuse(
                "levels",
                "medium begins after low".into(),
                "medium-from <= low-from",
            ));
        }
        if table.predicted.medium_from > table.predicted.high_from {
            return Err(refuse(
                "predicted",
                "medium begins after high".into(),
                "medium-from <= high-from",
            ));
        }
        Ok(table)
    }

    /// The bytes that are signed and whose digest names the table.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        // A table holds whole numbers and words alone, so it always has a canonical form.
        canonical::bytes(self).unwrap_or_default()
    }

    /// The class of a cell.
    #[must_use]
    pub fn class(&self, exploitability: Exploitability, severity: Severity) -> Class {
        let row = match exploitability {
            Exploitability::Low => &self.matrix.low,
            Exploitability::Medium => &self.matrix.medium,
            Exploitability::High => &self.matrix.high,
        };
        let [negligible, minor, serious, critical, catastrophic] = row;
        *match severity {
            Severity::Negligible => negligible,
            Severity::Minor => minor,
            Severity::Serious => serious,
            Severity::Critical => critical,
            Severity::Catastrophic => catastrophic,
        }
    }

    /// The first key at which this table is laxer than another.
    #[must_use]
    pub fn laxer_than(&self, other: &Self) -> Option<&'static str> {
        let (ours, theirs) = (&self.hurdles, &other.hurdles);
        let points = [
            ("hurdles.adjacent", ours.adjacent, theirs.adjacent),
            ("hurdles.local", ours.local, theirs.local),
            ("hurdles.physical", ours.physical, theirs.physical),
            ("hurdles.complexity", ours.complexity, theirs.complexity),
            ("hurdles.privileges-low", ours.privileges_low, theirs.privileges_low),
            ("hurdles.privileges-high", ours.privileges_high, theirs.privileges_high),
            ("hurdles.interaction", ours.interaction, theirs.interaction),
            ("hurdles.control", ours.control, theirs.control),
            ("hurdles.controls-at-most", ours.controls_at_most, theirs.controls_at_most),
            // More points needed is stricter, so these two are compared the other way round.
            ("levels.medium-from", other.levels.medium_from, self.levels.medium_from),
            ("levels.low-from", other.levels.low_from, self.levels.low_from),
        ];
        let more = points.iter().find(|(_, ours, theirs)| ours > theirs).map(|(key, ..)| *key);
        let cells = [
            ("matrix.low", self.matrix.low, other.matrix.low),
            ("matrix.medium", self.matrix.medium, other.matrix.medium),
            ("matrix.high", self.matrix.high, other.matrix.high),
        ];
        let sunk =
            cells.iter().find(|(_, ours, theirs)| ours.iter().zip(theirs).any(|(a, b)| a < b));
        more.or_else(|| {
            (self.predicted.medium_from > other.predicted.medium_from)
                .then_some("predicted.medium-from")
        })
        .or_else(|| {
            (self.predicted.high_from > other.predicted.high_from).then_some("predicted.high-from")
        })
        .or_else(|| sunk.map(|(key, ..)| *key))
    }
}

/// A table by which decisions may be made: the shipped one, or a maker's that is signed and not laxer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InForce {
    matrix: Matrix,
    digest: String,
}

impl Default for InForce {
    fn default() -> Self {
        Self::shipped()
    }
}

impl InForce {
    /// The table of this release.
    #[must_use]
    pub fn shipped() -> Self {
        Self::embedded(SHIPPED)
    }

    /// The table of this or an earlier release that has this digest, so that its decisions replay for ever.
    #[must_use]
    pub fn shipped_as(digest: &str) -> Option<Self> {
        RELEASED.into_iter().map(Self::embedded).find(|table| table.digest == digest)
    }

    fn embedded(text: &str) -> Self {
        match Matrix::read("matrix.toml", text) {
            Ok(matrix) => Self::of(matrix),
            // Embedded and read in the tests: it cannot fail without a test failing first.
            Err(error) => unreachable!("{error}"),
        }
    }

    fn of(matrix: Matrix) -> Self {
        let digest = canonical::digest(&matrix.canonical());
        Self { matrix, digest }
    }

    /// A maker's table: its signature over the canonical bytes holds, and it is nowhere laxer than the shipped one.
    ///
    /// # Errors
    /// Naming the file and the key that is laxer, or that the signature does not hold.
    pub fn of_maker(
        file: &str,
        text: &str,
        signature: &[u8; 64],
        key: &[u8; 32],
    ) -> Result<Self, MatrixError> {
        let matrix = Matrix::read(file, text)?;
        let refuse = |key: &str, reason: &str, expected: &str| MatrixError {
            file: file.to_owned(),
            key: key.to_owned(),
            reason: reason.to_owned(),
            expected: expected.to_owned(),
        };
        let verified = VerifyingKey::from_bytes(key).and_then(|key| {
            key.verify_strict(&matrix.canonical(), &Signature::from_bytes(signature))
        });
        if verified.is_err() {
            return Err(refuse(
                "signature",
                "it does not hold for this table and key",
                "an Ed25519 signature over the canonical bytes by the maker's key",
            ));
        }
        if let Some(laxer) = matrix.laxer_than(&Self::shipped().matrix) {
            return Err(refuse(
                laxer,
                "laxer than the shipped table",
                "a value that is at least as strict",
            ));
        }
        Ok(Self::of(matrix))
    }

    /// A maker's table with its signature by a key, not laxer than the shipped one.
    ///
    /// # Errors
    /// As [`of_maker`](Self::of_maker).
    pub fn signed(
        file: &str,
        text: &str,
        key: &SigningKey,
    ) -> Result<(Self, [u8; 64]), MatrixError> {
        let signature = key.sign(&Matrix::read(file, text)?.canonical()).to_bytes();
        let public = key.verifying_key();
        Ok((Self::of_maker(file, text, &signature, public.as_bytes())?, signature))
    }

    /// A maker's table that was in force once, as it was kept: what was decided with it replays.
    ///
    /// # Errors
    /// If it is no such table.
    pub(crate) fn kept(file: &str, text: &str) -> Result<Self, MatrixError> {
        Matrix::read(file, text).map(Self::of)
    }

    /// The table.
    #[must_use]
    pub fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    /// SHA-256 of its canonical bytes.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

#[cfg(test)]
mod tests;
