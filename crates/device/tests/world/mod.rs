//! A whole device with its peers in one thread on simulated time: the real supervisor, links, black box
//! and pump; the air between them, the disk, the controller's process and the clock are the test's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use homeostat_alarm::Signal;
use homeostat_assembly::therapies::rebuild;
use homeostat_assembly::{BoxIdentity, Cadence, InstalledProfile, Machine, insulin, propofol};
use homeostat_device::alarms::{Annunciator, Bell};
use homeostat_device::clock::Clock;
use homeostat_device::controller::confinement::Confinement;
use homeostat_device::controller::{ControllerPort, Heard};
use homeostat_device::core::{Core, Moment, Turned};
use homeostat_device::keeping::Direct;
use homeostat_device::life::Life;
use homeostat_device::links::{Link, Links, Own, Peer};
use homeostat_device::restart::{Opened, open};
use homeostat_device::runtime::{Happened, Observer, Pace, Runtime, Seat, Shown, Standing};
use homeostat_link::{
    Cadence as Talk, Channel, Contract, Datagram, End, Entropy, Event, Message, NoEntropy, Paired,
    Part, Party, Settings, StaticKey, Therapy as Named, Timing,
};
use homeostat_peers::body::{Body, InsulinPerson, Meal, PersonSettings, PropofolPerson, Truth};
use homeostat_peers::pump::{Pump, PumpFaults, PumpSettings, Reversion, SharedKeeper};
use homeostat_peers::sensor::{Exactness, Sensor, SensorFaults, SensorSettings};
use homeostat_peers::therapy::Therapy;
use homeostat_peers::tubing::{Billionths, Tubing};
use homeostat_record::{
    Authority, CHANNELS, CycleEntry, Decision, Input, Instant, PersonAction, Phase, Span, Steps,
    WallClock,
};
use homeostat_trial::insulin::people::{Instructions as InsulinTold, People};
use homeostat_trial::propofol::people::{Clinician, Instructions as PropofolTold};

use crate::disk::Memory;
use crate::random::Random;

impl Random {
    pub(crate) const fn once_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

impl Entropy for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.next().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        Ok(())
    }
}

/// True time of the world, milliseconds; every clock in it is set by this.
#[derive(Debug, Default)]
pub(crate) struct Time(pub(crate) Cell<u64>);

/// The device's clock in one start of it.
pub(crate) struct DeviceClock<'t> {
    pub(crate) time: &'t Time,
    pub(crate) boot: u32,
    pub(crate) since: u64,
}

impl Clock for DeviceClock<'_> {
    fn moment(&self) -> Moment {
        let millis = 86_400_000 + self.time.0.get() - self.since;
        let unix_millis = 1_767_225_600_000_i64.saturating_add_unsigned(self.time.0.get());
        let wall = Some(WallClock { unix_millis, uncertainty_millis: 500 });
        Moment { now: Instant { boot: self.boot, millis }, wall }
    }
    fn really(&self, _: Span) -> Duration {
        Duration::ZERO
    }
}

/// What is wrong with the controller's process now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sick {
    #[default]
    No,
    Late,
    Failed,
    /// It answers, and its next state is garbage.
    Garbage,
}

/// A controller's process, simulated.
pub(crate) struct Process<'s> {
    pub(crate) machine: Box<dyn Machine>,
    pub(crate) sick: &'s Cell<Sick>,
}

impl ControllerPort for Process<'_> {
    fn ask(&mut self, state: &[u8], input: &Input, _: Duration) -> Heard {
        let mut space = vec![0; 32_768];
        match (self.sick.get(), self.machine.propose(state, input, &mut space)) {
            (Sick::Late, _) => Heard::Late,
            (Sick::Garbage, Ok((_, Some(proposal)))) => {
                Heard::Given { state: vec![0xFF], proposal }
            }
            (Sick::No, Ok((state, Some(proposal)))) => {
                Heard::Given { state: state.to_vec(), proposal }
            }
            (_, other) => Heard::Failed(format!("{:?}", other.map(|_| ()))),
        }
    }
    fn confinement(&self) -> Option<Confinement> {
        None
    }
    fn starts(&self) -> u64 {
        1
    }
}

