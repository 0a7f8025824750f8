//! Names, units and ranges of the numbers in a scenario file. The reader takes them from here, and so
//! does the test that writes the book's page: neither can be older than the other.

use super::{Measure, Over, TARGETS};
pub(super) use crate::keys::names;
use crate::keys::{Number, Whole};
use crate::scenario::CriterionKeys;

pub(super) const MINUTES: Whole = Whole::new("minutes", 2, 1_440, "minutes");
pub(super) const EMERGENCE: Whole = Whole::new("emergence-minutes", 0, 120, "minutes");
pub(super) const TARGET: Number = Number::new("target", TARGETS.0, TARGETS.1, "");
pub(super) const PERIOD: Whole = Whole::new("period-s", 1, 5, "s");
pub(super) const RATIO_TO_PROPOFOL: Number = Number::new("ratio-ug-per-mg", 0.0, 10.0, "ug/mg");
pub(super) const BASE: Number = Number::new("base-ug-per-kg-min", 0.0, 1.0, "ug/kg/min");
pub(super) const MOST: Number = Number::new("most-ug-per-kg-min", 0.0, 1.0, "ug/kg/min");
/// Where a scenario with remifentanil leaves out the base, and the most.
pub(super) const BASE_LEFT_OUT: f64 = 0.05;
pub(super) const MOST_LEFT_OUT: f64 = 0.3;
/// As long as the longest trial.
pub(super) const AT_SECOND: Whole = Whole::new("at-s", 0, 86_400, "s");
pub(super) const SECONDS: Whole = Whole::new("seconds", 1, 86_400, "s");
pub(super) const WEIGHT: Number = Number::new("factor", 0.2, 5.0, "");
pub(super) const STRENGTH: Number = Number::new("factor", 0.2, 5.0, "");
pub(super) const DELIVERY: Number = Number::new("factor", 0.0, 3.0, "");
pub(super) const DELAY: Number = Number::new("factor", 1.0, 10.0, "");
pub(super) const QUALITY: Number = Number::new("most-percent", 0.0, 100.0, "%");
pub(super) const RATIO: Number = Number::new("ratio-percent", 0.0, 100.0, "%");
pub(super) const BY: Number = Number::new("by", -60.0, 60.0, "");
pub(super) const BIAS: Number = Number::new("by", 0.0, 60.0, "");
pub(super) const FALL: Number = Number::new("by-mmhg", 1.0, 100.0, "mmHg");
pub(super) const POWER: Number = Number::new("power-db", 25.0, 100.0, "dB");
pub(super) const JUMP: Number = Number::new("jump-s", -86_400.0, 86_400.0, "s");
pub(super) const DETECTABLE: Whole = Whole::new("detectable-after-s", 0, 86_400, "s");
pub(super) const ALARM: Whole = Whole::new("alarm-within-s", 1, 86_400, "s");
pub(super) const CRITERIA: CriterionKeys<Measure> = CriterionKeys {
    measures: &Measure::NAMES,
    over: Over::Median,
    most: Number::new("at-most", 0.0, 1_000.0, ""),
    least: Number::new("at-least", 0.0, 1_000.0, ""),
};

pub(super) const THERAPIES: [(&str, ()); 1] = [("propofol", ())];
