//! The writer: append, make durable, sign, go on after a stop.
//!
//! The order is fixed: entries durable, then signed, then the checkpoint persisted, then it may be shown.
//! No memory is taken after the start; [`Log::append`] touches the disk only when the buffer or the segment is full.

use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::checkpoint::{NoteText, handover_text, note, text};
use crate::disk::{Disk, DiskError, FileId};
use crate::entry::{
    BODY_LIMIT, Body, Entry, Epoch, HEADER_LIMIT, Header, Kind, Loss, Milliseconds, Monotonic,
    Opened, Times,
};
use crate::frame::{FRAME_HEADER, FrameType, frame_length, seal_frame};
use crate::hash::{Hash, leaf_hash, sha256};
use crate::layout::{
    Geometry, KEY_LENGTH, SEGMENT_HEADER_LIMIT, SLOT_LENGTH, SegmentHeader, Slot, decode_key,
    encode_key,
};
use crate::note::{Name, NoteSigner, SignatureCheck, Strict, VerifierKey};
use crate::recover::{RecoverError, Recovered, best_slot, buffer_needed, recover};
use crate::state::{CLOSE_BODY, LogState};
use crate::text::Text;

/// The longest name of the software, in bytes.
pub const SOFTWARE_LIMIT: usize = 200;
/// Room for any entry that the log itself writes, with its frame.
const OWN_LIMIT: usize = 768;
const SIGNATURE_FRAME: usize = frame_length(64);

/// What a log is made with.
#[derive(Clone, Copy, Debug)]
pub struct Config<'a> {
    /// The log's name, for example `homeostat.example/device/<pseudonym>`. No person's name.
    pub origin: Name,
    /// The software that writes, at most [`SOFTWARE_LIMIT`] bytes.
    pub software: &'a str,
    /// Hash of the configuration declared to be in force.
    pub configuration: Hash,
    /// Sizes of a new log; an existing one keeps its own.
    pub geometry: Geometry,
    /// Segments that the log may have; the next one counts as a full disk.
    pub most_segments: u32,
    /// Entries after which [`Log::flush`] changes the key; 0 for never.
    pub epoch_entries: u64,
    /// Entries after which [`Log::append`] flushes by itself; 0 for never.
    pub flush_every: u32,
}

impl<'a> Config<'a> {
    /// The usual sizes: units of 512 bytes, segments of 1 MiB without end, a new key every 4,096 entries, and
    /// flushing left to the caller.
    #[must_use]
    pub const fn new(origin: Name, software: &'a str, configuration: Hash) -> Self {
        Self {
            origin,
            software,
            configuration,
            geometry: Geometry { write_unit: 512, segment_bytes: 1 << 20 },
            most_segments: u32::MAX,
            epoch_entries: 4096,
            flush_every: 0,
        }
    }
}

/// The time of an entry as its writer knows it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Stamp {
    /// Time on a clock that does not go back while the log is open.
    pub elapsed: Milliseconds,
    /// Time since 1970-01-01 UTC, or none while the wall clock is not trusted.
    pub wall: Option<Milliseconds>,
}

/// What opening found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// Entries that survived.
    pub entries: u64,
    /// Of these, entries that no checkpoint vouched for.
    pub unsigned: u64,
    /// Bytes of a torn write that were wiped.
    pub torn_bytes: u64,
}

