//! Reading and writing bytes, little-endian.

use super::{Attribute, Fault};
use homeostat_record::Bytes;

/// Longest value here: the largest is a set of five additional words.
pub const PACKET_MAX: usize = 64;

/// The bytes of one value.
pub type Packet = Bytes<PACKET_MAX>;

/// Takes values off the front.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Fault::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn get<T: Attribute>(&mut self) -> Result<T, Fault> {
        T::read(self)
    }

    /// A value that is there if `present`.
    pub(super) fn get_if<T: Attribute>(&mut self, present: bool) -> Result<Option<T>, Fault> {
        present.then(|| T::read(self)).transpose()
    }

    /// All that is left.
    pub(super) const fn remains(&mut self) -> &'a [u8] {
        let rest = self.rest;
        self.rest = &[];
        rest
    }

    pub(super) const fn end(&self) -> Result<(), Fault> {
        if self.rest.is_empty() { Ok(()) } else { Err(Fault::Long) }
    }
}

/// Adds values at the end.
#[derive(Default)]
pub struct Writer {
    bytes: Packet,
}

impl Writer {
    /// Adds bytes. What does not fit is left out, which no layout here can bring about.
    pub(super) fn put(&mut self, more: &[u8]) {
        let mut all = [0; PACKET_MAX];
        let held = self.bytes.as_slice();
        let length = held.len().saturating_add(more.len());
        for (slot, byte) in all.iter_mut().zip(held.iter().chain(more)) {
            *slot = *byte;
        }
        debug_assert!(length <= PACKET_MAX, "a layout is longer than a packet");
        if let Some(Ok(longer)) = all.get(..length).map(Bytes::copy_of) {
            self.bytes = longer;
        }
    }

    pub(super) fn add<T: Attribute>(&mut self, value: &T) {
        value.write(self);
    }

    pub(super) fn add_if<T: Attribute>(&mut self, value: Option<&T>) {
        if let Some(value) = value {
            value.write(self);
        }
    }

    pub(super) const fn packet(self) -> Packet {
        self.bytes
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

macro_rules! integers {
    ($($integer:ty, $length:literal;)+) => {$(
        impl Attribute for $integer {
            fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
                input.take::<$length>().map(Self::from_le_bytes)
            }

            fn write(&self, out: &mut Writer) {
                out.put(&self.to_le_bytes());
            }
        }
    )+};
}

integers! {
    u8, 1;
    i8, 1;
    u16, 2;
    u32, 4;
    i32, 4;
}

/// A flag, if what it says holds.
pub(super) const fn bit(holds: bool, flag: u8) -> u8 {
    if holds { flag } else { 0 }
}

/// Flags, none but the known ones.
pub(super) const fn checked(flags: u8, known: u8) -> Result<u8, Fault> {
    if flags & !known == 0 { Ok(flags) } else { Err(Fault::Code("flags")) }
}

/// Twenty-four bits.
pub(super) fn read_24(input: &mut Reader<'_>) -> Result<u32, Fault> {
    let [a, b, c] = input.take::<3>()?;
    Ok(u32::from_le_bytes([a, b, c, 0]))
}

/// The lower twenty-four bits.
pub(super) fn write_24(value: u32, out: &mut Writer) {
    let [a, b, c, _] = value.to_le_bytes();
    out.put(&[a, b, c]);
}
