//! Frames: how entries and old checkpoint signatures lie in a segment.
//!
//! `length u16 | type u8 | flags u8 | sequence u64 | crc32c u32 | payload`, big-endian, filled with zeros to a
//! multiple of eight. What is made durable together is a batch: it begins at a write unit, its first frame is
//! marked, and zeros fill it to the next unit. So a later batch never shares a unit with an earlier one.

use thiserror::Error;

use crate::crc::crc32c;
use crate::entry::ENTRY_LIMIT;
use crate::hash::Hash;

/// Bytes before the payload.
pub const FRAME_HEADER: usize = 16;
/// The longest frame with its filling.
pub const FRAME_LIMIT: usize = (FRAME_HEADER + ENTRY_LIMIT).next_multiple_of(ALIGNMENT);
const ALIGNMENT: usize = 8;
const BATCH_START: u8 = 1;
const CHECKSUM_AT: usize = 12;

/// What a frame holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameType {
    /// An entry of the log.
    Entry = 1,
    /// The signature of the checkpoint of all entries before it: what the slots held once.
    Signature = 2,
    /// The leaf hashes of the last entries before it, of the same batch: they tell which entry was changed.
    Leaves = 3,
}

/// A frame, taken apart; its checksum fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// What it holds.
    pub frame_type: FrameType,
    /// Whether it is the first of a batch.
    pub starts_batch: bool,
    /// Entries before it in the log.
    pub sequence: u64,
    /// The entry, the signature or the hashes.
    pub payload: &'a [u8],
}

/// What lies at a place in a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step<'a> {
    /// A frame, and the bytes that it takes.
    Frame(Frame<'a>, usize),
    /// Zeros up to the next write unit, this many.
    Filling(usize),
    /// A write unit of zeros, or the end of the segment: nothing was ever written here.
    Unwritten,
    /// Something else.
    Bad(FrameError),
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum FrameError {
    /// The checksum does not fit the bytes.
    #[error("the checksum does not fit")]
    Checksum,
    /// An unknown type or flag, a length of nothing with bytes after it, or a batch at the wrong place.
    #[error("not the structure of a frame")]
    Structure,
    /// The segment ends before the frame does.
    #[error("the segment ends in the middle of a frame")]
    Cut,
}

/// The leaf hashes in the payload of a [`FrameType::Leaves`]: one or more, and they never begin a batch.
#[must_use]
pub fn leaves<'a>(frame: &Frame<'a>) -> Option<&'a [[u8; Hash::LENGTH]]> {
    let (hashes, rest) = frame.payload.as_chunks::<{ Hash::LENGTH }>();
    (rest.is_empty() && !hashes.is_empty() && !frame.starts_batch).then_some(hashes)
}

/// Bytes that a frame with `payload` bytes takes.
#[must_use]
pub const fn frame_length(payload: usize) -> usize {
    (FRAME_HEADER + payload).next_multiple_of(ALIGNMENT)
}

/// Completes a frame whose payload of `payload` bytes already stands in `space` behind room for the header, and
/// gives the frame's length; none if it does not fit.
#[must_use]
pub fn seal_frame(
    space: &mut [u8],
    frame_type: FrameType,
    starts_batch: bool,
    sequence: u64,
    payload: usize,
) -> Option<usize> {
    let total = frame_length(payload);
    let (frame, _) = space.split_at_mut_checked(total)?;
    let (content, filling) = frame.split_at_mut_checked(FRAME_HEADER.checked_add(payload)?)?;
    filling.fill(0);
    let (header, payload_bytes) = content.split_at_mut_checked(FRAME_HEADER)?;
    let [l0, l1] = u16::try_from(payload).ok()?.to_be_bytes();
    let [a, b, c, d, e, f, g, h] = sequence.to_be_bytes();
    let flags = if starts_batch { BATCH_START } else { 0 };
    let fields = [l0, l1, frame_type as u8, flags, a, b, c, d, e, f, g, h];
    let checksum = crc32c(&[&fields, payload_bytes]);
    let (to_fields, to_checksum) = header.split_at_mut_checked(CHECKSUM_AT)?;
    to_fields.copy_from_slice(&fields);
    to_checksum.copy_from_slice(&checksum.to_be_bytes());
    Some(total)
}

/// What stands at the start of `rest`, which lies at `offset` of a segment with write units of `unit` bytes and
/// reaches to the segment's end or holds at least [`FRAME_LIMIT`] bytes.
#[must_use]
pub fn step(rest: &[u8], offset: usize, unit: usize) -> Step<'_> {
    let to_unit = offset.next_multiple_of(unit).saturating_sub(offset);
    let at_unit = to_unit == 0;
    let Some(&[high, low]) = rest.first_chunk::<2>() else {
        return if rest.is_empty() { Step::Unwritten } else { Step::Bad(FrameError::Cut) };
    };
    if [high, low] == [0, 0] {
        let length = if at_unit { unit } else { to_unit };
        let filling = rest.get(..length).unwrap_or(rest);
        return match (filling.iter().all(|byte| *byte == 0), at_unit) {
            (false, _) => Step::Bad(FrameError::Structure),
            (true, true) => Step::Unwritten,
            (true, false) => Step::Filling(filling.len()),
        };
    }
    match read_frame(rest, usize::from(u16::from_be_bytes([high, low]))) {
        Ok((frame, _)) if frame.starts_batch && !at_unit => Step::Bad(FrameError::Structure),
        Ok((frame, length)) => Step::Frame(frame, length),
        Err(error) => Step::Bad(error),
    }
}

