//! The end of a verification: what the whole walk says about checkpoints, and about what the caller knows.

use super::{BadSlot, Walk};
use crate::disk::FileId;
use crate::fault::FaultKind;
use crate::known::refused_checkpoint;
use crate::layout::Slot;
use crate::note::{SignatureCheck, VerifierKey};
use crate::state::LogState;
use crate::verdict::{Finding, Options, Verdict, file_name};

impl<C: SignatureCheck> Walk<'_, C> {
    pub(super) fn conclude(mut self, options: &Options) -> Verdict {
        self.settle();
        self.conclude_doubt();
        self.judge_newest_slot();
        self.judge_bad_slots();
        self.judge_generations();
        self.judge_knowledge(options);
        self.judge_unsigned();
        let closes = self.state.as_ref().is_some_and(|state| state.closed);
        let (size, closed) = (self.size(), self.is_closed());
        let good = self.verdict.fault.as_ref().map_or(size, |fault| fault.entry.min(size));
        let ends_here = good == size;
        self.verdict.epoch = self.state.as_ref().map_or(0, |state| state.epoch);
        self.verdict.closed = closed && ends_here;
        self.verdict.unsigned_close = closes && !closed && ends_here;
        self.verdict.entries = good;
        self.verdict.signed = self.verdict.signed.min(good);
        self.verdict
    }

    /// The last entry closes the log, and a signature covers it.
    pub(super) fn is_closed(&self) -> bool {
        let closes = self.state.as_ref().is_some_and(|state| state.closed);
        closes && self.verdict.signed == self.size()
    }

    /// Nothing later vouches for the entries, so they are what changed, as far as anyone can tell.
    fn conclude_doubt(&mut self) {
        let Some(doubt) = self.doubt.take() else { return };
        let first = self.stretch.first();
        let place = first.map(|p| (file_name(FileId::Segment(p.segment)), p.offset));
        let (file, offset) = place.unwrap_or((doubt.file, doubt.offset));
        // What was found after it may only follow from it.
        self.verdict.fault.take_if(|fault| fault.entry >= doubt.size);
        let detail = "these entries do not have the root that was signed".to_owned();
        let last = doubt.size.saturating_sub(1);
        let range = (first.map_or(doubt.size, |position| position.entry), last);
        self.report_range(FaultKind::RootMismatch, range, &file, offset, detail);
    }

    /// Is there a checkpoint, and does it speak of no more than is there?
    fn judge_newest_slot(&mut self) {
        let size = self.size();
        for (number, slot) in (0_u8..).zip(self.slots) {
            let Some(slot) = slot.filter(|slot| slot.size > size) else { continue };
            let name = file_name(FileId::Checkpoint(number));
            let detail = format!("{name} signs {} entries, {size} are there", slot.size);
            let range = (size, slot.size.saturating_sub(1));
            let (file, offset) = self.end.clone();
            self.report_range(FaultKind::Truncated, range, &file, offset, detail);
        }
        let (signed, last) = (self.verdict.signed, size.saturating_sub(1));
        let range = (signed, last.max(signed));
        let closes = self.state.as_ref().is_some_and(|state| state.closed);
        let generation = self.newest_slot().map(|slot| slot.generation);
        // Where the next checkpoint would stand, and the last one stood.
        let due = generation.map_or(0, |generation| generation.wrapping_add(1) % 2);
        let file = file_name(FileId::Checkpoint(due as u8));
        if generation.is_none() {
            let words = "neither slot holds a checkpoint";
            let detail = format!("{words}; older signatures cover {signed} of {size} entries");
            self.report_range(FaultKind::CheckpointMissing, range, &file, 0, detail);
        } else if closes && self.cut && !self.is_closed() {
            // A segment is cut when the checkpoint of the closed log is there, not earlier.
            let bad = self.bad_slots.iter().find(|bad| file_name(bad.file) == file);
            let (kind, why) = bad
                .map_or((FaultKind::CheckpointMissing, "an older one stands there"), |bad| {
                    (bad.kind, bad.detail)
                });
            let detail = format!("{why}; the closed log's checkpoint of {size} entries is gone");
            self.report_range(kind, range, &file, 0, detail);
        } else if self.newest_slot().is_some_and(|slot| slot.size < signed) {
            // A signature goes into a segment after its checkpoint was persisted in a slot.
            let detail = format!("older than a signature of {signed} entries in the segments");
            self.report(FaultKind::CheckpointDamaged, &file, 0, detail);
        }
    }

    /// The other slot may be unreadable after a loss of power, unless the log was closed since.
    fn judge_bad_slots(&mut self) {
        let newest = self.newest_slot().map_or(0, |slot| slot.generation);
        let closed = self.is_closed();
        for BadSlot { file, kind, detail, excusable } in std::mem::take(&mut self.bad_slots) {
            // The first checkpoint of all has none beside it.
            if excusable && newest < 2 && detail == super::EMPTY_SLOT {
                continue;
            }
            let (entry, file) = (self.size(), file_name(file));
            let detail = detail.to_owned();
            let finding = Finding { kind, entry, through: entry, file, offset: 0, detail };
            if closed || !excusable {
                self.verdict.fault.get_or_insert(finding);
            } else {
                self.verdict.notes.push(finding);
            }
        }
    }

    /// Checkpoints are counted and take turns: an older one that was put back breaks the count.
    fn judge_generations(&mut self) {
        let wrong = |slot: &Slot, number: u64| slot.generation % 2 != number;
        let [zero, one] = &self.slots;
        let apart =
            zero.zip(*one).is_some_and(|(zero, one)| zero.generation.abs_diff(one.generation) != 1);
        let zero_wrong = zero.as_ref().is_some_and(|slot| wrong(slot, 0));
        let one_wrong = one.as_ref().is_some_and(|slot| wrong(slot, 1));
        if apart || zero_wrong || one_wrong {
            let older =
                u8::from(zero.map(|slot| slot.generation) > one.map(|slot| slot.generation));
            let number = if zero_wrong {
                0
            } else if one_wrong {
                1
            } else {
                older
            };
            let file = file_name(FileId::Checkpoint(number));
            let detail = "not the checkpoint that stood here: the two take turns".to_owned();
            self.report(FaultKind::CheckpointDamaged, &file, 0, detail);
        }
    }

    /// Of entries that no signature covers, the hashes written beside them are all that speaks.
    fn judge_unsigned(&mut self) {
        let Some(first) = self.stretch.changed().next() else { return };
        let detail = "the entry is not that of the leaf hash written with it; no signature says which \
                      of the two was changed";
        let file = file_name(FileId::Segment(first.segment));
        let range = (first.entry, first.entry);
        let detail = detail.to_owned();
        // The walk may have ended at a later fault, before it came to the signature.
        self.verdict.fault.take_if(|fault| fault.entry > first.entry);
        self.report_range(FaultKind::RecordDamaged, range, &file, first.offset, detail);
    }

    /// Holds the log against what the caller knows from elsewhere.
    fn judge_knowledge(&mut self, options: &Options) {
        let Some(last) = self.state.as_ref().map(LogState::verifier) else { return };
        let keys: Vec<VerifierKey> = self.verdict.key.into_iter().chain([last]).collect();
        if let Some(detail) = refused_checkpoint(options, last.name.as_str(), &keys) {
            self.report_range(FaultKind::NotAsKnown, (0, 0), "checkpoint", 0, detail);
        }
        let (first, signed) = (self.verdict.first_entry, self.verdict.signed);
        if let Some((kind, range, detail)) = self.known.contradiction(first, signed) {
            let place = self.places.iter().rfind(|place| place.entry <= range.0);
            let unsigned = self.stretch.first().filter(|place| place.entry == range.0);
            let place = unsigned.or(place.copied()).filter(|_| range.0 < self.size());
            let (file, offset) = place.map_or_else(
                || self.end.clone(),
                |place| (file_name(FileId::Segment(place.segment)), place.offset),
            );
            self.report_range(kind, range, &file, offset, detail);
        }
    }
}
