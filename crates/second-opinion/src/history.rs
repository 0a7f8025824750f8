//! What happened when: amounts in a ring of equal slots of time.

use minicbor::{Decode, Encode};

/// Amounts in the last `N` slots of time. A slot has an absolute number that only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Slots<const N: usize> {
    #[n(0)]
    #[cbor(with = "homeostat_record::packed")]
    amounts: [u32; N],
    #[n(1)]
    newest: u64,
}

impl<const N: usize> Slots<N> {
    /// Nothing happened up to the slot `newest`.
    pub(crate) const fn empty(newest: u64) -> Self {
        Self { amounts: [0; N], newest }
    }

    /// Moves on to `slot`: what is older than `N` slots is forgotten. Never moves back.
    pub(crate) fn advance(&mut self, slot: u64) {
        let passed = slot.saturating_sub(self.newest);
        let forget = usize::try_from(passed).unwrap_or(N).min(N);
        for step in 1..=forget {
            let number = self.newest.saturating_add(u64::try_from(step).unwrap_or(0));
            if let Some(amount) = place::<N>(number).and_then(|at| self.amounts.get_mut(at)) {
                *amount = 0;
            }
        }
        self.newest = self.newest.max(slot);
    }

    /// Adds an amount in `slot`; what is later than the newest slot counts there, what is older
    /// than the oldest is forgotten already.
    pub(crate) fn add(&mut self, slot: u64, amount: u32) {
        let slot = slot.min(self.newest);
        let depth = usize::try_from(self.newest.saturating_sub(slot)).unwrap_or(N);
        if depth < N
            && let Some(held) = place::<N>(slot).and_then(|at| self.amounts.get_mut(at))
        {
            *held = held.saturating_add(amount);
        }
    }

    /// Slot numbers and amounts, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (u64, u32)> {
        let slots = (0..N).filter_map(|depth| self.newest.checked_sub(u64::try_from(depth).ok()?));
        slots.filter_map(|slot| Some((slot, *self.amounts.get(place::<N>(slot)?)?)))
    }

    /// The sum over the newest `count` slots, the present one included.
    pub(crate) fn sum(&self, count: usize) -> i64 {
        let amounts = self.newest_first().take(count).map(|(_, amount)| i64::from(amount));
        amounts.fold(0, i64::saturating_add)
    }
}

/// Where a slot stands in the ring.
fn place<const N: usize>(slot: u64) -> Option<usize> {
    usize::try_from(slot.checked_rem(u64::try_from(N).ok()?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_older_than_the_ring_is_forgotten() {
        let mut slots = Slots::<4>::empty(100);
        for slot in 100..110 {
            slots.advance(slot);
            slots.add(slot, 1);
        }
        assert_eq!(slots.sum(4), 4);
        assert_eq!(slots.sum(2), 2);
        slots.add(105, 9);
        assert_eq!(slots.sum(4), 4);
        slots.add(106, 9);
        assert_eq!(slots.sum(4), 13);
        slots.advance(u64::MAX);
        assert_eq!(slots.sum(4), 0);
    }

    proptest! {
        #[test]
        fn sums_match_a_plain_list(events in prop::collection::vec((0_u64..4, 0_u32..1_000), 1..60)) {
            let mut slots = Slots::<8>::empty(50);
            let mut plain: std::vec::Vec<(u64, u32)> = std::vec::Vec::new();
            let mut now = 50;
            for (step, amount) in events {
                now += step;
                slots.advance(now);
                slots.add(now, amount);
                plain.push((now, amount));
                let kept = plain.iter().filter(|(slot, _)| now - slot < 8);
                let expected: i64 = kept.map(|(_, amount)| i64::from(*amount)).sum();
                prop_assert_eq!(slots.sum(8), expected);
            }
        }

        #[test]
        fn any_content_gives_an_answer(newest in any::<u64>(), slot in any::<u64>(), amount in any::<u32>()) {
            let mut slots = Slots::<8>::empty(newest);
            slots.add(slot, amount);
            slots.advance(slot);
            slots.add(slot, amount);
            slots.add(slot, amount);
            prop_assert!(slots.sum(8) <= 3 * i64::from(amount));
            prop_assert!(slots.newest_first().count() <= 8);
        }
    }
}
