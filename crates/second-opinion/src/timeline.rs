//! The opinion's own line of time: it goes on across restarts, never back, and does not count
//! what it cannot measure.

use homeostat_record::{Instant, Span};
use minicbor::{Decode, Encode};

/// One slot of the insulin history, milliseconds.
pub(crate) const SLOT: u64 = 300_000;
/// Where the line begins: later than the longest history, so that no slot number is negative.
const ORIGIN: u64 = 172_800_000;
/// Time that counts in a cycle whose clock is in doubt: one usual cycle.
const DOUBTFUL: u64 = 300_000;

/// The present on the opinion's own line of time, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Timeline {
    #[n(0)]
    tick: u64,
    #[n(1)]
    last: Option<Instant>,
}

/// What a step of time means for what was remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The clock went on.
    Measured,
    /// The device restarted or its clock went back: ages of measurements are unknown.
    Broken,
}

impl Timeline {
    /// The beginning.
    pub(crate) const fn new() -> Self {
        Self { tick: ORIGIN, last: None }
    }

    /// The present, milliseconds.
    pub(crate) const fn tick(self) -> u64 {
        self.tick
    }

    /// Goes on to `now`. An unmeasurable time counts as none, because insulin that was given is
    /// then still there; while the clock is in `doubt`, at most one usual cycle counts.
    pub(crate) fn advance(&mut self, now: Instant, doubt: bool) -> Step {
        let passed = self.last.map_or(Some(Span::ZERO), |last| now.since(last));
        self.last = Some(now);
        let Some(passed) = passed else { return Step::Broken };
        let most = if doubt { DOUBTFUL } else { u64::MAX };
        self.tick = self.tick.saturating_add(passed.as_millis().min(most));
        Step::Measured
    }

    /// Where `at`, which is not later than the present cycle `now`, lies on the line; `None`
    /// when it cannot be told.
    pub(crate) fn locate(self, now: Instant, at: Instant) -> Option<u64> {
        Some(self.tick.saturating_sub(now.since(at)?.as_millis()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(boot: u32, millis: u64) -> Instant {
        Instant { boot, millis }
    }

    #[test]
    fn tim_01_the_line_goes_on_across_a_restart_and_never_back() {
        let mut line = Timeline::new();
        assert_eq!(line.advance(at(1, 5_000), false), Step::Measured);
        let begin = line.tick();
        line.advance(at(1, 8_000), false);
        assert_eq!(line.tick(), begin + 3_000);
        assert_eq!(line.advance(at(1, 7_000), false), Step::Broken);
        assert_eq!(line.advance(at(2, 100), false), Step::Broken);
        assert_eq!(line.tick(), begin + 3_000);
        line.advance(at(2, 200), false);
        assert_eq!(line.tick(), begin + 3_100);
    }

    #[test]
    fn a_clock_in_doubt_ages_nothing_by_more_than_a_cycle() {
        let mut line = Timeline::new();
        line.advance(at(1, 0), false);
        let begin = line.tick();
        line.advance(at(1, 86_400_000), true);
        assert_eq!(line.tick(), begin + 300_000);
    }

    #[test]
    fn an_instant_of_another_start_or_of_the_future_has_no_place() {
        let mut line = Timeline::new();
        line.advance(at(1, 10_000), false);
        assert_eq!(line.locate(at(1, 10_000), at(1, 4_000)), Some(line.tick() - 6_000));
        assert_eq!(line.locate(at(1, 10_000), at(1, 10_001)), None);
        assert_eq!(line.locate(at(1, 10_000), at(0, 1)), None);
    }
}
