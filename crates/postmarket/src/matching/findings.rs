//! Findings as events. Nothing is ever deleted: what is not found any more is closed, and what comes back is reopened.

use super::affects::{Answer, Verdict};
use super::book::AdvisoryId;
use super::catalogue::ComponentId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What happened to a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Opened,
    /// The answer or its reason is another than before.
    Changed,
    /// It does not hold any more.
    Closed,
    /// It had been closed, and holds again.
    Reopened,
}

/// One event in the life of a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindingEvent {
    /// Its number in the ledger, from 0.
    pub sequence: usize,
    /// When, as the caller said.
    pub time: Arc<str>,
    /// What happened.
    pub change: Change,
    /// The advisory.
    pub advisory: AdvisoryId,
    /// The revision of the advisory that caused it.
    pub revision: Arc<str>,
    /// The component.
    pub component: ComponentId,
    /// The verdict now; for a closed one, why it does not hold any more.
    pub verdict: Verdict,
}

#[derive(Clone, Copy, Debug)]
struct State {
    open: bool,
    verdict: Verdict,
}

/// All findings and how they came about.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    states: BTreeMap<(AdvisoryId, ComponentId), State>,
    events: Vec<FindingEvent>,
}

/// When, and by which revision.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    pub(super) time: Arc<str>,
    pub(super) revision: Arc<str>,
}

impl Ledger {
    /// Everything that is open for an advisory.
    pub fn open_of(&self, advisory: AdvisoryId) -> impl Iterator<Item = (ComponentId, Verdict)> {
        let all = (advisory, ComponentId(0))..=(advisory, ComponentId(u32::MAX));
        let states = self.states.range(all).filter(|(_, state)| state.open);
        states.map(|((_, component), state)| (*component, state.verdict))
    }

    /// Everything that is open.
    pub fn open(&self) -> impl Iterator<Item = (AdvisoryId, ComponentId, Verdict)> {
        let states = self.states.iter().filter(|(_, state)| state.open);
        states.map(|((advisory, component), state)| (*advisory, *component, state.verdict))
    }

    /// All that ever happened.
    #[must_use]
    pub fn events(&self) -> &[FindingEvent] {
        &self.events
    }

    /// The life of one finding.
    pub fn history(
        &self,
        advisory: AdvisoryId,
        component: ComponentId,
    ) -> impl Iterator<Item = &FindingEvent> {
        let same =
            move |event: &&FindingEvent| event.advisory == advisory && event.component == component;
        self.events.iter().filter(same)
    }

    /// Takes up a state from an earlier run; its events are kept elsewhere.
    pub(super) fn recall(
        &mut self,
        advisory: AdvisoryId,
        component: ComponentId,
        open: bool,
        verdict: Verdict,
    ) {
        self.states.insert((advisory, component), State { open, verdict });
    }

    /// Notes what an advisory means now for a component. `None`: it does not concern it at all.
    pub(super) fn note(
        &mut self,
        advisory: AdvisoryId,
        component: ComponentId,
        verdict: Verdict,
        cause: &Cause,
    ) {
        let holds = verdict.answer != Answer::NotAffected;
        let change = match self.states.get(&(advisory, component)) {
            None if !holds => return,
            None => Change::Opened,
            Some(state) => match (state.open, holds) {
                (true, true) if state.verdict == verdict => return,
                (true, true) => Change::Changed,
                (true, false) => Change::Closed,
                (false, true) => Change::Reopened,
                (false, false) => return,
            },
        };
        self.states.insert((advisory, component), State { open: holds, verdict });
        self.events.push(FindingEvent {
            sequence: self.events.len(),
            time: Arc::clone(&cause.time),
            change,
            advisory,
            revision: Arc::clone(&cause.revision),
            component,
            verdict,
        });
    }
}
