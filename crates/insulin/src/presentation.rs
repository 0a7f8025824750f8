//! The words of this therapy: what a reason, a figure, a rejection or a cause means to a person.
//!
//! The supervisor's table has words that fit every therapy; these say the same in terms of
//! glucose and insulin. Nothing decides here.

use crate::reason::Reason;
use crate::sensing::Rejection;
use crate::units::{GlucoseMgDl, GlucoseMmolL};
use core::fmt::{Display, Formatter, Result};
use homeostat_record::{Cause, FIGURES, Rationale};

/// What a figure of a rationale is and in which unit it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FigureWords {
    /// Name.
    pub name: &'static str,
    /// Unit in which it is shown.
    pub unit: &'static str,
    /// How many of the recorded whole number make one of the unit.
    pub per_unit: u16,
    /// Whether -1 means that there is none.
    pub may_be_absent: bool,
}

const fn words(name: &'static str, unit: &'static str, per_unit: u16) -> FigureWords {
    FigureWords { name, unit, per_unit, may_be_absent: false }
}

const fn level(name: &'static str) -> FigureWords {
    FigureWords { name, unit: "mg/dL", per_unit: 1, may_be_absent: true }
}

/// The figures of a rationale, in their order.
pub const FIGURE_WORDS: [FigureWords; FIGURES] = [
    words("insulin on board", "U", 1_000),
    level("glucose"),
    level("lowest glucose predicted"),
    level("glucose predicted in the end"),
    words("carbohydrate on board", "g", 1_000),
    words("change of glucose", "mg/dL per min", 1_000),
    words("of it for the meal", "U", 1_000),
    words("sensitivity ratio", "", 1_000),
];

/// A rationale in words: `write!(out, "{}", describe(&proposal.rationale))`.
#[must_use]
pub const fn describe(rationale: &Rationale) -> impl Display + '_ {
    Described(rationale)
}

struct Described<'a>(&'a Rationale);

impl Display for Described<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match Reason::of(self.0.reason) {
            Some(reason) => f.write_str(reason.words())?,
            None => write!(f, "a reason unknown to this version ({})", self.0.reason)?,
        }
        for (words, figure) in FIGURE_WORDS.iter().zip(self.0.figures) {
            f.write_str("; ")?;
            words.write(figure, f)?;
        }
        Ok(())
    }
}

impl FigureWords {
    /// Writes a recorded figure with its name and unit.
    fn write(&self, figure: i32, f: &mut Formatter<'_>) -> Result {
        if self.may_be_absent && figure < 0 {
            return write!(f, "{} unknown", self.name);
        }
        write!(f, "{} ", self.name)?;
        let value = f64::from(figure) / f64::from(self.per_unit);
        if self.per_unit == 1 {
            write!(f, "{value:.0}")?;
        } else {
            write!(f, "{value:.2}")?;
        }
        if self.unit.is_empty() { Ok(()) } else { write!(f, " {}", self.unit) }
    }
}

/// A glucose value in both units, for people who think in either.
#[must_use]
pub const fn in_both_units(value: GlucoseMgDl) -> impl Display {
    BothUnits(value)
}

struct BothUnits(GlucoseMgDl);

impl Display for BothUnits {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let other = GlucoseMmolL::from(self.0);
        write!(f, "{:.0} mg/dL ({:.1} mmol/L)", self.0.0, other.0)
    }
}

/// Why a reading was not used, in words.
#[must_use]
pub const fn rejection_words(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::Malformed => "the message was damaged or is not a sensor frame",
        Rejection::NotGlucose => "the message is not about glucose",
        Rejection::IdentityNotAccepted => "the sensor is not one that was set up for this person",
        Rejection::Demonstration => "demonstration data are never used for treatment",
        Rejection::Malfunction => "the sensor reports a malfunction",
        Rejection::SessionEnded => "the sensor's session has ended",
        Rejection::WarmUp => "the sensor is warming up",
        Rejection::WornOut => "the sensor is past its wear life",
        Rejection::SessionRestarted => "a used sensor was started again",
        Rejection::Backfill => "a stored reading, shown but never dosed upon",
        Rejection::Duplicate => "the same reading came again",
        Rejection::OutOfOrder => "a newer reading was there already",
        Rejection::Stale => "the reading is too old",
        Rejection::FromTheFuture => "the sensor's clock is ahead of time",
        Rejection::FailureCode => "the value is a code for sensor failure",
        Rejection::BelowRange => "glucose is below the measuring range (Low)",
        Rejection::AboveRange => "the value is above what this sensor can measure",
        Rejection::UnitSlip => "the value seems to be in the other unit (mg/dL and mmol/L)",
        Rejection::Jump => "glucose cannot change as fast as this",
    }
}

