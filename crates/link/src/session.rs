//! One session: its keys, its counters, its window.

use crate::replay_window::{Freshness, ReplayWindow};
use crate::wire::{Datagram, Header, Kind, TAG};
use homeostat_record::Instant;
use snow::{HandshakeState, StatelessTransportState};

/// After so many messages the initiator begins a new session, long before any counter could wrap.
pub(crate) const RENEW_AFTER_MESSAGES: u64 = 1 << 20;
/// No session seals more.
pub(crate) const MESSAGES_MAX: u64 = 1 << 24;

pub(crate) struct Session {
    /// The first bytes of the handshake's hash: both ends know it, nobody chooses it.
    pub(crate) id: u32,
    pub(crate) began: Instant,
    /// Counter of the next message.
    next: u64,
    window: ReplayWindow,
    transport: StatelessTransportState,
}

impl Session {
    /// The session of a finished handshake; `None` for an unfinished one.
    pub(crate) fn of(handshake: HandshakeState, now: Instant) -> Option<Self> {
        let id = u32::from_le_bytes(*handshake.get_handshake_hash().first_chunk()?);
        let transport = handshake.into_stateless_transport_mode().ok()?;
        Some(Self { id, began: now, next: 0, window: ReplayWindow::default(), transport })
    }

    /// Messages sealed so far.
    pub(crate) const fn sealed(&self) -> u64 {
        self.next
    }

    /// How many of the peer's messages below the newest have not arrived.
    pub(crate) fn missing(&self) -> u64 {
        self.window.missing()
    }

    /// What a counter would be.
    pub(crate) fn judge(&self, counter: u64) -> Freshness {
        self.window.judge(counter)
    }

    /// Seals `text`; `None` when the session is used up. No counter is ever used twice.
    pub(crate) fn seal(&mut self, text: &[u8]) -> Option<Datagram> {
        if self.next >= MESSAGES_MAX {
            return None;
        }
        let counter = self.next;
        self.next = counter.saturating_add(1);
        let header = Header { kind: Kind::Sealed, session: self.id, counter };
        header.with_body(|body| self.transport.write_message(counter, text, body))
    }

    /// Opens what [`judge`](Self::judge) called fresh. The counter is marked if it is authentic, and
    /// the number of counters that are lost by this comes with the text.
    pub(crate) fn open<'a>(
        &mut self,
        counter: u64,
        sealed: &[u8],
        out: &'a mut [u8],
    ) -> Option<(&'a [u8], u64)> {
        let length = self.transport.read_message(counter, sealed, out).ok()?;
        let lost = self.window.mark(counter);
        Some((out.get(..length)?, lost))
    }
}

/// Whether so many bytes could be a sealed message.
pub(crate) const fn could_be_sealed(length: usize) -> bool {
    length > TAG
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Entropy, NoEntropy, StaticKey};
    use crate::noise::{self, End};

    struct Byte(u8);

    impl Entropy for Byte {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn cry_01_a_session_seals_so_many_messages_and_no_more() {
        let keys = [1, 2].map(|byte| StaticKey::from_bytes([byte; 32]));
        let publics = [keys[1].public(), keys[0].public()];
        let mut ends = [0, 1].map(|end| {
            let which = [End::Initiator, End::Responder][end];
            let entropy = &mut Byte(end as u8 + 3);
            noise::handshake(noise::SESSION, which, &keys[end], Some(&publics[end]), b"", entropy)
                .unwrap()
        });
        let mut buffer = [0; 128];
        for end in 0..2 {
            let length = ends[end].write_message(&[], &mut buffer).unwrap();
            ends[1 - end].read_message(&buffer[..length], &mut [0; 128]).unwrap();
        }
        let now = Instant { boot: 1, millis: 0 };
        let [first, second] = ends.map(|end| Session::of(end, now).unwrap());
        let (mut first, mut second) = (first, second);
        assert_eq!(first.id, second.id);
        first.next = MESSAGES_MAX - 1;
        let last = first.seal(b"the last").unwrap();
        let (header, body) = Header::decode(last.as_slice()).unwrap();
        let mut text = [0; 64];
        let opened = second.open(header.counter, body, &mut text).map(|(text, _)| text.len());
        assert_eq!(opened, Some(8));
        assert!(first.seal(b"one too many").is_none());
        assert_eq!(first.sealed(), MESSAGES_MAX);
    }
}
