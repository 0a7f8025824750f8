//! What the opinion needs of a person's signed profile, as plain whole numbers with units.

use crate::whole::{counted, held, share, signed};
use homeostat_record::{Span, Steps};

/// Devices that a profile may name of each kind.
pub const DEVICES: usize = 4;

/// Minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minutes(pub u32);

/// Years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Years(pub u32);

/// Thousandths of a unit of insulin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milliunits(pub u32);

/// Thousandths of a milligram of glucose per decilitre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glucose(pub u32);

/// Milligrams of carbohydrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Carbohydrate(pub u32);

/// Thousandths of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PerMille(pub u32);

impl Glucose {
    /// Whole milligrams per decilitre; held at the largest.
    #[must_use]
    pub const fn from_milligrams_per_decilitre(value: u32) -> Self {
        Self(value.saturating_mul(1_000))
    }
}

/// The person treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Age.
    pub age: Years,
    /// Insulin of a usual day.
    pub daily_dose: Milliunits,
    /// Basal insulin in one hour.
    pub basal_per_hour: Milliunits,
    /// Carbohydrate that one unit covers.
    pub carbohydrate_per_unit: Carbohydrate,
    /// Fall of glucose that one unit brings.
    pub fall_per_unit: Glucose,
}

/// Levels of glucose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// What the loop aims at.
    pub target: Glucose,
    /// Nothing is delivered while less than this is predicted.
    pub suspend: Glucose,
    /// Below this nothing is delivered, whatever is predicted (GLY-21).
    pub hard_low: Glucose,
    /// From here delivery resumes after a stop.
    pub resume: Glucose,
    /// Longest stop (GLY-22).
    pub stop_most: Minutes,
    /// How much longer a stop lasts when the data stop during it.
    pub stop_without_data: Minutes,
}

/// Bounds of delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Insulin in one step of the pump.
    pub step: Milliunits,
    /// Length of a cycle.
    pub period: Span,
    /// Largest amount in one cycle.
    pub cycle: Steps,
    /// Largest amount in an hour.
    pub hour: Steps,
    /// Largest amount in four hours.
    pub four_hours: Steps,
    /// Largest amount in a day.
    pub day: Steps,
    /// Largest amount that may be acting, the basal included.
    pub on_board: Steps,
    /// Largest automatic amount in one cycle without a meal.
    pub automatic: Milliunits,
    /// Part of a meal's insulin that may be added in its cycle.
    pub meal_share: PerMille,
    /// Largest carbohydrate entry.
    pub carbohydrate: Carbohydrate,
    /// An equal entry within this time counts once.
    pub carbohydrate_repeat: Minutes,
}

/// How insulin acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsulinAction {
    /// From delivery to the end.
    pub duration: Minutes,
    /// From delivery to the peak.
    pub peak: Minutes,
}

/// When a reading is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensing {
    /// An older reading is not used.
    pub age_most: Span,
    /// Lower end of the measuring range.
    pub range_low: Glucose,
    /// Upper end of the measuring range.
    pub range_high: Glucose,
    /// Time over which a flat line must hold.
    pub flat_window: Minutes,
    /// Noise grade from which there is no automatic dosing.
    pub noise_heavy: u32,
    /// Signal quality in percent below which there is no automatic dosing.
    pub quality_poor: u32,
    /// A younger session is not used.
    pub warm_up: Minutes,
    /// An older session is not used.
    pub life: Minutes,
    /// Readings further apart have a gap between them.
    pub gap: Span,
}

/// Bounds of what a controller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// Least sensitivity ratio.
    pub ratio_least: PerMille,
    /// Largest sensitivity ratio.
    pub ratio_most: PerMille,
    /// Time over which announced carbohydrate is taken to be absorbed.
    pub absorption: Minutes,
    /// Largest correction insulin on board beyond basal, as a share of the daily dose.
    pub correction_share: PerMille,
}

/// The profile's figures that this opinion reads. Every clinical number comes from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The person treated.
    pub person: Person,
    /// Levels of glucose.
    pub levels: Levels,
    /// Bounds of delivery.
    pub bounds: Bounds,
    /// How insulin acts.
    pub action: InsulinAction,
    /// When a reading is used.
    pub sensing: Sensing,
    /// Sensors that are heard.
    pub sensors: [Option<u32>; DEVICES],
    /// Pumps that are heard.
    pub pumps: [Option<u32>; DEVICES],
    /// Bounds of what a controller may do.
    pub control: Control,
}

/// Why settings cannot be worked with: an opinion is then not formed, and the profile must be
/// corrected by whoever signs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// The bytes are not the canonical structure of format 1 for insulin.
    Malformed,
    /// A figure by which the opinion divides is zero.
    Zero,
    /// The action of insulin does not fit the model.
    Action,
    /// The levels of glucose are not in order.
    Levels,
}

impl core::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "profile: expected canonical CBOR of format 1 for insulin; write and sign it again"
            }
            Self::Zero => {
                "profile: delivery.step, times.period, person.carbohydrate_ratio and \
                 person.correction_factor must not be zero"
            }
            Self::Action => {
                "profile: insulin.duration must be more than twice insulin.peak, and at most 10 h"
            }
            Self::Levels => {
                "profile: expected glucose.hard_low <= resume_at <= suspend_below <= target"
            }
        })
    }
}

impl core::error::Error for SettingsError {}

impl Settings {
    /// Whether the figures can be worked with.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let Person { carbohydrate_per_unit, fall_per_unit, .. } = self.person;
        let divisors = [self.bounds.step.0, carbohydrate_per_unit.0, fall_per_unit.0];
        if divisors.contains(&0) || self.bounds.period == Span::ZERO {
            return Err(SettingsError::Zero);
        }
        let Levels { hard_low, resume, suspend, target, .. } = self.levels;
        if [hard_low, resume, suspend, target].is_sorted() {
            Ok(())
        } else {
            Err(SettingsError::Levels)
        }
    }

    /// Steps as thousandths of a unit.
    pub(crate) fn milliunits(&self, steps: i64) -> i64 {
        steps.saturating_mul(i64::from(self.bounds.step.0))
    }

    /// Thousandths of a unit as whole steps, rounded down; nothing for less than nothing.
    pub(crate) fn steps(&self, milliunits: i64) -> Steps {
        Steps(counted(share(milliunits.max(0), 1, self.bounds.step.0.into())))
    }

    /// Insulin that a height of glucose (thousandths of mg/dL) calls for, milliunits.
    pub(crate) fn for_glucose(&self, height: i64) -> i64 {
        share(height, 1_000, self.person.fall_per_unit.0.into())
    }

    /// Insulin that an amount of carbohydrate (milligrams) calls for, milliunits.
    pub(crate) fn for_carbohydrate(&self, amount: i64) -> i64 {
        share(amount, 1_000, self.person.carbohydrate_per_unit.0.into())
    }

    /// Basal insulin of a number of milliseconds, milliunits.
    pub(crate) fn basal(&self, millis: u64) -> i64 {
        share(self.person.basal_per_hour.0.into(), signed(millis), 3_600_000)
    }

    /// Basal insulin of one cycle, milliunits.
    pub(crate) fn basal_cycle(&self) -> i64 {
        self.basal(self.bounds.period.as_millis())
    }

    /// A share of the daily dose in steps: rounded down to milliunits, then to steps.
    pub(crate) fn share_of_day(daily: u32, per_mille: u32, step: u32) -> Steps {
        let product = i128::from(daily).saturating_mul(i128::from(per_mille));
        let milliunits = held(product.checked_div(1_000).unwrap_or(0));
        Steps(counted(share(milliunits, 1, step.into())))
    }
}
