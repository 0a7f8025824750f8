//! What people may do now, as data: the page knows no therapy, so it is told what can be entered.

use super::{Decimal, Length, Next};
use homeostat_record::Phase;
use serde::{Deserialize, Serialize};

/// What people may do now. Stop is always there and stands in no list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offers {
    /// Phases that can be chosen, and why some cannot.
    pub phases: Vec<PhaseOffer>,
    /// Numbers that can be entered.
    pub entries: Vec<Entry>,
    /// What can be stated without a number.
    pub statements: Vec<Statement>,
    /// A proposal that waits for a person, in advisory operation.
    pub pending: Option<Pending>,
    /// Whether there is an alarm to acknowledge.
    pub acknowledge: bool,
    /// For how long the sound can be paused, where it can.
    pub audio_pause: Option<Length>,
    /// What a reset would release, where one is offered (authorised people alone).
    pub reset: Option<String>,
    /// What a person confirms by reconciling the amounts, where that is asked for.
    pub reconcile: Option<String>,
}

/// A phase that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseOffer {
    /// The phase.
    #[serde(with = "phase_name")]
    pub phase: Phase,
    /// What choosing it will do.
    pub words: String,
    /// What is still missing for it (MOD-02); empty when it can be chosen.
    pub unmet: Vec<String>,
}

/// Something that a person announces without a number: a stage, a stimulus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its name in addresses: small letters, digits and hyphens.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What is stated, and what comes of it.
    pub words: String,
    /// The kind of the announcement, as the therapy numbers them.
    pub kind: u8,
    /// Its amount.
    pub amount: u32,
}

/// A proposal that waits for a person's confirmation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What would be done, with amounts and units.
    pub words: String,
    /// When the proposal expires.
    pub expires: Next,
}

/// A number that can be entered (UIX-06).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name in addresses: small letters, digits and hyphens.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What to enter and what comes of it.
    pub help: String,
    /// What it becomes.
    pub what: What,
    /// The unit in which it is entered.
    pub unit: String,
    /// Entries are whole multiples of this.
    pub step: Decimal,
    /// Smallest entry.
    pub least: Decimal,
    /// Largest entry.
    pub most: Decimal,
    /// Smallest usual entry; below it the number must be typed twice.
    pub usual_least: Decimal,
    /// Largest usual entry; above it the number must be typed twice.
    pub usual_most: Decimal,
    /// From the entered unit to the record's.
    pub scale: Scale,
    /// What is read back before it is done: a sentence with `{amount}` in it, which the page
    /// replaces by number and unit.
    pub read_back: String,
    /// Recent doses of the same kind, so that two people do not give it twice; empty if none.
    pub recent: String,
}

/// What an entered number becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A dose now, on this manipulated variable.
    Request(u8),
    /// The amount per cycle in manual operation, on this manipulated variable.
    SetManual(u8),
    /// A dose that was given by other means.
    Given(u8),
    /// An announced disturbance of this kind.
    Announce(u8),
    /// A reference measurement.
    Reference,
}

/// Units of the record in one entered unit, as a fraction: 1000 and 1 from grams to milligrams,
/// 1000 and 12 from an hourly rate to thousandths per five-minute cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// Units of the record.
    pub numerator: u32,
    /// Entered units that hold so many.
    pub denominator: u32,
}

/// A phase's name for people.
#[must_use]
pub const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Off => "Off",
        Phase::SelfTest => "Self-test",
        Phase::Standby => "Standby",
        Phase::Manual => "Manual",
        Phase::Advisory => "Advisory",
        Phase::Automatic => "Automatic",
        Phase::Service => "Service",
    }
}

/// A phase's name in addresses and samples.
#[must_use]
pub const fn phase_id(phase: Phase) -> &'static str {
    match phase {
        Phase::Off => "off",
        Phase::SelfTest => "self-test",
        Phase::Standby => "standby",
        Phase::Manual => "manual",
        Phase::Advisory => "advisory",
        Phase::Automatic => "automatic",
        Phase::Service => "service",
    }
}

/// Every phase.
pub const PHASES: [Phase; 7] = [
    Phase::Off,
    Phase::SelfTest,
    Phase::Standby,
    Phase::Manual,
    Phase::Advisory,
    Phase::Automatic,
    Phase::Service,
];

mod phase_name {
    use super::{PHASES, phase_id};
    use homeostat_record::Phase;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(phase: &Phase, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(phase_id(*phase))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Phase, D::Error> {
        let name = String::deserialize(from)?;
        let known = PHASES.into_iter().find(|phase| phase_id(*phase) == name);
        known.ok_or_else(|| D::Error::custom(format!("expected a phase, found {name}")))
    }
}
