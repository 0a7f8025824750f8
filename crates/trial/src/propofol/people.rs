//! The clinician in the room: switches on, checks, announces the stages, answers alarms at once, and
//! takes over by hand where the loop does not treat.

use homeostat_propofol::course::{OPIOID, PRECONDITIONS, STAGE};
use homeostat_record::{
    Action, Announcement, Authority, Decision, List, PERSON_ACTIONS_MAX, PersonAction, Phase, Role,
    Span, Steps,
};

use crate::engine::{Acts, Attention, after};

/// What the clinician knows and was told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instructions {
    /// When induction is to be announced.
    pub induction: Span,
    /// When emergence is to be announced, if it is.
    pub emergence: Option<Span>,
    /// Micrograms of opioid to announce with induction, if one is given.
    pub opioid: Option<u32>,
    /// Body weight, kg.
    pub weight_kg: f64,
    /// Milligrams in one step.
    pub step_mg: f64,
    /// Seconds of a control cycle.
    pub period_seconds: f64,
}

/// Alarms are answered after this long.
const ANSWER_AFTER: Span = Span::from_seconds(15);
/// An authorised person is at hand after this long.
const HELP_AFTER: Span = Span::from_seconds(60);
/// Time between attempts to start the loop before induction, and after it was lost.
const RETRY_AFTER: (Span, Span) = (Span::from_seconds(10), Span::from_seconds(60));
/// By hand: mg/kg/h above an index of 60, from 40 to 60, and below 40 nothing.
const BY_HAND: (f64, f64) = (10.0, 6.0);

/// The clinician with a memory.
#[derive(Clone, Debug)]
pub struct Clinician {
    told: Instructions,
    stage: u32,
    attention: Attention,
    try_again: Span,
    manual: Option<Steps>,
}

impl Clinician {
    /// A clinician with these instructions.
    #[must_use]
    pub const fn new(told: Instructions) -> Self {
        Self {
            told,
            stage: 0,
            attention: Attention::new(ANSWER_AFTER, HELP_AFTER),
            try_again: Span::ZERO,
            manual: None,
        }
    }

    /// What is done before the cycle at `at`, seeing what device and monitor show.
    pub fn act(
        &mut self,
        at: Span,
        shown: &Decision,
        index: Option<f64>,
    ) -> List<PersonAction, PERSON_ACTIONS_MAX> {
        let mut acts = Acts::default();
        self.announce(at, shown, &mut acts);
        self.operate(at, shown, index, &mut acts);
        if self.attention.answers(at, shown) {
            acts.act(Role::Clinician, Action::Acknowledge);
            acts.act(Role::Clinician, Action::Reconcile);
        }
        acts.list
    }

    /// The stages, once the loop may treat.
    fn announce(&mut self, at: Span, shown: &Decision, acts: &mut Acts) {
        let stage = |amount| Action::Announce(Announcement { kind: STAGE, amount });
        let begun = self.stage > 0;
        if !begun && at >= self.told.induction && shown.phase == Phase::Automatic {
            acts.act(Role::Clinician, stage(1));
            if let Some(amount) = self.told.opioid {
                acts.act(Role::Clinician, Action::Announce(Announcement { kind: OPIOID, amount }));
            }
            self.stage = 1;
        }
        if begun && self.stage < 3 && self.told.emergence.is_some_and(|due| at >= due) {
            acts.act(Role::Clinician, stage(3));
            self.stage = 3;
        }
    }

    /// Whether induction was announced, and emergence was not.
    #[must_use]
    pub const fn is_to_sleep(&self) -> bool {
        self.stage == 1
    }

    fn operate(&mut self, at: Span, shown: &Decision, index: Option<f64>, acts: &mut Acts) {
        let help = shown.authority == Authority::FailStop && shown.phase != Phase::Off;
        if !matches!(shown.phase, Phase::Standby | Phase::Manual) {
            // The device forgets a manual rate when it leaves the phase.
            self.manual = None;
        }
        match shown.phase {
            Phase::Off => acts.act(Role::Clinician, Action::Choose(Phase::SelfTest)),
            _ if help => self.reset(at, acts),
            Phase::Standby => acts.act(Role::Clinician, Action::Choose(Phase::Manual)),
            Phase::Manual => {
                self.infuse_by_hand(at, index, acts);
                self.start_loop(at, acts);
            }
            _ => {}
        }
        if self.attention.brings_help(at, shown) {
            self.reset(at, acts);
        }
    }

    fn start_loop(&mut self, at: Span, acts: &mut Acts) {
        if at < self.try_again {
            return;
        }
        let wait = if self.stage == 0 { RETRY_AFTER.0 } else { RETRY_AFTER.1 };
        self.try_again = after(at, wait);
        let ready = Announcement { kind: PRECONDITIONS, amount: 1 };
        acts.act(Role::Clinician, Action::Announce(ready));
        acts.act(Role::Clinician, Action::Reconcile);
        acts.act(Role::Clinician, Action::Choose(Phase::Automatic));
    }

    /// Where the loop does not treat a person who sleeps, a hand does, by what the monitor shows.
    fn infuse_by_hand(&mut self, at: Span, index: Option<f64>, acts: &mut Acts) {
        let asleep = self.stage == 1 || (self.stage == 0 && at >= self.told.induction);
        let rate = match index {
            _ if !asleep => 0.0,
            Some(index) if index < 40.0 => 0.0,
            Some(index) if index > 60.0 => BY_HAND.0,
            _ => BY_HAND.1,
        };
        let told = &self.told;
        let milligrams = rate * told.weight_kg / 3_600.0 * told.period_seconds;
        let steps = Steps(homeostat_numeric::floor(milligrams / told.step_mg) as u32);
        if self.manual != Some(steps) {
            acts.act(Role::Clinician, Action::SetManual { channel: 0, steps });
            self.manual = Some(steps);
        }
    }

    fn reset(&mut self, at: Span, acts: &mut Acts) {
        if at >= self.try_again {
            acts.act(Role::Authorised, Action::Reset);
            self.try_again = after(at, RETRY_AFTER.1);
        }
    }
}

/// Whether the person is to sleep: ten minutes after induction was announced, until emergence is.
pub(super) fn maintains(clinician: &Clinician, at: Span) -> bool {
    let told = &clinician.told;
    let settled = after(told.induction, Span::from_minutes(10));
    clinician.stage == 1 && at >= settled && told.emergence.is_none_or(|due| at < due)
}

#[cfg(test)]
mod tests;
