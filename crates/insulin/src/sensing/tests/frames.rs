//! Decoding, identity, session, age.

use crate::profile::Profile;
use crate::sensing::{Front, FrontState, Rejection, Sensed, Trust};
use crate::sensing::{GLUCOSE, MG_DL};
use crate::units::{GlucoseMgDl, MgDlPerMinute};
use homeostat_record::{
    Bytes, Canonical, Frame, Input, Instant, Quantity, SensorFrame, StatusFlags, Unit,
};
use proptest::prelude::*;

const START: u64 = 3_600_000;

struct Device {
    front: Front,
    state: FrontState,
    minute: u64,
}

fn at(minute: u64) -> Instant {
    Instant { boot: 1, millis: START + minute * 60_000 }
}

fn frame(decoded: &SensorFrame, received: Instant) -> Frame {
    Frame { received, bytes: Bytes::copy_of(&decoded.encode()).unwrap() }
}

impl Device {
    fn new() -> Self {
        let profile = Profile::reference_for(&crate::profile::tests::ADULT).unwrap();
        Self { front: Front::new(&profile), state: FrontState::default(), minute: 0 }
    }

    /// A device that has seen an hour of an ordinary sensor.
    fn running() -> Self {
        let mut device = Self::new();
        for step in 0..12 {
            let decoded = device.ordinary(118 + step % 4 * 2);
            device.cycle(&decoded);
        }
        device
    }

    /// The ordinary frame of this minute. The sensor's clock began 100 s before our own.
    fn ordinary(&self, value: i32) -> SensorFrame {
        SensorFrame {
            quantity: GLUCOSE,
            unit: MG_DL,
            status: StatusFlags(0),
            source: 7,
            sequence: u32::try_from(self.minute).unwrap() + 1,
            taken_millis: START + self.minute * 60_000 + 100_000,
            value_thousandths: value * 1_000,
            quality: 95,
            noise: 0,
            session_minutes: 600 + u16::try_from(self.minute).unwrap(),
            detail: [0; 2],
        }
    }

    fn cycle(&mut self, decoded: &SensorFrame) -> Sensed {
        self.deliver(&[frame(decoded, at(self.minute))])
    }

    fn deliver(&mut self, frames: &[Frame]) -> Sensed {
        let mut input = Input { now: at(self.minute), ..Input::default() };
        for frame in frames {
            input.frames.push(*frame).unwrap();
        }
        let (state, sensed) = self.front.sense(&self.state, &input, MgDlPerMinute(0.0));
        (self.state, self.minute) = (state, self.minute + 5);
        sensed
    }

    fn refused(&mut self, change: impl FnOnce(&mut SensorFrame)) -> Rejection {
        let mut decoded = self.ordinary(121);
        change(&mut decoded);
        let sensed = self.cycle(&decoded);
        assert_eq!(sensed.seen.glucose, None);
        sensed.rejections.iter().next().expect("a named reason")
    }
}

#[test]
fn sen_01_an_ordinary_frame_becomes_glucose_with_trust() {
    let mut device = Device::running();
    let sensed = device.cycle(&device.ordinary(121));
    assert_eq!(sensed.seen.glucose, Some(GlucoseMgDl(121.0)));
    assert_eq!(sensed.seen.trust, Trust::Full);
    assert!(sensed.rejections.is_empty() && sensed.seen.slope.is_some());
}

#[test]
fn sen_03_every_refusal_of_a_frame_has_its_name() {
    type Case = (Rejection, fn(&mut SensorFrame));
    let cases: [Case; 12] = [
        (Rejection::NotGlucose, |f| f.quantity = Quantity(2)),
        (Rejection::NotGlucose, |f| f.unit = Unit(3)),
        (Rejection::IdentityNotAccepted, |f| f.source = 8),
        (Rejection::Demonstration, |f| f.status.0 = StatusFlags::DEMONSTRATION),
        (Rejection::Malfunction, |f| f.status.0 = StatusFlags::MALFUNCTION),
        (Rejection::SessionEnded, |f| f.status.0 = StatusFlags::SESSION_ENDED),
        (Rejection::WarmUp, |f| f.status.0 = StatusFlags::WARM_UP),
        (Rejection::WarmUp, |f| f.session_minutes = 59),
        (Rejection::WornOut, |f| f.session_minutes = 21_601),
        (Rejection::SessionRestarted, |f| f.session_minutes = 100),
        (Rejection::Backfill, |f| f.status.0 = StatusFlags::BACKFILL),
        (Rejection::FailureCode, |f| {
            f.status.0 = StatusFlags::BELOW_RANGE | StatusFlags::ABOVE_RANGE;
        }),
    ];
    for (expected, change) in cases {
        assert_eq!(Device::running().refused(change), expected);
    }
}

