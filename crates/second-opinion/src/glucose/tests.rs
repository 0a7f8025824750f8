//! Validity and rate of change of glucose.

use super::*;
use crate::tests::world::settings;
use homeostat_record::{Bytes, Frame, Instant, SensorFrame, StatusFlags};

const MINUTE: u64 = 60_000;

/// A sensor, its clock and the track of what it said.
struct Sensor {
    track: Track,
    line: Timeline,
    settings: Settings,
    now: u64,
    sequence: u32,
}

impl Sensor {
    fn new() -> Self {
        let mut sensor = Self {
            track: Track::new(),
            line: Timeline::new(),
            settings: settings(),
            now: 10_000,
            sequence: 1,
        };
        sensor.wait(0);
        sensor
    }

    fn at(millis: u64) -> Instant {
        Instant { boot: 1, millis }
    }

    fn wait(&mut self, millis: u64) {
        self.now += millis;
        self.line.advance(Self::at(self.now), false);
    }

    /// Sends a frame that was taken `late` milliseconds ago.
    fn say(&mut self, frame: SensorFrame, late: u64) {
        let frame = SensorFrame {
            source: if frame.source == 0 { 7 } else { frame.source },
            sequence: self.sequence,
            taken_millis: self.now + 5_000_000 - late,
            session_minutes: 1_000,
            ..frame
        };
        self.sequence += 1;
        let received = Self::at(self.now);
        let mut input = Input { now: received, ..Input::default() };
        input
            .frames
            .push(Frame { received, bytes: Bytes::copy_of(&frame.encode()).unwrap() })
            .unwrap();
        self.track.take(self.line, &input, &self.settings);
    }

    fn value(&mut self, value: i32) {
        self.say(SensorFrame { value_thousandths: value, ..SensorFrame::default() }, 0);
    }

    /// Readings five minutes apart.
    fn values(&mut self, values: &[i32]) {
        for value in values {
            self.wait(5 * MINUTE);
            self.value(*value);
        }
    }

    fn seen(&self) -> Option<Seen> {
        self.track.seen(self.line.tick(), &self.settings)
    }

    fn slope(&self) -> Option<i64> {
        self.seen().unwrap().slope
    }
}

#[test]
fn the_rate_of_change_is_a_median_that_one_outlier_cannot_move() {
    let mut sensor = Sensor::new();
    sensor.values(&[100_000, 110_000, 120_000, 130_000, 140_000]);
    assert_eq!(sensor.slope(), Some(2_000));
    let mut sensor = Sensor::new();
    sensor.values(&[100_000, 110_000, 160_000, 130_000, 140_000]);
    let slope = sensor.slope().unwrap();
    assert!((1_500..=2_500).contains(&slope), "{slope}");
    let mut sensor = Sensor::new();
    sensor.values(&[140_000, 130_000, 120_000]);
    assert_eq!(sensor.slope(), Some(-2_000));
}

#[test]
fn sen_13_no_rate_of_change_from_two_readings_or_across_a_gap() {
    let mut sensor = Sensor::new();
    sensor.values(&[100_000, 110_000]);
    assert_eq!(sensor.slope(), None);
    sensor.values(&[120_000]);
    assert_eq!(sensor.slope(), Some(2_000));
    sensor.wait(7 * MINUTE);
    sensor.values(&[150_000, 151_000]);
    assert_eq!(sensor.slope(), None);
    sensor.values(&[152_000]);
    assert_eq!(sensor.slope(), Some(200));
    let mut sensor = Sensor::new();
    for value in [100_000, 103_000, 106_000] {
        sensor.wait(3 * MINUTE);
        sensor.value(value);
    }
    assert_eq!(sensor.slope(), None, "six minutes are too short a time");
    sensor.wait(3 * MINUTE);
    sensor.value(109_000);
    assert_eq!(sensor.slope(), Some(1_000));
}

