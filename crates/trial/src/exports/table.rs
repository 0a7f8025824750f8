//! CSV files: finds the header, knows the format by it, reads the rows.

use std::collections::BTreeMap;

use super::clock::{DateOrder, Written, read_time};
use super::error::{ExportError, quoted};
use super::rows::{Defect, RawValue, Row, Sheet, Unusable, raw_value};
use super::text_table::{Fields, HEADER_ROWS, rows};
use super::unit::Unit;
use super::{Format, Note, Options, libreview, text_table};

const MOST_SUBJECTS: usize = 10_000;
/// The longest name of a subject, in bytes: names stand in tables and on terminals.
const MOST_NAME: usize = 100;
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
const SUBJECT_NAMES: [&str; 9] = [
    "id",
    "subject",
    "subjectid",
    "patient",
    "patientid",
    "ptid",
    "participant",
    "participantid",
    "person",
];
const TIME_NAMES: [&str; 10] = [
    "time",
    "timestamp",
    "datetime",
    "date",
    "devicetimestamp",
    "localtime",
    "displaytime",
    "datadttm",
    "measurementtime",
    "dateandtime",
];
const GLUCOSE_NAMES: [&str; 14] = [
    "gl",
    "glucose",
    "glucosevalue",
    "sensorglucose",
    "bg",
    "bloodglucose",
    "sgv",
    "cgm",
    "value",
    "reading",
    "sensorvalue",
    "historicglucose",
    "glucosereading",
    "cgmglucose",
];

/// Where the columns of a format are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) format: Format,
    pub(super) time: usize,
    /// A second column that completes the time (a date and a time of day).
    pub(super) time_of_day: Option<usize>,
    /// The glucose columns; the first that is filled counts.
    pub(super) glucose: Vec<usize>,
    pub(super) subject: Option<usize>,
    /// The column that tells the kind of record.
    pub(super) kind: Option<usize>,
    pub(super) stated: Option<Unit>,
    pub(super) header: Vec<String>,
}

