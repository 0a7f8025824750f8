//! The device's links to parts that speak in the words of Bluetooth's services: what becomes of their
//! values, and what is asked for when some were lost.

use std::net::SocketAddr;

use homeostat_device::links::{Link, Links, Own, Peer};
use homeostat_device::mailbox::Mailbox;
use homeostat_link::{
    Cadence, Channel, Characteristic, Contract, End, Entropy, Event, Message, NoEntropy, Paired,
    Part, Party, Settings, StaticKey, Therapy, Timing,
};
use homeostat_peers::services::GlucoseService;
use homeostat_record::{Bytes, Input, Instant, Quantity, SensorFrame, Span, StatusFlags, Unit};

const MINUTE: u64 = 60_000;
const SENSOR: Party = Party { part: Part::Sensor, identity: 7 };
const DEVICE: Party = Party { part: Part::Device, identity: 1 };
const FIVE_MINUTES: Cadence = Cadence {
    period: Span::from_minutes(5),
    latency: Span::from_seconds(5),
    silent_after: Span::from_minutes(11),
};

struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        self.0 = self.0.wrapping_add(1);
        bytes.fill(self.0);
        Ok(())
    }
}

fn at(millis: u64) -> Instant {
    Instant { boot: 1, millis }
}

/// A device and a sensor, and the air between them.
struct Bench {
    links: Links,
    sensor: Channel,
    service: GlucoseService,
    mailbox: Mailbox,
    chance: Counting,
    now: u64,
    /// Nothing passes.
    cut: bool,
}

impl Bench {
    fn new(device: bool, sensor: bool) -> Self {
        let mut chance = Counting(0);
        let mut key = || StaticKey::generate(&mut chance).expect("there is chance");
        let (own_key, sensor_key) = (key(), key());
        let therapy = Therapy::named("insulin").expect("a name");
        let speaks = FIVE_MINUTES;
        let paired = Paired { peer: SENSOR, key: sensor_key.public(), therapy };
        let peer = Peer { paired, address: address(), speaks, hears: speaks, bluetooth: device };
        let peer_key = own_key.public();
        let own = Own { party: DEVICE, key: own_key, therapy, software: Bytes::default() };
        let link = Link::new(&own, &peer, at(1)).expect("it fits");
        let (incoming, outgoing) = (Contract::echoes(speaks), Contract::frames(speaks));
        let of = |contract: Contract| if sensor { contract.in_bluetooth() } else { contract };
        let settings = Settings {
            end: End::Responder,
            me: SENSOR,
            peer: DEVICE,
            therapy,
            software: Bytes::default(),
            key: sensor_key,
            peer_key,
            incoming: of(incoming.expect("sound")),
            outgoing: of(outgoing.expect("sound")),
            timing: Timing::for_period(speaks.period),
        };
        let sensor = Channel::new(settings, at(1)).expect("it fits");
        let (service, mailbox) = (GlucoseService::default(), Mailbox::default());
        let links = Links::new(vec![link]);
        let mut bench = Self { links, sensor, service, mailbox, chance, now: 1, cut: false };
        (0..20).for_each(|_| bench.talk());
        bench
    }

    /// What both have to say, once. Gives whether the device took something for the newest value.
    fn talk(&mut self) {
        self.now += 1;
        let now = at(self.now);
        let mut flying = Vec::new();
        self.links.poll(now, &mut self.chance, &mut |_, datagram| flying.push(*datagram));
        if self.cut {
            flying.clear();
        }
        for datagram in flying {
            let heard = self.sensor.receive(now, datagram.as_slice(), &mut self.chance);
            if let Event::Message(received) = heard
                && let Message::Value { of, bytes } = received.message
            {
                for answer in self.service.asked(of, bytes.as_slice()) {
                    self.say(&answer);
                }
            }
        }
        while let Some(datagram) = self.sensor.poll(now, &mut self.chance) {
            self.arrive(datagram.as_slice());
        }
    }

    fn arrive(&mut self, datagram: &[u8]) -> bool {
        let Self { links, chance, mailbox, .. } = self;
        !self.cut && links.receive(at(self.now), address(), datagram, chance, mailbox)
    }

    fn say(&mut self, message: &Message) -> bool {
        let datagram = self.sensor.send(at(self.now), message).expect("a session");
        self.arrive(datagram.as_slice())
    }

