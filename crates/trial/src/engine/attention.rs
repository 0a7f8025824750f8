//! What people at a device do whatever the therapy: they look at an alarm after a while, fetch somebody
//! authorised when only such a person can go on, and have two hands.

use homeostat_record::{
    Action, AlarmEventKind, Decision, List, PERSON_ACTIONS_MAX, PersonAction, Priority, Role, Span,
};
use homeostat_supervisor::causes::Release;

/// What somebody has noticed and not yet done anything about.
#[derive(Clone, Debug)]
pub struct Attention {
    answer_after: Span,
    help_after: Span,
    /// When the oldest alarm that nobody has answered was raised.
    unanswered: Option<Span>,
    latched_since: Option<Span>,
}

impl Attention {
    /// Somebody who looks at an alarm after `answer_after`; somebody authorised comes `help_after` they
    /// are needed.
    #[must_use]
    pub const fn new(answer_after: Span, help_after: Span) -> Self {
        Self { answer_after, help_after, unanswered: None, latched_since: None }
    }

    /// Whether somebody looks at the alarms now.
    pub fn answers(&mut self, at: Span, shown: &Decision) -> bool {
        let calls = shown.alarms.iter().any(|event| {
            event.priority >= Priority::Low
                && matches!(
                    event.kind,
                    AlarmEventKind::Raised | AlarmEventKind::Escalated | AlarmEventKind::Repeated
                )
        });
        if calls && self.unanswered.is_none() {
            self.unanswered = Some(at);
        }
        let answers = self.unanswered.is_some_and(|since| at >= after(since, self.answer_after));
        if answers {
            self.unanswered = None;
        }
        answers
    }

    /// Whether somebody authorised comes now: for a cause that only such a person releases, and that is
    /// over.
    pub fn brings_help(&mut self, at: Span, shown: &Decision) -> bool {
        let latched = shown.governing.is_some_and(|cause| {
            let row = homeostat_supervisor::TABLE.iter().find(|row| row.cause == cause);
            let needs_reset = row.is_some_and(|row| row.release == Release::AuthorisedReset);
            needs_reset && !shown.active.has(cause)
        });
        if !latched {
            self.latched_since = None;
            return false;
        }
        let since = *self.latched_since.get_or_insert(at);
        let comes = at >= after(since, self.help_after);
        if comes {
            self.latched_since = None;
        }
        comes
    }
}

/// A time so much later.
#[must_use]
pub fn after(at: Span, wait: Span) -> Span {
    Span::from_millis(at.as_millis().saturating_add(wait.as_millis()))
}

/// What is done before one cycle.
#[derive(Debug, Default)]
pub struct Acts {
    /// The acts, in their order.
    pub list: List<PersonAction, PERSON_ACTIONS_MAX>,
}

impl Acts {
    /// People have two hands: what does not fit into this cycle is left undone and tried again.
    pub fn act(&mut self, by: Role, action: Action) {
        let _ = self.list.push(PersonAction { by, action });
    }
}
