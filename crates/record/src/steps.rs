//! The amount of the manipulated variable.

use minicbor::{Decode, Encode};

/// An amount in whole steps of the actuator: the only unit in which commands, limits and the
/// ledger count. What one step is (so much of a drug, or of heat) stands in the signed profile.
/// There is no negative amount: reverse flow cannot be written down (ACT-13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Steps(#[n(0)] pub u32);

impl Steps {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount that can be written down.
    pub const MAX: Self = Self(u32::MAX);

    /// Sum, held at [`Steps::MAX`].
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Difference, held at zero.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The smaller amount.
    #[must_use]
    pub const fn or_less(self, other: Self) -> Self {
        if self.0 < other.0 { self } else { other }
    }

    /// The larger amount.
    #[must_use]
    pub const fn or_more(self, other: Self) -> Self {
        if self.0 > other.0 { self } else { other }
    }
}
