//! The writer: append, make durable, sign, go on after a stop.
//!
//! The order is fixed: entries durable, then signed, then the checkpoint persisted, then it may be shown.
//! No memory is taken after the start; [`Log::append`] touches the disk only when the buffer or the segment is full.

use thiserror::Error;
use zeroize::Zeroizing;

use self::append::Opening;
use self::files::{begin_segment, clear_unfinished, keep_one_key, write_key};
use crate::checkpoint::NoteText;
use crate::disk::{Disk, DiskError, FileId};
use crate::entry::Milliseconds;
use crate::frame::frame_length;
use crate::hash::{Hash, sha256};
use crate::layout::{Geometry, SLOT_LENGTH, Slot};
use crate::note::{Name, NoteSigner, SignatureCheck, Strict, VerifierKey};
use crate::recover::{RecoverError, Recovered, buffer_needed, recover};
use crate::state::LogState;

/// The longest name of the software, in bytes.
pub const SOFTWARE_LIMIT: usize = 200;
/// Room for any entry that the log itself writes, with its frame.
const OWN_LIMIT: usize = 768;
const SIGNATURE_FRAME: usize = frame_length(64);
/// Leaf hashes that one frame lists.
const LEAVES: usize = 16;
const LEAVES_FRAME: usize = frame_length(LEAVES * Hash::LENGTH);
/// Entries that the log may write besides one that was asked for, and their signature.
const RESERVE: usize = 2 * OWN_LIMIT + SIGNATURE_FRAME;

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
    /// Entries after which [`Log::append`] flushes, and so signs, by itself; 0 for never, so that the caller decides.
    /// What stands behind the newest signature can be cut off unseen, and what stands between two signatures is the
    /// smallest part to which a change can be narrowed down once the leaf hashes written beside it are changed too.
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
    /// Leaf hashes of entries in this batch that no frame lists yet.
    leaves: [Hash; LEAVES],
    /// How many.
    unlisted: usize,
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
            leaves: [Hash::ZERO; LEAVES],
            unlisted: 0,
            slot,
            signature,
            signer,
            pool: Zeroizing::new(sha256(&[b"homeostat entropy pool", entropy])),
            opening: None,
            lost: 0,
            health: Health::Working,
        }
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

    /// Segments that the log has.
    #[must_use]
    pub const fn segments(&self) -> u32 {
        self.segment.saturating_add(1)
    }

    /// Bytes of its segments that are written, the empty rest of the last one not counted.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.segment as u64 * self.geometry.segment_bytes as u64 + self.offset as u64
    }

    /// Sets how many segments the log may have from now on; the next one counts as a full disk.
    pub const fn allow_segments(&mut self, most: u32) {
        self.most_segments = most;
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

mod append;
mod durable;
mod files;

pub use files::remove_keys;

#[cfg(test)]
mod tests;
