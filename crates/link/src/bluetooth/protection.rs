//! End-to-end protection: a check sum, and in some services a counter. It detects errors; it is no
//! security.

use super::packet::{Packet, Reader, Writer};
use super::{Attribute, Fault};

/// CRC-16/MCRF4XX: polynomial 0x1021 reflected, start 0xFFFF, nothing at the end; sent little-endian.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        let mut register = sum ^ u16::from(*byte);
        for _ in 0..8 {
            let carry = register & 1;
            register >>= 1;
            if carry != 0 {
                register ^= 0x8408;
            }
        }
        register
    })
}

/// What follows a value on the air, as the peer's features announce it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nothing.
    None,
    /// The check sum: the glucose service, and the insulin service's history.
    CheckSum,
    /// The counter, then the check sum over value and counter: the insulin service.
    CounterAndCheckSum,
}

impl Protection {
    pub(super) fn close(self, mut out: Writer, counter: Counter) -> Packet {
        if self == Self::CounterAndCheckSum {
            out.put(&[counter.0]);
        }
        if self != Self::None {
            out.put(&crc16(out.bytes()).to_le_bytes());
        }
        out.packet()
    }

    /// The value's bytes and the counter, if the check sum fits.
    pub(super) fn open(self, bytes: &[u8]) -> Result<(&[u8], Option<Counter>), Fault> {
        if self == Self::None {
            return Ok((bytes, None));
        }
        let (body, sum) = bytes.split_last_chunk::<2>().ok_or(Fault::MissingCheckSum)?;
        if crc16(body) != u16::from_le_bytes(*sum) {
            return Err(Fault::WrongCheckSum);
        }
        if self == Self::CheckSum {
            return Ok((body, None));
        }
        let (counter, body) = body.split_last().ok_or(Fault::Short)?;
        Ok((body, Some(Counter::of(*counter)?)))
    }
}

/// Counts the messages of a connection: 1 to 255, then 1 again. Wraps within minutes, so that it
/// shows a lost or doubled message and no replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter(u8);

impl Counter {
    /// The first of a connection.
    pub const FIRST: Self = Self(1);

    /// The counter of this number.
    ///
    /// # Errors
    /// Zero is none.
    pub const fn of(number: u8) -> Result<Self, Fault> {
        if number == 0 { Err(Fault::Range("counter")) } else { Ok(Self(number)) }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.0.checked_add(1) {
            Some(number) => Self(number),
            None => Self::FIRST,
        }
    }
}

/// A value from the air: free of transmission errors as far as a check sum tells, and of unknown
/// origin and age. Nothing may be done by it (IOP-10): the name says so, and no type can. What a loop
/// takes is a message of our own channel, whoever carried the bytes to its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unproven<T> {
    value: T,
    counter: Option<Counter>,
}

impl<T> Unproven<T> {
    pub(super) const fn new(value: T, counter: Option<Counter>) -> Self {
        Self { value, counter }
    }

    /// To be looked at, shown and logged; not to be acted on.
    #[must_use]
    pub const fn shown(&self) -> &T {
        &self.value
    }

    /// The counter that came with it, if the service has one.
    #[must_use]
    pub const fn counter(&self) -> Option<Counter> {
        self.counter
    }
}

impl Attribute for Counter {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        Self::of(input.get()?)
    }

    fn write(&self, out: &mut Writer) {
        out.put(&[self.0]);
    }
}
