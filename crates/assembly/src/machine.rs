//! The loop behind the ports, whatever its therapy and controller.

use homeostat_kernel::{Controller, Divergence, Loop, LoopState, Replay};
use homeostat_record::{
    CHANNELS, Canonical, Cause, CycleEntry, DecodeError, Digest, EncodeError, Input, Proposal,
    SecondOpinion, SoftwareIdentity, Span, Steps,
};
use homeostat_supervisor::{Admitted, ChannelLimits, Profile, State};

/// How a lying controller lies: its proposal is replaced on the way to the supervisor, so the
/// record shows what was really proposed and a replay names the first cycle of the lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corruption {
    /// The largest amount that its declared space allows, in every cycle.
    Maximum,
    /// Far more than its declared space.
    Beyond,
    /// Nothing, in every cycle.
    Zero,
    /// The last honest amount for ever.
    Stuck,
}

/// What one cycle gave.
#[derive(Debug)]
pub struct Turn {
    /// The record, to be durable before the order is released.
    pub entry: CycleEntry,
    /// The order for the actuator.
    pub admitted: Option<Admitted>,
    /// Whether the recorded proposal is another than the honest controller's: a liar who happens to
    /// say what is true does not lie.
    pub lied: bool,
}

/// What a controller in a process of its own answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// In time: its next state in canonical bytes, and its proposal.
    Given {
        /// What it will remember.
        state: &'a [u8],
        /// What it proposes.
        proposal: Proposal,
    },
    /// Not before the deadline: it stays as it was.
    Late,
    /// Nothing usable: it begins anew.
    Failed,
}

/// A replay in progress, whatever the machine.
pub trait Retrace {
    /// Takes a snapshot entry.
    ///
    /// # Errors
    /// [`Divergence`] when it is not the state that was computed.
    fn snapshot(&mut self, bytes: &[u8]) -> Result<(), Divergence>;

    /// Takes a cycle entry and computes it again.
    ///
    /// # Errors
    /// [`Divergence`] names the first field that differs.
    fn cycle(&mut self, bytes: &[u8]) -> Result<CycleEntry, Divergence>;

    /// Takes the notice that records are missing here: what follows is computed again from the next
    /// snapshot on.
    fn lost(&mut self);

    /// How many cycles were computed again and found equal.
    fn cycles(&self) -> u64;

    /// The state after the last cycle in canonical bytes, at most `out`; `None` before the first
    /// snapshot.
    fn state<'b>(&self, out: &'b mut [u8]) -> Option<&'b [u8]>;
}

impl<C: Controller, P: Profile, O: SecondOpinion> Retrace for Replay<'_, C, P, O> {
    fn snapshot(&mut self, bytes: &[u8]) -> Result<(), Divergence> {
        Replay::snapshot(self, bytes)
    }
    fn cycle(&mut self, bytes: &[u8]) -> Result<CycleEntry, Divergence> {
        Replay::cycle(self, bytes)
    }
    fn lost(&mut self) {
        Replay::lost(self);
    }
    fn cycles(&self) -> u64 {
        Replay::cycles(self)
    }
    fn state<'b>(&self, out: &'b mut [u8]) -> Option<&'b [u8]> {
        Replay::state(self)?.encode_canonical(out).ok()
    }
}

/// Why a controller in a process of its own cannot take its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    /// What should be its state is none.
    #[error("the controller's state cannot be read: {0}")]
    State(DecodeError),
    /// Its next state does not fit.
    #[error("the controller's next state does not fit: {0}")]
    Space(EncodeError),
}

/// A loop with its state, its identity and its profile.
pub trait Machine {
    /// Which software decides.
    fn identity(&self) -> SoftwareIdentity;
    /// The profile from which it was built, in the therapy's bytes.
    fn profile(&self) -> &[u8];
    /// The bounds of the profile, for checkers that know the truth.
    fn limits(&self) -> [ChannelLimits; CHANNELS];
    /// How long an order may be begun.
    fn lease(&self) -> Span;
    /// Length of a control cycle.
    fn period(&self) -> Span;
    /// One cycle; the state moves on.
    fn turn(&mut self, input: &Input, corruption: Option<Corruption>) -> Turn;
    /// The controller's step alone, as its own process runs it: from its state in canonical bytes to
    /// its next one in `out`, and its proposal. It reads nothing of this machine's own state.
    ///
    /// # Errors
    /// [`ProposeError`] when `state` is none, or `out` is too small.
    fn propose<'b>(
        &self,
        state: &[u8],
        input: &Input,
        out: &'b mut [u8],
    ) -> Result<(&'b [u8], Option<Proposal>), ProposeError>;
    /// The rest of the cycle, with what the controller's process answered. The condition that an answer
    /// gives stands in the entry's input; a state that cannot be read is no answer. The state moves on.
    fn dispose(&mut self, input: &Input, answer: Answer<'_>) -> Turn;
    /// The controller's state in canonical bytes.
    ///
    /// # Errors
    /// When `out` is too small.
    fn controller_state<'b>(&self, out: &'b mut [u8]) -> Result<&'b [u8], EncodeError>;
    /// Takes a state that [`Machine::snapshot`] gave.
    ///
    /// # Errors
    /// When the bytes are none; the machine is then as it was.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), DecodeError>;
    /// The whole state in canonical bytes.
    ///
    /// # Errors
    /// When `out` is too small.
    fn snapshot<'b>(&self, out: &'b mut [u8]) -> Result<&'b [u8], EncodeError>;
    /// What the supervisor remembers, for who shows it to people.
    fn supervisor(&self) -> State<()>;
    /// A fingerprint of the state.
    fn digest(&self) -> Digest;
    /// A fresh replay of this machine.
    fn retrace(&self) -> Box<dyn Retrace + '_>;
}

