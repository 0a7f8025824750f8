//! How much the black boxes of a device may take, and what happens then (LOG-06).
//!
//! A box that has taken its share is followed by another one, which begins with the state in which the first
//! one ended. When all of them together need more than the bound, the oldest goes of which somebody has a copy,
//! byte for byte; the box that is written says which one went and what it amounted to. What nobody has a copy
//! of, and what a restart needs, never goes: then the bound is an alarm, and beyond it records are lost and
//! counted, as on a full disk.

use std::io;

use homeostat_assembly::{RecordError, Recorder};
use homeostat_blackbox::checkpoint::TreeHead;
use homeostat_blackbox::disk::Disk;
use homeostat_blackbox::hash::{Hash, leaf_hash};

/// Bytes of a segment, in which a box takes what it needs.
const SEGMENT: u64 = 1 << 20;
/// Kept back for what is said of a box before it goes, and for the end.
const LAST: u64 = SEGMENT;
/// When no more than this is left, it is an alarm.
const RESERVE: u64 = 2 * SEGMENT;

/// What the boxes may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// All of them.
    pub bytes: u64,
    /// One of them, before the next snapshot begins another.
    pub share: u64,
}

impl Limits {
    /// What may be said, in MiB: a year of insulin is some sixty, a day of propofol some ten.
    pub const MIB: std::ops::RangeInclusive<u64> = 16..=1 << 20;

    /// So many MiB for all boxes, an eighth of it and at most 8 MiB for one; `None` outside the range.
    #[must_use]
    pub fn of_mib(mib: u64) -> Option<Self> {
        let bytes = mib << 20;
        let share = (bytes / 8).min(8 << 20);
        Self::MIB.contains(&mib).then_some(Self { bytes, share })
    }
}

/// A box as it lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its number; `None` for what was never made to its end.
    pub number: Option<u32>,
    /// What it takes.
    pub bytes: u64,
}

/// Somebody has a copy of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Which box.
    pub number: u32,
    /// What it amounts to.
    pub head: TreeHead,
    /// Over all of its files: a box that has grown since is not what was copied.
    pub fingerprint: Hash,
    /// Who has it and since when, in one line.
    pub by: String,
}

/// How much there is, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Bytes that all boxes take.
    pub used: u64,
    /// Bytes that they may take; 0 without a bound.
    pub most: u64,
    /// Boxes.
    pub boxes: usize,
    /// Boxes of which there is a copy.
    pub copied: usize,
    /// What could not be done last, and is tried again.
    pub undone: Option<String>,
}

impl Room {
    /// Nothing is known, and nothing is bounded.
    pub const UNBOUNDED: Self = Self { used: 0, most: 0, boxes: 0, copied: 0, undone: None };

    /// Bytes that are left for records.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.most.saturating_sub(self.used).saturating_sub(LAST)
    }

    /// Three quarters are taken and nothing may go, or less is left: to be said before it is an alarm.
    #[must_use]
    pub const fn is_low(&self) -> bool {
        self.is_reserve() || self.most > 0 && self.copied == 0 && self.used > self.most / 4 * 3
    }

    /// Records will soon be lost: an alarm.
    #[must_use]
    pub const fn is_reserve(&self) -> bool {
        self.most > 0 && self.left() < RESERVE
    }
}

/// The boxes that go so that what stays takes at most `most`: the oldest ones of which there is a copy and which
/// come before `needed`, and no more of them than that takes. A box that is not what was copied, as `is_copy`
/// finds, stays and is in nobody's way.
#[must_use]
pub fn to_go<'c>(
    held: &[Held],
    copied: &'c [Copied],
    needed: u32,
    most: u64,
    mut is_copy: impl FnMut(&Copied) -> bool,
) -> Vec<(&'c Copied, u64)> {
    let mut used: u64 = held.iter().map(|held| held.bytes).sum();
    let mut may: Vec<(&Copied, u64)> = held
        .iter()
        .filter_map(|held| {
            let number = held.number.filter(|number| *number < needed)?;
            copied.iter().find(|copy| copy.number == number).map(|copy| (copy, held.bytes))
        })
        .collect();
    may.sort_by_key(|(copy, _)| copy.number);
    may.retain(|(copy, bytes)| {
        let goes = used > most && is_copy(copy);
        used = used.saturating_sub(if goes { *bytes } else { 0 });
        goes
    });
    may
}

/// Where boxes are kept, for who begins and removes them while the device runs.
pub trait Shelf: Send {
    /// Their storage.
    type Disk: Disk + Send;

    /// All that lies there.
    ///
    /// # Errors
    /// The place cannot be read.
    fn held(&self) -> io::Result<Vec<Held>>;

