//! The glucose sensor as the loop hears it: what a simulated sensor says, as frames of 32 bytes.

use homeostat_insulin::sensing::{GLUCOSE, MG_DL};
use homeostat_patients::random::Seed;
use homeostat_patients::sensor::{self, SensorFault, SensorFaultKind, SensorValue};
use homeostat_patients::units::MgPerDl;
use homeostat_record::{SensorFrame, Span, StatusFlags};

use super::bedside::Plan;
use super::scenario::{DAY_MINUTES, FaultKind, Scenario, SensorModel};

/// Minutes between readings, whatever the make: the loop's own period.
const INTERVAL: u32 = 5;
/// The sensor was put on this long before the world began: its warm-up is over. The next one is put
/// on as early, so that a change of sensor leaves no gap.
const WORN_BEFORE_MINUTES: u64 = 120;
/// A new sensor takes over after this.
const WEAR_MINUTES: u64 = 10 * 1_440;
/// Values that continuous sensors show as numbers; beyond they say "Low" and "High", mg/dL.
const SHOWN: core::ops::RangeInclusive<f64> = 40.0..=400.0;
/// Milligrams per decilitre in one millimole per litre.
const MG_PER_DL_IN_MMOL_PER_L: f64 = 18.016;

/// A sensor on a patient.
#[derive(Clone, Debug)]
pub struct Sensor {
    inner: sensor::Sensor,
    source: u32,
    sequence: u32,
    last: Option<f64>,
}

impl Sensor {
    /// The sensor of a scenario on this subject, with all its faults.
    #[must_use]
    pub fn new(source: u32, scenario: &Scenario, subject: &str, seed: Seed, plan: &Plan) -> Self {
        let model = match scenario.sensor {
            SensorModel::Ideal => sensor::SensorModel::IDEAL,
            SensorModel::Dexcom => sensor::SensorModel::DEXCOM,
            SensorModel::Guardian => sensor::SensorModel::GUARDIAN_RT,
            SensorModel::Navigator => sensor::SensorModel::NAVIGATOR,
            SensorModel::SevenPlus => sensor::SensorModel::SEVEN_PLUS,
            SensorModel::G5 => sensor::SensorModel::G5,
            SensorModel::G6 => sensor::SensorModel::G6,
        };
        let end = scenario.total_days() * DAY_MINUTES;
        let faults = plan.spans(end).filter_map(|(kind, from, until)| {
            sensor_fault(kind).map(|kind| SensorFault { kind, from, until })
        });
        let inner = sensor::Sensor::new(model.every(INTERVAL), subject, seed).with_faults(faults);
        Self { inner, source, sequence: 0, last: None }
    }

    /// The last number that it showed, mg/dL.
    #[must_use]
    pub const fn last(&self) -> Option<f64> {
        self.last
    }

    /// The frame of this minute, if one is due. To be called in every minute, from the first.
    pub fn read(&mut self, at: Span, glucose_mg_dl: f64, plan: &Plan) -> Option<SensorFrame> {
        let minute = at.as_minutes();
        let [reading, _] = self.inner.advance_minute(MgPerDl(glucose_mg_dl));
        let (value, status) = shown(reading?.value);
        self.last = Some(value);
        self.sequence = self.sequence.wrapping_add(1);
        let whole_minute = u32::try_from(minute).unwrap_or(u32::MAX);
        let slipped = plan.at(whole_minute).any(|kind| kind == FaultKind::UnitSlip);
        let value = if slipped { value / MG_PER_DL_IN_MMOL_PER_L } else { value };
        let session = WORN_BEFORE_MINUTES + minute % WEAR_MINUTES;
        Some(SensorFrame {
            quantity: GLUCOSE,
            unit: MG_DL,
            status: StatusFlags(status),
            source: self.source,
            sequence: self.sequence,
            taken_millis: (minute + WORN_BEFORE_MINUTES) * 60_000,
            value_thousandths: homeostat_numeric::round(value * 1_000.0) as i32,
            quality: 100,
            noise: u8::MAX,
            session_minutes: u16::try_from(session).unwrap_or(u16::MAX),
            detail: [0; 2],
        })
    }
}

fn sensor_fault(kind: FaultKind) -> Option<SensorFaultKind> {
    match kind {
        FaultKind::Dropout => Some(SensorFaultKind::DropOut),
        FaultKind::Frozen => Some(SensorFaultKind::Stuck),
        FaultKind::Bias(factor) => Some(SensorFaultKind::Bias { fraction: factor - 1.0 }),
        FaultKind::CompressionLow(depth) => {
            Some(SensorFaultKind::CompressionLow { depth: MgPerDl(depth) })
        }
        _ => None,
    }
}

/// The number that is shown, just beyond the range for "Low" and "High", and the status bits.
fn shown(value: SensorValue) -> (f64, u8) {
    let value = match value {
        SensorValue::Glucose(MgPerDl(value)) => value,
        SensorValue::Low => *SHOWN.start() - 1.0,
        SensorValue::High => *SHOWN.end() + 1.0,
    };
    if value < *SHOWN.start() {
        (*SHOWN.start() - 1.0, StatusFlags::BELOW_RANGE)
    } else if value > *SHOWN.end() {
        (*SHOWN.end() + 1.0, StatusFlags::ABOVE_RANGE)
    } else {
        (value, 0)
    }
}
