//! Bodies of the fuzz targets: each takes any bytes, and states what must hold for them. Also run by
//! a plain test over the corpora.
#![allow(clippy::missing_panics_doc, reason = "a finding is a panic")]

use crate::bluetooth::cgm::{
    Feature, GlucosePort, Measurement, Measurements, Operator, Reading, RecordAccess,
    SessionRunTime, SessionStart, SpecificOperation, Status, frame_of,
};
use crate::bluetooth::insulin::{
    self, Annunciation, Command, Features, HistoryRecord, InsulinPort, StatusReader,
};
use crate::bluetooth::{Attribute, Counter, Float, Protection, Sfloat, crc16};
use crate::message::{Characteristic, Envelope, MESSAGE_BYTES_MAX, Message, Part, Party, Therapy};
use crate::{
    Cadence, Channel, Contract, End, Entropy, Event, NoEntropy, Pairing, PairingSettings, Settings,
    StaticKey, Timing,
};
use alloc::vec::Vec;
use homeostat_record::{Bytes, Instant, SensorFrame, Span};

/// A target's name and body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("link_message", message),
    ("link_datagrams", datagrams),
    ("link_pairing", pairing),
    ("bluetooth_cgm", cgm),
    ("bluetooth_insulin", insulin),
    ("bluetooth_ports", ports),
];

/// What decodes is its own encoding.
pub fn message(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::decode(bytes) {
        let mut buffer = [0; MESSAGE_BYTES_MAX];
        assert_eq!(envelope.encode(&mut buffer), Ok(bytes), "another encoding");
    }
}

/// Any datagrams, to either end of a live link: none is a message, and the link lives on.
pub fn datagrams(bytes: &[u8]) {
    let (Some([device, pump]), mut entropy) = (link(), Fixed(1)) else { return };
    let mut ends = [device, pump];
    let mut genuine: Vec<Vec<u8>> = Vec::new();
    for _ in 0..6 {
        exchange(&mut ends, &mut entropy, &mut genuine);
    }
    let sessions = [ends[0].session(), ends[1].session()];
    assert!(sessions[0].is_some() && sessions[0] == sessions[1], "no session: {ends:?}");
    let mut rest = bytes;
    while let Some((head, body)) = rest.split_first_chunk::<3>() {
        let [end, template, length] = *head;
        let (change, after) = body.split_at(Ord::min(usize::from(length), body.len()));
        rest = after;
        // Bytes as they are, or flipped into a genuine datagram.
        let datagram = match genuine.get(usize::from(template)) {
            None => change.to_vec(),
            Some(base) => {
                let flips = change.iter().chain(core::iter::repeat(&0));
                base.iter().zip(flips).map(|(byte, flip)| byte ^ flip).collect()
            }
        };
        let Some(channel) = ends.get_mut(usize::from(end & 1)) else { return };
        let event = channel.receive(NOW, &datagram, &mut entropy);
        assert!(matches!(event, Event::Ignored(_) | Event::Progress), "acted on: {event:?}");
    }
    assert_eq!([ends[0].session(), ends[1].session()], sessions, "the session was lost");
}

/// Any datagrams to both ends of a pairing: no code comes of it.
pub fn pairing(bytes: &[u8]) {
    for end in [End::Initiator, End::Responder] {
        let Some(settings) = pairing_settings(end) else { return };
        let mut entropy = Fixed(2);
        let Ok(mut pairing) = Pairing::open(settings, NOW, &mut entropy) else { return };
        let mut rest = bytes;
        while let Some((length, body)) = rest.split_first() {
            let (datagram, after) = body.split_at(Ord::min(usize::from(*length), body.len()));
            rest = after;
            let _ = pairing.receive(NOW, datagram, &mut entropy);
            while pairing.poll(NOW).is_some() {}
        }
        assert!(pairing.code().is_none(), "a code without a peer");
    }
}

/// The glucose service.
pub fn cgm(bytes: &[u8]) {
    attribute::<SpecificOperation>(bytes);
    attribute::<RecordAccess>(bytes);
    attribute::<Operator>(bytes);
    attribute::<Status>(bytes);
    attribute::<SessionStart>(bytes);
    attribute::<SessionRunTime>(bytes);
    if let Ok(feature) = Feature::decode_feature(bytes) {
        assert_eq!(feature.shown().encode_feature().as_slice(), bytes, "another encoding");
    }
    for protection in [Protection::None, Protection::CheckSum] {
        let mut place = 0;
        for measurement in Measurements::of(bytes, protection).flatten() {
            let measurement = *measurement.shown();
            let encoded = measurement.encode(protection);
            let end = encoded.as_slice().len().saturating_add(place);
            assert_eq!(bytes.get(place..end), Some(encoded.as_slice()), "another encoding");
            place = end;
            framed(&measurement);
        }
    }
    if let Ok(measurement) = Measurement::decode(bytes, Protection::None) {
        framed(measurement.shown());
    }
}

/// The insulin service.
pub fn insulin(bytes: &[u8]) {
    attribute::<insulin::Status>(bytes);
    attribute::<insulin::StatusChanged>(bytes);
    attribute::<Option<Annunciation>>(bytes);
    attribute::<Command>(bytes);
    attribute::<StatusReader>(bytes);
    attribute::<insulin::RecordAccess>(bytes);
    attribute::<HistoryRecord>(bytes);
    if let Ok(features) = Features::decode_features(bytes) {
        let counter = features.counter().unwrap_or(Counter::FIRST);
        assert_eq!(features.shown().encode_features(counter).as_slice(), bytes);
    }
    if let Some(code) = bytes.first_chunk() {
        let _ = Sfloat(u16::from_le_bytes(*code)).number().thousandths();
    }
    if let Some(code) = bytes.first_chunk() {
        let _ = Float(u32::from_le_bytes(*code)).number().thousandths();
    }
}