#[test]
fn the_rate_of_change_looks_back_over_the_last_readings_only() {
    let mut sensor = Sensor::new();
    sensor.values(&[300_000, 250_000, 100_000, 100_000, 100_001, 100_002, 100_003]);
    assert_eq!(sensor.slope(), Some(0));
}

#[test]
fn readings_every_minute_are_thinned() {
    let mut sensor = Sensor::new();
    for minute in 0..20 {
        sensor.wait(MINUTE);
        sensor.value(100_000 + minute * 1_000);
    }
    assert_eq!(sensor.slope(), Some(1_000));
    assert_eq!(sensor.seen().unwrap().latest, 119_000);
}

#[test]
fn a_rise_beyond_physiology_is_credited_when_it_is_confirmed() {
    let mut sensor = Sensor::new();
    sensor.values(&[100_000, 200_000]);
    let seen = sensor.seen().unwrap();
    assert_eq!((seen.latest, seen.credited), (200_000, 140_000));
    sensor.values(&[201_000]);
    assert_eq!(sensor.seen().unwrap().credited, 201_000);
    assert_eq!(sensor.seen().unwrap().recent, (100_000, 201_000));
    sensor.values(&[120_000]);
    assert_eq!(sensor.seen().unwrap().credited, 120_000);
}

#[test]
fn sen_02_the_age_counts_the_time_on_the_way() {
    let mut sensor = Sensor::new();
    sensor.values(&[100_000, 101_000]);
    sensor.wait(2 * MINUTE);
    assert_eq!(sensor.seen().unwrap().age, 2 * MINUTE);
    sensor.wait(3 * MINUTE);
    sensor.say(SensorFrame { value_thousandths: 102_000, ..SensorFrame::default() }, 4 * MINUTE);
    let age = sensor.seen().unwrap().age;
    assert!((4 * MINUTE - 100..=4 * MINUTE).contains(&age), "{age}");
}

#[test]
fn what_does_not_go_on_is_not_taken() {
    let mut sensor = Sensor::new();
    sensor.values(&[100_000, 110_000]);
    sensor.sequence = 2;
    sensor.values(&[300_000]);
    assert_eq!(sensor.seen().unwrap().latest, 110_000, "the same number again");
    sensor.say(SensorFrame { value_thousandths: 300_000, ..SensorFrame::default() }, 20 * MINUTE);
    assert_eq!(sensor.seen().unwrap().latest, 110_000, "taken before the last one");
    sensor.say(SensorFrame { source: 8, value_thousandths: 300_000, ..SensorFrame::default() }, 0);
    assert_eq!(sensor.seen().unwrap().latest, 110_000, "not a sensor of the profile");
    let future = Sensor::at(sensor.now + 1);
    let mut input = Input { now: Sensor::at(sensor.now), ..Input::default() };
    let frame =
        SensorFrame { source: 7, sequence: 90, session_minutes: 99, ..SensorFrame::default() };
    let bytes = Bytes::copy_of(&frame.encode()).unwrap();
    input.frames.push(Frame { received: future, bytes }).unwrap();
    sensor.track.take(sensor.line, &input, &sensor.settings);
    assert_eq!(sensor.seen().unwrap().latest, 110_000, "received in the future");
}

#[test]
fn a_new_sensor_begins_anew_and_a_restart_forgets_ages() {
    let mut sensor = Sensor::new();
    sensor.settings.sensors = [Some(7), Some(8), None, None];
    sensor.values(&[100_000, 110_000, 120_000]);
    sensor.sequence = 1;
    sensor.say(SensorFrame { source: 8, value_thousandths: 90_000, ..SensorFrame::default() }, 0);
    let seen = sensor.seen().unwrap();
    assert_eq!((seen.latest, seen.slope, seen.recent), (90_000, None, (90_000, 90_000)));
    sensor.track.forget();
    assert_eq!(sensor.seen(), None);
    sensor.sequence = 1;
    sensor.say(SensorFrame { source: 8, value_thousandths: 95_000, ..SensorFrame::default() }, 0);
    assert_eq!(sensor.seen(), None, "an old number stays old");
}

