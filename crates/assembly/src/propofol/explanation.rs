//! The words of anaesthesia for one cycle.

use homeostat_propofol::course::{OPIOID, PRECONDITIONS, STAGE, STIMULATION};
use homeostat_propofol::presentation::{cause_words, describe};
use homeostat_propofol::profile::Profile;
use homeostat_propofol::sensing::{INDEX, PRESSURE};
use homeostat_record::{
    Announcement, Cause, CycleEntry, Rationale, SensorFrame, StatusFlags, Steps,
};

use crate::explanation::{Explanation, Nouns, Vocabulary, explain_with, told};

const NOUNS: Nouns = Nouns {
    background: "fallback: the effect site is held at the last validated level",
    suspended: "fallback: propofol stopped",
    reverted: "stands still",
    without_order: "the pump stands still when its lease ends",
    acting: "propofol at the effect site",
    measured: "the index",
    windows: ["1 min", "5 min", "1 h", "24 h"],
};

/// Explains a cycle of a loop with this profile.
#[must_use]
pub fn explain(entry: &CycleEntry, profile: &Profile) -> Explanation {
    explain_with(entry, &vocabulary(profile))
}

/// The words of a loop with this profile.
#[must_use]
pub fn vocabulary(profile: &Profile) -> impl Vocabulary + use<> {
    let content = profile.content();
    let period = f64::from(content.times.period.0);
    Words { step: f64::from(content.delivery.step.0) / 1_000.0, period }
}

/// A cause in this therapy's words.
#[must_use]
pub fn message(cause: Cause) -> String {
    told(cause, cause_words(cause)).0.to_owned()
}

/// Amounts in milligrams.
struct Words {
    step: f64,
    period: f64,
}

impl Vocabulary for Words {
    fn nouns(&self) -> &'static Nouns {
        &NOUNS
    }

    fn cause(&self, cause: Cause) -> Option<(&'static str, &'static str)> {
        cause_words(cause)
    }

    fn rationale(&self, rationale: &Rationale) -> String {
        describe(rationale).to_string()
    }

    fn reading(&self, frame: &SensorFrame) -> String {
        let value = f64::from(frame.value_thousandths) / 1_000.0;
        let whose = format!("message {} of {:08x}", frame.sequence, frame.source);
        if frame.status.any(StatusFlags::MALFUNCTION) {
            return format!("the source reports a malfunction, {whose}");
        }
        let percent = |value: u8| match value {
            0..=100 => format!("{value} %"),
            _ => "unknown".to_owned(),
        };
        match frame.quantity {
            INDEX => {
                let [muscle, suppression] = frame.detail;
                let index = if value < 0.0 { "none".to_owned() } else { format!("{value:.1}") };
                let (quality, suppression) = (percent(frame.quality), percent(suppression));
                format!(
                    "index {index}, signal quality {quality}, electromyogram {muscle} dB, suppression \
                     {suppression}, {whose}"
                )
            }
            PRESSURE => format!("mean arterial pressure {value:.0} mmHg, {whose}"),
            other => format!("something of quantity {}: {value}, {whose}", other.0),
        }
    }

    fn amount(&self, steps: Steps) -> String {
        format!("{:.2} mg", f64::from(steps.0) * self.step)
    }

    fn total(&self, steps: u64) -> String {
        format!("{:.1} mg", steps as f64 * self.step)
    }

    fn manual(&self, steps: Steps) -> String {
        format!("{:.1} mg/h", f64::from(steps.0) * self.step * 3_600.0 / self.period)
    }

    fn announced(&self, told: Announcement) -> String {
        let words = match (told.kind, told.amount) {
            (STAGE, 1) => "induction",
            (STAGE, 2) => "maintenance",
            (STAGE, 3) => "emergence",
            (STIMULATION, 1) => "intubation",
            (STIMULATION, 2) => "incision",
            (STIMULATION, _) => "a stimulation",
            (OPIOID, amount) => return format!("{amount} ug of an opioid"),
            (PRECONDITIONS, _) => {
                "that the airway is managed, the line checked and a clinician present"
            }
            (kind, _) => return format!("something of kind {kind}"),
        };
        words.to_owned()
    }

    fn reference(&self, value: i32) -> String {
        format!("a measurement of {}", f64::from(value) / 1_000.0)
    }
}
