//! The mode machine: the phase that people chose, times the authority that causes leave.
//!
//! Authority is the least ceiling of all latches and of the flap guard. It falls at once, and it
//! rises by one level per dwell, because every latch does. Nothing in here raises it otherwise,
//! and nothing here but a person enters a phase with more authority (MOD-12, MOD-13).

use crate::Timing;
use crate::causes::{Release, authorised, identified};
use crate::flap::{Flap, released};
use crate::latch::{Latch, People};
use crate::table::TABLE;
use homeostat_record::{Action, Authority, Cause, CauseSet, Input, Phase, Role, Unmet};
use minicbor::{Decode, Encode};

/// The machine's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Modes {
    /// What people have chosen.
    #[n(0)]
    pub phase: Phase,
    /// One latch per cause, in the order of the codes.
    #[n(1)]
    #[cbor(with = "homeostat_record::sparse")]
    pub latches: [Latch; Cause::ALL.len()],
    /// The flap guard.
    #[n(2)]
    pub flap: Flap,
    /// Cycles for which the hand-over summary is still shown.
    #[n(3)]
    pub handover: u16,
    /// Cycles spent in the fallback background.
    #[n(4)]
    pub background: u16,
    /// Fresh, plausible inputs in a row.
    #[n(5)]
    pub fresh: u16,
    /// A person has reconciled the ledger, and nothing was given since outside automatic operation.
    #[n(6)]
    pub reconciled: bool,
    /// A person has stopped delivery, and no phase was chosen since.
    #[n(7)]
    pub stopped: bool,
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            phase: Phase::default(),
            latches: [Latch::default(); Cause::ALL.len()],
            flap: Flap::default(),
            handover: 0,
            background: 0,
            fresh: 0,
            reconciled: false,
            stopped: false,
        }
    }
}

/// What one cycle tells the mode machine.
#[derive(Clone, Copy, Debug)]
pub struct Signals<'a> {
    /// Causes that hold.
    pub causes: CauseSet,
    /// Whether a fresh, plausible input arrived.
    pub fresh: bool,
    /// Whether something was given that the loop did not order.
    pub given: bool,
    /// Whether the device was started again since the last cycle.
    pub restarted: bool,
    /// What people did.
    pub input: &'a Input,
}

impl Modes {
    /// Most that the machine may do.
    #[must_use]
    pub fn authority(&self) -> Authority {
        self.ceiling().min(self.flap.latch.ceiling)
    }

    /// The least ceiling of all causes, the flap guard apart.
    #[must_use]
    pub fn ceiling(&self) -> Authority {
        self.latches.iter().map(|latch| latch.ceiling).min().unwrap_or(Authority::FailStop)
    }

    /// The cause that sets the authority; the first by code where several do.
    #[must_use]
    pub fn governing(&self) -> Option<Cause> {
        let authority = self.authority();
        if authority == Authority::Full {
            return None;
        }
        let mut rows = Cause::ALL.into_iter().zip(&self.latches);
        let first = rows.find(|(_, latch)| latch.ceiling == authority);
        first.map(|(cause, _)| cause).or(self.flap.cause)
    }

    /// Causes that leave less than `authority`.
    #[must_use]
    pub fn causes_below(&self, authority: Authority) -> CauseSet {
        let mut below = CauseSet::EMPTY;
        for (cause, latch) in Cause::ALL.into_iter().zip(&self.latches) {
            below = below.with_if(cause, latch.ceiling < authority);
        }
        match self.flap.cause {
            Some(cause) => below.with_if(cause, self.flap.latch.ceiling < authority),
            None => below,
        }
    }

    /// Causes that hold.
    #[must_use]
    pub fn active(&self) -> CauseSet {
        let mut active = CauseSet::EMPTY;
        for (cause, latch) in Cause::ALL.into_iter().zip(&self.latches) {
            active = active.with_if(cause, latch.active);
        }
        active
    }