    /// Of which boxes there are copies.
    ///
    /// # Errors
    /// It cannot be read.
    fn copied(&self) -> io::Result<Vec<Copied>>;

    /// The fingerprint of a box as it is now.
    ///
    /// # Errors
    /// It cannot be read.
    fn fingerprint(&self, number: u32) -> io::Result<Hash>;

    /// The storage of the next box, and its number.
    ///
    /// # Errors
    /// There can be none.
    fn begin(&mut self) -> io::Result<(u32, Self::Disk)>;

    /// The box of this number is made to its end: from now on it is missed.
    ///
    /// # Errors
    /// That cannot be kept.
    fn begun(&mut self, number: u32) -> io::Result<()>;

    /// Removes a box: after a loss of power it is there or it is not.
    ///
    /// # Errors
    /// It stays.
    fn remove(&mut self, number: u32) -> io::Result<()>;

    /// Nobody can write on in a box before this one: its keys are wiped.
    ///
    /// # Errors
    /// One may be left.
    fn seal(&mut self, before: u32) -> io::Result<()>;
}

/// What follows a record that is durable.
pub trait Follow<D>: Send {
    /// The box after a cycle was kept in it, with the state after the cycle where that was kept too.
    fn kept(&mut self, recorder: &mut Recorder<D>, snapshot: Option<&[u8]>);

    /// The box refused a record.
    fn refused(&mut self, recorder: &mut Recorder<D>);

    /// Opens the segment that was kept back for the end: what a restart needs comes before the bound.
    fn open_last(&mut self, recorder: &mut Recorder<D>);

    /// How much there is.
    fn room(&self) -> &Room;
}

/// A box without a bound.
impl<D> Follow<D> for () {
    fn kept(&mut self, _: &mut Recorder<D>, _: Option<&[u8]>) {}
    fn refused(&mut self, _: &mut Recorder<D>) {}
    fn open_last(&mut self, _: &mut Recorder<D>) {}
    fn room(&self) -> &Room {
        const { &Room::UNBOUNDED }
    }
}

/// The boxes of a running device within their bound.
pub struct Archive<S: Shelf> {
    shelf: S,
    limits: Limits,
    /// The box that is written.
    current: u32,
    /// The oldest box that a restart needs: the newest in which a cycle is durable.
    needed: u32,
    /// The box before it, until a record is durable in the one that follows.
    before: Option<Recorder<S::Disk>>,
    /// No box before it can be written on.
    sealed: bool,
    /// From which the keys of further boxes come.
    chance: Hash,
    segments: u32,
    /// Of which boxes the record says already that they go.
    announced: Vec<Copied>,
    room: Room,
}

/// Why something was not done. It is tried again; what it comes to is seen in the room that is left.
#[derive(Debug, thiserror::Error)]
enum Undone {
    #[error(transparent)]
    Place(#[from] io::Error),
    #[error(transparent)]
    Box(#[from] RecordError),
    #[error(
        "box {0:04} is not as it was copied: it stays until it is exported and said to be copied again"
    )]
    OtherCopy(u32),
    #[error("box {0:04} could go, and there is no room in which to say so first")]
    Unsaid(u32),
}

impl<S: Shelf> Archive<S> {
    /// Within these limits, while the box `current` is written. New keys come from `chance`.
    #[must_use]
    pub fn new(shelf: S, limits: Limits, current: u32, chance: [u8; 32]) -> Self {
        let room = Room { most: limits.bytes, ..Room::default() };
        let chance = Hash(chance);
        let (needed, segments, before, sealed, announced) = (0, 0, None, false, Vec::new());
        Self { shelf, limits, current, needed, before, sealed, chance, segments, announced, room }
    }

    /// What is not needed goes, and what is left is known to the box.
    fn tidy(&mut self, recorder: &mut Recorder<S::Disk>) -> Result<(), Undone> {
        // Copies that cannot be read are none; how much there is counts all the same.
        let (copied, known) = match self.shelf.copied() {
            Ok(copied) => (copied, Ok(())),
            Err(error) => (Vec::new(), Err(error.into())),
        };
        let went = known.and_then(|()| self.let_go(recorder, &copied));
        let held = self.shelf.held()?;
        let has_copy = |held: &&Held| copied.iter().any(|copy| Some(copy.number) == held.number);
        self.room.used = held.iter().map(|held| held.bytes).sum();
        self.room.boxes = held.len();
        self.room.copied = held.iter().filter(has_copy).count();
        self.segments = recorder.segments();
        let more = u32::try_from(self.room.left() / SEGMENT).unwrap_or(u32::MAX);
        recorder.allow_segments(self.segments.saturating_add(more));
        went
    }

