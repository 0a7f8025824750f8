//! The state that follows from the entries so far: what the writer remembers, recovery rebuilds and the
//! verifier computes again. One function, [`LogState::accept`], decides for all three what may come next.

use crate::checkpoint::{TreeHead, handover_text};
use crate::entry::{Entry, Epoch, Kind, Loss, Monotonic, Opened};
use crate::fault::FaultKind;
use crate::frontier::Frontier;
use crate::hash::{Hash, leaf_hash};
use crate::layout::SegmentHeader;
use crate::note::{Name, SignatureCheck, VerifierKey};

/// The body of [`Kind::CLOSE`]: an empty array, so that it can grow.
pub(crate) const CLOSE_BODY: [u8; 1] = [0x80];

/// Everything that decides whether an entry may come next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogState {
    /// The log.
    pub origin: Name,
    /// The first epoch's public key.
    pub root_key: [u8; 32],
    /// The tree so far.
    pub frontier: Frontier,
    /// The epoch in force.
    pub epoch: u32,
    /// Its public key.
    pub epoch_key: [u8; 32],
    /// Index of its first entry.
    pub epoch_start: u64,
    /// Time of the last entry.
    pub last_time: Monotonic,
    /// The last entry closed the log.
    pub closed: bool,
}

impl LogState {
    /// An empty log.
    #[must_use]
    pub fn new(root: &VerifierKey) -> Self {
        Self {
            origin: root.name,
            root_key: root.key,
            frontier: Frontier::new(),
            epoch: 0,
            epoch_key: root.key,
            epoch_start: 0,
            last_time: Monotonic::default(),
            closed: false,
        }
    }

    /// The state that a segment header holds.
    #[must_use]
    pub fn of_segment(header: &SegmentHeader) -> Self {
        Self {
            origin: header.origin,
            root_key: header.root_key,
            frontier: header.frontier.clone(),
            epoch: header.epoch,
            epoch_key: header.epoch_key,
            epoch_start: header.epoch_start,
            last_time: header.last_time,
            closed: false,
        }
    }

    /// Entries so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// What a checkpoint now would say.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size(), root: self.frontier.root() }
    }

    /// The key that signs a checkpoint now.
    #[must_use]
    pub const fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.origin, key: self.epoch_key }
    }

    /// Takes the next entry, or says why it cannot be the next one; then nothing has changed.
    ///
    /// # Errors
    /// The kind of fault.
    pub fn accept<'a>(
        &mut self,
        bytes: &'a [u8],
        check: &mut impl SignatureCheck,
    ) -> Result<Entry<'a>, FaultKind> {
        self.accept_leaf(bytes, check).map(|(entry, _)| entry)
    }

    /// [`LogState::accept`], with the entry's leaf hash.
    pub(crate) fn accept_leaf<'a>(
        &mut self,
        bytes: &'a [u8],
        check: &mut impl SignatureCheck,
    ) -> Result<(Entry<'a>, Hash), FaultKind> {
        let entry = Entry::decode(bytes).map_err(|_| FaultKind::EntryMalformed)?;
        let header = &entry.header;
        match header.sequence.cmp(&self.size()) {
            core::cmp::Ordering::Less => return Err(FaultKind::EntryRepeated),
            core::cmp::Ordering::Greater => return Err(FaultKind::EntryMissing),
            core::cmp::Ordering::Equal => {}
        }
        if header.epoch != self.epoch {
            return Err(FaultKind::EpochChain);
        }
        self.accept_time(header.kind, header.times.monotonic)?;
        let handover = self.accept_own(&entry, check)?;
        let leaf = leaf_hash(bytes);
        self.advance(leaf, header.kind, header.times.monotonic);
        if let Some(next) = handover {
            self.hand_over(next.key);
        }
        Ok((entry, leaf))
    }

    /// Notes an entry that is known to be right, as the writer's own are.
    pub(crate) fn advance(&mut self, leaf: Hash, kind: Kind, time: Monotonic) {
        self.frontier.push(leaf);
        self.last_time = time;
        self.closed = kind == Kind::CLOSE;
    }

    /// The epoch changes after the last entry.
    pub(crate) fn hand_over(&mut self, key: [u8; 32]) {
        self.epoch = self.epoch.saturating_add(1);
        self.epoch_key = key;
        self.epoch_start = self.size();
    }

    fn accept_time(&self, kind: Kind, time: Monotonic) -> Result<(), FaultKind> {
        let opens = kind == Kind::OPEN;
        let boot = self.last_time.boot.saturating_add(u32::from(opens));
        let goes_on = opens || (time.elapsed >= self.last_time.elapsed && !self.closed);
        if time.boot == boot && goes_on { Ok(()) } else { Err(FaultKind::TimeOrder) }
    }

    /// Checks the kinds that the log itself writes; an epoch entry's content is handed back.
    fn accept_own(
        &self,
        entry: &Entry<'_>,
        check: &mut impl SignatureCheck,
    ) -> Result<Option<Epoch>, FaultKind> {
        let body = entry.body.bytes();
        let wrong = |_| FaultKind::OwnEntry;
        let good = match entry.header.kind {
            kind if !kind.is_own() => true,
            Kind::OPEN => {
                let opened = Opened::decode(body).map_err(wrong)?;
                opened.origin == self.origin.as_str() && opened.root_key == self.root_key
            }
            Kind::EPOCH => {
                let next = Epoch::decode(body).map_err(wrong)?;
                self.check_handover(&next, check)?;
                return Ok(Some(next));
            }
            Kind::LOSS => Loss::decode(body).is_ok(),
            Kind::CLOSE => body == CLOSE_BODY,
            _ => false,
        };
        if good { Ok(None) } else { Err(FaultKind::OwnEntry) }
    }

    fn check_handover(
        &self,
        next: &Epoch,
        check: &mut impl SignatureCheck,
    ) -> Result<(), FaultKind> {
        let head = self.head();
        let next_key = VerifierKey { name: self.origin, key: next.key };
        if self.epoch.checked_add(1) != Some(next.epoch) {
            return Err(FaultKind::EpochChain);
        }
        let signed = TreeHead { root: next.root, ..head };
        let text = handover_text(signed, next.epoch, &next_key);
        let text = text.map_err(|_| FaultKind::EpochChain)?;
        if !check.check(&self.epoch_key, text.as_bytes(), &next.signature) {
            return Err(FaultKind::EpochChain);
        }
        // The key before did sign, but other entries than these.
        if next.root == head.root { Ok(()) } else { Err(FaultKind::RootMismatch) }
    }
}

#[cfg(test)]
mod tests;
