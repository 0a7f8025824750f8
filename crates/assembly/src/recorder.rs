//! The black box of a loop: what is written into it, in which order.

use homeostat_blackbox::checkpoint::TreeHead;
use homeostat_blackbox::disk::Disk;
use homeostat_blackbox::entry::{Body, Kind, Milliseconds};
use homeostat_blackbox::hash::Hash;
use homeostat_blackbox::log::{Config, Log, LogError, Recovery, Stamp, buffer_for};
use homeostat_blackbox::note::{Name, VerifierKey};
use homeostat_record::{Canonical, CycleEntry, EntryKind, Input};
use sha2::Digest as _;

use crate::InstalledProfile;
use crate::Machine;

/// Version of the bodies' schema.
pub const SCHEMA: u16 = 1;
/// No record of the loop is longer.
const RECORD_LIMIT: usize = 32_768;

/// Why a record could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The log refused.
    #[error("black box: {0}")]
    Log(#[from] LogError),
    /// A record is larger than any may be.
    #[error("a record of {kind:?} does not fit {RECORD_LIMIT} bytes")]
    TooLarge {
        /// What it is.
        kind: EntryKind,
    },
    /// The loop was not built from the profile that was verified.
    #[error("the loop was built from another profile than the one that was verified")]
    OtherProfile,
    /// The pseudonym cannot be the name of a log.
    #[error("`{0}` cannot be the name of a log")]
    Name(String),
}

/// How often a box is secured, in cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Cycles between two snapshots, from each of which a replay may begin.
    pub snapshot: u64,
    /// Cycles between two signatures. What stands behind the newest one can be cut off unseen, and a
    /// record that is forged together with its leaf hash is narrowed down to what stands between
    /// two. Each costs about as much processor time as four cycles to sign, and again as much to
    /// verify (`BENCHMARKS.md`).
    pub signature: u64,
}

impl Cadence {
    /// A snapshot each 288 cycles and a signature each 36: with cycles of five minutes, one a day and
    /// one in three hours. Signing adds an eighth to a trial; each hour, it would add two fifths.
    pub const USUAL: Self = Self { snapshot: 288, signature: 36 };

    /// Whether a snapshot follows the cycle that makes it so many.
    #[must_use]
    pub const fn snapshot_is_due(&self, cycles: u64) -> bool {
        Self::is_due(self.snapshot, cycles)
    }

    const fn is_due(every: u64, cycles: u64) -> bool {
        every > 0 && cycles.is_multiple_of(every)
    }
}

/// Whose box it is, and from what chance its keys come.
#[derive(Clone, Debug)]
pub struct BoxIdentity {
    /// The device's pseudonym, the name of its log.
    pub origin: String,
    /// Entropy for its keys. A trial derives it from the seed, so that the same seed gives the
    /// same bytes; a device draws it.
    pub entropy: [u8; 32],
    /// Civil time at the start, milliseconds since the Unix epoch.
    pub wall_start_millis: u64,
    /// How often it is secured.
    pub cadence: Cadence,
}

/// What a log is made or opened with, and what it begins with.
#[derive(Clone, Debug)]
struct Making {
    origin: Name,
    software: String,
    configuration: Hash,
    stamp: Stamp,
    identity: Vec<u8>,
    profile: Vec<u8>,
}

impl Making {
    fn new(
        whose: &BoxIdentity,
        machine: &dyn Machine,
        profile: &InstalledProfile,
    ) -> Result<Self, RecordError> {
        if machine.profile() != profile.profile() {
            return Err(RecordError::OtherProfile);
        }
        let origin =
            Name::new(&whose.origin).map_err(|_| RecordError::Name(whose.origin.clone()))?;
        let identity = machine.identity();
        let software = String::from_utf8_lossy(identity.controller.as_slice()).into_owned();
        let identity = encoded(EntryKind::Identity, &identity, &mut vec![0; RECORD_LIMIT])?.into();
        let configuration = Hash(sha2::Sha256::digest(machine.profile()).into());
        let wall = Some(Milliseconds(whose.wall_start_millis));
        let stamp = Stamp { elapsed: Milliseconds(0), wall };
        let profile = profile.entry_body();
        Ok(Self { origin, software, configuration, stamp, identity, profile })
    }

    fn config(&self) -> Config<'_> {
        Config::new(self.origin, &self.software, self.configuration)
    }
}

fn encoded<'s>(
    kind: EntryKind,
    value: &impl Canonical,
    space: &'s mut [u8],
) -> Result<&'s [u8], RecordError> {
    value.encode_canonical(space).map_err(|_| RecordError::TooLarge { kind })
}

fn snapshot_of<'s>(machine: &dyn Machine, space: &'s mut [u8]) -> Result<&'s [u8], RecordError> {
    machine.snapshot(space).map_err(|_| RecordError::TooLarge { kind: EntryKind::Snapshot })
}

