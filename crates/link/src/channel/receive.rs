//! What becomes of a datagram.

use super::backoff::{Backoff, reached};
use super::{Channel, Ignored};
use crate::claim::{Claim, Mismatch};
use crate::handshake;
use crate::keys::Entropy;
use crate::message::{Echo, Envelope, Hello, Message};
use crate::noise::End;
use crate::replay_window::Freshness;
use crate::session::{Session, could_be_sealed};
use crate::wire::{DATAGRAM_MAX, HEADER, Header, Kind};
use homeostat_record::{Instant, Span};

/// A message of the paired peer: authentic, in its contract, and never given out before. A channel alone
/// makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// What it says.
    pub message: Message,
    /// The number of its session.
    pub session: u32,
    /// Whether it is the first of its session: the peer was started anew, or the keys were.
    pub first: bool,
    /// When it was sent, by the peer's clock.
    pub sent: Instant,
    /// How old it is at most, by this party's clock alone; `None` while the peer has heard nothing
    /// of this boot.
    pub age_at_most: Option<Span>,
}

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The peer said something.
    Message(Received),
    /// A session was established by the peer's answer.
    Established,
    /// A step of a handshake: [`Channel::poll`] may have something to send.
    Progress,
    /// The peer refused this party, authentically.
    RefusedByPeer(Mismatch),
    /// Ignored and counted.
    Ignored(Ignored),
}

/// Where a session stands in a channel.
#[derive(Clone, Copy)]
enum Place {
    Current,
    Previous,
    Pending,
}

impl Channel {
    /// Takes a datagram. Nothing changes but counters unless it is authentic, fresh and expected.
    pub fn receive(&mut self, now: Instant, datagram: &[u8], entropy: &mut dyn Entropy) -> Event {
        self.retire(now);
        let Some((header, body)) = Header::decode(datagram) else {
            return self.ignore(now, Ignored::Malformed);
        };
        let outcome = match (header.kind, self.settings.end) {
            (Kind::Sealed, _) => self.sealed(now, header, body).map(Event::Message),
            (Kind::Initiation, End::Responder) => {
                self.initiation(now, header, body, datagram, entropy)
            }
            (Kind::Answer, End::Initiator) => self.answer(now, header, datagram),
            (Kind::Knock, End::Initiator) => self.knocked(now, header, body),
            _ => Err(Ignored::Foreign),
        };
        outcome.unwrap_or_else(|reason| self.ignore(now, reason))
    }

    fn ignore(&mut self, now: Instant, reason: Ignored) -> Event {
        self.counters.count(reason);
        if reason == Ignored::Forged {
            self.suspicion.forged(now);
        }
        Event::Ignored(reason)
    }

