//! Alarm conditions: what people are told, until they answer (IEC 60601-1-8's words).

use crate::Timing;
use crate::causes::Row;
use crate::latch::Latch;
use crate::table::TABLE;
use homeostat_record::{AlarmEvent, AlarmEventKind, Cause, Decision, Priority};
use minicbor::{Decode, Encode};

/// The alarm condition of one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Alarm {
    /// Its priority; none when there is no alarm.
    #[n(0)]
    pub priority: Priority,
    /// A person has answered it.
    #[n(1)]
    pub answered: bool,
    /// Cycles for which nobody has answered it at this priority.
    #[n(2)]
    pub waiting: u16,
}

impl Alarm {
    /// The condition after one more cycle.
    #[must_use]
    fn next(self, row: &Row, timing: &Timing, latch: &Change<'_>, answered: bool) -> Self {
        if !self.stays(row, latch.after, answered) {
            return Self::default();
        }
        let base = row.priority(latch.after.age, timing).max(self.priority);
        if base == Priority::None {
            return Self::default();
        }
        let begins_anew = if latch.begins() { true } else { base > self.priority };
        if begins_anew {
            // An answer in this very cycle was given to what was shown before.
            return Self { priority: base, answered: false, waiting: 0 };
        }
        if answered {
            return Self { answered: true, ..self };
        }
        if self.answered {
            return self;
        }
        let waited = Self { waiting: self.waiting.saturating_add(1), ..self };
        if waited.turns_high(row, timing) {
            return Self { priority: Priority::High, answered: false, waiting: 0 };
        }
        waited
    }

    /// A condition lasts as long as its cause, or as long as a person must release it; a latching
    /// one until it is answered.
    fn stays(self, row: &Row, latch: &Latch, answered: bool) -> bool {
        if latch.active {
            return true;
        }
        if latch.held {
            return true;
        }
        if self.priority == Priority::None {
            return false;
        }
        if answered {
            return false;
        }
        if self.answered {
            return false;
        }
        row.latching
    }

    /// A medium alarm that nobody answers turns high.
    fn turns_high(self, row: &Row, timing: &Timing) -> bool {
        if !row.escalates {
            return false;
        }
        if self.priority != Priority::Medium {
            return false;
        }
        self.waiting >= timing.escalation
    }

    /// Whether a high alarm has waited for so long that silence has consequences.
    fn unheard(self, row: &Row, timing: &Timing) -> bool {
        if !row.escalates {
            return false;
        }
        if self.priority != Priority::High {
            return false;
        }
        if self.answered {
            return false;
        }
        self.waiting >= timing.escalation
    }

    /// What happened to it, if anything did. What has no priority before and after is not listed.
    fn event(self, after: Self, began: bool, timing: &Timing) -> Option<AlarmEventKind> {
        if after.priority == Priority::None {
            return Some(AlarmEventKind::Ended);
        }
        if self.priority == Priority::None {
            return Some(AlarmEventKind::Raised);
        }
        if after.priority > self.priority {
            return Some(AlarmEventKind::Escalated);
        }
        if began {
            return Some(AlarmEventKind::Raised);
        }
        if after.answered {
            return (!self.answered).then_some(AlarmEventKind::Acknowledged);
        }
        if after.priority == Priority::Low {
            return None;
        }
        let rest = after.waiting.checked_rem(timing.escalation);
        (rest == Some(0)).then_some(AlarmEventKind::Repeated)
    }
}

/// A latch before and after the cycle.
struct Change<'a> {
    before: &'a Latch,
    after: &'a Latch,
}

impl Change<'_> {
    /// Whether the cause begins in this cycle.
    fn begins(&self) -> bool {
        if self.before.active { false } else { self.after.active }
    }
}

type Latches = [Latch; Cause::ALL.len()];

/// All alarm conditions, in the order of the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Alarms(
    #[n(0)]
    #[cbor(with = "homeostat_record::sparse")]
    pub [Alarm; Cause::ALL.len()],
);

impl Default for Alarms {
    fn default() -> Self {
        Self([Alarm::default(); Cause::ALL.len()])
    }
}

impl Alarms {
    /// Whether an alarm of high priority was not answered in time.
    #[must_use]
    pub fn unheard(&self, timing: &Timing) -> bool {
        TABLE.iter().zip(&self.0).any(|(row, alarm)| alarm.unheard(row, timing))
    }

    /// The conditions after one more cycle; what happened to them goes into `decision`.
    #[must_use]
    pub fn next(
        &self,
        timing: &Timing,
        (before, after): (&Latches, &Latches),
        answered: bool,
        decision: &mut Decision,
    ) -> Self {
        let mut next = *self;
        let mut events = [None; Cause::ALL.len()];
        let latches = before.iter().zip(after);
        let slots = next.0.iter_mut().zip(&mut events);
        for ((row, (before, after)), (alarm, event)) in TABLE.iter().zip(latches).zip(slots) {
            let change = Change { before, after };
            let now = alarm.next(row, timing, &change, answered);
            let priority = now.priority.max(alarm.priority);
            let kind = alarm.event(now, change.begins(), timing);
            *event = kind.map(|kind| AlarmEvent { cause: row.cause, kind, priority });
            *alarm = now;
        }
        list(&events, decision);
        next
    }
}

/// Highest priority first, then in the order of the codes; what does not fit is counted.
fn list(events: &[Option<AlarmEvent>], decision: &mut Decision) {
    for priority in [Priority::High, Priority::Medium, Priority::Low] {
        for event in events.iter().flatten().filter(|event| event.priority == priority) {
            if decision.alarms.push(*event).is_err() {
                decision.alarms_omitted = decision.alarms_omitted.saturating_add(1);
            }
        }
    }
}
