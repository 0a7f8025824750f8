//! What a controller proposes and why.

use crate::{CHANNELS, Steps};
use minicbor::{Decode, Encode};

/// Figures in a rationale.
pub const FIGURES: usize = 8;

/// A controller's reason in typed form. The therapy that wrote it knows the words and units
/// (CTL-15); everyone else carries it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Rationale {
    /// The deciding rule, by the therapy's own number.
    #[n(0)]
    pub reason: u16,
    /// Figures that the rule used, by the therapy's own order, in its own fixed-point units.
    #[n(1)]
    pub figures: [i32; FIGURES],
}

/// What the controller would deliver in the coming cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Proposal {
    /// Amount per manipulated variable; `None` where the controller abstains.
    #[n(0)]
    pub steps: [Option<Steps>; CHANNELS],
    /// Why.
    #[n(1)]
    pub rationale: Rationale,
}
