//! The pairing of a part with a device: the part shows six digits and waits until somebody types the
//! digits that the device shows. They must be the same (see `link::Pairing`).

use super::tell::Teller;
use super::threads::{Happened, WAITING, end_on_signal, read_datagrams, read_lines};
use super::{PeerError, RunOptions};
use crate::clock::VirtualClock;
use crate::folder::{PeerFolder, file};
use crate::port::{SystemEntropy, named};
use homeostat_link::{Code, End, Paired, Pairing, PairingEvent, PairingSettings, Part};
use homeostat_record::{Instant, Span};
use serde_json::json;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};

const OPEN_FOR: Span = Span::from_seconds(120);
/// A device that missed the last message may ask for it again for so long.
const LINGERS: Span = Span::from_seconds(5);

/// Opens a pairing at the part's own address, until a device is paired or time is over. `expected` is the
/// code that the device shows, if somebody knows it already; else it is typed.
///
/// # Errors
/// Nobody paired, or the codes were not the same.
pub fn pair(
    folder: &mut PeerFolder,
    expected: Option<String>,
    options: &RunOptions,
) -> Result<(), PeerError> {
    let clock = VirtualClock::start(folder.begin()?, 1);
    let address = folder.settings.listen;
    let failed = file(Path::new(&address.to_string()));
    let socket = UdpSocket::bind(address).map_err(&failed)?;
    let (sender, events) = sync_channel(WAITING);
    read_datagrams(0, &socket, sender.clone()).map_err(&failed)?;
    read_lines(sender.clone()).map_err(&failed)?;
    end_on_signal(sender).map_err(&failed)?;
    let settings = PairingSettings {
        end: End::Responder,
        me: folder.settings.party(),
        peer: Part::Device,
        therapy: named(folder.settings.therapy),
        key: folder.key().clone(),
        retry_first: Span::from_millis(250),
        retry_max: Span::from_seconds(2),
        open_for: OPEN_FOR,
    };
    let pairing = Pairing::open(settings, clock.now(), &mut SystemEntropy)?;
    let teller = Teller::new(options.json, &clock);
    let words = format!("pairing is open at {address} for two minutes");
    teller.event(clock.now(), "open", &words, json!({ "address": address.to_string() }));
    let mut talk = Talk { pairing, clock, socket, teller, device: None };
    let paired = talk.compare(&events, expected)?;
    folder.keep_device(&paired)?;
    let identity = paired.peer.identity;
    let words = format!("paired with device {identity:#010x}");
    talk.teller.event(talk.clock.now(), "paired", &words, json!({ "device": identity }));
    talk.linger(&events);
    Ok(())
}

struct Talk {
    pairing: Pairing,
    clock: VirtualClock,
    socket: UdpSocket,
    teller: Teller,
    device: Option<SocketAddr>,
}

impl Talk {
    fn compare(
        &mut self,
        events: &Receiver<Happened>,
        expected: Option<String>,
    ) -> Result<Paired, PeerError> {
        let mut typed = expected;
        let mut shown: Option<Code> = None;
        loop {
            if let (Some(code), Some(typed)) = (shown, &typed) {
                if digits(typed) != digits(&code.to_string()) {
                    let words = "the device shows another code: somebody may be in the middle, or it \
                                 was mistyped. Nothing was paired; begin again on both sides";
                    return Err(PeerError::Pairing(words.to_owned()));
                }
                let confirmed = self.pairing.confirm(self.clock.now());
                return confirmed.map_err(|fault| PeerError::Pairing(fault.to_string()));
            }
            match self.next(events, self.pairing.next_wake())? {
                Some(Happened::Datagram(_, from, datagram)) => {
                    if let Some(code) = self.hear(from, &datagram)? {
                        self.show(code);
                        shown = Some(code);
                    }
                }
                Some(Happened::Line(line)) if digits(&line).len() == 6 => typed = Some(line),
                Some(Happened::Line(_)) | None => {}
                Some(Happened::End) => {
                    return Err(PeerError::Pairing("pairing was broken off".to_owned()));
                }
            }
        }
    }

    fn hear(&mut self, from: SocketAddr, datagram: &[u8]) -> Result<Option<Code>, PeerError> {
        match self.pairing.receive(self.clock.now(), datagram, &mut SystemEntropy) {
            PairingEvent::Progress => self.device = Some(from),
            PairingEvent::Compare(code) => {
                self.device = Some(from);
                return Ok(Some(code));
            }
            PairingEvent::Failed(fault) => return Err(PeerError::Pairing(fault.to_string())),
            PairingEvent::Ignored(_) => {}
        }
        Ok(None)
    }

    fn show(&self, code: Code) {
        let words = format!("code {code}: type the code that the device shows, if it is the same");
        let more = json!({ "code": code.to_string() });
        self.teller.event(self.clock.now(), "code", &words, more);
    }

    /// Sends what is to be sent and waits for what comes next.
    fn next(
        &mut self,
        events: &Receiver<Happened>,
        until: Instant,
    ) -> Result<Option<Happened>, PeerError> {
        while let Some(datagram) = self.pairing.poll(self.clock.now()) {
            if let Some(device) = self.device {
                let _ = self.socket.send_to(datagram.as_slice(), device);
            }
        }
        match events.recv_timeout(self.clock.until(until)) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) if self.clock.now() >= until => {
                let over = self.pairing.receive(self.clock.now(), &[], &mut SystemEntropy);
                match over {
                    PairingEvent::Failed(fault) => Err(PeerError::Pairing(fault.to_string())),
                    _ => Ok(None),
                }
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Ok(Some(Happened::End)),
        }
    }

    fn linger(&mut self, events: &Receiver<Happened>) {
        let until = self.clock.now().after(LINGERS);
        while self.clock.now() < until {
            match self.next(events, until) {
                Ok(Some(Happened::Datagram(_, from, datagram))) => {
                    let _ = self.hear(from, &datagram);
                }
                Ok(Some(Happened::End)) | Err(_) => return,
                Ok(Some(Happened::Line(_)) | None) => {}
            }
        }
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