/// A header name without case, blanks, unit and punctuation.
pub(super) fn plain_name(header: &str) -> String {
    let without_bracket = header.split(['(', '[']).next().unwrap_or(header).to_ascii_lowercase();
    let without_unit =
        without_bracket.replace("mg/dl", "").replace("mmol/l", "").replace("mg_dl", "");
    without_unit.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn columns(header: &Fields, names: &[String]) -> Option<Columns> {
    let find = |wanted: &[&str]| {
        wanted.iter().find_map(|name| names.iter().position(|found| found == name))
    };
    let raw: Vec<String> = header.iter().map(str::to_owned).collect();
    if let Some(found) = libreview::columns(names, &raw) {
        return Some(found);
    }
    let kind = find(&["eventtype"]);
    let time = find(&TIME_NAMES)?;
    let glucose = find(&GLUCOSE_NAMES)?;
    let date = find(&["date", "day"]);
    let clock = find(&["time", "timeofday", "clock"]);
    let (time, time_of_day) = match (date, clock) {
        (Some(date), Some(clock)) if date != clock => (date, Some(clock)),
        _ => (time, None),
    };
    let format = if kind.is_some() { Format::DexcomClarity } else { Format::Plain };
    let subject = if format == Format::Plain { find(&SUBJECT_NAMES) } else { None };
    let subject = subject.filter(|column| *column != time && *column != glucose);
    let stated = raw.get(glucose).and_then(|name| Unit::in_header(name));
    let glucose = vec![glucose];
    Some(Columns { format, time, time_of_day, glucose, subject, kind, stated, header: raw })
}

/// Fails when two columns have the name of one that is read: which of them counts is not ours to say.
fn sole(
    name: &str,
    header: &Fields,
    names: &[String],
    columns: &Columns,
) -> Result<(), ExportError> {
    let read = [Some(columns.time), columns.time_of_day, columns.subject, columns.kind];
    for column in read.into_iter().flatten().chain(columns.glucose.iter().copied()) {
        let again = names.iter().enumerate().position(|(place, other)| {
            place != column && names.get(column).is_some_and(|own| own == other)
        });
        let Some(again) = again else { continue };
        let (one, two) = (column.min(again), column.max(again));
        let label = |column: usize| quoted(header.get(column).unwrap_or(""));
        let found = format!(
            "two columns of one name, column {} {} and column {} {}",
            one + 1,
            label(one),
            two + 1,
            label(two)
        );
        let expected = "one such column; rename the one that is not meant";
        return Err(ExportError::new(name, &format!(":{}", header.line), &found, expected));
    }
    Ok(())
}

/// A note on columns that look like glucose too and are not read.
fn unread(header: &Fields, names: &[String], columns: &Columns) -> Option<Note> {
    let also = (0..names.len()).find(|column| {
        !columns.glucose.contains(column)
            && columns.format == Format::Plain
            && names.get(*column).is_some_and(|name| GLUCOSE_NAMES.contains(&name.as_str()))
    })?;
    let label = |column: usize| quoted(header.get(column).unwrap_or(""));
    let read = columns.glucose.first().copied().unwrap_or(0);
    let text = format!(
        "glucose is column {} {}; column {} {} looks like glucose too and was not read",
        read + 1,
        label(read),
        also + 1,
        label(also)
    );
    Some(Note { line: Some(header.line), text })
}

/// Reads a CSV export.
pub(super) fn read(name: &str, text: &str, options: &Options) -> Result<Sheet, ExportError> {
    text_table::check_lines(name, text)?;
    for separator in SEPARATORS {
        for (index, header) in rows(text, separator).take(HEADER_ROWS).enumerate() {
            let names: Vec<String> = header.iter().map(plain_name).collect();
            if let Some(columns) = columns(&header, &names) {
                sole(name, &header, &names, &columns)?;
                let rows = rows(text, separator).skip(index + 1);
                let mut sheet = body(name, &columns, rows, options)?;
                sheet.notes.extend(unread(&header, &names, &columns));
                return Ok(sheet);
            }
        }
    }
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Err(ExportError::new(
        name,
        ":1",
        &format!("no header that names a time and a glucose column, first line {}", quoted(first)),
        "a header such as time,glucose or id,time,gl, or an export of Dexcom Clarity, LibreView or \
         Nightscout",
    ))
}

struct Pending {
    line: u64,
    subject: usize,
    time: Written,
    value: RawValue,
}

fn body(
    name: &str,
    columns: &Columns,
    body: impl Iterator<Item = Fields>,
    options: &Options,
) -> Result<Sheet, ExportError> {
    let mut unusable = Unusable::default();
    let mut subjects: Vec<String> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut pending: Vec<Pending> = Vec::new();
    for fields in body {
        if fields.blank() {
            continue;
        }
        let one_line = |column| column == columns.time || columns.glucose.contains(&column);
        if fields.runs_on(one_line) {
            return Err(ExportError::new(
                name,
                &format!(":{}", fields.line),
                "a quoted field that goes on over the next lines",
                "one reading a line; is a quote left open?",
            ));
        }
        let Some((time, value)) = row(columns, &fields, &mut unusable) else { continue };
        let subject_name = columns.subject.and_then(|column| fields.get(column)).unwrap_or("");
        // Names are shown on terminals, which obey control characters.
        let subject_name = &subject_name.replace(char::is_control, "\u{fffd}");
        let subject = match known.get(subject_name) {
            Some(subject) => *subject,
            None if subjects.len() == MOST_SUBJECTS => {
                return Err(ExportError::new(
                    name,
                    &format!(":{}", fields.line),
                    "more than 10,000 subjects",
                    "a subject column with one value per person; is the right column named so?",
                ));
            }
            None => {
                known.insert(subject_name.to_owned(), subjects.len());
                subjects.push(subject_name.to_owned());
                subjects.len() - 1
            }
        };
        pending.push(Pending { line: fields.line, subject, time, value });
    }
    let mut notes = Vec::new();
    let order = date_order(name, &pending, options.date_order, &mut notes)?;
    let mut rows = Vec::with_capacity(pending.len());
    for Pending { line, subject, time, value } in pending {
        match time.resolve(order) {
            Some(time) => rows.push(Row { line, subject, time, value }),
            None => unusable.add(line, Defect::Time, "date", "a day that no month has"),
        }
    }
    let (format, stated) = (columns.format, columns.stated);
    let blocks = format == Format::LibreView;
    Ok(Sheet { format, stated, subjects, rows, unusable, notes, blocks })
}

/// One row's time and value, or its entry among the unusable ones.
fn row(columns: &Columns, fields: &Fields, unusable: &mut Unusable) -> Option<(Written, RawValue)> {
    let line = fields.line;
    let label = |column: usize| columns.header.get(column).map_or("column", String::as_str);
    if fields.too_long() {
        unusable.add(
            line,
            Defect::Malformed,
            "row",
            "a field of more than 4 KiB; is a quote left open?",
        );
        return None;
    }
    if columns.subject.and_then(|column| fields.get(column)).is_some_and(|s| s.len() > MOST_NAME) {
        unusable.add(line, Defect::Malformed, "row", "a subject's name of more than 100 bytes");
        return None;
    }
    if fields.runs_over(columns.header.len()) {
        let found = "more fields than the header; is a decimal comma unquoted?";
        unusable.add(line, Defect::Malformed, "row", found);
        return None;
    }
    if let Some(column) = columns.kind
        && !is_reading(columns.format, fields.get(column).unwrap_or(""))
    {
        unusable.add(line, Defect::NotAReading, label(column), fields.get(column).unwrap_or(""));
        return None;
    }
    let Some(time_field) = fields.get(columns.time) else {
        unusable.add(line, Defect::Short, "columns", &fields.len().to_string());
        return None;
    };
    let mut time_text = time_field.to_owned();
    if let Some(clock) = columns.time_of_day.and_then(|column| fields.get(column)) {
        time_text = format!("{time_text} {clock}");
    }
    let Some(time) = read_time(&time_text) else {
        unusable.add(line, Defect::Time, label(columns.time), &time_text);
        return None;
    };
    let filled = |column: &&usize| fields.get(**column).is_some_and(|field| !field.is_empty());
    let &glucose = columns.glucose.iter().find(filled).or(columns.glucose.first())?;
    let Some(field) = fields.get(glucose) else {
        unusable.add(line, Defect::Short, "columns", &fields.len().to_string());
        return None;
    };
    let Some(value) = raw_value(field) else {
        unusable.add(line, Defect::Value, label(glucose), field);
        return None;
    };
    Some((time, value))
}

fn is_reading(format: Format, kind: &str) -> bool {
    match format {
        Format::DexcomClarity => kind.eq_ignore_ascii_case("EGV"),
        Format::LibreView => libreview::is_reading(kind),
        Format::Plain | Format::Nightscout => true,
    }
}

/// Whether day or month comes first: the first number above 12 tells. If no date tells, AM or PM
/// means the month, dots mean the day, else the day is taken and a note says so.
fn date_order(
    name: &str,
    pending: &[Pending],
    told: Option<DateOrder>,
    notes: &mut Vec<Note>,
) -> Result<DateOrder, ExportError> {
    if let Some(order) = told {
        return Ok(order);
    }
    let pairs = || {
        pending.iter().filter_map(|row| match row.time {
            Written::Pair { first, second, american, dotted, .. } => {
                Some((row.line, first, second, american, dotted))
            }
            Written::Sure(_) => None,
        })
    };
    let day_first = pairs().find(|(_, first, ..)| *first > 12);
    let month_first = pairs().find(|(_, _, second, ..)| *second > 12);
    match (day_first, month_first) {
        (Some((day_line, ..)), Some((month_line, ..))) => Err(ExportError::new(
            name,
            &format!(":{}", day_line.max(month_line)),
            &format!("the day first on line {day_line} and the month first on line {month_line}"),
            "one order of day and month throughout",
        )),
        (Some(_), None) => Ok(DateOrder::DayFirst),
        (None, Some(_)) => Ok(DateOrder::MonthFirst),
        (None, None) => {
            let Some((line, _, _, american, dotted)) = pairs().next() else {
                return Ok(DateOrder::DayFirst);
            };
            if dotted {
                return Ok(DateOrder::DayFirst);
            }
            let (order, reason) = if american {
                (DateOrder::MonthFirst, "the month was taken first, as AM/PM suggests")
            } else {
                (DateOrder::DayFirst, "the day was taken first")
            };
            let text = format!(
                "no date tells whether day or month comes first; {reason}. --dates changes it"
            );
            notes.push(Note { line: Some(line), text });
            Ok(order)
        }
    }
}
