//! One cycle.

use crate::Controller;
use homeostat_record::{Canonical, Cause, CycleEntry, Input, Opinion, Proposal, SecondOpinion};
use homeostat_supervisor::{Admitted, Profile};
use minicbor::{Decode, Encode};

/// A loop ready to run: who proposes, within what, and who is asked for a second opinion.
#[derive(Clone, Copy, Debug)]
pub struct Loop<C, P, O> {
    /// The control algorithm.
    pub controller: C,
    /// The therapy as the supervisor sees it, read from the signed profile.
    pub profile: P,
    /// The second opinion.
    pub opinion: O,
}

/// All that a loop remembers from cycle to cycle.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct LoopState<C, W, O> {
    /// The controller's memory.
    #[n(0)]
    pub controller: C,
    /// The supervisor's memory, with the therapy's watch in it.
    #[n(1)]
    pub supervisor: homeostat_supervisor::State<W>,
    /// The second opinion's memory.
    #[n(2)]
    pub opinion: O,
}

/// What one cycle gives.
#[derive(Debug)]
pub struct Outcome<S> {
    /// The state for the next cycle.
    pub state: S,
    /// The record of this cycle: to be durable before `admitted` is released.
    pub entry: CycleEntry,
    /// The order; `None` leaves the actuator's lease to run out.
    pub admitted: Option<Admitted>,
}

/// The state of a loop, spelled out from its parts.
type StateOf<C, P, O> =
    LoopState<<C as Controller>::State, <P as Profile>::Watch, <O as SecondOpinion>::State>;

impl<C: Controller, P: Profile, O: SecondOpinion> Loop<C, P, O> {
    /// The state before the first cycle: switched off.
    #[must_use]
    pub fn start(&self) -> StateOf<C, P, O> {
        LoopState {
            controller: self.controller.start(),
            supervisor: homeostat_supervisor::State::start(&self.profile),
            opinion: self.opinion.start(),
        }
    }

    /// The controller's step. A cycle whose deadline was missed leaves the controller as it was;
    /// one in which it failed begins it anew, as its restarted process does.
    #[must_use]
    pub fn propose(&self, state: &C::State, input: &Input) -> (C::State, Option<Proposal>) {
        if input.conditions.has(Cause::ControllerFailed) {
            return (self.controller.start(), None);
        }
        if input.conditions.has(Cause::DeadlineMissed) {
            return (*state, None);
        }
        let (state, proposal) = self.controller.propose(state, input);
        (state, Some(proposal))
    }

    /// The second opinion's step; without a proposal it weighs the abstention.
    #[must_use]
    pub fn weigh(
        &self,
        state: &O::State,
        input: &Input,
        proposal: Option<&Proposal>,
    ) -> (O::State, Opinion) {
        let nothing = Proposal::default();
        self.opinion.weigh(state, input, proposal.unwrap_or(&nothing))
    }

    /// The supervisor's step.
    #[must_use]
    pub fn dispose(
        &self,
        state: &homeostat_supervisor::State<P::Watch>,
        input: &Input,
        proposal: Option<&Proposal>,
        opinion: &Opinion,
    ) -> homeostat_supervisor::Outcome<P::Watch> {
        homeostat_supervisor::step(&self.profile, state, input, proposal, opinion)
    }

    /// One whole cycle.
    #[must_use]
    pub fn cycle(&self, state: &StateOf<C, P, O>, input: &Input) -> Outcome<StateOf<C, P, O>> {
        let (controller, proposal) = self.propose(&state.controller, input);
        let (opinion_state, opinion) = self.weigh(&state.opinion, input, proposal.as_ref());
        let disposed = self.dispose(&state.supervisor, input, proposal.as_ref(), &opinion);
        let state = LoopState { controller, supervisor: disposed.state, opinion: opinion_state };
        let entry = CycleEntry {
            input: *input,
            proposal,
            decision: disposed.decision,
            state: state.digest(),
        };
        Outcome { state, entry, admitted: disposed.admitted }
    }
}
