//! Whether a link keeps its contract.

use super::Contract;
use crate::message::Content;
use homeostat_record::{Instant, Span};

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Heard within its period and latency bound.
    Live,
    /// A message is overdue, since then.
    Late {
        /// When it should have been there.
        since: Instant,
    },
    /// Not heard for longer than is borne, since then. Also a link on which nothing was ever heard.
    Silent {
        /// When it was called silent.
        since: Instant,
    },
}

/// What was counted since the link was set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages that arrived.
    pub heard: u64,
    /// Datagrams of the peer that never arrived.
    pub lost: u64,
    /// Messages that were older than the contract allows, or of an age that cannot be bounded.
    pub aged: u64,
    /// The greatest upper bound of an age.
    pub oldest: Span,
}

/// Watches one direction of a link, at the end that listens. Liveness is judged by the arrival of
/// the contract's measured kind alone (COM-02, COM-10).
#[derive(Clone, Copy, Debug)]
pub struct Monitor {
    contract: Contract,
    began: Instant,
    last: Option<Instant>,
    tally: Tally,
    /// Fate of the last 64 datagrams, the newest in bit 0; a set bit is a lost one.
    fates: u64,
}

impl Monitor {
    /// A watch on a link on which nothing was heard yet.
    #[must_use]
    pub fn new(contract: Contract, now: Instant) -> Self {
        Self { contract, began: now, last: None, tally: Tally::default(), fates: 0 }
    }

    /// A message arrived, and is at most `age` old; `None` when its age cannot be bounded. One that
    /// is too old counts as heard and as aged, and does not keep the link alive.
    pub fn heard(&mut self, now: Instant, content: Content, age: Option<Span>) {
        self.tally.heard = self.tally.heard.saturating_add(1);
        self.fates <<= 1;
        let in_time = age.is_some_and(|age| age <= self.contract.cadence.latency);
        if let Some(age) = age {
            self.tally.oldest = Ord::max(self.tally.oldest, age);
        }
        if !in_time {
            self.tally.aged = self.tally.aged.saturating_add(1);
        } else if content == self.contract.pulse {
            self.last = Some(now);
        }
    }

    /// So many datagrams of the peer are known to be lost.
    pub fn lost(&mut self, number: u64) {
        self.tally.lost = self.tally.lost.saturating_add(number);
        let shift = u32::try_from(number).unwrap_or(u32::MAX);
        let kept = self.fates.checked_shl(shift).unwrap_or(0);
        let new = 1_u64.checked_shl(shift).map_or(u64::MAX, |bit| bit.wrapping_sub(1));
        self.fates = kept | new;
    }

    /// How the link stands. A clock that ran backward, or another boot, is silence.
    #[must_use]
    pub fn state(&self, now: Instant) -> LinkState {
        let cadence = self.contract.cadence;
        let Some(last) = self.last else { return LinkState::Silent { since: self.began } };
        let due = Span::from_millis(
            cadence.period.as_millis().saturating_add(cadence.latency.as_millis()),
        );
        match now.since(last) {
            Some(quiet) if quiet <= due => LinkState::Live,
            Some(quiet) if quiet <= cadence.silent_after => {
                LinkState::Late { since: last.after(due) }
            }
            Some(_) => LinkState::Silent { since: last.after(cadence.silent_after) },
            None => LinkState::Silent { since: now },
        }
    }

    /// When the state changes next if nothing is heard; `None` when it is silent already.
    #[must_use]
    pub fn changes(&self, now: Instant) -> Option<Instant> {
        let cadence = self.contract.cadence;
        let last = self.last?;
        let due = cadence.period.as_millis().saturating_add(cadence.latency.as_millis());
        let span = match self.state(now) {
            LinkState::Live => Span::from_millis(due),
            LinkState::Late { .. } => cadence.silent_after,
            LinkState::Silent { .. } => return None,
        };
        // The first instant that lies beyond the bound.
        Some(last.after(span).after(Span::from_millis(1)))
    }

    /// Whether more was lost of late than the contract tolerates.
    #[must_use]
    pub fn loses_too_much(&self) -> bool {
        let of = u32::from(self.contract.loss.of);
        let mask = 1_u64.checked_shl(of).map_or(u64::MAX, |bit| bit.wrapping_sub(1));
        (self.fates & mask).count_ones() > u32::from(self.contract.loss.lost)
    }

    /// What was counted.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }
}
