//! A table of what people ate and were given in, a table of their glucose out.
//!
//! The input has the columns `subject,minute,meal_g,bolus_u,basal_u_per_h`, the last three optional
//! and their fields allowed to be empty. A meal is eaten at up to 5 g/min from its minute on, a bolus
//! is delivered evenly within its minute, a basal rate holds until the next one. Until the first basal
//! rate of a subject, the subject's own basal holds. Rows may come in any order; meals and boluses of
//! one minute add up.

use crate::error::TableError;
use crate::meals::Plate;
use crate::patient::{MinuteInputs, NamedState};
use crate::table::{RowView, Table};
use crate::units::{Grams, InsulinUnits, MgPerDl, UnitsPerHour};
use crate::ward::{Cohort, Ward};
use std::fmt::Write as _;

const COLUMNS: &[&str] = &["subject", "minute", "meal_g", "bolus_u", "basal_u_per_h"];

/// Ten years: beyond, a minute is a mistake rather than a wish.
const LAST_MINUTE: u32 = 10 * 366 * 1440;

/// What happens to a subject in one minute.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Event {
    minute: u32,
    meal: Grams,
    bolus: InsulinUnits,
    basal: Option<UnitsPerHour>,
}

/// Everything that happens to the subjects of a cohort.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// One a subject that takes part: its place in the cohort and its events in order of time.
    subjects: Vec<(usize, Vec<Event>)>,
    last_minute: u32,
}

/// How long to simulate, and what to report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Minutes to live; if `None`, to the end of the day of the last event.
    pub minutes: Option<u32>,
    /// Minutes between reported rows; at least 1.
    pub every: u32,
    /// Whether to report every state of the model beside glucose.
    pub states: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { minutes: None, every: 5, states: false }
    }
}

/// Glucose of one subject at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Minutes since the start; the value at the beginning of this minute.
    pub minute: u32,
    /// Glucose in plasma.
    pub plasma: MgPerDl,
    /// Glucose under the skin.
    pub subcutaneous: MgPerDl,
    /// Every state of the model, if asked for.
    pub states: Vec<NamedState>,
}

/// The readings of one subject, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The subject's name.
    pub subject: String,
    /// From minute 0 on.
    pub readings: Vec<Reading>,
}

impl Schedule {
    /// Reads the input table. A table without rows means: everyone in the cohort, at basal.
    ///
    /// # Errors
    /// [`TableError`] naming the line and column of the first field that cannot be used, among them a
    /// subject that the cohort does not have and a basal rate given twice for one minute.
    pub fn parse(file: &str, text: &str, cohort: &Cohort) -> Result<Self, TableError> {
        let table = Table::parse(file, text)?;
        table.need("subject")?;
        table.need("minute")?;
        table.allow_only(COLUMNS)?;
        let names = cohort.names();
        let mut events: Vec<Vec<Event>> = vec![Vec::new(); names.len()];
        for row in table.rows() {
            let subject = row.text("subject");
            let Some(place) = names.iter().position(|name| name == subject) else {
                let known = names.join(", ");
                return Err(row.wrong("subject", &format!("a subject of the cohort ({known})")));
            };
            let (event, own) = (event(row)?, &mut events[place]);
            let same = |other: &Event| other.minute == event.minute && other.basal.is_some();
            if event.basal.is_some() && own.iter().any(same) {
                return Err(row.wrong("basal_u_per_h", "one basal rate a minute and subject"));
            }
            own.push(event);
        }
        let nobody = events.iter().all(Vec::is_empty);
        let mut subjects = Vec::new();
        for (place, mut own) in events.into_iter().enumerate() {
            if nobody || !own.is_empty() {
                own.sort_by_key(|event| event.minute);
                subjects.push((place, own));
            }
        }
        let all = subjects.iter().flat_map(|(_, own)| own);
        let last_minute = all.map(|event| event.minute).fold(0, Ord::max);
        Ok(Self { subjects, last_minute })
    }
}