    /// Five minutes on, a value; gives whether the device took it for its newest.
    fn measures(&mut self, minutes: u16, thousandths: i32) -> bool {
        self.now = u64::from(minutes) * MINUTE;
        (0..4).for_each(|_| self.talk());
        let value = self.service.measured(&frame(minutes, thousandths));
        let newest = self.say(&value);
        (0..4).for_each(|_| self.talk());
        newest
    }

    /// Minute, value and status of what waits for the next cycle.
    fn waiting(&mut self) -> Vec<(u16, i32, u8)> {
        let mut input = Input::default();
        self.mailbox.empty_into(&mut input);
        let read = |bytes: &[u8]| SensorFrame::decode(bytes).expect("a frame");
        let frames = input.frames.iter().map(|frame| read(frame.bytes.as_slice()));
        frames
            .inspect(|frame| assert_eq!((frame.source, frame.unit), (7, Unit(1))))
            .inspect(|frame| assert_eq!(frame.quantity, Quantity(1)))
            .map(|frame| (frame.session_minutes, frame.value_thousandths, frame.status.0))
            .collect()
    }
}

fn address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9))
}

fn frame(minutes: u16, thousandths: i32) -> SensorFrame {
    SensorFrame {
        session_minutes: minutes,
        value_thousandths: thousandths,
        quality: 100,
        ..SensorFrame::default()
    }
}

#[test]
fn iop_08_what_was_lost_is_asked_for_and_kept_as_stored() {
    let mut bench = Bench::new(true, true);
    assert!(bench.measures(120, 100_000));
    assert!(bench.measures(125, 101_040));
    assert_eq!(bench.waiting(), [(120, 100_000, 0), (125, 101_000, 0)]);
    bench.cut = true;
    assert!(!bench.measures(130, 102_000));
    assert!(!bench.measures(135, 103_000));
    bench.cut = false;
    assert!(bench.measures(140, 104_000));
    let stored = StatusFlags::BACKFILL;
    let all = [(140, 104_000, 0), (130, 102_000, stored), (135, 103_000, stored)];
    assert_eq!(bench.waiting(), all);
    assert!(bench.measures(145, 105_000));
    assert_eq!(bench.waiting(), [(145, 105_000, 0)]);
}

#[test]
fn iop_10_a_check_sum_is_no_proof_and_a_wrong_one_an_error() {
    let mut bench = Bench::new(true, true);
    assert!(bench.measures(120, 100_000));
    // With a good check sum and not in the link: nobody hears it.
    let Message::Value { bytes, .. } = bench.service.measured(&frame(125, 300_000)) else {
        panic!("a value")
    };
    assert!(!bench.arrive(bytes.as_slice()));
    // In the link, with a wrong one.
    let mut changed = bytes.as_slice().to_vec();
    changed[2] ^= 0x10;
    let changed = Bytes::copy_of(&changed).expect("as long");
    let of = Characteristic::GlucoseMeasurement;
    assert!(!bench.say(&Message::Value { of, bytes: changed }));
    // A service that a sensor does not have.
    assert!(!bench.say(&Message::Value { of: Characteristic::InsulinStatus, bytes }));
    assert_eq!(bench.waiting(), [(120, 100_000, 0)]);
    let shown = &bench.links.shown(at(bench.now))[0];
    assert_eq!((shown.unusable, shown.said.is_none()), (2, true));
}

#[test]
fn com_06_a_sensor_is_heard_in_the_words_that_it_was_set_up_for_alone() {
    for (device, sensor) in [(true, false), (false, true)] {
        let mut bench = Bench::new(device, sensor);
        bench.now = 120 * MINUTE;
        (0..4).for_each(|_| bench.talk());
        let said = if sensor {
            bench.service.measured(&frame(120, 100_000))
        } else {
            Message::Frame(Bytes::copy_of(&frame(120, 100_000).encode()).expect("it fits"))
        };
        assert!(!bench.say(&said));
        assert!(bench.waiting().is_empty());
        let ignored = bench.links.shown(at(bench.now))[0].ignored.clone();
        assert!(ignored.contains(&(homeostat_link::Ignored::OutOfContract, 1)), "{ignored:?}");
    }
}
