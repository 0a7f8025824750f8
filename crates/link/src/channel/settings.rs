//! How a channel is set up: by a pairing and by the therapy's contracts.

use crate::claim::Claim;
use crate::contract::Contract;
use crate::keys::{PublicKey, StaticKey};
use crate::message::{PROTOCOL, Party, SOFTWARE_BYTES_MAX, Therapy};
use crate::noise::End;
use homeostat_record::{Bytes, Span};

/// When a channel does something of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From the first try of a handshake, hello or knock to the second.
    pub retry_first: Span,
    /// Between tries at most.
    pub retry_max: Span,
    /// The initiator begins a new session when nothing authentic was heard for so long.
    pub quiet: Span,
    /// The initiator begins a new session when the present one is so old.
    pub renew_after: Span,
    /// No session is used for longer, by either end.
    pub session_max: Span,
}

impl Timing {
    /// For a link on which the peer says something at least once in `period`: three may go missing
    /// before a new session is tried; new keys every six hours, none older than a day.
    #[must_use]
    pub const fn for_period(period: Span) -> Self {
        Self {
            retry_first: Span::from_millis(250),
            retry_max: Span::from_seconds(8),
            quiet: Span::from_millis(period.as_millis().saturating_mul(3)),
            renew_after: Span::from_seconds(6 * 3_600),
            session_max: Span::from_seconds(24 * 3_600),
        }
    }
}

/// All that a channel is made with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which end: the device begins.
    pub end: End,
    /// This party.
    pub me: Party,
    /// The paired peer.
    pub peer: Party,
    /// The therapy of both.
    pub therapy: Therapy,
    /// Name and version of this party's software, UTF-8.
    pub software: Bytes<SOFTWARE_BYTES_MAX>,
    /// This party's secret.
    pub key: StaticKey,
    /// The peer's key, kept since the pairing.
    pub peer_key: PublicKey,
    /// What the peer may say.
    pub incoming: Contract,
    /// What this party may say.
    pub outgoing: Contract,
    /// When to act of its own accord.
    pub timing: Timing,
}

/// Why settings cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// A contract is not one between these two parts: `incoming` or `outgoing`.
    Contract(&'static str),
    /// The therapy has no name.
    Therapy,
    /// The name of the software is not UTF-8.
    Software,
    /// The peer's key is none with which anything can be agreed.
    PeerKey,
    /// A span of the timing is zero, or a longer one is shorter: its name.
    Timing(&'static str),
}

impl core::fmt::Display for Unfit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Contract(which) => {
                write!(f, "the {which} contract is not one between the two parties of the link")
            }
            Self::Therapy => write!(f, "the link has no therapy: name it"),
            Self::Software => write!(f, "the name of the software is not UTF-8"),
            Self::PeerKey => write!(f, "the peer's key is not a usable one: pair again"),
            Self::Timing(which) => write!(f, "the link's timing contradicts itself at {which}"),
        }
    }
}

impl core::error::Error for Unfit {}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), Unfit> {
        let between = |contract: &Contract, from: Party, to: Party| {
            contract.from == from.part && contract.to == to.part
        };
        if !between(&self.incoming, self.peer, self.me) {
            return Err(Unfit::Contract("incoming"));
        }
        if !between(&self.outgoing, self.me, self.peer) {
            return Err(Unfit::Contract("outgoing"));
        }
        if Therapy::named(self.therapy.name()).is_none() {
            return Err(Unfit::Therapy);
        }
        if core::str::from_utf8(self.software.as_slice()).is_err() {
            return Err(Unfit::Software);
        }
        let Timing { retry_first, retry_max, quiet, renew_after, session_max } = self.timing;
        if retry_first == Span::ZERO || retry_max < retry_first {
            return Err(Unfit::Timing("retry"));
        }
        if quiet == Span::ZERO {
            return Err(Unfit::Timing("quiet"));
        }
        if renew_after == Span::ZERO || session_max <= renew_after {
            return Err(Unfit::Timing("session"));
        }
        Ok(())
    }

    /// What the initiator of this link states.
    pub(crate) fn claim(&self) -> Claim {
        let (initiator, responder) = match self.end {
            End::Initiator => (self.me, self.peer),
            End::Responder => (self.peer, self.me),
        };
        Claim { protocol: PROTOCOL, initiator, responder, therapy: self.therapy }
    }
}