/// What sounds and shows alarms, simulated: it confirms at once, unless it is mute.
pub(crate) struct Voice<'v> {
    mute: &'v Cell<bool>,
    made: Option<u64>,
    pub(crate) signals: &'v RefCell<Vec<Signal>>,
}

impl Annunciator for Voice<'_> {
    fn tell(&mut self, number: u64, signal: &Signal) {
        if !self.mute.get() {
            self.made = Some(number);
            self.signals.borrow_mut().push(*signal);
        }
    }
    fn confirmed(&mut self) -> Option<u64> {
        self.made.take()
    }
    fn renew(&mut self) {}
}

/// What the world does to datagrams.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Air {
    /// One in so many is lost; 0 for none.
    pub(crate) drop: u64,
    /// One in so many comes twice.
    pub(crate) twice: u64,
    /// One in so many is changed on the way.
    pub(crate) corrupt: u64,
    /// At most so long on the way, milliseconds.
    pub(crate) delay: u64,
    /// Nothing passes.
    pub(crate) cut: bool,
    /// Forged and replayed datagrams a second, to every party.
    pub(crate) attack: u64,
    /// What the sensor says once it has a session is held back for so long.
    pub(crate) hold: u64,
    /// The sensor says its last frame again each so many milliseconds.
    pub(crate) chatter: u64,
}

/// The code of a sealed message, as it begins a datagram.
const SEALED: u8 = 0x55;

/// How a therapy is wired.
pub(crate) struct Wiring {
    pub(crate) therapy: Therapy,
    pub(crate) profile: InstalledProfile,
    pub(crate) sensor: u32,
    pub(crate) pump: u32,
    pub(crate) step: Billionths,
    pub(crate) background: Steps,
    pub(crate) reversion: Reversion,
}

pub(crate) const DEVICE: &str = "homeostat.example/world";

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Wiring {
    pub(crate) fn of(therapy: Therapy) -> Self {
        match therapy {
            Therapy::Insulin => {
                use homeostat_trial::insulin::{cell, scenario, trial};
                let mut scenario = scenario::standard();
                scenario.patients.subjects = vec!["adult#001".to_owned()];
                let trial = trial::Trial::prepare(scenario).expect("the subject is published");
                let cell = trial.cell(trial.cells()[0]).expect("there is a cell");
                let (profile, _) = cell.install(DEVICE).expect("it can be treated");
                let read = cell.profile().expect("it is good");
                let content = read.content();
                // Thousandths of a unit in a step; the basal rate in thousandths of a unit an hour.
                let step = u64::from(content.delivery.step.0);
                let per_cycle = u64::from(content.person.basal.0) / 12;
                Self {
                    therapy,
                    profile,
                    sensor: cell::SENSOR,
                    pump: cell::PUMP,
                    step: Billionths(step * 1_000_000),
                    background: Steps((per_cycle / step.max(1)) as u32),
                    reversion: Reversion::Background,
                }
            }
            Therapy::Propofol => {
                use homeostat_trial::propofol::{cell, monitor, scenario, trial};
                let mut scenario = scenario::standard();
                scenario.patients.count = Some(1);
                let trial = trial::Trial::prepare(scenario).expect("a person can be drawn");
                let cell = trial.cell(trial.roster().cells()[0]).expect("there is a cell");
                let (profile, _) = cell.install(DEVICE).expect("it can be treated");
                let read = cell.profile().expect("it is good");
                // Micrograms in a step.
                let step = u64::from(read.content().delivery.step.0);
                Self {
                    therapy,
                    profile,
                    sensor: monitor::MONITOR,
                    pump: cell::PUMP,
                    step: Billionths(step * 1_000),
                    background: Steps::ZERO,
                    reversion: Reversion::Hold { at_most: Span::from_seconds(60) },
                }
            }
        }
    }

    pub(crate) fn fresh(&self) -> Box<dyn Machine> {
        match self.therapy {
            Therapy::Insulin => insulin::start(insulin::Control::Mpc, &self.profile),
            Therapy::Propofol => propofol::start(propofol::Control::Mpc, &self.profile),
        }
        .expect("the profile is good")
    }

    fn person(&self) -> PersonSettings {
        match self.therapy {
            Therapy::Insulin => PersonSettings::Insulin(InsulinPerson {
                subject: "adult#001".to_owned(),
                meals: vec![
                    Meal { minute_of_day: 480, grams: 45.0 },
                    Meal { minute_of_day: 780, grams: 70.0 },
                    Meal { minute_of_day: 1_140, grams: 80.0 },
                ],
                born_minute_of_day: 360,
            }),
            Therapy::Propofol => PersonSettings::Propofol(PropofolPerson {
                seed: 1,
                number: 1,
                stimulus: "struys".to_owned(),
            }),
        }
    }
}

