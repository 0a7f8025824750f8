//! The monitor and the arterial line as the loop hears them: what simulated devices say, as frames of 32
//! bytes.

use homeostat_patients::anaesthesia::monitor::{
    ArterialLine, Monitor, MonitorFault, MonitorFaultKind, MonitorModel, MonitorSample,
};
use homeostat_patients::anaesthesia::units::{BispectralIndex, Decibels, MmHg, Percent, Seconds};
use homeostat_patients::random::Seed;
use homeostat_propofol::sensing::{INDEX, INDEX_UNIT, MMHG, PRESSURE};
use homeostat_record::{SensorFrame, Span, Unit};

use super::bedside::{PREPARATION_SECONDS, Plan};
use super::scenario::{FaultKind, MonitorChoice};

/// The devices were switched on this long before the world began.
const ON_BEFORE_SECONDS: u64 = 1_800;
/// Noise of the arterial line, each second.
const LINE_NOISE: MmHg = MmHg(5.0);
/// Seconds between values of pressure.
const PRESSURE_EVERY: u64 = 5;
/// What stands for an index that was not computed: no value that an index can have.
const NOT_COMPUTED: i32 = -1_000;
/// A unit of the register that an index does not have.
const ANOTHER_UNIT: Unit = Unit(5);

/// Pseudonyms of the simulated devices.
pub const MONITOR: u32 = 0xB150_0001;
pub(super) const LINE: u32 = 0xA27E_0001;

/// A monitor on a person.
#[derive(Clone, Debug)]
pub struct IndexMonitor {
    inner: Monitor,
    sequence: u32,
    last: Option<MonitorSample>,
}

impl IndexMonitor {
    /// The monitor of a scenario on this subject, with all its faults. `delay` is the person's own.
    #[must_use]
    pub fn new(
        choice: MonitorChoice,
        (subject, awake, delay): (&str, BispectralIndex, Seconds),
        seed: Seed,
        plan: &Plan,
    ) -> Self {
        let model = match choice {
            MonitorChoice::Ideal => MonitorModel::IDEAL,
            MonitorChoice::Noisy => MonitorModel::NOISY,
            MonitorChoice::Smoothed => MonitorModel::SMOOTHED,
        };
        let faults = plan.faults().filter_map(|fault| {
            let kind = monitor_fault(fault.kind, delay)?;
            let world = |second: u32| u64::from(PREPARATION_SECONDS.saturating_add(second));
            let (from, until) = (world(fault.when.at_second), world(fault.when.until()));
            Some(MonitorFault { kind, from, until })
        });
        let inner = Monitor::new(model, awake, subject, seed).with_faults(faults);
        Self { inner, sequence: 0, last: None }
    }

    /// The index that it last showed.
    #[must_use]
    pub fn shown(&self) -> Option<f64> {
        Some(self.last?.index?.0)
    }

    /// The frame of this second. To be called in every second, from the first.
    pub fn read(
        &mut self,
        at: Span,
        index: BispectralIndex,
        faults: impl Iterator<Item = FaultKind>,
    ) -> Option<SensorFrame> {
        let sample = self.inner.advance_second(index);
        self.sequence = self.sequence.wrapping_add(1);
        self.last = sample;
        let sample = sample?;
        let (mut unit, mut part) = (INDEX_UNIT, 1.0);
        for kind in faults {
            match kind {
                FaultKind::WrongUnit => unit = ANOTHER_UNIT,
                FaultKind::UnitSlip => part = 0.1,
                _ => {}
            }
        }
        let value = sample.index.map_or(NOT_COMPUTED, |index| thousandths(index.0 * part));
        Some(SensorFrame {
            quantity: INDEX,
            unit,
            value_thousandths: value,
            quality: whole(sample.quality.0),
            detail: [whole(sample.electromyogram.0), whole(sample.suppression.0)],
            ..frame(MONITOR, self.sequence, at)
        })
    }
}

/// What source, number and time make of a frame.
fn frame(source: u32, sequence: u32, at: Span) -> SensorFrame {
    let since = at.as_millis() + ON_BEFORE_SECONDS * 1_000;
    SensorFrame {
        source,
        sequence,
        taken_millis: since,
        quality: 100,
        noise: u8::MAX,
        session_minutes: u16::try_from(since / 60_000).unwrap_or(u16::MAX),
        ..SensorFrame::default()
    }
}

fn thousandths(value: f64) -> i32 {
    homeostat_numeric::round(value * 1_000.0) as i32
}

fn whole(value: f64) -> u8 {
    homeostat_numeric::clamp(homeostat_numeric::round(value), 0.0, 254.0) as u8
}

fn monitor_fault(kind: FaultKind, delay: Seconds) -> Option<MonitorFaultKind> {
    match kind {
        FaultKind::Silent => Some(MonitorFaultKind::Silence),
        FaultKind::Quality(most) => Some(MonitorFaultKind::Quality { most: Percent(most) }),
        FaultKind::Muscle(by, power) => {
            Some(MonitorFaultKind::Muscle { bias: BispectralIndex(by), power: Decibels(power) })
        }
        FaultKind::Stuck => Some(MonitorFaultKind::Stuck),
        FaultKind::Jump(by) => Some(MonitorFaultKind::Jump { by: BispectralIndex(by) }),
        FaultKind::DelayFactor(factor) => {
            Some(MonitorFaultKind::Later { by: Seconds(delay.0 * (factor - 1.0)) })
        }
        FaultKind::Suppression(ratio) => {
            Some(MonitorFaultKind::Suppression { ratio: Percent(ratio) })
        }
        _ => None,
    }
}

/// An arterial line on a person.
#[derive(Clone, Debug)]
pub struct PressureLine {
    inner: ArterialLine,
    sequence: u32,
    /// The profile's low level.
    low: MmHg,
    /// The last values that it showed, newest first.
    shown: [Option<MmHg>; 3],
}

impl PressureLine {
    /// A line on this subject, whose profile calls a pressure below `low` low.
    #[must_use]
    pub fn new(low: MmHg, subject: &str, seed: Seed) -> Self {
        let inner = ArterialLine::new(LINE_NOISE, subject, seed);
        Self { inner, sequence: 0, low, shown: [None; 3] }
    }

    /// The frame of this second, if one is due. To be called in every second, from the first.
    pub fn read(
        &mut self,
        at: Span,
        pressure: MmHg,
        faults: impl Iterator<Item = FaultKind>,
    ) -> Option<SensorFrame> {
        let mut shown = self.inner.read(pressure);
        let mut silent = !(at.as_millis() / 1_000).is_multiple_of(PRESSURE_EVERY);
        for kind in faults {
            match kind {
                FaultKind::LowPressure(by) => {
                    shown = MmHg(homeostat_numeric::max(0.0, shown.0 - by));
                }
                FaultKind::PressureSilent => silent = true,
                _ => {}
            }
        }
        if silent {
            return None;
        }
        let [first, second, _] = self.shown;
        self.shown = [Some(shown), first, second];
        self.sequence = self.sequence.wrapping_add(1);
        Some(SensorFrame {
            quantity: PRESSURE,
            unit: MMHG,
            value_thousandths: thousandths(shown.0),
            ..frame(LINE, self.sequence, at)
        })
    }

    /// Whether the mean of the last three values is low: one alone is noise.
    #[must_use]
    pub fn is_low(&self) -> bool {
        let [Some(first), Some(second), Some(third)] = self.shown else { return false };
        (first.0 + second.0 + third.0) / 3.0 < self.low.0
    }
}
