//! Recovery: from whatever is on the disk to a place to append at, or a report of what cannot be explained.
//!
//! It reads the slots, the header of the last segment and that segment, nothing else. What was acknowledged must
//! all be there. What follows may be a torn write of the last batch and is then wiped; anything else is a
//! fault and is left untouched. It may be interrupted anywhere and run again.

use thiserror::Error;

use crate::checkpoint::Checkpoint;
use crate::disk::{Disk, DiskError, FileId};
use crate::fault::{Fault, FaultKind};
use crate::frame::{FRAME_LIMIT, Frame, FrameType, Step, frame_length, leaves, step};
use crate::layout::{Geometry, SEGMENT_HEADER_LIMIT, SLOT_LENGTH, SegmentHeader, Slot};
use crate::note::{Note, SignatureCheck, VerifierKey};
use crate::state::LogState;

/// Why a log could not be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum RecoverError {
    /// There is no log, or one whose creation was interrupted: create it.
    #[error("no log here, or one whose creation was interrupted: create it")]
    NotCreated,
    /// Something that no power loss explains. Nothing was changed: keep the files as evidence.
    #[error("the log is damaged ({0}); nothing was changed: keep it, and start another")]
    Damaged(#[from] Fault),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The buffer is smaller than the log's largest frame.
    #[error("the buffer is too small: this log needs {needed} bytes")]
    BufferTooSmall {
        /// Bytes needed.
        needed: usize,
    },
}

/// The end of a log, ready to go on.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// What follows from the entries.
    pub state: LogState,
    /// The log's sizes.
    pub geometry: Geometry,
    /// The segment to append to.
    pub segment: u32,
    /// Where in the segment.
    pub offset: u32,
    /// The last persisted checkpoint.
    pub slot: Slot,
    /// Entries that it does not vouch for.
    pub unsigned: u64,
    /// Bytes of a torn write that were wiped.
    pub torn_bytes: u64,
    /// Checkpoint slots that were not readable: at most the one that was being written.
    pub damaged_slots: u8,
}

/// Bytes of buffer that a log of these sizes needs.
#[must_use]
pub fn buffer_needed(geometry: Geometry) -> usize {
    let unit = geometry.write_unit as usize;
    FRAME_LIMIT.min(geometry.segment_bytes as usize).max(SEGMENT_HEADER_LIMIT) + unit
}

/// Finds the end of the log on `disk`, wipes a torn tail, and makes all of it durable.
///
/// # Errors
/// See [`RecoverError`].
pub fn recover<D: Disk>(
    disk: &mut D,
    buffer: &mut [u8],
    check: &mut impl SignatureCheck,
) -> Result<Recovered, RecoverError> {
    let (slot, damaged_slots) = best_slot(disk)?;
    let Some((lowest, highest)) = disk.segments()? else {
        return Err(match slot {
            None => RecoverError::NotCreated,
            Some(slot) => fault(FaultKind::SegmentMissing, slot.size, 0, 0),
        });
    };
    let (header, length, unborn) = last_segment(disk, buffer, lowest, highest, slot.as_ref())?;
    let needed = buffer_needed(header.geometry);
    if buffer.len() < needed {
        return Err(RecoverError::BufferTooSmall { needed });
    }
    let (file, capacity) = (FileId::Segment(header.number), header.geometry.segment_bytes);
    if disk.length(file)?.is_some_and(|length| length > u64::from(capacity)) {
        let size = slot.as_ref().map_or(0, |slot| slot.size);
        return Err(fault(FaultKind::ForeignBytes, size, header.number, capacity as usize));
    }
    let mut scan = Scan::new(&header, length);
    scan.run(disk, buffer, check, slot.as_ref())?;
    let Some(slot) = slot else {
        // Creation persists a checkpoint of the first entry before it returns.
        let interrupted = lowest == 0 && scan.segment == 0 && scan.state.size() <= 1;
        let kind = FaultKind::CheckpointMissing;
        return Err(if interrupted { RecoverError::NotCreated } else { scan.fault(kind) });
    };
    scan.judge(disk, buffer, &slot)?;
    let file = FileId::Segment(scan.segment);
    if disk.length(file)? != Some(u64::from(header.geometry.segment_bytes)) {
        disk.resize(file, header.geometry.segment_bytes)?;
    }
    let torn_bytes = scan.wipe_tail(disk, buffer)?;
    disk.sync(file)?;
    if unborn {
        disk.remove(FileId::Segment(highest))?;
    }
    Ok(Recovered {
        unsigned: scan.state.size().saturating_sub(slot.size),
        geometry: header.geometry,
        segment: scan.segment,
        offset: scan.next_unit() as u32,
        state: scan.state,
        slot,
        torn_bytes,
        damaged_slots,
    })
}

