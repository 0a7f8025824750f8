//! One cycle as the black box keeps it.

use crate::{Bytes, Decision, Digest, Input, Proposal};
use minicbor::{Decode, Encode};

/// Kinds of entries that the loop writes. Numbers below 16 belong to the black box itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryKind {
    /// Which software decides: a [`SoftwareIdentity`].
    Identity = 16,
    /// A profile without a signature, in the therapy's bytes: of boxes that were made before
    /// profiles were signed. Read for ever, written no more.
    Profile = 17,
    /// The loop's whole state, from which a replay may begin.
    Snapshot = 18,
    /// One [`CycleEntry`].
    Cycle = 19,
    /// Words for people (scenario, annotation), UTF-8.
    Note = 20,
    /// The signed profile: the key that the device trusted, a line feed, the signed note verbatim.
    SignedProfile = 21,
}

impl EntryKind {
    /// The kind with this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            16 => Some(Self::Identity),
            17 => Some(Self::Profile),
            18 => Some(Self::Snapshot),
            19 => Some(Self::Cycle),
            20 => Some(Self::Note),
            21 => Some(Self::SignedProfile),
            _ => None,
        }
    }
}

/// Which software decided. A replay by another identity cannot call a difference a divergence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SoftwareIdentity {
    /// Therapy and controller, with a slash between them.
    #[n(0)]
    pub controller: Bytes<48>,
    /// Version of the crates that decide.
    #[n(1)]
    pub version: Bytes<24>,
    /// Version of the mathematics library.
    #[n(2)]
    pub mathematics: Bytes<24>,
}

/// One cycle: the input, what was proposed, what was decided, and the digest of the state after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CycleEntry {
    /// All that could influence it.
    #[n(0)]
    pub input: Input,
    /// What the controller proposed; `None` when it gave nothing usable.
    #[n(1)]
    pub proposal: Option<Proposal>,
    /// What was decided.
    #[n(2)]
    pub decision: Decision,
    /// Digest of the whole state after the cycle.
    #[n(3)]
    pub state: Digest,
}
