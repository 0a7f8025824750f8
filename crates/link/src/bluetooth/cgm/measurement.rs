//! CGM Measurement (0x2AA7).
//!
//! `size u8 | flags u8 | glucose SFLOAT mg/dL | minutes u16 | [status] [calibration] [warning] |
//! [trend SFLOAT] [quality SFLOAT] | [check sum u16]`; several may stand in one notification.

use crate::bluetooth::packet::{Reader, Writer, bit, checked};
use crate::bluetooth::{Attribute, Counter, Fault, Packet, Protection, Sfloat, Unproven};

/// One measurement. Its time is whole minutes since the session began: no proof of freshness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measurement {
    /// Glucose in mg/dL.
    pub glucose: Sfloat,
    /// Minutes since the session began.
    pub minutes: u16,
    /// Bits of [`annunciation`], first octet.
    pub status: Option<u8>,
    /// Bits of [`annunciation`], second octet.
    pub calibration: Option<u8>,
    /// Bits of [`annunciation`], third octet.
    pub warning: Option<u8>,
    /// Change in mg/dL per minute.
    pub trend: Option<Sfloat>,
    /// Quality in percent.
    pub quality: Option<Sfloat>,
}

/// Bits of the three octets of a sensor's annunciation.
pub mod annunciation {
    /// Status: the session was stopped.
    pub const SESSION_STOPPED: u8 = 1;
    /// Status: the battery is low.
    pub const BATTERY_LOW: u8 = 2;
    /// Status: a sensor of the wrong type.
    pub const SENSOR_TYPE_INCORRECT: u8 = 4;
    /// Status: the sensor malfunctions.
    pub const SENSOR_MALFUNCTION: u8 = 8;
    /// Status: an alert of the maker's.
    pub const DEVICE_SPECIFIC_ALERT: u8 = 16;
    /// Status: the device has a fault.
    pub const GENERAL_FAULT: u8 = 32;
    /// Calibration: the clocks must be set against each other.
    pub const TIME_SYNCHRONISATION: u8 = 1;
    /// Calibration: not now.
    pub const CALIBRATION_NOT_ALLOWED: u8 = 2;
    /// Calibration: recommended.
    pub const CALIBRATION_RECOMMENDED: u8 = 4;
    /// Calibration: required.
    pub const CALIBRATION_REQUIRED: u8 = 8;
    /// Calibration: the sensor is too warm for a valid result.
    pub const TEMPERATURE_HIGH: u8 = 16;
    /// Calibration: the sensor is too cold for a valid result.
    pub const TEMPERATURE_LOW: u8 = 32;
    /// Warning: below the range that the device can measure.
    pub const BELOW_RANGE: u8 = 64;
    /// Warning: above the range that the device can measure.
    pub const ABOVE_RANGE: u8 = 128;
}

const TREND: u8 = 1;
const QUALITY: u8 = 2;
const WARNING: u8 = 32;
const CALIBRATION: u8 = 64;
const STATUS: u8 = 128;
const CHECK_SUM: u8 = 2;

impl Measurement {
    /// Its bytes: the size counts the whole record, the check sum included.
    #[must_use]
    pub fn encode(&self, protection: Protection) -> Packet {
        let mut fields = Writer::default();
        self.write(&mut fields);
        let tail = if protection == Protection::None { 0 } else { CHECK_SUM };
        let length = u8::try_from(fields.bytes().len()).unwrap_or(u8::MAX);
        let mut out = Writer::default();
        out.put(&[length.saturating_add(1).saturating_add(tail)]);
        out.put(fields.bytes());
        protection.close(out, Counter::FIRST)
    }

    fn decode_one(record: &[u8], protection: Protection) -> Result<Unproven<Self>, Fault> {
        let (body, counter) = protection.open(record)?;
        let mut input = Reader::new(body);
        input.get::<u8>()?;
        let measurement = input.get()?;
        input.end()?;
        Ok(Unproven::new(measurement, counter))
    }
}

impl Attribute for Measurement {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let flags = checked(input.get()?, TREND | QUALITY | WARNING | CALIBRATION | STATUS)?;
        Ok(Self {
            glucose: input.get()?,
            minutes: input.get()?,
            status: input.get_if(flags & STATUS != 0)?,
            calibration: input.get_if(flags & CALIBRATION != 0)?,
            warning: input.get_if(flags & WARNING != 0)?,
            trend: input.get_if(flags & TREND != 0)?,
            quality: input.get_if(flags & QUALITY != 0)?,
        })
    }

    fn write(&self, out: &mut Writer) {
        let flags = bit(self.trend.is_some(), TREND)
            | bit(self.quality.is_some(), QUALITY)
            | bit(self.warning.is_some(), WARNING)
            | bit(self.calibration.is_some(), CALIBRATION)
            | bit(self.status.is_some(), STATUS);
        out.add(&flags);
        out.add(&self.glucose);
        out.add(&self.minutes);
        out.add_if(self.status.as_ref());
        out.add_if(self.calibration.as_ref());
        out.add_if(self.warning.as_ref());
        out.add_if(self.trend.as_ref());
        out.add_if(self.quality.as_ref());
    }
}

/// The measurements of one notification, one after the other. Ends after the first fault: where the
/// next would begin is not known then.
#[derive(Clone, Debug)]
pub struct Measurements<'a> {
    rest: &'a [u8],
    protection: Protection,
}

impl<'a> Measurements<'a> {
    /// Those of `notification`.
    #[must_use]
    pub const fn of(notification: &'a [u8], protection: Protection) -> Self {
        Self { rest: notification, protection }
    }
}

impl Iterator for Measurements<'_> {
    type Item = Result<Unproven<Measurement>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let size = usize::from(*self.rest.first()?);
        // A size of zero would not advance.
        let Some((record, rest)) = self.rest.split_at_checked(size).filter(|_| size > 0) else {
            self.rest = &[];
            return Some(Err(Fault::Short));
        };
        self.rest = rest;
        let read = Measurement::decode_one(record, self.protection);
        if read.is_err() {
            self.rest = &[];
        }
        Some(read)
    }
}
