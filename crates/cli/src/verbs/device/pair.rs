//! `homeostat device pair`: the device's end of a pairing. People compare six digits on both sides.

use std::io::{BufRead as _, IsTerminal as _, stdin};
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use homeostat_blackbox::folder::Durability;
use homeostat_device::clock::{Clock as _, MachineClock};
use homeostat_device::folder::DeviceFolder;
use homeostat_link::{
    Code, DATAGRAM_MAX, End, Paired, Pairing, PairingEvent, PairingSettings, Part, Party, Therapy,
};
use homeostat_record::Span;

use super::config::Config;
use super::run::System;
use crate::failure::{Failure, Outcome};
use crate::output;

const OPEN_FOR: Span = Span::from_seconds(120);
/// How long the device goes on answering a part that missed the last message.
const LINGERS: Span = Span::from_seconds(3);

/// Pair the device with a sensor or an actuator.
#[derive(Debug, Args)]
#[command(
    after_help = "Open the pairing at the part too (`homeostat sensor --pair`, `homeostat pump --pair`): \
    both show six digits. Type those that the part shows; nothing is kept unless they are the device's own.\n\n\
    Example:\n  homeostat device pair --part sensor --at 127.0.0.1:7401"
)]
pub(crate) struct Pair {
    /// The device's folder, with its device.toml.
    #[arg(long, value_name = "DIR", default_value = "homeostat-device")]
    dir: PathBuf,
    /// What the part is.
    #[arg(long, value_enum)]
    part: PartName,
    /// Where it waits.
    #[arg(long, value_name = "ADDRESS")]
    at: SocketAddr,
    /// The six digits that the part shows, instead of typing them.
    #[arg(long, value_name = "CODE")]
    yes: Option<String>,
}

/// A part by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PartName {
    /// It measures.
    Sensor,
    /// It treats.
    Actuator,
}

impl Pair {
    pub(crate) fn run(&self) -> Outcome {
        let config = Config::read(&self.dir)?;
        let unknown = || Failure::environment(format!("therapy: found {:?}", config.therapy));
        let therapy = Therapy::named(&config.therapy).ok_or_else(unknown)?;
        let mut folder = DeviceFolder::open(&self.dir, Durability::Storage, &mut System)
            .map_err(Failure::environment)?;
        let settings = PairingSettings {
            end: End::Initiator,
            me: Party { part: Part::Device, identity: config.identity },
            peer: match self.part {
                PartName::Sensor => Part::Sensor,
                PartName::Actuator => Part::Actuator,
            },
            therapy,
            key: folder.link_key().clone(),
            retry_first: Span::from_millis(250),
            retry_max: Span::from_seconds(2),
            open_for: OPEN_FOR,
        };
        let clock = MachineClock::start(folder.life().map_err(Failure::environment)?.boot, 1);
        let pairing = Pairing::open(settings, clock.moment().now, &mut System)
            .map_err(Failure::environment)?;
        let mut talk = Talk { pairing, clock, socket: self.socket()?, at: self.at };
        let code = talk.until_compared()?;
        output::say(&format!("code {code}: type the six digits that the part shows"));
        let typed = match &self.yes {
            Some(digits) => digits.clone(),
            None => typed()?,
        };
        if digits(&typed) != digits(&code.to_string()) {
            let words = "the part shows another code: somebody may be in the middle, or it was mistyped. \
                         Nothing was paired; begin again on both sides";
            return Err(Failure::negative(words));
        }
        let now = talk.clock.moment().now;
        let paired: Paired = talk.pairing.confirm(now).map_err(Failure::negative)?;
        folder.keep_peer(paired).map_err(Failure::environment)?;
        let Party { part, identity } = paired.peer;
        output::say(&format!(
            "paired with {part:?} {identity}; device.toml needs it as a [[peer]] with its address"
        ));
        talk.linger();
        Ok(())
    }

    fn socket(&self) -> Result<UdpSocket, Failure> {
        let any: SocketAddr =
            if self.at.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
        let socket = UdpSocket::bind(any).map_err(Failure::environment)?;
        socket.set_read_timeout(Some(Duration::from_millis(50))).map_err(Failure::environment)?;
        Ok(socket)
    }
}

struct Talk {
    pairing: Pairing,
    clock: MachineClock,
    socket: UdpSocket,
    at: SocketAddr,
}

impl Talk {
    /// One exchange: what is to be sent, and what comes within a moment.
    fn step(&mut self) -> PairingEvent {
        while let Some(datagram) = self.pairing.poll(self.clock.moment().now) {
            // What cannot be sent is sent again.
            let _ = self.socket.send_to(datagram.as_slice(), self.at);
        }
        let mut bytes = [0; DATAGRAM_MAX + 1];
        let length = match self.socket.recv_from(&mut bytes) {
            Ok((length, from)) if from == self.at => length,
            _ => 0,
        };
        let datagram = bytes.get(..length).unwrap_or_default();
        self.pairing.receive(self.clock.moment().now, datagram, &mut System)
    }

    fn until_compared(&mut self) -> Result<Code, Failure> {
        loop {
            match self.step() {
                PairingEvent::Compare(code) => return Ok(code),
                PairingEvent::Failed(fault) => return Err(Failure::negative(fault)),
                PairingEvent::Progress | PairingEvent::Ignored(_) => {}
            }
        }
    }

    /// A part that missed the last message may ask for it again.
    fn linger(&mut self) {
        let until = self.clock.moment().now.after(LINGERS);
        while self.clock.moment().now < until {
            let _ = self.step();
        }
    }
}

fn typed() -> Result<String, Failure> {
    if !stdin().is_terminal() {
        output::say("(reading the digits from standard input)");
    }
    let mut line = String::new();
    stdin().lock().read_line(&mut line).map_err(Failure::environment)?;
    Ok(line)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