    /// Whether every latch agrees with itself.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let flap = self.flap.latch.is_sound();
        if flap { self.latches.iter().all(Latch::is_sound) } else { false }
    }

    /// The machine after one more cycle, and why a chosen phase was not entered.
    #[must_use]
    pub fn next(&self, timing: &Timing, signals: &Signals<'_>) -> (Self, Option<Unmet>) {
        let people = People::of(signals.input);
        let mut next = *self;
        next.latch(timing, signals, &people);
        next.fresh = if signals.fresh { self.fresh.saturating_add(1) } else { 0 };
        if signals.restarted {
            next.fresh = 0;
        }
        next.reconcile(signals.given, people.reconciled);
        next.machine_moves(timing, signals.restarted);
        let mut unmet = None;
        for person in &signals.input.people {
            if let Action::Choose(phase) = person.action {
                unmet = next.choose(timing, phase, person.by).or(unmet);
            }
        }
        next.overrule(self, &people);
        next.count(self, timing);
        (next, unmet)
    }

    fn latch(&mut self, timing: &Timing, signals: &Signals<'_>, people: &People) {
        let before = self.ceiling();
        for (row, latch) in TABLE.iter().zip(&mut self.latches) {
            *latch = latch.next(row, timing, signals.causes.has(row.cause), people);
        }
        let ceiling = self.ceiling();
        let mut fall = None;
        if ceiling < before {
            let mut rows = Cause::ALL.into_iter().zip(&self.latches);
            fall = rows.find(|(_, latch)| latch.ceiling == ceiling).map(|(cause, _)| cause);
        }
        self.flap = self.flap.next(timing, fall, ceiling, people);
    }

    /// MOD-09: whatever was given outside automatic operation asks for a new reconciliation.
    fn reconcile(&mut self, given: bool, reconciled: bool) {
        if given {
            if self.phase != Phase::Automatic {
                self.reconciled = false;
            }
        }
        if reconciled {
            self.reconciled = true;
        }
    }

    /// What the machine may do to the phase: never toward more authority.
    fn machine_moves(&mut self, timing: &Timing, restarted: bool) {
        let authority = self.authority();
        if restarted {
            self.phase = if self.phase == Phase::Off { Phase::Off } else { Phase::SelfTest };
            return;
        }
        match self.phase {
            Phase::SelfTest if authority > Authority::FailStop => self.phase = Phase::Standby,
            Phase::Advisory if authority == Authority::Background => self.phase = Phase::Manual,
            Phase::Automatic if self.background_expired(timing) => {
                if authority == Authority::Background {
                    self.phase = Phase::Manual;
                }
            }
            Phase::Off
            | Phase::SelfTest
            | Phase::Standby
            | Phase::Manual
            | Phase::Advisory
            | Phase::Automatic
            | Phase::Service => {}
        }
    }

    fn background_expired(&self, timing: &Timing) -> bool {
        if timing.background_limit == 0 {
            return false;
        }
        self.background >= timing.background_limit
    }

    fn choose(&mut self, timing: &Timing, phase: Phase, by: Role) -> Option<Unmet> {
        let unmet = self.unmet(timing, phase, by);
        if unmet == (Unmet { phase, ..Unmet::default() }) {
            self.phase = phase;
            self.stopped = false;
            return None;
        }
        Some(unmet)
    }

    /// MOD-02: every criterion of `phase` that is not met.
    #[must_use]
    pub fn unmet(&self, timing: &Timing, phase: Phase, by: Role) -> Unmet {
        let path = !self.listed(phase);
        let role = match phase {
            Phase::Service => !authorised(by),
            Phase::Off
            | Phase::SelfTest
            | Phase::Standby
            | Phase::Manual
            | Phase::Advisory
            | Phase::Automatic => !identified(by),
        };
        let common = Unmet { phase, path, role, ..Unmet::default() };
        let few = self.fresh < timing.dwell;
        match phase {
            Phase::Advisory => {
                let causes = self.causes_below(Authority::Limited);
                Unmet { inputs: few, causes, ..common }
            }
            Phase::Automatic => {
                let causes = self.causes_below(Authority::Full);
                Unmet { inputs: few, ledger: !self.reconciled, causes, ..common }
            }
            Phase::Off | Phase::SelfTest | Phase::Standby | Phase::Manual | Phase::Service => {
                common
            }
        }
    }

    /// Whether people may go from the present phase to `to`. Transitions that do not stand here do
    /// not exist (MOD-01). Out of fail-stop there is only the way off, and the reset.
    fn listed(&self, to: Phase) -> bool {
        if self.authority() == Authority::FailStop {
            return to == Phase::Off;
        }
        match to {
            Phase::Off => matches!(self.phase, Phase::SelfTest | Phase::Standby | Phase::Service),
            Phase::SelfTest => matches!(self.phase, Phase::Off | Phase::Service),
            Phase::Service => self.phase == Phase::Standby,
            Phase::Standby | Phase::Manual | Phase::Advisory | Phase::Automatic => matches!(
                self.phase,
                Phase::Standby | Phase::Manual | Phase::Advisory | Phase::Automatic
            ),
        }
    }

    /// A reset ends treatment for a self-test; a stop has the last word (ACT-10): it leads to
    /// standby from every phase that treats, whatever else was chosen in the same cycle.
    fn overrule(&mut self, before: &Self, people: &People) {
        if self.was_reset(before) {
            self.phase = if self.phase == Phase::Off { Phase::Off } else { Phase::SelfTest };
        }
        if people.stop {
            self.stopped = true;
            self.phase = match self.phase {
                Phase::Standby | Phase::Manual | Phase::Advisory | Phase::Automatic => {
                    Phase::Standby
                }
                Phase::Off => Phase::Off,
                Phase::SelfTest => Phase::SelfTest,
                Phase::Service => Phase::Service,
            };
        }
    }

    fn was_reset(&self, before: &Self) -> bool {
        let latches = TABLE.iter().zip(before.latches.iter().zip(&self.latches));
        latches
            .filter(|(row, _)| row.release == Release::AuthorisedReset)
            .any(|(_, (before, after))| released(before, after))
    }

    /// The timers that follow from where the cycle ended.
    fn count(&mut self, before: &Self, timing: &Timing) {
        self.handover = before.handover.saturating_sub(1);
        if self.phase == Phase::Automatic {
            self.handover = 0;
        } else {
            self.background = 0;
            if before.phase == Phase::Automatic {
                self.handover = timing.handover;
                self.reconciled = false;
            }
        }
        if self.phase == Phase::Automatic {
            self.background = match self.authority() {
                Authority::Background => self.background.saturating_add(1),
                Authority::FailStop | Authority::Suspend => self.background,
                Authority::Limited | Authority::Full => 0,
            };
        }
    }
}
