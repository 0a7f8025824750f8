//! The two hashes of RFC 6962, section 2.1: one for a leaf, one for an inner node.
//!
//! The leading byte keeps them apart, so that no inner node can be passed off as an entry.

use core::fmt;

use sha2::{Digest, Sha256};

/// A SHA-256 hash: of an entry, of an inner node, or of a whole tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; Hash::LENGTH]);

impl Hash {
    /// Bytes in a hash.
    pub const LENGTH: usize = 32;
    /// Thirty-two zero bytes: a place holder, not the hash of anything known.
    pub const ZERO: Self = Self([0; Self::LENGTH]);
    /// The root of a tree without entries: SHA-256 of nothing.
    pub const EMPTY_ROOT: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// A hash from exactly 32 bytes, or none.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hash of these 64 hexadecimal digits.
    #[must_use]
    pub fn from_digits(text: &str) -> Option<Self> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let pairs: &[[u8; 2]; Self::LENGTH] = pairs.try_into().ok()?;
        let mut hash = [0; Self::LENGTH];
        for (byte, pair) in hash.iter_mut().zip(pairs) {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
            *byte = u8::try_from(high? << 4 | low?).ok()?;
        }
        rest.is_empty().then_some(Self(hash))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The hash of one entry: `SHA-256(0x00 || entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0x00]);
    hasher.update(entry);
    Hash(hasher.finalize().into())
}

/// The hash of two neighbours: `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut message = [0x01; 1 + 2 * Hash::LENGTH];
    let (_, hashes) = message.split_at_mut(1);
    let (first, second) = hashes.split_at_mut(Hash::LENGTH);
    first.copy_from_slice(&left.0);
    second.copy_from_slice(&right.0);
    Hash(Sha256::digest(message).into())
}

/// Plain SHA-256, for key ids and for identities that are not part of the tree.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testdata::{LEAF_INPUTS, hash, node_hashes};

    #[test]
    fn log_03_leaf_hashes_equal_the_published_ones() {
        for (entry, want) in LEAF_INPUTS.iter().zip(node_hashes(0)) {
            assert_eq!(leaf_hash(entry), want);
        }
    }

    #[test]
    fn log_03_node_hashes_equal_the_published_ones() {
        for level in 0..3 {
            let below = node_hashes(level);
            for (pair, want) in below.chunks(2).zip(node_hashes(level + 1)) {
                assert_eq!(node_hash(&pair[0], &pair[1]), want);
            }
        }
    }

    #[test]
    fn log_03_empty_root_is_the_hash_of_nothing() {
        assert_eq!(Hash(sha256(&[])), Hash::EMPTY_ROOT);
        assert_eq!(Hash(sha256(&[b"a", b"bc"])), Hash(Sha256::digest(b"abc").into()));
    }

    #[test]
    fn a_hash_reads_from_exactly_32_bytes_and_prints_as_hex() {
        let text = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(hash(text).to_string(), text);
        assert_eq!(format!("{:?}", hash(text)), text);
        assert_eq!(Hash::from_slice(hash(text).as_bytes()), Some(hash(text)));
        assert_eq!(Hash::from_slice(&[0; 31]), None);
        assert_eq!(Hash::from_slice(&[0; 33]), None);
        assert_eq!(Hash::ZERO.as_bytes(), &[0; 32]);
        let text = Hash([0xAF; 32]).to_string();
        assert_eq!(Hash::from_digits(&text), Some(Hash([0xAF; 32])));
        for bad in ["", &text[1..], &(text.clone() + "0"), &text.replacen('a', "+", 1)] {
            assert_eq!(Hash::from_digits(bad), None, "{bad}");
        }
    }
}
