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
