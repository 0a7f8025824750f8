//! The sensor as a program, with the person behind it.

use super::tell::{Teller, of_link};
use super::threads::{Happened, WAITING, end_on_signal, read_datagrams, read_lines};
use super::{PeerError, RunOptions};
use crate::body::{Body, Truth};
use crate::clock::VirtualClock;
use crate::faults::SensorPlan;
use crate::folder::{PeerFolder, PeerPart, file};
use crate::port::Port;
use crate::sensor::Sensor;
use crate::services::GlucoseService;
use crate::tubing::Tubing;
use crate::wearer::Wearer;
use homeostat_link::Message;
use homeostat_record::{Bytes, Instant, SensorFrame, Span};
use serde_json::{Value, json};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

const LINK: u8 = 0;
const TUBING: u8 = 1;
/// A person who was put away for longer than this did not live meanwhile: nobody was there to treat him.
const AWAY_MAX: Span = Span::from_minutes(360);
/// After a restart the body waits so long for the pump's word on what left meanwhile.
const PATIENCE: Duration = Duration::from_millis(500);

/// Runs the sensor of a folder, and the person behind it, until it is told to end. A person at it types
/// `quit`.
///
/// # Errors
/// It does not start.
pub fn run_sensor(folder: &PeerFolder, options: &RunOptions) -> Result<(), PeerError> {
    let settings = &folder.settings;
    if settings.part != PeerPart::Sensor {
        return Err(PeerError::OtherPart { found: "pump", wanted: "sensor" });
    }
    let plan = SensorPlan::of(settings.therapy, &options.faults)?;
    let body = Body::new(&settings.person_settings()?)?;
    let sensor = Sensor::new(&settings.sensor_settings()?, &body, plan.faults.clone());
    let wearer = Wearer::new(body, sensor).remembering(folder.path())?;
    let clock = VirtualClock::start(folder.begin()?, options.speed);
    let port = Port::open(folder, clock.now())?;
    let bind = |address: SocketAddr| {
        UdpSocket::bind(address).map_err(file(Path::new(&address.to_string())))
    };
    let (socket, tubing) = (bind(settings.listen)?, bind(settings.tubing)?);
    let failed = file(Path::new("the sensor's threads"));
    let (sender, events) = sync_channel(WAITING);
    read_datagrams(LINK, &socket, sender.clone()).map_err(&failed)?;
    read_datagrams(TUBING, &tubing, sender.clone()).map_err(&failed)?;
    read_lines(sender.clone()).map_err(&failed)?;
    end_on_signal(sender).map_err(&failed)?;
    let away = wearer.put_away().map_or(Span::ZERO, |away| clock.of_real(away));
    let away = if away > AWAY_MAX { Span::ZERO } else { away };
    let teller = Teller::new(options.json, &clock);
    let began = clock.now();
    let waits = began.after(clock.of_real(PATIENCE));
    let mut running = RunningSensor {
        tick: settings.therapy.tick(),
        wearer,
        port,
        socket,
        clock,
        began,
        due: began,
        away: (away != Span::ZERO).then_some((away, waits)),
        plan,
        teller,
        service: settings.bluetooth.then(GlucoseService::default),
        last: None,
        unsaid: None,
    };
    running.run(&events)
}

struct RunningSensor {
    tick: Span,
    wearer: Wearer,
    port: Port,
    socket: UdpSocket,
    clock: VirtualClock,
    began: Instant,
    /// When the next tick of the body is due.
    due: Instant,
    /// The body was put away for so long; until then it waits for the pump's word.
    away: Option<(Span, Instant)>,
    plan: SensorPlan,
    teller: Teller,
    /// How it speaks, if not in frames.
    service: Option<GlucoseService>,
    last: Option<SensorFrame>,
    /// What could not be said for want of a session.
    unsaid: Option<Message>,
}

