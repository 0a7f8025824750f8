//! What a controller learns must follow from what happened. It states a sensitivity ratio: a
//! smaller one after half a day without a low, or a larger one after a low, has no reason.

use crate::leak::Leak;
use crate::whole::share;
use minicbor::{Decode, Encode};

/// A reading below the first is a reason to grow cautious, and one below the second is none to
/// grow bold, thousandths of mg/dL.
const CAUTION: i64 = 95_000;
const BOLDNESS: i64 = 85_000;
/// For half a day, cycles.
const REMEMBERED: u32 = 144;
/// Lessons are summed over a day, cycles.
const DAY: i64 = 288;
/// Changes of the ratio are told in parts of this.
const WHOLE: i64 = 10_000;

/// What is remembered of a controller's learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Lessons {
    /// The last ratio, thousandths; zero when none was stated.
    #[n(0)]
    ratio: i64,
    /// Cycles since a reading below [`CAUTION`] and since one below [`BOLDNESS`].
    #[n(1)]
    since: [u32; 2],
    /// How much more cautious it grew although nothing was low.
    #[n(2)]
    pub(crate) timid: Leak,
    /// How much bolder it grew although something was low.
    #[n(3)]
    pub(crate) bold: Leak,
}

impl Lessons {
    /// Nothing was learned yet, and nothing was low.
    pub(crate) const NONE: Self =
        Self { ratio: 0, since: [REMEMBERED; 2], timid: Leak::NOTHING, bold: Leak::NOTHING };

    /// Takes the ratio that is stated beside a reading.
    pub(crate) fn take(&mut self, ratio: i64, level: i64) {
        let [caution, boldness] = &mut self.since;
        for (since, low) in [(&mut *caution, CAUTION), (&mut *boldness, BOLDNESS)] {
            *since = if level < low { 0 } else { since.saturating_add(1) };
        }
        let before = core::mem::replace(&mut self.ratio, ratio);
        let known = before > 0 && ratio > 0;
        let change = if known { share(ratio.saturating_sub(before), WHOLE, before) } else { 0 };
        let timid = if *caution < REMEMBERED { 0 } else { change.saturating_neg() };
        self.timid.add(timid, DAY);
        self.bold.add(if *boldness < REMEMBERED { change } else { 0 }, DAY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day at one glucose and a lesson.
    fn after(level: i64, ratio: i64) -> (i64, i64) {
        let mut lessons = Lessons::NONE;
        for _ in 0..200 {
            lessons.take(1_000, level);
        }
        lessons.take(ratio, level);
        (lessons.timid.held(), lessons.bold.held())
    }

    #[test]
    fn a_lesson_counts_only_where_nothing_calls_for_it() {
        assert_eq!(after(140_000, 900), (1_000, 0), "cautious without a low");
        assert_eq!(after(80_000, 900), (0, -1_000), "cautious after a low");
        assert_eq!(after(80_000, 1_100), (0, 1_000), "bold after a low");
        assert_eq!(after(140_000, 1_100), (-1_000, 0), "bold without a low");
        assert_eq!(after(140_000, 0), (0, 0), "no ratio at all");
    }
}
