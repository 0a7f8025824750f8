//! The pump as a program.

use super::tell::{Teller, of_link, of_status};
use super::threads::{Happened, WAITING, end_on_signal, read_datagrams, read_lines};
use super::{PeerError, RunOptions};
use crate::clock::VirtualClock;
use crate::faults::PumpPlan;
use crate::folder::{PeerFolder, PeerPart, file};
use crate::port::Port;
use crate::pump::{Delivered, FileKeeper, KeeperError, Pump};
use crate::services::InsulinService;
use crate::therapy::Therapy;
use crate::tubing::{Billionths, Tubing};
use homeostat_link::{Message, Order, Received};
use homeostat_record::{Instant, Span};
use serde_json::{Value, json};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};

/// Runs the pump of a folder until it is told to end. A person at it types `stop`, `resume`, `refill` or
/// `quit`.
///
/// # Errors
/// It does not start.
pub fn run_pump(folder: &PeerFolder, options: &RunOptions) -> Result<(), PeerError> {
    let settings = &folder.settings;
    if settings.part != PeerPart::Pump {
        return Err(PeerError::OtherPart { found: "sensor", wanted: "pump" });
    }
    let faults = PumpPlan::of(&options.faults)?;
    let clock = VirtualClock::start(folder.begin()?, options.speed);
    let port = Port::open(folder, clock.now())?;
    let keeper = Box::new(FileKeeper::open(folder.path())?);
    let pump = Pump::new(settings.pump_settings()?, keeper)?;
    let failed = file(Path::new(&settings.listen.to_string()));
    let socket = UdpSocket::bind(settings.listen).map_err(&failed)?;
    let (sender, events) = sync_channel(WAITING);
    read_datagrams(0, &socket, sender.clone()).map_err(&failed)?;
    read_lines(sender.clone()).map_err(&failed)?;
    end_on_signal(sender).map_err(&failed)?;
    let teller = Teller::new(options.json, &clock);
    let began = clock.now();
    let step = settings.step()?;
    // Thousandths of a unit.
    let service = u32::try_from(step.0 / 1_000_000).map(InsulinService::new).ok();
    let mut running = RunningPump {
        tubing: settings.tubing,
        step,
        therapy: settings.therapy,
        pump,
        port,
        socket,
        clock,
        began,
        faults,
        teller,
        service: service.filter(|_| settings.bluetooth),
        last: Delivered::default(),
    };
    running.run(&events);
    Ok(())
}

struct RunningPump {
    tubing: SocketAddr,
    step: Billionths,
    therapy: Therapy,
    pump: Pump,
    port: Port,
    socket: UdpSocket,
    clock: VirtualClock,
    began: Instant,
    faults: PumpPlan,
    teller: Teller,
    /// What it says besides its reports.
    service: Option<InsulinService>,
    last: Delivered,
}

