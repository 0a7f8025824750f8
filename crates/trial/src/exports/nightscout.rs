//! Nightscout: JSON entries as the API or a database dump gives them.
//!
//! Taken are an array of entries, an object with the array under `result` (API v3), and one entry a
//! line (a dump). A reading is an entry with `sgv` (or `mgdl`) and `date` or `mills` (milliseconds since
//! 1970) or `dateString`. Values are mg/dL by definition.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::clock::{WallTime, Written, read_time};
use super::error::ExportError;
use super::rows::{Defect, RawValue, Row, Sheet, Unusable, raw_value};
use super::unit::Unit;
use super::{Format, Note};

/// Dexcom's codes for "no reading" that uploaders pass on as values.
const LARGEST_ERROR_CODE: f64 = 12.0;
const SHOWN_AS_LOW: f64 = 39.0;
const SHOWN_AS_HIGH: f64 = 401.0;

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Page(Page),
    Entry(Box<Entry>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Page {
    result: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "type")]
    kind: Option<Json>,
    sgv: Option<Json>,
    mgdl: Option<Json>,
    date: Option<Json>,
    mills: Option<Json>,
    date_string: Option<Json>,
    utc_offset: Option<Json>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    List(Vec<Item>),
    One(Item),
}

/// Reads Nightscout JSON.
pub(super) fn read(name: &str, text: &str) -> Result<Sheet, ExportError> {
    let mut reader = Reader::default();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Document>() {
        let document = document.map_err(|error| {
            let place = format!(":{}", error.line());
            let found = format!("JSON that cannot be read, column {} ({error})", error.column());
            ExportError::new(name, &place, &found, "an array of Nightscout entries")
        })?;
        match document {
            Document::List(items) => reader.items(items),
            Document::One(item) => reader.items(vec![item]),
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

impl Reader {
    fn items(&mut self, items: Vec<Item>) {
        for item in items {
            match item {
                Item::Page(page) => self.items(page.result),
                Item::Entry(entry) => {
                    self.number += 1;
                    self.entry(&entry);
                }
                Item::Other(_) => {
                    self.number += 1;
                    self.unusable.add(self.number, Defect::Malformed, "entry", "no object");
                }
            }
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let line = self.number;
        let kind = entry.kind.as_ref().and_then(Json::as_str).unwrap_or("sgv");
        let value = entry.sgv.as_ref().or(entry.mgdl.as_ref());
        let Some(value) = value.filter(|_| kind == "sgv") else {
            self.unusable.add(line, Defect::NotAReading, "type", kind);
            return;
        };
        let Some(time) = time(entry) else {
            let field = entry.date.as_ref().or(entry.date_string.as_ref());
            let text = field.map(Json::to_string).unwrap_or_default();
            self.unusable.add(line, Defect::Time, "date", &text);
            return;
        };
        let number = value.as_f64().map(RawValue::Number);
        let value = match number.or_else(|| value.as_str().and_then(raw_value)) {
            Some(RawValue::Number(code)) if code <= LARGEST_ERROR_CODE => {
                self.unusable.add(line, Defect::Impossible, "sgv", &format!("sensor code {code}"));
                return;
            }
            Some(RawValue::Number(SHOWN_AS_LOW)) => RawValue::Low,
            Some(RawValue::Number(SHOWN_AS_HIGH)) => RawValue::High,
            Some(value) => value,
            None => {
                self.unusable.add(line, Defect::Value, "sgv", &value.to_string());
                return;
            }
        };
        if time.offset == Some(Offset::UTC) && self.without_offset.is_none() {
            self.without_offset = Some(line);
        }
        self.rows.push(Row { line, subject: 0, time, value });
    }
}

/// The instant from the milliseconds, the wall clock from `utcOffset` or `dateString`.
fn time(entry: &Entry) -> Option<WallTime> {
    let written = match entry.date_string.as_ref().and_then(Json::as_str).and_then(read_time) {
        Some(Written::Sure(time)) => Some(time),
        _ => None,
    };
    let milliseconds = entry.date.as_ref().or(entry.mills.as_ref()).and_then(Json::as_f64);
    let minutes = entry.utc_offset.as_ref().and_then(Json::as_i64);
    let told = minutes
        .and_then(|minutes| i32::try_from(minutes.checked_mul(60)?).ok())
        .and_then(|seconds| Offset::from_seconds(seconds).ok());
    let offset = told.or(written.and_then(|time| time.offset)).unwrap_or(Offset::UTC);
    let Some(milliseconds) = milliseconds else {
        let written = written?;
        let offset = written.offset.unwrap_or(offset);
        return Some(WallTime { local: written.local, offset: Some(offset) });
    };
    // Before 2000 it is no time of a CGM; seconds instead of milliseconds land there.
    let instant = Timestamp::from_second((milliseconds / 1000.0) as i64).ok()?;
    (instant.as_second() > 946_684_800).then(|| WallTime::at(instant, offset))
}