    /// The oldest boxes of which there is a copy go until there is room; what goes is in the record first.
    fn let_go(
        &mut self,
        recorder: &mut Recorder<S::Disk>,
        copied: &[Copied],
    ) -> Result<(), Undone> {
        let held = self.shelf.held()?;
        let used: u64 = held.iter().map(|held| held.bytes).sum();
        let most = self.limits.bytes.saturating_sub(RESERVE + LAST + SEGMENT);
        let mut went = Ok(());
        let is_copy = |copy: &Copied| {
            let other = match self.shelf.fingerprint(copy.number) {
                Ok(found) if found == copy.fingerprint => return true,
                Ok(_) => Undone::OtherCopy(copy.number),
                Err(error) => error.into(),
            };
            went = Err(other);
            false
        };
        let going = to_go(&held, copied, self.needed, most, is_copy);
        let stays = used.saturating_sub(going.iter().map(|(_, bytes)| bytes).sum());
        // A box that cannot be removed is tried again and again: beyond the bound nothing is opened but what
        // those that go make up for.
        let opens = stays.saturating_add(SEGMENT) <= self.limits.bytes;
        self.announced.retain(|said| copied.contains(said));
        for (copy, _) in going {
            if !self.announced.contains(copy) {
                if opens {
                    self.open_last(recorder);
                }
                self.announce(recorder, copy, used)?;
            }
            self.shelf.remove(copy.number)?;
        }
        went
    }

    /// The record says that a box goes: once, also where the box then stays and is tried again.
    fn announce(
        &mut self,
        recorder: &mut Recorder<S::Disk>,
        copy: &Copied,
        used: u64,
    ) -> Result<(), Undone> {
        if recorder.is_full() {
            return Err(Undone::Unsaid(copy.number));
        }
        recorder.note(&format!(
            "box {:04} is removed: {} is what it amounted to; {} has a copy; boxes took {used} of {} bytes",
            copy.number, copy.head, copy.by, self.limits.bytes
        ))?;
        recorder.sync()?;
        self.announced.push(copy.clone());
        Ok(())
    }

    /// Another box goes on from here.
    fn follow(&mut self, recorder: &mut Recorder<S::Disk>, snapshot: &[u8]) -> Result<(), Undone> {
        recorder.flush()?;
        let words = format!("goes on from box {:04}, {}", self.current, recorder.head());
        let (number, disk) = self.shelf.begin()?;
        let entropy = leaf_hash(&self.chance.0);
        self.chance = leaf_hash(&[&self.chance.0[..], b"next"].concat());
        let made = recorder.successor(disk, &entropy.0, &words, snapshot);
        let next = made.and_then(|mut next| next.sync().map(|_| next));
        let next = match next {
            Ok(next) => next,
            Err(error) => {
                // Half a box would be taken for a damaged one.
                self.shelf.remove(number)?;
                return Err(error.into());
            }
        };
        self.shelf.begun(number)?;
        self.before = Some(core::mem::replace(recorder, next));
        (self.current, self.sealed) = (number, false);
        Ok(())
    }

    /// A record is durable in this box: the one before is ended, and nobody can write on in an older one.
    fn seal(&mut self, recorder: &Recorder<S::Disk>) -> Result<(), Undone> {
        self.needed = self.current;
        if let Some(mut before) = self.before.take() {
            let words = format!("goes on in box {:04}, known by {}", self.current, recorder.key());
            let ended = before.note(&words).and_then(|()| before.retire().map(drop));
            ended?;
        }
        self.shelf.seal(self.current)?;
        self.sealed = true;
        Ok(())
    }
}

impl<S: Shelf> Follow<S::Disk> for Archive<S> {
    fn kept(&mut self, recorder: &mut Recorder<S::Disk>, snapshot: Option<&[u8]>) {
        let seals = !self.sealed;
        let mut done = if seals { self.seal(recorder) } else { Ok(()) };
        let due = snapshot.filter(|_| recorder.written() >= self.limits.share);
        let changed = self.segments != recorder.segments() || seals || due.is_some();
        if changed || self.room.is_reserve() {
            done = self.tidy(recorder).and(done);
        }
        if let Some(snapshot) = due.filter(|_| self.room.left() >= RESERVE) {
            done = self.follow(recorder, snapshot).and(done);
        }
        self.room.undone = done.err().map(|error| error.to_string());
    }

    fn refused(&mut self, recorder: &mut Recorder<S::Disk>) {
        self.room.undone = self.tidy(recorder).err().map(|error| error.to_string());
    }

    fn open_last(&mut self, recorder: &mut Recorder<S::Disk>) {
        recorder.allow_segments(recorder.segments().saturating_add(1));
        let _ = recorder.flush();
    }

    fn room(&self) -> &Room {
        &self.room
    }
}
