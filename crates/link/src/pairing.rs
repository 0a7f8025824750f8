//! How two parties that know nothing of each other come to trust: Noise XX, and six digits that two
//! people compare.
//!
//! ```text
//! commit   e | introduction A, commitment = SHA-256(domain, nonce A, static key A, introduction A)
//! answer   e, ee, s, es | introduction B, nonce B
//! reveal   s, se | nonce A
//! receipt  (empty, sealed): B has the reveal
//! code     SHA-256(domain, handshake hash, nonce A, nonce B), first 64 bits modulo 1,000,000
//! ```
//! Who stands in the middle has to fix all that he contributes on either side (nonce and static key)
//! before he sees the other's nonce, so that he cannot search for keys with which the two codes
//! agree: he is found out but for one attempt in a million. The static key is in the commitment
//! because it goes in the reveal, after the last nonce is known.
//!
//! One pairing is one attempt: a person opens it, compares, and confirms or closes it (F-K08).

mod settings;
mod words;

pub use settings::{Code, Paired, PairingEvent, PairingFault, PairingSettings};

use crate::bucket::{HANDSHAKES, TokenBucket};
use crate::channel::backoff::{Backoff, reached};
use crate::claim::Mismatch;
use crate::counters::{Counters, Ignored};
use crate::keys::{Entropy, NoEntropy};
use crate::message::{PROTOCOL, Party};
use crate::noise::{self, End, NotBegun};
use crate::wire::{DATAGRAM_MAX, Datagram, Header, Kind, join};
use homeostat_record::Instant;
use snow::{HandshakeState, StatelessTransportState};
use words::{INTRODUCTION, Introduction, NONCE, code, commitment, remote, split_answer};

const PROLOGUE: &[u8] = b"homeostat-pairing/1";

#[allow(clippy::large_enum_variant, reason = "a person opens one pairing at a time")]
enum Stage {
    /// Initiator: the commitment is out.
    Committed {
        state: HandshakeState,
        nonce: [u8; NONCE],
        commit: Datagram,
    },
    /// Responder: nobody has come yet.
    Listening,
    /// Responder: the answer is out.
    Answered {
        state: HandshakeState,
        nonce: [u8; NONCE],
        introduction: Introduction,
        commitment: [u8; 32],
        commit: Datagram,
        answer: Datagram,
    },
    /// Both: the people compare.
    Compared {
        agreed: Agreed,
        transport: StatelessTransportState,
        repeat: Datagram,
    },
    Ended(PairingFault),
}

#[derive(Clone, Copy)]
struct Agreed {
    code: Code,
    paired: Paired,
}

/// A pairing under way.
pub struct Pairing {
    settings: PairingSettings,
    until: Instant,
    /// The initiator's number for this pairing.
    number: u32,
    stage: Stage,
    /// The initiator repeats what was not answered.
    repeats: Option<Backoff>,
    outbox: Option<Datagram>,
    handshakes: TokenBucket,
    counters: Counters,
}

impl Pairing {
    /// Opens a pairing. One with settings of no use has ended already.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn open(
        settings: PairingSettings,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, NoEntropy> {
        let repeats =
            matches!(settings.end, End::Initiator).then(|| Backoff::new(now, settings.retry_first));
        let mut pairing = Self {
            until: now.after(settings.open_for),
            number: 0,
            stage: Stage::Listening,
            repeats,
            outbox: None,
            handshakes: TokenBucket::new(HANDSHAKES, now),
            counters: Counters::default(),
            settings,
        };
        if !pairing.settings.is_sound() {
            pairing.stage = Stage::Ended(PairingFault::Unusable);
        } else if pairing.settings.end == End::Initiator {
            pairing.stage = match pairing.commit(entropy) {
                Ok(stage) => stage,
                Err(NotBegun::NoEntropy) => return Err(NoEntropy),
                Err(NotBegun::Refused) => Stage::Ended(PairingFault::Unusable),
            };
        }
        Ok(pairing)
    }

