//! One cycle of the supervisor: what was reported, what holds, who may act, within what.

use crate::guard::Admitted;
use crate::latch::People;
use crate::ledger::Terms;
use crate::modes::{Modes, Signals};
use crate::state::State;
use crate::{Findings, Profile, projection};
use homeostat_record::{
    Account, Action, Authority, CHANNELS, Cause, CauseSet, Decision, Input, Opinion, Phase,
    Proposal, Steps,
};

/// What one cycle gives.
#[derive(Debug, PartialEq)]
pub struct Outcome<W> {
    /// The state for the next cycle.
    pub state: State<W>,
    /// What was decided and why.
    pub decision: Decision,
    /// The order; `None` leaves the actuator's lease to run out.
    pub admitted: Option<Admitted>,
}

/// One cycle. Total: any profile, state and input give an outcome.
#[must_use]
pub fn step<P: Profile>(
    profile: &P,
    state: &State<P::Watch>,
    input: &Input,
    proposal: Option<&Proposal>,
    opinion: &Opinion,
) -> Outcome<P::Watch> {
    let timing = profile.timing();
    let people = People::of(input);
    // A proposal counts once its phase has begun: the cycle that enters it runs the background.
    let due = asks_controller(state.modes.phase);
    let mut next = *state;
    let mut causes = input.conditions.union(sequence(state, input)).union(state.own_causes());
    causes = causes.union(next.take_reports(profile, input, &people));
    let (watch, findings) = profile.watch(&state.watch, input, &next.accounts());
    next.watch = watch;
    causes = causes
        .union(findings.active)
        .with_if(Cause::NoResponse, state.silence_has_consequences(profile, &people));
    causes = causes.with_if(Cause::GuardClamping, state.clamps.reaches(timing.clamps));
    if due {
        causes = causes.union(weigh(profile, causes, proposal, opinion));
    } else {
        // How little or much people let it give says nothing of the loop, and must not bar its beginning (SUP-10).
        causes = causes.without(Cause::Saturation);
    }
    let signals = Signals {
        causes,
        fresh: findings.fresh,
        given: given_apart(state, &next, input),
        restarted: restarted(state, input),
        input,
    };
    let (modes, unmet) = state.modes.next(timing, &signals);
    next.modes = modes;
    let mut decision = describe(&modes, &findings, opinion);
    decision.unmet = unmet;
    let latches = (&state.modes.latches, &modes.latches);
    next.alarms = state.alarms.next(timing, latches, people.answered, &mut decision);
    next.settle(state.modes.phase, &findings);
    let asked = next.people_act(profile, input, &findings, &mut decision);
    let proposal = if due { proposal } else { None };
    next.offer(profile, input, proposal, &findings);
    let command = next.command(proposal, &findings, &asked);
    let admitted = next.order(profile, input, &findings, &command, &mut decision);
    next.finish(input, &mut decision);
    Outcome { state: next, decision, admitted }
}

const fn asks_controller(phase: Phase) -> bool {
    match phase {
        Phase::Off | Phase::SelfTest | Phase::Standby | Phase::Manual | Phase::Service => false,
        Phase::Advisory | Phase::Automatic => true,
    }
}

/// Cycles follow each other by one, and time does not run backward.
fn sequence<W>(state: &State<W>, input: &Input) -> CauseSet {
    let Some((cycle, now)) = state.last else {
        return CauseSet::EMPTY;
    };
    let next = cycle.0.saturating_add(1);
    let backward = if input.now.boot == now.boot { input.now.millis < now.millis } else { false };
    CauseSet::EMPTY
        .with_if(Cause::IntegrityLost, input.cycle.0 < next)
        .with_if(Cause::DeadlineMissed, input.cycle.0 > next)
        .with_if(Cause::ClockDoubtful, backward)
}

fn restarted<W>(state: &State<W>, input: &Input) -> bool {
    state.last.is_some_and(|(_, now)| now.boot != input.now.boot)
}

