//! Is every order within the profile's bounds, and everything delivered within the orders?
//!
//! The bounds are summed here in another way than the supervisor does: as differences of running
//! totals of all past orders, from the record and the actuator's truth.

use homeostat_record::{CHANNELS, Steps};
use homeostat_supervisor::ChannelLimits;

use super::{Tally, Verdict};
use crate::engine::Seen;

/// The guard's watcher.
#[derive(Clone, Debug)]
pub struct Guard {
    limits: [ChannelLimits; CHANNELS],
    /// All that was ordered up to the end of each cycle.
    upto: [Vec<u64>; CHANNELS],
    delivered_total: [u64; CHANNELS],
    tally: Tally,
}

impl Guard {
    /// Watches against these bounds.
    #[must_use]
    pub fn new(limits: [ChannelLimits; CHANNELS]) -> Self {
        Self {
            limits,
            upto: core::array::from_fn(|_| Vec::new()),
            delivered_total: [0; CHANNELS],
            tally: Tally::default(),
        }
    }

    /// Looks at one cycle.
    pub fn look(&mut self, seen: &Seen<'_>) {
        let order = seen.entry.decision.order;
        for channel in 0..CHANNELS {
            let steps = order.map_or(Steps::ZERO, |order| order.steps[channel]);
            let total = self.ordered(channel) + u64::from(steps.0);
            self.upto[channel].push(total);
            self.check_order(seen, channel, steps);
            self.check_windows(seen, channel);
            self.check_delivery(seen, channel);
        }
    }

    fn ordered(&self, channel: usize) -> u64 {
        self.upto[channel].last().copied().unwrap_or(0)
    }

    fn check_order(&mut self, seen: &Seen<'_>, channel: usize, steps: Steps) {
        let limits = &self.limits[channel];
        let most = limits.cycle_max.or_less(limits.label_max);
        if steps > most {
            self.tally.violated(seen.at, || format!("ordered {} of at most {}", steps.0, most.0));
        }
    }

    fn check_windows(&mut self, seen: &Seen<'_>, channel: usize) {
        let total = self.ordered(channel);
        for window in self.limits[channel].windows {
            let past = &self.upto[channel];
            let before = past.len().checked_sub(window.cycles as usize + 1);
            let sum = total - before.and_then(|place| past.get(place)).copied().unwrap_or(0);
            if sum > u64::from(window.max.0) && window.cycles > 0 {
                self.tally.violated(seen.at, || {
                    format!("{sum} ordered in {} cycles, at most {}", window.cycles, window.max.0)
                });
            }
        }
    }

    /// What was counted as delivered under orders never exceeds what was ordered.
    fn check_delivery(&mut self, seen: &Seen<'_>, channel: usize) {
        for (_, delivered) in seen.delivered {
            if delivered.under.is_some() {
                self.delivered_total[channel] += u64::from(delivered.counted[channel].0);
            }
        }
        let (delivered, ordered) = (self.delivered_total[channel], self.ordered(channel));
        if delivered > ordered {
            self.tally.violated(seen.at, || format!("{delivered} delivered of {ordered} ordered"));
        }
    }

    /// What was found.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        self.tally.verdict("guard", "SUP-02, ACT-04")
    }
}