fn event(row: RowView<'_>) -> Result<Event, TableError> {
    let expected = "a whole number of minutes from 0 to ten years";
    let minute = match row.text("minute").parse::<u32>() {
        Ok(minute) if minute <= LAST_MINUTE => minute,
        _ => return Err(row.wrong("minute", expected)),
    };
    let amount = |column| match row.optional(column)? {
        Some(number) if number < 0.0 => Err(row.wrong(column, "a number of 0 or more, or nothing")),
        other => Ok(other),
    };
    Ok(Event {
        minute,
        meal: Grams(amount("meal_g")?.unwrap_or(0.0)),
        bolus: InsulinUnits(amount("bolus_u")?.unwrap_or(0.0)),
        basal: amount("basal_u_per_h")?.map(UnitsPerHour),
    })
}

/// What a subject has on the table and in the pump while time passes.
struct Feed<'a> {
    events: std::slice::Iter<'a, Event>,
    plate: Plate,
    basal: UnitsPerHour,
}

impl Feed<'_> {
    fn minute(&mut self, minute: u32) -> MinuteInputs {
        let mut bolus = InsulinUnits(0.0);
        while let Some(event) = self.events.as_slice().first().filter(|e| e.minute == minute) {
            self.plate.serve(event.meal);
            bolus = bolus + event.bolus;
            self.basal = event.basal.unwrap_or(self.basal);
            self.events.next();
        }
        let eaten = self.plate.eat_for_a_minute();
        MinuteInputs { eaten, insulin: self.basal.in_one_minute() + bolus }
    }
}

/// Lives through the schedule. Subjects are reported in the order of the cohort.
#[must_use]
pub fn simulate(cohort: &Cohort, schedule: &Schedule, options: Options) -> Vec<Course> {
    let places: Vec<usize> = schedule.subjects.iter().map(|(place, _)| *place).collect();
    let cohort = cohort.select(&places);
    let mut ward = Ward::new(&cohort);
    let names = cohort.names();
    let mut courses: Vec<Course> =
        names.into_iter().map(|subject| Course { subject, readings: Vec::new() }).collect();
    let mut feeds: Vec<Feed<'_>> = schedule
        .subjects
        .iter()
        .zip(cohort.settings())
        .map(|((_, events), settings)| Feed {
            events: events.iter(),
            plate: Plate::default(),
            basal: settings.basal,
        })
        .collect();
    let whole_days = (schedule.last_minute / 1440 + 1) * 1440;
    let minutes = options.minutes.unwrap_or(whole_days);
    let mut inputs = vec![MinuteInputs::default(); feeds.len()];
    for minute in 0..=minutes {
        if minute % options.every.max(1) == 0 {
            for (place, course) in courses.iter_mut().enumerate() {
                course.readings.extend(read(&ward, place, minute, options.states));
            }
        }
        if minute < minutes {
            for (input, feed) in inputs.iter_mut().zip(&mut feeds) {
                *input = feed.minute(minute);
            }
            ward.advance_minute(&inputs);
        }
    }
    courses
}

fn read(ward: &Ward, place: usize, minute: u32, states: bool) -> Option<Reading> {
    Some(Reading {
        minute,
        plasma: ward.plasma_glucose(place)?,
        subcutaneous: ward.interstitial_glucose(place)?,
        states: if states { ward.states(place) } else { Vec::new() },
    })
}

/// The courses as a table: `subject,minute,plasma_mg_dl,subcutaneous_mg_dl` and the states, if there
/// are any. Numbers have as many digits as reading them back exactly needs.
#[must_use]
pub fn to_csv(courses: &[Course]) -> String {
    let mut text = String::from("subject,minute,plasma_mg_dl,subcutaneous_mg_dl");
    let first = courses.first().and_then(|course| course.readings.first());
    for state in first.iter().flat_map(|reading| &reading.states) {
        text.push(',');
        text.push_str(state.name);
    }
    text.push('\n');
    for course in courses {
        let subject = quoted(&course.subject);
        for reading in &course.readings {
            let (plasma, subcutaneous) = (reading.plasma.0, reading.subcutaneous.0);
            // Writing to a String cannot fail.
            let _ = write!(text, "{subject},{},{plasma},{subcutaneous}", reading.minute);
            for state in &reading.states {
                let _ = write!(text, ",{}", state.value);
            }
            text.push('\n');
        }
    }
    text
}

/// A name as a field: in quotes where a comma, quote or line end would break the row.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.into()
    }
}

#[cfg(test)]
mod tests;
