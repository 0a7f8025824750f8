//! The sensor, without a socket and a clock: what it sees of a body becomes frames of 32 bytes, every
//! five minutes for glucose and every second for the index of hypnosis (`docs/book/sensor-frame.md`).
//!
//! A frame's number and times follow from the body's age alone: a sensor that was restarted goes on
//! with the session that it had.

use crate::body::{Body, Truth};
use crate::therapy::Therapy;
use homeostat_patients::anaesthesia::monitor::{
    Monitor, MonitorFault, MonitorModel, MonitorSample,
};
use homeostat_patients::anaesthesia::units::BispectralIndex;
use homeostat_patients::random::Seed;
use homeostat_patients::sensor::{self as cgm, SensorFault, SensorModel, SensorValue};
use homeostat_patients::units::MgPerDl;
use homeostat_record::{Quantity, SensorFrame, Span, StatusFlags, Unit};

/// The register's numbers (`docs/book/sensor-frame.md`).
const GLUCOSE: (Quantity, Unit) = (Quantity(1), Unit(1));
const INDEX: (Quantity, Unit) = (Quantity(2), Unit(3));
/// It was put on, or switched on, so long before the body's life here began: its warm-up is over.
const ON_BEFORE: Span = Span::from_minutes(120);
/// A glucose sensor is replaced after so long, by one that was put on as early.
const WEAR: Span = Span::from_minutes(10 * 1_440);
/// Values that continuous sensors show as numbers, mg/dL; beyond they say "Low" and "High".
const SHOWN: (f64, f64) = (40.0, 400.0);
/// What stands for an index that was not computed: no value that an index can have.
const NOT_COMPUTED: i32 = -1_000;
const UNKNOWN: u8 = u8::MAX;

/// Whether a sensor is better than any real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Exactness {
    /// No noise.
    Ideal,
    /// As published for a current make.
    Noisy,
}

/// How a sensor is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SensorSettings {
    /// Its pseudonym.
    pub identity: u32,
    /// Noise or none.
    pub exactness: Exactness,
    /// Of the noise.
    pub seed: u64,
}

/// What goes wrong with it, by its therapy. Times are minutes or seconds of the body's age.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SensorFaults {
    /// Of a glucose sensor.
    pub glucose: Vec<SensorFault>,
    /// Of a monitor.
    pub index: Vec<MonitorFault>,
}

#[derive(Clone, Debug)]
enum Kind {
    Glucose(Box<cgm::Sensor>),
    Index(Box<Monitor>),
}

/// A sensor on a body.
#[derive(Clone, Debug)]
pub struct Sensor {
    identity: u32,
    kind: Kind,
}

impl Sensor {
    /// A sensor on this body, which has not lived yet.
    #[must_use]
    pub fn new(settings: &SensorSettings, body: &Body, faults: SensorFaults) -> Self {
        let (seed, whom) = (Seed(settings.seed), body.name());
        let ideal = settings.exactness == Exactness::Ideal;
        let kind = match body.truth() {
            Truth::Glucose(_) => {
                let model = if ideal { SensorModel::IDEAL } else { SensorModel::G6 };
                let inner = cgm::Sensor::new(model, whom, seed);
                Kind::Glucose(Box::new(inner.with_faults(faults.glucose)))
            }
            Truth::Index(awake) => {
                let model = if ideal { MonitorModel::IDEAL } else { MonitorModel::NOISY };
                let inner = Monitor::new(model, awake, whom, seed);
                Kind::Index(Box::new(inner.with_faults(faults.index)))
            }
        };
        Self { identity: settings.identity, kind }
    }

    /// What it says at the beginning of a tick of the body's life, if it says anything then. To be
    /// called once in every tick, from the first, before the body lives it.
    pub fn read(&mut self, body: &Body) -> Option<SensorFrame> {
        let blank = blank(self.identity, body);
        match (&mut self.kind, body.truth()) {
            (Kind::Glucose(sensor), Truth::Glucose(glucose)) => {
                let [reading, _] = sensor.advance_minute(glucose);
                Some(of_glucose(reading?.value, blank))
            }
            (Kind::Index(monitor), Truth::Index(index)) => {
                Some(of_index(&monitor.advance_second(index)?, blank))
            }
            // A body does not change its therapy.
            (Kind::Glucose(_), Truth::Index(_)) | (Kind::Index(_), Truth::Glucose(_)) => None,
        }
    }
}

fn blank(source: u32, body: &Body) -> SensorFrame {
    let (age, therapy) = (body.age().as_millis(), body.therapy());
    let number = age / therapy.frame_period().as_millis() + 1;
    let taken = age.saturating_add(ON_BEFORE.as_millis());
    let in_session = match therapy {
        Therapy::Insulin => ON_BEFORE.as_millis() + age % WEAR.as_millis(),
        Therapy::Propofol => taken,
    };
    SensorFrame {
        source,
        // Wraps after centuries.
        sequence: number as u32,
        taken_millis: taken,
        session_minutes: u16::try_from(in_session / 60_000).unwrap_or(u16::MAX),
        ..SensorFrame::default()
    }
}

fn of_glucose(value: SensorValue, blank: SensorFrame) -> SensorFrame {
    let value = match value {
        SensorValue::Glucose(MgPerDl(value)) => value,
        SensorValue::Low => f64::MIN,
        SensorValue::High => f64::MAX,
    };
    let (value, status) = if value < SHOWN.0 {
        (SHOWN.0 - 1.0, StatusFlags::BELOW_RANGE)
    } else if value > SHOWN.1 {
        (SHOWN.1 + 1.0, StatusFlags::ABOVE_RANGE)
    } else {
        (value, 0)
    };
    let (quantity, unit) = GLUCOSE;
    SensorFrame {
        quantity,
        unit,
        status: StatusFlags(status),
        value_thousandths: thousandths(value),
        quality: 100,
        noise: UNKNOWN,
        ..blank
    }
}

fn of_index(sample: &MonitorSample, blank: SensorFrame) -> SensorFrame {
    let (quantity, unit) = INDEX;
    let value = |BispectralIndex(index)| thousandths(index);
    SensorFrame {
        quantity,
        unit,
        value_thousandths: sample.index.map_or(NOT_COMPUTED, value),
        quality: whole(sample.quality.0),
        noise: UNKNOWN,
        detail: [whole(sample.electromyogram.0), whole(sample.suppression.0)],
        ..blank
    }
}

/// The conversions saturate.
fn thousandths(value: f64) -> i32 {
    homeostat_numeric::round(value * 1_000.0) as i32
}

fn whole(value: f64) -> u8 {
    homeostat_numeric::clamp(homeostat_numeric::round(value), 0.0, 254.0) as u8
}

#[cfg(test)]
mod tests;
