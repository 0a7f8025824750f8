//! How hard the loop works: too long at an end of its range (SUP-10, GLY-22), glucose high for too
//! long, and what that makes of this cycle's envelope.

use super::glucose::Look;
use crate::profile::Content;
use homeostat_record::{Account, Action, Cause, CauseSet, Input, Instant, Steps};
use homeostat_supervisor::Envelope;
use minicbor::{Decode, Encode};

/// The announcement that is carbohydrate.
const CARBOHYDRATE: u8 = 1;

/// The last carbohydrate entry that counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Entry {
    #[n(0)]
    at: Instant,
    #[n(1)]
    milligrams: u32,
}

/// What is remembered of the effort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Effort {
    /// The ledger's ordered amount after the last cycle.
    #[n(0)]
    ordered: u64,
    /// Since when as little as possible is ordered.
    #[n(1)]
    least_since: Option<Instant>,
    /// Since when as much as was permitted is ordered.
    #[n(2)]
    most_since: Option<Instant>,
    /// Since when glucose is high.
    #[n(3)]
    high_since: Option<Instant>,
    /// Background steps of earlier cycles that a limited loop did not use; at most one.
    #[n(4)]
    spare: u32,
    /// What the last cycle's limited ceiling was.
    #[n(5)]
    limited: u32,
    #[n(6)]
    entry: Option<Entry>,
    /// Something has been ordered: what was never begun cannot be saturated.
    #[n(7)]
    treating: bool,
    /// The most that the last cycle permitted, if it permitted an increase.
    #[n(8)]
    permitted: Option<u32>,
}

/// What else is known of one cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Basis {
    /// Its basic therapy.
    pub(super) background: Steps,
    /// The basal amount of any cycle, rounded up: a controller's remainders may fall on other
    /// cycles than the background's.
    pub(super) basal: Steps,
    /// What a carbohydrate entry of this cycle allows.
    pub(super) meal: Steps,
    /// What correction may still add to what is on board.
    pub(super) room: Steps,
    /// Whether a stop holds.
    pub(super) stopped: bool,
}

/// What the effort says of one cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) causes: CauseSet,
    pub(super) envelope: Envelope,
    pub(super) limited: Steps,
}

impl Effort {
    /// Looks at one cycle: what lasts too long, and between what bounds it may deliver.
    pub(super) fn step(
        &mut self,
        content: &Content,
        input: &Input,
        look: &Look,
        account: &Account,
        cycle: &Basis,
    ) -> Range {
        let (times, levels, bounds) = (&content.times, &content.glucose, &content.delivery);
        let step = bounds.step.0.max(1);
        let last = account.ordered.saturating_sub(self.ordered);
        self.ordered = account.ordered;
        self.treating |= last > 0;
        self.follow(content, input.now, look, last);
        let now = input.now;
        let low_long = lasted(self.least_since, now, times.saturation_low.0);
        let most_long = lasted(self.most_since, now, times.saturation_high.0);
        let high_long = lasted(self.high_since, now, levels.high_after.0);
        // Nothing for so long is a danger of its own, unless glucose is low or will be.
        let enough = i64::from(levels.suspend_below.0).saturating_mul(1_000);
        let may = look.predicted.is_some_and(|at| at >= enough)
            && look.value.is_some_and(|value| value >= enough);
        let must = lasted(self.least_since, now, levels.stop_most.0) && may && !cycle.stopped;
        let least = Steps(bounds.cycle_least.0.div_ceil(step));
        let least = if must { least.or_more(cycle.background) } else { least };
        // Without a value, and on a flat line (GLY-19), nothing is increased.
        let may_increase = look.value.is_some() && !look.flat;
        let automatic = Steps(bounds.automatic_most.0 / step).or_less(cycle.room);
        let increased = if may_increase { automatic } else { Steps::ZERO };
        let usual = increased.or_more(cycle.basal).or_more(least);
        self.permitted = may_increase.then_some(usual.0);
        Range {
            causes: CauseSet::EMPTY
                .with_if(Cause::Saturation, low_long || most_long)
                .with_if(Cause::PhysiologicNeed, high_long),
            envelope: Envelope { least, most: usual.saturating_add(cycle.meal) },
            // A meal that a person announces is theirs to answer for: a limited loop covers it.
            limited: self.ceiling(last, cycle.background).saturating_add(cycle.meal),
        }
    }

