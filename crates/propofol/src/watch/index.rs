//! The watch's own view of the index: fresh or not, good enough or not, plausible or not.

use super::contact::{Contact, Place, follow};
use super::frame::{Message, Subject};
use crate::profile::{Content, Quality};
use homeostat_record::{Cause, CauseSet, Input, Instant};
use minicbor::{Decode, Encode};

/// Thousandths of the index: its ends, where a value may stand still.
const ENDS: (i32, i32) = (0, 100_000);

/// What one cycle's frames say of the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) causes: CauseSet,
    /// Mean of the valid samples, thousandths.
    pub(super) value: Option<i32>,
    /// Suppression ratio of the newest valid sample, percent.
    pub(super) suppression: Option<u32>,
    /// Every sample was valid, and of full quality.
    pub(super) good: bool,
}

/// What the samples of a cycle amount to, while they are read.
#[derive(Default)]
struct Count {
    sum: i64,
    valid: i64,
    /// Refused for quality or muscle activity.
    poor: u32,
    /// Any sample short of full quality, or refused.
    spoilt: bool,
    /// The newest undisturbed sample cannot be an index.
    implausible: bool,
    /// A message was in a unit that the index or the pressure does not have.
    wrong_unit: bool,
    /// The newest message said that it was old when it came: not silence, but a clock.
    behind: bool,
    causes: CauseSet,
    suppression: Option<u32>,
}

/// A value at a time of the source's clock, milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Mark {
    #[n(0)]
    taken: u64,
    #[n(1)]
    value: i32,
}

/// What is remembered of the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Memory {
    #[n(0)]
    contact: Option<Contact>,
    #[n(1)]
    last: Option<Mark>,
    /// The newest value of a step that is not believed, and how many say the same.
    #[n(2)]
    step: Option<(Mark, u8)>,
    /// The value that is shown, and since when it is the very same.
    #[n(3)]
    still: Option<Mark>,
    /// A disturbance: its beginning and its last sample.
    #[n(4)]
    burst: Option<(u64, u64)>,
    /// The cycle in which a valid sample last came.
    #[n(5)]
    valid: Option<Instant>,
    /// 0 good, 1 reduced, 2 poor.
    #[n(6)]
    grade: u8,
}

impl Memory {
    /// Somebody has checked the monitor: one that was started again is taken anew.
    pub(super) fn checked(&mut self) {
        self.contact = None;
    }

    /// Looks at the messages of one cycle.
    pub(super) fn look(
        &mut self,
        content: &Content,
        input: &Input,
        messages: &[Option<(Message, Instant)>],
    ) -> Look {
        let mut count = Count::default();
        for (message, received) in messages.iter().flatten() {
            match message.subject {
                Subject::Index => self.hear(content, message, (*received, input.now), &mut count),
                Subject::WrongUnit => count.wrong_unit = true,
                Subject::Pressure => {}
            }
        }
        self.judge(content, input.now, &count)
    }

    /// One message: whose, when, and whether it may be used at all.
    fn hear(
        &mut self,
        content: &Content,
        message: &Message,
        times: (Instant, Instant),
        count: &mut Count,
    ) {
        if !content.identities.monitors.iter().any(|monitor| *monitor == message.source) {
            count.causes = count.causes.with(Cause::IdentityMismatch);
            return;
        }
        // What is handed in later says nothing of how the monitor is now.
        if message.stored {
            return;
        }
        if message.not_ready {
            count.causes = count.causes.with(Cause::SensorNotReady);
            return;
        }
        let age_most = i64::from(content.quality.age_most.0).saturating_mul(1_000);
        match follow(&mut self.contact, message, times, age_most) {
            Place::Old => {}
            Place::Restarted => count.causes = count.causes.with(Cause::SensorNotReady),
            Place::Ahead => count.causes = count.causes.with(Cause::ClockDoubtful),
            Place::Behind => count.behind = true,
            Place::New { anew, age } => {
                count.behind = false;
                if anew {
                    (self.last, self.step, self.still, self.burst) = (None, None, None, None);
                }
                if age <= age_most {
                    self.weigh(&content.quality, message, count);
                }
            }
        }
    }

    /// The value of a message that is fresh and from the right monitor.
    fn weigh(&mut self, bounds: &Quality, message: &Message, count: &mut Count) {
        count.spoilt |= message.quality.is_none_or(|quality| quality < bounds.full.0);
        if self.is_disturbed(bounds, message) {
            count.poor = count.poor.saturating_add(1);
            count.spoilt = true;
            return;
        }
        let mark = Mark { taken: message.taken, value: message.value };
        let in_range = (ENDS.0..=ENDS.1).contains(&mark.value) && !message.beyond;
        count.implausible = !in_range || self.is_stuck(bounds, mark) || !self.takes(bounds, mark);
        if count.implausible {
            count.spoilt = true;
            return;
        }
        count.sum = count.sum.saturating_add(i64::from(mark.value));
        count.valid = count.valid.saturating_add(1);
        count.suppression = message.suppression;
    }

