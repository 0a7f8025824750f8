//! From a folder to a loop that goes on: what was kept is verified and computed again, and the matrix
//! of restarts says what may follow (MOD-13, INT-04, F-P01, F-P05).
//!
//! The state of the loop is not stored beside the box: it *is* the box. The newest snapshot and the
//! cycles behind it are computed again, so that a state which does not follow from its inputs cannot
//! be restored. Whatever the restart, people start treatment; the machine never does.

use std::cell::Cell;

use homeostat_assembly::inspection::{Builder, Inspection, Replayed, inspect};
use homeostat_assembly::{BoxIdentity, InstalledProfile, Machine, RecordError, Recorder};
use homeostat_blackbox::disk::Disk;
use homeostat_blackbox::verdict::Options;
use homeostat_blackbox::verify::verify_log;
use homeostat_record::{Cause, CauseSet, Cycle};

use crate::life::Life;

/// How the last run ended, as the device finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The device was never run.
    First,
    /// It was shut down in order.
    Orderly,
    /// It ended without a word: power, a crash, a kill.
    Unexplained,
    /// What it kept cannot be believed, or does not follow from itself.
    Damaged,
    /// Other software or another profile than that which the box was written with.
    Changed,
}

/// What follows a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// The loop goes on with its state: ledger, latches, what still acts.
    pub state: bool,
    /// The box goes on; if not, a new one is begun and the old one stays as it is.
    pub same_box: bool,
    /// Conditions of the first cycle.
    pub conditions: CauseSet,
    /// For people.
    pub words: &'static str,
}

impl Start {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::First, Self::Orderly, Self::Unexplained, Self::Damaged, Self::Changed];

    /// The matrix of restarts. In none of them does treatment resume by itself: the supervisor answers a
    /// new start with a self-test and standby, whatever it did before.
    #[must_use]
    pub const fn consequence(self) -> Consequence {
        let nothing = CauseSet::EMPTY;
        match self {
            Self::First => Consequence {
                state: false,
                same_box: false,
                conditions: nothing,
                words: "first start",
            },
            Self::Orderly => Consequence {
                state: true,
                same_box: true,
                conditions: nothing,
                words: "started again after an orderly end; a person starts treatment",
            },
            Self::Unexplained => Consequence {
                state: true,
                same_box: true,
                conditions: nothing,
                words: "started again after an end that nobody ordered; check the patient, reconcile \
                        what was given, and start treatment yourself",
            },
            Self::Damaged => Consequence {
                state: false,
                same_box: false,
                conditions: CauseSet::EMPTY.with(Cause::IntegrityLost),
                words: "what this device kept cannot be believed: it stays stopped until an authorised \
                        person has examined and reset it",
            },
            Self::Changed => Consequence {
                state: false,
                same_box: false,
                conditions: nothing,
                words: "other software or another profile than before: what was given before is not \
                        known to it; reconcile, and start treatment yourself",
            },
        }
    }
}

/// Where boxes are kept, numbered from 1.
pub trait Boxes {
    /// Their storage.
    type Disk: Disk;
    /// Why one cannot be opened.
    type Error: std::error::Error + 'static;

    /// The number of the newest box; `None` if there is none.
    ///
    /// # Errors
    /// The place cannot be read.
    fn newest(&self) -> Result<Option<u32>, Self::Error>;

    /// The storage of a box, for writing.
    ///
    /// # Errors
    /// It cannot be opened, or is open elsewhere.
    fn disk(&self, number: u32) -> Result<Self::Disk, Self::Error>;

    /// Puts what is there of the newest box, whose making never came to its end, out of the count.
    ///
    /// # Errors
    /// It stays.
    fn set_aside(&self, number: u32) -> Result<(), Self::Error>;
}

/// Why a device cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum RestartError {
    /// The place of the boxes.
    #[error("the black box's place: {0}")]
    Place(Box<dyn std::error::Error>),
    /// A new box cannot be begun.
    #[error("{0}")]
    Box(#[from] RecordError),
}

/// A device that was opened.
pub struct Opened<D> {
    /// The loop, with its state where it goes on.
    pub machine: Box<dyn Machine>,
    /// Its last cycle, if it goes on.
    pub last: Option<Cycle>,
    /// The box.
    pub recorder: Recorder<D>,
    /// The box's number.
    pub number: u32,
    /// What kind of start it is.
    pub start: Start,
    /// More about it, for people.
    pub details: Vec<String>,
}

/// What was found of the last run.
struct Found {
    start: Start,
    details: Vec<String>,
    ended: Option<homeostat_assembly::inspection::Ended>,
    readable: u64,
    /// It has all with which a box begins.
    begun: bool,
    /// The loop lived in it.
    lived: bool,
}

