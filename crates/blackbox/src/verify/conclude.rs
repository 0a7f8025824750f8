//! The end of a verification: what the whole walk says about checkpoints, and about what the caller knows.

use super::Walk;
use crate::checkpoint::{Checkpoint, TreeHead};
use crate::disk::FileId;
use crate::fault::FaultKind;
use crate::note::{Note, NoteError, SignatureCheck, Strict, VerifierKey};
use crate::state::LogState;
use crate::verdict::{Finding, Options, Verdict, file_name};

impl<C: SignatureCheck> Walk<'_, C> {
    pub(super) fn conclude(mut self, options: &Options) -> Verdict {
        self.conclude_doubt();
        self.judge_slots();
        let size = self.size();
        if let Some(state) = &self.state {
            self.verdict.epoch = state.epoch;
            self.verdict.closed = state.closed;
        }
        self.judge_knowledge(options);
        let good = self.verdict.fault.as_ref().map_or(size, |fault| fault.entry.min(size));
        self.verdict.entries = good;
        self.verdict.signed = self.verdict.signed.min(good);
        self.verdict
    }

    /// Nothing later vouches for the entries, so they are what changed, as far as anyone can tell.
    fn conclude_doubt(&mut self) {
        let Some(doubt) = self.doubt.take() else { return };
        let first = self.since_signed.map_or(doubt.size, |position| position.entry);
        let last = doubt.size.saturating_sub(1);
        let place = self.since_signed.map(|p| (file_name(FileId::Segment(p.segment)), p.offset));
        let (file, offset) = place.unwrap_or((doubt.file, doubt.offset));
        // What was found after it may only follow from it.
        self.verdict.fault.take_if(|fault| fault.entry >= doubt.size);
        let detail = "these entries do not have the root that was signed".to_owned();
        self.report_range(FaultKind::RootMismatch, (first, last), &file, offset, detail);
    }

    /// Are the slots there, readable, and not ahead of the entries?
    fn judge_slots(&mut self) {
        let size = self.size();
        let slots = self.slots;
        for (number, slot) in (0_u8..).zip(slots) {
            if let Some(slot) = slot.filter(|slot| slot.size > size) {
                let detail = format!(
                    "{} signs {} entries, {size} are there",
                    file_name(FileId::Checkpoint(number)),
                    slot.size
                );
                let through = slot.size.saturating_sub(1);
                let end = self.end_of_entries();
                self.report_range(FaultKind::Truncated, (size, through), &end.0, end.1, detail);
            }
        }
        let closed = self.state.as_ref().is_some_and(|state| state.closed);
        let damaged = std::mem::take(&mut self.damaged_slots);
        for name in damaged {
            let detail = "not readable, as when power is lost while it is written".to_owned();
            let entry = self.size();
            let finding = Finding {
                kind: FaultKind::CheckpointDamaged,
                entry,
                through: entry,
                file: name,
                offset: 0,
                detail,
            };
            if closed {
                self.verdict.fault.get_or_insert(finding);
            } else {
                self.verdict.notes.push(finding);
            }
        }
        if self.newest_slot().is_none() {
            let detail = "neither slot holds a checkpoint".to_owned();
            self.report_range(FaultKind::CheckpointMissing, (0, 0), "checkpoint-0", 0, detail);
        }
    }

    fn end_of_entries(&self) -> (String, u64) {
        self.since_signed.map_or_else(
            || (String::from("segment"), 0),
            |p| (file_name(FileId::Segment(p.segment)), p.offset),
        )
    }

    /// Holds the log against what the caller knows from elsewhere.
    fn judge_knowledge(&mut self, options: &Options) {
        let signed = self.verdict.signed;
        if let Some(least) = options.at_least.filter(|least| *least > signed) {
            let detail = format!("{signed} entries are signed, at least {least} are known");
            self.report_range(FaultKind::NotAsKnown, (signed, least - 1), "checkpoint", 0, detail);
        }
        let Some(known) = options.known_checkpoint.as_deref() else { return };
        let Some(key) = self.state.as_ref().map(LogState::verifier) else { return };
        match known_head(known, &key, self.verdict.key.as_ref()) {
            Err(detail) => {
                self.report_range(FaultKind::NotAsKnown, (0, 0), "checkpoint", 0, detail);
            }
            Ok(head) if head.size > signed => {
                let detail = format!("the known checkpoint has {} entries", head.size);
                let through = head.size - 1;
                let range = (signed, through);
                self.report_range(FaultKind::NotAsKnown, range, "checkpoint", 0, detail);
            }
            Ok(head) if self.head_wanted != Some(head) => {
                let detail = "the known checkpoint has another root at its size".to_owned();
                let range = (0, head.size.saturating_sub(1));
                self.report_range(FaultKind::Forked, range, "checkpoint", 0, detail);
            }
            Ok(_) => {}
        }
    }
}

/// The head in a checkpoint that the caller kept. Its signature is checked if one of the keys at hand made it; a
/// caller who kept it has his own reason to believe it.
fn known_head(
    known: &str,
    last: &VerifierKey,
    root: Option<&VerifierKey>,
) -> Result<TreeHead, String> {
    let note = Note::parse(known.as_bytes()).map_err(|error| error.to_string())?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|error| error.to_string())?;
    let keys: Vec<VerifierKey> = root.into_iter().chain([last]).copied().collect();
    match note.verify(&keys, &mut Strict) {
        Ok(_) | Err(NoteError::NoKnownKey) if checkpoint.origin == last.name.as_str() => {
            Ok(checkpoint.head)
        }
        Ok(_) | Err(NoteError::NoKnownKey) => {
            Err(format!("the known checkpoint is of another log: {}", checkpoint.origin))
        }
        Err(error) => Err(format!("the known checkpoint: {error}")),
    }
}
