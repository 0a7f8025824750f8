//! The verifier of a log in segments: computes everything again from the bytes, and names the first fault.
//!
//! It needs no network and changes nothing. What it says rests on one key: given by the caller, or else taken
//! from the log itself, which then proves that the log is whole but not whose it is.

use crate::checkpoint::{Checkpoint, TreeHead, text};
use crate::disk::{Disk, DiskError, FileId};
use crate::entry::{Entry, Kind, Loss};
use crate::fault::FaultKind;
use crate::frame::{Frame, FrameType, Step, step};
use crate::layout::{SLOT_LENGTH, SegmentHeader, Slot};
use crate::note::{Note, SignatureCheck, Strict, VerifierKey};
use crate::state::LogState;
use crate::verdict::{
    Finding, KeySource, Layout, Options, Position, Record, TornTail, Verdict, Visit, file_name,
};

mod conclude;

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

/// A signature that did not fit what was read, until it is clear which of the two is wrong.
#[derive(Clone, Debug)]
struct Doubt {
    size: u64,
    file: String,
    offset: u64,
    /// What is wrong if a later signature vouches for the entries after all.
    otherwise: FaultKind,
}

struct Walk<'c, C> {
    verdict: Verdict,
    state: Option<LogState>,
    check: &'c mut C,
    slots: [Option<Slot>; 2],
    damaged_slots: Vec<String>,
    /// Where the entries begin that no signature covers yet.
    since_signed: Option<Position>,
    doubt: Option<Doubt>,
    allow_pruned: bool,
    /// Heads by size that outside knowledge asks for.
    wanted_head: Option<u64>,
    head_wanted: Option<TreeHead>,
}

