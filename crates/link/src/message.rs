//! What is said over a link, and its canonical bytes. Numbers are only ever added at the end.
//!
//! Decoding refuses whatever is not the one encoding (`record::canonical`) and whatever no part of
//! a loop could mean: a channel that does not exist, a request larger than its order.

use crate::bluetooth::Packet;
use homeostat_record::{
    ActuatorStatus, Bytes, CHANNELS, Canonical, DecodeError, EncodeError, FRAME_BYTES_MAX, Instant,
    OrderId, Span, Steps,
};
use minicbor::{Decode, Encode};

/// The version of this protocol. A peer of another one is refused by name.
pub const PROTOCOL: Protocol = Protocol(1);
/// Longest name of a therapy.
pub const THERAPY_BYTES_MAX: usize = 16;
/// Longest name and version of a peer's software.
pub const SOFTWARE_BYTES_MAX: usize = 48;
/// Longest encoded message, with its envelope.
pub const MESSAGE_BYTES_MAX: usize = 256;

/// A version of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Protocol(#[n(0)] pub u16);

/// What a party is to the loop. Codes keep a Hamming distance of at least four (ACT-09).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Part {
    /// The device: it decides.
    #[default]
    #[n(0x33)]
    Device,
    /// A sensor: it measures.
    #[n(0x3C)]
    Sensor,
    /// An actuator: it treats.
    #[n(0x55)]
    Actuator,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Device, Self::Sensor, Self::Actuator];

    /// The part's code on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Device => 0x33,
            Self::Sensor => 0x3C,
            Self::Actuator => 0x55,
        }
    }

    /// The part with this code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }
}

/// One end of a link: what it is, and its pseudonym. No name, no serial number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Party {
    /// What it is.
    #[n(0)]
    pub part: Part,
    /// Its pseudonym.
    #[n(1)]
    pub identity: u32,
}

/// The name of a therapy: lower-case letters, digits and hyphens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Therapy(#[n(0)] Bytes<THERAPY_BYTES_MAX>);

impl Therapy {
    /// The therapy of this name; `None` for an empty, too long or otherwise spelt one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let therapy = Self(Bytes::copy_of(name.as_bytes()).ok()?);
        therapy.is_sound().then_some(therapy)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        core::str::from_utf8(self.0.as_slice()).unwrap_or("")
    }

    fn is_sound(&self) -> bool {
        let name = self.0.as_slice();
        let fits = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        !name.is_empty() && name.iter().all(fits)
    }
}

/// Who speaks, and with what. The first message of every session, in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Hello {
    /// The version that it speaks.
    #[n(0)]
    pub protocol: Protocol,
    /// Who it is.
    #[n(1)]
    pub party: Party,
    /// The therapy that it is set up for.
    #[n(2)]
    pub therapy: Therapy,
    /// Name and version of its software, UTF-8 (F-K16: a change ends automatic operation).
    #[n(3)]
    pub software: Bytes<SOFTWARE_BYTES_MAX>,
}

/// What an actuator says of one of its manipulated variables (ACT-03). Totals only grow, over its
/// sessions too, so that a lost or doubled report changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Report {
    /// Which manipulated variable, `0..CHANNELS`.
    #[n(0)]
    pub channel: u8,
    /// The actuator's identity (a pseudonym).
    #[n(1)]
    pub actuator: u32,
    /// What it is doing.
    #[n(2)]
    pub status: ActuatorStatus,
    /// The last order that it accepted.
    #[n(3)]
    pub accepted: OrderId,
    /// Steps accepted since it was new.
    #[n(4)]
    pub accepted_total: u64,
    /// Steps delivered since it was new, by its drive.
    #[n(5)]
    pub delivered_total: u64,
    /// Steps confirmed by an independent measurement, if it has one.
    #[n(6)]
    pub verified_total: Option<u64>,
    /// Counts the actuator's sessions (its starts): what an order left undone is not taken up in the next.
    #[n(7)]
    pub session: u32,
}

impl Report {
    /// The report as the loop records it, received at `now`.
    #[must_use]
    pub const fn received(&self, now: Instant) -> homeostat_record::Report {
        homeostat_record::Report {
            channel: self.channel,
            received: now,
            actuator: self.actuator,
            status: self.status,
            accepted: self.accepted,
            accepted_total: self.accepted_total,
            delivered_total: self.delivered_total,
            verified_total: self.verified_total,
        }
    }
}

