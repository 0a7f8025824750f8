//! A part's end of its link: a channel, where the device is, and when to say something.

use crate::folder::{PeerFolder, PeerPart};
use crate::program::PeerError;
use crate::therapy::Therapy;
use homeostat_link::{
    Cadence, Channel, Contract, Datagram, End, Entropy, Event, Message, NoEntropy, Received,
    Settings, Timing, contract::ContractError,
};
use homeostat_record::{Bytes, Instant, Span};
use std::net::SocketAddr;

/// Datagrams that a channel gives out of its own accord at one instant, at most.
const AT_ONCE: usize = 8;

/// The operating system's randomness.
#[derive(Clone, Copy, Debug)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(bytes).map_err(|_| NoEntropy)
    }
}

/// A therapy's name on links.
#[must_use]
pub fn named(therapy: Therapy) -> homeostat_link::Therapy {
    homeostat_link::Therapy::named(therapy.name()).unwrap_or_default()
}

/// One end of a link.
#[derive(Debug)]
pub struct Port {
    channel: Channel,
    /// Where the last message came from; before the first, where the device was said to be.
    device: Option<SocketAddr>,
    /// Where a handshake came from that is still to be answered. A replayed one is authentic too: it is
    /// answered where it came from and moves nothing.
    asked: Option<SocketAddr>,
}

/// How often each direction speaks: (what this part says, what the device says).
fn cadences(part: PeerPart, therapy: Therapy) -> (Cadence, Cadence) {
    let cadence = |period: Span, latency: Span| Cadence {
        period,
        latency,
        silent_after: Span::from_millis(period.as_millis() * 3 + latency.as_millis()),
    };
    let latency = match therapy {
        Therapy::Insulin => Span::from_seconds(30),
        Therapy::Propofol => Span::from_millis(1_000),
    };
    let says = match part {
        PeerPart::Sensor => therapy.frame_period(),
        PeerPart::Pump => therapy.tick(),
    };
    (cadence(says, latency), cadence(therapy.cycle(), latency))
}

fn contracts(part: PeerPart, therapy: Therapy) -> Result<(Contract, Contract), ContractError> {
    let (says, hears) = cadences(part, therapy);
    Ok(match part {
        PeerPart::Sensor => (Contract::frames(says)?, Contract::echoes(hears)?),
        PeerPart::Pump => (Contract::reports(says)?, Contract::orders(hears)?),
    })
}

impl Port {
    /// The link of a part that was paired.
    ///
    /// # Errors
    /// It was not paired, or its settings contradict themselves.
    pub fn open(folder: &PeerFolder, now: Instant) -> Result<Self, PeerError> {
        let own = &folder.settings;
        let (peer, peer_key) = folder.device()?;
        let (mut outgoing, mut incoming) =
            contracts(own.part, own.therapy).map_err(|error| PeerError::Link(error.to_string()))?;
        if own.bluetooth {
            (outgoing, incoming) = (outgoing.in_bluetooth(), incoming.in_bluetooth());
        }
        let name = match own.part {
            PeerPart::Sensor => concat!("homeostat sensor ", env!("CARGO_PKG_VERSION")),
            PeerPart::Pump => concat!("homeostat pump ", env!("CARGO_PKG_VERSION")),
        };
        let settings = Settings {
            end: End::Responder,
            me: own.party(),
            peer,
            therapy: named(own.therapy),
            software: Bytes::copy_of(name.as_bytes()).unwrap_or_default(),
            key: folder.key().clone(),
            peer_key,
            incoming,
            outgoing,
            timing: Timing::for_period(own.therapy.cycle()),
        };
        let channel =
            Channel::new(settings, now).map_err(|error| PeerError::Link(error.to_string()))?;
        let device = own.device.as_ref().and_then(|known| known.address);
        Ok(Self { channel, device, asked: None })
    }

    /// Takes a datagram. Where a message came from is where the device is.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) -> Option<Received> {
        match self.channel.receive(now, datagram, &mut SystemEntropy) {
            Event::Message(received) => {
                self.device = Some(from);
                Some(received)
            }
            Event::Progress | Event::Established => {
                self.asked = Some(from);
                self.device.get_or_insert(from);
                None
            }
            Event::RefusedByPeer(_) | Event::Ignored(_) => None,
        }
    }

    /// What the channel has to say of its own accord.
    pub fn poll(&mut self, now: Instant, send: &mut dyn FnMut(SocketAddr, &Datagram)) {
        for _ in 0..AT_ONCE {
            let Some(datagram) = self.channel.poll(now, &mut SystemEntropy) else { break };
            // The answer to a handshake comes first.
            if let Some(to) = self.asked.take().or(self.device) {
                send(to, &datagram);
            }
        }
    }

    /// Says something to the device; whether it could be said.
    pub fn say(
        &mut self,
        now: Instant,
        message: &Message,
        send: &mut dyn FnMut(SocketAddr, &Datagram),
    ) -> bool {
        let Some(device) = self.device else { return false };
        let Ok(datagram) = self.channel.send(now, message) else { return false };
        send(device, &datagram);
        true
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }
}

#[cfg(test)]
mod tests;
