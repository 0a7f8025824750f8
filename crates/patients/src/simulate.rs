//! A table of what people ate and were given in, a table of their glucose out.
//!
//! The input has the columns `subject,minute,meal_g,bolus_u,basal_u_per_h`, the last three optional
//! and their fields allowed to be empty. A meal is eaten at up to 5 g/min from its minute on, a bolus
//! is delivered evenly within its minute, a basal rate holds until the next one. Until the first basal
//! rate of a subject, the subject's own basal holds. Rows may come in any order; meals and boluses of
//! one minute add up. What a field may hold stands in [`MEAL`], [`BOLUS`], [`BASAL`] and
//! [`LONGEST_MINUTES`], for one row and for the rows of one minute together.
//!
//! The output comes minute by minute, in each minute in the order of the cohort, while the subjects
//! live side by side: it needs no more memory for a year than for an hour.

use crate::error::TableError;
use crate::meals::Plate;
use crate::patient::{MinuteInputs, NamedState};
use crate::table::{Figure, Row, Table};
use crate::units::{Grams, InsulinUnits, MgPerDl, UnitsPerHour};
use crate::ward::{Cohort, Ward};
use crate::wording::{csv_text, nearest};
use std::collections::BTreeMap;
use std::io;

const COLUMNS: &[&str] = &["subject", "minute", "meal_g", "bolus_u", "basal_u_per_h"];

/// Ten years of 365 days: beyond, a minute is a mistake rather than a wish.
pub const LONGEST_MINUTES: u32 = 5_256_000;
/// Largest meal that begins in one minute: several times what a person can eat.
pub const MEAL: Grams = Grams(1_000.0);
/// Largest bolus of one minute: the insulin of a pump's whole reservoir.
pub const BOLUS: InsulinUnits = InsulinUnits(300.0);
/// Largest basal rate: pumps end at 35 U/h.
pub const BASAL: UnitsPerHour = UnitsPerHour(50.0);

const MEAL_FIGURE: Figure = Figure::new("meal_g", 0.0, MEAL.0, "g, or nothing");
const BOLUS_FIGURE: Figure = Figure::new("bolus_u", 0.0, BOLUS.0, "U, or nothing");
const BASAL_FIGURE: Figure = Figure::new("basal_u_per_h", 0.0, BASAL.0, "U/h, or nothing");

/// What happens to a subject in one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Event {
    meal: Grams,
    bolus: InsulinUnits,
    basal: Option<UnitsPerHour>,
}

/// What happens to a subject, by minute.
type Events = BTreeMap<u32, Event>;

/// Everything that happens to the subjects of a cohort.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// One a subject that takes part: its place in the cohort and its events.
    subjects: Vec<(usize, Events)>,
    last_minute: u32,
}

/// How long to simulate, and what to report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Minutes to live, at most [`LONGEST_MINUTES`]; if `None`, to the end of the day of the last
    /// event.
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
pub struct Reading<'s> {
    /// The subject's name.
    pub subject: &'s str,
    /// Minutes since the start; the value at the beginning of this minute.
    pub minute: u32,
    /// Glucose in plasma.
    pub plasma: MgPerDl,
    /// Glucose under the skin.
    pub subcutaneous: MgPerDl,
    /// Every state of the model, if asked for.
    pub states: Vec<NamedState>,
}

impl Schedule {
    /// Reads the input table. A table without rows means: everyone in the cohort, at basal.
    ///
    /// # Errors
    /// [`TableError`] naming the line and column of the first field that cannot be used, among them a
    /// subject that the cohort does not have, an amount outside its range and a basal rate given
    /// twice for one minute.
    pub fn parse(file: &str, text: &str, cohort: &Cohort) -> Result<Self, TableError> {
        let table = Table::open(file, text)?;
        table.need("subject")?;
        table.need("minute")?;
        table.allow_only(COLUMNS)?;
        let names = cohort.names();
        let places: BTreeMap<&str, usize> =
            names.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let mut events: BTreeMap<usize, Events> = BTreeMap::new();
        table.for_each(|row| {
            let subject = row.text("subject");
            let Some(place) = places.get(subject) else {
                let known = nearest(subject, names.iter().map(String::as_str));
                return Err(row.wrong("subject", &format!("a subject of the cohort, {known}")));
            };
            add(row, events.entry(*place).or_default())
        })?;
        let subjects: Vec<(usize, Events)> = if events.is_empty() {
            (0..names.len()).map(|place| (place, Events::new())).collect()
        } else {
            events.into_iter().collect()
        };
        let last = subjects.iter().filter_map(|(_, own)| own.keys().next_back());
        let last_minute = last.copied().fold(0, Ord::max);
        Ok(Self { subjects, last_minute })
    }

    /// The minutes that these options give the subjects.
    #[must_use]
    pub fn minutes(&self, options: &Options) -> u32 {
        let whole_days = (self.last_minute / 1440 + 1) * 1440;
        options.minutes.unwrap_or(whole_days).min(LONGEST_MINUTES)
    }

