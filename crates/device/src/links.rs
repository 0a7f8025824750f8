//! The device's links: one channel a peer, over datagrams. What is authentic, expected and fresh goes to
//! the mailbox; everything else is counted by name and changes nothing.

use std::net::SocketAddr;

use homeostat_link::bluetooth::{ActuatorSaid, Reading, ServicePort};
use homeostat_link::contract::ContractError;
use homeostat_link::{
    Cadence, Channel, Contract, Datagram, End, Entropy, Event, Ignored, LinkState, Message,
    Mismatch, NotSent, Paired, Part, Party, Received, Settings, StaticKey, Therapy, Timing, Unfit,
};
use homeostat_record::{
    ActuatorStatus, Bytes, Cause, CauseSet, FRAME_BYTES_MAX, Instant, Order, SensorFrame, Span,
    Steps,
};

use crate::mailbox::Mailbox;

/// A peer as it was paired, where it is, and how often it speaks.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Who it is.
    pub paired: Paired,
    /// Where its datagrams come from and go to.
    pub address: SocketAddr,
    /// How often it speaks.
    pub speaks: Cadence,
    /// How often this device speaks to it.
    pub hears: Cadence,
    /// It speaks in the words of its Bluetooth service: a sensor instead of frames, an actuator besides
    /// its reports.
    pub bluetooth: bool,
}

/// This device, for its peers.
#[derive(Clone, Debug)]
pub struct Own {
    /// Who it is.
    pub party: Party,
    /// Its secret.
    pub key: StaticKey,
    /// The therapy.
    pub therapy: Therapy,
    /// Name and version of its software.
    pub software: Bytes<{ homeostat_link::message::SOFTWARE_BYTES_MAX }>,
}

/// Why a link cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Its numbers contradict themselves.
    #[error("the link to {peer:?}: {error}")]
    Contract {
        /// The peer.
        peer: Party,
        /// What is wrong.
        error: ContractError,
    },
    /// The two parties do not fit.
    #[error("the link to {peer:?}: {error}")]
    Unfit {
        /// The peer.
        peer: Party,
        /// What is wrong.
        error: Unfit,
    },
    /// A device has sensors and actuators and nothing else.
    #[error("{0:?} is not a peer of a device")]
    Part(Party),
}

/// One link.
pub struct Link {
    channel: Channel,
    address: SocketAddr,
    part: Part,
    said: Instant,
    says_every: Span,
    refused: Option<Mismatch>,
    /// The Bluetooth service that the peer speaks in, if it does.
    service: Option<ServicePort>,
    /// What is to be said in answer.
    answer: Option<Message>,
}

/// How a link is, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkShown {
    /// The peer.
    pub peer: Party,
    /// Live, late or silent.
    pub state: LinkState,
    /// More is lost than the contract bears.
    pub loses_too_much: bool,
    /// The peer does not fit, and why.
    pub refused: Option<Mismatch>,
    /// Datagrams ignored, by name.
    pub ignored: Vec<(Ignored, u64)>,
    /// Messages that came too late, or whose age nobody can tell.
    pub aged: u64,
    /// It was told to stop, and has not confirmed it.
    pub stopping: bool,
    /// Values of its Bluetooth service that could not be used.
    pub unusable: u64,
    /// What an actuator's service says of it.
    pub said: Option<ActuatorSaid>,
}