/// Why the log refused. Unless it says otherwise, the record was counted as lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum LogError {
    /// Kinds below 16 are the log's own.
    #[error("kind {0} is the log's own: callers use 16 and above")]
    OwnKind(u8),
    /// The body does not fit an entry, or the entry does not fit a segment.
    #[error("the body is too long: {length} bytes, at most {limit}")]
    TooLong {
        /// Its length.
        length: usize,
        /// The most that fits.
        limit: usize,
    },
    /// The monotonic clock went back.
    #[error("the monotonic clock went back from {last:?} to {given:?}")]
    TimeWentBack {
        /// Of the entry before.
        last: Milliseconds,
        /// Of this one.
        given: Milliseconds,
    },
    /// No space for another segment. [`Log::flush`] tries again.
    #[error("the disk is full: records are counted as lost until flush finds space")]
    Full,
    /// The disk failed earlier: open the log again from scratch.
    #[error("the log stopped after a disk failure: open it again from scratch")]
    Stopped,
    /// The disk failed now. A record given with this call may or may not be there after opening again.
    #[error(transparent)]
    Disk(DiskError),
    /// A log is there already.
    #[error("a log is there already: open it, or use another folder")]
    Exists,
    /// The log could not be recovered.
    #[error(transparent)]
    Recover(#[from] RecoverError),
    /// The log there has another origin.
    #[error("the log there has another origin than the configuration")]
    OtherOrigin,
    /// The key that signs this epoch is gone: the log was finished for good, or its key file was lost.
    #[error("the key of epoch {0} is not there: the log was finished, or its key was lost")]
    KeyGone(u32),
    /// Impossible sizes or a too long name of the software.
    #[error("bad configuration: {0}")]
    Config(&'static str),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Health {
    Working,
    Full,
    Stopped,
}

/// An opening that is not recorded yet.
#[derive(Clone, Copy, Debug)]
struct Opening {
    software: Text<SOFTWARE_LIMIT>,
    configuration: Hash,
    recovery: Recovery,
}

/// A log that is open for writing, on the disk `D`, with the buffer `B`.
#[derive(Debug)]
pub struct Log<D, B> {
    disk: D,
    buffer: B,
    state: LogState,
    geometry: Geometry,
    most_segments: u32,
    epoch_entries: u64,
    flush_every: u32,
    since_flush: u32,
    segment: u32,
    /// Where the next frame goes, counting what still is in the buffer.
    offset: usize,
    /// Bytes in the buffer.
    pending: usize,
    /// Frames were put since the last sync.
    batch_open: bool,
    durable: u64,
    slot: Slot,
    /// The last checkpoint's signature, until it stands in a segment.
    signature: Option<[u8; 64]>,
    signer: NoteSigner,
    pool: Zeroizing<[u8; 32]>,
    opening: Option<Opening>,
    lost: u64,
    health: Health,
}

/// Bytes of buffer that a log with this configuration needs.
#[must_use]
pub fn buffer_for(config: &Config<'_>) -> usize {
    buffer_needed(config.geometry)
}

impl<D: Disk, B: AsRef<[u8]> + AsMut<[u8]>> Log<D, B> {
    /// Makes a new log: its first key from `entropy`, its first entry, its first checkpoint.
    ///
    /// # Errors
    /// A log is there, the configuration is impossible, or the disk fails.
    pub fn create(
        mut disk: D,
        mut buffer: B,
        config: &Config<'_>,
        stamp: Stamp,
        entropy: &[u8; 32],
    ) -> Result<Self, LogError> {
        check_config(config, buffer.as_ref().len())?;
        clear_unfinished(&mut disk, buffer.as_mut())?;
        let seed = Zeroizing::new(sha256(&[b"homeostat root key", entropy]));
        let signer = NoteSigner::new(config.origin, &seed);
        write_key(&mut disk, 0, &seed).map_err(LogError::Disk)?;
        for slot in [0, 1] {
            let file = FileId::Checkpoint(slot);
            disk.create(file, SLOT_LENGTH as u32).map_err(LogError::Disk)?;
            disk.sync(file).map_err(LogError::Disk)?;
        }
        let state = LogState::new(signer.verifier());
        let offset = begin_segment(&mut disk, buffer.as_mut(), &state, config.geometry, 0)?;
        let slot = Slot { generation: 0, size: 0, note: NoteText::new() };
        let place = (0, offset, slot, None);
        let mut log = Self::assemble(disk, buffer, config, state, signer, place, entropy);
        log.geometry = config.geometry;
        log.opening =
            Some(Opening::new(config, Recovery { entries: 0, unsigned: 0, torn_bytes: 0 }));
        log.make_room(0)?;
        log.write_prelude(stamp)?;
        log.flush()?;
        Ok(log)
    }

    /// Opens a log after a stop, in order or not, and records the opening.
    ///
    /// # Errors
    /// There is no log, it is damaged, its key is gone, or the disk fails. A full disk is not an error:
    /// the opening is recorded when there is space.
    pub fn open(
        disk: D,
        buffer: B,
        config: &Config<'_>,
        stamp: Stamp,
        entropy: &[u8; 32],
    ) -> Result<(Self, Recovery), LogError> {
        Self::open_with(disk, buffer, config, stamp, entropy, &mut Strict)
    }

    /// [`Log::open`] with another way to check signatures.
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn open_with(
        mut disk: D,
        mut buffer: B,
        config: &Config<'_>,
        stamp: Stamp,
        entropy: &[u8; 32],
        check: &mut impl SignatureCheck,
    ) -> Result<(Self, Recovery), LogError> {
        check_config(config, usize::MAX)?;
        let recovered = recover(&mut disk, buffer.as_mut(), check)?;
        if recovered.state.origin != config.origin {
            return Err(LogError::OtherOrigin);
        }
        let signer = keep_one_key(&mut disk, &recovered.state)?;
        let Recovered { state, geometry, segment, offset, slot, unsigned, torn_bytes, .. } =
            recovered;
        let recovery = Recovery { entries: state.size(), unsigned, torn_bytes };
        let place = (segment, offset as usize, slot, None);
        let mut log = Self::assemble(disk, buffer, config, state, signer, place, entropy);
        log.geometry = geometry;
        log.opening = Some(Opening::new(config, recovery));
        match log.make_room(0) {
            Ok(()) => {
                log.write_prelude(stamp)?;
                log.flush()?;
            }
            Err(LogError::Full) => {}
            Err(error) => return Err(error),
        }
        Ok((log, recovery))
    }

    fn assemble(
        disk: D,
        buffer: B,
        config: &Config<'_>,
        state: LogState,
        signer: NoteSigner,
        (segment, offset, slot, signature): (u32, usize, Slot, Option<[u8; 64]>),
        entropy: &[u8; 32],
    ) -> Self {
        Self {
            disk,
            buffer,
            durable: state.size(),
            state,
            geometry: config.geometry,
            most_segments: config.most_segments,
            epoch_entries: config.epoch_entries,
            flush_every: config.flush_every,
            since_flush: 0,
            segment,
            offset,
            pending: 0,
            batch_open: false,
            slot,
            signature,
            signer,
            pool: Zeroizing::new(sha256(&[b"homeostat entropy pool", entropy])),
            opening: None,
            lost: 0,
            health: Health::Working,
        }
    }

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
        self.make_room(frame_length(HEADER_LIMIT + length))?;
        self.write_prelude(stamp)?;
        self.put(kind, schema, stamp, body)
    }

    /// The longest body that this log takes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        let fixed = SEGMENT_HEADER_LIMIT + 3 * self.geometry.write_unit as usize + FRAME_HEADER;
        let own = 2 * OWN_LIMIT + SIGNATURE_FRAME + HEADER_LIMIT;
        (self.geometry.segment_bytes as usize).saturating_sub(fixed + own).min(BODY_LIMIT)
    }

    /// Records an opening and a loss that are still to be told.
    fn write_prelude(&mut self, stamp: Stamp) -> Result<(), LogError> {
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
    fn make_room(&mut self, frame: usize) -> Result<(), LogError> {
        let unit = self.geometry.write_unit as usize;
        self.make_exact_room(frame + 2 * OWN_LIMIT + SIGNATURE_FRAME + unit)
    }

    fn make_exact_room(&mut self, needed: usize) -> Result<(), LogError> {
        if self.health == Health::Stopped {
            return Err(LogError::Stopped);
        }
        if self.offset + needed > self.geometry.segment_bytes as usize {
            self.next_segment()?;
        }
        Ok(())
    }

    /// Encodes, hashes and checksums one entry in place, at the end of the buffer.
    fn put(
        &mut self,
        kind: Kind,
        schema: u16,
        stamp: Stamp,
        body: Body<'_>,
    ) -> Result<u64, LogError> {
        self.put_signature()?;
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

    /// Leaves at least `frame` bytes, and the filling of a batch, free in the buffer.
    fn make_buffer_room(&mut self, frame: usize) -> Result<(), LogError> {
        let unit = self.geometry.write_unit as usize;
        if self.pending + frame + unit > self.buffer.as_ref().len() {
            self.write_out()?;
        }
        Ok(())
    }

    fn write_out(&mut self) -> Result<(), LogError> {
        if self.pending > 0 {
            let bytes = self.buffer.as_ref().get(..self.pending).unwrap_or_default();
            let at = self.offset - self.pending;
            let outcome = self.disk.write_at(FileId::Segment(self.segment), at as u32, bytes);
            self.stop_on_error(outcome)?;
            self.pending = 0;
        }
        Ok(())
    }

    fn stop_on_error<T>(&mut self, outcome: Result<T, DiskError>) -> Result<T, LogError> {
        outcome.map_err(|error| {
            self.health = Health::Stopped;
            LogError::Disk(error)
        })
    }

    /// Makes all entries durable without signing them, and gives their number.
    ///
    /// # Errors
    /// The disk failed; the log has stopped.
    pub fn sync(&mut self) -> Result<u64, LogError> {
        if self.health == Health::Stopped {
            return Err(LogError::Stopped);
        }
        if self.batch_open {
            let unit = self.geometry.write_unit as usize;
            let filling = self.offset.next_multiple_of(unit) - self.offset;
            let end = self.pending + filling;
            if let Some(space) = self.buffer.as_mut().get_mut(self.pending..end) {
                space.fill(0);
            }
            self.pending = end;
            self.offset += filling;
            self.write_out()?;
            let outcome = self.disk.sync(FileId::Segment(self.segment));
            self.stop_on_error(outcome)?;
            self.batch_open = false;
            self.durable = self.state.size();
        }
        Ok(self.durable)
    }

    /// Makes all entries durable, signs and persists a checkpoint of them, changes the key when it is due, and
    /// looks for space again after a full disk. Gives the number of durable entries.
    ///
    /// # Errors
    /// The disk failed; the log has stopped. A full disk is not an error here.
    pub fn flush(&mut self) -> Result<u64, LogError> {
        self.sync()?;
        self.persist_checkpoint()?;
        self.since_flush = 0;
        if self.health == Health::Full {
            self.tolerate_full(Self::next_segment)?;
        }
        let in_epoch = self.state.size().saturating_sub(self.state.epoch_start);
        if self.epoch_entries != 0 && in_epoch >= self.epoch_entries {
            self.tolerate_full(Self::rotate)?;
        }
        Ok(self.durable)
    }

    fn tolerate_full(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        match act(self) {
            Err(LogError::Full) => Ok(()),
            outcome => outcome,
        }
    }

    /// Signs the durable entries and persists the checkpoint in the older slot.
    fn persist_checkpoint(&mut self) -> Result<(), LogError> {
        let head = self.state.head();
        if head.size == self.slot.size {
            return Ok(());
        }
        let too_long = |_| LogError::Config("origin too long");
        let text = text(&self.state.origin, head).map_err(too_long)?;
        let signature = self.signer.sign(text.as_str());
        let note = note(&text, self.signer.verifier(), &signature).map_err(too_long)?;
        let generation = self.slot.generation.saturating_add(1);
        let slot = Slot { generation, size: head.size, note };
        let bytes = slot.encode().ok_or(LogError::Config("origin too long"))?;
        let file = FileId::Checkpoint((generation % 2) as u8);
        let outcome = self.disk.write_at(file, 0, &bytes).and_then(|()| self.disk.sync(file));
        self.stop_on_error(outcome)?;
        self.slot = slot;
        self.signature = Some(signature);
        Ok(())
    }

    /// Goes on in a new segment, once everything before is durable and signed.
    fn next_segment(&mut self) -> Result<(), LogError> {
        self.sync()?;
        self.persist_checkpoint()?;
        let number = self.segment.saturating_add(1);
        if number >= self.most_segments {
            self.health = Health::Full;
            return Err(LogError::Full);
        }
        let (geometry, state) = (self.geometry, &self.state);
        match begin_segment(&mut self.disk, self.buffer.as_mut(), state, geometry, number) {
            Ok(offset) => {
                self.segment = number;
                self.offset = offset;
                self.health = Health::Working;
                Ok(())
            }
            Err(LogError::Full) => {
                self.health = Health::Full;
                Err(LogError::Full)
            }
            Err(error) => {
                self.health = Health::Stopped;
                Err(error)
            }
        }
    }

    /// Changes the key: the old one signs over to the new one in an entry, and is wiped when that is durable.
    ///
    /// # Errors
    /// The disk is full or failed.
    pub fn rotate(&mut self) -> Result<(), LogError> {
        self.sync()?;
        self.make_room(0)?;
        self.sync()?;
        self.persist_checkpoint()?;
        let head = self.state.head();
        let epoch = self.state.epoch.saturating_add(1);
        let seed = self.next_seed(head.size);
        let next = NoteSigner::new(self.state.origin, &seed);
        let outcome = write_key(&mut self.disk, epoch, &seed);
        match outcome {
            Err(DiskError::Full) => return Err(LogError::Full),
            outcome => self.stop_on_error(outcome)?,
        }
        let text = handover_text(head, epoch, next.verifier())
            .map_err(|_| LogError::Config("origin too long"))?;
        let signature = self.signer.sign(text.as_str());
        let key = next.verifier().key;
        let mut space = [0; OWN_LIMIT];
        let length = Epoch { epoch, key, root: head.root, signature }
            .encode(&mut space)
            .map_err(|_| LogError::Config("epoch"))?;
        let stamp = Stamp { elapsed: self.state.last_time.elapsed, wall: None };
        let body = Body::Plain(space.get(..length).unwrap_or_default());
        self.put(Kind::EPOCH, 1, stamp, body)?;
        self.sync()?;
        self.state.hand_over(key);
        self.signer = next;
        self.persist_checkpoint()?;
        let outcome = wipe_key(&mut self.disk, epoch.wrapping_add(1));
        self.stop_on_error(outcome)
    }

    /// The next private seed, from entropy that only memory holds and from the key that is about to be wiped.
    fn next_seed(&mut self, size: u64) -> Zeroizing<[u8; 32]> {
        let current = Zeroizing::new(self.signer.seed());
        let parts: [&[u8]; 4] =
            [b"homeostat epoch key", &*self.pool, &*current, &size.to_be_bytes()];
        let seed = Zeroizing::new(sha256(&parts));
        *self.pool = sha256(&[b"homeostat next pool", &*self.pool]);
        seed
    }

    /// Stirs fresh entropy into what the next keys are made of.
    pub fn add_entropy(&mut self, entropy: &[u8; 32]) {
        *self.pool = sha256(&[b"homeostat stirred pool", &*self.pool, entropy]);
    }

    /// Counts records that the caller could not hand over; the next append records them.
    pub const fn record_loss(&mut self, records: u64) {
        self.lost = self.lost.saturating_add(records);
    }

    /// Closes the log in order: a last entry, a last checkpoint, no empty space. It can be opened again.
    ///
    /// # Errors
    /// The disk is full or failed. What was durable stays so.
    pub fn close(mut self, stamp: Stamp) -> Result<D, LogError> {
        self.end(stamp)?;
        Ok(self.disk)
    }

    /// Closes the log for good: as [`Log::close`], then wipes and removes its key, so that nobody can write on.
    ///
    /// # Errors
    /// As [`Log::close`].
    pub fn finish(mut self, stamp: Stamp) -> Result<D, LogError> {
        self.end(stamp)?;
        for parity in [0, 1] {
            let outcome = wipe_key(&mut self.disk, parity)
                .and_then(|()| self.disk.remove(FileId::Key(parity as u8)));
            self.stop_on_error(outcome)?;
        }
        Ok(self.disk)
    }

    fn end(&mut self, stamp: Stamp) -> Result<(), LogError> {
        let elapsed = stamp.elapsed.max(self.state.last_time.elapsed);
        let stamp = Stamp { elapsed, ..stamp };
        // Every append leaves this much, so that a log on a full disk can still be closed.
        self.make_exact_room(2 * OWN_LIMIT)?;
        self.write_prelude(stamp)?;
        self.put(Kind::CLOSE, 1, stamp, Body::Plain(&CLOSE_BODY))?;
        self.sync()?;
        self.persist_checkpoint()?;
        let file = FileId::Segment(self.segment);
        let outcome =
            self.disk.resize(file, self.offset as u32).and_then(|()| self.disk.sync(file));
        self.stop_on_error(outcome)
    }

    /// Entries appended, durable or not.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.state.size()
    }

    /// Entries that survive a loss of power now: the acknowledged ones.
    #[must_use]
    pub const fn durable(&self) -> u64 {
        self.durable
    }

    /// Records refused and not yet recorded as lost.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// Whether the log takes no records until there is space.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.health == Health::Full
    }

    /// Whether the log must be opened again from scratch.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.health == Health::Stopped
    }

    /// The last persisted checkpoint: the note that may leave the device.
    #[must_use]
    pub fn checkpoint(&self) -> &str {
        self.slot.note.as_str()
    }

    /// Entries that the last persisted checkpoint vouches for.
    #[must_use]
    pub const fn signed(&self) -> u64 {
        self.slot.size
    }

    /// What follows from the entries so far.
    #[must_use]
    pub const fn state(&self) -> &LogState {
        &self.state
    }

    /// The key that verifiers start from.
    #[must_use]
    pub const fn root_key(&self) -> VerifierKey {
        VerifierKey { name: self.state.origin, key: self.state.root_key }
    }

    /// The disk under the log.
    #[must_use]
    pub const fn disk_ref(&self) -> &D {
        &self.disk
    }

    /// The disk under the log. Writing to the log's files behind its back damages it.
    pub const fn disk_mut(&mut self) -> &mut D {
        &mut self.disk
    }

    /// Takes the log apart without closing it, as a stop would: what is not durable is gone.
    #[must_use]
    pub fn abandon(self) -> (D, B) {
        (self.disk, self.buffer)
    }
}

