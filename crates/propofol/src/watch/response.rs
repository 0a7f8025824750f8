//! Whether the index has shown anything of the propofol that was given.
//!
//! A monitor that is late, a vein that leaks and a person who needs much look alike at first: the index
//! stays where it was. Until it moves, what acts may come no higher than a level that rises with time; it
//! ends below what a typical person needs. Who has moved needs no such care, and who has not by then is
//! slow or needs much: under-dosing is a hazard too (PRO-07).

use super::span::{hold, lasted};
use crate::profile::Content;
use homeostat_record::Instant;
use minicbor::{Decode, Encode};

/// What is remembered of the response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Memory {
    /// Since when somebody is treated.
    #[n(0)]
    treated: Option<Instant>,
    /// Since when the index shows an effect.
    #[n(1)]
    shows: Option<Instant>,
    /// It has shown one.
    #[n(2)]
    seen: bool,
}

impl Memory {
    /// Follows one cycle; the effect-site concentration (ng/mL) that what acts may come to while the
    /// index shows nothing of it.
    pub(super) fn permitted(
        &mut self,
        content: &Content,
        now: Instant,
        treats: bool,
        index: Option<i32>,
    ) -> Option<u32> {
        if !treats {
            *self = Self::default();
            return None;
        }
        hold(&mut self.treated, true, now);
        if let Some(index) = index {
            let shows = i64::from(index) < i64::from(content.index.responding.0);
            hold(&mut self.shows, shows, now);
        }
        // A gap tells nothing of the value before it, which may have been an artefact.
        self.seen |= index.is_some() && lasted(self.shows, now, content.times.period.0);
        let passed = self.treated.and_then(|treated| now.since(treated))?.as_millis();
        let whole = u64::from(content.times.response.0).saturating_mul(1_000);
        if self.seen || passed >= whole {
            return None;
        }
        let (first, most) = (content.delivery.unseen_first.0, content.delivery.unseen_most.0);
        let risen = u64::from(most.saturating_sub(first)).saturating_mul(passed) / whole.max(1);
        Some(first.saturating_add(u32::try_from(risen).unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::ADULT;
    use std::vec::Vec;

    /// What is permitted in cycles of 5 s with these values.
    fn permitted(values: &[Option<i32>]) -> Vec<Option<u32>> {
        let content = Content::reference_for(&ADULT);
        let mut memory = Memory::default();
        let cycles = (0_u64..).zip(values);
        cycles
            .map(|(cycle, index)| {
                let now = Instant { boot: 1, millis: cycle * 5_000 };
                memory.permitted(&content, now, true, *index)
            })
            .collect()
    }

    #[test]
    fn pro_03_one_low_value_is_no_response_and_two_are() {
        let (awake, low) = (Some(92_000), Some(79_000));
        let held = permitted(&[awake, low, awake, low, low, awake]);
        let bound: Vec<bool> = held.iter().map(Option::is_some).collect();
        assert_eq!(bound, [true, true, true, true, false, false]);
        assert!(permitted(&[None, None])[1].is_some(), "no index is no response");
        let gap = permitted(&[awake, low, None, awake]);
        assert!(gap.iter().all(Option::is_some), "nor is one low value and a gap");
    }

    #[test]
    fn pro_03_unseen_the_level_rises_evenly_and_pro_07_the_wait_ends() {
        let content = Content::reference_for(&ADULT);
        let (first, most) = (content.delivery.unseen_first.0, content.delivery.unseen_most.0);
        let wait = content.times.response.0 as usize;
        let held = permitted(&[Some(92_000); 80]);
        assert_eq!(held[0], Some(first));
        let last = wait.div_ceil(5);
        assert!(
            held[..last].iter().all(|level| level.is_some_and(|l| (first..=most).contains(&l)))
        );
        assert!(held[..last].windows(2).all(|pair| pair[0] < pair[1]));
        assert!(held[last..].iter().all(Option::is_none));
    }

    #[test]
    fn nobody_is_awaited_while_nothing_is_treated() {
        let content = Content::reference_for(&ADULT);
        let now = Instant { boot: 1, millis: 0 };
        let mut memory = Memory { seen: true, ..Memory::default() };
        assert_eq!(memory.permitted(&content, now, false, Some(92_000)), None);
        assert_eq!(memory, Memory::default(), "the next treatment begins anew");
    }
}
