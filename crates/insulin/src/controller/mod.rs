//! The two dosing algorithms that the release holds: [`Rules`] and [`Predictive`].
//!
//! Each is a pure function of settings, state and observation: no clock, no allocation, a fixed
//! number of operations (CTL-01, CTL-14). What it wishes is a proposal; the loop and the guard
//! decide. `README.md` in this folder is the model card: every equation, state and number that a
//! third party needs to rebuild them (CTL-02).

pub mod adapt;
pub mod design_model;
pub mod observer;
mod predictive;
mod rules;

#[cfg(test)]
mod tests;

pub use crate::profile::{PredictiveParameters, RulesParameters};
pub use adapt::{Cause, Change, Learned};
pub use predictive::{Predictive, PredictiveState};
pub use rules::{Rules, RulesState};

use crate::algorithm::Observation;
use crate::profile::Settings;
use crate::sensing::Trust;
use homeostat_numeric::clamp;

/// Length of one cycle of the discrete models, minutes.
const CYCLE: f64 = 5.0;
/// Most cycles that one step makes up for after a pause of the loop: eight hours.
const CYCLES_MOST: u32 = 96;

/// The reading, if it may be taken into a model: there, finite and what a sensor can say.
fn usable(seen: &Observation) -> Option<f64> {
    let glucose = seen.glucose?.0;
    let plausible = glucose.is_finite() && (10.0..=1_000.0).contains(&glucose);
    (plausible && seen.trust != Trust::Unusable).then_some(glucose)
}

/// A reported amount as a model takes it: finite and not absurd (CTL-18).
fn bounded(amount: f64, low: f64, high: f64) -> f64 {
    if amount.is_finite() { clamp(amount, low, high) } else { 0.0 }
}

/// Whole cycles since the last step, at least one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn cycles_since(last: f64, now: f64) -> u32 {
    let passed = bounded((now - last) / CYCLE + 0.5, 1.0, f64::from(CYCLES_MOST));
    passed as u32
}

/// How much stronger than the correction factor insulin is taken to be, by age: published factors
/// of children understate it (measured on the cohort: 1.0 to 1.6 grown-up, 1.7 to 4.7 child).
fn strength(settings: &Settings, grown: f64, child: f64, child_until: f64) -> f64 {
    let part = bounded((settings.age.0 - child_until) / 2.0, 0.0, 1.0);
    child + (grown - child) * part
}

/// Minutes of one day.
const DAY: f64 = 1_440.0;

/// Phase of the day, minutes since the loop began.
fn phase(time: f64) -> f64 {
    time - homeostat_numeric::floor(time / DAY) * DAY
}