#[test]
fn f_s12_codes_slips_and_values_out_of_range_are_no_numbers() {
    for (value, status, expected) in [
        (400_000, 0, Some(400_000)),
        (400_001, 0, None),
        (36_000, 0, Some(36_000)),
        (35_000, 0, None),
        (38_000, 0, None),
        (5_600, 0, None),
        (-1, 0, None),
        (777_000, StatusFlags::ABOVE_RANGE, Some(400_000)),
        (0, StatusFlags::BELOW_RANGE, Some(35_000)),
        (0, StatusFlags::BELOW_RANGE | StatusFlags::ABOVE_RANGE, Some(35_000)),
        (100_000, StatusFlags::CALIBRATION, Some(100_000)),
        (100_000, StatusFlags::WARM_UP, None),
    ] {
        let mut sensor = Sensor::new();
        let status = StatusFlags(status);
        sensor.say(SensorFrame { value_thousandths: value, status, ..SensorFrame::default() }, 0);
        assert_eq!(sensor.seen().map(|seen| seen.latest), expected, "{value} {status:?}");
    }
}

#[test]
fn sen_10_sen_11_sessions_too_young_or_too_old_are_not_used() {
    for (session, used) in [(59, false), (60, true), (21_600, true), (21_601, false)] {
        let frame = GlucoseFrame {
            status: 0,
            source: 7,
            sequence: 1,
            taken: 1,
            value: 100_000,
            quality: 100,
            noise: 0,
            session,
        };
        assert_eq!(believed(&frame, &settings()).is_some(), used, "{session} min");
    }
}

#[test]
fn a_value_that_does_not_change_is_timed() {
    let mut sensor = Sensor::new();
    sensor.values(&[100_000, 110_000, 110_000, 110_000, 110_000]);
    assert_eq!(sensor.seen().unwrap().same_for, 15 * MINUTE);
    sensor.wait(7 * MINUTE);
    sensor.values(&[110_000]);
    assert_eq!(sensor.seen().unwrap().same_for, 0, "a gap ends it");
    sensor.values(&[110_000, 110_001]);
    assert_eq!(sensor.seen().unwrap().same_for, 0);
}

#[test]
fn a_trend_of_eight_minutes_is_enough_and_a_code_has_none() {
    let mut sensor = Sensor::new();
    for value in [100_000, 104_000, 108_000] {
        sensor.wait(4 * MINUTE);
        sensor.value(value);
    }
    assert_eq!(sensor.slope(), Some(1_000));
    sensor.wait(4 * MINUTE);
    let high = StatusFlags(StatusFlags::ABOVE_RANGE);
    sensor.say(SensorFrame { status: high, ..SensorFrame::default() }, 0);
    assert_eq!((sensor.slope(), sensor.seen().unwrap().coded), (None, true));
    for value in [399_000, 398_000, 397_000] {
        sensor.wait(4 * MINUTE);
        sensor.value(value);
    }
    assert_eq!(sensor.slope(), Some(-250), "the code itself is not part of the trend");
}

#[test]
fn the_recent_readings_are_three_at_most_and_a_quarter_of_an_hour_old_at_most() {
    let recent = |waits: [u64; 3]| {
        let mut sensor = Sensor::new();
        sensor.value(90_000);
        for (wait, value) in waits.into_iter().zip([100_000, 110_000, 120_000]) {
            sensor.wait(wait * MINUTE);
            sensor.value(value);
        }
        sensor.seen().unwrap().recent
    };
    assert_eq!(recent([5, 5, 5]), (100_000, 120_000));
    assert_eq!(recent([5, 7, 8]), (100_000, 120_000));
    assert_eq!(recent([5, 8, 8]), (110_000, 120_000));
}
