//! The bytes of a pairing: introductions, the commitment, the code.

use super::settings::Code;
use crate::claim::{PARTY, THERAPY, decode_party, decode_therapy, encode_party, encode_therapy};
use crate::keys::PublicKey;
use crate::message::{Party, Protocol, Therapy};
use crate::wire::join;
use sha2::{Digest, Sha256};
use snow::HandshakeState;

const COMMITMENT_DOMAIN: &[u8] = b"homeostat-pairing/1 commitment";
const CODE_DOMAIN: &[u8] = b"homeostat-pairing/1 code";
const CODES: u64 = 1_000_000;
pub(super) const NONCE: usize = 32;
pub(super) const INTRODUCTION: usize = 2 + PARTY + THERAPY;

/// Who one is, in a pairing's first words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Introduction {
    pub(super) protocol: Protocol,
    pub(super) party: Party,
    pub(super) therapy: Therapy,
}

impl Introduction {
    pub(super) fn encode(&self) -> [u8; INTRODUCTION] {
        let protocol = self.protocol.0.to_le_bytes();
        let mut bytes = [0; INTRODUCTION];
        join(&mut bytes, &[&protocol, &encode_party(self.party), &encode_therapy(self.therapy)]);
        bytes
    }

    pub(super) fn decode(bytes: &[u8; INTRODUCTION]) -> Option<Self> {
        let (protocol, rest) = bytes.split_first_chunk::<2>()?;
        let (party, rest) = rest.split_first_chunk::<PARTY>()?;
        Some(Self {
            protocol: Protocol(u16::from_le_bytes(*protocol)),
            party: decode_party(*party)?,
            therapy: decode_therapy(rest.try_into().ok()?)?,
        })
    }
}

pub(super) fn split_answer(payload: &[u8]) -> Option<(Introduction, [u8; NONCE])> {
    let (introduction, nonce) = payload.split_first_chunk::<INTRODUCTION>()?;
    Some((Introduction::decode(introduction)?, <[u8; NONCE]>::try_from(nonce).ok()?))
}

pub(super) fn commitment(
    nonce: &[u8; NONCE],
    key: &PublicKey,
    introduction: &[u8; INTRODUCTION],
) -> [u8; 32] {
    let hash = Sha256::new_with_prefix(COMMITMENT_DOMAIN);
    hash.chain_update(nonce).chain_update(key.0).chain_update(introduction).finalize().into()
}

pub(super) fn code(handshake: &[u8], first: &[u8; NONCE], second: &[u8; NONCE]) -> Code {
    let hash = Sha256::new_with_prefix(CODE_DOMAIN);
    let digest: [u8; 32] =
        hash.chain_update(handshake).chain_update(first).chain_update(second).finalize().into();
    let number = digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
    Code(u32::try_from(number % CODES).unwrap_or(0))
}

pub(super) fn remote(state: &HandshakeState) -> Option<PublicKey> {
    state.get_remote_static()?.try_into().ok().map(PublicKey)
}
