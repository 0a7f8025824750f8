//! Putting entries into the buffer: the caller's, and those that the log owes first.

use super::{
    Config, Health, LEAVES_FRAME, Log, LogError, OWN_LIMIT, RESERVE, Recovery, SIGNATURE_FRAME,
    SOFTWARE_LIMIT, Stamp,
};
use crate::disk::Disk;
use crate::entry::{
    BODY_LIMIT, Body, Entry, HEADER_LIMIT, Header, Kind, Loss, Monotonic, Opened, Times,
};
use crate::frame::{FRAME_HEADER, FrameType, frame_length, seal_frame};
use crate::hash::{Hash, leaf_hash};
use crate::layout::SEGMENT_HEADER_LIMIT;
use crate::state::LogState;
use crate::text::Text;

/// An opening that is not recorded yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    software: Text<SOFTWARE_LIMIT>,
    configuration: Hash,
    recovery: Recovery,
}

impl Opening {
    pub(super) fn new(config: &Config<'_>, recovery: Recovery) -> Self {
        let software = Text::copy_of(config.software).unwrap_or_default();
        Self { software, configuration: config.configuration, recovery }
    }

    fn encode(&self, state: &LogState, space: &mut [u8]) -> Result<usize, LogError> {
        Opened {
            origin: state.origin.as_str(),
            root_key: state.root_key,
            software: self.software.as_str(),
            configuration: self.configuration,
            recovered_unsigned: self.recovery.unsigned,
            torn_bytes: self.recovery.torn_bytes,
        }
        .encode(space)
        .map_err(|_| LogError::Config("software name too long"))
    }
}

impl<D: Disk, B: AsRef<[u8]> + AsMut<[u8]>> Log<D, B> {
    /// Appends a record and gives its index. It is in memory until [`Log::sync`] or [`Log::flush`].
    ///
    /// # Errors
    /// See [`LogError`]. A refused record is counted, and the count is recorded when there is space again.
    pub fn append(
        &mut self,
        kind: Kind,
        schema: u16,
        stamp: Stamp,
        body: Body<'_>,
    ) -> Result<u64, LogError> {
        let index = self.try_append(kind, schema, stamp, body).inspect_err(|_| {
            self.lost = self.lost.saturating_add(1);
        })?;
        self.since_flush = self.since_flush.saturating_add(1);
        if self.flush_every != 0 && self.since_flush >= self.flush_every {
            self.flush()?;
        }
        Ok(index)
    }

    fn try_append(
        &mut self,
        kind: Kind,
        schema: u16,
        stamp: Stamp,
        body: Body<'_>,
    ) -> Result<u64, LogError> {
        if kind.is_own() {
            return Err(LogError::OwnKind(kind.0));
        }
        let length = body.bytes().len();
        let limit = self.body_limit();
        if length > limit {
            return Err(LogError::TooLong { length, limit });
        }
        if self.health == Health::Full {
            return Err(LogError::Full);
        }
        let last = self.state.last_time.elapsed;
        if stamp.elapsed < last && self.opening.is_none() {
            return Err(LogError::TimeWentBack { last, given: stamp.elapsed });
        }
        // Room for all of it first, so that a full disk leaves no lone notice of loss.
        let frame = frame_length(HEADER_LIMIT + length);
        // And for two lists of leaf hashes, one that is full before and one that ends the batch, unless the entry
        // alone takes almost all of a segment.
        let lists = (2 * LEAVES_FRAME).min(self.largest_frame().saturating_sub(frame));
        self.make_room(frame + lists)?;
        self.write_prelude(stamp)?;
        self.put(kind, schema, stamp, body)
    }

