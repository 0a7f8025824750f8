//! What is learned from one meal to the next, within declared bounds and steps (CTL-17).
//!
//! Three things: how sensitive the person is (one ratio), how much of the carbohydrate ratio's
//! bolus an announced meal needs, and how far a rise that nobody announced may be believed (both
//! by the phase of the day). After each meal the law looks at the lowest glucose that followed,
//! the peak, and how much insulin had to be added late. A low lowers at once and strongly; a
//! missing low raises slowly. Nothing is learned while nothing needs to improve.

use super::phase;
use crate::profile::PredictiveParameters;
use homeostat_numeric::{clamp, max, min};
use minicbor::{Decode, Encode};

/// Parts of the day with a gain of their own.
pub const SLOTS: usize = 6;
/// Minutes of one part.
const SLOT: f64 = 240.0;
/// The first part begins one hour after the session's phase zero.
const SLOT_BEGINS: f64 = 60.0;
/// How strongly a meal teaches the parts before and after its own.
const NEIGHBOUR: f64 = 0.3;
/// Minutes after a meal from which its lowest glucose counts.
const NADIR_FROM: f64 = 90.0;
/// Minutes after a meal up to which its peak counts.
const PEAK_UNTIL: f64 = 180.0;
/// Minutes after a meal in which insulin beyond basal counts as late.
const LATE: (f64, f64) = (60.0, 240.0);
/// Cycles without a reading up to which a meal raises a gain in full; up to four times as many,
/// by half; then not at all.
const UNSEEN_MOST: u32 = 6;
/// Minutes after which a meal's episode ends without a next meal.
const EPISODE: f64 = 780.0;
/// A nadir so far below the aim stops the shift of late insulin into the bolus, mg/dL.
const SHIFT_MARGIN: f64 = 10.0;
/// Glucose that stands for "none seen yet", mg/dL.
const NONE_YET: f64 = 1_000.0;
/// How far above the estimate a reading may make a peak, mg/dL.
const PEAK_NOISE: f64 = 10.0;

/// What is learned.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Learned {
    /// Sensitivity ratio: insulin is taken to be so many times as strong as at first.
    #[n(0)]
    pub sensitivity: f64,
    /// Gain of the announced bolus, by part of the day.
    #[n(1)]
    pub bolus: [f64; SLOTS],
    /// Part of a seen meal's remainder that is counted on, by part of the day.
    #[n(2)]
    pub response: [f64; SLOTS],
}

/// A meal and what followed.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Episode {
    #[n(0)]
    began: f64,
    #[n(1)]
    slot: u8,
    /// Carbohydrate, if it was announced, g.
    #[n(2)]
    announced: Option<f64>,
    #[n(3)]
    nadir: f64,
    #[n(4)]
    peak: f64,
    /// Insulin beyond basal in the late window, U.
    #[n(5)]
    late: f64,
    /// Cycles in it without a reading.
    #[n(6)]
    unseen: u32,
    /// Insulin that was wished for and did not come, U.
    #[n(7)]
    withheld: f64,
}

/// Insulin of one cycle against two measures, U.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Beyond {
    /// Delivered beyond basal.
    pub basal: f64,
    /// Wished for beyond what was delivered.
    pub withheld: f64,
}

/// A meal that is over, and what is known besides.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    /// The meal and what followed.
    pub meal: &'a Episode,
    /// Now, minutes since the loop began.
    pub time: f64,
    /// The person's carbohydrate ratio, g/U.
    pub carbohydrate_ratio: f64,
    /// No low for a day.
    pub calm: bool,
}

/// Why something was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Cause {
    /// Glucose went below the aim after a meal.
    #[n(0)]
    LowAfterMeal,
    /// Glucose peaked high and did not go low.
    #[n(1)]
    HighAfterMeal,
}

/// One change of what is learned, with before and after.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Change {
    /// Time since the loop began, minutes.
    #[n(0)]
    pub time: f64,
    /// Why.
    #[n(1)]
    pub cause: Cause,
    /// Part of the day that the meal belonged to.
    #[n(2)]
    pub slot: u8,
    /// Sensitivity ratio before and after.
    #[n(3)]
    pub sensitivity: [f64; 2],
    /// Gain of that part of the day before and after (bolus if announced, response if not).
    #[n(4)]
    pub gain: [f64; 2],
}

/// The part of the day at a time.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn slot(time: f64) -> u8 {
    clamp(phase(time - SLOT_BEGINS) / SLOT, 0.0, 5.0) as u8
}

fn of(values: &[f64; SLOTS], slot: u8) -> f64 {
    values.get(usize::from(slot)).copied().unwrap_or(0.0)
}

/// How strongly a meal in `slot` teaches `other`.
fn weight(other: usize, slot: u8) -> f64 {
    let apart = (other + SLOTS - usize::from(slot) % SLOTS) % SLOTS;
    match apart {
        0 => 1.0,
        1 | 5 => NEIGHBOUR,
        _ => 0.0,
    }
}

impl Learned {
    /// What the parameters say before anything is learned; also the reset to factory (CTL-17).
    #[must_use]
    pub const fn factory(parameters: &PredictiveParameters) -> Self {
        Self {
            sensitivity: 1.0,
            bolus: [parameters.bolus_start; SLOTS],
            response: [parameters.response_start; SLOTS],
        }
    }

