//! The words of this therapy: what a reason, a figure, a rejection or a cause means to a person.
//!
//! The supervisor's table has words that fit every therapy; these say the same in terms of the
//! index, propofol and the people in the room. Nothing decides here.

use crate::reason::Reason;
use crate::sensing::Rejection;
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
    /// Decimals that are shown.
    pub decimals: usize,
    /// Whether -1 means that there is none.
    pub may_be_absent: bool,
}

const fn concentration(name: &'static str) -> FigureWords {
    let unit = "ug/mL";
    FigureWords { name, unit, per_unit: 1_000, decimals: 2, may_be_absent: false }
}

const fn index(name: &'static str, may_be_absent: bool) -> FigureWords {
    FigureWords { name, unit: "", per_unit: 1_000, decimals: 1, may_be_absent }
}

/// The figures of a rationale, in their order; the last one is stage and validity together.
pub const FIGURE_WORDS: [FigureWords; FIGURES] = [
    concentration("effect site"),
    concentration("plasma"),
    concentration("aimed at"),
    index("index", true),
    index("index expected", false),
    FigureWords {
        name: "weight of the index",
        unit: "%",
        per_unit: 10,
        decimals: 0,
        may_be_absent: false,
    },
    concentration("half effect at"),
    FigureWords { name: "stage", unit: "", per_unit: 1, decimals: 0, may_be_absent: false },
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
        let [numbers @ .., last] = self.0.figures;
        for (words, figure) in FIGURE_WORDS.iter().zip(numbers) {
            f.write_str("; ")?;
            words.write(figure, f)?;
        }
        write!(f, "; {}, {}", stage_words(last / 10), validity_words(last % 10))
    }
}

/// The stage of a rationale's last figure.
#[must_use]
pub const fn stage_words(stage: i32) -> &'static str {
    match stage {
        0 => "nothing announced",
        1 => "induction",
        2 => "maintenance",
        3 => "emergence",
        _ => "unknown stage",
    }
}

/// The validity of a rationale's last figure.
#[must_use]
pub const fn validity_words(validity: i32) -> &'static str {
    match validity {
        0 => "index lost",
        1 => "effect site frozen",
        2 => "observer only",
        3 => "closed loop",
        _ => "unknown validity",
    }
}

impl FigureWords {
    /// Writes a recorded figure with its name and unit.
    fn write(&self, figure: i32, f: &mut Formatter<'_>) -> Result {
        if self.may_be_absent && figure < 0 {
            return write!(f, "{} unknown", self.name);
        }
        let value = f64::from(figure) / f64::from(self.per_unit);
        write!(f, "{} {value:.*}", self.name, self.decimals)?;
        if self.unit.is_empty() { Ok(()) } else { write!(f, " {}", self.unit) }
    }
}

/// Why a sample was not used, in words.
#[must_use]
pub const fn rejection_words(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::Malformed => "the message was damaged or is not a sensor frame",
        Rejection::NotOurs => "the message is about something that this therapy does not use",
        Rejection::WrongUnit => "the value is in a unit that it cannot have",
        Rejection::IdentityNotAccepted => "the source is not one that was set up for this person",
        Rejection::Demonstration => "demonstration data are never used for treatment",
        Rejection::Malfunction => "the monitor reports a malfunction",
        Rejection::SessionEnded => "the monitor's session has ended",
        Rejection::NotReady => "the monitor is not ready",
        Rejection::Backfill => "a stored sample, shown but never dosed upon",
        Rejection::SessionRestarted => "the monitor was started again and nobody has checked it",
        Rejection::Duplicate => "the same sample came again",
        Rejection::OutOfOrder => "a newer sample was there already",
        Rejection::Stale => "the sample is too old",
        Rejection::FromTheFuture => "the monitor's clock is ahead of time",
        Rejection::OutOfRange => "the value is outside what can be measured",
        Rejection::Unqualified => "signal quality or muscle activity is not known",
        Rejection::QualityLow => "the signal quality is too low",
        Rejection::Muscle => "muscle activity or electrocautery disturbs the signal",
        Rejection::Burst => "a disturbance has only just ended and lives on in the monitor's mean",
        Rejection::Jump => "the index cannot change as fast as this",
        Rejection::Stuck => "the value has stood still for longer than a living person's can",
    }
}

