//! The stage as the watch keeps it: from what clinicians announce, and from its own books.

use super::span::{hold, lasted};
use crate::profile::Content;
use homeostat_record::{Action, Input, Instant, Role};
use minicbor::{Decode, Encode};

/// Announcements: of a stage, and of preconditions that hold.
const STAGE: u8 = 1;
const PRECONDITIONS: u8 = 4;

/// What an anaesthetic is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(super) enum Stage {
    /// Nothing has begun.
    #[default]
    #[n(0)]
    Before,
    /// From awake to the target.
    #[n(1)]
    Induction,
    /// At the target.
    #[n(2)]
    Maintenance,
    /// Waking up.
    #[n(3)]
    Emergence,
}

/// What is remembered of the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Memory {
    #[n(0)]
    stage: Stage,
    #[n(1)]
    since: Option<Instant>,
    /// When the preconditions were last acknowledged.
    #[n(2)]
    ready: Option<Instant>,
    /// Since when the index is that of an induced person.
    #[n(3)]
    induced: Option<Instant>,
    /// Steps since the induction began.
    #[n(4)]
    given: u64,
    /// A person has set an amount by hand since the stage began.
    #[n(5)]
    by_hand: bool,
}

/// Whether a clinician acknowledged the preconditions in this cycle.
pub(super) fn checked(input: &Input) -> bool {
    announced(input).any(|(kind, _)| kind == PRECONDITIONS)
}

impl Memory {
    pub(super) const fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether somebody is put or kept asleep.
    pub(super) const fn treats(&self) -> bool {
        matches!(self.stage, Stage::Induction | Stage::Maintenance)
    }

    /// Whether somebody doses by hand, whatever was announced.
    pub(super) const fn by_hand(&self) -> bool {
        self.by_hand
    }

    /// Steps that an induction may still give.
    pub(super) fn left(&self, content: &Content) -> u64 {
        let most = content.delivery.induction_most.of(content.person.weight);
        u64::from(most.0 / content.delivery.step.0.max(1)).saturating_sub(self.given)
    }

    /// Follows one cycle in which so many steps came in; whether a stage began.
    pub(super) fn follow(
        &mut self,
        content: &Content,
        input: &Input,
        steps: u64,
        index: Option<i32>,
    ) -> bool {
        let now = input.now;
        if checked(input) {
            self.ready = Some(now);
        }
        self.given = self.given.saturating_add(steps);
        self.by_hand |= input.people.iter().any(|person| {
            let sets = matches!(person.action, Action::SetManual { .. } | Action::Confirm);
            sets && person.by != Role::Unknown
        });
        let before = self.stage;
        let ready = self.ready.is_some_and(|ready| {
            now.since(ready).is_some() && !expired(ready, now, content.times.ready.0)
        });
        let mut begun = false;
        for (_, amount) in announced(input).filter(|(kind, _)| *kind == STAGE) {
            let stage = match amount {
                1 if ready => Stage::Induction,
                2 if ready || before == Stage::Induction => Stage::Maintenance,
                3 => Stage::Emergence,
                _ => continue,
            };
            self.begin(stage, now);
            begun = true;
        }
        begun | self.settle(content, now, index)
    }

    fn begin(&mut self, stage: Stage, now: Instant) {
        if stage == Stage::Induction {
            self.given = 0;
        }
        (self.stage, self.since) = (stage, Some(now));
        (self.induced, self.by_hand) = (None, false);
    }

    /// Ends an induction that has done its work, has used up its amount, or takes too long.
    fn settle(&mut self, content: &Content, now: Instant, index: Option<i32>) -> bool {
        if self.stage != Stage::Induction {
            return false;
        }
        if let Some(index) = index {
            hold(&mut self.induced, i64::from(index) < i64::from(content.index.induced.0), now);
        }
        let induced = index.is_some() && lasted(self.induced, now, content.index.induced_after.0);
        let long = lasted(self.since, now, content.times.induction.0);
        let ends = induced || long || self.left(content) == 0;
        if ends {
            (self.stage, self.since) = (Stage::Maintenance, Some(now));
        }
        ends
    }
}

fn expired(then: Instant, now: Instant, seconds: u32) -> bool {
    now.since(then).is_none_or(|age| age.as_millis() > u64::from(seconds).saturating_mul(1_000))
}

/// Kind and amount of what clinicians announced.
fn announced(input: &Input) -> impl Iterator<Item = (u8, u32)> + '_ {
    input.people.iter().filter_map(|person| match (person.by, person.action) {
        (Role::Clinician, Action::Announce(what)) => Some((what.kind, what.amount)),
        _ => None,
    })
}
