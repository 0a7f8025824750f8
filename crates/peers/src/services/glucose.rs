//! The sensor as a glucose service: measurements, and those of the last day for who asks.

use std::collections::VecDeque;

use homeostat_link::bluetooth::cgm::{
    AccessResult, Measurement, Operator, RecordAccess, annunciation,
};
use homeostat_link::bluetooth::{Attribute as _, Counter, PACKET_MAX, Protection, Sfloat};
use homeostat_link::{Characteristic, Message};
use homeostat_record::{Bytes, SensorFrame, StatusFlags};

/// A day.
const STORED_MAX: usize = 288;
/// Given at once at most, the newest: four hours.
const GIVEN_MAX: usize = 48;
/// Codes of the requests that are answered.
const REPORT: u8 = 1;

/// A glucose service.
#[derive(Clone, Debug, Default)]
pub struct GlucoseService {
    stored: VecDeque<Measurement>,
}

impl GlucoseService {
    /// What the sensor measured, as it says it, and stored.
    pub fn measured(&mut self, frame: &SensorFrame) -> Message {
        let measurement = measurement_of(frame);
        if self.stored.len() == STORED_MAX {
            self.stored.pop_front();
        }
        self.stored.push_back(measurement);
        value(Characteristic::GlucoseMeasurement, encoded(&measurement).as_slice())
    }

    /// What it answers to a value.
    #[must_use]
    pub fn asked(&self, of: Characteristic, bytes: &[u8]) -> Vec<Message> {
        let request = RecordAccess::decode(bytes, Protection::None);
        let Ok(RecordAccess::Report(operator)) = request.map(|request| *request.shown()) else {
            return Vec::new();
        };
        if of != Characteristic::GlucoseRecords {
            return Vec::new();
        }
        let found = self.found(operator);
        let result = if found.is_empty() { AccessResult::NoRecords } else { AccessResult::Success };
        let mut all = Vec::new();
        let mut notification: Vec<u8> = Vec::new();
        for measurement in found {
            let one = encoded(measurement);
            if notification.len() + one.as_slice().len() > PACKET_MAX {
                all.push(value(Characteristic::GlucoseMeasurement, &notification));
                notification.clear();
            }
            notification.extend(one.as_slice());
        }
        if !notification.is_empty() {
            all.push(value(Characteristic::GlucoseMeasurement, &notification));
        }
        let answer = RecordAccess::Response(REPORT, result);
        let answer = answer.encode(Protection::None, Counter::FIRST);
        all.push(value(Characteristic::GlucoseRecords, answer.as_slice()));
        all
    }

    fn found(&self, operator: Operator) -> Vec<&Measurement> {
        let all = self.stored.iter();
        let found: Vec<_> = match operator {
            Operator::All => all.collect(),
            Operator::UpTo(last) => all.filter(|one| one.minutes <= last).collect(),
            Operator::From(first) => all.filter(|one| one.minutes >= first).collect(),
            Operator::Between(first, last) => {
                all.filter(|one| (first..=last).contains(&one.minutes)).collect()
            }
            Operator::First => all.take(1).collect(),
            Operator::Last => all.rev().take(1).collect(),
        };
        let older = found.len().saturating_sub(GIVEN_MAX);
        found.into_iter().skip(older).collect()
    }
}

fn encoded(measurement: &Measurement) -> Bytes<PACKET_MAX> {
    measurement.encode(Protection::CheckSum)
}

fn value(of: Characteristic, bytes: &[u8]) -> Message {
    // Notifications are filled no further than a packet.
    Message::Value { of, bytes: Bytes::copy_of(bytes).unwrap_or_default() }
}

fn measurement_of(frame: &SensorFrame) -> Measurement {
    let said = |flag| frame.status.any(flag);
    let bit = |flag, bit| if said(flag) { bit } else { 0 };
    let glucose = if said(StatusFlags::BELOW_RANGE) {
        Sfloat::BELOW
    } else if said(StatusFlags::ABOVE_RANGE) {
        Sfloat::ABOVE
    } else {
        // Three or four digits: the nearest tenth of a mg/dL.
        Sfloat::nearest(i64::from(frame.value_thousandths), 3).unwrap_or(Sfloat::NOT_A_NUMBER)
    };
    let quality = Sfloat::exact(i64::from(frame.quality), 0).filter(|_| frame.quality <= 100);
    Measurement {
        glucose,
        minutes: frame.session_minutes,
        status: Some(
            bit(StatusFlags::SESSION_ENDED, annunciation::SESSION_STOPPED)
                | bit(StatusFlags::MALFUNCTION, annunciation::SENSOR_MALFUNCTION),
        ),
        calibration: said(StatusFlags::CALIBRATION).then_some(annunciation::CALIBRATION_REQUIRED),
        warning: Some(
            bit(StatusFlags::BELOW_RANGE, annunciation::BELOW_RANGE)
                | bit(StatusFlags::ABOVE_RANGE, annunciation::ABOVE_RANGE),
        ),
        trend: None,
        quality,
    }
}