/// Who acts at the bedside.
enum Who {
    Insulin(Box<People>),
    Propofol(Box<Clinician>),
}

/// A peer's end of a link.
struct PeerEnd {
    channel: Channel,
    boot: u32,
    since: u64,
    address: SocketAddr,
}

impl PeerEnd {
    fn now(&self, time: &Time) -> Instant {
        Instant { boot: self.boot, millis: 1_000 + time.0.get() - self.since }
    }
}

/// A datagram on its way.
#[derive(Clone, Debug)]
struct Flying {
    at: u64,
    from: SocketAddr,
    to: SocketAddr,
    bytes: Vec<u8>,
}

/// What the world saw.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Every cycle's record.
    pub(crate) entries: Vec<CycleEntry>,
    /// True amounts per tick that left the pump, steps.
    pub(crate) given: Vec<(u64, f64)>,
    /// Orders that the pump took.
    pub(crate) taken: Vec<homeostat_link::Order>,
    /// Orders that it refused.
    pub(crate) refused: u64,
    /// Datagrams that nobody of the device had sent.
    pub(crate) attacked: u64,
    /// Restarts of the device.
    pub(crate) restarts: u32,
    /// Worst truth: lowest and highest glucose or index while treated.
    pub(crate) truth: (f64, f64),
}

struct Looking<'l>(&'l RefCell<Log>);

impl Observer for Looking<'_> {
    fn cycle(&mut self, turned: &Turned, _: &Shown) {
        self.0.borrow_mut().entries.push(turned.entry);
    }
}

/// What happens to the world at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Blow {
    /// The device is killed and starts again after so many milliseconds.
    KillDevice(u64),
    /// The controller is sick for so many milliseconds.
    Controller(Sick, u64),
    /// The pump is killed and starts again at once.
    KillPump,
    /// The sensor is killed and starts again at once.
    KillSensor,
    /// Nothing passes for so many milliseconds.
    Cut(u64),
    /// The line is blocked for so many milliseconds.
    Occlude(u64),
    /// A person stops.
    Stop,
}

/// The world of one person.
pub(crate) struct World {
    pub(crate) wiring: Wiring,
    pub(crate) air: Air,
    pub(crate) log: RefCell<Log>,
    pub(crate) boxes: Memory,
    time: Time,
    chance: Random,
    sick: Cell<Sick>,
    /// What sounds the alarms is mute.
    pub(crate) mute: Rc<Cell<bool>>,
    /// What was heard and seen.
    pub(crate) signals: Rc<RefCell<Vec<Signal>>>,
    flying: RefCell<Vec<Flying>>,
    heard_on_air: Vec<Flying>,
    life: Life,
    keys: BTreeMap<u16, StaticKey>,
    body: Body,
    sensor: Sensor,
    pump: Pump,
    memory: SharedKeeper,
    sensor_end: PeerEnd,
    pump_end: PeerEnd,
    tick_due: u64,
    millionths: u64,
    occluded_until: u64,
    sick_until: u64,
    cut_until: u64,
    who: Who,
    last_index: Option<f64>,
    act_due: u64,
    chatter_due: u64,
    last_frame: Option<Message>,
}

const PORT_DEVICE: u16 = 1;
const PORT_SENSOR: u16 = 2;
const PORT_PUMP: u16 = 3;

/// How often who speaks on a link.
fn talk(period: Span) -> Talk {
    let latency = Span::from_millis(period.as_millis().min(5_000));
    let silent_after = Span::from_millis(2 * period.as_millis() + latency.as_millis());
    Talk { period, latency, silent_after }
}