fn fault(kind: FaultKind, entry: u64, segment: u32, offset: usize) -> RecoverError {
    let file = FileId::Segment(segment);
    RecoverError::Damaged(Fault { kind, entry, file, offset: offset as u32 })
}

/// The slot of the higher generation, and how many slots hold something unreadable.
pub(crate) fn best_slot<D: Disk>(disk: &mut D) -> Result<(Option<Slot>, u8), DiskError> {
    let mut best: Option<Slot> = None;
    let mut damaged = 0_u8;
    for number in [0, 1] {
        let file = FileId::Checkpoint(number);
        if disk.length(file)?.is_none() {
            continue;
        }
        let mut bytes = [0; SLOT_LENGTH];
        disk.read_at(file, 0, &mut bytes)?;
        match Slot::decode(&bytes) {
            Some(slot) if best.is_none_or(|b| slot.generation > b.generation) => best = Some(slot),
            Some(_) => {}
            None => damaged += u8::from(bytes.iter().any(|byte| *byte != 0)),
        }
    }
    Ok((best, damaged))
}

/// The last segment that was born: its file has a whole header. A segment is made after everything before it is
/// durable and signed, so one without a header holds nothing.
fn last_segment<D: Disk>(
    disk: &mut D,
    buffer: &mut [u8],
    lowest: u32,
    highest: u32,
    slot: Option<&Slot>,
) -> Result<(SegmentHeader, usize, bool), RecoverError> {
    if let Some((header, length)) = read_header(disk, buffer, highest)? {
        return Ok((header, length, false));
    }
    let size = slot.map_or(0, |slot| slot.size);
    if highest == lowest {
        return Err(match slot {
            None if highest == 0 => RecoverError::NotCreated,
            _ => fault(FaultKind::SegmentHeader, size, highest, 0),
        });
    }
    match read_header(disk, buffer, highest - 1)? {
        Some((header, _)) if holds_batches(disk, buffer, highest, header.geometry)? => {
            Err(fault(FaultKind::SegmentHeader, size, highest, 0))
        }
        Some((header, length)) => Ok((header, length, true)),
        None => Err(fault(FaultKind::SegmentHeader, size, highest - 1, 0)),
    }
}

