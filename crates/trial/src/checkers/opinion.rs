//! What did the second opinion say, and did the loop listen?

use homeostat_record::{Opinion, Source};
use serde::Serialize;

use super::{Tally, Verdict};
use crate::engine::Seen;

/// How often it said what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpinionCounts {
    /// Nothing to say.
    pub abstained: u64,
    /// It would allow the proposal.
    pub concurred: u64,
    /// Allowed, but its figure is another.
    pub differed: u64,
    /// It would not allow it.
    pub objected: u64,
}

/// The opinion's watcher.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    counts: OpinionCounts,
    tally: Tally,
}

impl Listener {
    /// Looks at one cycle: a proposal under objection must not have been ordered as it stood.
    pub fn look(&mut self, seen: &Seen<'_>) {
        let decision = &seen.entry.decision;
        match decision.opinion {
            Opinion::Abstain => self.counts.abstained += 1,
            Opinion::Concur => self.counts.concurred += 1,
            Opinion::Differ { .. } => self.counts.differed += 1,
            Opinion::Object { rule, .. } => {
                self.counts.objected += 1;
                let ordered = decision.order.is_some_and(|o| o.source == Source::Controller);
                let proposed = seen.entry.proposal.and_then(|proposal| proposal.steps[0]);
                let automatic = decision.order.map(|o| o.steps[0].saturating_sub(o.requested[0]));
                if ordered && automatic == proposed && automatic.is_some_and(|steps| steps.0 > 0) {
                    self.tally.violated(seen.at, || format!("ordered under objection {rule:?}"));
                }
            }
        }
    }

    /// The counts.
    #[must_use]
    pub const fn counts(&self) -> OpinionCounts {
        self.counts
    }

    /// What was found.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        self.tally.verdict("opinion", "SUP-04")
    }
}
