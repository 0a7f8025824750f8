//! Replay: the fold of cycles over a record.

use crate::{Controller, Loop, LoopState};
use homeostat_record::{
    Canonical, Cycle, CycleEntry, Decision, DecodeError, Proposal, SecondOpinion,
};
use homeostat_supervisor::Profile;

/// The first thing in which a record and its computation differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The entry is not a canonical cycle.
    Undecodable(DecodeError),
    /// The cycle's number does not follow the one before.
    Gap,
    /// The proposal: whether there is one, its steps or its rationale.
    Proposal(&'static str),
    /// A field of the decision.
    Decision(&'static str),
    /// All that is recorded agrees, but the state after the cycle does not.
    State,
    /// A snapshot is not a canonical state.
    SnapshotUndecodable(DecodeError),
    /// A snapshot differs from the state that was computed.
    Snapshot,
}

impl core::fmt::Display for Part {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Undecodable(error) => write!(f, "cycle entry: {error}"),
            Self::Gap => write!(f, "cycle number: does not follow the one before"),
            Self::Proposal(field) => write!(f, "proposal.{field}"),
            Self::Decision(field) => write!(f, "decision.{field}"),
            Self::State => write!(f, "state after the cycle (digest)"),
            Self::SnapshotUndecodable(error) => write!(f, "snapshot: {error}"),
            Self::Snapshot => write!(f, "snapshot: another state than the one computed"),
        }
    }
}

/// Where a replay first differs from the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The last cycle that was begun.
    pub cycle: Cycle,
    /// What differs.
    pub part: Part,
}

impl core::fmt::Display for Divergence {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "cycle {}: {}", self.cycle.0, self.part)
    }
}

impl core::error::Error for Divergence {}

/// A replay in progress: feed it the entries of a black box in order.
#[derive(Clone, Copy, Debug)]
pub struct Replay<'a, C: Controller, P: Profile, O: SecondOpinion> {
    machine: &'a Loop<C, P, O>,
    state: Option<LoopState<C::State, P::Watch, O::State>>,
    last: Option<Cycle>,
    cycles: u64,
}

impl<'a, C: Controller, P: Profile, O: SecondOpinion> Replay<'a, C, P, O> {
    /// A replay that waits for the first snapshot.
    #[must_use]
    pub const fn new(machine: &'a Loop<C, P, O>) -> Self {
        Self { machine, state: None, last: None, cycles: 0 }
    }

    /// How many cycles were computed again and found equal.
    #[must_use]
    pub const fn cycles(&self) -> u64 {
        self.cycles
    }

    /// The state after the last cycle; `None` before the first snapshot.
    #[must_use]
    pub const fn state(&self) -> Option<&LoopState<C::State, P::Watch, O::State>> {
        self.state.as_ref()
    }

    /// Takes a snapshot entry: the first is where the replay begins, each later one must equal
    /// the computed state.
    ///
    /// # Errors
    /// [`Divergence`] when it cannot be read or differs.
    pub fn snapshot(&mut self, bytes: &[u8]) -> Result<(), Divergence> {
        let recorded: LoopState<C::State, P::Watch, O::State> = LoopState::decode_canonical(bytes)
            .map_err(|error| self.divergence(Part::SnapshotUndecodable(error)))?;
        let Some(computed) = &self.state else {
            self.state = Some(recorded);
            return Ok(());
        };
        if computed.digest() == recorded.digest() {
            return Ok(());
        }
        Err(self.divergence(Part::Snapshot))
    }

    /// Takes the notice that records are missing here: what follows is computed again from the next
    /// snapshot on.
    pub const fn lost(&mut self) {
        self.state = None;
        self.last = None;
    }

    /// Takes a cycle entry: computes the cycle again and compares field by field. Cycles before
    /// the first snapshot are read and passed over.
    ///
    /// # Errors
    /// [`Divergence`] names the first field that differs.
    pub fn cycle(&mut self, bytes: &[u8]) -> Result<CycleEntry, Divergence> {
        let recorded = CycleEntry::decode_canonical(bytes)
            .map_err(|error| self.divergence(Part::Undecodable(error)))?;
        let number = recorded.input.cycle;
        if self.last.is_some_and(|last| last.0.checked_add(1) != Some(number.0)) {
            return Err(Divergence { cycle: number, part: Part::Gap });
        }
        self.last = Some(number);
        let Some(state) = &self.state else {
            return Ok(recorded);
        };
        let computed = self.machine.cycle(state, &recorded.input);
        if let Some(part) = first_difference(&recorded, &computed.entry) {
            return Err(Divergence { cycle: number, part });
        }
        self.state = Some(computed.state);
        self.cycles = self.cycles.saturating_add(1);
        Ok(recorded)
    }

    fn divergence(&self, part: Part) -> Divergence {
        Divergence { cycle: self.last.unwrap_or_default(), part }
    }
}

fn first_difference(recorded: &CycleEntry, computed: &CycleEntry) -> Option<Part> {
    if let Some(field) = proposal_difference(recorded.proposal, computed.proposal) {
        return Some(Part::Proposal(field));
    }
    if let Some(field) = decision_difference(&recorded.decision, &computed.decision) {
        return Some(Part::Decision(field));
    }
    (recorded.state != computed.state).then_some(Part::State)
}

fn proposal_difference(
    recorded: Option<Proposal>,
    computed: Option<Proposal>,
) -> Option<&'static str> {
    match (recorded, computed) {
        (None, None) => None,
        (Some(recorded), Some(computed)) => [
            ("steps", recorded.steps == computed.steps),
            ("rationale", recorded.rationale == computed.rationale),
        ]
        .into_iter()
        .find_map(|(field, same)| (!same).then_some(field)),
        _ => Some("presence"),
    }
}

fn decision_difference(recorded: &Decision, computed: &Decision) -> Option<&'static str> {
    // Written out so that a new field that is forgotten here does not compile.
    let Decision {
        phase,
        authority,
        mode,
        active,
        latched,
        governing,
        verdicts,
        refused,
        order,
        accounts,
        acting,
        alarms,
        alarms_omitted,
        opinion,
        unmet,
        pending,
    } = recorded;
    [
        ("opinion", *opinion == computed.opinion),
        ("active", *active == computed.active),
        ("phase", *phase == computed.phase),
        ("latched", *latched == computed.latched),
        ("authority", *authority == computed.authority),
        ("governing", *governing == computed.governing),
        ("mode", *mode == computed.mode),
        ("accounts", *accounts == computed.accounts),
        ("acting", *acting == computed.acting),
        ("verdicts", *verdicts == computed.verdicts),
        ("refused", *refused == computed.refused),
        ("order", *order == computed.order),
        ("alarms", *alarms == computed.alarms),
        ("alarms_omitted", *alarms_omitted == computed.alarms_omitted),
        ("unmet", *unmet == computed.unmet),
        ("pending", *pending == computed.pending),
    ]
    .into_iter()
    .find_map(|(field, same)| (!same).then_some(field))
}