impl World {
    pub(crate) fn new(therapy: Therapy, seed: u64) -> Self {
        let wiring = Wiring::of(therapy);
        let mut chance = Random(seed);
        let time = Time::default();
        time.0.set(1_000);
        let keys: BTreeMap<u16, StaticKey> = [PORT_DEVICE, PORT_SENSOR, PORT_PUMP]
            .into_iter()
            .map(|port| (port, StaticKey::generate(&mut chance).expect("there is chance")))
            .collect();
        let body = Body::new(&wiring.person()).expect("the person is known");
        let settings =
            SensorSettings { identity: wiring.sensor, exactness: Exactness::Noisy, seed };
        let sensor = Sensor::new(&settings, &body, SensorFaults::default());
        let memory = SharedKeeper::default();
        let pump = pump(&wiring, &memory);
        let sensor_end = peer_end(&wiring, &keys, Part::Sensor, 1, &time);
        let pump_end = peer_end(&wiring, &keys, Part::Actuator, 1, &time);
        let who = who(&wiring);
        let now = time.0.get();
        Self {
            air: Air { delay: 20, ..Air::default() },
            log: RefCell::new(Log { truth: (f64::MAX, f64::MIN), ..Log::default() }),
            boxes: Memory::default(),
            sick: Cell::default(),
            mute: Rc::default(),
            signals: Rc::default(),
            flying: RefCell::default(),
            heard_on_air: Vec::new(),
            life: Life::default(),
            keys,
            body,
            sensor,
            pump,
            memory,
            sensor_end,
            pump_end,
            tick_due: now,
            millionths: 0,
            occluded_until: 0,
            sick_until: 0,
            cut_until: 0,
            who,
            last_index: None,
            act_due: now,
            chatter_due: now,
            last_frame: None,
            wiring,
            time,
            chance,
        }
    }

    /// True time since the world began, milliseconds.
    pub(crate) fn now(&self) -> u64 {
        self.time.0.get()
    }

    /// Lives until `end`, with blows at their moments. The device starts as often as it is killed.
    pub(crate) fn live(&mut self, end: u64, blows: &[(u64, Blow)]) {
        let mut blows = blows.iter().copied().peekable();
        while self.now() < end {
            self.one_life(end, &mut blows);
        }
    }

    /// One life of the device: until it is killed or the world ends.
    fn one_life(
        &mut self,
        end: u64,
        blows: &mut core::iter::Peekable<impl Iterator<Item = (u64, Blow)>>,
    ) {
        let before = self.life;
        self.life = before.begun();
        let whose = BoxIdentity {
            origin: DEVICE.to_owned(),
            entropy: [self.life.boot as u8; 32],
            wall_start_millis: 1_767_225_600_000 + self.now(),
            cadence: Cadence { snapshot: 60, signature: 12 },
        };
        let opened =
            open(&self.boxes, &whose, &self.wiring.profile, self.wiring.fresh(), &rebuild, before);
        let Opened { machine, last, recorder, number, start, details } = opened.expect("it opens");
        assert_ne!(start, homeostat_device::restart::Start::Damaged, "{details:?}");
        self.life.boxes = self.life.boxes.max(number);
        self.log.borrow_mut().restarts += 1;

        let clock_time = Time::default();
        clock_time.0.set(self.now());
        let clock = DeviceClock { time: &clock_time, boot: self.life.boot, since: self.now() };
        let now = clock.moment().now;
        let links = self.links(now);
        let (mute, signals) = (self.mute.clone(), self.signals.clone());
        let mut voice = Voice { mute: &mute, made: None, signals: &signals };
        let mut entropy = Random(self.chance.next());
        let sick = Cell::new(self.sick.get());
        let mut process = Process { machine: self.wiring.fresh(), sick: &sick };
        let mut keeper = Direct::new(recorder, ());
        let sent = RefCell::new(Vec::new());
        let mut send = |to: SocketAddr, datagram: &Datagram| {
            sent.borrow_mut().push((to, datagram.as_slice().to_vec()));
        };
        let log = core::mem::take(&mut self.log);
        let mut looking = Looking(&log);
        let period = machine.period();
        let frames = talk(self.wiring.therapy.frame_period());
        let behind = (frames.period == period).then_some(frames.latency);
        let mut runtime = Runtime {
            core: Core::new(machine, last, 60),
            links,
            controller: &mut process,
            keeper: &mut keeper,
            bell: Bell::new(Default::default(), now, Span::from_seconds(2), &mut voice),
            clock: &clock,
            pace: Pace { period, deadline: Duration::from_secs(1), behind },
            entropy: &mut entropy,
            send: &mut send,
            unheard: Default::default(),
            observer: &mut looking,
            first: start.consequence().conditions,
        };
        let mut standing: Standing = runtime.begin();
        let mut killed = None;
        while self.now() < end && killed.is_none() {
            while let Some((_, blow)) = blows.next_if(|(at, _)| *at <= self.now()) {
                killed = self.strike(blow, &mut runtime, &mut standing).or(killed);
            }
            runtime.advance(&mut standing);
            let quiet = runtime.advance(&mut standing);
            assert!(quiet > Span::ZERO, "it spins while nothing happens");
            sick.set(self.sick.get());
            for (to, bytes) in sent.borrow_mut().drain(..) {
                self.fly(address(PORT_DEVICE), to, bytes);
            }
            self.peers(&log);
            self.people(&mut runtime, &mut standing, &log);
            self.attack(&mut runtime, &mut standing, &log);
            let next = (self.now() + quiet.as_millis().max(1))
                .min(self.tick_due)
                .min(self.act_due)
                .min(if self.air.chatter > 0 { self.chatter_due } else { u64::MAX })
                .min(self.next_arrival())
                .min(blows.peek().map_or(u64::MAX, |(at, _)| *at))
                .min(end)
                .max(self.now() + 1);
            self.time.0.set(next);
            clock_time.0.set(next);
            self.land(&mut runtime, &mut standing, &log);
        }
        drop(runtime);
        self.log = log;
        if let Some(off) = killed {
            // Power is not cut here: what the operating system has, the disk gets. `power.rs` cuts it.
            self.off(off, end);
        }
    }

