//! The proxy as a program: the device talks to it as if it were the sensor or pump, and it talks to
//! that as if it were the device.

use super::PeerError;
use super::tell::Teller;
use super::threads::{Happened, WAITING, end_on_signal, read_datagrams, read_lines};
use crate::clock::VirtualClock;
use crate::folder::file;
use crate::proxy::{Memory, Proxy, Script, Way};
use homeostat_record::Span;
use serde_json::{Value, json};
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};

const FRONT: u8 = 0;
const BACK: u8 = 1;
/// Longest script and longest recording, in bytes.
const SCRIPT_MAX: u64 = 1 << 20;
const RECORDING_MAX: u64 = 16 << 20;

/// How a proxy is run.
#[derive(Clone, Debug)]
pub struct ProxyOptions {
    /// Where the device finds it.
    pub listen: SocketAddr,
    /// The sensor or pump behind it.
    pub to: SocketAddr,
    /// The script's file; none lets everything pass.
    pub script: Option<PathBuf>,
    /// Of all that is left to chance.
    pub seed: u64,
    /// Virtual seconds in a second, for the script's times.
    pub speed: u32,
    /// A recording of earlier sessions, to be replayed.
    pub replay: Option<PathBuf>,
    /// Where to write what was seen, at the end.
    pub record: Option<PathBuf>,
    /// Counts as JSON lines.
    pub json: bool,
}

/// Runs a proxy until it is told to end.
///
/// # Errors
/// A file or socket is not as it must be.
pub fn run_proxy(options: &ProxyOptions) -> Result<(), PeerError> {
    let script = match &options.script {
        Some(path) => Script::parse(&text(path, SCRIPT_MAX)?)
            .map_err(|error| PeerError::Settings(format!("{}: {error}", path.display())))?,
        None => Script::default(),
    };
    let memory = match &options.replay {
        Some(path) => Memory::parse(&text(path, RECORDING_MAX)?)
            .map_err(|error| PeerError::Settings(format!("{}: {error}", path.display())))?,
        None => Memory::default(),
    };
    let clock = VirtualClock::start(1, options.speed);
    let bind = |address: SocketAddr| {
        UdpSocket::bind(address).map_err(file(Path::new(&address.to_string())))
    };
    let front = bind(options.listen)?;
    let any = match options.to {
        SocketAddr::V4(_) => SocketAddr::from(([0, 0, 0, 0], 0)),
        SocketAddr::V6(_) => SocketAddr::from(([0_u16; 8], 0)),
    };
    let back = bind(any)?;
    let failed = file(Path::new("the proxy's threads"));
    let (sender, events) = sync_channel(WAITING);
    read_datagrams(FRONT, &front, sender.clone()).map_err(&failed)?;
    read_datagrams(BACK, &back, sender.clone()).map_err(&failed)?;
    read_lines(sender.clone()).map_err(&failed)?;
    end_on_signal(sender).map_err(&failed)?;
    let teller = Teller::new(options.json, &clock);
    let proxy = Proxy::new(script, options.seed, memory);
    let mut running =
        RunningProxy { proxy, clock, front, back, to: options.to, device: None, strays: 0, teller };
    running.run(&events);
    match &options.record {
        Some(path) => fs::write(path, running.proxy.memory().to_string()).map_err(file(path)),
        None => Ok(()),
    }
}

fn text(path: &Path, longest: u64) -> Result<String, PeerError> {
    use std::io::Read as _;
    let mut text = String::new();
    let file_error = file(path);
    let opened = fs::File::open(path).map_err(&file_error)?;
    opened.take(longest).read_to_string(&mut text).map_err(&file_error)?;
    Ok(text)
}

struct RunningProxy {
    proxy: Proxy,
    clock: VirtualClock,
    front: UdpSocket,
    back: UdpSocket,
    to: SocketAddr,
    device: Option<SocketAddr>,
    /// Datagrams to the back that did not come from the sensor or pump.
    strays: u64,
    teller: Teller,
}

impl RunningProxy {
    fn run(&mut self, events: &Receiver<Happened>) {
        let words = format!("proxy to {}", self.to);
        self.teller.event(self.clock.now(), "started", &words, json!({}));
        loop {
            self.forward();
            let now = self.clock.now();
            if self.teller.is_due(now) {
                self.teller.state(&self.counts());
            }
            let wake = self.proxy.next_wake();
            let far = now.after(Span::from_seconds(3_600));
            let wake = wake
                .map_or(far, |wake| homeostat_record::Instant { millis: wake.as_millis(), ..now });
            match events.recv_timeout(self.clock.until(wake)) {
                Ok(Happened::Datagram(socket, from, bytes)) => self.hear(socket, from, &bytes),
                Ok(Happened::Line(line)) if line == "quit" => break,
                Ok(Happened::Line(_)) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Happened::End) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.teller.event(self.clock.now(), "ended", "proxy switched off", self.counts());
    }

    fn hear(&mut self, socket: u8, from: SocketAddr, bytes: &[u8]) {
        let now = Span::from_millis(self.clock.now().millis);
        if socket == FRONT {
            self.device = Some(from);
            self.proxy.take(now, Way::ToPeer, bytes);
        } else if from == self.to {
            self.proxy.take(now, Way::ToDevice, bytes);
        } else {
            self.strays = self.strays.saturating_add(1);
        }
    }

    fn forward(&mut self) {
        let now = Span::from_millis(self.clock.now().millis);
        while let Some((way, bytes)) = self.proxy.poll(now) {
            // What cannot be sent is lost, as on the air.
            let _ = match (way, self.device) {
                (Way::ToPeer, _) => self.back.send_to(&bytes, self.to),
                (Way::ToDevice, Some(device)) => self.front.send_to(&bytes, device),
                (Way::ToDevice, None) => Ok(0),
            };
        }
    }

    fn counts(&self) -> Value {
        json!({
            "part": "proxy",
            "at_ms": self.clock.now().millis,
            "to_peer": self.proxy.counts(Way::ToPeer),
            "to_device": self.proxy.counts(Way::ToDevice),
            "strays": self.strays,
        })
    }
}
