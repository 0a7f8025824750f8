//! What a pairing is made with, and what it ends in.

use crate::claim::Mismatch;
use crate::counters::Ignored;
use crate::keys::{PublicKey, StaticKey};
use crate::message::{Part, Party, Therapy};
use crate::noise::End;
use homeostat_record::Span;

/// All that a pairing is made with.
#[derive(Clone, Debug)]
pub struct PairingSettings {
    /// Which end: the device begins.
    pub end: End,
    /// This party.
    pub me: Party,
    /// What the peer must be.
    pub peer: Part,
    /// The therapy of both.
    pub therapy: Therapy,
    /// This party's secret.
    pub key: StaticKey,
    /// From the first try to the second.
    pub retry_first: Span,
    /// Between tries at most.
    pub retry_max: Span,
    /// How long the pairing stays open.
    pub open_for: Span,
}

impl PairingSettings {
    /// Whether a peer could be found with them, and the tries end.
    pub(super) fn is_sound(&self) -> bool {
        let tries = self.retry_first > Span::ZERO && self.retry_max >= self.retry_first;
        tries && Therapy::named(self.therapy.name()).is_some()
    }
}

/// Six digits for people to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub(super) u32);

impl core::fmt::Display for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:03} {:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

/// What a confirmed pairing leaves behind, for both ends to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paired {
    /// Who the peer is.
    pub peer: Party,
    /// Its key.
    pub key: PublicKey,
    /// The therapy of both.
    pub therapy: Therapy,
}

/// Why a pairing has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairingFault {
    /// Nobody answered, or nobody confirmed, in time.
    TimedOut,
    /// The peer does not fit.
    Mismatch(Mismatch),
    /// The peer did not reveal what it had committed itself to: somebody is in the middle.
    BrokenCommitment,
    /// The peer shows this party's own key.
    OwnKey,
    /// A key of no use, no randomness, or settings that contradict themselves.
    Unusable,
}

impl core::fmt::Display for PairingFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TimedOut => write!(f, "pairing ran out of time: open it again on both sides"),
            Self::Mismatch(mismatch) => {
                write!(f, "the peer does not fit ({}): pair the right one", mismatch.name())
            }
            Self::BrokenCommitment => write!(
                f,
                "the peer changed its mind about its secret: somebody may be in the middle. Pair \
                 again elsewhere"
            ),
            Self::OwnKey => write!(f, "the peer shows this party's own key"),
            Self::Unusable => write!(f, "no usable key, randomness or settings for the pairing"),
        }
    }
}

impl core::error::Error for PairingFault {}

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairingEvent {
    /// [`Pairing::poll`](super::Pairing::poll) may have something to send.
    Progress,
    /// The code is there, to be compared by people.
    Compare(Code),
    /// The pairing has ended.
    Failed(PairingFault),
    /// Ignored and counted.
    Ignored(Ignored),
}
