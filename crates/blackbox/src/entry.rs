//! One entry of the log: a plain header and a body that the log does not look into.
//!
//! Deterministic CBOR, so that `encode(decode(bytes))` gives the same bytes or decoding fails. The grammar is
//! in the book's chapter on the format.

use thiserror::Error;

use crate::cbor::{Reader, Writer};
use crate::hash::Hash;

/// The version of the entry format.
const FORMAT: u64 = 1;
const FIELDS: u64 = 9;
/// The most bytes that an entry can have: C2SP bundles count them in 16 bits.
pub const ENTRY_LIMIT: usize = 65_535;
/// The most bytes that the header and the framing of the body take.
pub const HEADER_LIMIT: usize = 64;
/// The largest body that always fits an entry.
pub const BODY_LIMIT: usize = ENTRY_LIMIT - HEADER_LIMIT;

/// What an entry is about. The log knows the kinds below [`Kind::FIRST_FREE`]; all others are the caller's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Kind(pub u8);

impl Kind {
    /// The log was created, or opened again after a stop: see [`Opened`].
    pub const OPEN: Self = Self(1);
    /// The next epoch's key: see [`Epoch`].
    pub const EPOCH: Self = Self(2);
    /// Records that could not be written: see [`Loss`].
    pub const LOSS: Self = Self(3);
    /// The log was closed in order.
    pub const CLOSE: Self = Self(4);
    /// The lowest kind that callers may use.
    pub const FIRST_FREE: Self = Self(16);

    /// Whether the log itself writes this kind.
    #[must_use]
    pub const fn is_own(self) -> bool {
        self.0 < Self::FIRST_FREE.0
    }
}

/// A span of time in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Milliseconds(pub u64);

/// A reading of the monotonic clock: which opening of the log, and the time since the device's start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Monotonic {
    /// Counts openings of the log, from 1; the log sees to it.
    pub boot: u32,
    /// Time on a clock that does not go back between two openings.
    pub elapsed: Milliseconds,
}

/// When something happened, by both clocks.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Times {
    /// The clock that never goes back. It orders entries.
    pub monotonic: Monotonic,
    /// Time since 1970-01-01 UTC, or none while the wall clock is not trusted. It may jump.
    pub wall: Option<Milliseconds>,
}

/// The plain part of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// What the entry is about.
    pub kind: Kind,
    /// Version of the body's schema, which is the caller's business.
    pub schema: u16,
    /// The entry's index in the log.
    pub sequence: u64,
    /// When it was appended.
    pub times: Times,
    /// The epoch in which it was appended; 0 is that of the root key.
    pub epoch: u32,
}

/// The content of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body<'a> {
    /// Readable by anyone who has the log.
    Plain(&'a [u8]),
    /// An encrypted envelope. Its layout is reserved; the log carries it as bytes.
    Sealed(&'a [u8]),
}

impl<'a> Body<'a> {
    const PLAIN: u64 = 0;
    const SEALED: u64 = 1;

    /// The bytes, readable or not.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Plain(bytes) | Self::Sealed(bytes) => bytes,
        }
    }
}

/// Header and body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry<'a> {
    /// The plain part.
    pub header: Header,
    /// The content.
    pub body: Body<'a>,
}

/// Why bytes are not an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum EntryError {
    /// Not the CBOR array of an entry in its one spelling, or bytes follow it.
    #[error("malformed entry: expected one deterministic CBOR array of nine items")]
    Malformed,
    /// More than [`ENTRY_LIMIT`] bytes, or more than the space given.
    #[error("the entry does not fit: at most 65,535 bytes with its header")]
    TooLong,
    /// The body of one of the log's own kinds is not as it must be.
    #[error("malformed body of an entry of the log's own kind {0}")]
    MalformedBody(u8),
}

impl<'a> Entry<'a> {
    /// Writes the entry into `space` and gives its length.
    ///
    /// # Errors
    /// [`EntryError::TooLong`].
    pub fn encode(&self, space: &mut [u8]) -> Result<usize, EntryError> {
        let mut writer = Writer::new(space);
        let header = &self.header;
        writer.array(FIELDS);
        writer.unsigned(FORMAT);
        writer.unsigned(u64::from(header.kind.0));
        writer.unsigned(u64::from(header.schema));
        writer.unsigned(header.sequence);
        writer.array(2);
        writer.unsigned(u64::from(header.times.monotonic.boot));
        writer.unsigned(header.times.monotonic.elapsed.0);
        writer.optional(header.times.wall.map(|wall| wall.0));
        writer.unsigned(u64::from(header.epoch));
        let (tag, bytes) = match self.body {
            Body::Plain(bytes) => (Body::PLAIN, bytes),
            Body::Sealed(bytes) => (Body::SEALED, bytes),
        };
        writer.unsigned(tag);
        writer.bytes(bytes);
        writer.finish().filter(|length| *length <= ENTRY_LIMIT).ok_or(EntryError::TooLong)
    }

