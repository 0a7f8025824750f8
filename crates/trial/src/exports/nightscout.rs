//! Nightscout: JSON entries as the API or a database dump gives them.
//!
//! Taken are an array of entries, an object with the array under `result` (API v3), and one entry a
//! line (a dump). A reading is an entry with `sgv` (or `mgdl`) and `date` or `mills` (milliseconds
//! since 1970) or `dateString`. Values are mg/dL by definition; 39 and 401 are how Dexcom's "Low"
//! and "High" arrive, 12 and less are its codes for "no reading".

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::de::DeserializeSeed;

use super::clock::{WallTime, Written, read_time};
use super::error::ExportError;
use super::nightscout_json::{Document, Entry, Sink};
use super::rows::{Defect, RawValue, Row, Sheet, Unusable, raw_value};
use super::unit::Unit;
use super::{Format, Note};

const LARGEST_ERROR_CODE: f64 = 12.0;
const SHOWN_AS_LOW: f64 = 39.0;
const SHOWN_AS_HIGH: f64 = 401.0;
/// 1 January 2000. Before it is no time of a CGM; seconds taken for milliseconds land there.
const EARLIEST: i64 = 946_684_800;

/// Reads Nightscout JSON.
pub(super) fn read(name: &str, text: &str) -> Result<Sheet, ExportError> {
    let mut reader = Reader::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // A dump is one document after another; `end` succeeds once nothing is left.
    loop {
        Document(&mut reader).deserialize(&mut deserializer).map_err(|error| {
            let place = format!(":{}", error.line());
            let found =
                format!("JSON that cannot be read, column {} ({error:.100})", error.column());
            ExportError::new(name, &place, &found, "an array of Nightscout entries")
        })?;
        if deserializer.end().is_ok() {
            break;
        }
    }
    let Reader { rows, unusable, without_offset, .. } = reader;
    let mut notes = Vec::new();
    if let Some(line) = without_offset {
        let text = "entries without an offset from UTC: their times of day are in UTC".to_owned();
        notes.push(Note { line: Some(line), text });
    }
    Ok(Sheet {
        format: Format::Nightscout,
        stated: Some(Unit::MgDl),
        subjects: vec![String::new()],
        rows,
        unusable,
        notes,
        blocks: true,
    })
}

#[derive(Default)]
struct Reader {
    number: u64,
    rows: Vec<Row>,
    unusable: Unusable,
    without_offset: Option<u64>,
}

impl Sink for Reader {
    fn take(&mut self, entry: Option<&Entry>) {
        self.number += 1;
        match entry {
            Some(entry) => self.entry(entry),
            None => self.unusable.add(self.number, Defect::Malformed, "entry", "no object"),
        }
    }
}

impl Reader {
    fn entry(&mut self, entry: &Entry) {
        let line = self.number;
        let kind = entry.kind.text().unwrap_or("sgv");
        let value = entry.sgv.or(&entry.mgdl);
        if kind != "sgv" || *value == super::nightscout_json::Scalar::Missing {
            self.unusable.add(line, Defect::NotAReading, "type", kind);
            return;
        }
        let Some((time, told)) = time(entry) else {
            let field = entry.date.or(&entry.mills).or(&entry.date_string).shown();
            self.unusable.add(line, Defect::Time, "date", &field);
            return;
        };
        let number = value.number().map(RawValue::Number);
        let value = match number.or_else(|| value.text().and_then(raw_value)) {
            Some(RawValue::Number(code)) if code <= LARGEST_ERROR_CODE => {
                self.unusable.add(line, Defect::Impossible, "sgv", &format!("sensor code {code}"));
                return;
            }
            Some(RawValue::Number(SHOWN_AS_LOW)) => RawValue::Low,
            Some(RawValue::Number(SHOWN_AS_HIGH)) => RawValue::High,
            Some(value) => value,
            None => {
                self.unusable.add(line, Defect::Value, "sgv", &value.shown());
                return;
            }
        };
        if !told && self.without_offset.is_none() {
            self.without_offset = Some(line);
        }
        self.rows.push(Row { line, subject: 0, time, value });
    }
}

/// The instant from the milliseconds, the wall clock from `utcOffset` or `dateString`, and whether
/// an offset other than a bare "Z" was told (uploaders write "Z" whatever the clock on the wall).
fn time(entry: &Entry) -> Option<(WallTime, bool)> {
    let written = match entry.date_string.text().and_then(read_time) {
        Some(Written::Sure(time)) => Some(time),
        _ => None,
    };
    let minutes = entry.utc_offset.number().filter(|minutes| minutes.abs() <= 1440.0);
    let stated = minutes.and_then(|minutes| Offset::from_seconds(60 * minutes as i32).ok());
    let in_text = written.and_then(|time| time.offset).filter(|offset| *offset != Offset::UTC);
    let told = stated.or(in_text);
    let offset = told.unwrap_or(Offset::UTC);
    let instant = match entry.date.or(&entry.mills).number() {
        Some(milliseconds) => Timestamp::from_second((milliseconds / 1000.0) as i64).ok()?,
        None => {
            let written = written?;
            written.offset.unwrap_or(offset).to_timestamp(written.local).ok()?
        }
    };
    (instant.as_second() > EARLIEST).then(|| (WallTime::at(instant, offset), told.is_some()))
}