    /// How many minutes with an event lie at or behind the end and are never lived.
    #[must_use]
    pub fn unlived(&self, options: &Options) -> usize {
        let end = self.minutes(options);
        self.subjects.iter().map(|(_, own)| own.range(end..).count()).sum()
    }
}

/// Adds a row to what happens to its subject.
fn add(row: Row<'_>, own: &mut Events) -> Result<(), TableError> {
    let minute = match row.text("minute").parse::<u32>() {
        Ok(minute) if minute < LONGEST_MINUTES => minute,
        _ => {
            let expected = format!("a whole number of minutes from 0 to {}", LONGEST_MINUTES - 1);
            return Err(row.wrong("minute", &expected));
        }
    };
    let event = own.entry(minute).or_default();
    let sum = |figure: &Figure, before: f64| match row.figure_or_none(figure)? {
        Some(more) if !figure.holds(before + more) => {
            let bound = format!("{}, for all rows of a minute together", figure.expected());
            Err(row.wrong(figure.column, &bound))
        }
        more => Ok(before + more.unwrap_or(0.0)),
    };
    event.meal = Grams(sum(&MEAL_FIGURE, event.meal.0)?);
    event.bolus = InsulinUnits(sum(&BOLUS_FIGURE, event.bolus.0)?);
    if let Some(basal) = row.figure_or_none(&BASAL_FIGURE)? {
        if event.basal.is_some() {
            return Err(row.wrong("basal_u_per_h", "one basal rate a minute and subject"));
        }
        event.basal = Some(UnitsPerHour(basal));
    }
    Ok(())
}

/// What a subject has on the table and in the pump while time passes.
struct Feed<'a> {
    events: std::iter::Peekable<std::collections::btree_map::Iter<'a, u32, Event>>,
    plate: Plate,
    basal: UnitsPerHour,
}

impl Feed<'_> {
    fn minute(&mut self, minute: u32) -> MinuteInputs {
        let event = self.events.next_if(|(due, _)| **due == minute);
        let event = event.map_or_else(Event::default, |(_, event)| *event);
        self.plate.serve(event.meal);
        self.basal = event.basal.unwrap_or(self.basal);
        let eaten = self.plate.eat_for_a_minute();
        MinuteInputs { eaten, insulin: self.basal.in_one_minute() + event.bolus }
    }
}

/// Lives through the schedule and hands over every reading: minute by minute, in each minute in the
/// order of the cohort.
///
/// # Errors
/// The first error of `take`, at once.
pub fn simulate<E>(
    cohort: &Cohort,
    schedule: &Schedule,
    options: Options,
    mut take: impl FnMut(Reading<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let places: Vec<usize> = schedule.subjects.iter().map(|(place, _)| *place).collect();
    let cohort = cohort.select(&places);
    let mut ward = Ward::new(&cohort);
    let names = cohort.names();
    let mut feeds: Vec<Feed<'_>> = schedule
        .subjects
        .iter()
        .zip(cohort.settings())
        .map(|((_, events), settings)| Feed {
            events: events.iter().peekable(),
            plate: Plate::default(),
            basal: settings.basal,
        })
        .collect();
    let minutes = schedule.minutes(&options);
    let mut inputs = vec![MinuteInputs::default(); feeds.len()];
    for minute in 0..=minutes {
        if minute % options.every.max(1) == 0 {
            for (place, name) in names.iter().enumerate() {
                if let Some(reading) = read(&ward, place, name, minute, options.states) {
                    take(reading)?;
                }
            }
        }
        if minute < minutes {
            for (input, feed) in inputs.iter_mut().zip(&mut feeds) {
                *input = feed.minute(minute);
            }
            ward.advance_minute(&inputs);
        }
    }
    Ok(())
}

fn read<'s>(
    ward: &Ward,
    place: usize,
    subject: &'s str,
    minute: u32,
    states: bool,
) -> Option<Reading<'s>> {
    Some(Reading {
        subject,
        minute,
        plasma: ward.plasma_glucose(place)?,
        subcutaneous: ward.interstitial_glucose(place)?,
        states: if states { ward.states(place) } else { Vec::new() },
    })
}

/// Lives through the schedule and writes the table `subject,minute,plasma_mg_dl,subcutaneous_mg_dl`
/// and the states, if asked for, while it goes. Numbers have as many digits as reading them back
/// exactly needs.
///
/// # Errors
/// The first error of `out`, at once.
pub fn write_csv(
    cohort: &Cohort,
    schedule: &Schedule,
    options: Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut headed = false;
    simulate(cohort, schedule, options, |reading| {
        if !headed {
            headed = true;
            write!(out, "subject,minute,plasma_mg_dl,subcutaneous_mg_dl")?;
            for state in &reading.states {
                write!(out, ",{}", state.name)?;
            }
            writeln!(out)?;
        }
        let (plasma, subcutaneous) = (reading.plasma.0, reading.subcutaneous.0);
        let subject = csv_text(reading.subject);
        write!(out, "{subject},{},{plasma},{subcutaneous}", reading.minute)?;
        for state in &reading.states {
            write!(out, ",{}", state.value)?;
        }
        writeln!(out)
    })
}

#[cfg(test)]
mod tests;
