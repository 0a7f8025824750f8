//! Which counters of a session were taken already: each at most once, and none that lies far back.

/// How many counters, the highest included, are told apart.
pub(crate) const WINDOW: u64 = 64;

/// What a counter is to the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Not seen before.
    Fresh,
    /// Seen before.
    Replayed,
    /// Too far below the highest to tell.
    Late,
}

/// The highest counter and which of the 64 up to it were seen. A counter is marked only after its
/// datagram was authenticated, so that a forger cannot move the window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReplayWindow {
    highest: Option<u64>,
    /// Bit `i` is counter `highest - i`.
    seen: u64,
}

impl ReplayWindow {
    /// What `counter` would be.
    #[must_use]
    pub(crate) fn judge(&self, counter: u64) -> Freshness {
        let Some(below) = self.highest.and_then(|highest| highest.checked_sub(counter)) else {
            return Freshness::Fresh;
        };
        match u32::try_from(below).ok().and_then(|below| 1_u64.checked_shl(below)) {
            None => Freshness::Late,
            Some(bit) if self.seen & bit != 0 => Freshness::Replayed,
            Some(_) => Freshness::Fresh,
        }
    }

    /// Marks a counter that [`judge`](Self::judge) called fresh and whose datagram is authentic.
    /// Returns how many counters left the window unseen by it: these are lost.
    pub(crate) fn mark(&mut self, counter: u64) -> u64 {
        let Some(highest) = self.highest else {
            self.highest = Some(counter);
            self.seen = 1;
            return lowest(counter);
        };
        let Some(ahead) = counter.checked_sub(highest).filter(|ahead| *ahead > 0) else {
            let below = u32::try_from(highest.saturating_sub(counter)).unwrap_or(u32::MAX);
            self.seen |= 1_u64.checked_shl(below).unwrap_or(0);
            return 0;
        };
        let shift = u32::try_from(ahead).unwrap_or(u32::MAX);
        let kept = self.seen.checked_shl(shift).unwrap_or(0);
        // What leaves are the bits that the shift pushes out.
        let stayed = kept.checked_shr(shift).unwrap_or(0);
        let gone = u64::from((self.seen & !stayed).count_ones());
        self.seen = kept | 1;
        self.highest = Some(counter);
        lowest(counter).saturating_sub(lowest(highest)).saturating_sub(gone)
    }

    /// How many counters below the highest are still missing.
    #[must_use]
    pub(crate) fn missing(&self) -> u64 {
        let Some(highest) = self.highest else { return 0 };
        let told_apart = Ord::min(highest.saturating_add(1), WINDOW);
        told_apart.saturating_sub(u64::from(self.seen.count_ones()))
    }
}

/// The lowest counter in the window of this highest one.
const fn lowest(highest: u64) -> u64 {
    highest.saturating_sub(WINDOW - 1)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn com_03_each_counter_once_and_none_from_far_back() {
        let mut window = ReplayWindow::default();
        assert_eq!(window.judge(100), Freshness::Fresh);
        assert_eq!(window.mark(100), 37);
        assert_eq!(window.judge(100), Freshness::Replayed);
        assert_eq!(window.judge(37), Freshness::Fresh);
        assert_eq!(window.judge(36), Freshness::Late);
        assert_eq!(window.mark(37), 0);
        assert_eq!(window.judge(37), Freshness::Replayed);
        assert_eq!(window.missing(), 62);
        assert_eq!(window.mark(101), 0);
        assert_eq!(window.judge(37), Freshness::Late);
        assert_eq!(window.mark(u64::MAX), u64::MAX - 63 - 38 - 2);
    }

    proptest! {
        /// Against a set that remembers everything.
        #[test]
        fn com_03_agrees_with_a_memory_without_bound(
            counters in prop::collection::vec(prop_oneof![0_u64..200, 0_u64..2_000], 1..300),
        ) {
            let mut window = ReplayWindow::default();
            let mut seen = BTreeSet::new();
            let mut lost = 0;
            for counter in counters {
                let floor = seen.last().map_or(0, |highest| lowest(*highest));
                let expected = if counter < floor {
                    Freshness::Late
                } else if seen.contains(&counter) {
                    Freshness::Replayed
                } else {
                    Freshness::Fresh
                };
                prop_assert_eq!(window.judge(counter), expected);
                if expected == Freshness::Fresh {
                    lost += window.mark(counter);
                    seen.insert(counter);
                }
                let highest = *seen.last().unwrap();
                let unseen = highest + 1 - seen.len() as u64;
                prop_assert_eq!(lost + window.missing(), unseen);
            }
        }
    }
}
