//! A cheap check before the dear one: each handshake message ends with sixteen bytes that only the
//! paired parties can make, so that a flood of forged ones costs a hash each and no curve
//! multiplication, and does not stand in the way of a true one.
//!
//! The gate authenticates nothing by itself; what passes is checked by Noise all the same. Its key is
//! a hash of the two static keys' agreement, in a domain of its own.

use crate::keys::{PublicKey, StaticKey};
use crate::noise;
use crate::wire::{Datagram, join};
use blake2::Blake2sMac256;
use blake2::digest::{KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const DOMAIN: &[u8] = b"homeostat-link/1 gate";
pub(crate) const GATE: usize = 16;

pub(crate) struct Gate {
    key: Zeroizing<[u8; 32]>,
}

impl Gate {
    /// The gate between two parties; `None` for a key that agrees on nothing.
    pub(crate) fn between(own: &StaticKey, peer: &PublicKey) -> Option<Self> {
        let shared = noise::agreement(own, peer)?;
        let hash = Sha256::new_with_prefix(DOMAIN).chain_update(shared.as_ref());
        Some(Self { key: Zeroizing::new(hash.finalize().into()) })
    }

    /// The datagram with its last sixteen bytes.
    pub(crate) fn close(&self, datagram: &Datagram) -> Option<Datagram> {
        let bytes = datagram.as_slice();
        let tag = self.mac(bytes)?.finalize().into_bytes();
        let mut whole = [0; crate::wire::DATAGRAM_MAX];
        let length = bytes.len().checked_add(GATE)?;
        let place = whole.get_mut(..length)?;
        join(place, &[bytes, &tag]);
        Datagram::copy_of(place).ok()
    }

    /// The datagram without its last sixteen bytes, if these are right.
    pub(crate) fn open<'a>(&self, datagram: &'a [u8]) -> Option<&'a [u8]> {
        let (bytes, tag) = datagram.split_last_chunk::<GATE>()?;
        self.mac(bytes)?.verify_truncated_left(tag).ok()?;
        Some(bytes)
    }

    fn mac(&self, bytes: &[u8]) -> Option<Blake2sMac256> {
        let mac = <Blake2sMac256 as KeyInit>::new_from_slice(self.key.as_ref()).ok()?;
        Some(mac.chain_update(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn com_11_only_the_two_parties_open_the_gate() {
        let keys = [1, 2, 3].map(|byte| StaticKey::from_bytes([byte; 32]));
        let gate = |own: usize, peer: usize| Gate::between(&keys[own], &keys[peer].public());
        let datagram = Datagram::copy_of(b"a handshake message").unwrap();
        let closed = gate(0, 1).unwrap().close(&datagram).unwrap();
        assert_eq!(closed.as_slice().len(), datagram.as_slice().len() + GATE);
        let there = gate(1, 0).unwrap();
        assert_eq!(there.open(closed.as_slice()), Some(datagram.as_slice()));
        assert_eq!(gate(2, 0).unwrap().open(closed.as_slice()), None);
        for place in 0..closed.as_slice().len() {
            let mut changed = [0; 64];
            let changed = &mut changed[..closed.as_slice().len()];
            changed.copy_from_slice(closed.as_slice());
            changed[place] ^= 1;
            assert_eq!(there.open(changed), None);
        }
        assert_eq!(there.open(&[0; 15]), None);
        assert!(Gate::between(&keys[0], &PublicKey([0; 32])).is_none());
    }
}
