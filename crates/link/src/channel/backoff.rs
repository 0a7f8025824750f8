//! When to try again: at once, then ever more seldom.

use homeostat_record::{Instant, Span};

/// Whether `due` has come. A clock that ran backward or another boot counts as "it has": trying
/// once too often is harmless, never again is not.
pub(crate) fn reached(now: Instant, due: Instant) -> bool {
    now == due || due.since(now).is_none()
}

/// A try and the waits between it and the next ones, each twice the one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    due: Instant,
    wait: Span,
}

impl Backoff {
    /// Due now; the next one after `first`.
    pub(crate) const fn new(now: Instant, first: Span) -> Self {
        Self { due: now, wait: first }
    }

    /// Not due before the first wait has passed.
    pub(crate) const fn resting(now: Instant, first: Span) -> Self {
        Self { due: now.after(first), wait: first }
    }

    pub(crate) const fn due(&self) -> Instant {
        self.due
    }

    /// Whether a try is due; if so the next is set.
    pub(crate) fn fires(&mut self, now: Instant, longest: Span) -> bool {
        if !reached(now, self.due) {
            return false;
        }
        let wait = Ord::min(self.wait, longest);
        self.due = now.after(wait);
        self.wait = Span::from_millis(wait.as_millis().saturating_mul(2));
        true
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    #[test]
    fn com_11_tries_become_seldom_and_never_end() {
        let at = |millis| Instant { boot: 1, millis };
        let mut backoff = Backoff::new(at(0), Span::from_millis(250));
        let longest = Span::from_millis(2_000);
        let fired: Vec<u64> = (0..10_000).filter(|t| backoff.fires(at(*t), longest)).collect();
        assert_eq!(fired, [0, 250, 750, 1_750, 3_750, 5_750, 7_750, 9_750]);
        assert!(backoff.fires(Instant { boot: 2, millis: 0 }, longest));
        assert!(backoff.fires(at(0), longest), "a clock that ran backward");
    }
}
