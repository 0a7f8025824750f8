//! What the two ends of a link owe each other, as data (COM-01): what is said, by whom, how often,
//! how old it may be, how much may be lost. What holds when nothing is heard is for who listens.
//! [`Monitor`] watches it, at both ends.

mod monitor;

pub use monitor::{LinkState, Monitor, Tally};

use crate::bucket::Rate;
use crate::message::{Content, Part};
use homeostat_record::Span;

/// A set of kinds of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents(u16);

impl Contents {
    /// These kinds.
    #[must_use]
    pub const fn of(contents: &[Content]) -> Self {
        let mut bits = 0;
        let mut rest = contents;
        while let [content, after @ ..] = rest {
            bits |= 1 << *content as u16;
            rest = after;
        }
        Self(bits)
    }

    /// These and the others.
    const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These but the others.
    const fn but(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether `content` is one of them.
    #[must_use]
    pub const fn has(self, content: Content) -> bool {
        self.0 & (1 << content as u16) != 0
    }
}

/// How often something is said and how long its absence is borne: the therapy's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// One message of the measured kind in this time.
    pub period: Span,
    /// How old a message may be when it arrives.
    pub latency: Span,
    /// After so long without a message of the measured kind the link counts as silent.
    pub silent_after: Span,
}

/// At most `lost` of the last `of` messages may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// So many.
    pub lost: u8,
    /// Of so many; at most the 64 that are remembered.
    pub of: u8,
}

/// One direction of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Who speaks.
    pub from: Part,
    /// Who listens.
    pub to: Part,
    /// What may be said. Anything else is refused though it is authentic (COM-06).
    pub carries: Contents,
    /// The kind whose arrival means that the link is alive: an application's, never a transport's
    /// word (COM-10).
    pub pulse: Content,
    /// How often, how old, how long without.
    pub cadence: Cadence,
    /// How much may be lost.
    pub loss: Loss,
    /// How often the receiver does the work of authentication for this peer (COM-11).
    pub rate: Rate,
}

/// Why numbers are no contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractError {
    /// A period of no length.
    NoPeriod,
    /// Silence would be called before one period and the latency bound have passed.
    SilentTooSoon,
}

impl core::fmt::Display for ContractError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoPeriod => write!(f, "a link's period is zero: give it a length"),
            Self::SilentTooSoon => write!(
                f,
                "silent_after is shorter than period and latency together: a link that keeps its \
                 contract would count as silent"
            ),
        }
    }
}

impl core::error::Error for ContractError {}

/// How many datagrams a second are authenticated for one peer. Opening one costs some microseconds
/// (`crates/link/benches`), so that this many cost a processor about one percent; a link of ours
/// needs a few a second.
const RATE: Rate = Rate { per_second: 2_000, burst: 512 };
const LOSS: Loss = Loss { lost: 20, of: 64 };

impl Contract {
    /// From a sensor to the device.
    ///
    /// # Errors
    /// When the cadence contradicts itself.
    pub fn frames(cadence: Cadence) -> Result<Self, ContractError> {
        checked(Self {
            from: Part::Sensor,
            to: Part::Device,
            carries: Contents::of(&[
                Content::Hello,
                Content::Frame,
                Content::Alive,
                Content::Supplies,
            ]),
            pulse: Content::Frame,
            cadence,
            loss: LOSS,
            rate: RATE,
        })
    }

    /// From the device to a sensor: time echoes alone.
    ///
    /// # Errors
    /// When the cadence contradicts itself.
    pub fn echoes(cadence: Cadence) -> Result<Self, ContractError> {
        checked(Self {
            from: Part::Device,
            to: Part::Sensor,
            carries: Contents::of(&[Content::Hello, Content::Alive]),
            pulse: Content::Alive,
            cadence,
            loss: LOSS,
            rate: RATE,
        })
    }

    /// From the device to an actuator.
    ///
    /// # Errors
    /// When the cadence contradicts itself.
    pub fn orders(cadence: Cadence) -> Result<Self, ContractError> {
        checked(Self {
            from: Part::Device,
            to: Part::Actuator,
            carries: Contents::of(&[Content::Hello, Content::Order, Content::Stop, Content::Alive]),
            pulse: Content::Order,
            cadence,
            loss: LOSS,
            rate: RATE,
        })
    }

    /// From an actuator to the device.
    ///
    /// # Errors
    /// When the cadence contradicts itself.
    pub fn reports(cadence: Cadence) -> Result<Self, ContractError> {
        checked(Self {
            from: Part::Actuator,
            to: Part::Device,
            carries: Contents::of(&[
                Content::Hello,
                Content::Report,
                Content::Refused,
                Content::Alive,
                Content::Supplies,
            ]),
            pulse: Content::Report,
            cadence,
            loss: LOSS,
            rate: RATE,
        })
    }

    /// The same direction of a link whose peer speaks in a Bluetooth service: values are carried too, and a
    /// sensor's measurements stand in the place of its frames.
    #[must_use]
    pub fn in_bluetooth(self) -> Self {
        let carries = self.carries.and(Contents::of(&[Content::Value]));
        if self.pulse != Content::Frame {
            return Self { carries, ..self };
        }
        let pulse = Content::Measurement;
        let carries = carries.but(Contents::of(&[Content::Frame])).and(Contents::of(&[pulse]));
        Self { carries, pulse, ..self }
    }
}

fn checked(contract: Contract) -> Result<Contract, ContractError> {
    let Cadence { period, latency, silent_after } = contract.cadence;
    if period == Span::ZERO {
        return Err(ContractError::NoPeriod);
    }
    if silent_after.as_millis() < period.as_millis().saturating_add(latency.as_millis()) {
        return Err(ContractError::SilentTooSoon);
    }
    Ok(contract)
}

#[cfg(test)]
mod tests;
