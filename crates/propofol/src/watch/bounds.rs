//! What lasts too long at a level of the index: too deep, suppressed, low, high, swinging, and
//! delivery that stays at an end of its range.

use super::index::Look;
use super::span::{hold, lasted};
use crate::profile::Content;
use homeostat_record::{Cause, CauseSet, Instant, Span};
use minicbor::{Decode, Encode};

/// Swings that are remembered.
const SWINGS: usize = 8;

/// What is remembered of levels and effort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Memory {
    #[n(0)]
    deep: Option<Instant>,
    #[n(1)]
    suppressed: Option<Instant>,
    #[n(2)]
    low: Option<Instant>,
    #[n(3)]
    high: Option<Instant>,
    /// A stop is in force.
    #[n(4)]
    stopped: bool,
    /// Since when nothing argues for the stop any more.
    #[n(5)]
    clear: Option<Instant>,
    /// Above (`true`) or below the target by a swing, when it was last either.
    #[n(6)]
    side: Option<bool>,
    /// When the index changed sides, newest first.
    #[n(7)]
    swings: [Option<Instant>; SWINGS],
    /// Since when nothing is delivered although the index is not high.
    #[n(8)]
    nothing: Option<Instant>,
    /// Since when as much as was permitted is delivered although the index is high.
    #[n(9)]
    most: Option<Instant>,
    /// The newest index, thousandths.
    #[n(10)]
    newest: Option<i32>,
    /// The person needs more than the loop gives: said until the index is no longer high.
    #[n(11)]
    needs: bool,
}

/// How hard the loop works in one cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effort {
    /// The person is anaesthetised.
    pub(super) maintained: bool,
    /// Nothing came in.
    pub(super) nothing: bool,
    /// As much came in as was permitted.
    pub(super) most: bool,
    /// No more came in than holds the present level.
    pub(super) level: bool,
}

/// What holds in one cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) causes: CauseSet,
    /// The index is low for long: no increase.
    pub(super) low: bool,
    /// The index is high for long.
    pub(super) high: bool,
    /// The newest index shows a person asleep, or there was none yet.
    pub(super) asleep: bool,
    /// It is below the middle between the low level and the target.
    pub(super) under: bool,
}

impl Memory {
    /// Looks at one cycle.
    pub(super) fn step(
        &mut self,
        content: &Content,
        now: Instant,
        look: &Look,
        effort: &Effort,
    ) -> Held {
        let index = &content.index;
        self.stop(content, now, look);
        self.newest = look.value.or(self.newest);
        if let Some(value) = look.value {
            let value = i64::from(value);
            hold(&mut self.low, value < i64::from(index.low.0), now);
            hold(&mut self.high, value > i64::from(index.high.0), now);
            let (high, low) = (value > i64::from(index.induced.0), value < i64::from(index.low.0));
            hold(&mut self.most, effort.most && high && effort.maintained, now);
            hold(&mut self.nothing, effort.nothing && low && effort.maintained, now);
            if effort.maintained {
                self.swing(content, now, value);
            }
        }
        let fresh = look.value.is_some();
        let high = fresh && lasted(self.high, now, index.high_after.0);
        let long = fresh && lasted(self.high, now, index.high_after.0.saturating_mul(2));
        let idle = effort.most || effort.level;
        let raised = long || (high && idle) || self.needs;
        self.needs = raised && effort.maintained && self.high.is_some();
        let saturation = content.times.saturation.0;
        let saturated = lasted(self.most, now, saturation) || lasted(self.nothing, now, saturation);
        Held {
            causes: CauseSet::EMPTY
                .with_if(Cause::PhysiologicStop, self.stopped)
                .with_if(Cause::PhysiologicNeed, self.needs)
                .with_if(Cause::Saturation, saturated)
                .with_if(Cause::Oscillation, self.swings_are_many(content, now)),
            low: lasted(self.low, now, index.low_after.0),
            high,
            asleep: self.newest_below(index.induced.0),
            under: self.newest_below(index.low.0.midpoint(index.target.0)),
        }
    }

    fn newest_below(&self, level: u32) -> bool {
        self.newest.is_none_or(|newest| i64::from(newest) < i64::from(level))
    }

    /// Too deep or suppressed for long: until the index has been well above for longer. A stop
    /// during which the index is lost ends by its time: it is not the safe state (PRO-07).
    fn stop(&mut self, content: &Content, now: Instant, look: &Look) {
        let index = &content.index;
        let fresh = look.value.is_some();
        if let Some(value) = look.value {
            hold(&mut self.deep, i64::from(value) < i64::from(index.deep.0), now);
            if let Some(ratio) = look.suppression {
                hold(&mut self.suppressed, ratio > index.suppressed.0, now);
            }
        }
        let begins = lasted(self.deep, now, index.deep_after.0)
            || lasted(self.suppressed, now, index.deep_after.0);
        let risen = look.value.is_none_or(|value| i64::from(value) > i64::from(index.resume.0));
        let quiet = look.suppression.is_none_or(|ratio| ratio <= index.suppressed.0);
        hold(&mut self.clear, risen && quiet, now);
        if fresh && begins {
            self.stopped = true;
        } else if lasted(self.clear, now, index.resume_after.0) {
            self.stopped = false;
        }
    }

    /// Notes the times at which the index goes from one side of the target to the other.
    fn swing(&mut self, content: &Content, now: Instant, value: i64) {
        let (target, far) = (i64::from(content.index.target.0), i64::from(content.index.swing.0));
        let side = match value.saturating_sub(target) {
            off if off > far => true,
            off if off < far.saturating_neg() => false,
            _ => return,
        };
        if self.side.is_some_and(|before| before != side) {
            self.swings.rotate_right(1);
            let [newest, ..] = &mut self.swings;
            *newest = Some(now);
        }
        self.side = Some(side);
    }

    fn swings_are_many(&self, content: &Content, now: Instant) -> bool {
        let window = Span::from_seconds(u64::from(content.index.swing_window.0));
        let recent = self.swings.iter().flatten();
        let recent = recent.filter(|at| now.since(**at).is_some_and(|age| age <= window)).count();
        recent >= usize::try_from(content.index.swings.0).unwrap_or(usize::MAX)
    }
}
