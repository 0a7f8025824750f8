//! The verifier of a log in segments: computes everything again from the bytes, and names the first fault.
//!
//! It needs no network and changes nothing. What it says rests on one key: given by the caller, or else taken
//! from the log itself, which then proves that the log is whole but not whose it is.

use std::collections::TryReserveError;

use self::stretch::Stretch;
use crate::disk::{Disk, DiskError, FileId};
use crate::fault::FaultKind;
use crate::frontier::Frontier;
use crate::known::Known;
use crate::layout::{Geometry, SEGMENT_HEADER_ROOM, SLOT_LENGTH, SegmentHeader, Slot};
use crate::note::{SignatureCheck, Strict, VerifierKey};
use crate::state::LogState;
use crate::verdict::{Finding, KeySource, Layout, Options, Position, Verdict, Visit, file_name};

mod conclude;
mod frames;
mod stretch;
mod vouch;

/// Verifies the log on `disk` and shows every good entry, in order, to `visit`.
///
/// # Errors
/// The disk fails. Damage to the log is no error: it is in the verdict.
pub fn verify_log<D: Disk>(
    disk: &mut D,
    options: &Options,
    visit: Visit<'_>,
) -> Result<Verdict, DiskError> {
    verify_log_with(disk, options, &mut Strict, visit)
}

/// [`verify_log`] with another way to check signatures.
///
/// # Errors
/// As [`verify_log`].
pub fn verify_log_with<D: Disk>(
    disk: &mut D,
    options: &Options,
    check: &mut impl SignatureCheck,
    visit: Visit<'_>,
) -> Result<Verdict, DiskError> {
    let mut walk = Walk::new(options, check);
    walk.read_slots(disk)?;
    match disk.segments()? {
        None => walk.report(FaultKind::SegmentMissing, "segment-00000000", 0, "no segments".into()),
        Some(range) => walk.segments(disk, range, visit)?,
    }
    Ok(walk.conclude(options))
}

const EMPTY_SLOT: &str = "it holds nothing";

/// A signature that did not fit what was read, until it is clear which of the two is wrong.
#[derive(Clone, Debug)]
struct Doubt {
    size: u64,
    file: String,
    offset: u64,
    /// What is wrong if a later signature vouches for the entries after all.
    otherwise: FaultKind,
}

/// A checkpoint slot that holds no checkpoint.
#[derive(Clone, Debug)]
struct BadSlot {
    file: FileId,
    kind: FaultKind,
    detail: &'static str,
    /// A loss of power can leave it so.
    excusable: bool,
}

struct Walk<'c, C> {
    verdict: Verdict,
    state: Option<LogState>,
    check: &'c mut C,
    slots: [Option<Slot>; 2],
    bad_slots: Vec<BadSlot>,
    /// The entries that no signature covers yet.
    stretch: Stretch,
    doubt: Option<Doubt>,
    /// The size whose slots were compared last.
    settled: Option<u64>,
    allow_pruned: bool,
    geometry: Option<Geometry>,
    /// The last segment was cut behind its last entry, as closing does.
    cut: bool,
    /// Where the good frames end.
    end: (String, u64),
    known: Known,
    known_sizes: Vec<u64>,
    /// The first entry, and those that follow the sizes that the caller knows.
    places: Vec<Position>,
}

impl<'c, C: SignatureCheck> Walk<'c, C> {
    fn new(options: &Options, check: &'c mut C) -> Self {
        let mut verdict = Verdict::new(Layout::Segments);
        verdict.key = options.key;
        if options.key.is_some() {
            verdict.key_source = KeySource::Given;
        }
        let known = Known::new(options);
        Self {
            verdict,
            state: None,
            check,
            slots: [None, None],
            bad_slots: Vec::new(),
            stretch: Stretch::new(Frontier::new()),
            doubt: None,
            settled: None,
            allow_pruned: options.allow_pruned,
            geometry: None,
            cut: false,
            end: (file_name(FileId::Segment(0)), 0),
            known_sizes: known.sizes().collect(),
            known,
            places: Vec::new(),
        }
    }

    fn size(&self) -> u64 {
        self.state.as_ref().map_or(0, LogState::size)
    }

    /// Notes the first fault; later ones follow from it.
    fn report(&mut self, kind: FaultKind, file: &str, offset: u64, detail: String) {
        let entry = self.size();
        self.report_range(kind, (entry, entry), file, offset, detail);
    }

    fn report_range(
        &mut self,
        kind: FaultKind,
        (entry, through): (u64, u64),
        file: &str,
        offset: u64,
        detail: String,
    ) {
        let finding = Finding { kind, entry, through, file: file.to_owned(), offset, detail };
        self.verdict.fault.get_or_insert(finding);
    }

    fn read_slots<D: Disk>(&mut self, disk: &mut D) -> Result<(), DiskError> {
        for (number, kept) in (0_u8..).zip(&mut self.slots) {
            let file = FileId::Checkpoint(number);
            let mut bad = |kind, detail, excusable| {
                self.bad_slots.push(BadSlot { file, kind, detail, excusable });
            };
            let length = match disk.length(file) {
                Err(DiskError::NotAFile(_)) => {
                    bad(FaultKind::NotAFile, "it was not opened", false);
                    continue;
                }
                Ok(None) => {
                    bad(FaultKind::CheckpointMissing, "the file is not there", false);
                    continue;
                }
                Ok(Some(length)) if length > SLOT_LENGTH as u64 => {
                    bad(FaultKind::CheckpointDamaged, "larger than a checkpoint slot", false);
                    continue;
                }
                length => length?,
            };
            let mut bytes = [0; SLOT_LENGTH];
            disk.read_at(file, 0, &mut bytes)?;
            *kept = Slot::decode(&bytes).filter(|_| length == Some(SLOT_LENGTH as u64));
            if kept.is_none() {
                let detail = if bytes.iter().all(|byte| *byte == 0) {
                    EMPTY_SLOT
                } else {
                    "not readable, as when power is lost while it is written"
                };
                bad(FaultKind::CheckpointDamaged, detail, true);
            }
        }
        Ok(())
    }