/// Opens the newest box, or begins one. `before` is the device's life up to its last end, and this
/// start is the one after it. `build` makes a loop from what a box says of itself, `fresh` is the
/// loop of this start.
///
/// # Errors
/// [`RestartError`]: then nothing is started, and what is there is as it was.
pub fn open<B: Boxes>(
    boxes: &B,
    whose: &BoxIdentity,
    profile: &InstalledProfile,
    mut fresh: Box<dyn Machine>,
    build: Builder<'_>,
    before: Life,
) -> Result<Opened<B::Disk>, RestartError> {
    let place = |error: B::Error| RestartError::Place(Box::new(error));
    let mut newest = boxes.newest().map_err(place)?.unwrap_or(0);
    let mut found = Found::of(Start::First);
    if newest < before.boxes {
        let known = before.boxes;
        found = damaged(format!(
            "{known} black boxes were begun, and the newest there is number {newest}"
        ));
    }
    // How the last run ended says the newest box in which the loop lived. Those behind it were begun by
    // starts that ended before their first cycle was kept: they neither mend nor excuse anything.
    let readable = if newest < before.boxes { 0 } else { newest };
    for number in (1..=readable).rev() {
        let mut disk = boxes.disk(number).map_err(place)?;
        let read = examine(&mut disk, &*fresh, build, before);
        if number > before.boxes && !read.lived {
            // Power was lost while this box was made: nothing was ever kept in it.
            drop(disk);
            boxes.set_aside(number).map_err(place)?;
            newest = number.saturating_sub(1);
            continue;
        }
        let says = read.lived || read.start == Start::Damaged;
        found = read;
        if found.begun && found.start.consequence().same_box && (says || number == 1) {
            if let Some(recorder) = resume(disk, whose, &mut fresh, profile, &mut found) {
                let last = found.ended.map(|ended| ended.cycle);
                let Found { start, details, .. } = found;
                return Ok(Opened { machine: fresh, last, recorder, number, start, details });
            }
            found.start = Start::Damaged;
            break;
        }
        if says {
            break;
        }
    }
    let Found { start, details, .. } = found;
    let number = newest.saturating_add(1);
    let disk = boxes.disk(number).map_err(place)?;
    let words = start.consequence().words;
    let mut recorder = Recorder::create(disk, whose, &*fresh, profile, words)?;
    // A box that the life counts has all with which one begins.
    recorder.sync()?;
    Ok(Opened { machine: fresh, last: None, recorder, number, start, details })
}

fn resume<D: Disk>(
    disk: D,
    whose: &BoxIdentity,
    fresh: &mut Box<dyn Machine>,
    profile: &InstalledProfile,
    found: &mut Found,
) -> Option<Recorder<D>> {
    if let Some(ended) = &found.ended
        && let Err(error) = fresh.restore(&ended.state)
    {
        found.details.push(format!("the state cannot be restored: {error}"));
        return None;
    }
    match Recorder::resume(disk, whose, &**fresh, profile) {
        // What was computed again must be what is kept.
        Ok((recorder, recovery)) if recovery.entries == found.readable => Some(recorder),
        Ok((_, recovery)) => {
            let (kept, read) = (recovery.entries, found.readable);
            found.details.push(format!("the box keeps {kept} of {read} entries that it had"));
            None
        }
        Err(error) => {
            found.details.push(error.to_string());
            None
        }
    }
}

fn examine<D: Disk>(disk: &mut D, fresh: &dyn Machine, build: Builder<'_>, before: Life) -> Found {
    let options = Options { allow_pruned: true, ..Options::default() };
    let same_profile = Cell::new(true);
    let build: Builder<'_> = &|identity, profile| {
        same_profile.set(profile == fresh.profile());
        build(identity, profile)
    };
    let inspection = match inspect(|visit| verify_log(disk, &options, visit), build, None) {
        Ok(inspection) => inspection,
        Err(error) => return damaged(format!("the black box cannot be read: {error}")),
    };
    let Inspection { verdict, replayed, identity, ended, begun, lived, .. } = inspection;
    let damaged = |words| Found { lived, ..damaged(words) };
    if let Some(fault) = &verdict.fault {
        return damaged(format!("the black box is damaged: {fault}"));
    }
    if !same_profile.get() || identity.is_some_and(|identity| identity != fresh.identity()) {
        return Found { lived, ..Found::of(Start::Changed) };
    }
    if let Replayed::Diverged { entry, divergence } = &replayed {
        return damaged(format!(
            "entry {entry} does not follow from what was before: {divergence}"
        ));
    }
    if let Some(ended) = &ended
        && ended.now.boot > before.boot
    {
        let (known, last) = (ended.now.boot, before.boot);
        return damaged(format!(
            "the box knows start {known}, the device's life knows {last}: the device was set back"
        ));
    }
    if lived && ended.is_none() {
        let why = match replayed {
            Replayed::NotPossible(why) => why,
            _ => "records are missing, and no snapshot stands behind them".to_owned(),
        };
        return damaged(format!("where the loop stood cannot be computed: {why}"));
    }
    let start = if before.orderly { Start::Orderly } else { Start::Unexplained };
    Found { ended, readable: verdict.entries, begun, lived, ..Found::of(start) }
}

impl Found {
    /// A start for which nothing of a box is known.
    const fn of(start: Start) -> Self {
        let details = Vec::new();
        Self { start, details, ended: None, readable: 0, begun: false, lived: false }
    }
}

fn damaged(words: String) -> Found {
    Found { details: vec![words], ..Found::of(Start::Damaged) }
}
