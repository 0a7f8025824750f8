//! Names, units and ranges of the numbers in a scenario file. The reader takes them from here, and so
//! does the test that writes the book's page: neither can be older than the other.

use super::{Measure, Over};
pub(super) use crate::keys::names;
use crate::keys::{Number, Whole};
use crate::scenario::CriterionKeys;

pub(super) const RUN_IN: Whole = Whole::new("run-in-days", 0, 365, "days");
pub(super) const DAYS: Whole = Whole::new("days", 1, 3_650, "days");
pub(super) const CARBOHYDRATE: Number = Number::new("carbohydrate-g", 1.0, 300.0, "g");
pub(super) const CARBS: Number = Number::new("factor", 0.0, 10.0, "");
pub(super) const BIAS: Number = Number::new("factor", 0.2, 5.0, "");
pub(super) const DELIVERY: Number = Number::new("factor", 0.0, 3.0, "");
pub(super) const LATE: Whole = Whole::new("late-minutes", 1, 240, "minutes");
pub(super) const DEPTH: Number = Number::new("depth-mg-dl", 1.0, 200.0, "mg/dL");
pub(super) const JUMP: Number = Number::new("jump-minutes", -1_440.0, 1_440.0, "minutes");
pub(super) const BASAL: Number = Number::new("basal-factor", 0.2, 5.0, "");
pub(super) const RATIO: Number = Number::new("carb-ratio-factor", 0.2, 5.0, "");
pub(super) const CORRECTION: Number = Number::new("correction-factor-factor", 0.2, 5.0, "");
pub(super) const DOSE: Number = Number::new("daily-dose-factor", 0.2, 5.0, "");
/// To the last day of the scenario.
pub(super) const DAY: Whole = Whole::new("day", 1, DAYS.most, "");
/// Longer than the longest trial.
pub(super) const MINUTES: Whole = Whole::new("minutes", 1, 5_256_000, "minutes");
pub(super) const CRITERIA: CriterionKeys<Measure> = CriterionKeys {
    measures: &Measure::NAMES,
    over: Over::Mean,
    most: Number::new("at-most-percent", 0.0, 100.0, "%"),
    least: Number::new("at-least-percent", 0.0, 100.0, "%"),
};

/// The families that need no file; whether the cohort is drawn.
pub(super) const FAMILIES: [(&str, bool); 2] = [("uva-padova", false), ("hovorka", true)];
pub(super) const THERAPIES: [(&str, ()); 1] = [("insulin", ())];
pub(super) const ANNOUNCE: [(&str, bool); 2] = [("yes", true), ("no", false)];
