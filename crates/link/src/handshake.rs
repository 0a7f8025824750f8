//! How two paired parties get a session (Noise KK): one message each way.
//!
//! ```text
//! initiation  claim, boot u32, millis u64 of the initiator, in plain | e, es, ss, {} | gate
//! answer      e, ee, se, {verdict u8} | gate
//! ```
//! The prologue binds the initiator's number for the handshake and all that is plain. The initiator's
//! time grows from one handshake to the next, so that an old initiation that somebody kept is known
//! for what it is before any work is done. The gate is checked before all else.

use crate::claim::{CLAIM, Claim, Mismatch, verdict_code, verdict_of};
use crate::counters::Ignored;
use crate::keys::{Entropy, PublicKey, StaticKey};
use crate::noise::{self, End, NotBegun};
use crate::session::Session;
use crate::wire::{DATAGRAM_MAX, Datagram, Header, Kind, join};
use homeostat_record::Instant;
use snow::HandshakeState;

const DOMAIN: &[u8; 17] = b"homeostat-link/1 ";
const STAMP: usize = 12;
const PLAIN: usize = CLAIM + STAMP;
const PROLOGUE: usize = DOMAIN.len() + 4 + PLAIN;

/// Whose keys these are.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'a> {
    pub(crate) own: &'a StaticKey,
    pub(crate) peer: &'a PublicKey,
}

/// An initiation that was sent and not answered yet.
pub(crate) struct Waiting {
    number: u32,
    state: HandshakeState,
}

/// What an authentic initiation brought about at the responder.
pub(crate) struct Answered {
    pub(crate) answer: Datagram,
    pub(crate) session: Session,
}

/// The initiator's message.
pub(crate) fn initiate(
    claim: &Claim,
    keys: Keys<'_>,
    now: Instant,
    entropy: &mut dyn Entropy,
) -> Result<(Waiting, Datagram), NotBegun> {
    let mut number = [0; 4];
    entropy.fill(&mut number)?;
    let number = u32::from_le_bytes(number);
    let plain = encode_plain(claim, now);
    let mut state = begin(End::Initiator, number, &plain, keys, entropy)?;
    let header = Header { kind: Kind::Initiation, session: number, counter: 0 };
    let datagram = header.with_body(|body| {
        let (into, rest) = body.split_first_chunk_mut::<PLAIN>().ok_or(snow::Error::Input)?;
        *into = plain;
        state.write_message(&[], rest).map(|length| length.saturating_add(PLAIN))
    });
    Ok((Waiting { number, state }, datagram.ok_or(NotBegun::Refused)?))
}

/// What the initiator of `body` claims and when; `None` for what is no initiation.
pub(crate) fn stated(body: &[u8]) -> Option<(Claim, Instant)> {
    let (claim, rest) = body.split_first_chunk::<CLAIM>()?;
    let (stamp, _) = rest.split_first_chunk::<STAMP>()?;
    Some((Claim::decode(claim)?, decode_stamp(*stamp)))
}

/// The responder's work on the `body` that [`stated`] something.
pub(crate) fn answer(
    verdict: Option<Mismatch>,
    keys: Keys<'_>,
    header: Header,
    body: &[u8],
    now: Instant,
    entropy: &mut dyn Entropy,
) -> Result<Answered, Ignored> {
    let (plain, sealed) = body.split_first_chunk::<PLAIN>().ok_or(Ignored::Malformed)?;
    let mut state = begin(End::Responder, header.session, plain, keys, entropy)
        .map_err(|_| Ignored::NoEntropy)?;
    let mut payload = [0; DATAGRAM_MAX];
    let length = state.read_message(sealed, &mut payload).map_err(|_| Ignored::Forged)?;
    if length != 0 {
        return Err(Ignored::Unreadable);
    }
    let header = Header { kind: Kind::Answer, session: header.session, counter: 0 };
    let answer = header
        .with_body(|body| state.write_message(&[verdict_code(verdict)], body))
        .ok_or(Ignored::NoEntropy)?;
    let session = Session::of(state, now).ok_or(Ignored::NoEntropy)?;
    Ok(Answered { answer, session })
}

impl Waiting {
    /// Whether an answer with this header answers this initiation.
    pub(crate) const fn asked(&self, header: Header) -> bool {
        self.number == header.session
    }

    /// Reads the answer: the responder's verdict. A forged answer changes nothing, and the true one
    /// may still come.
    pub(crate) fn read(&mut self, body: &[u8]) -> Result<Option<Mismatch>, Ignored> {
        let mut payload = [0; DATAGRAM_MAX];
        let read = self.state.read_message(body, &mut payload).map_err(|_| Ignored::Forged)?;
        match payload.get(..read) {
            Some([verdict]) => verdict_of(*verdict).map_err(|()| Ignored::Unreadable),
            _ => Err(Ignored::Unreadable),
        }
    }

    /// The session, after an answer was read.
    pub(crate) fn session(self, now: Instant) -> Option<Session> {
        Session::of(self.state, now)
    }
}

fn begin(
    end: End,
    number: u32,
    plain: &[u8; PLAIN],
    keys: Keys<'_>,
    entropy: &mut dyn Entropy,
) -> Result<HandshakeState, NotBegun> {
    let mut prologue = [0; PROLOGUE];
    join(&mut prologue, &[DOMAIN, &number.to_le_bytes(), plain]);
    noise::handshake(noise::SESSION, end, keys.own, Some(keys.peer), &prologue, entropy)
}

fn encode_plain(claim: &Claim, now: Instant) -> [u8; PLAIN] {
    let mut bytes = [0; PLAIN];
    let (boot, millis) = (now.boot.to_le_bytes(), now.millis.to_le_bytes());
    join(&mut bytes, &[&claim.encode(), &boot, &millis]);
    bytes
}

fn decode_stamp([a, b, c, d, e, f, g, h, i, j, k, l]: [u8; STAMP]) -> Instant {
    let boot = u32::from_le_bytes([a, b, c, d]);
    let millis = u64::from_le_bytes([e, f, g, h, i, j, k, l]);
    Instant { boot, millis }
}
