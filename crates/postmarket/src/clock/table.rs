//! The table of clocks.

use serde::{Deserialize, Serialize};

const SHIPPED: &str = include_str!("table.toml");

/// Whose calendar holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jurisdiction {
    /// The United States.
    Us,
    /// The European Union: Regulation (EEC, Euratom) 1182/71 says how periods run.
    Eu,
    /// The maker's own policy.
    Own,
}

/// How long.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Hours.
    Hours(u16),
    /// Calendar days.
    Days(u16),
    /// Days that are neither a weekend nor a holiday.
    WorkingDays(u16),
    /// Months.
    Months(u16),
    /// Before the event itself, which is then one that is planned.
    Before(bool),
}

/// How binding a clock is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Legal {
    /// Law in force.
    Law,
    /// An authority's guidance.
    Guidance,
    /// The maker's own policy, or another's that he follows: its limit can be set.
    Policy,
    /// Proposed law.
    Proposal,
}

/// A clock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What must be done.
    pub title: String,
    /// Whose calendar.
    pub jurisdiction: Jurisdiction,
    /// The condition under which it concerns the maker: `mdr`, `cra`, `us-device`.
    pub scope: String,
    /// The legal source.
    pub source: String,
    /// The paragraph in it.
    pub paragraph: String,
    /// The event that starts it.
    pub start: String,
    /// How long.
    pub limit: Limit,
    /// The evidence that stops it.
    pub stop: String,
    /// How binding.
    pub status: Legal,
    /// `text` if the row was held against the source's text, `knowledge` if against general knowledge of it.
    pub basis: String,
    /// When it was last reviewed, `YYYY-MM-DD`.
    pub reviewed: String,
}

/// All clocks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its version.
    pub version: String,
    /// The clocks.
    #[serde(rename = "clock")]
    pub rows: Vec<Row>,
}

/// What is wrong with a table or a change to it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("clock table: {key}: found {found}; expected {expected}")]
pub struct TableError {
    /// The clock or line.
    pub key: String,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl Default for Table {
    fn default() -> Self {
        Self::shipped()
    }
}

impl Table {
    /// The table of this release.
    #[must_use]
    pub fn shipped() -> Self {
        match Self::read(SHIPPED) {
            Ok(table) => table,
            // Embedded and read in the tests: it cannot fail without a test failing first.
            Err(error) => unreachable!("{error}"),
        }
    }

    /// Reads a table.
    ///
    /// # Errors
    /// Naming the line or the clock.
    pub fn read(text: &str) -> Result<Self, TableError> {
        let table: Self = toml::from_str(text).map_err(|error| {
            let line = crate::lines::toml_line(text, &error);
            TableError {
                key: format!("line {line}"),
                found: error.message().to_owned(),
                expected: "the keys of the shipped table".to_owned(),
            }
        })?;
        for (index, row) in table.rows.iter().enumerate() {
            let refuse = |found: &str, expected: &str| TableError {
                key: row.id.clone(),
                found: found.to_owned(),
                expected: expected.to_owned(),
            };
            if table.rows[..index].iter().any(|other| other.id == row.id) {
                return Err(refuse("the id twice", "an id of its own"));
            }
            if row.reviewed.parse::<jiff::civil::Date>().is_err() {
                return Err(refuse(&row.reviewed, "the day of the last review, YYYY-MM-DD"));
            }
            if [&row.source, &row.paragraph, &row.stop].iter().any(|text| text.trim().is_empty()) {
                return Err(refuse("nothing", "source, paragraph and stop evidence"));
            }
        }
        Ok(table)
    }

    /// The clock with an id.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// The same table with the maker's own limit for a clock that is policy. What the law says cannot be changed.
    ///
    /// # Errors
    /// If there is no such clock, or it is no policy.
    pub fn with_policy(mut self, id: &str, limit: Limit) -> Result<Self, TableError> {
        let refuse = |found: &str, expected: &str| TableError {
            key: id.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        };
        match self.rows.iter_mut().find(|row| row.id == id) {
            None => Err(refuse("no such clock", "the id of a clock that is policy")),
            Some(row) if row.status != Legal::Policy => Err(refuse(
                "a limit that the maker does not own",
                "the id of a clock that is policy",
            )),
            Some(_) if matches!(limit, Limit::Before(_)) => {
                Err(refuse("before", "hours, days, working days or months"))
            }
            Some(row) => {
                row.limit = limit;
                Ok(self)
            }
        }
    }
}
