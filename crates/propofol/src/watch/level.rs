//! Where the drug is, by the watch's own books, and the last level that the index confirmed.

use super::kinetics::{Kinetics, Levels};
use homeostat_record::{Account, Action, Input, Instant};
use minicbor::{Decode, Encode};

/// Confirmed levels that are kept, and how far apart they are: five minutes.
const MARKS: usize = 20;
const APART: u64 = 15_000;
/// Most periods that are computed one by one in one cycle; a longer pause leaves more drug on the
/// books than there is.
const PERIODS: u64 = 720;

/// What is remembered of the drug.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Memory {
    #[n(0)]
    levels: Levels,
    /// How much of the account is booked.
    #[n(1)]
    booked: u64,
    /// Booked, and not yet in the model: no whole period has passed since.
    #[n(2)]
    waiting: u64,
    /// Up to when the model has gone.
    #[n(3)]
    moved: Option<Instant>,
    /// Effect-site levels (ng/mL) that the index confirmed, newest first.
    #[n(4)]
    marks: [Option<u32>; MARKS],
    #[n(5)]
    marked: Option<Instant>,
    /// The median of the marks.
    #[n(6)]
    median: u32,
    /// The effect-site level when the index was last valid, ng/mL.
    #[n(7)]
    valid: u32,
    /// Thousandths of a step of the background that made no whole one.
    #[n(8)]
    carried: u32,
}

impl Memory {
    pub(super) const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Books what may have been delivered since the last cycle, and moves the model on. What was
    /// ordered counts from the order on, and what was delivered beyond it counts too (CTL-10).
    /// Gives the steps that came in.
    pub(super) fn book(
        &mut self,
        kinetics: &Kinetics,
        input: &Input,
        account: &Account,
        period_millis: u64,
    ) -> u64 {
        let most = account.ordered.max(account.delivered).max(account.verified);
        let mut steps = most.saturating_sub(self.booked);
        self.booked = self.booked.max(most);
        self.waiting = self.waiting.saturating_add(steps);
        let period = period_millis.max(1);
        let passed = self.moved.and_then(|moved| input.now.since(moved));
        // Half a period of earliness is jitter. Across a restart the time is not known: none.
        let millis = passed.map_or(0, |span| span.as_millis());
        let periods = millis.saturating_add(period / 2) / period;
        for _ in 0..periods.min(PERIODS) {
            self.levels = kinetics.advance(&self.levels, core::mem::take(&mut self.waiting));
        }
        self.moved = match (self.moved, passed) {
            (Some(moved), Some(_)) => {
                let on = periods.saturating_mul(period);
                Some(Instant { boot: moved.boot, millis: moved.millis.saturating_add(on) })
            }
            _ => Some(input.now),
        };
        for person in &input.people {
            if let Action::Given { channel: 0, steps: given } = person.action {
                self.levels = kinetics.given(&self.levels, given.0);
                steps = steps.saturating_add(u64::from(given.0));
            }
        }
        steps
    }

    /// A stage began: what was confirmed before says nothing of it.
    pub(super) fn begin(&mut self) {
        (self.marks, self.marked) = ([None; MARKS], None);
    }

    /// The index is valid in this cycle: the present level is confirmed.
    pub(super) fn confirm(&mut self, now: Instant) {
        self.valid = self.levels.effect();
        let recent = self.marked.and_then(|marked| now.since(marked));
        if recent.is_some_and(|span| span.as_millis() < APART) {
            return;
        }
        self.marks.rotate_right(1);
        let [newest, ..] = &mut self.marks;
        (*newest, self.marked) = (Some(self.valid), Some(now));
        self.median = self.median_of_marks();
    }

    /// The median of the confirmed levels; the newest where there is none.
    fn median_of_marks(&self) -> u32 {
        let mut sorted = self.marks;
        sorted.sort_unstable();
        let count = self.marks.iter().flatten().count();
        // Empty places come first.
        let middle = MARKS.saturating_sub(count).saturating_add(count / 2);
        sorted.get(middle).copied().flatten().unwrap_or(self.valid)
    }

    /// The level that is held without an index (PRO-06): that of the last valid sample, in
    /// maintenance no more than the median of the five minutes before it.
    pub(super) fn frozen(&self, maintained: bool) -> u32 {
        if maintained { self.valid.min(self.median) } else { self.valid }
    }

    /// The level that a limited loop may keep: the present one, or what was kept lately.
    pub(super) fn kept(&self, maintained: bool) -> u32 {
        self.levels.effect().max(self.frozen(maintained))
    }

    /// Whole steps of an amount in thousandths, the rest carried to the next cycle.
    pub(super) fn whole(&mut self, thousandths: u64) -> u32 {
        let sum = thousandths.saturating_add(u64::from(self.carried));
        self.carried = u32::try_from(sum % 1_000).unwrap_or(0);
        u32::try_from(sum / 1_000).unwrap_or(u32::MAX)
    }
}