/// What the actuator shall deliver (ACT-05). Executed at most once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Order {
    /// Identity: larger than that of any earlier order.
    #[n(0)]
    pub id: OrderId,
    /// How long after it was sent the order may be carried out. The actuator knows an upper bound
    /// of its age by its own clock ([`Received::age_at_most`](crate::Received::age_at_most)).
    #[n(1)]
    pub valid_for: Span,
    /// Amount per manipulated variable for the coming cycle, requests included.
    #[n(2)]
    pub steps: [Steps; CHANNELS],
    /// Part of it that a person asked for.
    #[n(3)]
    pub requested: [Steps; CHANNELS],
}

/// Why an actuator did not take an order. Codes keep a Hamming distance of at least four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Why {
    /// An order of this or a larger identity was taken already.
    #[default]
    #[n(0x33)]
    TakenAlready,
    /// Older than it may be, or of an age that cannot be bounded.
    #[n(0x3C)]
    Expired,
    /// Beyond the actuator's own limits (ACT-04).
    #[n(0x55)]
    BeyondLimits,
    /// It cannot deliver now.
    #[n(0x5A)]
    Unable,
    /// A person stopped it at the actuator; a person there starts it again.
    #[n(0x66)]
    StoppedByPerson,
    /// It does not have this manipulated variable.
    #[n(0x69)]
    NoSuchChannel,
}

/// What a peer has left and what is wrong with it (COM-07). `None` is "not applicable or unknown".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Supplies {
    /// Charge of its battery in percent, `0..=100`.
    #[n(0)]
    pub battery: Option<u8>,
    /// What is left in its reservoir, per manipulated variable.
    #[n(1)]
    pub reservoir: [Option<Steps>; CHANNELS],
    /// How long it may still be used.
    #[n(2)]
    pub life: Option<Span>,
    /// Errors that hold, as the peer's maker numbers them; zero is none.
    #[n(3)]
    pub errors: u32,
}

/// A characteristic of a Bluetooth service that a link carries, by its assigned number
/// ([`bluetooth`](crate::bluetooth)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Characteristic {
    /// Record Access Control Point of the glucose service, both ways.
    #[n(0x2A52)]
    GlucoseRecords,
    /// CGM Measurement: one or more, each with its check sum.
    #[default]
    #[n(0x2AA7)]
    GlucoseMeasurement,
    /// IDD Status Changed: what is worth asking for.
    #[n(0x2B20)]
    InsulinChanged,
    /// IDD Status.
    #[n(0x2B21)]
    InsulinStatus,
    /// IDD Command Control Point. An actuator answers it and does nothing by it: what it delivers is ordered
    /// by [`Message::Order`] alone.
    #[n(0x2B25)]
    InsulinCommand,
    /// IDD Record Access Control Point, both ways.
    #[n(0x2B27)]
    InsulinRecords,
    /// IDD History Data: one record.
    #[n(0x2B28)]
    InsulinHistory,
}

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Message {
    /// Who speaks.
    #[n(0)]
    Hello(#[n(0)] Hello),
    /// A sensor frame as it is; decoded by those who use it, each for itself (SUP-05).
    #[n(1)]
    Frame(#[n(0)] Bytes<FRAME_BYTES_MAX>),
    /// What an actuator did.
    #[n(2)]
    Report(#[n(0)] Report),
    /// What an actuator shall do.
    #[n(3)]
    Order(#[n(0)] Order),
    /// Stop at once.
    #[n(4)]
    Stop,
    /// An order was not taken.
    #[n(5)]
    Refused {
        /// The order.
        #[n(0)]
        id: OrderId,
        /// Why.
        #[n(1)]
        why: Why,
    },
    /// Nothing but the time echo that every message carries.
    #[n(6)]
    Alive,
    /// What a peer has left and what is wrong with it.
    #[n(7)]
    Supplies(#[n(0)] Supplies),
    /// A value of a Bluetooth service, as a gateway or the peer itself puts it.
    #[n(8)]
    Value {
        /// Of which characteristic.
        #[n(0)]
        of: Characteristic,
        /// Its bytes.
        #[n(1)]
        bytes: Packet,
    },
}

/// The kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// [`Message::Hello`].
    Hello = 0,
    /// [`Message::Frame`].
    Frame = 1,
    /// [`Message::Report`].
    Report = 2,
    /// [`Message::Order`].
    Order = 3,
    /// [`Message::Stop`].
    Stop = 4,
    /// [`Message::Refused`].
    Refused = 5,
    /// [`Message::Alive`].
    Alive = 6,
    /// [`Message::Supplies`].
    Supplies = 7,
    /// [`Message::Value`] of any other characteristic.
    Value = 8,
    /// [`Message::Value`] of a measurement: what the link of a sensor without frames lives by.
    Measurement = 9,
}

impl Content {
    /// Every kind, in the order of the numbers.
    pub const ALL: [Self; 10] = [
        Self::Hello,
        Self::Frame,
        Self::Report,
        Self::Order,
        Self::Stop,
        Self::Refused,
        Self::Alive,
        Self::Supplies,
        Self::Value,
        Self::Measurement,
    ];
}

/// When a message was sent, by the sender's own monotonic clock, and the latest such time that the
/// sender had from its peer: with it the receiver bounds the age of the message by its own clock
/// alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Envelope {
    /// When it was sent, by the sender's clock.
    #[n(0)]
    pub sent: Instant,
    /// The peer's time, given back; `None` until something was heard of the peer.
    #[n(1)]
    pub echo: Option<Echo>,
    /// What is said.
    #[n(2)]
    pub message: Message,
}

/// A time given back to whose clock it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Echo {
    /// The latest `sent` heard of the peer.
    #[n(0)]
    pub stamp: Instant,
    /// How long it was held before this message was sent.
    #[n(1)]
    pub held: Span,
}

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageError {
    /// Not the canonical encoding of any.
    Encoding(DecodeError),
    /// A field means nothing: its name.
    Unsound(&'static str),
}

impl core::fmt::Display for MessageError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Encoding(error) => write!(f, "not a message: {error}"),
            Self::Unsound(field) => write!(f, "a message whose {field} is out of range"),
        }
    }
}