    /// What is to be sent now.
    pub fn poll(&mut self, now: Instant) -> Option<Datagram> {
        self.expire(now);
        if let Some(datagram) = self.outbox.take() {
            return Some(datagram);
        }
        let repeat = match &self.stage {
            Stage::Committed { commit, .. } => *commit,
            Stage::Compared { repeat, .. } => *repeat,
            Stage::Listening | Stage::Answered { .. } | Stage::Ended(_) => return None,
        };
        let longest = self.settings.retry_max;
        self.repeats.as_mut()?.fires(now, longest).then_some(repeat)
    }

    /// When [`poll`](Self::poll) has something to do at the latest.
    #[must_use]
    pub fn next_wake(&self) -> Instant {
        self.repeats.as_ref().map_or(self.until, |repeats| Ord::min(repeats.due(), self.until))
    }

    /// Takes a datagram.
    pub fn receive(
        &mut self,
        now: Instant,
        datagram: &[u8],
        entropy: &mut dyn Entropy,
    ) -> PairingEvent {
        self.expire(now);
        if let Stage::Ended(fault) = self.stage {
            return PairingEvent::Failed(fault);
        }
        let Some((header, body)) = Header::decode(datagram).filter(|(h, _)| h.counter == 0) else {
            return self.ignore(Ignored::Malformed);
        };
        let outcome = match (header.kind, self.settings.end) {
            (Kind::PairingCommit, End::Responder) => self.committed(now, header, body, entropy),
            (Kind::PairingAnswer, End::Initiator) => self.answered(now, header, body),
            (Kind::PairingReveal, End::Responder) => self.revealed(now, header, body),
            (Kind::PairingReceipt, End::Initiator) => self.received(now, header, body),
            _ => Err(Ignored::Foreign),
        };
        outcome.unwrap_or_else(|reason| self.ignore(reason))
    }