impl RunningSensor {
    fn run(&mut self, events: &Receiver<Happened>) -> Result<(), PeerError> {
        let (name, age) = (self.wearer.body().name().to_owned(), self.wearer.body().age());
        let words = format!("sensor on {name}, {} min into his life here", age.as_minutes());
        let more = json!({ "person": name, "age_ms": age.as_millis() });
        self.teller.event(self.clock.now(), "started", &words, more);
        let failed = file(Path::new("body.log"));
        loop {
            self.live().map_err(&failed)?;
            let now = self.clock.now();
            let (socket, silent) = (&self.socket, self.is_silent());
            self.port.poll(now, &mut |to, datagram| {
                if !silent {
                    let _ = socket.send_to(datagram.as_slice(), to);
                }
            });
            let wake = self.away.map_or(self.due, |(_, until)| until);
            let wake = Ord::min(wake, self.port.channel().next_wake(now));
            let wake = Ord::max(wake, now.after(Span::from_millis(1)));
            match events.recv_timeout(self.clock.until(wake)) {
                Ok(Happened::Datagram(TUBING, _, bytes)) => {
                    if let Some(tubing) = Tubing::decode(&bytes) {
                        self.come_back(Some(&tubing)).map_err(&failed)?;
                        self.wearer.pour(&tubing).map_err(&failed)?;
                    }
                }
                Ok(Happened::Datagram(_, from, datagram)) => self.hear(from, &datagram),
                Ok(Happened::Line(line)) if line == "quit" => break,
                Ok(Happened::Line(_)) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Happened::End) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.teller.event(self.clock.now(), "ended", "sensor switched off", self.state());
        Ok(())
    }

    /// Whether the radio is silent, by the body's age.
    fn is_silent(&self) -> bool {
        self.plan.is_silent(self.wearer.body().age())
    }

    /// All ticks that are due.
    fn live(&mut self) -> std::io::Result<()> {
        let now = self.clock.now();
        match self.away {
            Some((_, until)) if now < until => return Ok(()),
            Some(_) => self.come_back(None)?,
            None => {}
        }
        while self.due.since(self.clock.now()).is_none_or(|left| left == Span::ZERO) {
            self.due = self.due.after(self.tick);
            if let Some(frame) = self.wearer.tick()? {
                self.last = Some(frame);
                self.unsaid = Some(match &mut self.service {
                    Some(service) => service.measured(&frame),
                    // A frame is half as long as what holds it.
                    None => Message::Frame(Bytes::copy_of(&frame.encode()).unwrap_or_default()),
                });
                self.say_unsaid();
            }
            if self.teller.is_due(self.clock.now()) {
                self.teller.state(&self.state());
            }
        }
        Ok(())
    }

    /// The body lives what it missed, with what the pump gave meanwhile.
    fn come_back(&mut self, tubing: Option<&Tubing>) -> std::io::Result<()> {
        let Some((away, _)) = self.away.take() else { return Ok(()) };
        let now = self.clock.now();
        let waited = now.since(self.began).unwrap_or(Span::ZERO);
        let missed = away.as_millis().saturating_add(waited.as_millis()) / self.tick.as_millis();
        self.wearer.catch_up(missed, tubing)?;
        self.due = self.clock.now();
        let words = format!("lived {missed} ticks that nobody had counted");
        self.teller.event(now, "caught-up", &words, json!({ "ticks": missed }));
        Ok(())
    }

    fn say_unsaid(&mut self) {
        if self.is_silent() {
            self.unsaid = None;
        }
        let Some(message) = self.unsaid else { return };
        if self.say(&message) {
            self.unsaid = None;
        }
    }

    fn say(&mut self, message: &Message) -> bool {
        let (now, socket) = (self.clock.now(), &self.socket);
        self.port.say(now, message, &mut |to, datagram| {
            let _ = socket.send_to(datagram.as_slice(), to);
        })
    }

    fn hear(&mut self, from: SocketAddr, datagram: &[u8]) {
        if self.is_silent() {
            return;
        }
        let now = self.clock.now();
        let Some(received) = self.port.receive(now, from, datagram) else { return };
        // A session is there: what could not be said before goes now.
        self.say_unsaid();
        if let (Some(service), Message::Value { of, bytes }) = (&self.service, &received.message) {
            for answer in service.asked(*of, bytes.as_slice()) {
                self.say(&answer);
            }
        }
    }

    fn state(&self) -> Value {
        let now = self.clock.now();
        let body = self.wearer.body();
        let (name, truth) = match body.truth() {
            Truth::Glucose(glucose) => ("glucose_mg_dl", glucose.0),
            Truth::Index(index) => ("index", index.0),
        };
        json!({
            "part": "sensor",
            "at_ms": now.millis,
            "age_ms": body.age().as_millis(),
            "truth": { name: truth },
            "shown_thousandths": self.last.map(|frame| frame.value_thousandths),
            "sequence": self.last.map(|frame| frame.sequence),
            "given_billionths": body.given()[0].0,
            "link": of_link(self.port.channel(), now),
        })
    }
}
