//! Whether an announced meal gets its insulin. It may be withheld for a good reason, at a low
//! glucose for one, or proposed and never given; whoever ate still lacks it an hour later, and
//! nothing in the cycles that follow says so.

use crate::whole::share;
use minicbor::{Decode, Encode};

/// By now the insulin of a meal has arrived, milliseconds.
const WAIT: u64 = 3_600_000;
/// Or at least this part of it, per mille.
const PART: i64 = 250;
/// After this time nobody waits for it any more, milliseconds.
const GIVEN_UP: u64 = 10_800_000;

/// The insulin of a meal that is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Overdue {
    /// What the meal calls for, milliunits; zero when nothing is waited for.
    #[n(0)]
    called_for: i64,
    /// What arrived since beyond the basal insulin, milliunits.
    #[n(1)]
    arrived: i64,
    /// Milliseconds.
    #[n(2)]
    waited: u64,
}

impl Overdue {
    /// Nothing is waited for.
    pub(crate) const NOTHING: Self = Self { called_for: 0, arrived: 0, waited: 0 };

    /// A meal that calls for so many milliunits is announced.
    pub(crate) const fn announce(&mut self, milliunits: i64) {
        *self = Self { called_for: milliunits, ..Self::NOTHING };
    }

    /// Counts what arrived beyond basal in a cycle of `passed` milliseconds. Returns the milliunits
    /// that are missing, once, when the time is over, glucose is `high` enough for them and most did
    /// not come.
    pub(crate) fn take(&mut self, beyond_basal: i64, passed: u64, high: bool) -> i64 {
        if self.called_for <= 0 {
            return 0;
        }
        self.arrived = self.arrived.saturating_add(beyond_basal.max(0));
        self.waited = self.waited.saturating_add(passed);
        let missing = match self.arrived < share(self.called_for, PART, 1_000) {
            true if self.waited < WAIT || (self.waited < GIVEN_UP && !high) => return 0,
            true if high => self.called_for.saturating_sub(self.arrived),
            _ => 0,
        };
        *self = Self::NOTHING;
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found missing in four hours after a meal that calls for 6 U, of which an amount
    /// arrives in one cycle; glucose is high from another cycle on.
    fn missing(arrives: (usize, i64), high_from: usize) -> std::vec::Vec<(usize, i64)> {
        let mut overdue = Overdue::NOTHING;
        overdue.announce(6_000);
        let take = |cycle: usize| {
            let amount = if cycle == arrives.0 { arrives.1 } else { -100 };
            (cycle, overdue.take(amount, 300_000, cycle >= high_from))
        };
        (0..48).map(take).filter(|(_, missing)| *missing > 0).collect()
    }

    #[test]
    fn a_meal_without_insulin_is_a_difference_once_after_an_hour() {
        assert_eq!(missing((0, 0), 0), [(11, 6_000)]);
        assert_eq!(missing((0, 1_000), 0), [(11, 5_000)], "a sixth is as good as nothing");
        assert_eq!(missing((12, 6_000), 0), [(11, 6_000)], "too late");
        assert_eq!(missing((0, 0), 20), [(20, 6_000)], "as soon as glucose is high enough");
    }

    #[test]
    fn a_quarter_in_time_is_enough_and_without_height_or_meal_nothing_is_missing() {
        assert_eq!(missing((0, 6_000), 0), []);
        assert_eq!(missing((9, 1_500), 0), []);
        assert_eq!(missing((0, 0), 36), [], "given up");
        let mut none = Overdue::NOTHING;
        assert!((0..40).all(|_| none.take(-100, 300_000, true) == 0));
    }
}
