//! A pairing at either end: both show six digits and wait until somebody types the digits that the
//! other shows. They must be the same (see `link::Pairing`). While people look and type, the talk goes
//! on: the other end may still need a message to know its digits.

use super::tell::Teller;
use super::threads::{Happened, WAITING, end_on_signal, read_datagrams, read_lines};
use super::{PeerError, RunOptions};
use crate::clock::VirtualClock;
use crate::folder::{PeerFolder, file};
use crate::port::{SystemEntropy, named};
use homeostat_link::{
    Code, End, Paired, Pairing, PairingEvent, PairingFault, PairingSettings, Part, Party,
    StaticKey, Therapy,
};
use homeostat_record::{Instant, Span};
use serde_json::{Value, json};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};

const OPEN_FOR: Span = Span::from_seconds(120);
/// Who missed the last message may ask for it again for so long.
const LINGERS: Span = Span::from_seconds(5);

/// Opens a pairing at the part's own address, until a device is paired or time is over.
///
/// # Errors
/// Nobody paired, or the codes were not the same.
pub fn pair(folder: &mut PeerFolder, options: &RunOptions) -> Result<(), PeerError> {
    let one = PairingEnd {
        me: folder.settings.party(),
        peer: Part::Device,
        therapy: named(folder.settings.therapy),
        key: folder.key().clone(),
        boot: folder.begin()?,
        listen: folder.settings.listen,
        at: None,
    };
    let mut talk = PairingTalk::open(one, options.json)?;
    let paired = talk.compare()?;
    folder.keep_device(&paired)?;
    talk.kept(&paired);
    Ok(())
}

/// One end of a pairing.
#[derive(Debug)]
pub struct PairingEnd {
    /// Who it is.
    pub me: Party,
    /// What the other end must be.
    pub peer: Part,
    /// The therapy of both.
    pub therapy: Therapy,
    /// This end's secret.
    pub key: StaticKey,
    /// The number of its start.
    pub boot: u32,
    /// Its own address.
    pub listen: SocketAddr,
    /// Where the other end waits, at the device; a part waits itself and knows nobody.
    pub at: Option<SocketAddr>,
}

/// A pairing under way, with the person who sits at this end.
pub struct PairingTalk {
    pairing: Pairing,
    clock: VirtualClock,
    socket: UdpSocket,
    events: Receiver<Happened>,
    teller: Teller,
    /// Where the other end was said to be: nobody else is heard.
    at: Option<SocketAddr>,
    /// Where the other end is.
    peer: Option<SocketAddr>,
    other: &'static str,
}

impl PairingTalk {
    /// Opens it for two minutes.
    ///
    /// # Errors
    /// No socket, no thread or no randomness.
    pub fn open(one: PairingEnd, json: bool) -> Result<Self, PeerError> {
        let PairingEnd { me, peer, therapy, key, boot, listen, at } = one;
        let failed = file(Path::new(&listen.to_string()));
        let socket = UdpSocket::bind(listen).map_err(&failed)?;
        let (sender, events) = sync_channel(WAITING);
        read_datagrams(0, &socket, sender.clone()).map_err(&failed)?;
        read_lines(sender.clone()).map_err(&failed)?;
        end_on_signal(sender).map_err(&failed)?;
        let settings = PairingSettings {
            end: if me.part == Part::Device { End::Initiator } else { End::Responder },
            me,
            peer,
            therapy,
            key,
            retry_first: Span::from_millis(250),
            retry_max: Span::from_seconds(2),
            open_for: OPEN_FOR,
        };
        let clock = VirtualClock::start(boot, 1);
        let pairing = Pairing::open(settings, clock.now(), &mut SystemEntropy)?;
        let teller = Teller::new(json, &clock);
        let other = if peer == Part::Device { "device" } else { "part" };
        let talk = Self { pairing, clock, socket, events, teller, at, peer: at, other };
        let address = at.unwrap_or(listen);
        let more = json!({ "address": address.to_string() });
        talk.tell("open", &format!("pairing is open at {address} for two minutes"), more);
        Ok(talk)
    }

