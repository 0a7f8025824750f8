//! The memory of one cause.

use crate::Timing;
use crate::causes::{Release, Row, authorised, identified};
use homeostat_record::{Action, Authority, Input};
use minicbor::{Decode, Encode};

/// What the people of one cycle did that may release a cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Somebody stopped delivery.
    pub stop: bool,
    /// Somebody answered the alarms, identified or not.
    pub answered: bool,
    /// An identified person acknowledged.
    pub acknowledged: bool,
    /// An identified person reconciled the ledger.
    pub reconciled: bool,
    /// An authorised person reset.
    pub reset: bool,
}

impl People {
    /// What they did in this cycle, whatever the order.
    #[must_use]
    pub fn of(input: &Input) -> Self {
        let mut all = Self::default();
        for person in &input.people {
            match person.action {
                Action::Stop => all.stop = true,
                Action::Acknowledge => {
                    all.answered = true;
                    all.acknowledged |= identified(person.by);
                }
                Action::Reconcile => all.reconciled |= identified(person.by),
                Action::Reset => all.reset |= authorised(person.by),
                Action::Choose(_)
                | Action::Request { .. }
                | Action::SetManual { .. }
                | Action::Given { .. }
                | Action::Announce(_)
                | Action::Reference(_)
                | Action::Confirm => {}
            }
        }
        all
    }

    /// Whether they did what this release class asks for. A row that clears by itself is held
    /// only after a second time, and then an acknowledgement ends it.
    #[must_use]
    pub const fn grant(&self, release: Release) -> bool {
        match release {
            Release::WhenClear | Release::Acknowledge => self.acknowledged,
            Release::Reconcile => self.reconciled,
            Release::AuthorisedReset => self.reset,
        }
    }
}

/// The memory of one cause. It depends on its own row, on whether the cause holds, and on people:
/// never on another cause, so that authority is the least of all ceilings whatever the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Latch {
    /// The cause holds.
    #[n(0)]
    pub active: bool,
    /// Most authority that it leaves.
    #[n(1)]
    pub ceiling: Authority,
    /// Cycles for which it has held since it was last released wholly. Clearing does not reduce
    /// it: a cause that comes and goes still reaches its later stages.
    #[n(2)]
    pub age: u16,
    /// Cycles for which it has been clear since it last held, or since the ceiling last rose.
    #[n(3)]
    pub clear: u16,
    /// A person must release it.
    #[n(4)]
    pub held: bool,
    /// It has come before, and nobody has acknowledged that (rows with a second ceiling only).
    #[n(5)]
    pub seen: bool,
}

impl Default for Latch {
    fn default() -> Self {
        Self { active: false, ceiling: Authority::Full, age: 0, clear: 0, held: false, seen: false }
    }
}

impl Latch {
    /// The memory after one more cycle.
    #[must_use]
    pub fn next(self, row: &Row, timing: &Timing, holds: bool, people: &People) -> Self {
        if holds { self.aged(row, timing) } else { self.cleared(row.release, timing, people) }
    }

    fn aged(self, row: &Row, timing: &Timing) -> Self {
        let age = self.age.saturating_add(1);
        let reached = row.ceiling(age, timing);
        let mut next = self.fallen(reached, row.release.needs_person());
        if let Some(second) = row.second {
            if !self.active {
                if self.seen {
                    next = next.held_at(second);
                }
            }
            next.seen = true;
        }
        next
    }

    fn held_at(self, ceiling: Authority) -> Self {
        Self { ceiling: self.ceiling.min(ceiling), held: true, ..self }
    }

    /// The cause holds and leaves no more than `ceiling`.
    #[must_use]
    pub fn fallen(self, ceiling: Authority, needs_person: bool) -> Self {
        Self {
            active: true,
            ceiling: self.ceiling.min(ceiling),
            age: self.age.saturating_add(1),
            clear: 0,
            held: self.held | needs_person,
            seen: self.seen,
        }
    }

    /// The cause is clear: after a person where one is needed, and after the dwell, the ceiling
    /// rises by one level (MOD-07).
    #[must_use]
    pub fn cleared(self, release: Release, timing: &Timing, people: &People) -> Self {
        let held = if people.grant(release) { false } else { self.held };
        let seen = if people.acknowledged { false } else { self.seen };
        let clear = self.clear.saturating_add(1);
        let waiting = Self { active: false, clear, held, seen, ..self };
        if self.age == 0 {
            return Self { seen, ..Self::default() };
        }
        if held {
            return waiting;
        }
        if clear < dwell(self.age, timing) {
            return waiting;
        }
        match up(self.ceiling) {
            Authority::Full => Self { seen, ..Self::default() },
            ceiling @ (Authority::FailStop
            | Authority::Suspend
            | Authority::Background
            | Authority::Limited) => Self { ceiling, clear: 0, ..waiting },
        }
    }

    /// Whether it still limits authority.
    #[must_use]
    pub fn limits(&self) -> bool {
        self.ceiling < Authority::Full
    }

    /// Whether the fields agree with each other: they do unless memory is damaged.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        if self.age == 0 {
            return *self == Self { seen: self.seen, ..Self::default() };
        }
        if self.active {
            return self.clear == 0;
        }
        true
    }
}

/// Clear cycles that are needed for one level: twice as long as the cause held, up to the cap, and
/// never less than the least dwell (register D.2). Clearing is half as fast as ageing.
#[must_use]
pub fn dwell(age: u16, timing: &Timing) -> u16 {
    age.saturating_mul(2).min(timing.dwell_cap).max(timing.dwell)
}

/// One level more.
#[must_use]
pub const fn up(authority: Authority) -> Authority {
    match authority {
        Authority::FailStop => Authority::Suspend,
        Authority::Suspend => Authority::Background,
        Authority::Background => Authority::Limited,
        Authority::Limited | Authority::Full => Authority::Full,
    }
}
