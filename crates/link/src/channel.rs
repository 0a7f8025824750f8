//! The talk with one paired peer: handshake, sealing and opening, everything that must be ignored,
//! and the watch on the contract. Without a socket and without a clock: datagrams, times and
//! randomness are arguments.
//!
//! | the shell | calls |
//! | --- | --- |
//! | has a datagram from the peer's address | [`Channel::receive`], then [`Channel::poll`] until it gives none |
//! | has waited until [`Channel::next_wake`] | [`Channel::poll`] until it gives none |
//! | has something to say | [`Channel::send`] |
//!
//! One end, the device, begins sessions; the other can only knock. A live session is given up for a
//! new one when the peer has proved, by an authentic message, that it holds the new one: whoever
//! replays or forges handshakes changes nothing.

pub(crate) mod backoff;
mod receive;
mod settings;

pub use receive::{Event, Received};
pub use settings::{Settings, Timing, Unfit};

use crate::bucket::{HANDSHAKES, TokenBucket};
use crate::claim::Claim;
use crate::contract::{LinkState, Monitor, Tally};
use crate::counters::{Counters, Ignored, Suspicion};
use crate::gate::Gate;
use crate::handshake::{self, Keys, Waiting};
use crate::keys::Entropy;
use crate::message::{Echo, Envelope, Hello, MESSAGE_BYTES_MAX, Message, PROTOCOL};
use crate::noise::End;
use crate::session::{RENEW_AFTER_MESSAGES, Session};
use crate::wire::{Datagram, Header, Kind};
use backoff::{Backoff, reached};
use homeostat_record::Instant;

/// Numbers of ended sessions that are remembered, so that their stragglers count as late.
const ENDED: usize = 8;

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// There is no session with the peer.
    NoSession,
    /// The outgoing contract does not carry this kind.
    OutOfContract,
    /// A field means nothing: its name.
    Unsound(&'static str),
}

impl core::fmt::Display for NotSent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoSession => write!(f, "not sent: no session with the peer yet"),
            Self::OutOfContract => write!(f, "not sent: the link's contract does not carry this"),
            Self::Unsound(field) => write!(f, "not sent: {field} is out of range"),
        }
    }
}

impl core::error::Error for NotSent {}

/// The talk with one paired peer.
pub struct Channel {
    settings: Settings,
    claim: Claim,
    gate: Gate,
    /// In use, both ways.
    current: Option<Session>,
    /// At the initiator: the session before, for what is still on its way, until the peer uses the
    /// new one.
    previous: Option<Session>,
    /// At the responder: answered, not yet proved by the initiator.
    pending: Option<Session>,
    /// At the initiator: the peer has not used the present session yet.
    unproved: bool,
    ended: [Option<u32>; ENDED],
    waiting: Option<Waiting>,
    handshake: Backoff,
    /// At the initiator: when to say hello again, until the peer has.
    hello: Option<Backoff>,
    /// A peer without a session has knocked.
    knocked: Option<Instant>,
    last_knock: Option<Instant>,
    outbox: Option<Datagram>,
    /// At the responder: the time of the newest initiation.
    newest: Option<Instant>,
    /// The newest time of the peer, and when it was heard.
    peer_time: Option<(Instant, Instant)>,
    /// When anything authentic was heard.
    heard: Option<Instant>,
    monitor: Monitor,
    openings: TokenBucket,
    handshakes: TokenBucket,
    suspicion: Suspicion,
    counters: Counters,
}

impl Channel {
    /// A channel without a session.
    ///
    /// # Errors
    /// When the settings contradict themselves.
    pub fn new(settings: Settings, now: Instant) -> Result<Self, Unfit> {
        settings.check()?;
        let gate = Gate::between(&settings.key, &settings.peer_key).ok_or(Unfit::PeerKey)?;
        Ok(Self {
            claim: settings.claim(),
            gate,
            current: None,
            previous: None,
            pending: None,
            unproved: false,
            ended: [None; ENDED],
            waiting: None,
            handshake: Backoff::new(now, settings.timing.retry_first),
            hello: None,
            knocked: None,
            last_knock: None,
            outbox: None,
            newest: None,
            peer_time: None,
            heard: None,
            monitor: Monitor::new(settings.incoming, now),
            openings: TokenBucket::new(settings.incoming.rate, now),
            handshakes: TokenBucket::new(HANDSHAKES, now),
            suspicion: Suspicion::new(now),
            counters: Counters::default(),
            settings,
        })
    }

    /// What is to be sent now of the channel's own accord: handshakes, hellos, knocks.
    pub fn poll(&mut self, now: Instant, entropy: &mut dyn Entropy) -> Option<Datagram> {
        self.retire(now);
        if let Some(datagram) = self.outbox.take() {
            return Some(datagram);
        }
        if self.hello.as_mut().is_some_and(|hello| hello.fires(now, self.settings.timing.retry_max))
            && let Ok(datagram) = self.say_hello(now)
        {
            return Some(datagram);
        }
        match self.settings.end {
            End::Initiator => self.begin(now, entropy),
            End::Responder => self.knock(now),
        }
    }

