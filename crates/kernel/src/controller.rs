//! What a controller is.

use homeostat_record::{Canonical, Input, Proposal};

/// A control algorithm as a pure function with an explicit state (CTL-01). Rule-based,
/// model-predictive and learned controllers are equal citizens: whatever they propose passes the
/// same guard.
pub trait Controller {
    /// All that it remembers. It is encoded into the black box, so that a replay can begin
    /// anywhere.
    type State: Copy + PartialEq + Canonical;

    /// What it remembers before the first cycle.
    fn start(&self) -> Self::State;

    /// One step. Total: any input gives a proposal, or abstains per manipulated variable.
    fn propose(&self, state: &Self::State, input: &Input) -> (Self::State, Proposal);
}
