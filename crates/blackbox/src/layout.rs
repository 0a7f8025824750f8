//! The fixed structures on disk: segment header, checkpoint slot, key slot. All big-endian, each with its CRC.

use zeroize::Zeroize;

use crate::checkpoint::NoteText;
use crate::crc::crc32c;
use crate::entry::{Milliseconds, Monotonic};
use crate::frontier::Frontier;
use crate::hash::Hash;
use crate::note::{NAME_LIMIT, NOTE_LIMIT, Name};

const SEGMENT_MAGIC: &[u8; 8] = b"HBBXSEG1";
const SLOT_MAGIC: &[u8; 8] = b"HBBXCKP1";
const KEY_MAGIC: &[u8; 8] = b"HBBXKEY1";

/// The most bytes of a segment header before it is filled to write units.
pub const SEGMENT_HEADER_LIMIT: usize =
    FIXED_PART + NAME_LIMIT + Frontier::LEVELS * Hash::LENGTH + CHECKSUM;
/// The most bytes of a segment header with its filling: so much is read to find out what a segment is.
pub const SEGMENT_HEADER_ROOM: usize =
    SEGMENT_HEADER_LIMIT.next_multiple_of(*WRITE_UNITS.end() as usize);
/// Bytes of a checkpoint slot file.
pub const SLOT_LENGTH: usize = 1536;
/// Bytes of a key file.
pub const KEY_LENGTH: usize = 512;
/// The write units that a log may have.
pub const WRITE_UNITS: core::ops::RangeInclusive<u32> = 64..=4096;

const FIXED_PART: usize = 118;
const CHECKSUM: usize = 4;
const SLOT_HEADER: usize = 32;
const _: () = assert!(SLOT_HEADER + NOTE_LIMIT <= SLOT_LENGTH);

/// Puts fields one after another into given space.
struct Fields<'a> {
    space: &'a mut [u8],
    length: usize,
}

impl Fields<'_> {
    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.length.checked_add(bytes.len())?;
        self.space.get_mut(self.length..end)?.copy_from_slice(bytes);
        self.length = end;
        Some(())
    }

    /// The CRC of everything so far.
    fn put_checksum(&mut self) -> Option<()> {
        let checksum = crc32c(&[self.space.get(..self.length)?]);
        self.put(&checksum.to_be_bytes())
    }
}

/// Takes fields one after another.
struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.fixed().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.fixed().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.fixed().map(u64::from_be_bytes)
    }
}

fn all_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// The sizes that a log keeps for life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Geometry {
    /// What the disk writes without touching its neighbours, in bytes: a power of two from 64 to 4,096.
    pub write_unit: u32,
    /// Bytes of a segment file: a multiple of the write unit.
    pub segment_bytes: u32,
}

impl Geometry {
    /// Whether a log can have these sizes.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let room = SEGMENT_HEADER_LIMIT as u32 + self.write_unit;
        WRITE_UNITS.contains(&self.write_unit)
            && self.write_unit.is_power_of_two()
            && self.segment_bytes.is_multiple_of(self.write_unit)
            && self.segment_bytes >= room
            && self.segment_bytes <= 1 << 30
    }
}

/// The head of a segment: all that is needed to go on from here without reading earlier segments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentHeader {
    /// The log's sizes.
    pub geometry: Geometry,
    /// This segment's number.
    pub number: u32,
    /// The epoch in force.
    pub epoch: u32,
    /// Index of the first entry of that epoch.
    pub epoch_start: u64,
    /// Time of the last entry before.
    pub last_time: Monotonic,
    /// The first epoch's public key.
    pub root_key: [u8; 32],
    /// The public key in force.
    pub epoch_key: [u8; 32],
    /// The log.
    pub origin: Name,
    /// The tree of all entries before.
    pub frontier: Frontier,
}

impl SegmentHeader {
    /// Writes the header, filled to write units, and gives its length.
    #[must_use]
    pub fn encode(&self, space: &mut [u8]) -> Option<usize> {
        let hashes = self.frontier.hashes().count();
        let origin = self.origin.as_str().as_bytes();
        let length = FIXED_PART + origin.len() + hashes * Hash::LENGTH + CHECKSUM;
        let mut fields = Fields { space, length: 0 };
        fields.put(SEGMENT_MAGIC)?;
        fields.put(&u16::try_from(length).ok()?.to_be_bytes())?;
        fields.put(&u16::try_from(self.geometry.write_unit).ok()?.to_be_bytes())?;
        fields.put(&self.geometry.segment_bytes.to_be_bytes())?;
        fields.put(&self.number.to_be_bytes())?;
        fields.put(&self.epoch.to_be_bytes())?;
        fields.put(&self.frontier.size().to_be_bytes())?;
        fields.put(&self.last_time.boot.to_be_bytes())?;
        fields.put(&self.last_time.elapsed.0.to_be_bytes())?;
        fields.put(&self.epoch_start.to_be_bytes())?;
        fields.put(&self.root_key)?;
        fields.put(&self.epoch_key)?;
        fields.put(&[u8::try_from(origin.len()).ok()?, u8::try_from(hashes).ok()?])?;
        fields.put(origin)?;
        for hash in self.frontier.hashes() {
            fields.put(&hash.0)?;
        }
        fields.put_checksum()?;
        let total = length.next_multiple_of(self.geometry.write_unit as usize);
        fields.space.get_mut(length..total)?.fill(0);
        Some(total)
    }

