//! From the buffer to the disk, in the one order: durable, signed, persisted. And the change of keys.

use zeroize::Zeroizing;

use super::files::{begin_segment, remove_keys, wipe_key, write_key};
use super::{Health, Log, LogError, OWN_LIMIT, Stamp};
use crate::checkpoint::{handover_text, note, text};
use crate::disk::{Disk, DiskError, FileId};
use crate::entry::{Body, Epoch, Kind};
use crate::hash::sha256;
use crate::layout::Slot;
use crate::note::NoteSigner;
use crate::state::CLOSE_BODY;

impl<D: Disk, B: AsRef<[u8]> + AsMut<[u8]>> Log<D, B> {
    pub(super) fn write_out(&mut self) -> Result<(), LogError> {
        if self.pending > 0 {
            let bytes = self.buffer.as_ref().get(..self.pending).unwrap_or_default();
            let at = self.offset - self.pending;
            let outcome = self.disk.write_at(FileId::Segment(self.segment), at as u32, bytes);
            self.stop_on_error(outcome)?;
            self.pending = 0;
        }
        Ok(())
    }

    fn stop_on_error<T>(&mut self, outcome: Result<T, DiskError>) -> Result<T, LogError> {
        outcome.map_err(|error| {
            self.health = Health::Stopped;
            LogError::Disk(error)
        })
    }

    /// Makes all entries durable without signing them, and gives their number.
    ///
    /// # Errors
    /// The disk failed; the log has stopped.
    pub fn sync(&mut self) -> Result<u64, LogError> {
        self.end_batch(false)
    }

    fn end_batch(&mut self, signs: bool) -> Result<u64, LogError> {
        if self.health == Health::Stopped {
            return Err(LogError::Stopped);
        }
        if self.batch_open {
            // One entry between two signatures needs no list to be told from others.
            if signs && self.state.size().saturating_sub(self.slot.size) == 1 {
                self.unlisted = 0;
            }
            self.put_leaves()?;
            let unit = self.geometry.write_unit as usize;
            let filling = self.offset.next_multiple_of(unit) - self.offset;
            let end = self.pending + filling;
            if let Some(space) = self.buffer.as_mut().get_mut(self.pending..end) {
                space.fill(0);
            }
            self.pending = end;
            self.offset += filling;
            self.write_out()?;
            let outcome = self.disk.sync(FileId::Segment(self.segment));
            self.stop_on_error(outcome)?;
            self.batch_open = false;
            self.durable = self.state.size();
        }
        Ok(self.durable)
    }

    /// Makes all entries durable, signs and persists a checkpoint of them, changes the key when it is due, and
    /// looks for space again after a full disk. Gives the number of durable entries.
    ///
    /// # Errors
    /// The disk failed; the log has stopped. A full disk is not an error here.
    pub fn flush(&mut self) -> Result<u64, LogError> {
        self.end_batch(true)?;
        self.persist_checkpoint()?;
        self.since_flush = 0;
        if self.health == Health::Full {
            self.tolerate_full(Self::next_segment)?;
        }
        let in_epoch = self.state.size().saturating_sub(self.state.epoch_start);
        if self.epoch_entries != 0 && in_epoch >= self.epoch_entries {
            self.tolerate_full(Self::rotate)?;
        }
        Ok(self.durable)
    }

    fn tolerate_full(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        match act(self) {
            Err(LogError::Full) => Ok(()),
            outcome => outcome,
        }
    }

    /// Signs the durable entries and persists the checkpoint in the older slot.
    fn persist_checkpoint(&mut self) -> Result<(), LogError> {
        let head = self.state.head();
        if head.size == self.slot.size {
            return Ok(());
        }
        let too_long = |_| LogError::Config("origin too long");
        let text = text(&self.state.origin, head).map_err(too_long)?;
        let signature = self.signer.sign(text.as_str());
        let note = note(&text, self.signer.verifier(), &signature).map_err(too_long)?;
        let generation = self.slot.generation.saturating_add(1);
        let slot = Slot { generation, size: head.size, note };
        let bytes = slot.encode().ok_or(LogError::Config("origin too long"))?;
        let file = FileId::Checkpoint((generation % 2) as u8);
        let outcome = self.disk.write_at(file, 0, &bytes).and_then(|()| self.disk.sync(file));
        self.stop_on_error(outcome)?;
        self.slot = slot;
        self.signature = Some(signature);
        Ok(())
    }

