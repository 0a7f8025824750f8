//! What signatures say of the entries: checkpoints in the segments and in the slots, and handovers between keys.

use super::stretch::List;
use super::{Doubt, Walk};
use crate::checkpoint::{Checkpoint, TreeHead, text};
use crate::disk::FileId;
use crate::entry::{Entry, Epoch};
use crate::fault::FaultKind;
use crate::frame::{Frame, leaves};
use crate::layout::Slot;
use crate::note::{Note, SignatureCheck};
use crate::state::LogState;
use crate::verdict::{Position, file_name};

/// Changed entries that one finding lists.
const MOST_LISTED: usize = 8;

impl<C: SignatureCheck> Walk<'_, C> {
    /// The leaf hashes of the entries just read.
    pub(super) fn leaves(&mut self, frame: &Frame<'_>, position: Position, name: &str) -> bool {
        if self.verdict.fault.is_some() {
            return true;
        }
        let list = List { file: name.to_owned(), offset: position.offset, size: position.entry };
        if leaves(frame).is_some_and(|hashes| self.stretch.write(hashes, list)) {
            return true;
        }
        let detail = "not the leaf hashes of the entries before it".to_owned();
        self.report(FaultKind::RecordDamaged, name, position.offset, detail);
        false
    }

    /// The handover's signature vouches for all entries before it.
    pub(super) fn handed_over(&mut self, position: Position) {
        self.verdict.signatures += 1;
        self.settle_doubt(position.entry);
        self.judge_lists();
        self.stretch.vouch();
    }

    /// The handover at `position` is signed, but for other entries than those before it.
    pub(super) fn other_root(&mut self, payload: &[u8], position: Position, name: &str) {
        let epoch = Entry::decode(payload).ok();
        let root = epoch.and_then(|entry| Epoch::decode(entry.body.bytes()).ok());
        if self.written_head().is_some_and(|head| root.is_some_and(|next| next.root == head.root)) {
            self.tell_changed();
        } else {
            self.doubt(name, position.offset, FaultKind::RootMismatch);
        }
    }

    /// A checkpoint's signature that stands in the segment.
    pub(super) fn signature(&mut self, frame: &Frame<'_>, position: Position, name: &str) {
        let signature: Result<[u8; 64], _> = frame.payload.try_into();
        let Some(own) = self.state.as_ref().map(LogState::head) else { return };
        if signature.is_ok_and(|signature| self.signs(own, &signature)) {
            return self.vouched();
        }
        let written = self.written_head();
        if signature.is_ok_and(|signature| written.is_some_and(|head| self.signs(head, &signature)))
        {
            self.tell_changed();
        } else {
            self.doubt(name, position.offset, FaultKind::BadSignature);
        }
    }

    /// Whether the key in force signed `head`.
    fn signs(&mut self, head: TreeHead, signature: &[u8; 64]) -> bool {
        let Some(state) = self.state.as_ref() else { return false };
        text(&state.origin, head)
            .is_ok_and(|text| self.check.check(&state.epoch_key, text.as_bytes(), signature))
    }

    /// Checks the slots that speak of the size reached, and tells the caller's knowledge the root. To be called when
    /// all frames that speak of the entries so far were read.
    pub(super) fn settle(&mut self) {
        let size = self.size();
        let spoken_of = self.slots.iter().flatten().any(|slot| slot.size == size)
            || self.known_sizes.binary_search(&size).is_ok();
        // A root costs as much as many entries: it is computed where something speaks of it.
        if !spoken_of || self.settled.replace(size) == Some(size) {
            return;
        }
        let Some(own) = self.state.as_ref().map(LogState::head) else { return };
        if self.known_sizes.binary_search(&size).is_ok() {
            self.known.found(own);
        }
        for (number, slot) in (0_u8..).zip(self.slots) {
            let Some(slot) = slot.filter(|slot| slot.size == size) else { continue };
            let Some(state) = self.state.as_ref() else { return };
            let name = file_name(FileId::Checkpoint(number));
            match read_slot(&slot, state, self.check) {
                Ok(head) if head == own => {
                    self.vouched();
                    self.verdict.checkpoint = Some(slot.note.as_str().to_owned());
                }
                Ok(head) if self.written_head() == Some(head) => self.tell_changed(),
                Ok(_) => self.doubt(&name, 0, FaultKind::Forked),
                Err(kind) => {
                    let detail = format!("checkpoint of {} entries", slot.size);
                    self.report(kind, &name, 0, detail);
                }
            }
        }
    }

    /// A good signature vouches for everything so far.
    fn vouched(&mut self) {
        self.verdict.signatures += 1;
        self.settle_doubt(self.size());
        self.judge_lists();
        let Some(state) = self.state.as_ref() else { return };
        self.verdict.signed = state.size();
        self.verdict.head = Some(state.head());
        self.stretch.restart(&state.frontier);
    }

    /// Entries that a signature vouches for are right: a list of hashes that differs was changed.
    fn judge_lists(&mut self) {
        let Some(list) = self.stretch.contradicted().cloned() else { return };
        let detail =
            "these leaf hashes are not those of the entries, which are as signed".to_owned();
        let range = (list.size, list.size);
        self.report_range(FaultKind::RecordDamaged, range, &list.file, list.offset, detail);
    }

    /// The head that the hashes written beside the entries make, if it is another one and still of use.
    fn written_head(&mut self) -> Option<TreeHead> {
        if self.verdict.fault.is_some() { None } else { self.stretch.written_head() }
    }

    /// A signature fits the written hashes, so that the entries which differ from them were changed.
    fn tell_changed(&mut self) {
        let Some(first) = self.stretch.changed().next() else { return };
        if let Some(doubt) = &self.doubt
            && doubt.size <= first.entry
        {
            self.settle_doubt(first.entry);
        }
        self.doubt = None;
        let others = self.stretch.changed().skip(1).map(|place| place.entry.to_string());
        let others: Vec<String> = others.take(MOST_LISTED).collect();
        let mut detail =
            "its checksum fits, its leaf hash is not the one that was signed".to_owned();
        if !others.is_empty() {
            let count = self.stretch.changed().count() - 1;
            detail.push_str(&format!("; {count} more like it: {}", others.join(", ")));
            if count > others.len() {
                detail.push_str(", ...");
            }
        }
        let file = file_name(FileId::Segment(first.segment));
        let range = (first.entry, first.entry);
        self.report_range(FaultKind::RecordDamaged, range, &file, first.offset, detail);
    }

    /// Entries and what speaks of them do not fit: which one is wrong shows later.
    pub(super) fn doubt(&mut self, file: &str, offset: u64, otherwise: FaultKind) {
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
