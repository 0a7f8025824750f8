//! The words of insulin delivery for one cycle.

use homeostat_insulin::presentation::{cause_words, describe, in_both_units};
use homeostat_insulin::profile::Profile;
use homeostat_insulin::units::GlucoseMgDl;
use homeostat_record::{
    Announcement, Cause, CycleEntry, Mode, Rationale, SensorFrame, StatusFlags, Steps,
};

use crate::explanation::{
    Explanation, Nouns, Vocabulary, cause_in_words_of, explain_with, mode_in_words,
};

const NOUNS: Nouns = Nouns {
    background: "fallback: the pre-agreed basal rate",
    suspended: "fallback: insulin stopped",
    reverted: "delivers its own basal rate",
    without_order: "the pump goes over to its own basal rate when its lease ends",
    acting: "insulin on board",
    measured: "the glucose",
    windows: ["one cycle", "1 h", "4 h", "24 h"],
};

/// Explains a cycle of a loop with this profile.
#[must_use]
pub fn explain(entry: &CycleEntry, profile: &Profile) -> Explanation {
    explain_with(entry, &vocabulary(profile))
}

/// The words of a loop with this profile.
#[must_use]
pub fn vocabulary(profile: &Profile) -> impl Vocabulary + use<> {
    Words { step: f64::from(profile.content().delivery.step.0) / 1_000.0 }
}

/// A cause in this therapy's words, with what to do and the requirement that it comes from.
#[must_use]
pub fn cause_in_words(cause: Cause) -> String {
    cause_in_words_of(cause, cause_words(cause))
}

/// The mode that people see, in words.
#[must_use]
pub const fn mode_words(mode: Mode) -> &'static str {
    mode_in_words(mode, &NOUNS)
}

/// Amounts in units of insulin.
struct Words {
    step: f64,
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
        let value = GlucoseMgDl(f64::from(frame.value_thousandths) / 1_000.0);
        let said = if frame.status.any(StatusFlags::BELOW_RANGE) {
            "\"Low\": below the measuring range".to_owned()
        } else if frame.status.any(StatusFlags::ABOVE_RANGE) {
            "\"High\": above the measuring range".to_owned()
        } else {
            format!("glucose {}", in_both_units(value))
        };
        let quality = if frame.quality <= 100 {
            format!(", quality {} %", frame.quality)
        } else {
            String::new()
        };
        format!("{said}{quality}, message {} of sensor {:08x}", frame.sequence, frame.source)
    }

    fn amount(&self, steps: Steps) -> String {
        format!("{:.3} U", f64::from(steps.0) * self.step)
    }

    fn total(&self, steps: u64) -> String {
        format!("{:.2} U", steps as f64 * self.step)
    }

    fn manual(&self, steps: Steps) -> String {
        format!("{:.2} U/h", f64::from(steps.0) * self.step * 12.0)
    }

    fn announced(&self, told: Announcement) -> String {
        match told.kind {
            1 => format!("{:.0} g of carbohydrate", f64::from(told.amount) / 1_000.0),
            kind => format!("something of kind {kind}"),
        }
    }

    fn reference(&self, value: i32) -> String {
        let value = GlucoseMgDl(f64::from(value) / 1_000.0);
        format!("a finger measurement of {}", in_both_units(value))
    }
}