    /// Goes on in a new segment, once everything before is durable and signed.
    pub(super) fn next_segment(&mut self) -> Result<(), LogError> {
        self.end_batch(true)?;
        self.persist_checkpoint()?;
        let number = self.segment.saturating_add(1);
        if number >= self.most_segments {
            self.health = Health::Full;
            return Err(LogError::Full);
        }
        let (geometry, state) = (self.geometry, &self.state);
        match begin_segment(&mut self.disk, self.buffer.as_mut(), state, geometry, number) {
            Ok(offset) => {
                self.segment = number;
                self.offset = offset;
                self.health = Health::Working;
                Ok(())
            }
            Err(LogError::Full) => {
                self.health = Health::Full;
                Err(LogError::Full)
            }
            Err(error) => {
                self.health = Health::Stopped;
                Err(error)
            }
        }
    }

    /// Changes the key: the old one signs over to the new one in an entry, and is wiped when that is durable.
    ///
    /// # Errors
    /// The disk is full or failed.
    pub fn rotate(&mut self) -> Result<(), LogError> {
        self.sync()?;
        self.make_room(0)?;
        self.sync()?;
        self.persist_checkpoint()?;
        let head = self.state.head();
        let epoch = self.state.epoch.saturating_add(1);
        let seed = self.next_seed(head.size);
        let next = NoteSigner::new(self.state.origin, &seed);
        let outcome = write_key(&mut self.disk, epoch, &seed);
        match outcome {
            Err(DiskError::Full) => return Err(LogError::Full),
            outcome => self.stop_on_error(outcome)?,
        }
        let text = handover_text(head, epoch, next.verifier())
            .map_err(|_| LogError::Config("origin too long"))?;
        let signature = self.signer.sign(text.as_str());
        let key = next.verifier().key;
        let mut space = [0; OWN_LIMIT];
        let length = Epoch { epoch, key, root: head.root, signature }
            .encode(&mut space)
            .map_err(|_| LogError::Config("epoch"))?;
        let stamp = Stamp { elapsed: self.state.last_time.elapsed, wall: None };
        let body = Body::Plain(space.get(..length).unwrap_or_default());
        self.put(Kind::EPOCH, 1, stamp, body)?;
        self.end_batch(true)?;
        self.state.hand_over(key);
        self.signer = next;
        self.persist_checkpoint()?;
        let outcome = wipe_key(&mut self.disk, epoch.wrapping_add(1));
        self.stop_on_error(outcome)
    }

    /// The next private seed, from entropy that only memory holds and from the key that is about to be wiped.
    fn next_seed(&mut self, size: u64) -> Zeroizing<[u8; 32]> {
        let current = Zeroizing::new(self.signer.seed());
        let parts: [&[u8]; 4] =
            [b"homeostat epoch key", &*self.pool, &*current, &size.to_be_bytes()];
        let seed = Zeroizing::new(sha256(&parts));
        *self.pool = sha256(&[b"homeostat next pool", &*self.pool]);
        seed
    }

    /// Stirs fresh entropy into what the next keys are made of.
    pub fn add_entropy(&mut self, entropy: &[u8; 32]) {
        *self.pool = sha256(&[b"homeostat stirred pool", &*self.pool, entropy]);
    }

    /// Closes the log in order: a last entry, a last checkpoint, no empty space. It can be opened again.
    ///
    /// # Errors
    /// The disk is full or failed. What was durable stays so.
    pub fn close(mut self, stamp: Stamp) -> Result<D, LogError> {
        self.end(stamp)?;
        Ok(self.disk)
    }

    /// Closes the log for good: as [`Log::close`], then wipes and removes its key, so that nobody can write on.
    ///
    /// # Errors
    /// As [`Log::close`].
    pub fn finish(mut self, stamp: Stamp) -> Result<D, LogError> {
        self.end(stamp)?;
        let outcome = remove_keys(&mut self.disk);
        self.stop_on_error(outcome)?;
        Ok(self.disk)
    }

    fn end(&mut self, stamp: Stamp) -> Result<(), LogError> {
        let elapsed = stamp.elapsed.max(self.state.last_time.elapsed);
        let stamp = Stamp { elapsed, ..stamp };
        // Every append leaves this much, so that a log on a full disk can still be closed.
        self.make_exact_room(2 * OWN_LIMIT)?;
        self.write_prelude(stamp)?;
        self.put(Kind::CLOSE, 1, stamp, Body::Plain(&CLOSE_BODY))?;
        self.end_batch(true)?;
        self.persist_checkpoint()?;
        let file = FileId::Segment(self.segment);
        let outcome =
            self.disk.resize(file, self.offset as u32).and_then(|()| self.disk.sync(file));
        self.stop_on_error(outcome)
    }
}
