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

    /// Bytes that are left.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.most.saturating_sub(self.used)
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
/// come before `needed`, and no more of them than that takes.
#[must_use]
pub fn to_go<'c>(
    held: &[Held],
    copied: &'c [Copied],
    needed: u32,
    most: u64,
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
    may.retain(|(_, bytes)| {
        let goes = used > most;
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
}

/// What follows a record that is durable.
pub trait Follow<D>: Send {
    /// The box after a cycle was kept in it, with the state after the cycle where that was kept too.
    fn kept(&mut self, recorder: &mut Recorder<D>, snapshot: Option<&[u8]>);

    /// The box refused a record.
    fn refused(&mut self, recorder: &mut Recorder<D>);

    /// How much there is.
    fn room(&self) -> &Room;
}

/// A box without a bound.
impl<D> Follow<D> for () {
    fn kept(&mut self, _: &mut Recorder<D>, _: Option<&[u8]>) {}
    fn refused(&mut self, _: &mut Recorder<D>) {}
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
    before: Option<(u32, Recorder<S::Disk>)>,
    /// From which the keys of further boxes come.
    chance: Hash,
    segments: u32,
    room: Room,
}

/// Why something was not done. It is tried again; what it comes to is seen in the room that is left.
#[derive(Debug, thiserror::Error)]
enum Undone {
    #[error(transparent)]
    Place(#[from] io::Error),
    #[error(transparent)]
    Box(#[from] RecordError),
}

impl<S: Shelf> Archive<S> {
    /// Within these limits, while the box `current` is written. New keys come from `chance`.
    #[must_use]
    pub fn new(shelf: S, limits: Limits, current: u32, chance: [u8; 32]) -> Self {
        let room = Room { most: limits.bytes, ..Room::default() };
        let chance = Hash(chance);
        Self { shelf, limits, current, needed: 0, before: None, chance, segments: 0, room }
    }

    /// What is not needed goes, and what is left is known to the box.
    fn tidy(&mut self, recorder: &mut Recorder<S::Disk>) -> Result<(), Undone> {
        let copied = self.shelf.copied()?;
        let held = self.shelf.held()?;
        let most = self.limits.bytes.saturating_sub(RESERVE + SEGMENT);
        let used: u64 = held.iter().map(|held| held.bytes).sum();
        for (copy, _) in to_go(&held, &copied, self.needed, most) {
            if self.shelf.fingerprint(copy.number)? == copy.fingerprint {
                recorder.note(&format!(
                    "box {:04} is removed: {} is what it amounted to; {} has a copy; boxes took {used} of {} bytes",
                    copy.number, copy.head, copy.by, self.limits.bytes
                ))?;
                // What goes is in the record first.
                recorder.sync()?;
                self.shelf.remove(copy.number)?;
            }
        }
        let held = self.shelf.held()?;
        let has_copy = |held: &&Held| copied.iter().any(|copy| Some(copy.number) == held.number);
        self.room.used = held.iter().map(|held| held.bytes).sum();
        self.room.boxes = held.len();
        self.room.copied = held.iter().filter(has_copy).count();
        self.segments = recorder.segments();
        let more = u32::try_from(self.room.left() / SEGMENT).unwrap_or(u32::MAX);
        recorder.allow_segments(self.segments.saturating_add(more));
        Ok(())
    }

    /// Another box goes on from here.
    fn follow(&mut self, recorder: &mut Recorder<S::Disk>, snapshot: &[u8]) -> Result<(), Undone> {
        recorder.flush()?;
        let words = format!("goes on from box {:04}, {}", self.current, recorder.head());
        let (number, disk) = self.shelf.begin()?;
        let entropy = leaf_hash(&self.chance.0);
        self.chance = leaf_hash(&[&self.chance.0[..], b"next"].concat());
        let mut next = recorder.successor(disk, &entropy.0, &words, snapshot)?;
        next.sync()?;
        self.shelf.begun(number)?;
        self.before = Some((self.current, core::mem::replace(recorder, next)));
        self.current = number;
        Ok(())
    }

    /// A record is durable in the box that follows: the one before is ended, and its key wiped.
    fn end_before(&mut self) -> Result<(), Undone> {
        let Some((_, mut before)) = self.before.take() else { return Ok(()) };
        before.note(&format!("goes on in box {:04}", self.current))?;
        before.retire()?;
        Ok(())
    }
}

impl<S: Shelf> Follow<S::Disk> for Archive<S> {
    fn kept(&mut self, recorder: &mut Recorder<S::Disk>, snapshot: Option<&[u8]>) {
        self.needed = self.current;
        let ended = self.before.is_some();
        let mut done = self.end_before();
        let due = snapshot.filter(|_| recorder.written() >= self.limits.share);
        let changed = self.segments != recorder.segments() || ended || due.is_some();
        if changed || self.room.is_reserve() {
            done = done.and_then(|()| self.tidy(recorder));
        }
        if let Some(snapshot) = due.filter(|_| self.room.left() >= RESERVE) {
            done = done.and_then(|()| self.follow(recorder, snapshot));
        }
        self.room.undone = done.err().map(|error| error.to_string());
    }

    fn refused(&mut self, recorder: &mut Recorder<S::Disk>) {
        self.room.undone = self.tidy(recorder).err().map(|error| error.to_string());
    }

    fn room(&self) -> &Room {
        &self.room
    }
}
