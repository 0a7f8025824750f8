//! The Bluetooth services that glucose monitors and insulin pumps speak: the Continuous Glucose
//! Monitoring Service (0x181F) and the Insulin Delivery Service 1.0.2 (0x183A), as codecs without
//! allocation (IOP-08, IOP-09).
//!
//! There is no radio here. What a radio would bring has a check sum and a counter of eight bits at
//! most: these detect errors, and prove neither origin nor freshness (IOP-10). Therefore decoding gives
//! an [`Unproven`] value, to be looked at and logged; a loop takes what our authenticated channel brings:
//! values of these services too, by [`cgm::GlucosePort`] and [`insulin::InsulinPort`].
//!
//! Numbers keep the bits that they came with, so that encoding what was decoded gives the same bytes.
//! Reserved bits that could change a layout are refused, others are kept.

pub mod cgm;
pub mod insulin;
mod packet;
mod protection;
mod service;
mod sfloat;

pub use cgm::Reading;
pub use packet::{PACKET_MAX, Packet};
pub use protection::{Counter, Protection, Unproven, crc16};
pub use service::{ActuatorSaid, ServicePort};
pub use sfloat::{Decimal, Float, Number, Sfloat};

use packet::{Reader, Writer};

/// Why bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// They end before the value does.
    Short,
    /// They go on after the value.
    Long,
    /// The check sum is not there (ATT error 0x80 of the glucose service).
    MissingCheckSum,
    /// The check sum does not fit (ATT error 0x81 of the glucose service).
    WrongCheckSum,
    /// A code that this field does not have: the field's name.
    Code(&'static str),
    /// A number that this field cannot have: the field's name.
    Range(&'static str),
}

impl core::fmt::Display for Fault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Short => write!(f, "too few bytes"),
            Self::Long => write!(f, "too many bytes"),
            Self::MissingCheckSum => write!(f, "the check sum is missing"),
            Self::WrongCheckSum => write!(f, "the check sum does not fit"),
            Self::Code(field) => write!(f, "{field} has a code that does not exist"),
            Self::Range(field) => write!(f, "{field} is out of range"),
        }
    }
}

impl core::error::Error for Fault {}

/// A value with a layout of bytes.
pub trait Attribute: Sized {
    /// Takes the value off the front of `input`.
    #[doc(hidden)]
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault>;

    /// Adds the value to `out`.
    #[doc(hidden)]
    fn write(&self, out: &mut Writer);

    /// The value's bytes, with the protection that the peer announced in its features.
    fn encode(&self, protection: Protection, counter: Counter) -> Packet {
        let mut out = Writer::default();
        self.write(&mut out);
        protection.close(out, counter)
    }

    /// The value of these bytes. It is free of transmission errors as far as the check sum can tell, and
    /// of unknown origin.
    ///
    /// # Errors
    /// [`Fault`] names the first thing that is wrong.
    fn decode(bytes: &[u8], protection: Protection) -> Result<Unproven<Self>, Fault> {
        let (body, counter) = protection.open(bytes)?;
        let mut input = Reader::new(body);
        let value = Self::read(&mut input)?;
        input.end()?;
        Ok(Unproven::new(value, counter))
    }
}

/// Declares an enumeration of codes of the air.
macro_rules! codes {
    ($(
        $(#[$doc:meta])* $name:ident: $code:ty = $field:literal
        { $( $(#[$of:meta])* $variant:ident = $value:literal, )+ }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr($code)]
        pub enum $name { $( $(#[$of])* $variant = $value, )+ }

        impl $name {
            /// Every one, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its code on the air.
            #[must_use]
            pub const fn code(self) -> $code {
                self as $code
            }

            /// The one with this code.
            #[must_use]
            pub fn from_code(code: $code) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }

        impl $crate::bluetooth::Attribute for $name {
            fn read(
                input: &mut $crate::bluetooth::packet::Reader<'_>,
            ) -> Result<Self, $crate::bluetooth::Fault> {
                let bytes = input.take::<{ size_of::<$code>() }>()?;
                Self::from_code(<$code>::from_le_bytes(bytes))
                    .ok_or($crate::bluetooth::Fault::Code($field))
            }

            fn write(&self, out: &mut $crate::bluetooth::packet::Writer) {
                out.put(&self.code().to_le_bytes());
            }
        }
    )+};
}
use codes;

#[cfg(test)]
mod tests;