    /// Gain of a bolus announced now.
    #[must_use]
    pub fn bolus(&self, time: f64) -> f64 {
        of(&self.bolus, slot(time))
    }

    /// Part of a seen meal's remainder that is counted on now.
    #[must_use]
    pub fn response(&self, time: f64) -> f64 {
        of(&self.response, slot(time))
    }

    /// The law, once per meal.
    #[must_use]
    pub fn after(self, lesson: &Lesson<'_>, p: &PredictiveParameters) -> (Self, Option<Change>) {
        let Lesson { meal, time, carbohydrate_ratio, calm } = *lesson;
        let margin = meal.nadir - p.nadir_aim;
        let credit = meal.credit(lesson, p);
        let high = meal.peak > p.peak_free && credit > 0.0;
        if meal.nadir >= NONE_YET || (margin >= 0.0 && !high) {
            return (self, None);
        }
        let carbohydrate = max(meal.announced.unwrap_or(p.seen_meal), 1.0);
        let late = meal.late * carbohydrate_ratio / carbohydrate;
        let (mut gain, ratio);
        if margin < 0.0 {
            let fall = min(p.fall_per * -margin, p.gain_fall_most);
            let blame = clamp(late / p.late_blame, 0.0, 1.0);
            gain = -fall * (1.0 - blame);
            ratio = p.ratio_fall * fall * (p.least_blame + (1.0 - p.least_blame) * blame);
        } else {
            gain = min(p.rise_per * margin, p.gain_rise_most) * credit;
            ratio = if calm { -p.ratio_rise * gain } else { 0.0 };
        }
        if high {
            let permitted = clamp((margin + SHIFT_MARGIN) / SHIFT_MARGIN, 0.0, 1.0);
            gain += min(p.shift * late, p.gain_rise_most) * permitted * credit;
        }
        let gain = clamp(gain, -p.gain_fall_most, p.gain_rise_most);
        let cause = if margin < 0.0 { Cause::LowAfterMeal } else { Cause::HighAfterMeal };
        let learned = self.moved(meal, gain, ratio, p);
        let of_meal = |learned: &Self| match meal.announced {
            Some(_) => of(&learned.bolus, meal.slot),
            None => of(&learned.response, meal.slot),
        };
        let change = Change {
            time,
            cause,
            slot: meal.slot,
            sensitivity: [self.sensitivity, learned.sensitivity],
            gain: [of_meal(&self), of_meal(&learned)],
        };
        (learned, Some(change))
    }

    fn moved(mut self, meal: &Episode, gain: f64, ratio: f64, p: &PredictiveParameters) -> Self {
        let all = self.bolus.iter_mut().zip(self.response.iter_mut()).enumerate();
        for (other, (bolus, response)) in all {
            let part = weight(other, meal.slot) * gain;
            if meal.announced.is_some() {
                *bolus = clamp(*bolus * (1.0 + part), p.bolus_least, p.bolus_gain_most);
            } else {
                *response = clamp(*response + p.response_rate * part, 0.0, p.response_most);
            }
        }
        let sensitivity = self.sensitivity * (1.0 + ratio);
        self.sensitivity = clamp(sensitivity, p.sensitivity_least, p.sensitivity_most);
        self
    }
}

impl Episode {
    /// A meal that begins now.
    #[must_use]
    pub fn begin(time: f64, announced: Option<f64>) -> Self {
        Self {
            began: time,
            slot: slot(time),
            announced,
            nadir: NONE_YET,
            peak: 0.0,
            late: 0.0,
            unseen: 0,
            withheld: 0.0,
        }
    }

    /// How far what followed argues for more insulin: what was not seen may have been low, what came
    /// too soon to be seen as well, and what was not given teaches nothing.
    fn credit(&self, lesson: &Lesson<'_>, p: &PredictiveParameters) -> f64 {
        let seen = match self.unseen {
            0..=UNSEEN_MOST => 1.0,
            unseen if unseen <= 4 * UNSEEN_MOST => 0.5,
            _ => 0.0,
        };
        let age = lesson.time - self.began;
        let length = max(p.episode_whole - p.episode_short, 1.0);
        let whole = clamp((age - p.episode_short) / length, 0.0, 1.0);
        let bolus = self.announced.unwrap_or(p.seen_meal) / lesson.carbohydrate_ratio;
        if self.withheld > p.withheld_most * bolus { 0.0 } else { seen * whole }
    }

    /// Watches one cycle: the reading, the estimate with its believed error, insulin beyond basal.
    pub fn watch(
        &mut self,
        time: f64,
        reading: Option<f64>,
        level: f64,
        doubt: f64,
        beyond: Beyond,
    ) {
        let age = time - self.began;
        if let Some(reading) = reading {
            if age < PEAK_UNTIL {
                self.peak = max(self.peak, min(reading, level + PEAK_NOISE));
            }
            if age > NADIR_FROM {
                self.nadir = min(self.nadir, level - doubt);
            }
        } else {
            self.unseen = self.unseen.saturating_add(1);
        }
        self.withheld += beyond.withheld;
        if age > LATE.0 && age <= LATE.1 {
            self.late += max(beyond.basal, 0.0);
        }
    }

    /// Whether the meal's time is over.
    #[must_use]
    pub fn is_over(&self, time: f64) -> bool {
        time - self.began > EPISODE
    }
}