/// Whether a batch begins anywhere in the segment: its header was durable before that, so it was damaged since.
fn holds_batches<D: Disk>(
    disk: &mut D,
    buffer: &mut [u8],
    segment: u32,
    geometry: Geometry,
) -> Result<bool, DiskError> {
    let (unit, end) = (geometry.write_unit as usize, geometry.segment_bytes as usize);
    let mut window = Window::default();
    for at in (0..end).step_by(unit) {
        let rest = window.rest(disk, buffer, (segment, at, end, unit))?;
        if matches!(step(rest, at, unit), Step::Frame(frame, _) if frame.starts_batch) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read_header<D: Disk>(
    disk: &mut D,
    buffer: &mut [u8],
    number: u32,
) -> Result<Option<(SegmentHeader, usize)>, RecoverError> {
    let file = FileId::Segment(number);
    let needed = SEGMENT_HEADER_LIMIT.next_multiple_of(64) + 4096;
    let length = buffer.len().min(needed);
    let space = buffer.get_mut(..length).unwrap_or_default();
    if disk.length(file)?.is_none() {
        return Ok(None);
    }
    disk.read_at(file, 0, space)?;
    Ok(SegmentHeader::decode(space).filter(|(header, _)| header.number == number))
}

/// A walk over the frames of one segment.
struct Scan {
    state: LogState,
    segment: u32,
    unit: usize,
    end: usize,
    /// Up to here everything is good.
    offset: usize,
    /// Frames must mark a new batch here: a batch ended.
    batch_ended: bool,
    window: Window,
}

/// The part of the segment that stands in the buffer.
#[derive(Default)]
struct Window {
    start: usize,
    filled: usize,
}

impl Window {
    /// The bytes from `offset` on, at least as many as the frame there needs if the buffer can hold it.
    fn rest<'b, D: Disk>(
        &mut self,
        disk: &mut D,
        buffer: &'b mut [u8],
        (segment, offset, end, unit): (u32, usize, usize, usize),
    ) -> Result<&'b [u8], DiskError> {
        let known = offset.checked_sub(self.start).and_then(|at| buffer.get(at..self.filled));
        let to_end = end.saturating_sub(offset);
        let enough = known.is_some_and(|rest| {
            rest.first_chunk().is_some_and(|length| {
                let frame = frame_length(usize::from(u16::from_be_bytes(*length)));
                rest.len() >= to_end.min(frame.max(unit))
            })
        });
        if !enough {
            self.start = offset;
            self.filled = buffer.len().min(to_end);
            let space = buffer.get_mut(..self.filled).unwrap_or_default();
            disk.read_at(FileId::Segment(segment), offset as u32, space)?;
        }
        let at = offset.saturating_sub(self.start);
        Ok(buffer.get(at..self.filled).unwrap_or_default())
    }
}

impl Scan {
    fn new(header: &SegmentHeader, length: usize) -> Self {
        Self {
            state: LogState::of_segment(header),
            segment: header.number,
            unit: header.geometry.write_unit as usize,
            end: header.geometry.segment_bytes as usize,
            offset: length,
            batch_ended: true,
            window: Window::default(),
        }
    }

    const fn next_unit(&self) -> usize {
        self.offset.next_multiple_of(self.unit)
    }

    fn fault(&self, kind: FaultKind) -> RecoverError {
        fault(kind, self.state.size(), self.segment, self.offset)
    }

    /// Takes frames until there are no more good ones.
    fn run<D: Disk>(
        &mut self,
        disk: &mut D,
        buffer: &mut [u8],
        check: &mut impl SignatureCheck,
        slot: Option<&Slot>,
    ) -> Result<(), RecoverError> {
        self.compare_with_slot(slot, check)?;
        loop {
            let place = (self.segment, self.offset, self.end, self.unit);
            let rest = self.window.rest(disk, buffer, place)?;
            match step(rest, self.offset, self.unit) {
                // A batch that ended is followed by the start of another one.
                Step::Frame(frame, _) if self.batch_ended && !frame.starts_batch => return Ok(()),
                Step::Frame(frame, length) => {
                    self.take(&frame, check)?;
                    self.offset += length;
                    self.batch_ended = false;
                    self.compare_with_slot(slot, check)?;
                }
                Step::Filling(length) => {
                    self.offset += length;
                    self.batch_ended = true;
                }
                Step::Unwritten | Step::Bad(_) => return Ok(()),
            }
        }
    }

    /// A frame whose checksum fits must make sense: no power loss writes a wrong one.
    fn take(
        &mut self,
        frame: &Frame<'_>,
        check: &mut impl SignatureCheck,
    ) -> Result<(), RecoverError> {
        let size = self.state.size();
        let outcome = match frame.frame_type {
            _ if frame.sequence < size => Err(FaultKind::EntryRepeated),
            _ if frame.sequence > size => Err(FaultKind::EntryMissing),
            FrameType::Entry => self.state.accept(frame.payload, check).map(|_| ()),
            FrameType::Signature if frame.payload.len() == 64 => Ok(()),
            FrameType::Leaves if leaves(frame).is_some() => Ok(()),
            FrameType::Signature | FrameType::Leaves => Err(FaultKind::RecordDamaged),
        };
        outcome.map_err(|kind| self.fault(kind))
    }