/// Writes the records of one loop.
#[derive(Debug)]
pub struct Recorder<D> {
    log: Log<D, Vec<u8>>,
    making: Making,
    space: Vec<u8>,
    stamp: Stamp,
    cycles: u64,
    /// The cycle that was given last is written, the snapshot behind it was refused.
    half: bool,
    cadence: Cadence,
}

impl<D: Disk> Recorder<D> {
    /// A new box that begins with the machine's identity, the signed profile from which it was
    /// built, the scenario and the state from which everything can be computed again.
    ///
    /// # Errors
    /// When the machine was built from another profile, or the log cannot be made.
    pub fn create(
        disk: D,
        whose: &BoxIdentity,
        machine: &dyn Machine,
        profile: &InstalledProfile,
        scenario: &str,
    ) -> Result<Self, RecordError> {
        let making = Making::new(whose, machine, profile)?;
        let mut space = vec![0; RECORD_LIMIT];
        let snapshot = snapshot_of(machine, &mut space)?;
        Self::begin(disk, making, &whose.entropy, whose.cadence, scenario, snapshot)
    }

    /// A new box that goes on from this one: it begins with the same, and with the state after the last cycle
    /// that this one keeps.
    ///
    /// # Errors
    /// When the log cannot be made.
    pub fn successor(
        &self,
        disk: D,
        entropy: &[u8; 32],
        words: &str,
        snapshot: &[u8],
    ) -> Result<Self, RecordError> {
        let making = Making { stamp: self.stamp, ..self.making.clone() };
        Self::begin(disk, making, entropy, self.cadence, words, snapshot)
    }

    fn begin(
        disk: D,
        making: Making,
        entropy: &[u8; 32],
        cadence: Cadence,
        words: &str,
        snapshot: &[u8],
    ) -> Result<Self, RecordError> {
        let config = making.config();
        let buffer = vec![0; buffer_for(&config)];
        let log = Log::create(disk, buffer, &config, making.stamp, entropy)?;
        let (identity, profile) = (making.identity.clone(), making.profile.clone());
        let mut recorder = Self::with(log, making, cadence);
        recorder.append(EntryKind::Identity, &identity)?;
        recorder.append(EntryKind::SignedProfile, &profile)?;
        recorder.append(EntryKind::Note, words.as_bytes())?;
        recorder.append(EntryKind::Snapshot, snapshot)?;
        Ok(recorder)
    }

    /// Goes on with the box of a loop that was stopped, in order or not. Whether it is whole, and from
    /// which state the loop goes on, is for [`crate::inspection`] to say.
    ///
    /// # Errors
    /// When the machine was built from another profile, or the log cannot be opened.
    pub fn resume(
        disk: D,
        whose: &BoxIdentity,
        machine: &dyn Machine,
        profile: &InstalledProfile,
    ) -> Result<(Self, Recovery), RecordError> {
        let making = Making::new(whose, machine, profile)?;
        let config = making.config();
        let buffer = vec![0; buffer_for(&config)];
        let (log, recovery) = Log::open(disk, buffer, &config, making.stamp, &whose.entropy)?;
        Ok((Self::with(log, making, whose.cadence), recovery))
    }

    fn with(log: Log<D, Vec<u8>>, making: Making, cadence: Cadence) -> Self {
        let (space, stamp) = (vec![0; RECORD_LIMIT], making.stamp);
        Self { log, making, space, stamp, cycles: 0, half: false, cadence }
    }

