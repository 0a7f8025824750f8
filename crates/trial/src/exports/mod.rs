//! Readers of real CGM exports: plain CSV, Dexcom Clarity, LibreView, Nightscout JSON.
//!
//! [`read_export`] takes bytes and gives one [`SubjectTrace`] per person, in time order, or one
//! clear error. A row that cannot be used is never dropped in silence: it is counted by reason and
//! listed with its line. Readings are judged no further here (that is the sensing stage's work): a
//! flat line or an impossible jump passes through.
//!
//! Limits: a file of at most 256 MiB, a line of at most 1 MiB (CSV), a field of at most 4 KiB,
//! a name of at most 100 bytes, 1,000 unusable rows listed (all are counted), 10,000 subjects. A
//! message repeats at most 40 characters of a file.

mod assemble;
mod clock;
mod error;
mod libreview;
mod nightscout;
mod nightscout_json;
mod rows;
mod table;
mod text_table;
mod unit;

#[cfg(test)]
mod tests;

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::metrics::{Glucose, Sample, Seconds, Series, SeriesError, TenthsMgDl, Weighting};

pub use clock::DateOrder;
pub use error::ExportError;
pub use rows::{Defect, Unusable, UnusableRow};
pub use unit::{Unit, UnitSource};

/// The largest file that is read: 256 MiB.
pub const LARGEST_FILE: u64 = 256 * 1024 * 1024;
/// Stands for "Low" in metrics: one below the least that sensors show.
const LOW_STANDS_FOR: Glucose = Glucose::from_mg_dl(39.0);
/// Stands for "High" in metrics: one above the most that common sensors show.
const HIGH_STANDS_FOR: Glucose = Glucose::from_mg_dl(401.0);

/// What the caller knows better than the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The unit of the values; overrides header and range.
    pub unit: Option<Unit>,
    /// Whether dates like 03-04-2025 put the day or the month first; overrides detection.
    pub date_order: Option<DateOrder>,
}

/// Which program wrote the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A CSV with a time and a glucose column.
    Plain,
    /// A Dexcom Clarity export.
    DexcomClarity,
    /// A LibreView export.
    LibreView,
    /// Nightscout entries as JSON.
    Nightscout,
}

impl Format {
    /// The format's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain CSV",
            Self::DexcomClarity => "Dexcom Clarity CSV",
            Self::LibreView => "LibreView CSV",
            Self::Nightscout => "Nightscout JSON",
        }
    }
}

/// What one reading says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A concentration.
    Glucose(TenthsMgDl),
    /// The sensor's "Low": below its range.
    Low,
    /// The sensor's "High": above its range.
    High,
}

impl Value {
    /// The number that stands for the value in metrics: 39 mg/dL for `Low`, 401 for `High`.
    #[must_use]
    pub fn for_metrics(self) -> Glucose {
        match self {
            Self::Glucose(tenths) => tenths.into(),
            Self::Low => LOW_STANDS_FOR,
            Self::High => HIGH_STANDS_FOR,
        }
    }
}

/// One reading of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Local wall time, as the person's clock showed it.
    pub local: DateTime,
    /// The instant, where the file tells the offset from UTC.
    pub instant: Option<Timestamp>,
    /// Time since the subject's first reading; strictly rising, also where the wall clock is not.
    pub elapsed: Seconds,
    /// What was read.
    pub value: Value,
    /// The line in the file (in JSON: the entry's number), from 1.
    pub line: u64,
}

impl Reading {
    /// Time after local midnight, for the daily profile.
    #[must_use]
    pub fn time_of_day(&self) -> Seconds {
        let (hour, minute) = (i64::from(self.local.hour()), i64::from(self.local.minute()));
        Seconds(hour * 3600 + minute * 60 + i64::from(self.local.second()))
    }
}

/// Something the reader did or saw that the user should know, in words, with the line it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The first line concerned; `None` when it is the whole file or subject.
    pub line: Option<u64>,
    /// What happened.
    pub text: String,
}

/// The readings of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectTrace {
    /// The subject as the file names it; empty when the file holds one unnamed person.
    pub subject: String,
    /// The readings in time order, one a time.
    pub readings: Vec<Reading>,
    /// What the reader did to this person's rows.
    pub notes: Vec<Note>,
}

impl SubjectTrace {
    /// The trace as a series for metrics.
    ///
    /// # Errors
    /// None for a trace from [`read_export`]; those of [`Series::new`] for a hand-made one.
    pub fn series(&self, weighting: Weighting) -> Result<Series, SeriesError> {
        let sample = |r: &Reading| Sample { at: r.elapsed, glucose: r.value.for_metrics() };
        Series::new(self.readings.iter().map(sample).collect(), weighting)
    }
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Which program wrote it.
    pub format: Format,
    /// The unit of its values.
    pub unit: Unit,
    /// How the unit is known.
    pub unit_source: UnitSource,
    /// One trace per subject, in the order of their first rows.
    pub subjects: Vec<SubjectTrace>,
    /// The rows that gave no reading.
    pub unusable: Unusable,
    /// What concerns the whole file.
    pub notes: Vec<Note>,
}

/// Reads an export from memory. `name` is the file's name for messages.
///
/// # Errors
/// One error naming the file, the line, the column, what was found and what was expected.
pub fn read_export(name: &str, bytes: &[u8], options: &Options) -> Result<Export, ExportError> {
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(ExportError::too_large(name, bytes.len() as u64));
    }
    let text = text_table::decode(name, bytes)?;
    let body = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if body.is_empty() {
        return Err(ExportError::empty(name));
    }
    let sheet = if body.starts_with(['[', '{']) {
        nightscout::read(name, body)?
    } else {
        table::read(name, &text, options)?
    };
    assemble::assemble(name, sheet, options)
}

/// Reads an export file.
///
/// # Errors
/// As [`read_export`], and when the file cannot be opened or is larger than 256 MiB.
pub fn open_export(path: &Path, options: &Options) -> Result<Export, ExportError> {
    use std::io::Read;
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| ExportError::unreadable(&name, &error);
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    read_export(&name, &bytes, options)
}