impl Link {
    /// The link to a peer.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn new(own: &Own, peer: &Peer, now: Instant) -> Result<Self, LinkError> {
        let party = peer.paired.peer;
        let contract = |error| LinkError::Contract { peer: party, error };
        let (incoming, outgoing) = match party.part {
            Part::Sensor => (Contract::frames(peer.speaks), Contract::echoes(peer.hears)),
            Part::Actuator => (Contract::reports(peer.speaks), Contract::orders(peer.hears)),
            Part::Device => return Err(LinkError::Part(party)),
        };
        let (mut incoming, mut outgoing) =
            (incoming.map_err(contract)?, outgoing.map_err(contract)?);
        let service = ServicePort::of(party.part, party.identity, peer.speaks.period);
        let service = service.filter(|_| peer.bluetooth);
        if peer.bluetooth {
            (incoming, outgoing) = (incoming.in_bluetooth(), outgoing.in_bluetooth());
        }
        let settings = Settings {
            end: End::Initiator,
            me: own.party,
            peer: party,
            therapy: own.therapy,
            software: own.software,
            key: own.key.clone(),
            peer_key: peer.paired.key,
            incoming,
            outgoing,
            timing: Timing::for_period(peer.speaks.period),
        };
        let unfit = |error| LinkError::Unfit { peer: party, error };
        Ok(Self {
            channel: Channel::new(settings, now).map_err(unfit)?,
            address: peer.address,
            part: party.part,
            said: now,
            says_every: peer.hears.period,
            refused: None,
            service,
            answer: None,
        })
    }

    /// A frame that was held back says nothing of now (COM-04): the link counts it, and falls silent.
    fn is_too_old(&self, received: &Received) -> bool {
        let most = self.channel.settings().incoming.cadence.latency;
        received.age_at_most.is_none_or(|age| age > most)
    }

    /// What a Bluetooth service said. Gives whether a sensor's newest value came in.
    fn hear(&mut self, now: Instant, received: &Received, mailbox: &mut Mailbox) -> bool {
        // A pump's history says itself of when it is.
        let late = self.part == Part::Sensor && self.is_too_old(received);
        let Some(port) = self.service.as_mut().filter(|_| !late) else { return false };
        let mut newest = false;
        let answer = port.hear(received, &mut |reading| match reading {
            Reading::Now(frame) => {
                newest = true;
                mailbox.frame(now, of_frame(&frame));
            }
            Reading::Stored(frame) => mailbox.stored(now, of_frame(&frame)),
        });
        self.answer = answer.or(self.answer);
        newest
    }
}

/// A frame is half as long as what holds it.
fn of_frame(frame: &SensorFrame) -> Bytes<FRAME_BYTES_MAX> {
    Bytes::copy_of(&frame.encode()).unwrap_or_default()
}

/// All links of a device.
pub struct Links {
    links: Vec<Link>,
    stopping: Option<Stopping>,
}

/// A stop that no actuator has confirmed yet.
#[derive(Clone, Copy, Debug)]
struct Stopping {
    since: Instant,
    again: Instant,
}

/// How often a stop is said, and for how long where no actuator measures its flow: beyond that, whoever
/// stands at the actuator says whether it goes on with its own programme.
const STOP_EVERY: Span = Span::from_seconds(1);
const STOP_FOR: Span = Span::from_minutes(5);

impl Links {
    /// These links.
    #[must_use]
    pub const fn new(links: Vec<Link>) -> Self {
        Self { links, stopping: None }
    }

    /// Takes a datagram of a peer; one of anybody else is nothing. Gives whether a sensor's frame came in.
    pub fn receive(
        &mut self,
        now: Instant,
        from: SocketAddr,
        datagram: &[u8],
        entropy: &mut dyn Entropy,
        mailbox: &mut Mailbox,
    ) -> bool {
        let Some(link) = self.links.iter_mut().find(|link| link.address == from) else {
            return false;
        };
        match link.channel.receive(now, datagram, entropy) {
            Event::Message(received) => {
                link.refused = None;
                if link.hear(now, &received, mailbox) {
                    return true;
                }
                match received.message {
                    Message::Frame(bytes) => {
                        if link.is_too_old(&received) {
                            return false;
                        }
                        // When it was taken is in the frame; when it arrived is the device's to say.
                        mailbox.frame(now, bytes);
                        return true;
                    }
                    Message::Report(report) => {
                        let stopped = report.status == ActuatorStatus::Stopped;
                        // Said after it was told so, not before.
                        self.stopping.take_if(|stopping| {
                            let since = now.since(stopping.since);
                            stopped && received.age_at_most.is_some_and(|age| since >= Some(age))
                        });
                        mailbox.report(report.received(now));
                    }
                    Message::Hello(_)
                    | Message::Refused { .. }
                    | Message::Alive
                    | Message::Supplies(_)
                    | Message::Value { .. }
                    | Message::Order(_)
                    | Message::Stop => {}
                }
            }
            Event::RefusedByPeer(mismatch) | Event::Ignored(Ignored::Mismatch(mismatch)) => {
                link.refused = Some(mismatch);
            }
            Event::Established | Event::Progress | Event::Ignored(_) => {}
        }
        false
    }

