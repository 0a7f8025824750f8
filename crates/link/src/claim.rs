//! What both ends of a link must agree on before they talk.

use crate::message::{Part, Party, Protocol, THERAPY_BYTES_MAX, Therapy};
use crate::wire::join;

/// Version, therapy and both parties, as the initiator states them. It goes in plain in the first
/// message of a handshake and is bound by it: changed on the way it makes the handshake a forgery,
/// and an authentic one that does not fit is refused by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) protocol: Protocol,
    pub(crate) initiator: Party,
    pub(crate) responder: Party,
    pub(crate) therapy: Therapy,
}

/// What does not fit between two parties. Codes keep a Hamming distance of at least four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Another version of the protocol (CRY-03).
    Protocol,
    /// Set up for another therapy.
    Therapy,
    /// Not what it should be: a sensor where an actuator is expected (COM-06).
    Part,
    /// Another identity: another patient's device (COM-08).
    Identity,
}

impl Mismatch {
    pub(crate) const ALL: [Self; 4] = [Self::Protocol, Self::Therapy, Self::Part, Self::Identity];

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Protocol => 0x3C,
            Self::Therapy => 0x55,
            Self::Part => 0x5A,
            Self::Identity => 0x66,
        }
    }

    /// Its name, as it stands in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Protocol => "other protocol version",
            Self::Therapy => "other therapy",
            Self::Part => "other part",
            Self::Identity => "other identity",
        }
    }
}

/// A verdict's code when nothing is amiss.
const ACCEPTED: u8 = 0x33;

/// A verdict as one byte.
pub(crate) const fn verdict_code(verdict: Option<Mismatch>) -> u8 {
    match verdict {
        None => ACCEPTED,
        Some(mismatch) => mismatch.code(),
    }
}

/// The verdict of this byte; an error for a byte that is none.
pub(crate) fn verdict_of(code: u8) -> Result<Option<Mismatch>, ()> {
    if code == ACCEPTED {
        return Ok(None);
    }
    Mismatch::ALL.into_iter().find(|mismatch| mismatch.code() == code).map(Some).ok_or(())
}

pub(crate) const PARTY: usize = 5;
/// Length of an encoded claim. This layout belongs to every version of the protocol.
pub(crate) const CLAIM: usize = 2 + 2 * PARTY + THERAPY;

pub(crate) fn encode_party(party: Party) -> [u8; PARTY] {
    let [a, b, c, d] = party.identity.to_le_bytes();
    [party.part.code(), a, b, c, d]
}

pub(crate) fn decode_party(bytes: [u8; PARTY]) -> Option<Party> {
    let [part, a, b, c, d] = bytes;
    let identity = u32::from_le_bytes([a, b, c, d]);
    Some(Party { part: Part::from_code(part)?, identity })
}

/// Length of an encoded therapy: length u8, name, zeros.
pub(crate) const THERAPY: usize = 1 + THERAPY_BYTES_MAX;

pub(crate) fn encode_therapy(therapy: Therapy) -> [u8; THERAPY] {
    let name = therapy.name().as_bytes();
    let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
    let mut bytes = [0; THERAPY];
    join(&mut bytes, &[&[length], name]);
    bytes
}

/// One therapy, one byte string: what follows the name is zero.
pub(crate) fn decode_therapy(bytes: [u8; THERAPY]) -> Option<Therapy> {
    let (length, name) = bytes.split_first()?;
    let name = core::str::from_utf8(name.get(..usize::from(*length))?).ok()?;
    Therapy::named(name).filter(|therapy| encode_therapy(*therapy) == bytes)
}

impl Claim {
    pub(crate) fn encode(&self) -> [u8; CLAIM] {
        let protocol = self.protocol.0.to_le_bytes();
        let parties = [self.initiator, self.responder].map(encode_party);
        let mut bytes = [0; CLAIM];
        let parts = [&protocol[..], parties.as_flattened(), &encode_therapy(self.therapy)];
        join(&mut bytes, &parts);
        bytes
    }

    /// `None` for bytes that no claim has.
    pub(crate) fn decode(bytes: &[u8; CLAIM]) -> Option<Self> {
        let (protocol, rest) = bytes.split_first_chunk::<2>()?;
        let (initiator, rest) = rest.split_first_chunk::<PARTY>()?;
        let (responder, rest) = rest.split_first_chunk::<PARTY>()?;
        Some(Self {
            protocol: Protocol(u16::from_le_bytes(*protocol)),
            initiator: decode_party(*initiator)?,
            responder: decode_party(*responder)?,
            therapy: decode_therapy(rest.try_into().ok()?)?,
        })
    }

    /// The first thing in which `other` differs.
    pub(crate) fn mismatch(&self, other: &Self) -> Option<Mismatch> {
        let parts = |claim: &Self| (claim.initiator.part, claim.responder.part);
        let identities = |claim: &Self| (claim.initiator.identity, claim.responder.identity);
        if self.protocol != other.protocol {
            Some(Mismatch::Protocol)
        } else if self.therapy != other.therapy {
            Some(Mismatch::Therapy)
        } else if parts(self) != parts(other) {
            Some(Mismatch::Part)
        } else if identities(self) != identities(other) {
            Some(Mismatch::Identity)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        Claim {
            protocol: Protocol(1),
            initiator: Party { part: Part::Device, identity: 11 },
            responder: Party { part: Part::Actuator, identity: 12 },
            therapy: Therapy::named("insulin").unwrap(),
        }
    }

    #[test]
    fn a_claim_has_one_byte_string() {
        let bytes = claim().encode();
        assert_eq!(Claim::decode(&bytes), Some(claim()));
        for place in 0..CLAIM {
            for bit in 0..8 {
                let mut other = bytes;
                other[place] ^= 1 << bit;
                let read = Claim::decode(&other);
                assert_ne!(read, Some(claim()));
                assert!(read.is_none_or(|read| read.encode() == other));
            }
        }
    }

    #[test]
    fn com_06_com_08_cry_03_the_first_difference_is_named() {
        let mut other = claim();
        assert_eq!(claim().mismatch(&other), None);
        other.initiator.identity = 13;
        assert_eq!(claim().mismatch(&other), Some(Mismatch::Identity));
        other.responder.part = Part::Sensor;
        assert_eq!(claim().mismatch(&other), Some(Mismatch::Part));
        other.therapy = Therapy::named("propofol").unwrap();
        assert_eq!(claim().mismatch(&other), Some(Mismatch::Therapy));
        other.protocol = Protocol(0);
        assert_eq!(claim().mismatch(&other), Some(Mismatch::Protocol));
    }

    #[test]
    fn act_09_verdicts_keep_a_distance_of_four() {
        let verdicts = [None].into_iter().chain(Mismatch::ALL.map(Some));
        for a in verdicts.clone() {
            assert_eq!(verdict_of(verdict_code(a)), Ok(a));
            for b in verdicts.clone() {
                let distance = (verdict_code(a) ^ verdict_code(b)).count_ones();
                assert!(a == b || distance >= 4);
            }
        }
        assert_eq!(verdict_of(0x32), Err(()));
    }
}
