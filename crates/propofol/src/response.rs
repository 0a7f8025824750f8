//! Whether the index has shown anything of the propofol that was given, as the controller's side keeps
//! it. Until then no more is on its way than a typical person needs: an index that is late and a person
//! who needs much look alike, and drug cannot be taken back.

use crate::algorithm::Stage;
use crate::profile::Content;
use crate::units::{Index, UgPerMl};
use homeostat_numeric::max;
use homeostat_record::{Instant, Span};
use minicbor::{Decode, Encode};

/// This side takes an index for higher by so much: the watch averages it for itself.
const ABOVE_THE_WATCH: f64 = 0.5;

/// What is remembered of the response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Response {
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

impl Response {
    /// The response after one cycle.
    #[must_use]
    pub(crate) fn next(
        &self,
        content: &Content,
        now: Instant,
        stage: Stage,
        index: Option<Index>,
    ) -> Self {
        if !matches!(stage, Stage::Induction | Stage::Maintenance) {
            return Self::default();
        }
        let mut next = *self;
        let known = |since: Option<Instant>| since.filter(|since| now.since(*since).is_some());
        next.treated = known(next.treated).or(Some(now));
        if let Some(index) = index {
            let level = f64::from(content.index.responding.0) / 1_000.0 - ABOVE_THE_WATCH;
            next.shows = (index.0 < level).then(|| known(next.shows).unwrap_or(now));
        }
        // A gap tells nothing of the value before it, which may have been an artefact.
        next.seen |= index.is_some() && lasted(next.shows, now, content.times.period.0);
        next
    }

    /// The effect-site concentration that what acts may come to while the index shows nothing of it.
    #[must_use]
    pub(crate) fn permitted(&self, content: &Content, now: Instant) -> Option<UgPerMl> {
        let passed = now.since(self.treated?)?;
        let whole = Span::from_seconds(u64::from(content.times.response.0));
        if self.seen || passed >= whole {
            return None;
        }
        let (first, most) = (content.delivery.unseen_first.0, content.delivery.unseen_most.0);
        #[allow(clippy::cast_precision_loss)]
        let part = passed.as_millis() as f64 / max(whole.as_millis() as f64, 1.0);
        let level = f64::from(first) + (f64::from(most) - f64::from(first)) * part;
        Some(UgPerMl(level / 1_000.0))
    }
}

/// Whether a condition has held for so long.
fn lasted(since: Option<Instant>, now: Instant, seconds: u32) -> bool {
    let least = Span::from_seconds(u64::from(seconds));
    since.and_then(|since| now.since(since)).is_some_and(|age| age >= least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::ADULT;
    use std::vec::Vec;

    #[test]
    fn pro_03_a_response_is_two_cycles_below_the_level_and_lasts() {
        let content = Content::reference_for(&ADULT);
        let mut response = Response::default();
        let mut bound = Vec::new();
        for (cycle, index) in (0_u64..).zip([92.0, 79.0, 92.0, 79.0, 79.0, 92.0]) {
            let now = Instant { boot: 1, millis: cycle * 5_000 };
            response = response.next(&content, now, Stage::Induction, Some(Index(index)));
            bound.push(response.permitted(&content, now).is_some());
        }
        assert_eq!(bound, [true, true, true, true, false, false]);
        let now = Instant { boot: 1, millis: 60_000 };
        let over = response.next(&content, now, Stage::Emergence, None);
        assert_eq!(over, Response::default());
        assert_eq!(over.permitted(&content, now), None);
    }

    #[test]
    fn pro_03_one_low_value_and_a_gap_are_no_response() {
        let content = Content::reference_for(&ADULT);
        let mut response = Response::default();
        for (cycle, index) in (0_u64..).zip([Some(92.0), Some(79.0), None, Some(92.0)]) {
            let now = Instant { boot: 1, millis: cycle * 5_000 };
            response = response.next(&content, now, Stage::Induction, index.map(Index));
            assert!(response.permitted(&content, now).is_some(), "{cycle}");
        }
    }

    #[test]
    fn pro_07_without_any_response_the_level_rises_and_the_wait_ends() {
        let content = Content::reference_for(&ADULT);
        let wait = u64::from(content.times.response.0);
        let at = |seconds: u64| Instant { boot: 1, millis: seconds * 1_000 };
        let begun = Response::default().next(&content, at(0), Stage::Induction, None);
        let level = |seconds| begun.permitted(&content, at(seconds)).map(|level| level.0);
        let first = f64::from(content.delivery.unseen_first.0) / 1_000.0;
        assert_eq!(level(0), Some(first));
        assert!(level(wait - 1) > level(wait / 2) && level(wait / 2) > level(0));
        assert_eq!(level(wait), None);
    }
}