    /// The longest body that this log takes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.largest_frame().saturating_sub(FRAME_HEADER + HEADER_LIMIT).min(BODY_LIMIT)
    }

    fn largest_frame(&self) -> usize {
        let fixed = SEGMENT_HEADER_LIMIT + 3 * self.geometry.write_unit as usize;
        (self.geometry.segment_bytes as usize).saturating_sub(fixed + RESERVE)
    }

    /// Records an opening and a loss that are still to be told.
    pub(super) fn write_prelude(&mut self, stamp: Stamp) -> Result<(), LogError> {
        if self.opening.is_none() && self.lost == 0 {
            return Ok(());
        }
        let mut space = [0; OWN_LIMIT];
        if let Some(opening) = self.opening {
            let length = opening.encode(&self.state, &mut space)?;
            let body = Body::Plain(space.get(..length).unwrap_or_default());
            self.put(Kind::OPEN, 1, stamp, body)?;
            self.opening = None;
        }
        if self.lost > 0 {
            let loss = Loss { records: self.lost };
            let length = loss.encode(&mut space).map_err(|_| LogError::Config("loss"))?;
            let body = Body::Plain(space.get(..length).unwrap_or_default());
            self.put(Kind::LOSS, 1, stamp, body)?;
            self.lost = 0;
        }
        Ok(())
    }

    /// Makes sure that the segment has room for `frame` bytes besides the log's own entries.
    pub(super) fn make_room(&mut self, frame: usize) -> Result<(), LogError> {
        let unit = self.geometry.write_unit as usize;
        self.make_exact_room(frame + RESERVE + unit)
    }

    pub(super) fn make_exact_room(&mut self, needed: usize) -> Result<(), LogError> {
        if self.health == Health::Stopped {
            return Err(LogError::Stopped);
        }
        if self.offset + needed > self.geometry.segment_bytes as usize {
            self.next_segment()?;
        }
        Ok(())
    }

    /// Encodes, hashes and checksums one entry in place, at the end of the buffer.
    pub(super) fn put(
        &mut self,
        kind: Kind,
        schema: u16,
        stamp: Stamp,
        body: Body<'_>,
    ) -> Result<u64, LogError> {
        self.put_signature()?;
        if self.unlisted == self.leaves.len() {
            self.put_leaves()?;
        }
        self.make_buffer_room(frame_length(HEADER_LIMIT + body.bytes().len()))?;
        let boot = self.state.last_time.boot.saturating_add(u32::from(kind == Kind::OPEN));
        let monotonic = Monotonic { boot, elapsed: stamp.elapsed };
        let times = Times { monotonic, wall: stamp.wall };
        let sequence = self.state.size();
        let header = Header { kind, schema, sequence, times, epoch: self.state.epoch };
        let too_long = LogError::TooLong { length: body.bytes().len(), limit: BODY_LIMIT };
        let space = self.buffer.as_mut().get_mut(self.pending..).unwrap_or_default();
        let payload = space.get_mut(FRAME_HEADER..).unwrap_or_default();
        let length = Entry { header, body }.encode(payload).map_err(|_| too_long)?;
        let leaf = leaf_hash(payload.get(..length).unwrap_or_default());
        let total = seal_frame(space, FrameType::Entry, !self.batch_open, sequence, length)
            .ok_or(too_long)?;
        self.pending += total;
        self.offset += total;
        self.batch_open = true;
        if let Some(room) = self.leaves.get_mut(self.unlisted) {
            *room = leaf;
            self.unlisted += 1;
        }
        self.state.advance(leaf, kind, monotonic);
        Ok(sequence)
    }

    /// A batch begins with the signature of the checkpoint before it.
    fn put_signature(&mut self) -> Result<(), LogError> {
        let Some(signature) = self.signature.filter(|_| !self.batch_open) else {
            return Ok(());
        };
        self.make_buffer_room(SIGNATURE_FRAME)?;
        let space = self.buffer.as_mut().get_mut(self.pending..).unwrap_or_default();
        if let Some(room) = space.get_mut(FRAME_HEADER..FRAME_HEADER + signature.len()) {
            room.copy_from_slice(&signature);
        }
        let size = self.state.size();
        let total = seal_frame(space, FrameType::Signature, true, size, signature.len())
            .ok_or(LogError::Config("buffer too small"))?;
        self.pending += total;
        self.offset += total;
        self.batch_open = true;
        self.signature = None;
        Ok(())
    }

    /// Lists the leaf hashes of the last entries, by which a changed one is told from the others. Where that would
    /// take the room in which the log can still be closed, they go without.
    pub(super) fn put_leaves(&mut self) -> Result<(), LogError> {
        let count = core::mem::take(&mut self.unlisted);
        let length = count * Hash::LENGTH;
        let unit = self.geometry.write_unit as usize;
        let to_close = if self.state.closed { 0 } else { 2 * OWN_LIMIT };
        let end = self.offset + frame_length(length) + unit + to_close;
        if count == 0 || end > self.geometry.segment_bytes as usize {
            return Ok(());
        }
        self.make_buffer_room(LEAVES_FRAME)?;
        let space = self.buffer.as_mut().get_mut(self.pending..).unwrap_or_default();
        let room = space.get_mut(FRAME_HEADER..).unwrap_or_default();
        for (to, leaf) in room.chunks_exact_mut(Hash::LENGTH).zip(self.leaves.iter().take(count)) {
            to.copy_from_slice(&leaf.0);
        }
        let total = seal_frame(space, FrameType::Leaves, false, self.state.size(), length)
            .ok_or(LogError::Config("buffer too small"))?;
        self.pending += total;
        self.offset += total;
        Ok(())
    }

    /// Leaves at least `frame` bytes, and the filling of a batch, free in the buffer.
    fn make_buffer_room(&mut self, frame: usize) -> Result<(), LogError> {
        let unit = self.geometry.write_unit as usize;
        if self.pending + frame + unit > self.buffer.as_ref().len() {
            self.write_out()?;
        }
        Ok(())
    }

    /// Counts records that the caller could not hand over; the next append records them.
    pub const fn record_loss(&mut self, records: u64) {
        self.lost = self.lost.saturating_add(records);
    }

    /// Takes back losses that are not recorded yet: of records that are given again, or that nobody misses.
    pub const fn take_back_loss(&mut self, records: u64) {
        self.lost = self.lost.saturating_sub(records);
    }
}