    /// Until somebody has typed the digits of the other end.
    ///
    /// # Errors
    /// Nobody did in time, or they are other digits than this end's.
    pub fn compare(&mut self) -> Result<Paired, PeerError> {
        let mut typed: Option<String> = None;
        let mut shown: Option<Code> = None;
        loop {
            if let (Some(code), Some(typed)) = (shown, &typed) {
                if *typed != digits(&code.to_string()) {
                    let words = format!(
                        "the {} shows another code: somebody may be in the middle, or it was mistyped. \
                         Nothing was paired; begin again on both sides",
                        self.other
                    );
                    return Err(PeerError::Pairing(words));
                }
                return self.pairing.confirm(self.clock.now()).map_err(failed);
            }
            match self.next(self.pairing.next_wake())? {
                Some(Happened::Datagram(_, from, datagram)) => {
                    if let Some(code) = self.hear(from, &datagram)? {
                        let words =
                            format!("code {code}: type the code that the {} shows", self.other);
                        self.tell("code", &words, json!({ "code": code.to_string() }));
                        shown = Some(code);
                    }
                }
                Some(Happened::Line(line)) => {
                    typed = Some(digits(&line)).filter(|digits| digits.len() == 6);
                }
                None => {}
                Some(Happened::End) => {
                    return Err(PeerError::Pairing("pairing was broken off".to_owned()));
                }
            }
        }
    }

    /// What was paired is kept: says so, and stays for an other end that missed the last message.
    pub fn kept(&mut self, paired: &Paired) {
        let identity = paired.peer.identity;
        let words = format!("paired with {} {identity:#010x}", self.other);
        self.tell("paired", &words, json!({ self.other: identity }));
        let until = self.clock.now().after(LINGERS);
        while self.clock.now() < until {
            match self.next(until) {
                Ok(Some(Happened::Datagram(_, from, datagram))) => {
                    let _ = self.hear(from, &datagram);
                }
                Ok(Some(Happened::End)) | Err(_) => return,
                Ok(Some(Happened::Line(_)) | None) => {}
            }
        }
    }

    fn hear(&mut self, from: SocketAddr, datagram: &[u8]) -> Result<Option<Code>, PeerError> {
        if self.at.is_some_and(|at| at != from) {
            return Ok(None);
        }
        match self.pairing.receive(self.clock.now(), datagram, &mut SystemEntropy) {
            PairingEvent::Progress => self.peer = Some(from),
            PairingEvent::Compare(code) => {
                self.peer = Some(from);
                return Ok(Some(code));
            }
            PairingEvent::Failed(fault) => return Err(failed(fault)),
            PairingEvent::Ignored(_) => {}
        }
        Ok(None)
    }

    fn tell(&self, event: &str, words: &str, more: Value) {
        self.teller.event(self.clock.now(), event, words, more);
    }

    /// Sends what is to be sent and waits for what comes next.
    fn next(&mut self, until: Instant) -> Result<Option<Happened>, PeerError> {
        while let Some(datagram) = self.pairing.poll(self.clock.now()) {
            if let Some(peer) = self.peer {
                let _ = self.socket.send_to(datagram.as_slice(), peer);
            }
        }
        let until = Ord::min(until, self.pairing.next_wake());
        match self.events.recv_timeout(self.clock.until(until)) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) if self.clock.now() >= until => {
                let over = self.pairing.receive(self.clock.now(), &[], &mut SystemEntropy);
                match over {
                    PairingEvent::Failed(fault) => Err(failed(fault)),
                    _ => Ok(None),
                }
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Ok(Some(Happened::End)),
        }
    }
}

fn failed(fault: PairingFault) -> PeerError {
    PeerError::Pairing(fault.to_string())
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