    /// Whether quality or muscle activity forbids a sample, or a burst has only just ended.
    fn is_disturbed(&mut self, bounds: &Quality, message: &Message) -> bool {
        let weak = message.quality.is_none_or(|quality| quality < bounds.least.0);
        let muscle = message.muscle.is_none_or(|muscle| muscle > bounds.muscle_most.0);
        if weak || muscle {
            let from = self.burst.map_or(message.taken, |(from, _)| from);
            self.burst = Some((from, message.taken));
            return true;
        }
        let Some((from, last)) = self.burst else { return false };
        let hold = u64::from(bounds.burst_hold.0).saturating_mul(1_000);
        let most = u64::from(bounds.burst_most.0).saturating_mul(1_000);
        let lasts = message.taken.saturating_sub(last) <= hold
            && message.taken.saturating_sub(from) <= most;
        if !lasts {
            self.burst = None;
        }
        lasts
    }

    /// Whether the very same value has been shown for too long.
    fn is_stuck(&mut self, bounds: &Quality, mark: Mark) -> bool {
        let since = match self.still.filter(|still| still.value == mark.value) {
            Some(still) => still.taken,
            None => {
                self.still = Some(mark);
                mark.taken
            }
        };
        let limit = u64::from(bounds.stuck_after.0).saturating_mul(1_000);
        let end = mark.value == ENDS.0 || mark.value == ENDS.1;
        limit > 0 && !end && mark.taken.saturating_sub(since) >= limit
    }

    /// Takes in a value; `false` while it is a step that the index cannot make.
    fn takes(&mut self, bounds: &Quality, mark: Mark) -> bool {
        if self.last.is_some_and(|last| !is_possible(bounds, &last, &mark)) {
            let agreeing = match self.step {
                Some((before, count)) if is_possible(bounds, &before, &mark) => {
                    count.saturating_add(1)
                }
                _ => 1,
            };
            if u32::from(agreeing) < bounds.agree.0 {
                self.step = Some((mark, agreeing));
                return false;
            }
        }
        (self.last, self.step) = (Some(mark), None);
        true
    }

    /// What the cycle's samples amount to.
    fn judge(&mut self, content: &Content, now: Instant, count: &Count) -> Look {
        let fresh = count.valid > 0;
        if fresh {
            self.valid = Some(now);
        }
        // Seconds since a valid sample came; after a restart of the device none has.
        let silent = self.valid.and_then(|valid| now.since(valid));
        let silent = silent.map_or(u64::MAX, |span| span.as_millis() / 1_000);
        let good = fresh && !count.spoilt;
        self.grade = self.graded(content, silent, good, count);
        // What lasts no longer than a burst may have a harmless cause.
        let most = u64::from(content.quality.burst_most.0);
        let burst = count.poor > 0
            && silent >= u64::from(content.times.limited_after.0)
            && silent <= most
            && self.grade < 2;
        let value = count.sum.checked_div(count.valid).and_then(|mean| i32::try_from(mean).ok());
        let causes = count
            .causes
            .with_if(Cause::InputMissing, !fresh)
            .with_if(Cause::ClockDoubtful, count.behind)
            .with_if(Cause::InputImplausible, count.implausible || count.wrong_unit)
            .with_if(Cause::ArtefactSuspected, burst)
            .with_if(Cause::QualityReduced, self.grade == 1)
            .with_if(Cause::QualityPoor, self.grade == 2);
        Look { causes, value, suppression: count.suppression, good }
    }

    /// Worse with the time for which samples come and none can be used; good again only at full
    /// quality.
    fn graded(&self, content: &Content, silent: u64, good: bool, count: &Count) -> u8 {
        if count.valid > 0 {
            return if good { 0 } else { self.grade.min(1) };
        }
        if count.poor == 0 {
            return self.grade;
        }
        let grade = if silent > u64::from(content.times.lost_after.0) {
            2
        } else {
            u8::from(silent > u64::from(content.times.limited_after.0))
        };
        grade.max(self.grade)
    }
}

/// Whether the index can go from one value to the other in the time between.
fn is_possible(bounds: &Quality, from: &Mark, to: &Mark) -> bool {
    let further = to.taken.saturating_sub(from.taken).saturating_sub(1_000);
    let drift = u64::from(bounds.drift.0).saturating_mul(further) / 1_000;
    let permitted = u64::from(bounds.jump.0).saturating_add(drift);
    u64::from(to.value.abs_diff(from.value)) <= permitted
}