impl Opening {
    fn new(config: &Config<'_>, recovery: Recovery) -> Self {
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

fn check_config(config: &Config<'_>, buffer: usize) -> Result<(), LogError> {
    if !config.geometry.is_valid() || (config.geometry.segment_bytes as usize) < 8192 {
        return Err(LogError::Config(
            "write unit: a power of two from 64 to 4,096; segment: a multiple of it from 8 KiB to 1 GiB",
        ));
    }
    if config.software.len() > SOFTWARE_LIMIT {
        return Err(LogError::Config("software: at most 200 bytes"));
    }
    if buffer < buffer_for(config) {
        return Err(LogError::Config("buffer smaller than buffer_for says"));
    }
    Ok(())
}

/// Removes what an interrupted creation left, and refuses to touch a log.
fn clear_unfinished<D: Disk>(disk: &mut D, buffer: &mut [u8]) -> Result<(), LogError> {
    if best_slot(disk).map_err(LogError::Disk)?.0.is_some() {
        return Err(LogError::Exists);
    }
    match recover(disk, buffer, &mut Strict) {
        Err(RecoverError::NotCreated) => {}
        Err(RecoverError::Disk(error)) => return Err(LogError::Disk(error)),
        _ => return Err(LogError::Exists),
    }
    let files = [
        FileId::Segment(0),
        FileId::Checkpoint(0),
        FileId::Checkpoint(1),
        FileId::Key(0),
        FileId::Key(1),
    ];
    files.into_iter().try_for_each(|file| disk.remove(file)).map_err(LogError::Disk)
}

/// Makes a segment file with its header durable, and gives where its first frame goes.
fn begin_segment<D: Disk>(
    disk: &mut D,
    buffer: &mut [u8],
    state: &LogState,
    geometry: Geometry,
    number: u32,
) -> Result<usize, LogError> {
    let file = FileId::Segment(number);
    match disk.create(file, geometry.segment_bytes) {
        Err(DiskError::Full) => return Err(LogError::Full),
        outcome => outcome.map_err(LogError::Disk)?,
    }
    let header = SegmentHeader {
        geometry,
        number,
        epoch: state.epoch,
        epoch_start: state.epoch_start,
        last_time: state.last_time,
        root_key: state.root_key,
        epoch_key: state.epoch_key,
        origin: state.origin,
        frontier: state.frontier.clone(),
    };
    let length = header.encode(buffer).ok_or(LogError::Config("buffer too small"))?;
    let bytes = buffer.get(..length).unwrap_or_default();
    disk.write_at(file, 0, bytes).and_then(|()| disk.sync(file)).map_err(LogError::Disk)?;
    Ok(length)
}

fn key_file(epoch: u32) -> FileId {
    FileId::Key((epoch % 2) as u8)
}

fn write_key<D: Disk>(disk: &mut D, epoch: u32, seed: &[u8; 32]) -> Result<(), DiskError> {
    let file = key_file(epoch);
    match disk.length(file)? {
        None => disk.create(file, KEY_LENGTH as u32)?,
        Some(length) if length == KEY_LENGTH as u64 => {}
        // Power was lost while the file was made.
        Some(_) => disk.resize(file, KEY_LENGTH as u32)?,
    }
    let bytes = Zeroizing::new(encode_key(epoch, seed).unwrap_or([0; KEY_LENGTH]));
    disk.write_at(file, 0, &*bytes)?;
    disk.sync(file)
}

fn wipe_key<D: Disk>(disk: &mut D, epoch: u32) -> Result<(), DiskError> {
    let file = key_file(epoch);
    let Some(length) = disk.length(file)? else { return Ok(()) };
    let length = usize::try_from(length).map_or(KEY_LENGTH, |length| length.min(KEY_LENGTH));
    disk.write_at(file, 0, [0; KEY_LENGTH].get(..length).unwrap_or_default())?;
    disk.sync(file)
}

/// The private key of the epoch in force; any other key is wiped.
fn keep_one_key<D: Disk>(disk: &mut D, state: &LogState) -> Result<NoteSigner, LogError> {
    let mut signer = None;
    for parity in [0, 1] {
        let file = FileId::Key(parity);
        if disk.length(file).map_err(LogError::Disk)?.is_none() {
            continue;
        }
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        disk.read_at(file, 0, &mut *bytes).map_err(LogError::Disk)?;
        if let Some((epoch, mut seed)) = decode_key(&*bytes) {
            let found = NoteSigner::new(state.origin, &seed);
            seed.zeroize();
            if epoch == state.epoch && found.verifier().key == state.epoch_key {
                signer = Some(found);
                continue;
            }
        }
        if bytes.iter().any(|byte| *byte != 0) {
            wipe_key(disk, u32::from(parity)).map_err(LogError::Disk)?;
        }
    }
    signer.ok_or(LogError::KeyGone(state.epoch))
}

#[cfg(test)]
mod tests;