    /// When [`poll`](Self::poll) has something to do at the latest, or the state of the link
    /// changes by itself. May be in the past.
    #[must_use]
    pub fn next_wake(&self, now: Instant) -> Instant {
        if self.outbox.is_some() {
            return now;
        }
        let timing = &self.settings.timing;
        let talk = match (&self.current, self.settings.end) {
            (None, _) => self.handshake.due(),
            (Some(_), End::Initiator) if self.wants_session(now) => self.handshake.due(),
            (Some(session), End::Initiator) => {
                let quiet = self.heard.unwrap_or(session.began).after(timing.quiet);
                Ord::min(session.began.after(timing.renew_after), quiet)
            }
            (Some(session), End::Responder) => session.began.after(timing.session_max),
        };
        let hello = self.hello.as_ref().map(Backoff::due);
        let others = [hello, self.monitor.changes(now)];
        others.into_iter().flatten().fold(talk, Ord::min)
    }

    /// Seals a message for the peer.
    ///
    /// # Errors
    /// [`NotSent`] says why it was not.
    pub fn send(&mut self, now: Instant, message: &Message) -> Result<Datagram, NotSent> {
        if !self.settings.outgoing.carries.has(message.content()) {
            return Err(NotSent::OutOfContract);
        }
        if let Some(field) = message.unsound() {
            return Err(NotSent::Unsound(field));
        }
        self.seal(now, message)
    }

    /// How the link stands, by what the peer's application says.
    #[must_use]
    pub fn state(&self, now: Instant) -> LinkState {
        self.monitor.state(now)
    }

    /// Whether more was lost of late than the contract tolerates.
    #[must_use]
    pub fn loses_too_much(&self) -> bool {
        self.monitor.loses_too_much()
    }

    /// What was heard, lost and too old.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.monitor.tally()
    }

    /// What was ignored.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether there were more forgeries of late than a bad radio explains:
    /// [`Cause::LinkAttacked`](homeostat_record::Cause::LinkAttacked).
    #[must_use]
    pub fn under_attack(&self, now: Instant) -> bool {
        self.suspicion.holds(now)
    }

    /// The number of the present session.
    #[must_use]
    pub fn session(&self) -> Option<u32> {
        self.current.as_ref().map(|session| session.id)
    }

    /// How the channel was set up.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    fn keys(&self) -> Keys<'_> {
        Keys { own: &self.settings.key, peer: &self.settings.peer_key }
    }

    fn seal(&mut self, now: Instant, message: &Message) -> Result<Datagram, NotSent> {
        self.retire(now);
        let echo = self
            .peer_time
            .and_then(|(stamp, heard)| now.since(heard).map(|held| Echo { stamp, held }));
        let envelope = Envelope { sent: now, echo, message: *message };
        let mut text = [0; MESSAGE_BYTES_MAX];
        let text = envelope.encode(&mut text).map_err(|_| NotSent::Unsound("length"))?;
        let session = self.current.as_mut().ok_or(NotSent::NoSession)?;
        session.seal(text).ok_or(NotSent::NoSession)
    }

    fn say_hello(&mut self, now: Instant) -> Result<Datagram, NotSent> {
        let Settings { me, therapy, software, .. } = self.settings;
        self.seal(now, &Message::Hello(Hello { protocol: PROTOCOL, party: me, therapy, software }))
    }

    /// Ends a session that is too old. Of another boot it cannot be: it lives in memory alone.
    fn retire(&mut self, now: Instant) {
        let limit = self.settings.timing.session_max;
        let over = |session: &mut Session| reached(now, session.began.after(limit));
        let slots = [&mut self.current, &mut self.previous, &mut self.pending];
        for session in slots.map(|slot| slot.take_if(over)) {
            self.end(session);
        }
    }

    /// A session is over: its stragglers count as late, and what is still missing of it as lost.
    fn end(&mut self, session: Option<Session>) {
        let Some(session) = session else { return };
        self.monitor.lost(session.missing());
        self.ended.rotate_right(1);
        if let Some(slot) = self.ended.first_mut() {
            *slot = Some(session.id);
        }
    }

    /// Whether the initiator should begin a session.
    fn wants_session(&self, now: Instant) -> bool {
        let timing = &self.settings.timing;
        let Some(session) = &self.current else { return true };
        let quiet_since = self.heard.unwrap_or(session.began);
        session.sealed() >= RENEW_AFTER_MESSAGES
            || reached(now, session.began.after(timing.renew_after))
            || reached(now, quiet_since.after(timing.quiet))
            || self.knocked.is_some()
    }

    fn begin(&mut self, now: Instant, entropy: &mut dyn Entropy) -> Option<Datagram> {
        if !self.wants_session(now) || !self.handshake.fires(now, self.settings.timing.retry_max) {
            return None;
        }
        match handshake::initiate(&self.claim, self.keys(), now, entropy) {
            Ok((waiting, datagram)) => {
                self.waiting = Some(waiting);
                self.gate.close(&datagram)
            }
            Err(_) => {
                self.counters.count(Ignored::NoEntropy);
                None
            }
        }
    }

    fn knock(&mut self, now: Instant) -> Option<Datagram> {
        let idle = self.current.is_none();
        if !idle || !self.handshake.fires(now, self.settings.timing.retry_max) {
            return None;
        }
        let header = Header { kind: Kind::Knock, session: 0, counter: 0 };
        header.with_body(|_| Ok::<usize, ()>(0))
    }
}

impl core::fmt::Debug for Channel {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Channel")
            .field("me", &self.settings.me)
            .field("peer", &self.settings.peer)
            .field("session", &self.session())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