/// The one implementation of [`Machine`]: a [`Loop`] and what belongs to it.
#[derive(Debug)]
pub struct LoopMachine<C: Controller, P: Profile, O: SecondOpinion> {
    machine: Loop<C, P, O>,
    state: LoopState<C::State, P::Watch, O::State>,
    identity: SoftwareIdentity,
    profile: Vec<u8>,
    period: Span,
    last: [Option<Steps>; CHANNELS],
}

impl<C: Controller, P: Profile, O: SecondOpinion> LoopMachine<C, P, O> {
    /// A loop at its start: switched off. `period` is the length of its cycle.
    #[must_use]
    pub fn new(
        machine: Loop<C, P, O>,
        identity: SoftwareIdentity,
        profile: Vec<u8>,
        period: Span,
    ) -> Self {
        let state = machine.start();
        Self { machine, state, identity, profile, period, last: [None; CHANNELS] }
    }

    /// What follows the controller's step: the second opinion's, the supervisor's, the record.
    fn conclude(
        &mut self,
        input: &Input,
        controller: C::State,
        proposal: Option<Proposal>,
    ) -> (CycleEntry, Option<Admitted>) {
        let (opinion_state, opinion) =
            self.machine.weigh(&self.state.opinion, input, proposal.as_ref());
        let disposed =
            self.machine.dispose(&self.state.supervisor, input, proposal.as_ref(), &opinion);
        self.state = LoopState { controller, supervisor: disposed.state, opinion: opinion_state };
        let state = self.state.digest();
        let entry = CycleEntry { input: *input, proposal, decision: disposed.decision, state };
        (entry, disposed.admitted)
    }

    fn corrupt(&self, proposal: Proposal, corruption: Corruption) -> Proposal {
        let limits = self.machine.profile.limits();
        let mut steps = proposal.steps;
        for ((slot, limit), last) in steps.iter_mut().zip(limits).zip(self.last) {
            // A channel that the therapy does not use stays unused.
            if limit.cycle_max == Steps::ZERO {
                continue;
            }
            *slot = match corruption {
                Corruption::Maximum => Some(limit.cycle_max),
                Corruption::Beyond => Some(Steps::MAX),
                Corruption::Zero => Some(Steps::ZERO),
                Corruption::Stuck => last,
            };
        }
        Proposal { steps, ..proposal }
    }
}

impl<C: Controller, P: Profile, O: SecondOpinion> Machine for LoopMachine<C, P, O> {
    fn identity(&self) -> SoftwareIdentity {
        self.identity
    }

    fn profile(&self) -> &[u8] {
        &self.profile
    }

    fn limits(&self) -> [ChannelLimits; CHANNELS] {
        *self.machine.profile.limits()
    }

    fn lease(&self) -> Span {
        self.machine.profile.lease()
    }

    fn period(&self) -> Span {
        self.period
    }

    fn turn(&mut self, input: &Input, corruption: Option<Corruption>) -> Turn {
        let Some(corruption) = corruption else {
            let outcome = self.machine.cycle(&self.state, input);
            self.state = outcome.state;
            if let Some(proposal) = outcome.entry.proposal {
                self.last = proposal.steps;
            }
            return Turn { entry: outcome.entry, admitted: outcome.admitted, lied: false };
        };
        // The three steps as a device runs them, with a liar in place of the controller's process.
        let (controller, honest) = self.machine.propose(&self.state.controller, input);
        let proposal = honest.map(|honest| self.corrupt(honest, corruption));
        let (entry, admitted) = self.conclude(input, controller, proposal);
        Turn { entry, admitted, lied: proposal != honest }
    }

    fn propose<'b>(
        &self,
        state: &[u8],
        input: &Input,
        out: &'b mut [u8],
    ) -> Result<(&'b [u8], Option<Proposal>), ProposeError> {
        let state = C::State::decode_canonical(state).map_err(ProposeError::State)?;
        let (state, proposal) = self.machine.propose(&state, input);
        let bytes = state.encode_canonical(out).map_err(ProposeError::Space)?;
        Ok((bytes, proposal))
    }

    fn dispose(&mut self, input: &Input, answer: Answer<'_>) -> Turn {
        let mut input = *input;
        let given = match answer {
            Answer::Given { state, proposal } => {
                C::State::decode_canonical(state).ok().map(|state| (state, Some(proposal)))
            }
            Answer::Late | Answer::Failed => None,
        };
        let (controller, proposal) = given.unwrap_or_else(|| {
            let late = answer == Answer::Late;
            let why = if late { Cause::DeadlineMissed } else { Cause::ControllerFailed };
            input.conditions = input.conditions.with(why);
            // With such a condition the kernel asks nobody.
            self.machine.propose(&self.state.controller, &input)
        });
        let (entry, admitted) = self.conclude(&input, controller, proposal);
        Turn { entry, admitted, lied: false }
    }

    fn controller_state<'b>(&self, out: &'b mut [u8]) -> Result<&'b [u8], EncodeError> {
        self.state.controller.encode_canonical(out)
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), DecodeError> {
        self.state = LoopState::decode_canonical(snapshot)?;
        self.last = [None; CHANNELS];
        Ok(())
    }

    fn snapshot<'b>(&self, out: &'b mut [u8]) -> Result<&'b [u8], EncodeError> {
        self.state.encode_canonical(out)
    }

    fn supervisor(&self) -> State<()> {
        self.state.supervisor.without_watch()
    }

    fn digest(&self) -> Digest {
        self.state.digest()
    }

    fn retrace(&self) -> Box<dyn Retrace + '_> {
        Box::new(Replay::new(&self.machine))
    }
}
