//! From a measurement of the glucose service to the platform's own sensor frame.

use super::measurement::{Measurement, annunciation};
use crate::bluetooth::Number;
use homeostat_record::{Quantity, SensorFrame, StatusFlags, Unit};

/// Interstitial glucose in mg/dL, in the register of `docs/book/sensor-frame.md`.
const GLUCOSE: (Quantity, Unit) = (Quantity(1), Unit(1));
const MILLIS_IN_MINUTE: u64 = 60_000;
const UNKNOWN: u8 = 255;

/// Why a measurement gives no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoFrame {
    /// The glucose is no number and nothing says why.
    NoGlucose,
}

/// The frame of a measurement of this sensor. Its time and its number are the session's minutes: coarse,
/// growing within a session, and no proof of freshness, which the channel gives. How long a sensor
/// warms up is the therapy's to say.
///
/// # Errors
/// [`NoFrame`] when there is nothing that a loop could use.
pub(crate) fn frame_of(measurement: &Measurement, source: u32) -> Result<SensorFrame, NoFrame> {
    let mut status = flags_of(measurement);
    let glucose = match measurement.glucose.number() {
        Number::Above => {
            status |= StatusFlags::ABOVE_RANGE;
            None
        }
        Number::Below => {
            status |= StatusFlags::BELOW_RANGE;
            None
        }
        number => number.thousandths(),
    };
    // Without a value the flags must say what it is instead; the value is then zero, and of no use.
    let excused = StatusFlags::ABOVE_RANGE
        | StatusFlags::BELOW_RANGE
        | StatusFlags::MALFUNCTION
        | StatusFlags::SESSION_ENDED;
    if glucose.is_none() && status & excused == 0 {
        return Err(NoFrame::NoGlucose);
    }
    let quality = measurement.quality.and_then(|quality| quality.number().thousandths());
    Ok(SensorFrame {
        quantity: GLUCOSE.0,
        unit: GLUCOSE.1,
        status: StatusFlags(status),
        source,
        sequence: u32::from(measurement.minutes),
        taken_millis: u64::from(measurement.minutes).saturating_mul(MILLIS_IN_MINUTE),
        value_thousandths: glucose.unwrap_or(0),
        quality: quality.and_then(percent).unwrap_or(UNKNOWN),
        noise: UNKNOWN,
        session_minutes: measurement.minutes,
        detail: [0; 2],
    })
}

/// Whole percent of thousandths of a percent; `None` beyond a hundred.
fn percent(thousandths: i32) -> Option<u8> {
    u8::try_from(thousandths / 1_000).ok().filter(|percent| *percent <= 100)
}

fn flags_of(measurement: &Measurement) -> u8 {
    let status = measurement.status.unwrap_or(0);
    let calibration = measurement.calibration.unwrap_or(0);
    let warning = measurement.warning.unwrap_or(0);
    let malfunction = annunciation::SENSOR_MALFUNCTION
        | annunciation::GENERAL_FAULT
        | annunciation::SENSOR_TYPE_INCORRECT;
    let temperature = annunciation::TEMPERATURE_HIGH | annunciation::TEMPERATURE_LOW;
    let pairs = [
        (status & annunciation::SESSION_STOPPED != 0, StatusFlags::SESSION_ENDED),
        (status & malfunction != 0, StatusFlags::MALFUNCTION),
        // A result at the wrong temperature is not valid.
        (calibration & temperature != 0, StatusFlags::MALFUNCTION),
        (calibration & annunciation::CALIBRATION_REQUIRED != 0, StatusFlags::CALIBRATION),
        (warning & annunciation::BELOW_RANGE != 0, StatusFlags::BELOW_RANGE),
        (warning & annunciation::ABOVE_RANGE != 0, StatusFlags::ABOVE_RANGE),
    ];
    pairs.iter().filter(|(holds, _)| *holds).fold(0, |flags, (_, flag)| flags | flag)
}