    /// The slot that counts.
    fn newest_slot(&self) -> Option<&Slot> {
        self.slots.iter().flatten().max_by_key(|slot| slot.generation)
    }

    fn segments<D: Disk>(
        &mut self,
        disk: &mut D,
        (lowest, highest): (u32, u32),
        visit: Visit<'_>,
    ) -> Result<(), DiskError> {
        let mut bytes = Vec::new();
        for number in lowest..=highest {
            let file = FileId::Segment(number);
            let name = file_name(file);
            let length = match disk.length(file) {
                Ok(Some(length)) => length,
                Ok(None) => {
                    let detail = "the file is not there".to_owned();
                    self.report(FaultKind::SegmentMissing, &name, 0, detail);
                    return Ok(());
                }
                Err(DiskError::NotAFile(_)) => {
                    self.report(FaultKind::NotAFile, &name, 0, "it was not opened".to_owned());
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            let is_last = number == highest;
            read_part(disk, file, length.min(SEGMENT_HEADER_ROOM as u64), &mut bytes)?;
            let Some((header, start)) = SegmentHeader::decode(&bytes) else {
                // How much it can hold says the segment before.
                let capacity = self.geometry.map_or(0, |geometry| geometry.segment_bytes);
                read_part(disk, file, length.min(u64::from(capacity)), &mut bytes)?;
                self.headless(&bytes, &name, number > lowest && is_last);
                return Ok(());
            };
            let capacity = u64::from(header.geometry.segment_bytes);
            read_part(disk, file, length.min(capacity), &mut bytes)?;
            if header.number != number || !self.enter(&header, &name, number == lowest) {
                let detail = format!("it says that it is segment {}", header.number);
                self.report(FaultKind::SegmentOrder, &name, 0, detail);
                return Ok(());
            }
            if self.cut && self.verdict.fault.is_none() {
                // Only closing cuts a segment, and opening again fills it up before it goes on in another.
                let detail = "shorter than its header says, and not the last one".to_owned();
                let before = file_name(FileId::Segment(number.saturating_sub(1)));
                self.report(FaultKind::Truncated, &before, self.end.1, detail);
            }
            self.cut = length < capacity;
            let whole = self.frames(&bytes, start, &header, is_last, visit);
            if length > capacity {
                let detail = format!("{length} bytes, its header says at most {capacity}");
                self.report(FaultKind::ForeignBytes, &name, capacity, detail);
            }
            if !whole {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Compares a segment's header with what came before it.
    fn enter(&mut self, header: &SegmentHeader, name: &str, first: bool) -> bool {
        let geometry = self.geometry.replace(header.geometry);
        let root = VerifierKey { name: header.origin, key: header.root_key };
        let Some(state) = self.state.as_ref().filter(|_| !first) else {
            return self.enter_first(header, &root, name);
        };
        let of_header = LogState { closed: state.closed, ..LogState::of_segment(header) };
        if of_header == *state && geometry == Some(header.geometry) {
            return true;
        }
        let (size, says) = (state.size(), header.frontier.size());
        let kind = match says.cmp(&size) {
            _ if header.origin != state.origin || header.root_key != state.root_key => {
                FaultKind::SegmentOrder
            }
            std::cmp::Ordering::Greater => FaultKind::EntryMissing,
            std::cmp::Ordering::Less => FaultKind::EntryRepeated,
            std::cmp::Ordering::Equal if header.frontier != state.frontier => {
                self.doubt(name, 0, FaultKind::SegmentOrder);
                return true;
            }
            std::cmp::Ordering::Equal => FaultKind::SegmentOrder,
        };
        let detail = format!("the segment begins at entry {says}, {size} was due");
        self.report(kind, name, 0, detail);
        true
    }

    fn enter_first(&mut self, header: &SegmentHeader, root: &VerifierKey, name: &str) -> bool {
        let state = LogState::of_segment(header);
        let begins = state == LogState::new(root);
        self.verdict.origin = header.origin.as_str().to_owned();
        self.verdict.first_entry = state.size();
        if let Some(given) = self.verdict.key
            && given != *root
        {
            let detail = format!("the log's root key is {root}, the key given is {given}");
            self.report(FaultKind::NotAsKnown, name, 0, detail);
        }
        self.verdict.key.get_or_insert(*root);
        if header.number > 0 && !self.allow_pruned {
            let detail = format!("the log begins with segment {}", header.number);
            self.report(FaultKind::SegmentMissing, name, 0, detail);
        } else if header.number == 0 && !begins {
            let detail = "the first segment does not begin an empty log".to_owned();
            self.report(FaultKind::SegmentOrder, name, 0, detail);
        }
        self.stretch.restart(&state.frontier);
        self.state = Some(state);
        true
    }
}

/// Reads the first `length` bytes of a file. So much memory may not be there.
fn read_part<D: Disk>(
    disk: &mut D,
    file: FileId,
    length: u64,
    bytes: &mut Vec<u8>,
) -> Result<(), DiskError> {
    const OUT_OF_MEMORY: i32 = 12;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    bytes.clear();
    let room: Result<(), TryReserveError> = bytes.try_reserve_exact(length);
    room.map_err(|_| DiskError::Failed(OUT_OF_MEMORY))?;
    bytes.resize(length, 0);
    disk.read_at(file, 0, bytes)
}