fn read_frame(rest: &[u8], payload: usize) -> Result<(Frame<'_>, usize), FrameError> {
    let total = frame_length(payload);
    let whole = rest.get(..total).ok_or(FrameError::Cut)?;
    let (fields, after) = whole.split_first_chunk::<CHECKSUM_AT>().ok_or(FrameError::Cut)?;
    let (checksum, after) = after.split_first_chunk::<4>().ok_or(FrameError::Cut)?;
    let (payload, filling) = after.split_at_checked(payload).ok_or(FrameError::Cut)?;
    if crc32c(&[fields, payload]) != u32::from_be_bytes(*checksum) {
        return Err(FrameError::Checksum);
    }
    let [_, _, type_byte, flags, sequence @ ..] = *fields;
    let frame_type = match type_byte {
        1 => FrameType::Entry,
        2 => FrameType::Signature,
        3 => FrameType::Leaves,
        _ => return Err(FrameError::Structure),
    };
    if flags & !BATCH_START != 0 || filling.iter().any(|byte| *byte != 0) {
        return Err(FrameError::Structure);
    }
    let starts_batch = flags == BATCH_START;
    let sequence = u64::from_be_bytes(sequence);
    Ok((Frame { frame_type, starts_batch, sequence, payload }, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(frame_type: FrameType, starts: bool, sequence: u64, payload: &[u8]) -> Vec<u8> {
        let mut space = vec![0xee; frame_length(payload.len())];
        space[FRAME_HEADER..FRAME_HEADER + payload.len()].copy_from_slice(payload);
        let length = seal_frame(&mut space, frame_type, starts, sequence, payload.len());
        assert_eq!(length, Some(space.len()));
        space
    }

    #[test]
    fn log_07_a_frame_has_exactly_the_documented_bytes() {
        let frame = sealed(FrameType::Entry, true, 258, b"abc");
        let fields = [0, 3, 1, 1, 0, 0, 0, 0, 0, 0, 1, 2];
        let checksum = crc32c(&[&fields, b"abc"]).to_be_bytes();
        let want = [&fields[..], &checksum, b"abc", &[0; 5]].concat();
        assert_eq!(frame, want);
        let read = Frame {
            frame_type: FrameType::Entry,
            starts_batch: true,
            sequence: 258,
            payload: b"abc",
        };
        assert_eq!(step(&frame, 1024, 512), Step::Frame(read, 24));
        let frame = sealed(FrameType::Signature, false, u64::MAX, &[9; 64]);
        assert_eq!(frame[2..4], [2, 0]);
        let read = Frame {
            frame_type: FrameType::Signature,
            starts_batch: false,
            sequence: u64::MAX,
            payload: &[9; 64],
        };
        assert_eq!(step(&frame, 24, 512), Step::Frame(read, 80));
        assert_eq!(frame_length(0), 16);
        assert_eq!(frame_length(8), 24);
        assert_eq!(FRAME_LIMIT, 65_552);
    }

    #[test]
    fn log_03_every_flipped_bit_of_a_frame_is_noticed() {
        let frame = sealed(FrameType::Entry, true, 7, b"a record of some bytes");
        for bit in 0..frame.len() * 8 {
            let mut other = frame.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(step(&other, 0, 512), Step::Bad(_)), "bit {bit}");
        }
        for cut in 1..frame.len() {
            assert!(matches!(step(&frame[..cut], 0, 512), Step::Bad(_)), "cut {cut}");
        }
    }

    #[test]
    fn log_05_zeros_are_filling_inside_a_unit_and_unwritten_at_one() {
        assert_eq!(step(&[0; 600], 512, 512), Step::Unwritten);
        assert_eq!(step(&[0; 600], 520, 512), Step::Filling(504));
        assert_eq!(step(&[0; 8], 1016, 512), Step::Filling(8));
        assert_eq!(step(&[], 1024, 512), Step::Unwritten);
        assert_eq!(step(&[0], 1024, 512), Step::Bad(FrameError::Cut));
        let mut dirty = [0; 600];
        dirty[503] = 1;
        assert_eq!(step(&dirty, 520, 512), Step::Bad(FrameError::Structure));
        assert_eq!(step(&dirty, 512, 512), Step::Bad(FrameError::Structure));
        dirty[503] = 0;
        dirty[504] = 1;
        assert_eq!(step(&dirty, 520, 512), Step::Filling(504));
        assert_eq!(step(&dirty, 512, 512), Step::Bad(FrameError::Structure));
    }

    #[test]
    fn a_batch_starts_only_at_a_unit_and_types_and_flags_are_known() {
        let frame = sealed(FrameType::Entry, true, 7, b"x");
        assert_eq!(step(&frame, 8, 512), Step::Bad(FrameError::Structure));
        for (at, value) in [(2, 0), (2, 4), (3, 2), (3, 0xff)] {
            let mut other = frame.clone();
            other[at] = value;
            let checksum = crc32c(&[&other[..12], &other[16..17]]);
            other[12..16].copy_from_slice(&checksum.to_be_bytes());
            assert_eq!(step(&other, 0, 512), Step::Bad(FrameError::Structure), "{at} {value}");
        }
        let mut space = [0; 16];
        assert_eq!(seal_frame(&mut space, FrameType::Entry, false, 0, 1), None);
    }
}
