//! What every reader hands on: rows with a time and a value, and the rows that gave neither.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::clock::WallTime;
use super::error::quoted;
use super::unit::Unit;
use super::{Format, Note};

/// How many unusable rows are listed one by one.
const LISTED: usize = 1000;

/// Why a row gave no reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Defect {
    /// The row is about something other than a sensor reading (a meal, an alert setting).
    NotAReading,
    /// The time is missing or is none.
    Time,
    /// The value is missing or is no number, "Low" or "High".
    Value,
    /// The number cannot be a glucose concentration.
    Impossible,
    /// The row has too few columns.
    Short,
    /// The same time and the same value as a row before it.
    Repeated,
    /// The same time as a row before it, and another value.
    OtherValueAtSameTime,
    /// The row is not what the format allows.
    Malformed,
}

impl Defect {
    /// The reason, in words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotAReading => "not a sensor reading (another kind of record)",
            Self::Time => "no readable time",
            Self::Value => "no readable glucose value",
            Self::Impossible => "not a possible glucose value",
            Self::Short => "too few columns",
            Self::Repeated => "repeats an earlier reading",
            Self::OtherValueAtSameTime => "other value for a time already read",
            Self::Malformed => "malformed record",
        }
    }
}

/// One row that gave no reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusableRow {
    /// The line in the file (in JSON: the entry's number), from 1.
    pub line: u64,
    /// Why.
    pub defect: Defect,
    /// The field concerned and what stood in it.
    pub found: String,
}

/// All rows that gave no reading: every one counted, the first thousand listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unusable {
    /// How many rows of each kind.
    pub counts: BTreeMap<Defect, u64>,
    /// The first 1,000 rows, in the order met. Rows of another kind of record are only counted.
    pub rows: Vec<UnusableRow>,
}

impl Unusable {
    /// All unusable rows together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    pub(super) fn add(&mut self, line: u64, defect: Defect, column: &str, field: &str) {
        *self.counts.entry(defect).or_default() += 1;
        if self.rows.len() < LISTED && defect != Defect::NotAReading {
            let found = format!("{column}: {}", quoted(field));
            self.rows.push(UnusableRow { line, defect, found });
        }
    }
}

/// A value before its unit is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RawValue {
    Number(f64),
    Low,
    High,
}

/// A row with a time and a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) line: u64,
    /// Index into [`Sheet::subjects`].
    pub(super) subject: usize,
    pub(super) time: WallTime,
    pub(super) value: RawValue,
}

/// A file's rows before they are put together.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) format: Format,
    /// The unit that the header or the format states.
    pub(super) stated: Option<Unit>,
    pub(super) subjects: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) unusable: Unusable,
    pub(super) notes: Vec<Note>,
    /// Blocks of records are not in time order by design: sort without asking.
    pub(super) blocks: bool,
}

/// A glucose field: a number with point or comma, "Low"/"LO", "High"/"HI".
pub(super) fn raw_value(field: &str) -> Option<RawValue> {
    let text = field.trim();
    match text.to_ascii_lowercase().as_str() {
        "low" | "lo" => return Some(RawValue::Low),
        "high" | "hi" => return Some(RawValue::High),
        _ => {}
    }
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && text.bytes().filter(|byte| matches!(byte, b'.' | b',')).count() <= 1
        && text.bytes().any(|byte| byte.is_ascii_digit());
    if !plain {
        return None;
    }
    text.replace(',', ".").parse::<f64>().ok().map(RawValue::Number)
}
