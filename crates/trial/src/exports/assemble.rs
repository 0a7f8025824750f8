//! Rows to traces: one unit, one subject each, one reading a time, in time order.
//!
//! **Order.** Where every row of a subject tells its instant, instants decide. Otherwise the file's
//! order does (turned round when it runs newest first): a wall clock that is set back by 25 minutes
//! to 14 hours (summer time, travel) keeps its rows in place and is noted, and the time between the
//! two rows is what remains after whole half hours. A file that jumps back otherwise, or more often
//! than clocks are set, is sorted by wall time, and a note says so.

use jiff::civil::DateTime;

use super::clock::seconds_between;
use super::error::ExportError;
use super::rows::{Defect, RawValue, Row, Sheet, Unusable};
use super::unit::{LARGEST_ERROR_CODE, MOST_MMOL_L, Unit, decide};
use super::{Export, Note, Options, Reading, SubjectTrace, Value};
use crate::metrics::{Seconds, TenthsMgDl};

/// More than a sensor or a laboratory reports: 2,000 mg/dL.
const MOST_TENTHS: i32 = 20_000;
const SMALLEST_CLOCK_CHANGE: i64 = 25 * 60;
const LARGEST_CLOCK_CHANGE: i64 = 14 * 3600;
const HALF_HOUR: i64 = 1800;
const LONG_GAP: i64 = 3 * 3600;

pub(super) fn assemble(name: &str, sheet: Sheet, options: &Options) -> Result<Export, ExportError> {
    let Sheet { format, stated, subjects, rows, mut unusable, notes, blocks } = sheet;
    if rows.is_empty() {
        let found = match unusable.rows.first() {
            Some(row) => {
                let reason = row.defect.text();
                format!(
                    "no usable reading in {} rows, the first at line {}: {reason}, {}",
                    unusable.total(),
                    row.line,
                    row.found
                )
            }
            None => format!("no sensor reading in {} rows", unusable.total()),
        };
        return Err(ExportError::new(name, "", &found, "rows with a time and a glucose value"));
    }
    let (unit, unit_source) = decide(name, options.unit, stated, &rows)?;
    let mut per_subject: Vec<Vec<(Row, Value)>> = subjects.iter().map(|_| Vec::new()).collect();
    for row in rows {
        match value(row.value, unit) {
            Some(value) => {
                if let Some(own) = per_subject.get_mut(row.subject) {
                    own.push((row, value));
                }
            }
            None => unusable.add(row.line, Defect::Impossible, "glucose", &shown(row.value)),
        }
    }
    let subjects: Vec<SubjectTrace> = subjects
        .into_iter()
        .zip(per_subject)
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(subject, rows)| trace(subject, rows, blocks, &mut unusable))
        .collect();
    if subjects.is_empty() {
        let found = format!("{} values that cannot be glucose", unusable.total());
        let expected = format!("values in {}; or say the unit with --units", unit.name());
        return Err(ExportError::new(name, "", &found, &expected));
    }
    Ok(Export { format, unit, unit_source, subjects, unusable, notes })
}

fn value(raw: RawValue, unit: Unit) -> Option<Value> {
    let number = match raw {
        RawValue::Low => return Some(Value::Low),
        RawValue::High => return Some(Value::High),
        RawValue::Number(number) => number,
    };
    let tenths = match unit {
        Unit::MgDl if number > LARGEST_ERROR_CODE => TenthsMgDl::from_mg_dl(number),
        Unit::MmolL if number <= MOST_MMOL_L => TenthsMgDl::from_mmol_l(number),
        Unit::MgDl | Unit::MmolL => None,
    };
    tenths.filter(|tenths| (1..=MOST_TENTHS).contains(&tenths.0)).map(Value::Glucose)
}

fn shown(raw: RawValue) -> String {
    match raw {
        RawValue::Number(number) => number.to_string(),
        RawValue::Low => "Low".to_owned(),
        RawValue::High => "High".to_owned(),
    }
}

