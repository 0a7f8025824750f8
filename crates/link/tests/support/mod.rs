//! Two parties for the tests: keys, settings, a seeded source of randomness.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use homeostat_link::{
    Cadence, Channel, Contract, End, Entropy, Message, NoEntropy, Order, Part, Party, Report,
    Settings, StaticKey, Therapy, Timing,
};
use homeostat_record::{Bytes, Instant, OrderId, Span, Steps};

pub const DEVICE: Party = Party { part: Part::Device, identity: 0xD1 };
pub const PUMP: Party = Party { part: Part::Actuator, identity: 0xA2 };
pub const PERIOD: Span = Span::from_millis(1_000);

pub fn at(millis: u64) -> Instant {
    Instant { boot: 1, millis }
}

/// SplitMix64: the same bytes for the same seed.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

pub struct NoneAtAll;

impl Entropy for NoneAtAll {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy)
    }
}

pub fn key(number: u64) -> StaticKey {
    StaticKey::generate(&mut Seeded(number)).unwrap()
}

pub fn cadence() -> Cadence {
    Cadence {
        period: PERIOD,
        latency: Span::from_millis(400),
        silent_after: Span::from_millis(5_000),
    }
}

/// Settings of the device (`DEVICE`) and the pump (`PUMP`) of one loop.
pub fn settings() -> [Settings; 2] {
    let orders = Contract::orders(cadence()).unwrap();
    let reports = Contract::reports(cadence()).unwrap();
    let keys = [key(1), key(2)];
    let device = Settings {
        end: End::Initiator,
        me: DEVICE,
        peer: PUMP,
        therapy: Therapy::named("insulin").unwrap(),
        software: Bytes::copy_of(b"device 0.3.0").unwrap(),
        key: keys[0].clone(),
        peer_key: keys[1].public(),
        incoming: reports,
        outgoing: orders,
        timing: Timing::for_period(PERIOD),
    };
    let pump = Settings {
        end: End::Responder,
        me: PUMP,
        peer: DEVICE,
        software: Bytes::copy_of(b"pump 1.0.0").unwrap(),
        key: keys[1].clone(),
        peer_key: keys[0].public(),
        incoming: orders,
        outgoing: reports,
        ..device.clone()
    };
    [device, pump]
}

pub fn channels() -> [Channel; 2] {
    settings().map(|settings| Channel::new(settings, at(0)).unwrap())
}

pub fn order(id: u64) -> Message {
    Message::Order(Order {
        id: OrderId(id),
        valid_for: Span::from_seconds(15),
        steps: [Steps(u32::try_from(id % 1_000).unwrap() + 1), Steps(0)],
        requested: [Steps(0); 2],
    })
}

pub fn report(total: u64) -> Message {
    Message::Report(Report { actuator: PUMP.identity, accepted_total: total, ..Report::default() })
}

/// Delivers everything between the two at once, until both are quiet; returns all that was said.
pub fn settle(ends: &mut [Channel; 2], now: Instant, seed: &mut Seeded) -> Vec<(usize, Vec<u8>)> {
    let mut said = Vec::new();
    loop {
        let before = said.len();
        for end in 0..2 {
            while let Some(datagram) = ends[end].poll(now, seed) {
                said.push((end, datagram.as_slice().to_vec()));
                let _ = ends[1 - end].receive(now, datagram.as_slice(), seed);
            }
        }
        if said.len() == before {
            return said;
        }
        assert!(said.len() < 100, "two quiet ends do not talk for ever");
    }
}
