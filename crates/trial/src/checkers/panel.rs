//! The watchers that every therapy has, as one.

use homeostat_assembly::inspection::Inspection;
use homeostat_record::CHANNELS;
use homeostat_supervisor::ChannelLimits;

use super::alarm::Bell;
use super::guard::Guard;
use super::lease::Lease;
use super::opinion::{Listener, OpinionCounts};
use super::{Verdict, chain, replay, signature};
use crate::engine::Seen;

/// Everybody who watches a world whatever its therapy.
#[derive(Clone, Debug)]
pub struct Panel {
    guard: Guard,
    lease: Lease,
    opinion: Listener,
    bell: Bell,
    lied: bool,
}

/// What the checkers found in a cell, and the head of its box.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// One verdict a checker, always in the same order.
    pub verdicts: Vec<Verdict>,
    /// What the second opinion said.
    pub opinions: OpinionCounts,
    /// Alarms raised.
    pub alarms: u64,
    /// Root hash of the box, in hexadecimal.
    pub root: String,
    /// Entries of the box.
    pub entries: u64,
}

impl Panel {
    /// Watchers of a loop with these bounds.
    #[must_use]
    pub fn new(limits: [ChannelLimits; CHANNELS]) -> Self {
        Self {
            guard: Guard::new(limits),
            lease: Lease::default(),
            opinion: Listener::default(),
            bell: Bell::default(),
            lied: false,
        }
    }

    /// Looks at one cycle.
    pub fn look(&mut self, seen: &Seen<'_>) {
        self.guard.look(seen);
        self.lease.look(seen);
        self.opinion.look(seen);
        self.bell.look(seen);
        self.lied |= seen.lied;
    }

    /// The end: what the therapy's own checker and the finished box add. `cycles` were run.
    #[must_use]
    pub fn conclude(self, harm: Verdict, inspection: &Inspection, cycles: u64) -> Findings {
        let head = inspection.verdict.head;
        Findings {
            alarms: self.bell.raised(),
            opinions: self.opinion.counts(),
            verdicts: vec![
                harm,
                self.guard.verdict(),
                self.lease.verdict(),
                self.opinion.verdict(),
                self.bell.verdict(),
                chain::verdict(inspection),
                signature::verdict(inspection),
                replay::verdict(inspection, cycles, self.lied),
            ],
            root: head.map_or(String::new(), |head| head.root.to_string()),
            entries: inspection.verdict.entries,
        }
    }
}