/// Whether something was given that automatic operation did not order.
fn given_apart<W>(before: &State<W>, after: &State<W>, input: &Input) -> bool {
    let told = input.people.iter().any(|person| matches!(person.action, Action::Given { .. }));
    let mut channels = before.channels.iter().zip(&after.channels);
    let flowed = channels
        .any(|(before, after)| after.ledger.account.delivered > before.ledger.account.delivered);
    told | flowed
}

/// Causes that the controller's answer gives.
fn weigh<P: Profile>(
    profile: &P,
    causes: CauseSet,
    proposal: Option<&Proposal>,
    opinion: &Opinion,
) -> CauseSet {
    let differs = match opinion {
        Opinion::Object { .. } => true,
        Opinion::Abstain | Opinion::Concur | Opinion::Differ { .. } => false,
    };
    let found = CauseSet::EMPTY.with_if(Cause::OpinionDiffers, differs);
    let Some(proposal) = proposal else {
        let late = causes.has(Cause::DeadlineMissed);
        return found.with_if(Cause::ControllerFailed, !late);
    };
    let mut pairs = proposal.steps.iter().zip(profile.limits());
    let outside = pairs.any(|(steps, limits)| steps.is_some_and(|steps| steps > limits.label_max));
    found.with_if(Cause::GuardViolation, outside)
}

fn describe(modes: &Modes, findings: &Findings, opinion: &Opinion) -> Decision {
    Decision {
        phase: modes.phase,
        authority: modes.authority(),
        mode: projection::mode(modes),
        active: modes.active(),
        latched: modes.causes_below(Authority::Full),
        governing: modes.governing(),
        acting: findings.acting,
        opinion: *opinion,
        ..Decision::default()
    }
}

impl<W> State<W> {
    fn accounts(&self) -> [Account; CHANNELS] {
        self.channels.map(|channel| channel.ledger.account)
    }

    /// Causes that the supervisor's own memory gives.
    fn own_causes(&self) -> CauseSet {
        self.found.with_if(Cause::IntegrityLost, !self.modes.is_sound())
    }

    fn silence_has_consequences<P: Profile>(&self, profile: &P, people: &People) -> bool {
        if people.answered { false } else { self.alarms.unheard(profile.timing()) }
    }

    /// Begins the cycle's books and takes the reports in.
    fn take_reports<P: Profile>(
        &mut self,
        profile: &P,
        input: &Input,
        people: &People,
    ) -> CauseSet {
        let exchange = match self.modes.phase {
            Phase::Off | Phase::SelfTest | Phase::Standby | Phase::Service => true,
            Phase::Manual | Phase::Advisory | Phase::Automatic => false,
        };
        // How long the device was off no clock tells: a start is not a period that has passed.
        let passed = !restarted(self, input);
        self.found = CauseSet::EMPTY;
        let mut causes = CauseSet::EMPTY;
        for (number, (channel, limits)) in
            (0_u8..).zip(self.channels.iter_mut().zip(profile.limits()))
        {
            if passed {
                channel.history.begin_cycle(&limits.windows);
                channel.wait = channel.wait.saturating_sub(1);
            }
            if people.reconciled {
                channel.ledger.reconcile();
            }
            let tolerance = limits.tolerance;
            let terms = Terms { tolerance, issued: self.issued, exchange };
            for report in input.reports.iter().filter(|report| report.channel == number) {
                causes = causes.union(channel.ledger.take(report, &terms));
                self.issued = self.issued.max(channel.ledger.last_accepted());
            }
            causes = causes.union(channel.ledger.deviations(tolerance));
            if limits.label_max > Steps::ZERO {
                let silent = channel.ledger.heard.is_silent(input.now, profile.lease());
                causes = causes.with_if(Cause::ActuatorSilent, silent);
            }
            channel.count_excess();
        }
        self.book_given(input);
        causes
    }

    /// What the next cycle needs to know of this one.
    fn finish(&mut self, input: &Input, decision: &mut Decision) {
        self.last = Some((input.cycle, input.now));
        decision.accounts = self.accounts();
        decision.pending = self.pending.map_or([None; CHANNELS], |pending| pending.steps);
    }
}
