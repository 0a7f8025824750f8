//! The frames of one segment, one after another, and what stands behind the last good one.

use super::Walk;
use super::stretch::List;
use crate::disk::FileId;
use crate::entry::{Entry, Kind, Loss};
use crate::fault::FaultKind;
use crate::frame::{Frame, FrameType, Step, leaves, step};
use crate::hash::{Hash, leaf_hash};
use crate::layout::SegmentHeader;
use crate::note::SignatureCheck;
use crate::verdict::{Position, Record, TornTail, Visit, file_name};

impl<C: SignatureCheck> Walk<'_, C> {
    /// Walks the frames of one segment; false when it ended before the segment did.
    pub(super) fn frames(
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
                    self.end = (name, at as u64);
                    return true;
                }
                _ => {
                    self.settle();
                    self.end = (name.clone(), at as u64);
                    self.tail(bytes, at, unit, &name, is_last);
                    return false;
                }
            }
        }
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
        if frame.frame_type != FrameType::Leaves {
            self.settle();
        }
        let Some(state) = self.state.as_mut() else { return false };
        let outcome = match frame.frame_type {
            _ if frame.sequence < size => Err(FaultKind::EntryRepeated),
            _ if frame.sequence > size => Err(FaultKind::EntryMissing),
            FrameType::Leaves => return self.leaves(frame, position, name),
            FrameType::Signature => {
                self.signature(frame, position, name);
                return true;
            }
            FrameType::Entry => state.accept_leaf(frame.payload, self.check),
        };
        match outcome {
            Ok((entry, leaf)) => {
                self.accepted(&entry, leaf, position);
                if self.verdict.fault.is_none() && self.doubt.is_none() {
                    self.verdict.readable = size.saturating_add(1);
                    visit(&Record { position, bytes: frame.payload, entry: Some(entry) });
                }
                true
            }
            Err(FaultKind::RootMismatch) => {
                self.other_root(frame.payload, position, name);
                false
            }
            Err(kind) => {
                let later =
                    kind == FaultKind::EntryMissing && occurs_later(rest, size, unit, position);
                let kind = if later { FaultKind::EntryReordered } else { kind };
                let detail = format!("expected entry {size}, the frame says {}", frame.sequence);
                if frame.sequence == size && self.verdict.fault.is_none() {
                    self.read_on_to_leaves(rest, unit, position);
                }
                self.report(kind, name, position.offset, detail);
                false
            }
        }
    }

    /// An entry can be refused for what an earlier one was changed to say (a time ahead of it): the leaf hashes
    /// that were written with both tell which, and stand behind the refused one.
    fn read_on_to_leaves(&mut self, rest: &[u8], unit: usize, position: Position) {
        let mut at = 0;
        let mut entry = position.entry;
        loop {
            let here = rest.get(at..).unwrap_or_default();
            let place = usize::try_from(position.offset).unwrap_or(0).saturating_add(at);
            match step(here, place, unit) {
                Step::Frame(frame, length) if frame.frame_type == FrameType::Entry => {
                    let offset = place as u64;
                    self.stretch
                        .push(Position { entry, offset, ..position }, leaf_hash(frame.payload));
                    entry = entry.saturating_add(1);
                    at += length;
                }
                Step::Frame(frame, _) if frame.frame_type == FrameType::Leaves => {
                    let file = file_name(FileId::Segment(position.segment));
                    let list = List { file, offset: place as u64, size: entry };
                    if let Some(hashes) = leaves(&frame) {
                        self.stretch.write(hashes, list);
                    }
                    return;
                }
                Step::Filling(length) => at += length,
                _ => return,
            }
        }
    }

    fn accepted(&mut self, entry: &Entry<'_>, leaf: Hash, position: Position) {
        if self.places.is_empty() || self.known_sizes.binary_search(&position.entry).is_ok() {
            self.places.push(position);
        }
        match entry.header.kind {
            Kind::OPEN => self.verdict.openings += 1,
            Kind::EPOCH => self.handed_over(position),
            Kind::LOSS => {
                let records = Loss::decode(entry.body.bytes()).map_or(0, |loss| loss.records);
                self.verdict.lost_records = self.verdict.lost_records.saturating_add(records);
            }
            _ => {}
        }
        if self.verdict.fault.is_none() {
            self.stretch.push(position, leaf);
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
        if self.is_closed() {
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

    /// A last segment without a header was being made when power was lost, if nothing stands in it.
    pub(super) fn headless(&mut self, bytes: &[u8], name: &str, may_be_unborn: bool) {
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
