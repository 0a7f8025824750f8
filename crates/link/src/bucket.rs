//! A token bucket: how often something may happen, whoever asks for it.

use homeostat_record::Instant;

/// How often something may happen: evenly `per_second`, and at most `burst` at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Sustained number in a second.
    pub per_second: u32,
    /// Largest number at once.
    pub burst: u32,
}

/// How often the work of a handshake is done for one peer, whoever asks: up to a millisecond each.
pub(crate) const HANDSHAKES: Rate = Rate { per_second: 4, burst: 16 };

/// What one token weighs: a millisecond at one a second brings one thousandth of it.
const TOKEN: u64 = 1_000;

/// Tokens that come with time and go with use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenBucket {
    rate: Rate,
    level: u64,
    updated: Instant,
}

impl TokenBucket {
    /// A full bucket.
    #[must_use]
    pub(crate) const fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, level: (rate.burst as u64).saturating_mul(TOKEN), updated: now }
    }

    /// Takes one token; `false` when there is none. A clock that stands still or runs backward
    /// brings no tokens.
    #[must_use]
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        self.refill(now);
        match self.level.checked_sub(TOKEN) {
            Some(left) => {
                self.level = left;
                true
            }
            None => false,
        }
    }

    fn refill(&mut self, now: Instant) {
        let full = u64::from(self.rate.burst).saturating_mul(TOKEN);
        if let Some(elapsed) = now.since(self.updated) {
            let gained = elapsed.as_millis().saturating_mul(u64::from(self.rate.per_second));
            self.level = Ord::min(self.level.saturating_add(gained), full);
        }
        self.updated = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: u64) -> Instant {
        Instant { boot: 1, millis }
    }

    #[test]
    fn com_11_a_burst_passes_and_then_the_sustained_rate() {
        let mut bucket = TokenBucket::new(Rate { per_second: 10, burst: 3 }, at(0));
        let passed = (0..1_000).filter(|millis| bucket.take(at(*millis))).count();
        assert_eq!(passed, 3 + 9);
    }

    #[test]
    fn a_clock_that_runs_backward_brings_no_tokens() {
        let mut bucket = TokenBucket::new(Rate { per_second: 1_000, burst: 1 }, at(5_000));
        assert!(bucket.take(at(5_000)));
        assert!(!bucket.take(at(4_000)));
        assert!(!bucket.take(Instant { boot: 2, millis: 9_000 }));
    }

    proptest! {
        #[test]
        fn com_11_never_more_than_burst_and_rate_allow(
            steps in prop::collection::vec(0_u64..50, 1..200),
            per_second in 1_u32..100, burst in 1_u32..20,
        ) {
            let mut bucket = TokenBucket::new(Rate { per_second, burst }, at(0));
            let mut now = 0;
            let mut passed = 0_u64;
            for step in steps {
                now += step;
                passed += u64::from(bucket.take(at(now)));
                prop_assert!(passed * 1_000 <= u64::from(burst) * 1_000 + now * u64::from(per_second));
            }
        }
    }
}