    /// At the size that the slot speaks of, its note must be signed by the key in force and name the root.
    fn compare_with_slot(
        &self,
        slot: Option<&Slot>,
        check: &mut impl SignatureCheck,
    ) -> Result<(), RecoverError> {
        match slot {
            Some(slot) if slot.size == self.state.size() => {
                check_slot(slot, &self.state, check).map_err(|kind| self.fault(kind))
            }
            _ => Ok(()),
        }
    }

    /// Decides whether what follows the good frames can be a torn last batch.
    fn judge<D: Disk>(
        &mut self,
        disk: &mut D,
        buffer: &mut [u8],
        slot: &Slot,
    ) -> Result<(), RecoverError> {
        if slot.size > self.state.size() {
            let damaged = self.find_nonzero(disk, buffer)?;
            let kind = if damaged { FaultKind::RecordDamaged } else { FaultKind::Truncated };
            return Err(self.fault(kind));
        }
        // A later batch was begun only after this one was durable.
        for at in (self.next_unit()..self.end).step_by(self.unit) {
            let place = (self.segment, at, self.end, self.unit);
            let rest = self.window.rest(disk, buffer, place)?;
            if matches!(step(rest, at, self.unit), Step::Frame(frame, _) if frame.starts_batch) {
                return Err(self.fault(FaultKind::RecordDamaged));
            }
        }
        Ok(())
    }

    fn find_nonzero<D: Disk>(&self, disk: &mut D, buffer: &mut [u8]) -> Result<bool, DiskError> {
        for at in (self.offset..self.end).step_by(buffer.len().max(1)) {
            let length = buffer.len().min(self.end - at);
            let space = buffer.get_mut(..length).unwrap_or_default();
            disk.read_at(FileId::Segment(self.segment), at as u32, space)?;
            if space.iter().any(|byte| *byte != 0) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes zeros over everything after the good frames that is not zero already, a write unit at a time.
    fn wipe_tail<D: Disk>(&self, disk: &mut D, buffer: &mut [u8]) -> Result<u64, DiskError> {
        if !self.find_nonzero(disk, buffer)? {
            return Ok(0);
        }
        let rest_of_unit = buffer.get_mut(..self.next_unit() - self.offset).unwrap_or_default();
        let mut wiped = wipe(disk, self.segment, self.offset, rest_of_unit)?;
        let unit = buffer.get_mut(..self.unit).unwrap_or_default();
        for at in (self.next_unit()..self.end).step_by(self.unit) {
            wiped += wipe(disk, self.segment, at, unit)?;
        }
        Ok(wiped)
    }
}

/// Writes zeros over a part of a segment if it is not zero; gives the bytes that were not.
fn wipe<D: Disk>(
    disk: &mut D,
    segment: u32,
    offset: usize,
    space: &mut [u8],
) -> Result<u64, DiskError> {
    let file = FileId::Segment(segment);
    disk.read_at(file, offset as u32, space)?;
    let dirty = space.iter().filter(|byte| **byte != 0).count();
    if dirty > 0 {
        space.fill(0);
        disk.write_at(file, offset as u32, space)?;
    }
    Ok(dirty as u64)
}

/// Whether a slot's note is the checkpoint of `state`, signed by the key in force.
pub(crate) fn check_slot(
    slot: &Slot,
    state: &LogState,
    check: &mut impl SignatureCheck,
) -> Result<(), FaultKind> {
    let note = Note::parse(slot.note.as_bytes()).map_err(|_| FaultKind::CheckpointDamaged)?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|_| FaultKind::CheckpointDamaged)?;
    let key: VerifierKey = state.verifier();
    note.verify(&[key], check).map_err(|_| FaultKind::BadSignature)?;
    if checkpoint.origin != state.origin.as_str() || checkpoint.head.size != slot.size {
        return Err(FaultKind::CheckpointDamaged);
    }
    if checkpoint.head == state.head() { Ok(()) } else { Err(FaultKind::RootMismatch) }
}

#[cfg(test)]
mod tests;