    /// What everything so far amounts to: entries, and the root of their tree.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.log.state().head()
    }

    /// The key by which the box is known, for who verifies it.
    #[must_use]
    pub const fn key(&self) -> VerifierKey {
        self.log.root_key()
    }

    /// Whether the box takes no records until there is space.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.log.is_full()
    }

    /// Segments that the box has.
    #[must_use]
    pub const fn segments(&self) -> u32 {
        self.log.segments()
    }

    /// Bytes that are written of them.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.log.written()
    }

    /// Sets how many segments the box may have from now on; the next one counts as a full disk.
    pub const fn allow_segments(&mut self, most: u32) {
        self.log.allow_segments(most);
    }

    /// Keeps one cycle in its canonical bytes, as [`Recorder::cycle`] does: for who writes the box from
    /// another thread than the loop's. `snapshot` is the state after it, where one is due.
    ///
    /// # Errors
    /// When the log refuses.
    pub fn keep(
        &mut self,
        input: &Input,
        entry: &[u8],
        snapshot: Option<&[u8]>,
    ) -> Result<(), RecordError> {
        self.tell_time(input);
        self.half = false;
        self.append(EntryKind::Cycle, entry)?;
        self.cycles += 1;
        if let Some(snapshot) = snapshot {
            self.half = true;
            self.append(EntryKind::Snapshot, snapshot)?;
            self.half = false;
        }
        if Cadence::is_due(self.cadence.signature, self.cycles) {
            self.log.flush()?;
        }
        Ok(())
    }

    /// Keeps the cycle once more that was given last and refused. What finds room now was not lost, and what of
    /// it is written already is not written twice: a replay goes on through it.
    ///
    /// # Errors
    /// When the log refuses again.
    pub fn keep_again(
        &mut self,
        input: &Input,
        entry: &[u8],
        snapshot: Option<&[u8]>,
    ) -> Result<(), RecordError> {
        self.log.take_back_loss(1);
        match snapshot.filter(|_| self.half) {
            Some(snapshot) => self.append(EntryKind::Snapshot, snapshot),
            None => self.keep(input, entry, snapshot),
        }
    }

    /// Counts records that never reached this box; it says so before its next entry, or when it is closed.
    pub const fn lost(&mut self, records: u64) {
        self.log.record_loss(records);
    }

    /// Makes everything so far durable: when this returns, a loss of power loses none of it.
    ///
    /// # Errors
    /// The disk failed.
    pub fn sync(&mut self) -> Result<u64, RecordError> {
        Ok(self.log.sync()?)
    }

    /// Makes everything durable and signed, and looks for space again after a full disk.
    ///
    /// # Errors
    /// The disk failed.
    pub fn flush(&mut self) -> Result<u64, RecordError> {
        Ok(self.log.flush()?)
    }

    /// Ends this stretch of the box in order; it can be resumed.
    ///
    /// # Errors
    /// When the log refuses.
    pub fn close(self) -> Result<D, RecordError> {
        Ok(self.log.close(self.stamp)?)
    }

    fn tell_time(&mut self, input: &Input) {
        // The box's own order of time does not follow a clock that jumps back.
        self.stamp.elapsed = self.stamp.elapsed.max(Milliseconds(input.now.millis));
        let wall = input.wall.and_then(|wall| u64::try_from(wall.unix_millis).ok());
        self.stamp.wall = wall.map(Milliseconds);
    }

    /// Keeps one cycle, and a snapshot when one is due.
    ///
    /// # Errors
    /// When the log refuses.
    pub fn cycle(&mut self, machine: &dyn Machine, entry: &CycleEntry) -> Result<(), RecordError> {
        self.tell_time(&entry.input);
        self.encoded(EntryKind::Cycle, entry)?;
        self.cycles += 1;
        if Cadence::is_due(self.cadence.snapshot, self.cycles) {
            self.snapshot(machine)?;
        }
        if Cadence::is_due(self.cadence.signature, self.cycles) {
            self.log.flush()?;
        }
        Ok(())
    }

    /// Keeps words for people, with the time of the last cycle.
    ///
    /// # Errors
    /// When the log refuses. Words are no record of which a replay could miss anything: they are not counted as
    /// lost, so that a box goes on behind them without a new snapshot.
    pub fn note(&mut self, words: &str) -> Result<(), RecordError> {
        let noted = self.append(EntryKind::Note, words.as_bytes());
        if noted.is_err() {
            self.log.take_back_loss(1);
        }
        noted
    }

    /// Ends the box for good: a last snapshot, a last checkpoint, the key wiped.
    ///
    /// # Errors
    /// When the log refuses.
    pub fn finish(mut self, machine: &dyn Machine) -> Result<D, RecordError> {
        if !Cadence::is_due(self.cadence.snapshot, self.cycles) {
            self.snapshot(machine)?;
        }
        self.retire()
    }

    /// Ends a box that another one follows: a last checkpoint, the key wiped.
    ///
    /// # Errors
    /// When the log refuses.
    pub fn retire(self) -> Result<D, RecordError> {
        Ok(self.log.finish(self.stamp)?)
    }

    fn snapshot(&mut self, machine: &dyn Machine) -> Result<(), RecordError> {
        let bytes = snapshot_of(machine, &mut self.space)?;
        self.log.append(Kind(EntryKind::Snapshot as u8), SCHEMA, self.stamp, Body::Plain(bytes))?;
        Ok(())
    }

    fn encoded(&mut self, kind: EntryKind, value: &impl Canonical) -> Result<(), RecordError> {
        let bytes = encoded(kind, value, &mut self.space)?;
        self.log.append(Kind(kind as u8), SCHEMA, self.stamp, Body::Plain(bytes))?;
        Ok(())
    }

    fn append(&mut self, kind: EntryKind, bytes: &[u8]) -> Result<(), RecordError> {
        self.log.append(Kind(kind as u8), SCHEMA, self.stamp, Body::Plain(bytes))?;
        Ok(())
    }
}