#[test]
fn sen_01_a_frame_with_an_error_in_any_byte_is_no_reading() {
    let device = Device::running();
    let whole = device.ordinary(121).encode();
    for position in 0..whole.len() {
        let mut bytes = whole;
        bytes[position] ^= 0x10;
        let mut device = Device { state: device.state, ..Device::running() };
        let received = at(device.minute);
        let sensed = device.deliver(&[Frame { received, bytes: Bytes::copy_of(&bytes).unwrap() }]);
        assert_eq!(sensed.seen.glucose, None, "byte {position}");
        assert!(sensed.rejections.has(Rejection::Malformed));
    }
}

#[test]
fn sen_03_duplicate_and_backward_frames_are_refused() {
    assert_eq!(Device::running().refused(|f| f.sequence = 56), Rejection::Duplicate);
    assert_eq!(Device::running().refused(|f| f.sequence = 50), Rejection::OutOfOrder);
    assert_eq!(Device::running().refused(|f| f.taken_millis -= 600_000), Rejection::OutOfOrder);
}

#[test]
fn f_s03_a_frozen_value_sent_again_is_refused_in_the_same_cycle() {
    let mut device = Device::running();
    let frozen = device.ordinary(121);
    assert_eq!(device.cycle(&frozen).seen.glucose, Some(GlucoseMgDl(121.0)));
    let again = device.cycle(&frozen);
    assert!(again.rejections.has(Rejection::Duplicate) && again.seen.glucose.is_none());
}

#[test]
fn sen_02_age_is_monotonic_and_counts_from_when_the_sensor_took_it() {
    // Fresh sequence, but taken long before: a stored reading, or yesterday's stream (F-S17).
    let mut device = Device::running();
    let mut late = device.ordinary(121);
    device.minute += 11;
    late.session_minutes += 11;
    let sensed = device.cycle(&late);
    assert!(sensed.rejections.has(Rejection::Stale), "11 min on the way");
    let mut device = Device::running();
    let late = device.ordinary(121);
    device.minute += 9;
    assert_eq!(device.cycle(&late).seen.glucose, Some(GlucoseMgDl(121.0)), "9 min on the way");
}

#[test]
fn sen_02_civil_time_has_no_influence() {
    let device = Device::running();
    let base = Input {
        now: at(device.minute),
        frames: {
            let mut frames = homeostat_record::List::new();
            frames.push(frame(&device.ordinary(121), at(device.minute))).unwrap();
            frames
        },
        ..Input::default()
    };
    let wall = homeostat_record::WallClock { unix_millis: -5, uncertainty_millis: 9 };
    let jumped = Input { wall: Some(wall), ..base };
    let sense = |input: &Input| device.front.sense(&device.state, input, MgDlPerMinute(0.0));
    assert_eq!(sense(&base), sense(&jumped));
}

#[test]
fn sen_02_the_held_value_ends_at_the_declared_age() {
    let mut device = Device::running();
    let held = [5, 10, 15].map(|_| device.deliver(&[]).seen.held.is_some());
    assert_eq!(held, [true, true, false], "5 and 10 min old it is held, 15 min old it is gone");
}

#[test]
fn f_t_a_reading_ahead_of_time_is_refused() {
    let ahead = |millis: u64| {
        let mut device = Device::running();
        let mut decoded = device.ordinary(121);
        decoded.taken_millis += millis;
        device.cycle(&decoded).rejections
    };
    assert!(ahead(700_000).has(Rejection::FromTheFuture));
    assert!(ahead(500).is_empty());
}

#[test]
fn f_s20_back_fill_never_reaches_the_controller() {
    let mut device = Device::running();
    let mut old = device.ordinary(180);
    old.status.0 = StatusFlags::BACKFILL;
    old.sequence -= 3;
    old.taken_millis -= 900_000;
    let now = device.ordinary(121);
    let received = at(device.minute);
    let sensed = device.deliver(&[frame(&now, received), frame(&old, received)]);
    assert_eq!(sensed.seen.glucose, Some(GlucoseMgDl(121.0)));
    assert!(sensed.rejections.has(Rejection::Backfill));
}