    /// Notes since when what lasts has lasted. `last` is what the last cycle ordered.
    fn follow(&mut self, content: &Content, now: Instant, look: &Look, last: u64) {
        let step = content.delivery.step.0.max(1);
        let least = content.delivery.cycle_least.0.div_ceil(step);
        let little = self.treating && last <= u64::from(least);
        let target = i64::from(content.glucose.target.0).saturating_mul(1_000);
        let above_target = look.value.is_some_and(|value| value > target);
        let much = self.permitted.is_some_and(|most| last >= u64::from(most)) && above_target;
        let above = i64::from(content.glucose.high.0).saturating_mul(1_000);
        let high = match look.value {
            Some(value) => value > above,
            // Without a value, what was known goes on.
            None => self.high_since.is_some(),
        };
        begin_or_end(&mut self.least_since, little, now);
        begin_or_end(&mut self.most_since, much, now);
        begin_or_end(&mut self.high_since, high, now);
    }

    /// The ceiling of a limited loop: the background, and a step of it that was left over, so that
    /// a loop whose remainders fall on other cycles can still give all of it.
    fn ceiling(&mut self, last: u64, background: Steps) -> Steps {
        let unused = u64::from(self.limited).saturating_sub(last);
        self.spare = u32::try_from(unused.min(1)).unwrap_or(0);
        let ceiling = background.saturating_add(Steps(self.spare));
        self.limited = ceiling.0;
        ceiling
    }

    /// What a carbohydrate entry of this cycle may add.
    pub(super) fn meal(&mut self, content: &Content, input: &Input) -> Steps {
        let (person, bounds) = (&content.person, &content.delivery);
        let mut milliunits = 0_u64;
        for action in input.people.iter().map(|person| person.action) {
            let Action::Announce(entry) = action else { continue };
            let largest = u64::from(bounds.carbohydrate_most.0).saturating_mul(1_000);
            if entry.kind != CARBOHYDRATE || u64::from(entry.amount) > largest {
                continue;
            }
            if self.is_repeat(bounds.carbohydrate_repeat.0, entry.amount, input.now) {
                continue;
            }
            self.entry = Some(Entry { at: input.now, milligrams: entry.amount });
            let insulin = u64::from(entry.amount).saturating_mul(1_000)
                / u64::from(person.carbohydrate_ratio.0.max(1));
            let share = insulin.saturating_mul(u64::from(bounds.meal_share.0)) / 1_000;
            milliunits = milliunits.saturating_add(share);
        }
        let steps = milliunits / u64::from(bounds.step.0.max(1));
        Steps(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    /// Two people who enter the same meal (GLY-23).
    fn is_repeat(&self, within: u32, milligrams: u32, now: Instant) -> bool {
        self.entry.is_some_and(|entry| {
            let near = now.since(entry.at).is_none_or(|age| age.as_minutes() < u64::from(within));
            entry.milligrams == milligrams && near
        })
    }
}

/// Whether a condition has held for so long.
fn lasted(since: Option<Instant>, now: Instant, minutes: u32) -> bool {
    let span = since.and_then(|since| now.since(since));
    span.is_some_and(|span| span.as_minutes() >= u64::from(minutes))
}

/// Keeps the beginning of a condition while it holds; across a restart it begins anew.
fn begin_or_end(since: &mut Option<Instant>, holds: bool, now: Instant) {
    let begun = since.filter(|since| now.since(*since).is_some());
    *since = holds.then(|| begun.unwrap_or(now));
}
