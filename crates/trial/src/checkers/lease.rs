//! Is nothing delivered without a permission that still holds?

use homeostat_record::{Instant, OrderId};

use super::{Tally, Verdict};
use crate::engine::Seen;

/// The lease's watcher.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    issued: Option<(OrderId, Instant)>,
    tally: Tally,
}

impl Lease {
    /// Looks at one cycle.
    pub fn look(&mut self, seen: &Seen<'_>) {
        if let Some(order) = seen.entry.decision.order {
            if self.issued.is_some_and(|(id, _)| id >= order.id) {
                self.tally.violated(seen.at, || format!("order {} is not new", order.id.0));
            }
            self.issued = Some((order.id, order.expires));
        }
        for (now, delivered) in seen.delivered {
            let Some(under) = delivered.under else { continue };
            match self.issued {
                Some((id, expires)) if under == id => {
                    if expires.since(*now).is_none() {
                        self.tally.violated(seen.at, || format!("order {} had run out", id.0));
                    }
                }
                // An earlier order may run on while the link is lost; its own lease ended it.
                Some((id, _)) if under < id => {}
                _ => self.tally.violated(seen.at, || format!("order {} was never given", under.0)),
            }
        }
    }

    /// What was found.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        self.tally.verdict("lease", "ACT-05, ACT-06")
    }
}
