//! What the page shows, already in people's terms.
//!
//! The device builds a [`View`] from its records; nothing here decides and nothing of it flows
//! back into control (UIX-02). No therapy is known: names, units and words are data.

mod alarm;
mod decimal;
mod delivery;
mod measured;
mod offer;
mod time;

pub use alarm::{Alarm, AlarmKind, AlarmState, Alarms, Audio, Priority};
pub use decimal::{Decimal, NoDecimal};
pub use delivery::{Amount, Channel, Limit, Next, Total};
pub use measured::{Band, Chart, Grade, Mark, Measured, Point, Quality, Series, Trend, TrendSign};
pub use offer::{
    Entry, Offers, PHASES, Pending, PhaseOffer, Scale, Statement, What, phase_id, phase_name,
};
pub use time::{At, Civil, Clock, Length, Zone};

use homeostat_record::Mode;
use serde::{Deserialize, Serialize};

/// Everything that the page shows at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The therapy's name.
    pub therapy: String,
    /// The clocks when the view was made.
    pub clock: Clock,
    /// The mode.
    pub mode: ModeShown,
    /// The controlled variable.
    pub controlled: Measured,
    /// What else is measured or computed: drug on board, effect site, pressure.
    pub others: Vec<Measured>,
    /// Delivery, per manipulated variable.
    pub channels: Vec<Channel>,
    /// The limits in use.
    pub limits: Vec<Limit>,
    /// What the device will do next; `None` when nothing is planned.
    pub next: Option<Next>,
    /// Alarms.
    pub alarms: Alarms,
    /// The chart.
    pub chart: Chart,
    /// Past modes, doses and alarms, newest first.
    pub history: Vec<Past>,
    /// What a person who takes over must know (MOD-03); also the words before every take-over.
    pub handover: Vec<String>,
    /// What people may do now.
    pub offers: Offers,
    /// The device itself.
    pub device: Device,
}

/// The displayed mode (MOD-11, UIX-04).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeShown {
    /// The mode, `"M0"` to `"M11"`.
    #[serde(with = "mode_code")]
    pub mode: Mode,
    /// Since when.
    pub since: At,
    /// Why it is this mode.
    pub why: String,
    /// What the device does now.
    pub doing: String,
    /// What the person should do.
    pub what_to_do: String,
    /// How to return to automatic operation.
    pub how_to_return: String,
    /// In fallback: when it ends by itself and what comes then; empty where it does not.
    pub time_left: Option<Next>,
}

/// One line of the past (UIX-05).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// When.
    pub at: At,
    /// What it was.
    pub kind: PastKind,
    /// In words.
    pub words: String,
}

/// What a line of the past is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastKind {
    /// A change of mode.
    Mode,
    /// A dose that a person asked for, gave or set.
    Dose,
    /// An alarm condition.
    Alarm,
    /// Another thing that a person did.
    Person,
}

/// The device itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its pseudonymous identity. No person's name is ever shown.
    pub identity: String,
    /// Software and version.
    pub software: String,
    /// Profile and revision.
    pub profile: String,
    /// When the last self-test ended and how.
    pub self_test: State,
    /// The links, and whatever else must work.
    pub links: Vec<State>,
    /// The black box.
    pub record: State,
    /// Power.
    pub power: State,
}

/// One part of the device and how it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The part.
    pub name: String,
    /// Whether all is well.
    pub well: bool,
    /// How it is, in words.
    pub words: String,
    /// When something was last heard of it.
    pub heard: Option<At>,
}

/// The mode's name on the page.
#[must_use]
pub const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "Off",
        Mode::SelfTest => "Self-test",
        Mode::Standby => "Standby",
        Mode::Manual => "Manual",
        Mode::Advisory => "Advisory",
        Mode::Automatic => "Automatic",
        Mode::AutomaticLimited => "Automatic, limited",
        Mode::FallbackBackground => "Fallback: basic therapy",
        Mode::FallbackSuspend => "Fallback: suspended",
        Mode::FailStop => "Fail-stop",
        Mode::Service => "Service",
        Mode::Handover => "Hand-over",
    }
}

/// The mode's code in the manual, `M0` to `M11`.
#[must_use]
pub const fn mode_code(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "M0",
        Mode::SelfTest => "M1",
        Mode::Standby => "M2",
        Mode::Manual => "M3",
        Mode::Advisory => "M4",
        Mode::Automatic => "M5",
        Mode::AutomaticLimited => "M6",
        Mode::FallbackBackground => "M7",
        Mode::FallbackSuspend => "M8",
        Mode::FailStop => "M9",
        Mode::Service => "M10",
        Mode::Handover => "M11",
    }
}

/// Every displayed mode, in the order of the codes.
pub const MODES: [Mode; 12] = [
    Mode::Off,
    Mode::SelfTest,
    Mode::Standby,
    Mode::Manual,
    Mode::Advisory,
    Mode::Automatic,
    Mode::AutomaticLimited,
    Mode::FallbackBackground,
    Mode::FallbackSuspend,
    Mode::FailStop,
    Mode::Service,
    Mode::Handover,
];

/// The record's mode as its code.
mod mode_code {
    use super::MODES;
    use homeostat_record::Mode;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(mode: &Mode, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(super::mode_code(*mode))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Mode, D::Error> {
        let code = String::deserialize(from)?;
        let known = MODES.into_iter().find(|mode| super::mode_code(*mode) == code);
        known.ok_or_else(|| D::Error::custom(format!("expected a mode M0 to M11, found {code}")))
    }
}
