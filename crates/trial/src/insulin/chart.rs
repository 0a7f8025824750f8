//! What is written down of one patient's course for the report: true glucose, readings, delivery,
//! meals, modes and the moments at which the guard acted.

use homeostat_record::{Cause, CycleEntry, SensorFrame};

use super::bedside::InsulinBedside;
use super::scenario::Meal as PlannedMeal;
use crate::cells::{authority, is_bounded, mode_spans};
use crate::engine::Seen;
use crate::figures::{Authority, Meal, PatientTrace};
use crate::metrics::{Carbohydrate, Glucose, Insulin, InsulinRate, Seconds};

/// One control cycle, as far as a figure shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    /// Minute of the run.
    pub minute: u32,
    /// What the sensor said, mg/dL.
    pub reading: Option<f64>,
    /// Automatic amount of the order, steps.
    pub automatic: u32,
    /// Requested amount of the order, or a large automatic dose, steps.
    pub bolus: u32,
    /// The authority in force.
    pub authority: Authority,
    /// The cause that limits it.
    pub cause: Option<Cause>,
    /// Whether the guard moved or replaced the proposal.
    pub bounded: bool,
}

/// The beats of the scored days.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    from_minute: u32,
    beats: Vec<Beat>,
    delivered_steps: f64,
}

/// An automatic amount this many times the basal one is drawn as a dose, not as a rate.
const DOSE_FROM: u32 = 8;

impl Chart {
    /// A chart that begins at this minute of the run.
    #[must_use]
    pub fn new(from_minute: u32) -> Self {
        Self { from_minute, beats: Vec::new(), delivered_steps: 0.0 }
    }

    /// Notes one cycle.
    pub fn look(&mut self, seen: &Seen<'_>, bedside: &InsulinBedside) {
        let minute = u32::try_from(seen.at.as_minutes()).unwrap_or(u32::MAX);
        if minute < self.from_minute {
            return;
        }
        for (_, delivered) in seen.delivered {
            self.delivered_steps += delivered.real[0];
        }
        let entry = seen.entry;
        let order = entry.decision.order.unwrap_or_default();
        let requested = order.requested[0].0;
        let even = order.steps[0].0.saturating_sub(requested);
        let dose = even >= DOSE_FROM.saturating_mul(bedside.background.0.max(1));
        self.beats.push(Beat {
            minute: minute - self.from_minute,
            reading: reading(entry),
            automatic: if dose { 0 } else { even },
            bolus: if dose { even.saturating_add(requested) } else { requested },
            authority: authority(entry),
            cause: entry.decision.governing,
            bounded: is_bounded(entry),
        });
    }

    /// The cycles.
    #[must_use]
    pub fn beats(&self) -> &[Beat] {
        &self.beats
    }

    /// All insulin that was really delivered, in steps of the pump.
    #[must_use]
    pub const fn delivered_steps(&self) -> f64 {
        self.delivered_steps
    }

    /// The picture of the course. `course` is true glucose a minute, from the chart's start.
    #[must_use]
    pub fn trace(&self, facts: &TraceFacts<'_>) -> PatientTrace {
        let at = |minute: u32| Seconds::from_minutes(i64::from(minute));
        let units = |steps: u32| f64::from(steps) * facts.step;
        let every_five = facts.course.iter().enumerate().step_by(5);
        let days = facts.course.len() as u32 / super::scenario::DAY_MINUTES;
        PatientTrace {
            subject: facts.subject.to_owned(),
            caption: facts.caption.clone(),
            span: Seconds::from_minutes(facts.course.len() as i64),
            glucose: every_five
                .map(|(minute, value)| (at(minute as u32), Glucose::from_mg_dl(*value)))
                .collect(),
            sensor: self
                .beats
                .iter()
                .filter_map(|beat| Some((at(beat.minute), Glucose::from_mg_dl(beat.reading?))))
                .collect(),
            basal: changes(self.beats.iter().map(|beat| (beat.minute, beat.automatic)))
                .map(|(minute, steps)| {
                    (at(minute), InsulinRate::from_units_per_hour(units(steps) * 12.0))
                })
                .collect(),
            boluses: self
                .beats
                .iter()
                .filter(|beat| beat.bolus > 0)
                .map(|beat| (at(beat.minute), Insulin::from_units(units(beat.bolus))))
                .collect(),
            limit: Vec::new(),
            meals: (0..days)
                .flat_map(|day| facts.meals.iter().map(move |meal| (day, meal)))
                .map(|(day, meal)| Meal {
                    at: at(day * super::scenario::DAY_MINUTES + meal.at_minute),
                    carbohydrate: Carbohydrate::from_grams(meal.carbohydrate_g),
                    announced: facts.announced,
                })
                .collect(),
            modes: mode_spans(
                self.beats.iter().map(|beat| (at(beat.minute), beat.authority, beat.cause)),
                at(facts.course.len() as u32),
                words,
            ),
            limited: self.beats.iter().filter(|b| b.bounded).map(|b| at(b.minute)).collect(),
        }
    }
}

/// What a trace says beside the beats.
#[derive(Clone, Debug)]
pub struct TraceFacts<'c> {
    /// The patient.
    pub subject: &'c str,
    /// Why it is shown.
    pub caption: String,
    /// True glucose a minute, mg/dL.
    pub course: &'c [f64],
    /// Meals of every day.
    pub meals: &'c [PlannedMeal],
    /// Whether the loop is told of them.
    pub announced: bool,
    /// Units of insulin in a step.
    pub step: f64,
}

fn words(cause: Cause) -> String {
    let row = homeostat_supervisor::TABLE.iter().find(|row| row.cause == cause);
    row.map_or(cause.name(), |row| row.message).to_owned()
}

/// The items at which the value changes.
fn changes(items: impl Iterator<Item = (u32, u32)>) -> impl Iterator<Item = (u32, u32)> {
    let mut last = None;
    items.filter(move |(_, value)| last.replace(*value) != Some(*value))
}

fn reading(entry: &CycleEntry) -> Option<f64> {
    let frame = entry.input.frames.as_slice().last()?;
    let frame = SensorFrame::decode(frame.bytes.as_slice()).ok()?;
    Some(f64::from(frame.value_thousandths) / 1_000.0)
}
