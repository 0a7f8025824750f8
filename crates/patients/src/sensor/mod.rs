//! Continuous glucose sensors: what they say about the glucose under the skin, and how they fail.

mod error_model;
mod faults;
mod spline;

pub use error_model::{Autoregression, ErrorModel};
pub use faults::{BurstLoss, SensorFault, SensorFaultKind};

use crate::random::{Seed, Stream};
use crate::units::MgPerDl;
use error_model::Signal;

/// A make of sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorModel {
    /// Error while nothing is wrong.
    pub error: ErrorModel,
    /// Minutes between readings.
    pub period: u32,
    /// Lowest and highest glucose that it can say.
    pub range: (MgPerDl, MgPerDl),
    /// Whether it says LOW and HIGH beyond the range, or the value at the range's end.
    pub codes: bool,
    /// Days until it is replaced, when the drift of its calibration begins anew.
    pub wear_days: u32,
}

impl SensorModel {
    /// No error, every 5 minutes.
    pub const IDEAL: Self = Self {
        error: ErrorModel::Ideal,
        period: 5,
        range: (MgPerDl(0.0), MgPerDl(f64::MAX)),
        codes: false,
        wear_days: 10,
    };
    /// Dexcom as simglucose has it: Breton and Kovatchev's error, every 3 minutes.
    pub const DEXCOM: Self = Self {
        error: ErrorModel::BretonKovatchev,
        period: 3,
        range: (MgPerDl(39.0), MgPerDl(600.0)),
        codes: false,
        wear_days: 7,
    };
    /// Guardian RT as simglucose has it, every 5 minutes.
    pub const GUARDIAN_RT: Self = Self { period: 5, ..Self::DEXCOM };
    /// Navigator as simglucose has it, every minute.
    pub const NAVIGATOR: Self =
        Self { period: 1, range: (MgPerDl(32.0), MgPerDl(600.0)), ..Self::DEXCOM };
    /// Dexcom SEVEN Plus (Facchinetti et al. 2014).
    pub const SEVEN_PLUS: Self = Self {
        error: ErrorModel::FACCHINETTI_2014,
        period: 5,
        range: (MgPerDl(40.0), MgPerDl(400.0)),
        codes: true,
        wear_days: 7,
    };
    /// Dexcom G5 (Vettoretti et al. 2018).
    pub const G5: Self = Self { error: ErrorModel::VETTORETTI_2018, ..Self::SEVEN_PLUS };
    /// Dexcom G6 (Vettoretti et al. 2019).
    pub const G6: Self =
        Self { error: ErrorModel::VETTORETTI_2019, wear_days: 10, ..Self::SEVEN_PLUS };

    /// The same error sampled at another period.
    #[must_use]
    pub const fn every(self, period: u32) -> Self {
        Self { period, ..self }
    }
}

/// What a reading says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SensorValue {
    /// A glucose within the range.
    Glucose(MgPerDl),
    /// Below the range.
    Low,
    /// Above the range.
    High,
}

/// A reading as it arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorReading {
    /// The time it carries, minutes since the start; with a fault not the time at which it arrives.
    pub stamped: u32,
    /// What it says.
    pub value: SensorValue,
}

/// A sensor that somebody wears.
#[derive(Clone, Debug)]
pub struct Sensor {
    model: SensorModel,
    signal: Signal,
    faults: Vec<SensorFault>,
    fault_noise: Stream,
    /// The last value that no stuck fault replaced.
    last_free: Option<f64>,
    minute: u32,
}

impl Sensor {
    /// A sensor on a subject. Noise and faults draw from streams of their own.
    #[must_use]
    pub fn new(model: SensorModel, subject: &str, seed: Seed) -> Self {
        Self {
            model,
            signal: Signal::new(model.error, |purpose| seed.stream(subject, purpose)),
            faults: Vec::new(),
            fault_noise: seed.stream(subject, "sensor fault noise"),
            last_free: None,
            minute: 0,
        }
    }

    /// Adds a fault.
    pub fn add_fault(&mut self, fault: SensorFault) {
        self.faults.push(fault);
    }

    /// Adds faults.
    #[must_use]
    pub fn with_faults(mut self, faults: impl IntoIterator<Item = SensorFault>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// The beginning of a minute: call once for each, from minute 0, with the glucose under the skin.
    /// What arrives is nothing, a reading, or, with a fault, the same reading twice.
    pub fn advance_minute(&mut self, glucose: MgPerDl) -> [Option<SensorReading>; 2] {
        let minute = self.minute;
        self.minute += 1;
        let wear = Ord::max(self.model.wear_days, 1) * 1440;
        let period = Ord::max(self.model.period, 1);
        let clean = self.signal.advance_minute(glucose, minute, period, minute % wear);
        if !minute.is_multiple_of(period) {
            return [None; 2];
        }
        let signal = self.disturbed(clean, minute);
        let value = self.coded(signal);
        let on = |wanted: fn(&SensorFaultKind) -> bool| {
            self.faults.iter().any(|fault| fault.on(minute) && wanted(&fault.kind))
        };
        if on(|kind| matches!(kind, SensorFaultKind::DropOut | SensorFaultKind::WarmUp)) {
            return [None; 2];
        }
        let back = self.faults.iter().filter(|fault| fault.on(minute)).map(|fault| {
            if let SensorFaultKind::BackwardTime { minutes } = fault.kind { minutes } else { 0 }
        });
        let reading = SensorReading { stamped: minute.saturating_sub(back.sum()), value };
        let twice = on(|kind| matches!(kind, SensorFaultKind::Duplicated));
        [Some(reading), twice.then_some(reading)]
    }

    /// The signal with the faults that change its value.
    fn disturbed(&mut self, clean: f64, minute: u32) -> f64 {
        // One draw a sample whether needed or not: a fault more does not shift the noise of others.
        let noise = self.fault_noise.normal();
        let mut signal = clean;
        let mut stuck = false;
        for fault in self.faults.iter().filter(|fault| fault.on(minute)) {
            match fault.kind {
                SensorFaultKind::CompressionLow { depth } => {
                    signal -= depth.0 * fault.pressure(minute);
                }
                SensorFaultKind::Jump { by } => signal += by.0,
                SensorFaultKind::Bias { fraction } => signal *= 1.0 + fraction,
                SensorFaultKind::Noisy { deviation } => signal += deviation.0 * noise,
                SensorFaultKind::Stuck => stuck = true,
                SensorFaultKind::DropOut
                | SensorFaultKind::WarmUp
                | SensorFaultKind::Duplicated
                | SensorFaultKind::BackwardTime { .. } => {}
            }
        }
        match self.last_free {
            Some(last) if stuck => last,
            _ => {
                self.last_free = Some(signal);
                signal
            }
        }
    }

    fn coded(&self, signal: f64) -> SensorValue {
        let (low, high) = self.model.range;
        match (signal < low.0, signal > high.0) {
            (true, _) if self.model.codes => SensorValue::Low,
            (_, true) if self.model.codes => SensorValue::High,
            _ => SensorValue::Glucose(MgPerDl(homeostat_numeric::clamp(signal, low.0, high.0))),
        }
    }
}

#[cfg(test)]
mod tests;