    /// Reads an entry from all of `bytes`.
    ///
    /// # Errors
    /// Anything but the one spelling of an entry.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_LIMIT {
            return Err(EntryError::TooLong);
        }
        Self::read(bytes).ok_or(EntryError::Malformed)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        reader.array(FIELDS)?;
        if reader.unsigned()? != FORMAT {
            return None;
        }
        let kind = Kind(reader.narrow()?);
        let schema = reader.narrow()?;
        let sequence = reader.unsigned()?;
        reader.array(2)?;
        let boot = reader.narrow()?;
        let monotonic = Monotonic { boot, elapsed: Milliseconds(reader.unsigned()?) };
        let times = Times { monotonic, wall: reader.optional()?.map(Milliseconds) };
        let epoch = reader.narrow()?;
        let body = match reader.unsigned()? {
            Body::PLAIN => Body::Plain(reader.bytes()?),
            Body::SEALED => Body::Sealed(reader.bytes()?),
            _ => return None,
        };
        reader.end()?;
        Some(Self { header: Header { kind, schema, sequence, times, epoch }, body })
    }
}

/// The body of [`Kind::OPEN`]: who writes from here on, and what was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opened<'a> {
    /// The log's origin, which is the name of all its keys.
    pub origin: &'a str,
    /// The public half of the first epoch's key.
    pub root_key: [u8; 32],
    /// The software that writes, in its own words.
    pub software: &'a str,
    /// Hash of the configuration that is declared to be in force.
    pub configuration: Hash,
    /// Entries found durable but not yet signed, which the next checkpoint will vouch for.
    pub recovered_unsigned: u64,
    /// Bytes of a torn write that were wiped before anything was appended.
    pub torn_bytes: u64,
}

impl<'a> Opened<'a> {
    /// Writes the body into `space` and gives its length.
    ///
    /// # Errors
    /// [`EntryError::TooLong`].
    pub fn encode(&self, space: &mut [u8]) -> Result<usize, EntryError> {
        let mut writer = Writer::new(space);
        writer.array(6);
        writer.text(self.origin);
        writer.bytes(&self.root_key);
        writer.text(self.software);
        writer.bytes(&self.configuration.0);
        writer.unsigned(self.recovered_unsigned);
        writer.unsigned(self.torn_bytes);
        writer.finish().ok_or(EntryError::TooLong)
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`EntryError::MalformedBody`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EntryError> {
        Self::read(bytes).ok_or(EntryError::MalformedBody(Kind::OPEN.0))
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        reader.array(6)?;
        let origin = reader.text()?;
        let root_key = reader.fixed()?;
        let software = reader.text()?;
        let configuration = Hash(reader.fixed()?);
        let recovered_unsigned = reader.unsigned()?;
        let torn_bytes = reader.unsigned()?;
        reader.end()?;
        Some(Self { origin, root_key, software, configuration, recovered_unsigned, torn_bytes })
    }
}

/// The body of [`Kind::EPOCH`]: the old key's last word names the new key.
///
/// The signature is by the old epoch's key over [`crate::checkpoint::handover_text`] of the tree before this
/// entry. Afterwards the old private key is wiped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Epoch {
    /// The epoch that begins with this entry.
    pub epoch: u32,
    /// Its public key.
    pub key: [u8; 32],
    /// Root of all entries before this one.
    pub root: Hash,
    /// The old key's signature.
    pub signature: [u8; 64],
}

impl Epoch {
    /// Writes the body into `space` and gives its length.
    ///
    /// # Errors
    /// [`EntryError::TooLong`].
    pub fn encode(&self, space: &mut [u8]) -> Result<usize, EntryError> {
        let mut writer = Writer::new(space);
        writer.array(4);
        writer.unsigned(u64::from(self.epoch));
        writer.bytes(&self.key);
        writer.bytes(&self.root.0);
        writer.bytes(&self.signature);
        writer.finish().ok_or(EntryError::TooLong)
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`EntryError::MalformedBody`].
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        Self::read(bytes).ok_or(EntryError::MalformedBody(Kind::EPOCH.0))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        reader.array(4)?;
        let epoch = reader.narrow()?;
        let key = reader.fixed()?;
        let root = Hash(reader.fixed()?);
        let signature = reader.fixed()?;
        reader.end()?;
        Some(Self { epoch, key, root, signature })
    }
}

/// The body of [`Kind::LOSS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loss {
    /// Records that the log refused, or that its caller could not hand over, since the entry before.
    pub records: u64,
}

impl Loss {
    /// Writes the body into `space` and gives its length.
    ///
    /// # Errors
    /// [`EntryError::TooLong`].
    pub fn encode(&self, space: &mut [u8]) -> Result<usize, EntryError> {
        let mut writer = Writer::new(space);
        writer.array(1);
        writer.unsigned(self.records);
        writer.finish().ok_or(EntryError::TooLong)
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`EntryError::MalformedBody`].
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        let mut reader = Reader::new(bytes);
        let records = reader.array(1).and_then(|()| reader.unsigned());
        let records = records.filter(|_| reader.end().is_some());
        records.map(|records| Self { records }).ok_or(EntryError::MalformedBody(Kind::LOSS.0))
    }
}

#[cfg(test)]
mod tests;