#[test]
fn f_s11_low_is_no_number_and_high_is_a_bound() {
    let said = |flag: u8, before: i32| {
        let mut device = Device::running();
        for step in 0..8 {
            let level = device.ordinary(121 + (before - 121) * (step + 1) / 8);
            device.cycle(&level);
        }
        let mut decoded = device.ordinary(0);
        decoded.status.0 = flag;
        let seen = device.cycle(&decoded).seen;
        (seen.glucose.map(|glucose| glucose.0), seen.low, seen.high)
    };
    assert_eq!(said(StatusFlags::BELOW_RANGE, 80), (None, true, false));
    assert_eq!(said(StatusFlags::ABOVE_RANGE, 380), (Some(400.0), false, true));
    assert_eq!(said(StatusFlags::ABOVE_RANGE, 121), (None, false, false), "not in one step");
}

#[test]
fn sen_11_another_accepted_sensor_begins_anew() {
    let mut content = crate::profile::Content::reference_for(&crate::profile::tests::ADULT);
    content.identities.sensors.push(8).unwrap();
    let front = Front::new(&content.check().unwrap());
    let mut device = Device { front, ..Device::running() };
    let mut other = device.ordinary(180);
    (other.source, other.sequence, other.session_minutes) = (8, 1, 60);
    other.taken_millis = 5_000;
    let sensed = device.cycle(&other);
    assert_eq!(sensed.seen.glucose, Some(GlucoseMgDl(180.0)), "no step is seen between sensors");
    assert_eq!((sensed.seen.trust, sensed.seen.slope), (Trust::ReduceOnly, None));
}

#[test]
fn tim_after_a_restart_of_the_device_readings_are_used_again() {
    let device = Device::running();
    let decoded = device.ordinary(121);
    let now = Instant { boot: 2, millis: 10 };
    let mut input = Input { now, ..Input::default() };
    input.frames.push(frame(&decoded, now)).unwrap();
    let (_, sensed) = device.front.sense(&device.state, &input, MgDlPerMinute(0.0));
    assert_eq!(sensed.seen.glucose, Some(GlucoseMgDl(121.0)));
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let wild = prop::collection::vec(any::<u8>(), 0..=64)
        .prop_map(|bytes| Frame { received: at(3), bytes: Bytes::copy_of(&bytes).unwrap() });
    let numbers = (any::<u8>(), 0..10_u32, 0..90_u32, any::<u64>(), any::<i32>());
    let tame = (numbers, any::<(u8, u8, u16, u64, bool)>()).prop_map(
        |((status, source, sequence, taken, value), (quality, noise, session, millis, plain))| {
            let decoded = SensorFrame {
                status: StatusFlags(if plain { 0 } else { status }),
                source,
                sequence,
                taken_millis: if plain { taken % 20_000_000 } else { taken },
                value_thousandths: if plain { value.rem_euclid(500_000) } else { value },
                quality,
                noise,
                session_minutes: if plain { 600 } else { session },
                ..SensorFrame::default()
            };
            let millis = if plain { millis % 20_000_000 } else { millis };
            frame(&decoded, Instant { boot: u32::from(quality & 1), millis })
        },
    );
    prop_oneof![1 => wild, 4 => tame]
}

proptest! {
    #[test]
    fn any_frames_give_a_number_in_range_or_none_and_a_state_that_round_trips(
        cycles in prop::collection::vec(
            (prop::collection::vec(any_frame(), 0..4), any::<u64>(), any::<bool>()), 1..12,
        ),
    ) {
        let front = Device::new().front;
        let mut state = FrontState::default();
        for (frames, now, plain) in cycles {
            let millis = if plain { now % 20_000_000 } else { now };
            let mut input = Input { now: Instant { boot: 1, millis }, ..Input::default() };
            for frame in frames {
                prop_assert!(input.frames.push(frame).is_ok());
            }
            let (next, sensed) = front.sense(&state, &input, MgDlPerMinute(0.0));
            state = next;
            for value in [sensed.seen.glucose, sensed.seen.held].into_iter().flatten() {
                prop_assert!((40.0..=400.0).contains(&value.0));
            }
            let mut buffer = [0; 1_024];
            let bytes = state.encode_canonical(&mut buffer).unwrap();
            prop_assert_eq!(FrontState::decode_canonical(bytes), Ok(state));
        }
    }
}