    /// The device is off: the rest of the world goes on.
    fn off(&mut self, millis: u64, end: u64) {
        let until = (self.now() + millis).min(end);
        let log = core::mem::take(&mut self.log);
        while self.now() < until {
            let next = self.tick_due.min(self.next_arrival()).min(until).max(self.now() + 1);
            self.time.0.set(next);
            self.arrivals().into_iter().for_each(|flying| self.arrive_at_peer(&flying, &log));
            self.peers(&log);
        }
        self.log = log;
    }

    fn strike(
        &mut self,
        blow: Blow,
        runtime: &mut Runtime<'_>,
        standing: &mut Standing,
    ) -> Option<u64> {
        let now = self.now();
        match blow {
            Blow::KillDevice(off) => return Some(off),
            Blow::Controller(sick, millis) => {
                self.sick.set(sick);
                self.sick_until = now + millis;
            }
            Blow::KillPump => {
                self.pump = pump(&self.wiring, &self.memory);
                let boot = self.pump_end.boot + 1;
                self.pump_end =
                    peer_end(&self.wiring, &self.keys, Part::Actuator, boot, &self.time);
            }
            Blow::KillSensor => {
                let boot = self.sensor_end.boot + 1;
                self.sensor_end =
                    peer_end(&self.wiring, &self.keys, Part::Sensor, boot, &self.time);
            }
            Blow::Cut(millis) => self.cut_until = now + millis,
            Blow::Occlude(millis) => self.occluded_until = now + millis,
            Blow::Stop => {
                let (say, _) = std::sync::mpsc::sync_channel(1);
                let stop = homeostat_device::runtime::stop();
                runtime.take(standing, Happened::Person(stop, say));
            }
        }
        None
    }