    /// The body of a handshake message that has passed the gate.
    fn through_gate<'a>(
        &mut self,
        now: Instant,
        header: Header,
        datagram: &'a [u8],
    ) -> Result<&'a [u8], Ignored> {
        if header.counter != 0 {
            return Err(Ignored::Malformed);
        }
        if !self.openings.take(now) {
            return Err(Ignored::OverRate);
        }
        let opened = self.gate.open(datagram).ok_or(Ignored::Forged)?;
        opened.get(HEADER..).ok_or(Ignored::Malformed)
    }

    fn initiation(
        &mut self,
        now: Instant,
        header: Header,
        body: &[u8],
        datagram: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Event, Ignored> {
        let (claim, stamp) = handshake::stated(body).ok_or(Ignored::Malformed)?;
        let verdict = self.claim.mismatch(&claim);
        let body = self.through_gate(now, header, datagram).map_err(|reason| {
            // Who does not even claim to be the peer forges nothing: another patient's device.
            let stranger = verdict.is_some() && reason == Ignored::Forged;
            if stranger { Ignored::Foreign } else { reason }
        })?;
        if self.newest.is_some_and(|newest| stamp <= newest) {
            return Err(Ignored::Replayed);
        }
        if !self.handshakes.take(now) {
            return Err(Ignored::OverRate);
        }
        let answered = handshake::answer(verdict, self.keys(), header, body, now, entropy)?;
        self.newest = Some(stamp);
        if verdict.is_none() && self.place_of(answered.session.id).is_some() {
            // One chance in four thousand million: the initiator tries again.
            return Ok(Event::Progress);
        }
        self.outbox = self.gate.close(&answered.answer);
        if let Some(mismatch) = verdict {
            return Err(Ignored::Mismatch(mismatch));
        }
        // Somebody is there: no need to knock for now.
        self.handshake = Backoff::resting(now, self.settings.timing.retry_first);
        // Only the initiator makes newer ones: a pending session is replaced by its own will alone.
        self.pending = Some(answered.session);
        Ok(Event::Progress)
    }

    fn answer(&mut self, now: Instant, header: Header, datagram: &[u8]) -> Result<Event, Ignored> {
        if !self.waiting.as_ref().is_some_and(|waiting| waiting.asked(header)) {
            return Err(Ignored::Foreign);
        }
        let body = self.through_gate(now, header, datagram)?;
        if !self.handshakes.take(now) {
            return Err(Ignored::OverRate);
        }
        let waiting = self.waiting.as_mut().ok_or(Ignored::Foreign)?;
        let verdict = waiting.read(body)?;
        let Some(session) = self.waiting.take().and_then(|waiting| waiting.session(now)) else {
            return Err(Ignored::Unreadable);
        };
        if let Some(mismatch) = verdict {
            self.counters.count(Ignored::Mismatch(mismatch));
            return Ok(Event::RefusedByPeer(mismatch));
        }
        if self.place_of(session.id).is_some() {
            return Ok(Event::Progress);
        }
        let before = self.current.replace(session);
        let older = core::mem::replace(&mut self.previous, before);
        self.end(older);
        self.unproved = true;
        self.heard = Some(now);
        self.knocked = None;
        self.handshake = Backoff::resting(now, self.settings.timing.retry_first);
        self.hello = Some(Backoff::new(now, self.settings.timing.retry_first));
        Ok(Event::Established)
    }

    fn knocked(&mut self, now: Instant, header: Header, body: &[u8]) -> Result<Event, Ignored> {
        if header.counter != 0 || header.session != 0 || !body.is_empty() {
            return Err(Ignored::Malformed);
        }
        // Anyone can knock: seldom enough it costs nothing, and the live session stays.
        let again = self.last_knock.map(|last| last.after(self.settings.timing.retry_max));
        if again.is_some_and(|again| !reached(now, again)) {
            return Err(Ignored::OverRate);
        }
        self.last_knock = Some(now);
        self.knocked = Some(now);
        Ok(Event::Progress)
    }

    fn sealed(&mut self, now: Instant, header: Header, body: &[u8]) -> Result<Received, Ignored> {
        let Some(place) = self.place_of(header.session) else {
            return Err(if self.ended.contains(&Some(header.session)) {
                Ignored::Late
            } else if self.current.is_none() {
                Ignored::Early
            } else {
                Ignored::Foreign
            });
        };
        if !could_be_sealed(body.len()) {
            return Err(Ignored::Malformed);
        }
        // What needs no cryptography comes first and costs the peer nothing of its rate.
        let judged = self.slot(place).as_ref().map(|session| session.judge(header.counter));
        match judged {
            Some(Freshness::Fresh) => {}
            Some(Freshness::Replayed) => return Err(Ignored::Replayed),
            Some(Freshness::Late) | None => return Err(Ignored::Late),
        }
        if !self.openings.take(now) {
            return Err(Ignored::OverRate);
        }
        let mut text = [0; DATAGRAM_MAX];
        let session = self.slot(place).as_mut().ok_or(Ignored::Late)?;
        let (text, lost) = session.open(header.counter, body, &mut text).ok_or(Ignored::Forged)?;
        self.monitor.lost(lost);
        let first = self.proved(now, place);
        self.authentic(now, header.session, first, text)
    }

    /// An authentic message of this session came: the peer holds it. Whether that is news.
    fn proved(&mut self, now: Instant, place: Place) -> bool {
        self.heard = Some(now);
        match place {
            Place::Pending => {
                let proved = self.pending.take();
                let before = core::mem::replace(&mut self.current, proved);
                self.end(before);
                self.handshake = Backoff::resting(now, self.settings.timing.retry_first);
                true
            }
            Place::Current => {
                let before = self.previous.take();
                self.end(before);
                core::mem::take(&mut self.unproved)
            }
            Place::Previous => false,
        }
    }

    fn authentic(
        &mut self,
        now: Instant,
        session: u32,
        first: bool,
        text: &[u8],
    ) -> Result<Received, Ignored> {
        let Envelope { sent, echo, message } =
            Envelope::decode(text).map_err(|_| Ignored::Unreadable)?;
        let content = message.content();
        if !self.settings.incoming.carries.has(content) {
            return Err(Ignored::OutOfContract);
        }
        if let Message::Hello(hello) = &message {
            self.greeted(now, hello)?;
        }
        if first || self.peer_time.is_none_or(|(newest, _)| newest < sent) {
            self.peer_time = Some((sent, now));
        }
        let age_at_most = echo.and_then(|echo| age_at_most(now, echo));
        self.monitor.heard(now, content, age_at_most);
        Ok(Received { message, session, first, sent, age_at_most })
    }

    /// The peer says who it is: it must still be whom the handshake named.
    fn greeted(&mut self, now: Instant, hello: &Hello) -> Result<(), Ignored> {
        let stated = match self.settings.end {
            End::Initiator => Claim { responder: hello.party, ..self.claim },
            End::Responder => Claim { initiator: hello.party, ..self.claim },
        };
        let stated = Claim { protocol: hello.protocol, therapy: hello.therapy, ..stated };
        if let Some(mismatch) = self.claim.mismatch(&stated) {
            return Err(Ignored::Mismatch(mismatch));
        }
        match self.settings.end {
            End::Initiator => self.hello = None,
            // The hello is returned as often as it comes.
            End::Responder => self.outbox = self.say_hello(now).ok(),
        }
        Ok(())
    }

    fn place_of(&self, id: u32) -> Option<Place> {
        let is = |slot: &Option<Session>| slot.as_ref().is_some_and(|session| session.id == id);
        if is(&self.current) {
            Some(Place::Current)
        } else if is(&self.pending) {
            Some(Place::Pending)
        } else {
            is(&self.previous).then_some(Place::Previous)
        }
    }

    const fn slot(&mut self, place: Place) -> &mut Option<Session> {
        match place {
            Place::Current => &mut self.current,
            Place::Previous => &mut self.previous,
            Place::Pending => &mut self.pending,
        }
    }
}

/// One part in so many: no clock of a peer runs faster or slower than that against another.
const DRIFT: u64 = 1_000;
/// What two clocks that count whole milliseconds hide, in milliseconds.
const ROUNDING: u64 = 2;

/// The peer sent its message after it had held our stamp for a while: the message is no older than
/// the rest of the time since then. `None` when the stamp is not of this boot or says the impossible.
fn age_at_most(now: Instant, echo: Echo) -> Option<Span> {
    let since = now.since(echo.stamp)?.as_millis();
    let held = echo.held.as_millis();
    let surely_held = held.saturating_sub(held / DRIFT);
    let age = since.saturating_add(ROUNDING).checked_sub(surely_held)?;
    Some(Span::from_millis(age))
}
