//! How two paired parties get a session (Noise KK): one message each way.
//!
//! ```text
//! initiation  claim in plain | e, es, ss, {boot u32, millis u64 of the initiator}
//! answer      e, ee, se, {verdict u8}
//! ```
//! The prologue binds the initiator's number for the handshake and the claim. The initiator's time
//! grows from one handshake to the next, so that an old initiation that somebody kept is known for
//! what it is.

use crate::claim::{CLAIM, Claim, Mismatch, verdict_code, verdict_of};
use crate::counters::Ignored;
use crate::keys::{Entropy, PublicKey, StaticKey};
use crate::noise::{self, End, NotBegun};
use crate::session::Session;
use crate::wire::{DATAGRAM_MAX, Datagram, Header, Kind};
use homeostat_record::Instant;
use snow::HandshakeState;

const DOMAIN: &[u8; 17] = b"homeostat-link/1 ";
const PROLOGUE: usize = DOMAIN.len() + 4 + CLAIM;
const STAMP: usize = 12;

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
    pub(crate) stamp: Instant,
    pub(crate) verdict: Option<Mismatch>,
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
    let claim = claim.encode();
    let mut state = begin(End::Initiator, number, &claim, keys, entropy)?;
    let header = Header { kind: Kind::Initiation, session: number, counter: 0 };
    let datagram = header.with_body(|body| {
        let (plain, rest) = body.split_first_chunk_mut::<CLAIM>().ok_or(snow::Error::Input)?;
        *plain = claim;
        state.write_message(&encode_stamp(now), rest).map(|length| length.saturating_add(CLAIM))
    });
    Ok((Waiting { number, state }, datagram.ok_or(NotBegun::Refused)?))
}

/// The responder's work on `body`. `newest` is the time of the newest initiation that was taken.
pub(crate) fn answer(
    expected: &Claim,
    keys: Keys<'_>,
    header: Header,
    body: &[u8],
    newest: Option<Instant>,
    now: Instant,
    entropy: &mut dyn Entropy,
) -> Result<Answered, Ignored> {
    let (plain, sealed) = body.split_first_chunk::<CLAIM>().ok_or(Ignored::Malformed)?;
    let claim = Claim::decode(plain).ok_or(Ignored::Malformed)?;
    let verdict = expected.mismatch(&claim);
    // Who does not even claim to be the peer forges nothing: another patient's device nearby.
    let unauthentic = if verdict.is_none() { Ignored::Forged } else { Ignored::Foreign };
    let mut state = begin(End::Responder, header.session, plain, keys, entropy)
        .map_err(|_| Ignored::NoEntropy)?;
    let mut payload = [0; DATAGRAM_MAX];
    let length = state.read_message(sealed, &mut payload).map_err(|_| unauthentic)?;
    let stamp = payload.get(..length).and_then(decode_stamp).ok_or(Ignored::Unreadable)?;
    if newest.is_some_and(|newest| stamp <= newest) {
        return Err(Ignored::Replayed);
    }
    let header = Header { kind: Kind::Answer, session: header.session, counter: 0 };
    let answer = header
        .with_body(|body| state.write_message(&[verdict_code(verdict)], body))
        .ok_or(Ignored::NoEntropy)?;
    let session = Session::of(state, now).ok_or(Ignored::NoEntropy)?;
    Ok(Answered { stamp, verdict, answer, session })
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
    claim: &[u8; CLAIM],
    keys: Keys<'_>,
    entropy: &mut dyn Entropy,
) -> Result<HandshakeState, NotBegun> {
    let mut prologue = [0; PROLOGUE];
    let parts = DOMAIN.iter().copied().chain(number.to_le_bytes()).chain(claim.iter().copied());
    for (into, byte) in prologue.iter_mut().zip(parts) {
        *into = byte;
    }
    noise::handshake(noise::SESSION, end, keys.own, Some(keys.peer), &prologue, entropy)
}

fn encode_stamp(now: Instant) -> [u8; STAMP] {
    let [a, b, c, d] = now.boot.to_le_bytes();
    let [e, f, g, h, i, j, k, l] = now.millis.to_le_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l]
}

fn decode_stamp(bytes: &[u8]) -> Option<Instant> {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *<&[u8; STAMP]>::try_from(bytes).ok()?;
    let boot = u32::from_le_bytes([a, b, c, d]);
    let millis = u64::from_le_bytes([e, f, g, h, i, j, k, l]);
    Some(Instant { boot, millis })
}