fn trace(
    subject: String,
    mut rows: Vec<(Row, Value)>,
    blocks: bool,
    unusable: &mut Unusable,
) -> SubjectTrace {
    let mut notes = Vec::new();
    let clock = order(&mut rows, blocks, &mut notes);
    let mut readings: Vec<Reading> = Vec::with_capacity(rows.len());
    let mut repeated: (u64, Option<u64>) = (0, None);
    let mut shift = 0;
    let mut before: Option<DateTime> = None;
    for (row, value) in &rows {
        let local = row.time.local;
        if clock == Clock::Wall
            && let Some(before) = before
        {
            shift += set_back(before, local);
        }
        before = Some(local);
        let elapsed = elapsed(&rows, row, clock, shift);
        match readings.last() {
            Some(last) if last.elapsed >= elapsed => {
                let same = last.value == *value;
                let defect = if same { Defect::Repeated } else { Defect::OtherValueAtSameTime };
                unusable.add(row.line, defect, "time", &local.to_string());
                repeated = (repeated.0 + 1, repeated.1.or(Some(row.line)));
            }
            _ => readings.push(Reading {
                local,
                instant: row.time.instant(),
                elapsed,
                value: *value,
                line: row.line,
            }),
        }
    }
    if repeated.0 > 0 {
        let text = format!("{} rows for a time already read were set aside", repeated.0);
        notes.push(Note { line: repeated.1, text });
    }
    note_clock(&readings, clock, &mut notes);
    note_gaps(&readings, &mut notes);
    SubjectTrace { subject, readings, notes }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Clock {
    Instants,
    Wall,
    SortedWall,
}

/// Puts rows in time order and tells by which clock.
fn order(rows: &mut [(Row, Value)], blocks: bool, notes: &mut Vec<Note>) -> Clock {
    let moved =
        |rows: &[(Row, Value)]| rows.windows(2).filter(|p| p[1].0.line < p[0].0.line).count();
    if rows.iter().all(|(row, _)| row.time.instant().is_some()) {
        rows.sort_by_key(|(row, _)| row.time.instant());
        note_moved(moved(rows), rows, blocks, notes);
        return Clock::Instants;
    }
    let steps = |rows: &[(Row, Value)], wanted: fn(i64) -> bool| {
        rows.windows(2)
            .filter(|pair| wanted(seconds_between(pair[0].0.time.local, pair[1].0.time.local)))
            .count()
    };
    if !blocks {
        if steps(rows, |step| step < 0) > steps(rows, |step| step > 0) {
            rows.reverse();
            notes.push(Note { line: None, text: "the file runs newest first".to_owned() });
        }
        let back = steps(rows, |step| step < 0);
        let clock_changes =
            steps(rows, |step| (-LARGEST_CLOCK_CHANGE..=-SMALLEST_CLOCK_CHANGE).contains(&step));
        let days = rows.first().zip(rows.last()).map_or(0, |(first, last)| {
            seconds_between(first.0.time.local, last.0.time.local) / 86_400
        });
        if back == clock_changes && back as i64 <= 2 + days.max(0) / 30 {
            return Clock::Wall;
        }
    }
    rows.sort_by_key(|(row, _)| row.time.local);
    note_moved(moved(rows), rows, blocks, notes);
    Clock::SortedWall
}

fn note_moved(moved: usize, rows: &[(Row, Value)], blocks: bool, notes: &mut Vec<Note>) {
    // A file that runs newest first is "moved" at every step; one in blocks is meant to be sorted.
    if moved > 0 && !blocks && moved + 1 < rows.len() {
        let text = format!("rows out of time order were sorted ({moved} places)");
        notes.push(Note { line: None, text });
    }
}

/// By how much a step back shifts the time line: whole half hours, so that time still advances.
fn set_back(before: DateTime, now: DateTime) -> i64 {
    let step = seconds_between(before, now);
    if step >= 0 { 0 } else { (-step / HALF_HOUR + 1) * HALF_HOUR }
}

fn elapsed(rows: &[(Row, Value)], row: &Row, clock: Clock, shift: i64) -> Seconds {
    let Some((first, _)) = rows.first() else { return Seconds(0) };
    let instants = first.time.instant().zip(row.time.instant());
    Seconds(match (clock, instants) {
        (Clock::Instants, Some((start, now))) => now.as_second() - start.as_second(),
        _ => seconds_between(first.time.local, row.time.local) + shift,
    })
}

/// Notes clock changes: offsets that change, or a wall clock that goes back.
fn note_clock(readings: &[Reading], clock: Clock, notes: &mut Vec<Note>) {
    for pair in readings.windows(2) {
        let wall = seconds_between(pair[0].local, pair[1].local);
        let real = pair[1].elapsed.0 - pair[0].elapsed.0;
        let change = wall - real;
        if change == 0 || clock == Clock::SortedWall {
            continue;
        }
        let direction = if change > 0 { "forward" } else { "back" };
        let minutes = change.abs() / 60;
        let text = format!(
            "the wall clock went {direction} by {minutes} min (summer time or travel); times of \
             day follow the wall clock, durations do not"
        );
        notes.push(Note { line: Some(pair[1].line), text });
    }
}

/// Notes how many gaps of more than three hours there are.
fn note_gaps(readings: &[Reading], notes: &mut Vec<Note>) {
    let mut gaps = readings
        .windows(2)
        .filter(|pair| pair[1].elapsed.since(pair[0].elapsed).0 > LONG_GAP)
        .peekable();
    let Some(first) = gaps.peek().map(|pair| pair[1].line) else { return };
    let (mut count, mut longest) = (0, Seconds(0));
    for pair in gaps {
        count += 1;
        longest = longest.max(pair[1].elapsed.since(pair[0].elapsed));
    }
    let hours = longest.0 / 3600;
    let text = format!("{count} gaps of more than 3 h, the longest {hours} h");
    notes.push(Note { line: Some(first), text });
}
