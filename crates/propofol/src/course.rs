//! The stage of the anaesthetic as the controller keeps it (PRO-01): people begin it, and only the
//! step from induction to maintenance is taken without them.

use crate::algorithm::Stage;
use crate::profile::Content;
use crate::units::Index;
use homeostat_record::{Action, Announcement, Input, Instant, Role, Span};
use minicbor::{Decode, Encode};

/// Announcement of a stage: amount 1 induction, 2 maintenance, 3 emergence.
pub const STAGE: u8 = 1;
/// Announcement of a stimulation: amount 1 intubation, 2 incision, 3 other.
pub const STIMULATION: u8 = 2;
/// Announcement of an opioid that was given, in micrograms.
pub const OPIOID: u8 = 3;
/// Announcement that the preconditions hold: airway managed, line checked, clinician present.
pub const PRECONDITIONS: u8 = 4;

/// Where the anaesthetic stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Course {
    #[n(0)]
    stage: Stage,
    /// When it began.
    #[n(1)]
    since: Option<Instant>,
    /// When the preconditions were last acknowledged.
    #[n(2)]
    ready: Option<Instant>,
    /// Since when the index has been below the level of an induced person.
    #[n(3)]
    induced_since: Option<Instant>,
    /// Micrograms that came in since the induction began.
    #[n(4)]
    given: u64,
}

impl Course {
    /// The stage.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// Micrograms that an induction may still give.
    #[must_use]
    pub fn left(&self, content: &Content) -> u64 {
        let most = content.delivery.induction_most.of(content.person.weight);
        u64::from(most.0).saturating_sub(self.given)
    }

    /// Whether somebody acknowledged the preconditions in this cycle.
    #[must_use]
    pub fn checked(input: &Input) -> bool {
        announced(input).any(|announcement| announcement.kind == PRECONDITIONS)
    }

    /// The course after what people announced in this cycle; `given` is the propofol, in
    /// micrograms, that came in since the last one.
    #[must_use]
    pub fn next(&self, content: &Content, input: &Input, given: i64) -> Self {
        let mut next = *self;
        if Self::checked(input) {
            next.ready = Some(input.now);
        }
        next.given = next.given.saturating_add_signed(given);
        let valid = Span::from_seconds(u64::from(content.times.ready.0));
        let ready =
            next.ready.and_then(|ready| input.now.since(ready)).is_some_and(|age| age <= valid);
        for announcement in announced(input).filter(|announcement| announcement.kind == STAGE) {
            let stage = match announcement.amount {
                1 if ready => Stage::Induction,
                2 if ready || self.stage == Stage::Induction => Stage::Maintenance,
                3 => Stage::Emergence,
                _ => continue,
            };
            if stage == Stage::Induction {
                next.given = 0;
            }
            next = Self { stage, since: Some(input.now), induced_since: None, ..next };
        }
        next
    }

    /// Ends an induction that has done its work, has used up its amount, or takes too long.
    #[must_use]
    pub fn settled(&self, content: &Content, now: Instant, index: Option<Index>) -> Self {
        if self.stage != Stage::Induction {
            return *self;
        }
        let level = f64::from(content.index.induced.0) / 1_000.0;
        let mut next = *self;
        if let Some(index) = index {
            let since = self.induced_since.filter(|since| now.since(*since).is_some());
            next.induced_since = (index.0 < level).then(|| since.unwrap_or(now));
        }
        let lasted = |since: Option<Instant>, seconds: u32| {
            let span = Span::from_seconds(u64::from(seconds));
            since.and_then(|since| now.since(since)).is_some_and(|age| age >= span)
        };
        let induced = index.is_some() && lasted(next.induced_since, content.index.induced_after.0);
        let long = lasted(self.since, content.times.induction.0);
        // Less than a step of the pump is nothing that can be given.
        let spent = self.left(content) < u64::from(content.delivery.step.0.max(1));
        if induced || long || spent {
            next = Self { stage: Stage::Maintenance, since: Some(now), ..next };
        }
        next
    }
}

/// What clinicians announced.
fn announced(input: &Input) -> impl Iterator<Item = Announcement> + '_ {
    input.people.iter().filter_map(|person| match (person.by, person.action) {
        (Role::Clinician, Action::Announce(announcement)) => Some(announcement),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