    fn links(&self, now: Instant) -> Links {
        let therapy = Named::named(self.wiring.therapy.name()).expect("a name");
        let own = Own {
            party: Party { part: Part::Device, identity: 1 },
            key: self.keys[&PORT_DEVICE].clone(),
            therapy,
            software: Default::default(),
        };
        let link = |part, identity, port: u16, speaks, hears| {
            let paired =
                Paired { peer: Party { part, identity }, key: self.keys[&port].public(), therapy };
            let address = address(port);
            let peer = Peer { paired, address, speaks, hears, bluetooth: false };
            Link::new(&own, &peer, now).expect("it fits")
        };
        let frames = talk(self.wiring.therapy.frame_period());
        let cycle = talk(self.wiring.therapy.cycle());
        let reports = talk(self.wiring.therapy.tick());
        Links::new(vec![
            link(Part::Sensor, self.wiring.sensor, PORT_SENSOR, frames, frames),
            link(Part::Actuator, self.wiring.pump, PORT_PUMP, reports, cycle),
        ])
    }

    /// A datagram leaves; the air does what it does.
    fn fly(&mut self, from: SocketAddr, to: SocketAddr, mut bytes: Vec<u8>) {
        let air = self.air;
        let hit = |chance: &mut Random, many: u64| many > 0 && chance.once_in(many);
        if self.heard_on_air.len() < 4_096 {
            let at = self.now();
            self.heard_on_air.push(Flying { at, from, to, bytes: bytes.clone() });
        }
        if air.cut || self.now() < self.cut_until || hit(&mut self.chance, air.drop) {
            return;
        }
        if hit(&mut self.chance, air.corrupt) {
            let place = self.chance.below(bytes.len() as u64) as usize;
            bytes[place] ^= 1 << self.chance.below(8);
        }
        let held = if from == self.sensor_end.address && bytes.first() == Some(&SEALED) {
            air.hold
        } else {
            0
        };
        let copies = 1 + u64::from(hit(&mut self.chance, air.twice));
        for _ in 0..copies {
            let at = self.now() + 1 + held + self.chance.below(air.delay + 1);
            self.flying.borrow_mut().push(Flying { at, from, to, bytes: bytes.clone() });
        }
    }

    fn next_arrival(&self) -> u64 {
        self.flying.borrow().iter().map(|flying| flying.at).min().unwrap_or(u64::MAX)
    }

    /// What arrives now, in order of time.
    fn arrivals(&mut self) -> Vec<Flying> {
        let now = self.now();
        let mut flying = self.flying.borrow_mut();
        let (mut here, rest): (Vec<_>, Vec<_>) = flying.drain(..).partition(|one| one.at <= now);
        *flying = rest;
        here.sort_by_key(|one| one.at);
        here
    }

    fn land(&mut self, runtime: &mut Runtime<'_>, standing: &mut Standing, log: &RefCell<Log>) {
        for flying in self.arrivals() {
            if flying.to == address(PORT_DEVICE) {
                let Ok(datagram) = Datagram::copy_of(&flying.bytes) else { continue };
                runtime.take(
                    standing,
                    Happened::Datagram(flying.from, Box::new(datagram), Seat::default()),
                );
            } else {
                self.arrive_at_peer(&flying, log);
            }
        }
    }

    fn arrive_at_peer(&mut self, flying: &Flying, log: &RefCell<Log>) {
        let Self { sensor_end, pump_end, time, chance, .. } = self;
        let end = match flying.to {
            to if to == sensor_end.address => sensor_end,
            to if to == pump_end.address => pump_end,
            _ => return,
        };
        let now = end.now(time);
        let event = end.channel.receive(now, &flying.bytes, chance);
        if flying.to != self.pump_end.address {
            return;
        }
        let Event::Message(received) = event else { return };
        match received.message {
            Message::Order(order) => {
                let taken = self.pump.take(now, &order, received.sent, received.age_at_most);
                let mut log = log.borrow_mut();
                match taken {
                    Ok(()) => log.taken.push(order),
                    Err(why) => {
                        log.refused += 1;
                        drop(log);
                        let refused = Message::Refused { id: order.id, why };
                        self.say(Part::Actuator, &refused);
                    }
                }
            }
            Message::Stop => self.pump.stop(received.sent).expect("it is kept"),
            _ => {}
        }
    }

    fn say(&mut self, part: Part, message: &Message) {
        let end = if part == Part::Sensor { &mut self.sensor_end } else { &mut self.pump_end };
        let (now, from) = (end.now(&self.time), end.address);
        if let Ok(datagram) = end.channel.send(now, message) {
            self.fly(from, address(PORT_DEVICE), datagram.as_slice().to_vec());
        }
    }

