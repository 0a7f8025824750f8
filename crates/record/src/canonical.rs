//! One value, one byte string.
//!
//! Encoding is minicbor's derive: definite lengths, shortest integers, fields by index, doubles
//! as their eight bytes. Decoding encodes the result again while comparing it with what was
//! read, so that any other spelling of the same value (long integers, indefinite lengths, short
//! floats, trailing bytes, unknown fields) is refused.

use core::convert::Infallible;
use minicbor::decode::Decoder;
use minicbor::encode::write::Cursor;
use minicbor::encode::{Encoder, Write};
use minicbor::{Decode, Encode};

/// Why bytes are not the canonical encoding of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not the expected structure: wrong type, unknown variant, too long, cut short.
    Malformed {
        /// Offset of the byte at which decoding stopped.
        position: usize,
    },
    /// The value can be read, but its canonical encoding differs from these bytes.
    NotCanonical {
        /// Offset of the first byte that differs.
        position: usize,
    },
}

impl core::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Malformed { position } => {
                write!(f, "malformed record at byte {position}: not the expected structure")
            }
            Self::NotCanonical { position } => {
                write!(f, "record is not canonical at byte {position}: expected the one encoding")
            }
        }
    }
}

impl core::error::Error for DecodeError {}

/// The output buffer is too small for the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeError;

impl core::fmt::Display for EncodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the buffer is too small for the record")
    }
}

impl core::error::Error for EncodeError {}

/// A value with exactly one byte string.
pub trait Canonical: Sized + Encode<()> + for<'b> Decode<'b, ()> {
    /// Writes the value at the start of `out` and returns the part that was written.
    ///
    /// # Errors
    /// [`EncodeError`] when `out` is too small; its content is then unspecified.
    fn encode_canonical<'a>(&self, out: &'a mut [u8]) -> Result<&'a [u8], EncodeError>;

    /// Reads a value that fills `bytes` wholly.
    ///
    /// # Errors
    /// [`DecodeError`] for anything but the bytes that `encode_canonical` writes.
    fn decode_canonical(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// A fingerprint of the canonical bytes. Detects divergence, not forgery.
    fn digest(&self) -> Digest;
}

impl<T> Canonical for T
where
    T: Encode<()> + for<'b> Decode<'b, ()>,
{
    fn encode_canonical<'a>(&self, out: &'a mut [u8]) -> Result<&'a [u8], EncodeError> {
        // The encoder owns its writer: behind a reference no write would be inlined.
        let mut encoder = Encoder::new(Cursor::new(&mut *out));
        encoder.encode(self).map_err(|_| EncodeError)?;
        let length = encoder.into_writer().position();
        out.get(..length).ok_or(EncodeError)
    }

    fn decode_canonical(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(bytes);
        let value = T::decode(&mut decoder, &mut ())
            .map_err(|_| DecodeError::Malformed { position: decoder.position() })?;
        let mut encoder = Encoder::new(Compare { expected: bytes, position: 0 });
        let same = encoder.encode(&value).is_ok();
        let Compare { position, .. } = encoder.into_writer();
        if same && position == bytes.len() {
            Ok(value)
        } else {
            Err(DecodeError::NotCanonical { position })
        }
    }

    fn digest(&self) -> Digest {
        let mut encoder = Encoder::new(DigestWriter::new());
        let written: Result<(), _> = encoder.encode(self).map(|_| ());
        debug_assert!(written.is_ok(), "a digest writer takes every byte");
        encoder.into_writer().finish()
    }
}

/// Takes bytes as long as they are the expected ones.
struct Compare<'a> {
    expected: &'a [u8],
    position: usize,
}

/// The bytes differ from the expected ones.
struct Differs;

impl Write for Compare<'_> {
    type Error = Differs;
    fn write_all(&mut self, written: &[u8]) -> Result<(), Differs> {
        for byte in written {
            if self.expected.get(self.position) != Some(byte) {
                return Err(Differs);
            }
            self.position = self.position.saturating_add(1);
        }
        Ok(())
    }
}

/// A 64-bit fingerprint (FNV-1a over little-endian words): says whether two states are the same
/// without keeping both. Forgery is the black box's business, not its.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Digest(#[n(0)] pub u64);

/// Words are gathered in a register: the encoder writes one to nine bytes at a time, thousands of
/// times a cycle.
struct DigestWriter {
    hash: u64,
    /// Bytes that make no whole word yet, the first in the lowest place, and how many bits they are:
    /// always less than a word.
    pending: u64,
    bits: u32,
    /// Whole words so far.
    words: u64,
}

impl DigestWriter {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;

    const fn new() -> Self {
        Self { hash: Self::OFFSET, pending: 0, bits: 0, words: 0 }
    }

    #[inline]
    fn mix(&mut self, word: u64) {
        self.hash = (self.hash ^ word).wrapping_mul(Self::PRIME);
        self.hash ^= self.hash >> 29;
    }

    /// Takes one to eight bytes: `bits` of `word`, the first byte in the lowest place.
    #[inline]
    fn take(&mut self, word: u64, bits: u32) {
        let filled = self.bits.wrapping_add(bits);
        self.pending |= word.wrapping_shl(self.bits);
        if filled >= u64::BITS {
            self.mix(self.pending);
            self.words = self.words.wrapping_add(1);
            // In two shifts: one by the whole width, when nothing was pending, has to leave nothing.
            let taken = u64::BITS.wrapping_sub(1).wrapping_sub(self.bits);
            self.pending = word.wrapping_shr(taken).wrapping_shr(1);
        }
        self.bits = filled % u64::BITS;
    }

    fn finish(mut self) -> Digest {
        self.mix(self.pending);
        let length = self.words.wrapping_mul(8).wrapping_add(u64::from(self.bits / 8));
        self.mix(length);
        Digest(self.hash)
    }
}

impl Write for DigestWriter {
    type Error = Infallible;

    #[inline]
    fn write_all(&mut self, written: &[u8]) -> Result<(), Infallible> {
        match *written {
            [byte] => self.take(u64::from(byte), 8),
            [a, b] => self.take(u64::from(u16::from_le_bytes([a, b])), 16),
            [a, b, c, d] => self.take(u64::from(u32::from_le_bytes([a, b, c, d])), 32),
            [a, b, c, d, e, f, g, h] => self.take(u64::from_le_bytes([a, b, c, d, e, f, g, h]), 64),
            _ => written.iter().for_each(|byte| self.take(u64::from(*byte), 8)),
        }
        Ok(())
    }
}