impl<'c, C: SignatureCheck> Walk<'c, C> {
    fn new(options: &Options, check: &'c mut C) -> Self {
        let mut verdict = Verdict::new(Layout::Segments);
        verdict.key = options.key;
        if options.key.is_some() {
            verdict.key_source = KeySource::Given;
        }
        let wanted_head = options.known_checkpoint.as_deref().and_then(|known| {
            let note = Note::parse(known.as_bytes()).ok()?;
            Checkpoint::parse(note.text()).ok().map(|checkpoint| checkpoint.head.size)
        });
        Self {
            verdict,
            state: None,
            check,
            slots: [None, None],
            damaged_slots: Vec::new(),
            since_signed: None,
            doubt: None,
            allow_pruned: options.allow_pruned,
            wanted_head,
            head_wanted: None,
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
            let Some(length) = disk.length(file)? else { continue };
            let mut bytes = [0; SLOT_LENGTH];
            disk.read_at(file, 0, &mut bytes)?;
            *kept = Slot::decode(&bytes).filter(|_| length == SLOT_LENGTH as u64);
            if kept.is_none() && bytes.iter().any(|byte| *byte != 0) {
                self.damaged_slots.push(file_name(file));
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
            let Some(length) = disk.length(file)? else {
                self.report(FaultKind::SegmentMissing, &name, 0, "the file is not there".into());
                return Ok(());
            };
            bytes.clear();
            bytes.resize(usize::try_from(length).unwrap_or(usize::MAX), 0);
            disk.read_at(file, 0, &mut bytes)?;
            let is_last = number == highest;
            let Some((header, start)) = SegmentHeader::decode(&bytes) else {
                self.headless(&bytes, &name, number > lowest && is_last);
                return Ok(());
            };
            if header.number != number || !self.enter(&header, &name, number == lowest) {
                let detail = format!("it says that it is segment {}", header.number);
                self.report(FaultKind::SegmentOrder, &name, 0, detail);
                return Ok(());
            }
            if !self.frames(&bytes, start, &header, is_last, visit) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A last segment without a header was being made when power was lost, if nothing stands in it.
    fn headless(&mut self, bytes: &[u8], name: &str, may_be_unborn: bool) {
        let holds_batch = bytes.len().is_multiple_of(64)
            && (0..bytes.len()).step_by(64).any(|at| {
                let rest = bytes.get(at..).unwrap_or_default();
                matches!(step(rest, at, 64), Step::Frame(frame, _) if frame.starts_batch)
            });
        if may_be_unborn && !holds_batch {
            let dirty = count_dirty(bytes);
            if dirty > 0 {
                self.verdict.torn =
                    Some(TornTail { file: name.to_owned(), offset: 0, bytes: dirty });
            }
        } else {
            self.report(FaultKind::SegmentHeader, name, 0, "no readable header".into());
        }
    }

    /// Compares a segment's header with what came before it.
    fn enter(&mut self, header: &SegmentHeader, name: &str, first: bool) -> bool {
        let root = VerifierKey { name: header.origin, key: header.root_key };
        let Some(state) = self.state.as_ref().filter(|_| !first) else {
            return self.enter_first(header, &root, name);
        };
        let of_header = LogState { closed: state.closed, ..LogState::of_segment(header) };
        if of_header == *state {
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
        self.state = Some(state);
        self.compare_slots();
        true
    }

    /// Walks the frames of one segment; false when it ended before the segment did.
    fn frames(
        &mut self,
        bytes: &[u8],
        start: usize,
        header: &SegmentHeader,
        is_last: bool,
        visit: Visit<'_>,
    ) -> bool {
        let unit = header.geometry.write_unit as usize;
        let name = file_name(FileId::Segment(header.number));
        let mut at = start;
        let mut batch_ended = true;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            match step(rest, at, unit) {
                Step::Frame(frame, length) if frame.starts_batch || !batch_ended => {
                    let offset = at as u64;
                    let position = Position { entry: self.size(), segment: header.number, offset };
                    if !self.frame(&frame, position, &name, rest, unit, visit) {
                        return false;
                    }
                    batch_ended = false;
                    at += length;
                }
                Step::Filling(length) => {
                    batch_ended = true;
                    at += length;
                }
                Step::Unwritten if count_dirty(rest) == 0 => {
                    return self.check_length(bytes, header, &name);
                }
                _ => {
                    self.tail(bytes, at, unit, &name, is_last);
                    return false;
                }
            }
        }
    }

    fn check_length(&mut self, bytes: &[u8], header: &SegmentHeader, name: &str) -> bool {
        let most = u64::from(header.geometry.segment_bytes);
        if bytes.len() as u64 > most {
            let detail = format!("the file is longer than a segment of {most} bytes");
            self.report(FaultKind::ForeignBytes, name, most, detail);
        }
        true
    }

    /// One frame whose checksum fits.
    fn frame(
        &mut self,
        frame: &Frame<'_>,
        position: Position,
        name: &str,
        rest: &[u8],
        unit: usize,
        visit: Visit<'_>,
    ) -> bool {
        let size = position.entry;
        let Some(state) = self.state.as_mut() else { return false };
        let outcome = match frame.frame_type {
            _ if frame.sequence < size => Err(FaultKind::EntryRepeated),
            _ if frame.sequence > size => Err(FaultKind::EntryMissing),
            FrameType::Signature => return self.signature(frame, position, name),
            FrameType::Entry => state.accept(frame.payload, self.check),
        };
        match outcome {
            Ok(entry) => {
                self.since_signed.get_or_insert(position);
                self.count(&entry);
                if entry.header.kind == Kind::EPOCH {
                    self.handed_over(position);
                }
                if self.verdict.fault.is_none() && self.doubt.is_none() {
                    visit(&Record { position, bytes: frame.payload, entry: Some(entry) });
                }
                self.compare_slots();
                true
            }
            Err(FaultKind::RootMismatch) => {
                self.doubt(name, position.offset, FaultKind::RootMismatch);
                false
            }
            Err(kind) => {
                let later =
                    kind == FaultKind::EntryMissing && occurs_later(rest, size, unit, position);
                let kind = if later { FaultKind::EntryReordered } else { kind };
                let detail = format!("expected entry {size}, the frame says {}", frame.sequence);
                self.report(kind, name, position.offset, detail);
                false
            }
        }
    }

    /// The handover's signature vouches for all entries before it.
    fn handed_over(&mut self, position: Position) {
        self.verdict.signatures += 1;
        self.settle_doubt(position.entry);
        self.since_signed = Some(position);
    }

    fn count(&mut self, entry: &Entry<'_>) {
        match entry.header.kind {
            Kind::OPEN => self.verdict.openings += 1,
            Kind::LOSS => {
                let records = Loss::decode(entry.body.bytes()).map_or(0, |loss| loss.records);
                self.verdict.lost_records = self.verdict.lost_records.saturating_add(records);
            }
            _ => {}
        }
    }

    /// A checkpoint's signature that stands in the segment.
    fn signature(&mut self, frame: &Frame<'_>, position: Position, name: &str) -> bool {
        let Some(state) = self.state.as_ref() else { return false };
        let signature: Result<[u8; 64], _> = frame.payload.try_into();
        let good = signature.is_ok_and(|signature| {
            text(&state.origin, state.head())
                .is_ok_and(|text| self.check.check(&state.epoch_key, text.as_bytes(), &signature))
        });
        if good {
            self.vouched();
        } else {
            self.doubt(name, position.offset, FaultKind::BadSignature);
        }
        true
    }

    /// Entries and what speaks of them do not fit: which one is wrong shows later.
    fn doubt(&mut self, file: &str, offset: u64, otherwise: FaultKind) {
        if self.verdict.fault.is_some() {
            return;
        }
        let size = self.size();
        self.doubt.get_or_insert(Doubt { size, file: file.to_owned(), offset, otherwise });
    }

    /// The first `size` entries are right: so what did not fit them earlier is wrong.
    fn settle_doubt(&mut self, size: u64) {
        if let Some(doubt) = self.doubt.take_if(|doubt| doubt.size <= size) {
            let detail = "the entries are right, a later signature says: this is not".to_owned();
            let range = (doubt.size, doubt.size);
            self.report_range(doubt.otherwise, range, &doubt.file, doubt.offset, detail);
        }
    }

    /// A good signature vouches for everything so far.
    fn vouched(&mut self) {
        self.verdict.signatures += 1;
        self.settle_doubt(self.size());
        let Some(state) = self.state.as_ref() else { return };
        self.verdict.signed = state.size();
        self.verdict.head = Some(state.head());
        self.since_signed = None;
    }

    /// Checks the slots that speak of the size reached.
    fn compare_slots(&mut self) {
        let size = self.size();
        if self.wanted_head == Some(size) {
            self.head_wanted = self.state.as_ref().map(LogState::head);
        }
        for (number, slot) in (0_u8..).zip(self.slots) {
            let Some(slot) = slot.filter(|slot| slot.size == size) else { continue };
            let Some(state) = self.state.as_ref() else { return };
            let name = file_name(FileId::Checkpoint(number));
            match read_slot(&slot, state, self.check) {
                Ok(head) if head == state.head() => {
                    self.vouched();
                    self.verdict.checkpoint = Some(slot.note.as_str().to_owned());
                }
                Ok(_) => self.doubt(&name, 0, FaultKind::Forked),
                Err(kind) => {
                    let detail = format!("checkpoint of {} entries", slot.size);
                    self.report(kind, &name, 0, detail);
                }
            }
        }
    }

    /// Decides what stands behind the good frames.
    fn tail(&mut self, bytes: &[u8], at: usize, unit: usize, name: &str, is_last: bool) {
        let rest = bytes.get(at..).unwrap_or_default();
        let offset = at as u64;
        let promised = self.newest_slot().map_or(0, |slot| slot.size);
        let next = (at + 1).next_multiple_of(unit);
        let later_batch = (next..bytes.len()).step_by(unit).any(|place| {
            let rest = bytes.get(place..).unwrap_or_default();
            matches!(step(rest, place, unit), Step::Frame(frame, _) if frame.starts_batch)
        });
        let closed = self.state.as_ref().is_some_and(|state| state.closed);
        if closed && self.size() >= promised {
            let detail = "the log was closed before this place".to_owned();
            self.report(FaultKind::ForeignBytes, name, offset, detail);
        } else if !is_last || later_batch || self.size() < promised {
            let detail = match step(rest, at, unit) {
                Step::Bad(error) => error.to_string(),
                _ => "no frame where one is due".to_owned(),
            };
            self.report(FaultKind::RecordDamaged, name, offset, detail);
        } else {
            let bytes = count_dirty(rest);
            self.verdict.torn = Some(TornTail { file: name.to_owned(), offset, bytes });
        }
    }
}

/// The head that a slot's note signs with the key in force.
fn read_slot(
    slot: &Slot,
    state: &LogState,
    check: &mut impl SignatureCheck,
) -> Result<TreeHead, FaultKind> {
    let note = Note::parse(slot.note.as_bytes()).map_err(|_| FaultKind::CheckpointDamaged)?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|_| FaultKind::CheckpointDamaged)?;
    note.verify(&[state.verifier()], check).map_err(|_| FaultKind::BadSignature)?;
    if checkpoint.origin != state.origin.as_str() || checkpoint.head.size != slot.size {
        return Err(FaultKind::CheckpointDamaged);
    }
    Ok(checkpoint.head)
}

fn count_dirty(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte != 0).count() as u64
}

/// Whether entry `sequence` stands further on in the segment.
fn occurs_later(rest: &[u8], sequence: u64, unit: usize, position: Position) -> bool {
    let mut at = 0;
    loop {
        let here = rest.get(at..).unwrap_or_default();
        let place = usize::try_from(position.offset).unwrap_or(0) + at;
        match step(here, place, unit) {
            Step::Frame(frame, _)
                if frame.frame_type == FrameType::Entry && frame.sequence == sequence =>
            {
                return true;
            }
            Step::Frame(_, length) | Step::Filling(length) => at += length,
            Step::Unwritten | Step::Bad(_) => return false,
        }
    }
}