    /// The sensor, the pump and the person live the ticks that are due.
    fn peers(&mut self, log: &RefCell<Log>) {
        for part in [Part::Sensor, Part::Actuator] {
            for _ in 0..4 {
                let end =
                    if part == Part::Sensor { &mut self.sensor_end } else { &mut self.pump_end };
                let (now, from) = (end.now(&self.time), end.address);
                let Some(datagram) = end.channel.poll(now, &mut self.chance) else { break };
                self.fly(from, address(PORT_DEVICE), datagram.as_slice().to_vec());
            }
        }
        if self.now() >= self.sick_until {
            self.sick.set(Sick::No);
        }
        if self.air.chatter > 0 && self.now() >= self.chatter_due {
            self.chatter_due = self.now() + self.air.chatter;
            if let Some(frame) = self.last_frame {
                self.say(Part::Sensor, &frame);
            }
        }
        while self.now() >= self.tick_due {
            self.tick_due += self.wiring.therapy.tick().as_millis();
            if let Some(frame) = self.sensor.read(&self.body) {
                let bytes = homeostat_record::Bytes::copy_of(&frame.encode()).expect("it fits");
                let said = Message::Frame(bytes);
                self.say(Part::Sensor, &said);
                self.last_frame = Some(said);
                self.last_index = Some(f64::from(frame.value_thousandths) / 1_000.0);
            }
            let faults =
                PumpFaults { occluded: self.now() < self.occluded_until, ..PumpFaults::default() };
            let now = self.pump_end.now(&self.time);
            while let Some(delivered) = self.pump.tick(now, &faults) {
                let real = delivered.real[0];
                self.millionths += (real * 1e6) as u64;
                log.borrow_mut().given.push((self.time.0.get(), real));
            }
            let total = Billionths::of_steps(self.millionths, self.wiring.step);
            let tubing = Tubing {
                therapy: self.wiring.therapy,
                pump: self.wiring.pump,
                totals: [total, Billionths(0)],
            };
            self.body.pour(&tubing);
            self.body.live();
            let truth = match self.body.truth() {
                Truth::Glucose(glucose) => glucose.0,
                Truth::Index(index) => index.0,
            };
            let mut log = log.borrow_mut();
            if truth < log.truth.0 {
                log.truth.0 = truth;
            }
            if truth > log.truth.1 {
                log.truth.1 = truth;
            }
            drop(log);
            let reports: Vec<_> = self.pump.reports().collect();
            for report in reports {
                self.say(Part::Actuator, &Message::Report(report));
            }
        }
    }

    /// People look once a period and act.
    fn people(&mut self, runtime: &mut Runtime<'_>, standing: &mut Standing, log: &RefCell<Log>) {
        if self.now() < self.act_due {
            return;
        }
        self.act_due = self.now() + self.wiring.therapy.cycle().as_millis();
        let at = Span::from_millis(self.now());
        let shown: Decision =
            log.borrow().entries.last().map(|entry| entry.decision).unwrap_or_default();
        let acts: Vec<PersonAction> = match &mut self.who {
            Who::Insulin(people) => {
                people.act(at, &shown, self.last_index).iter().copied().collect()
            }
            Who::Propofol(one) => one.act(at, &shown, self.last_index).iter().copied().collect(),
        };
        for action in acts {
            let (say, _) = std::sync::mpsc::sync_channel(1);
            runtime.take(standing, Happened::Person(action, say));
        }
    }

    /// Forged, replayed and garbled datagrams, to everybody.
    fn attack(&mut self, runtime: &mut Runtime<'_>, standing: &mut Standing, log: &RefCell<Log>) {
        let millis = self.tick_due.saturating_sub(self.now()).clamp(1, 1_000);
        for _ in 0..self.air.attack * millis / 1_000 {
            let old = self.chance.below(self.heard_on_air.len().max(1) as u64) as usize;
            let Some(Flying { from, to, bytes, .. }) = self.heard_on_air.get(old).cloned() else {
                return;
            };
            let mut bytes = bytes;
            match self.chance.below(4) {
                0 => {}
                1 => {
                    let place = self.chance.below(bytes.len() as u64) as usize;
                    bytes[place] ^= 1 << self.chance.below(8);
                }
                2 => {
                    let length = self.chance.below(200) as usize;
                    bytes = (0..length).map(|_| self.chance.next() as u8).collect();
                }
                _ => {
                    let cut = self.chance.below(bytes.len() as u64 + 1) as usize;
                    bytes.truncate(cut);
                }
            }
            log.borrow_mut().attacked += 1;
            let forged = Flying { at: self.now(), from, to, bytes };
            if to == address(PORT_DEVICE) {
                let Ok(datagram) = Datagram::copy_of(&forged.bytes) else { continue };
                runtime
                    .take(standing, Happened::Datagram(from, Box::new(datagram), Seat::default()));
            } else {
                self.arrive_at_peer(&forged, log);
            }
        }
    }