impl RunningPump {
    fn run(&mut self, events: &Receiver<Happened>) {
        let remembered = *self.pump.remembered();
        let more = json!({
            "pump": self.pump.settings().identity,
            "session": remembered.session,
            "accepted": remembered.accepted.0,
        });
        let words = format!(
            "pump {:#010x}, session {}, last order {}",
            self.pump.settings().identity,
            remembered.session,
            remembered.accepted.0
        );
        self.teller.event(self.clock.now(), "started", &words, more);
        loop {
            self.live();
            let now = self.clock.now();
            let socket = &self.socket;
            let silent = self.is_silent(now);
            self.port.poll(now, &mut |to, datagram| {
                if !silent {
                    let _ = socket.send_to(datagram.as_slice(), to);
                }
            });
            let wake = self.port.channel().next_wake(now);
            let wake = self.pump.next_tick().map_or(wake, |tick| Ord::min(tick, wake));
            // A wake in the past is one that only the peer can resolve: look again soon.
            let wake = Ord::max(wake, now.after(Span::from_millis(1)));
            match events.recv_timeout(self.clock.until(wake)) {
                Ok(Happened::Datagram(_, from, datagram)) => self.hear(from, &datagram),
                Ok(Happened::Line(line)) if line == "quit" => break,
                Ok(Happened::Line(line)) => self.person(&line),
                Ok(Happened::End) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        // The memory is whole at any time: nothing is left to be written.
        self.report();
        self.teller.event(self.clock.now(), "ended", "pump switched off", self.state());
    }

    fn is_silent(&self, now: Instant) -> bool {
        self.faults.is_silent(now.since(self.began).unwrap_or(Span::ZERO))
    }

    /// All ticks that are due.
    fn live(&mut self) {
        let mut ticked = false;
        loop {
            let now = self.clock.now();
            let faults = self.faults.at(now.since(self.began).unwrap_or(Span::ZERO));
            let Some(delivered) = self.pump.tick(now, &faults) else { break };
            self.last = delivered;
            ticked = true;
        }
        if ticked {
            self.flow();
            self.report();
            let now = self.clock.now();
            let said = self.service.as_mut().map(|service| service.ticked(now, &self.pump));
            said.iter().flatten().for_each(|said| self.say(said));
            if self.teller.is_due(self.clock.now()) {
                self.teller.state(&self.state());
            }
        }
    }

    fn flow(&self) {
        let left = self.pump.remembered().left_needle;
        let totals = left.map(|millionths| Billionths::of_steps(millionths, self.step));
        let pump = self.pump.settings().identity;
        let tubing = Tubing { therapy: self.therapy, pump, totals };
        // A lost one changes nothing: the next has the totals.
        let _ = self.socket.send_to(&tubing.encode(), self.tubing);
    }

    fn report(&mut self) {
        let reports: Vec<_> = self.pump.reports().map(Message::Report).collect();
        for report in reports {
            self.say(&report);
        }
    }

    fn say(&mut self, message: &Message) {
        let now = self.clock.now();
        if self.is_silent(now) {
            return;
        }
        let socket = &self.socket;
        self.port.say(now, message, &mut |to, datagram| {
            let _ = socket.send_to(datagram.as_slice(), to);
        });
    }

    fn hear(&mut self, from: SocketAddr, datagram: &[u8]) {
        let now = self.clock.now();
        if self.is_silent(now) {
            return;
        }
        let Some(received) = self.port.receive(now, from, datagram) else { return };
        match received.message {
            Message::Order(order) => self.take(now, &order, &received),
            Message::Stop => {
                let done = self.pump.stop(received.sent);
                self.done(now, "stop", "device", &done);
            }
            Message::Hello(_) => {
                self.say(&Message::Supplies(self.pump.supplies()));
                self.report();
                if let Some(service) = &mut self.service {
                    service.greeted();
                }
            }
            Message::Value { of, bytes } => {
                let service = self.service.as_mut();
                let answers = service.map(|service| service.asked(of, bytes.as_slice()));
                answers.iter().flatten().for_each(|answer| self.say(answer));
            }
            Message::Alive
            | Message::Frame(_)
            | Message::Report(_)
            | Message::Refused { .. }
            | Message::Supplies(_) => {}
        }
    }

    fn take(&mut self, now: Instant, order: &Order, received: &Received) {
        let id = order.id;
        let steps = order.steps.map(|steps| steps.0);
        match self.pump.take(now, order, received.sent, received.age_at_most) {
            Ok(()) => {
                if let Some(service) = &mut self.service {
                    service.took(now, order, &self.pump);
                }
                let words = format!("order {}: {} steps", id.0, steps[0]);
                let more = json!({ "id": id.0, "steps": steps[0] });
                self.teller.event(now, "taken", &words, more);
            }
            Err(why) => {
                let words = format!("order {} refused: {why:?}", id.0);
                let more = json!({ "id": id.0, "steps": steps[0], "why": format!("{why:?}") });
                self.teller.event(now, "refused", &words, more);
                self.say(&Message::Refused { id, why });
            }
        }
        self.report();
    }

    fn person(&mut self, line: &str) {
        let now = self.clock.now();
        let done = match line {
            "stop" => self.pump.stop_at_pump(),
            "resume" => self.pump.resume_at_pump(),
            "refill" => self.pump.refill(),
            "" => return,
            _ => {
                let words = "a person at the pump types stop, resume, refill or quit";
                return self.teller.event(now, "unknown", words, json!({ "line": line }));
            }
        };
        self.done(now, line, "person", &done);
    }

    fn done(&mut self, now: Instant, what: &str, by: &str, done: &Result<(), KeeperError>) {
        let words = match done {
            Ok(()) => format!("{what} by the {by}"),
            Err(error) if what == "stop" => {
                format!("stopped by the {by}, but it may not outlast a restart: {error}")
            }
            Err(error) => format!("{what} was not possible: {error}"),
        };
        let more = json!({ "by": by, "done": done.is_ok() });
        self.teller.event(now, what, &words, more);
        self.report();
    }

    fn state(&self) -> Value {
        let now = self.clock.now();
        let remembered = self.pump.remembered();
        let (refused, missed) = self.pump.refused_and_missed();
        json!({
            "part": "pump",
            "at_ms": now.millis,
            "session": remembered.session,
            "status": of_status(self.pump.status()),
            "halt": format!("{:?}", remembered.halt),
            "under": self.last.under.map(|id| id.0),
            "accepted": remembered.accepted.0,
            "accepted_total": remembered.accepted_total[0],
            "delivered_total": remembered.delivered_total[0],
            "left_needle_millionths": remembered.left_needle[0],
            "refused": refused,
            "missed_ticks": missed,
            "link": of_link(self.port.channel(), now),
        })
    }
}
