//! The device's end of whichever service a peer speaks in.

use super::cgm::{GlucosePort, Reading};
use super::insulin::{HistoryRecord, InsulinPort, Status};
use crate::channel::Received;
use crate::message::{Message, Part};
use alloc::boxed::Box;
use alloc::vec::Vec;
use homeostat_record::Span;

/// The port of a peer: a glucose service of a sensor, an insulin delivery service of an actuator.
#[derive(Clone, Debug)]
pub enum ServicePort {
    /// It measures.
    Measures(GlucosePort),
    /// It tells of what it delivers.
    Delivers(Box<InsulinPort>),
}

/// What an actuator says of itself in its service. For people: nothing is decided by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActuatorSaid {
    /// How it is.
    pub status: Option<Status>,
    /// The newest records of its history, the oldest of them first.
    pub history: Vec<HistoryRecord>,
    /// Records that were lost, or were there no longer.
    pub missed: u32,
}

impl ServicePort {
    /// The port of a peer with this pseudonym, which speaks once in `period`; `None` for a device.
    #[must_use]
    pub fn of(part: Part, identity: u32, period: Span) -> Option<Self> {
        match part {
            Part::Sensor => {
                let minutes = u16::try_from(period.as_minutes()).unwrap_or(u16::MAX);
                Some(Self::Measures(GlucosePort::of(identity, minutes)))
            }
            Part::Actuator => Some(Self::Delivers(Box::default())),
            Part::Device => None,
        }
    }

    /// Takes what the peer said; gives what is to be said to it.
    pub fn hear(&mut self, received: &Received, give: &mut dyn FnMut(Reading)) -> Option<Message> {
        match self {
            Self::Measures(port) => port.hear(received, give),
            Self::Delivers(port) => port.hear(received),
        }
    }

    /// Values that could not be used.
    #[must_use]
    pub const fn unusable(&self) -> u64 {
        match self {
            Self::Measures(port) => port.unusable(),
            Self::Delivers(port) => port.unusable(),
        }
    }

    /// What an actuator said.
    #[must_use]
    pub fn said(&self) -> Option<ActuatorSaid> {
        let Self::Delivers(port) = self else { return None };
        let (status, history) = (port.status().copied(), port.records().copied().collect());
        Some(ActuatorSaid { status, history, missed: port.missed() })
    }
}