    /// The pump's own totals: accepted and delivered steps.
    pub(crate) fn pump_totals(&self) -> (u64, u64) {
        let report = self.pump.reports().next().expect("it has a channel");
        (report.accepted_total, report.delivered_total)
    }
}

fn pump(wiring: &Wiring, memory: &SharedKeeper) -> Pump {
    let limits = wiring.fresh().limits();
    let settings = PumpSettings {
        identity: wiring.pump,
        channels: 1,
        order_max: [limits[0].label_max, Steps::ZERO],
        background: [wiring.background, Steps::ZERO],
        when_silent: wiring.reversion,
        period: wiring.therapy.cycle(),
        tick: wiring.therapy.tick(),
        request_per_tick: [limits[0].label_max, Steps::ZERO],
        valid_most: Span::from_minutes(30),
        reservoir: [None; CHANNELS],
        measures_flow: false,
    };
    Pump::new(settings, Box::new(memory.clone())).expect("it fits")
}

fn peer_end(
    wiring: &Wiring,
    keys: &BTreeMap<u16, StaticKey>,
    part: Part,
    boot: u32,
    time: &Time,
) -> PeerEnd {
    let (port, identity, incoming, outgoing, period) = match part {
        Part::Sensor => {
            let talk = talk(wiring.therapy.frame_period());
            let contracts = (Contract::echoes(talk), Contract::frames(talk));
            (PORT_SENSOR, wiring.sensor, contracts.0, contracts.1, talk.period)
        }
        _ => {
            let (cycle, tick) = (talk(wiring.therapy.cycle()), talk(wiring.therapy.tick()));
            (PORT_PUMP, wiring.pump, Contract::orders(cycle), Contract::reports(tick), cycle.period)
        }
    };
    let settings = Settings {
        end: End::Responder,
        me: Party { part, identity },
        peer: Party { part: Part::Device, identity: 1 },
        therapy: Named::named(wiring.therapy.name()).expect("a name"),
        software: Default::default(),
        key: keys[&port].clone(),
        peer_key: keys[&PORT_DEVICE].public(),
        incoming: incoming.expect("it fits"),
        outgoing: outgoing.expect("it fits"),
        timing: Timing::for_period(period),
    };
    let since = time.0.get();
    let now = Instant { boot, millis: 1_000 };
    let channel = Channel::new(settings, now).expect("it fits");
    PeerEnd { channel, boot, since, address: address(port) }
}

fn who(wiring: &Wiring) -> Who {
    match wiring.therapy {
        Therapy::Insulin => {
            let told = InsulinTold {
                control: insulin::Control::Mpc,
                announced: false,
                carbohydrate_ratio: 10.0,
                correction_factor: 40.0,
                basal: 1.0,
                step: 0.05,
                request_max: Steps::ZERO,
            };
            Who::Insulin(Box::new(People::new(told, Vec::new())))
        }
        Therapy::Propofol => Who::Propofol(Box::new(Clinician::new(PropofolTold {
            induction: Span::from_seconds(90),
            emergence: None,
            opioid: None,
            weight_kg: 75.0,
            step_mg: 0.01,
            period_seconds: 5.0,
        }))),
    }
}

/// How much authority a decision leaves the machine in treatment.
pub(crate) fn authority(entry: &CycleEntry) -> Option<Authority> {
    let treats = matches!(entry.decision.phase, Phase::Automatic | Phase::Advisory);
    treats.then_some(entry.decision.authority)
}