/// What a cause means in this therapy and what to do; `None` where the supervisor's own words say
/// all that there is to say.
#[must_use]
pub const fn cause_words(cause: Cause) -> Option<(&'static str, &'static str)> {
    Some(match cause {
        Cause::InputMissing => {
            ("No usable index of hypnosis.", "Check electrodes and monitor; judge depth yourself.")
        }
        Cause::QualityReduced => (
            "The electroencephalogram is of poor quality or overlaid by muscle.",
            "Check electrodes and relaxation. An automatic infusion is not raised.",
        ),
        Cause::QualityPoor => {
            ("The index has been unusable for long.", "Check electrodes; judge depth yourself.")
        }
        Cause::InputImplausible => (
            "The index is not plausible: stuck, jumping, out of range or in a wrong unit.",
            "Judge depth yourself. Check the monitor and its cable.",
        ),
        Cause::ArtefactSuspected => (
            "Electrocautery or movement disturbs the index.",
            "Nothing, if it ends soon. The index is not used meanwhile.",
        ),
        Cause::SensorNotReady => (
            "The monitor is not ready, or was started again.",
            "Check the monitor, then acknowledge the preconditions.",
        ),
        Cause::PhysiologicStop => (
            "Too deep, or arterial pressure dangerously low: propofol is stopped.",
            "Treat circulation. Propofol returns when index and pressure have recovered.",
        ),
        Cause::PhysiologicNeed => (
            "Possible awareness: the index is high and the loop cannot give more.",
            "Look at the patient, the vein and the line now; consider a bolus and the opioid.",
        ),
        Cause::PhysiologicHold => (
            "Arterial pressure is low: propofol is not raised.",
            "Treat circulation. Watch depth: anaesthesia may be too light meanwhile.",
        ),
        Cause::Saturation => (
            "The infusion has been at an end of its range and the target is not met.",
            "Check the vein, the line and the syringe; consider the opioid and the target.",
        ),
        Cause::Oscillation => (
            "The depth of anaesthesia swings.",
            "Look for stimulation. If it comes again the effect site is held until acknowledged.",
        ),
        Cause::OverDelivery => (
            "The pump delivered more propofol than was ordered.",
            "Look at the pump: more may flow. Watch circulation and airway; anaesthesia may lighten later.",
        ),
        Cause::UnderDelivery => (
            "The pump delivered less propofol than was ordered.",
            "Possible awareness. Check syringe, line and vein; give propofol by hand if needed.",
        ),
        Cause::ActuatorSilent => (
            "The propofol pump is not heard.",
            "Look at the pump: it may stand still or go on. Be ready to give propofol by hand.",
        ),
        Cause::IdentityMismatch => (
            "A monitor or pump answers that was not set up for this person.",
            "Check every device. The loop orders no propofol meanwhile: anaesthesia may lighten.",
        ),
        Cause::DeadlineMissed
        | Cause::ReferenceDisagrees
        | Cause::PredictedStop
        | Cause::ControllerFailed
        | Cause::OpinionDiffers
        | Cause::GuardClamping
        | Cause::GuardViolation
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
        | Cause::AlarmPathLost => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{cause_words, describe, rejection_words};
    use crate::reason::Reason;
    use crate::sensing::Rejection;
    use homeostat_record::{Cause, Rationale};
    use std::format;

    #[test]
    fn ctl_15_a_rationale_reads_as_a_sentence_with_units() {
        let rationale = Rationale {
            reason: Reason::Maintenance as u16,
            figures: [3_012, 3_190, 3_100, 48_250, 50_100, 930, 2_915, 23],
        };
        assert_eq!(
            format!("{}", describe(&rationale)),
            "holding the index at its target; effect site 3.01 ug/mL; plasma 3.19 ug/mL; aimed at \
             3.10 ug/mL; index 48.2; index expected 50.1; weight of the index 93 %; half effect at \
             2.92 ug/mL; maintenance, closed loop"
        );
        let figures = [0, 0, 0, -1, 93_000, 0, 2_915, 0];
        let words = format!("{}", describe(&Rationale { reason: 999, figures }));
        assert!(words.starts_with("a reason unknown to this version"), "{words}");
        assert!(words.contains("index unknown; index expected 93.0"), "{words}");
        assert!(words.ends_with("nothing announced, index lost"), "{words}");
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
    fn pro_07_what_may_leave_a_person_awake_says_so() {
        for cause in [
            Cause::PhysiologicNeed,
            Cause::UnderDelivery,
            Cause::OverDelivery,
            Cause::IdentityMismatch,
            Cause::ActuatorSilent,
        ] {
            let (message, advice) = cause_words(cause).unwrap();
            let words = format!("{message} {advice}");
            let warns = ["awareness", "lighten", "by hand"].iter().any(|word| words.contains(word));
            assert!(warns, "{words}");
        }
        assert_eq!(cause_words(Cause::PowerLow), None);
    }
}
