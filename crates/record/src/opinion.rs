//! What a second, independent calculation says of a proposal.

use crate::{Canonical, Input, Proposal, Steps};
use minicbor::{Decode, Encode};

/// Why the second opinion objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Objection {
    /// More than the largest dose that it holds safe.
    #[n(0)]
    TooMuch,
    /// Delivery although the input forbids any.
    #[n(1)]
    MustNotDeliver,
    /// More than the declared space of commands.
    #[n(2)]
    OutsideDeclaredSpace,
    /// The controller's idea of what still acts is lower than its own beyond tolerance.
    #[n(3)]
    ActingAmountUnderstated,
    /// The controller used an input that should not have been used.
    #[n(4)]
    InputNotUsable,
}

/// The outcome of a second calculation by other means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Opinion {
    /// Nothing to say: not enough data, or no opinion in this phase.
    #[default]
    #[n(0)]
    Abstain,
    /// It would allow this.
    #[n(1)]
    Concur,
    /// Allowed, but its own figure is this far away.
    #[n(2)]
    Differ {
        /// Distance of the figures.
        #[n(0)]
        steps: Steps,
    },
    /// It would not allow this.
    #[n(3)]
    Object {
        /// The rule that forbids it.
        #[n(0)]
        rule: Objection,
        /// The largest amount that it would allow on the first manipulated variable.
        #[n(1)]
        at_most: Steps,
    },
}

/// A second opinion as the kernel sees it. Implementations know this crate alone.
pub trait SecondOpinion {
    /// What it remembers from cycle to cycle.
    type State: Copy + PartialEq + Canonical;

    /// What it remembers before the first cycle.
    fn start(&self) -> Self::State;

    /// Weighs one proposal. Total: any input gives an answer.
    fn weigh(
        &self,
        state: &Self::State,
        input: &Input,
        proposal: &Proposal,
    ) -> (Self::State, Opinion);
}
