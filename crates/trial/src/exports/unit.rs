//! Which unit the values are in.
//!
//! **The rule.** What the caller says holds; else what the header or the format says; else the
//! values decide: all at most 35 means mmol/L (35 mmol/L is 631 mg/dL, above every sensor), all
//! above that means mg/dL (35 mg/dL is 1.9 mmol/L, below every sensor). A mixture decides nothing
//! and is an error, and so is a header that the middle value contradicts. Whole numbers of 12 and
//! less count for neither side when others are above 35: sensors write small error codes. A value
//! that its unit makes impossible (12 mg/dL and less, above 35 mmol/L) is never a reading.

use serde::{Deserialize, Serialize};

use super::error::{ExportError, figure};
use super::rows::{RawValue, Row};

/// The unit of glucose values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// Milligrams per decilitre.
    MgDl,
    /// Millimoles per litre.
    MmolL,
}

impl Unit {
    /// The unit as it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MgDl => "mg/dL",
            Self::MmolL => "mmol/L",
        }
    }

    /// The unit that a column's name states.
    pub(super) fn in_header(header: &str) -> Option<Self> {
        let header = header.to_ascii_lowercase();
        if header.contains("mmol") {
            Some(Self::MmolL)
        } else if header.contains("mg/dl") || header.contains("mgdl") || header.contains("mg_dl") {
            Some(Self::MgDl)
        } else {
            None
        }
    }
}

/// How the unit is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnitSource {
    /// The caller said so.
    Told,
    /// The header or the format says so.
    Header,
    /// A guess: nothing says so, and the values would make little sense in the other unit.
    Values,
}

pub(super) const MOST_MMOL_L: f64 = 35.0;
pub(super) const LARGEST_ERROR_CODE: f64 = 12.0;

/// Decides the unit of a file.
pub(super) fn decide(
    name: &str,
    told: Option<Unit>,
    stated: Option<Unit>,
    rows: &[Row],
) -> Result<(Unit, UnitSource), ExportError> {
    if let Some(unit) = told {
        return Ok((unit, UnitSource::Told));
    }
    let mut values: Vec<(f64, u64)> = rows
        .iter()
        .filter_map(|row| match row.value {
            RawValue::Number(number) if number > 0.0 => Some((number, row.line)),
            _ => None,
        })
        .collect();
    if let Some(unit) = stated {
        values.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
        if let Some((middle, line)) = values.get(values.len() / 2) {
            contradiction(name, unit, *middle, *line)?;
        }
        return Ok((unit, UnitSource::Header));
    }
    let mg_dl = values.iter().find(|(value, _)| *value > MOST_MMOL_L);
    let is_code = |value: f64| value <= LARGEST_ERROR_CODE && value.fract() == 0.0;
    let mmol_l = values
        .iter()
        .find(|(value, _)| *value <= MOST_MMOL_L && (mg_dl.is_none() || !is_code(*value)));
    match (mg_dl, mmol_l) {
        (Some((high, high_line)), Some((low, low_line))) => Err(ExportError::new(
            name,
            "",
            &format!(
                "values in two units, {} (line {high_line}) and {} (line {low_line})",
                figure(*high),
                figure(*low)
            ),
            "values of one unit; say which with --units mg/dL or --units mmol/L",
        )),
        (Some(_), None) => Ok((Unit::MgDl, UnitSource::Values)),
        (None, Some(_)) => Ok((Unit::MmolL, UnitSource::Values)),
        (None, None) => Err(ExportError::new(
            name,
            "",
            "no glucose number from which to tell the unit",
            "numbers, or the unit by --units mg/dL or --units mmol/L",
        )),
    }
}

fn contradiction(name: &str, unit: Unit, middle: f64, line: u64) -> Result<(), ExportError> {
    let contradicts = match unit {
        Unit::MgDl => middle <= MOST_MMOL_L,
        Unit::MmolL => middle > MOST_MMOL_L,
    };
    if !contradicts {
        return Ok(());
    }
    Err(ExportError::new(
        name,
        &format!(":{line}"),
        &format!("{} as the middle value although the file says {}", figure(middle), unit.name()),
        "values that fit their unit; say which with --units mg/dL or --units mmol/L",
    ))
}