/// What a cause means in this therapy and what to do; `None` where the supervisor's own words say
/// all that there is to say.
#[must_use]
pub const fn cause_words(cause: Cause) -> Option<(&'static str, &'static str)> {
    Some(match cause {
        Cause::InputMissing => (
            "No glucose value.",
            "Check the sensor and its distance. Measure by finger until values return.",
        ),
        Cause::QualityReduced | Cause::QualityPoor => (
            "The glucose signal is noisy or weak.",
            "Check the sensor's seat. Measure by finger before you decide anything.",
        ),
        Cause::InputImplausible => (
            "The glucose values are not plausible: flat, jumping or out of range.",
            "Measure by finger and enter the value.",
        ),
        Cause::ArtefactSuspected => (
            "Glucose fell or came back suspiciously fast: the sensor may be pressed.",
            "If you lie on the sensor, move. If in doubt measure by finger: it can be a real low.",
        ),
        Cause::ReferenceDisagrees => (
            "Your finger measurement and the sensor differ by 35 % or more.",
            "Wash your hands and measure again, or replace the sensor.",
        ),
        Cause::SensorNotReady => (
            "The glucose sensor warms up, has ended or was started again.",
            "Use finger measurements until the sensor is ready.",
        ),
        Cause::Saturation => (
            "The loop has been at its least or largest delivery for hours.",
            "Check infusion site, insulin and sensor; check ketones if glucose is high.",
        ),
        Cause::PhysiologicStop => {
            ("Low glucose: insulin is stopped.", "Take fast carbohydrate now and enter it.")
        }
        Cause::PredictedStop => (
            "Low glucose expected within half an hour: insulin is stopped.",
            "Have fast carbohydrate ready.",
        ),
        Cause::PhysiologicNeed => (
            "Glucose has been high for long.",
            "Check infusion site and ketones; consider a correction by pen.",
        ),
        Cause::OverDelivery => (
            "The pump delivered more insulin than was ordered.",
            "Look at the pump: more may flow. Watch glucose and have carbohydrate ready.",
        ),
        Cause::UnderDelivery => (
            "The pump delivered less insulin than was ordered.",
            "Check for occlusion and an empty reservoir; check ketones if glucose is high.",
        ),
        Cause::ActuatorSilent => (
            "The insulin pump is not heard.",
            "Bring it near. Without orders it gives its own basal rate.",
        ),
        Cause::IdentityMismatch => (
            "A sensor or pump answers that was not set up for this person.",
            "Check every device. The loop orders no insulin meanwhile.",
        ),
        Cause::DeadlineMissed
        | Cause::ControllerFailed
        | Cause::OpinionDiffers
        | Cause::GuardClamping
        | Cause::GuardViolation
        | Cause::Oscillation
        | Cause::ActuatorDisobeys
        | Cause::ClockDoubtful
        | Cause::RecordLost
        | Cause::IntegrityLost
        | Cause::LinkAttacked
        | Cause::ReplayDiverged
        | Cause::PowerLow
        | Cause::NoResponse
        | Cause::ProfileInvalid
        | Cause::SelfTestFailed
        | Cause::PeerNotAccepted
        | Cause::AlarmPathLost
        | Cause::PhysiologicHold => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{cause_words, describe, in_both_units, rejection_words};
    use crate::reason::Reason;
    use crate::sensing::Rejection;
    use crate::units::GlucoseMgDl;
    use homeostat_record::{Cause, Rationale};
    use std::format;

    #[test]
    fn ctl_15_a_rationale_reads_as_a_sentence_with_units() {
        let rationale = Rationale {
            reason: Reason::Meal as u16,
            figures: [2_345, 143, 101, -1, 60_000, -750, 5_000, 950],
        };
        assert_eq!(
            format!("{}", describe(&rationale)),
            "insulin for the announced meal; insulin on board 2.35 U; glucose 143 mg/dL; lowest \
             glucose predicted 101 mg/dL; glucose predicted in the end unknown; carbohydrate on \
             board 60.00 g; change of glucose -0.75 mg/dL per min; of it for the meal 5.00 U; \
             sensitivity ratio 0.95"
        );
        let unknown = Rationale { reason: 999, ..rationale };
        assert!(format!("{}", describe(&unknown)).starts_with("a reason unknown to this version"));
    }

    #[test]
    fn ctl_15_every_reason_and_rejection_has_words_of_its_own() {
        for (index, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(Reason::of(*reason as u16), Some(*reason));
            let others = &Reason::ALL[index + 1..];
            assert!(others.iter().all(|other| other.words() != reason.words()));
        }
        for (index, rejection) in Rejection::ALL.iter().enumerate() {
            let others = &Rejection::ALL[index + 1..];
            let words = rejection_words(*rejection);
            assert!(others.iter().all(|other| rejection_words(*other) != words));
        }
    }

    #[test]
    fn what_the_watch_raises_has_words_of_this_therapy() {
        for cause in [Cause::PhysiologicStop, Cause::InputMissing, Cause::ArtefactSuspected] {
            assert!(cause_words(cause).is_some());
        }
        assert_eq!(cause_words(Cause::PowerLow), None);
    }

    #[test]
    fn glucose_is_shown_in_both_units() {
        assert_eq!(format!("{}", in_both_units(GlucoseMgDl(100.0))), "100 mg/dL (5.6 mmol/L)");
    }
}