/// Values to the device's ends of both services, one after the other: `kind, length, bytes`. A kind from 128 on
/// has its bytes protected, so that what lies behind the check sum is reached.
pub fn ports(bytes: &[u8]) {
    let (mut glucose, mut insulin) = (GlucosePort::of(7, 5), InsulinPort::default());
    let mut newest = None;
    let mut rest = bytes;
    while let Some(([kind, length], body)) = rest.split_first_chunk() {
        let (value, after) = body.split_at(Ord::min(usize::from(*length), body.len()));
        rest = after;
        let Some(of) = PORTS.get(usize::from(kind % 8)).copied() else { continue };
        let mut value = value.to_vec();
        if *kind >= 128 {
            if of != Characteristic::GlucoseMeasurement {
                value.push(Counter::FIRST.number());
            }
            value.extend(crc16(&value).to_le_bytes());
        }
        let asks = glucose.value(of, &value, &mut |reading| match reading {
            Reading::Now(frame) => newest = Some(frame.session_minutes),
            Reading::Stored(frame) => assert!(Some(frame.session_minutes) < newest, "{frame:?}"),
        });
        for asks in [asks, insulin.value(of, &value)].into_iter().flatten() {
            assert!(matches!(asks, Message::Value { .. }), "{asks:?}");
        }
        let mut records = insulin.records().map(|record| record.sequence);
        assert!(records.by_ref().count() <= 32, "history grows");
    }
}

const PORTS: [Characteristic; 7] = [
    Characteristic::GlucoseMeasurement,
    Characteristic::GlucoseRecords,
    Characteristic::InsulinChanged,
    Characteristic::InsulinStatus,
    Characteristic::InsulinCommand,
    Characteristic::InsulinRecords,
    Characteristic::InsulinHistory,
];

/// What decodes is its own encoding, under every protection: the right check sum is given to it, so
/// that what lies behind is reached.
fn attribute<T: Attribute>(bytes: &[u8]) {
    for protection in [Protection::None, Protection::CheckSum, Protection::CounterAndCheckSum] {
        let mut whole = bytes.to_vec();
        if protection == Protection::CounterAndCheckSum {
            whole.push(Counter::FIRST.number());
        }
        if protection != Protection::None {
            whole.extend(crc16(&whole).to_le_bytes());
        }
        if let Ok(value) = T::decode(&whole, protection) {
            let encoded = value.shown().encode(protection, Counter::FIRST);
            assert_eq!(encoded.as_slice(), whole, "another encoding");
        }
        // And without that help.
        let _ = T::decode(bytes, protection);
    }
}

fn framed(measurement: &Measurement) {
    if let Ok(frame) = frame_of(measurement, 7) {
        assert_eq!(SensorFrame::decode(&frame.encode()), Ok(frame), "a frame that is none");
    }
}

const NOW: Instant = Instant { boot: 1, millis: 10_000 };

/// The same bytes always.
struct Fixed(u8);

impl Entropy for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(77).wrapping_add(91);
            *byte = self.0;
        }
        Ok(())
    }
}

const DEVICE: Party = Party { part: Part::Device, identity: 1 };
const PUMP: Party = Party { part: Part::Actuator, identity: 2 };

fn link() -> Option<[Channel; 2]> {
    let second = Span::from_seconds(1);
    let cadence = Cadence { period: second, latency: second, silent_after: Span::from_seconds(5) };
    let (orders, reports) = (Contract::orders(cadence).ok()?, Contract::reports(cadence).ok()?);
    let keys = [StaticKey::from_bytes([3; 32]), StaticKey::from_bytes([4; 32])];
    let [own, peer] = &keys;
    let device = Settings {
        end: End::Initiator,
        me: DEVICE,
        peer: PUMP,
        therapy: Therapy::named("insulin")?,
        software: Bytes::default(),
        key: own.clone(),
        peer_key: peer.public(),
        incoming: reports,
        outgoing: orders,
        timing: Timing::for_period(second),
    };
    let pump = Settings {
        end: End::Responder,
        me: PUMP,
        peer: DEVICE,
        key: peer.clone(),
        peer_key: own.public(),
        incoming: orders,
        outgoing: reports,
        ..device.clone()
    };
    Some([Channel::new(device, NOW).ok()?, Channel::new(pump, NOW).ok()?])
}

fn exchange(ends: &mut [Channel; 2], entropy: &mut Fixed, genuine: &mut Vec<Vec<u8>>) {
    // Each end in turn, and back to the first order.
    for _ in 0..2 {
        let [from, to] = ends;
        while let Some(datagram) = from.poll(NOW, entropy) {
            genuine.push(datagram.as_slice().to_vec());
            let _ = to.receive(NOW, datagram.as_slice(), entropy);
        }
        ends.reverse();
    }
}

fn pairing_settings(end: End) -> Option<PairingSettings> {
    let (me, peer) = match end {
        End::Initiator => (DEVICE, Part::Actuator),
        End::Responder => (PUMP, Part::Device),
    };
    Some(PairingSettings {
        end,
        me,
        peer,
        therapy: Therapy::named("insulin")?,
        key: StaticKey::from_bytes([5; 32]),
        retry_first: Span::from_seconds(1),
        retry_max: Span::from_seconds(8),
        open_for: Span::from_seconds(60),
    })
}
