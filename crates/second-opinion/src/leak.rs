//! A sum that forgets: what happened long ago weighs less, and the memory stays one number.

use minicbor::{Decode, Encode};

/// A leaking sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Leak(#[n(0)] i64);

impl Leak {
    /// Nothing is held.
    pub(crate) const NOTHING: Self = Self(0);

    /// Adds an amount and forgets one part in `cycles` of what was there.
    pub(crate) fn add(&mut self, amount: i64, cycles: i64) {
        let forgotten = self.0.checked_div(cycles).unwrap_or(0);
        self.0 = self.0.saturating_sub(forgotten).saturating_add(amount);
    }

    /// What is held.
    pub(crate) const fn held(self) -> i64 {
        self.0
    }

    /// Whether more than `most` is held. Then it is forgotten: a thing is said once.
    pub(crate) fn over(&mut self, most: i64) -> bool {
        let over = self.0 > most;
        if over {
            self.0 = 0;
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_steady_amount_is_held_for_as_many_cycles_as_it_takes_to_forget() {
        let mut leak = Leak::default();
        for _ in 0..2_000 {
            leak.add(1_000, 12);
        }
        assert!((11_900..=12_100).contains(&leak.held()));
        for _ in 0..200 {
            leak.add(0, 12);
        }
        assert!(leak.held() < 12);
    }

    #[test]
    fn what_is_over_is_said_once() {
        let mut leak = Leak::default();
        leak.add(11, 5);
        assert!(!leak.over(11));
        assert!(leak.over(10));
        assert!(!leak.over(10));
    }

    proptest! {
        #[test]
        fn any_content_gives_an_answer(held in any::<i64>(), amount in any::<i64>(), cycles in any::<i64>()) {
            let mut leak = Leak(held);
            leak.add(amount, cycles);
            let _ = leak.over(cycles);
        }
    }
}
