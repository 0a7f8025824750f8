//! Datagrams: `kind u8 | session u32 | counter u64 | body`, little-endian, at most 512 bytes.

use homeostat_record::Bytes;

/// Longest datagram.
pub const DATAGRAM_MAX: usize = 512;
/// Length of the header.
pub(crate) const HEADER: usize = 13;
/// Length of an authentication tag.
pub(crate) const TAG: usize = 16;

/// One datagram, to be sent as it is.
pub type Datagram = Bytes<DATAGRAM_MAX>;

/// What a datagram is. Codes keep a Hamming distance of at least four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// First message of a session's handshake; `session` is the initiator's number for it.
    Initiation,
    /// Second message of a session's handshake.
    Answer,
    /// A sealed message; `session` and `counter` are the session's.
    Sealed,
    /// A party without a session asks its peer to begin one. Not authentic; changes nothing.
    Knock,
    /// First to third message of a pairing, and the receipt of the third.
    PairingCommit,
    PairingAnswer,
    PairingReveal,
    PairingReceipt,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Initiation,
        Self::Answer,
        Self::Sealed,
        Self::Knock,
        Self::PairingCommit,
        Self::PairingAnswer,
        Self::PairingReveal,
        Self::PairingReceipt,
    ];

    const fn code(self) -> u8 {
        match self {
            Self::Initiation => 0x33,
            Self::Answer => 0x3C,
            Self::Sealed => 0x55,
            Self::Knock => 0x5A,
            Self::PairingCommit => 0x66,
            Self::PairingAnswer => 0x69,
            Self::PairingReveal => 0x96,
            Self::PairingReceipt => 0x99,
        }
    }
}

/// What stands before the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) session: u32,
    pub(crate) counter: u64,
}

impl Header {
    pub(crate) fn encode(self) -> [u8; HEADER] {
        let [s0, s1, s2, s3] = self.session.to_le_bytes();
        let [c0, c1, c2, c3, c4, c5, c6, c7] = self.counter.to_le_bytes();
        [self.kind.code(), s0, s1, s2, s3, c0, c1, c2, c3, c4, c5, c6, c7]
    }

    /// Header and body; `None` for what is too short, too long, or of no known kind.
    pub(crate) fn decode(datagram: &[u8]) -> Option<(Self, &[u8])> {
        if datagram.len() > DATAGRAM_MAX {
            return None;
        }
        let (header, body) = datagram.split_first_chunk::<HEADER>()?;
        let [code, s0, s1, s2, s3, c0, c1, c2, c3, c4, c5, c6, c7] = *header;
        let kind = Kind::ALL.into_iter().find(|kind| kind.code() == code)?;
        let session = u32::from_le_bytes([s0, s1, s2, s3]);
        let counter = u64::from_le_bytes([c0, c1, c2, c3, c4, c5, c6, c7]);
        Some((Self { kind, session, counter }, body))
    }

    /// A datagram whose body is what `fill` writes and gives the length of; `None` when it fails.
    pub(crate) fn with_body<E>(
        self,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Option<Datagram> {
        let mut bytes = [0; DATAGRAM_MAX];
        let (header, body) = bytes.split_first_chunk_mut::<HEADER>()?;
        *header = self.encode();
        let length = fill(body).ok()?.saturating_add(HEADER);
        Datagram::copy_of(bytes.get(..length)?).ok()
    }
}

/// Writes `parts` one after the other; what is left of `into` stays as it is.
pub(crate) fn join(into: &mut [u8], parts: &[&[u8]]) {
    let bytes = parts.iter().flat_map(|part| part.iter());
    for (slot, byte) in into.iter_mut().zip(bytes) {
        *slot = *byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn act_09_kinds_keep_a_distance_of_four() {
        for a in Kind::ALL {
            for b in Kind::ALL {
                assert!(a == b || (a.code() ^ b.code()).count_ones() >= 4);
            }
        }
    }

    #[test]
    fn com_12_the_header_stands_as_published() {
        let header =
            Header { kind: Kind::Sealed, session: 0x0403_0201, counter: 0x0C0B_0A09_0807_0605 };
        let datagram = header.with_body(|body| {
            body[..2].copy_from_slice(&[0xAA, 0xBB]);
            Ok::<usize, ()>(2)
        });
        let datagram = datagram.unwrap();
        assert_eq!(datagram.as_slice(), [0x55, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0xAA, 0xBB]);
        assert_eq!(Header::decode(datagram.as_slice()), Some((header, &[0xAA, 0xBB][..])));
        assert_eq!(Header::decode(&datagram.as_slice()[..12]), None);
        assert_eq!(Header::decode(&[0x55; DATAGRAM_MAX + 1]), None);
        assert_eq!(Header::decode(&[0x54; 20]), None);
    }
}