    /// Reads a header from the start of a segment, with its length.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut source = Source(bytes);
        if source.fixed()? != *SEGMENT_MAGIC {
            return None;
        }
        let length = usize::from(source.u16()?);
        let checked = bytes.get(..length)?.split_last_chunk::<CHECKSUM>()?;
        if crc32c(&[checked.0]) != u32::from_be_bytes(*checked.1) {
            return None;
        }
        let write_unit = u32::from(source.u16()?);
        let geometry = Geometry { write_unit, segment_bytes: source.u32()? };
        let number = source.u32()?;
        let epoch = source.u32()?;
        let size = source.u64()?;
        let last_time = Monotonic { boot: source.u32()?, elapsed: Milliseconds(source.u64()?) };
        let epoch_start = source.u64()?;
        let root_key = source.fixed()?;
        let epoch_key = source.fixed()?;
        let [origin_length, hashes] = source.fixed()?;
        let origin = core::str::from_utf8(source.take(usize::from(origin_length))?).ok()?;
        let origin = Name::new(origin).ok()?;
        let hashes = source.take(usize::from(hashes).checked_mul(Hash::LENGTH)?)?;
        let hashes = hashes.chunks_exact(Hash::LENGTH).filter_map(Hash::from_slice);
        let frontier = Frontier::restore(size, hashes)?;
        source.take(CHECKSUM)?;
        let total = length.next_multiple_of(geometry.write_unit.max(1) as usize);
        let used = bytes.len().saturating_sub(source.0.len());
        if !geometry.is_valid() || used != length || !all_zero(bytes.get(length..total)?) {
            return None;
        }
        let header = Self {
            geometry,
            number,
            epoch,
            epoch_start,
            last_time,
            root_key,
            epoch_key,
            origin,
            frontier,
        };
        Some((header, total))
    }
}

/// A persisted checkpoint: the higher generation of the two slots counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// Counts checkpoints.
    pub generation: u64,
    /// Entries that it vouches for.
    pub size: u64,
    /// The signed note.
    pub note: NoteText,
}

impl Slot {
    /// The bytes of the slot file.
    #[must_use]
    pub fn encode(&self) -> Option<[u8; SLOT_LENGTH]> {
        let mut space = [0; SLOT_LENGTH];
        let mut fields = Fields { space: &mut space, length: 0 };
        let note = self.note.as_bytes();
        fields.put(SLOT_MAGIC)?;
        fields.put(&self.generation.to_be_bytes())?;
        fields.put(&self.size.to_be_bytes())?;
        fields.put(&u16::try_from(note.len()).ok()?.to_be_bytes())?;
        fields.put(&[0; 2])?;
        let checksum = crc32c(&[fields.space.get(..fields.length)?, note]);
        fields.put(&checksum.to_be_bytes())?;
        fields.put(note)?;
        Some(space)
    }

    /// Reads a slot file.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut source = Source(bytes);
        if source.fixed()? != *SLOT_MAGIC {
            return None;
        }
        let generation = source.u64()?;
        let size = source.u64()?;
        let length = usize::from(source.u16()?);
        let zero = source.fixed::<2>()?;
        let checksum = source.u32()?;
        let note = source.take(length)?;
        let fields = bytes.get(..SLOT_HEADER - CHECKSUM)?;
        if crc32c(&[fields, note]) != checksum || !all_zero(&zero) || !all_zero(source.0) {
            return None;
        }
        let note = NoteText::copy_of(core::str::from_utf8(note).ok()?)?;
        Some(Self { generation, size, note })
    }
}

/// The bytes of a key file.
#[must_use]
pub fn encode_key(epoch: u32, seed: &[u8; 32]) -> Option<[u8; KEY_LENGTH]> {
    let mut space = [0; KEY_LENGTH];
    let mut fields = Fields { space: &mut space, length: 0 };
    fields.put(KEY_MAGIC)?;
    fields.put(&epoch.to_be_bytes())?;
    fields.put(seed)?;
    fields.put_checksum()?;
    Some(space)
}

/// The epoch and the private seed in a key file.
#[must_use]
pub fn decode_key(bytes: &[u8]) -> Option<(u32, [u8; 32])> {
    const USED: usize = 8 + 4 + 32;
    let mut source = Source(bytes);
    if source.fixed()? != *KEY_MAGIC {
        return None;
    }
    let epoch = source.u32()?;
    let mut seed = source.fixed()?;
    let checksum = source.u32()?;
    if crc32c(&[bytes.get(..USED)?]) != checksum {
        seed.zeroize();
        return None;
    }
    Some((epoch, seed))
}

#[cfg(test)]
mod tests;