    /// What is to be sent now without being asked: handshakes, and a word to each peer once in its
    /// period.
    pub fn poll(
        &mut self,
        now: Instant,
        entropy: &mut dyn Entropy,
        send: &mut dyn FnMut(SocketAddr, &Datagram),
    ) {
        for link in &mut self.links {
            // Bounded: a channel has few things to say at one instant.
            for _ in 0..4 {
                let Some(datagram) = link.channel.poll(now, entropy) else { break };
                send(link.address, &datagram);
            }
            let answer = link.answer.take().map(|answer| link.channel.send(now, &answer));
            if let Some(Ok(datagram)) = answer {
                send(link.address, &datagram);
            }
            let due = now.since(link.said).is_none_or(|since| since >= link.says_every);
            if link.part == Part::Sensor && due {
                link.said = now;
                if let Ok(datagram) = link.channel.send(now, &Message::Alive) {
                    send(link.address, &datagram);
                }
            }
        }
        self.say_stop(now, send);
    }

    /// Sends an order to the actuator. It may be begun for as long as it does in the record.
    ///
    /// # Errors
    /// Why the actuator will not hear it: its lease runs out by itself (ACT-06).
    pub fn order(
        &mut self,
        now: Instant,
        order: &Order,
        send: &mut dyn FnMut(SocketAddr, &Datagram),
    ) -> Result<(), NotSent> {
        let valid_for = order.expires.since(now).unwrap_or(Span::ZERO);
        let Order { id, steps, requested, .. } = *order;
        let order = homeostat_link::Order { id, valid_for, steps, requested };
        let told = self.tell(now, &Message::Order(order), send);
        // One that gives nothing may be lost too: it does not end a stop.
        if told.is_ok() && steps.iter().any(|steps| *steps > Steps::ZERO) {
            self.stopping = None;
        }
        told
    }

    /// Tells the actuator to stop, at once and whatever else is under way, and again until it confirms
    /// by its measured flow, or an order that gives something is sent (ACT-10, ACT-11). Gives
    /// whether it could be told now.
    pub fn stop(&mut self, now: Instant, send: &mut dyn FnMut(SocketAddr, &Datagram)) -> bool {
        self.stopping = Some(Stopping { since: now, again: now });
        self.say_stop(now, send)
    }

    fn say_stop(&mut self, now: Instant, send: &mut dyn FnMut(SocketAddr, &Datagram)) -> bool {
        self.stopping.take_if(|stopping| now.since(stopping.since).is_none_or(|f| f > STOP_FOR));
        match self.stopping.as_mut().filter(|stopping| now >= stopping.again) {
            Some(stopping) => {
                stopping.again = now.after(STOP_EVERY);
                // Without a session, the next try may have one.
                self.tell(now, &Message::Stop, send).is_ok()
            }
            None => false,
        }
    }

    fn tell(
        &mut self,
        now: Instant,
        message: &Message,
        send: &mut dyn FnMut(SocketAddr, &Datagram),
    ) -> Result<(), NotSent> {
        let mut outcome = Err(NotSent::NoSession);
        for link in self.links.iter_mut().filter(|link| link.part == Part::Actuator) {
            outcome = link.channel.send(now, message).map(|datagram| {
                link.said = now;
                send(link.address, &datagram);
            });
        }
        outcome
    }

    /// Conditions that the links establish.
    #[must_use]
    pub fn conditions(&self, now: Instant) -> CauseSet {
        self.links.iter().fold(CauseSet::EMPTY, |causes, link| {
            causes
                .with_if(Cause::LinkAttacked, link.channel.under_attack(now))
                .with_if(Cause::PeerNotAccepted, link.refused.is_some())
        })
    }

    /// When something is to be sent or changes by itself, at the latest.
    #[must_use]
    pub fn next_wake(&self, now: Instant) -> Option<Instant> {
        let links = self.links.iter().map(|link| {
            let says = link.said.after(link.says_every);
            let wakes = link.channel.next_wake(now);
            if link.part == Part::Sensor { wakes.min(says) } else { wakes }
        });
        links.chain(self.stopping.map(|stopping| stopping.again)).min()
    }

    /// How each link is.
    #[must_use]
    pub fn shown(&self, now: Instant) -> Vec<LinkShown> {
        let shown = |link: &Link| LinkShown {
            peer: link.channel.settings().peer,
            state: link.channel.state(now),
            loses_too_much: link.channel.loses_too_much(),
            refused: link.refused,
            ignored: link.channel.counters().iter().filter(|(_, count)| *count > 0).collect(),
            aged: link.channel.tally().aged,
            stopping: link.part == Part::Actuator && self.stopping.is_some(),
            unusable: link.service.as_ref().map_or(0, ServicePort::unusable),
            said: link.service.as_ref().and_then(ServicePort::said),
        };
        self.links.iter().map(shown).collect()
    }
}