    /// The code, when both ends have what it is made of.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match &self.stage {
            Stage::Compared { agreed, .. } => Some(agreed.code),
            _ => None,
        }
    }

    /// A person says that the codes are the same: what is to be kept. The pairing stays open until it
    /// is dropped, for the sake of a peer that missed the last message.
    ///
    /// # Errors
    /// When the pairing has ended, or ran out of time, or has no code yet.
    pub fn confirm(&mut self, now: Instant) -> Result<Paired, PairingFault> {
        self.expire(now);
        match &self.stage {
            Stage::Compared { agreed, .. } => Ok(agreed.paired),
            Stage::Ended(fault) => Err(*fault),
            _ => Err(PairingFault::TimedOut),
        }
    }

    /// What was ignored.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    fn ignore(&mut self, reason: Ignored) -> PairingEvent {
        self.counters.count(reason);
        PairingEvent::Ignored(reason)
    }

    fn expire(&mut self, now: Instant) {
        if reached(now, self.until) && !matches!(self.stage, Stage::Ended(_)) {
            self.end(PairingFault::TimedOut);
        }
    }

    fn end(&mut self, fault: PairingFault) -> PairingEvent {
        self.stage = Stage::Ended(fault);
        PairingEvent::Failed(fault)
    }

    fn introduction(&self) -> Introduction {
        let Self { settings: PairingSettings { me, therapy, .. }, .. } = self;
        Introduction { protocol: PROTOCOL, party: *me, therapy: *therapy }
    }

    /// The first thing in which a stranger does not fit.
    fn misfit(&self, stranger: &Introduction) -> Option<Mismatch> {
        if stranger.protocol != PROTOCOL {
            Some(Mismatch::Protocol)
        } else if stranger.therapy != self.settings.therapy {
            Some(Mismatch::Therapy)
        } else if stranger.party.part != self.settings.peer {
            Some(Mismatch::Part)
        } else {
            None
        }
    }

    fn commit(&mut self, entropy: &mut dyn Entropy) -> Result<Stage, NotBegun> {
        let mut number = [0; 4];
        let mut nonce = [0; NONCE];
        entropy.fill(&mut number)?;
        entropy.fill(&mut nonce)?;
        self.number = u32::from_le_bytes(number);
        let mut state = self.handshake(entropy)?;
        let introduction = self.introduction().encode();
        let commitment = commitment(&nonce, &self.settings.key.public(), &introduction);
        let mut payload = [0; INTRODUCTION + 32];
        join(&mut payload, &[&introduction, &commitment]);
        let header = Header { kind: Kind::PairingCommit, session: self.number, counter: 0 };
        let commit = header.with_body(|body| state.write_message(&payload, body));
        Ok(Stage::Committed { state, nonce, commit: commit.ok_or(NotBegun::Refused)? })
    }

    fn handshake(&self, entropy: &mut dyn Entropy) -> Result<HandshakeState, NotBegun> {
        let PairingSettings { end, key, .. } = &self.settings;
        noise::handshake(noise::PAIRING, *end, key, None, PROLOGUE, entropy)
    }

    /// Responder: somebody commits himself.
    fn committed(
        &mut self,
        now: Instant,
        header: Header,
        body: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<PairingEvent, Ignored> {
        let whole = header.with_body(|into| copy_into(into, body)).ok_or(Ignored::Malformed)?;
        match &self.stage {
            Stage::Listening => {}
            Stage::Answered { commit, answer, .. } if *commit == whole => {
                self.outbox = Some(*answer);
                return Ok(PairingEvent::Progress);
            }
            _ => return Err(Ignored::Foreign),
        }
        if !self.handshakes.take(now) {
            return Err(Ignored::OverRate);
        }
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce).map_err(|NoEntropy| Ignored::NoEntropy)?;
        let mut state = self.handshake(entropy).map_err(|_| Ignored::NoEntropy)?;
        let mut payload = [0; DATAGRAM_MAX];
        let read = state.read_message(body, &mut payload).map_err(|_| Ignored::Malformed)?;
        let payload = payload.get(..read).unwrap_or(&[]);
        let (introduction, rest) =
            payload.split_first_chunk::<INTRODUCTION>().ok_or(Ignored::Malformed)?;
        let commitment = <[u8; 32]>::try_from(rest).map_err(|_| Ignored::Malformed)?;
        let introduction = Introduction::decode(introduction).ok_or(Ignored::Malformed)?;
        let mut reply = [0; INTRODUCTION + NONCE];
        join(&mut reply, &[&self.introduction().encode(), &nonce]);
        let header = Header { kind: Kind::PairingAnswer, ..header };
        let answer = header.with_body(|body| state.write_message(&reply, body));
        // A key of small order or the like.
        let answer = answer.ok_or(Ignored::Malformed)?;
        self.outbox = Some(answer);
        // Who does not fit learns why from the answer; this end goes on listening.
        if let Some(mismatch) = self.misfit(&introduction) {
            return Err(Ignored::Mismatch(mismatch));
        }
        self.number = header.session;
        let commit = whole;
        self.stage = Stage::Answered { state, nonce, introduction, commitment, commit, answer };
        Ok(PairingEvent::Progress)
    }

    /// Initiator: the answer.
    fn answered(
        &mut self,
        now: Instant,
        header: Header,
        body: &[u8],
    ) -> Result<PairingEvent, Ignored> {
        let number = self.number;
        let Stage::Committed { state, nonce, .. } = &mut self.stage else {
            return Err(Ignored::Replayed);
        };
        if header.session != number {
            return Err(Ignored::Foreign);
        }
        if !self.handshakes.take(now) {
            return Err(Ignored::OverRate);
        }
        let mut payload = [0; DATAGRAM_MAX];
        let read = state.read_message(body, &mut payload).map_err(|_| Ignored::Forged)?;
        let payload = payload.get(..read).unwrap_or(&[]);
        let nonce = *nonce;
        let Some((introduction, theirs)) = split_answer(payload) else {
            return Ok(self.end(PairingFault::Unusable));
        };
        if let Some(mismatch) = self.misfit(&introduction) {
            return Ok(self.end(PairingFault::Mismatch(mismatch)));
        }
        let Stage::Committed { mut state, .. } = self.leave() else {
            return Err(Ignored::Replayed);
        };
        let header = Header { kind: Kind::PairingReveal, session: number, counter: 0 };
        let Some(reveal) = header.with_body(|body| state.write_message(&nonce, body)) else {
            return Ok(self.end(PairingFault::Unusable));
        };
        self.repeats = Some(Backoff::new(now, self.settings.retry_first));
        Ok(self.compare(state, introduction.party, [&nonce, &theirs], |_| Some(reveal)))
    }

    /// Responder: the reveal.
    fn revealed(
        &mut self,
        now: Instant,
        header: Header,
        body: &[u8],
    ) -> Result<PairingEvent, Ignored> {
        let number = self.number;
        let (state, introduction, commitment_before, ours) = match &mut self.stage {
            Stage::Answered { state, introduction, commitment, nonce, .. } => {
                (state, *introduction, *commitment, *nonce)
            }
            // The initiator asks for its receipt again.
            Stage::Compared { repeat, .. } if header.session == number => {
                self.outbox = Some(*repeat);
                return Ok(PairingEvent::Progress);
            }
            _ => return Err(Ignored::Foreign),
        };
        if header.session != number {
            return Err(Ignored::Foreign);
        }
        if !self.handshakes.take(now) {
            return Err(Ignored::OverRate);
        }
        let mut payload = [0; DATAGRAM_MAX];
        let read = state.read_message(body, &mut payload).map_err(|_| Ignored::Forged)?;
        let Ok(theirs) = <[u8; NONCE]>::try_from(payload.get(..read).unwrap_or(&[])) else {
            return Ok(self.end(PairingFault::BrokenCommitment));
        };
        let Stage::Answered { state, .. } = self.leave() else {
            return Err(Ignored::Foreign);
        };
        let shown = remote(&state).map(|key| commitment(&theirs, &key, &introduction.encode()));
        if shown != Some(commitment_before) {
            return Ok(self.end(PairingFault::BrokenCommitment));
        }
        let header = Header { kind: Kind::PairingReceipt, session: number, counter: 0 };
        let receipt = |transport: &StatelessTransportState| {
            header.with_body(|body| transport.write_message(0, &[], body))
        };
        let event = self.compare(state, introduction.party, [&theirs, &ours], receipt);
        if let Stage::Compared { repeat, .. } = &self.stage {
            self.outbox = Some(*repeat);
        }
        Ok(event)
    }

    /// Initiator: the receipt ends the repeating.
    fn received(
        &mut self,
        now: Instant,
        header: Header,
        body: &[u8],
    ) -> Result<PairingEvent, Ignored> {
        let Stage::Compared { transport, .. } = &self.stage else { return Err(Ignored::Early) };
        if header.session != self.number {
            return Err(Ignored::Foreign);
        }
        if !self.handshakes.take(now) {
            return Err(Ignored::OverRate);
        }
        let mut payload = [0; DATAGRAM_MAX];
        transport.read_message(0, body, &mut payload).map_err(|_| Ignored::Forged)?;
        self.repeats = None;
        Ok(PairingEvent::Progress)
    }

    /// Takes the stage out; what follows puts the next one in.
    fn leave(&mut self) -> Stage {
        core::mem::replace(&mut self.stage, Stage::Ended(PairingFault::Unusable))
    }

    fn compare(
        &mut self,
        state: HandshakeState,
        peer: Party,
        [first, second]: [&[u8; NONCE]; 2],
        repeat: impl FnOnce(&StatelessTransportState) -> Option<Datagram>,
    ) -> PairingEvent {
        let code = code(state.get_handshake_hash(), first, second);
        let Some(key) = remote(&state) else { return self.end(PairingFault::Unusable) };
        if key == self.settings.key.public() {
            return self.end(PairingFault::OwnKey);
        }
        let Ok(transport) = state.into_stateless_transport_mode() else {
            return self.end(PairingFault::Unusable);
        };
        let Some(repeat) = repeat(&transport) else { return self.end(PairingFault::Unusable) };
        let paired = Paired { peer, key, therapy: self.settings.therapy };
        self.stage = Stage::Compared { agreed: Agreed { code, paired }, transport, repeat };
        PairingEvent::Compare(code)
    }
}

fn copy_into(into: &mut [u8], body: &[u8]) -> Result<usize, ()> {
    into.get_mut(..body.len()).ok_or(())?.copy_from_slice(body);
    Ok(body.len())
}

#[cfg(test)]
mod tests;