impl core::error::Error for MessageError {}

impl Message {
    /// Its kind.
    #[must_use]
    pub const fn content(&self) -> Content {
        match self {
            Self::Hello(_) => Content::Hello,
            Self::Frame(_) => Content::Frame,
            Self::Report(_) => Content::Report,
            Self::Order(_) => Content::Order,
            Self::Stop => Content::Stop,
            Self::Refused { .. } => Content::Refused,
            Self::Alive => Content::Alive,
            Self::Supplies(_) => Content::Supplies,
            Self::Value { of: Characteristic::GlucoseMeasurement, .. } => Content::Measurement,
            Self::Value { .. } => Content::Value,
        }
    }

    /// The field that means nothing, if one does.
    pub(crate) fn unsound(&self) -> Option<&'static str> {
        let named = |sound: bool, field| if sound { None } else { Some(field) };
        match self {
            Self::Hello(hello) => named(hello.therapy.is_sound(), "therapy").or_else(|| {
                named(core::str::from_utf8(hello.software.as_slice()).is_ok(), "software")
            }),
            Self::Report(report) => named(usize::from(report.channel) < CHANNELS, "channel"),
            Self::Order(order) => {
                let mut pairs = order.requested.iter().zip(&order.steps);
                named(pairs.all(|(part, whole)| part <= whole), "requested")
            }
            Self::Supplies(supplies) => named(supplies.battery.is_none_or(|b| b <= 100), "battery"),
            Self::Frame(_)
            | Self::Stop
            | Self::Refused { .. }
            | Self::Alive
            | Self::Value { .. } => None,
        }
    }
}

impl Envelope {
    /// Writes the envelope at the start of `out` and returns the part that was written.
    ///
    /// # Errors
    /// When `out` is too small; [`MESSAGE_BYTES_MAX`] bytes always suffice.
    pub fn encode<'a>(&self, out: &'a mut [u8]) -> Result<&'a [u8], EncodeError> {
        self.encode_canonical(out)
    }

    /// Reads an envelope that fills `bytes` wholly.
    ///
    /// # Errors
    /// For anything but the bytes that [`encode`](Self::encode) writes for a message that means
    /// something.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let envelope = Self::decode_canonical(bytes).map_err(MessageError::Encoding)?;
        match envelope.message.unsound() {
            Some(field) => Err(MessageError::Unsound(field)),
            None => Ok(envelope),
        }
    }
}

#[cfg(test)]
mod tests;
