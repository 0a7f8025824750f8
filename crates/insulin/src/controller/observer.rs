//! The observer: glucose and the disturbance behind it, from readings of unknown noise.
//!
//! A Kalman filter of three states. Its disturbance has the shape of a meal, so that the beginning
//! of a rise already says how much is still to come. How noisy the sensor is, it learns from the
//! third difference of the readings, in which glucose is nearly silent.

use super::design_model::{Glucose, GlucoseTimes, Insulin, Model};
use crate::profile::PredictiveParameters;
use homeostat_numeric::{abs, clamp, max, min};
use minicbor::{Decode, Encode};

/// Covariance of the three states, its upper triangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Covariance {
    #[n(0)]
    level: f64,
    #[n(1)]
    level_begun: f64,
    #[n(2)]
    level_appearing: f64,
    #[n(3)]
    begun: f64,
    #[n(4)]
    begun_appearing: f64,
    #[n(5)]
    appearing: f64,
}

impl Covariance {
    /// What is known after one reading and nothing else.
    const fn fresh(begun: f64) -> Self {
        Self {
            level: 25.0,
            level_begun: 0.0,
            level_appearing: 0.0,
            begun,
            begun_appearing: 0.0,
            appearing: 1.0,
        }
    }

    /// One minute later: `F P F'` with the model's sparse `F`.
    fn minute(self, times: GlucoseTimes) -> Self {
        let (a, c) = (1.0 - 1.0 / times.return_time, 1.0 / times.appearance);
        let e = 1.0 - c;
        let [gg, gb, ga] = [
            a * self.level + c * self.level_appearing,
            a * self.level_begun + c * self.begun_appearing,
            a * self.level_appearing + c * self.appearing,
        ];
        let (bb, ba) = (e * self.begun, e * self.begun_appearing);
        let ab = c * self.begun + e * self.begun_appearing;
        let aa = c * self.begun_appearing + e * self.appearing;
        Self {
            level: a * gg + c * ga,
            level_begun: e * gb,
            level_appearing: c * gb + e * ga,
            begun: e * bb,
            begun_appearing: c * bb + e * ba,
            appearing: c * ab + e * aa,
        }
    }
}

/// Estimated noise of the sensor.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Noise {
    /// The last ten readings, newest first, mg/dL.
    #[n(0)]
    recent: [f64; 10],
    /// How many of them are in an unbroken row.
    #[n(1)]
    row: u8,
    /// Median of the third difference's size, mg/dL.
    #[n(2)]
    median: f64,
}

/// Standard deviation of the noise per median third difference over 15 minutes: 0.6745 times the
/// root of 20 - 30 r1 + 12 r2 - 2 r3 with r = 0.69, 0.48, 0.33 (Breton and Kovatchev's noise).
const MEDIAN_PER_SPREAD: f64 = 1.44;
/// Relative step of the median's tracking per reading.
const MEDIAN_STEP: f64 = 0.04;

impl Noise {
    const START: Self = Self { recent: [0.0; 10], row: 0, median: 6.0 };

    fn broken(&mut self) {
        self.row = 0;
    }

    fn hear(&mut self, reading: f64) {
        self.recent.rotate_right(1);
        let [newest, _, _, third, _, _, sixth, _, _, ninth] = &mut self.recent;
        *newest = reading;
        self.row = self.row.saturating_add(1);
        if self.row >= 10 {
            let difference = abs(reading - 3.0 * *third + 3.0 * *sixth - *ninth);
            let step = if difference > self.median { MEDIAN_STEP } else { -MEDIAN_STEP };
            self.median = clamp(self.median * (1.0 + step), 0.5, 30.0);
        }
    }

    /// Standard deviation beyond what counts as none, mg/dL.
    fn spread(&self, free: f64) -> f64 {
        max(self.median / MEDIAN_PER_SPREAD - free, 0.0)
    }
}

/// The observer's memory.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Observer {
    /// Whether a reading has ever come.
    #[n(0)]
    pub begun: bool,
    /// The estimate.
    #[n(1)]
    pub estimate: Glucose,
    /// How sure it is.
    #[n(2)]
    pub covariance: Covariance,
    /// The sensor's noise.
    #[n(3)]
    pub noise: Noise,
    /// Cycles without a reading that could be used.
    #[n(4)]
    pub missed: u32,
    /// Readings used in a row since the last gap.
    #[n(5)]
    pub row: u32,
    /// Cycles in which a reading was disbelieved.
    #[n(6)]
    pub disbelieved: u32,
    /// Readings in a row that were higher than expected.
    #[n(7)]
    pub rising: u32,
}

/// Cycles without a reading after which everything but the level is forgotten (SEN-13).
const GAP: u32 = 3;
/// Bounds of the estimate, mg/dL.
const LEVELS: (f64, f64) = (20.0, 600.0);
/// Bound of each part of the disturbance, mg/dL.
const DISTURBANCE: f64 = 600.0;

impl Observer {
    /// Before the first reading.
    pub const START: Self = Self {
        begun: false,
        estimate: Glucose { level: 0.0, begun: 0.0, appearing: 0.0 },
        covariance: Covariance::fresh(1.0),
        noise: Noise::START,
        missed: 0,
        row: 0,
        disbelieved: 0,
        rising: 0,
    };

    /// Standard deviation of the sensor's noise beyond what counts as none, mg/dL.
    #[must_use]
    pub fn spread(&self, parameters: &PredictiveParameters) -> f64 {
        self.noise.spread(parameters.noise_free)
    }

    /// Whether the trend may be used: enough readings since the last gap.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.row >= GAP
    }

    /// What is still to appear, mg/dL.
    #[must_use]
    pub fn coming(&self) -> f64 {
        self.estimate.begun + self.estimate.appearing
    }

    /// One minute of the model.
    pub fn minute(&mut self, model: &Model, insulin: Insulin) {
        if self.begun {
            self.estimate = self.estimate.after(model.fall(insulin), 1.0, model.glucose);
            self.covariance = self.covariance.minute(model.glucose);
        }
    }

    /// The end of a cycle: its uncertainty, and the reading if there is one.
    pub fn cycle(&mut self, reading: Option<f64>, parameters: &PredictiveParameters) {
        let p = parameters;
        match reading {
            Some(level) => self.noise.hear(level),
            None => self.noise.broken(),
        }
        if !self.begun {
            if let Some(level) = reading {
                self.begun = true;
                self.estimate = Glucose { level, begun: 0.0, appearing: 0.0 };
                self.row = 1;
            }
            return;
        }
        let spread = self.spread(p);
        self.covariance.level += p.model_variance;
        self.covariance.begun += p.meal_spread * p.meal_spread;
        match reading.filter(|level| self.believe(*level, p.jump + p.jump_noise * spread, p)) {
            Some(level) => self.learn(level, spread, p),
            None => {
                self.missed = self.missed.saturating_add(1);
                if self.missed >= GAP && reading.is_none() {
                    self.row = 0;
                }
            }
        }
        let glucose = &mut self.estimate;
        glucose.level = clamp(glucose.level, LEVELS.0, LEVELS.1);
        glucose.begun = clamp(glucose.begun, -DISTURBANCE, DISTURBANCE);
        glucose.appearing = clamp(glucose.appearing, -DISTURBANCE, DISTURBANCE);
    }

    /// Whether a reading can be glucose: a fall that no body makes is held to be a pressed sensor,
    /// but not for ever.
    fn believe(&mut self, level: f64, jump: f64, p: &PredictiveParameters) -> bool {
        let rise = level - self.estimate.level;
        let fell = rise < -jump || (self.disbelieved > 0 && rise < -0.5 * jump);
        let patient = f64::from(self.disbelieved) < p.disbelief;
        if self.settled() && fell && patient {
            self.disbelieved = self.disbelieved.saturating_add(1);
            return false;
        }
        if !patient {
            self.missed = GAP;
        }
        self.disbelieved = 0;
        true
    }

    fn learn(&mut self, level: f64, spread: f64, p: &PredictiveParameters) {
        if self.missed >= GAP {
            self.estimate = Glucose { level, begun: 0.0, appearing: 0.0 };
            self.covariance = Covariance::fresh(p.meal_spread * p.meal_spread);
        }
        self.missed = 0;
        self.row = self.row.saturating_add(1);
        let noise = p.noise_gain * spread;
        let c = self.covariance;
        let total = c.level + p.reading_variance + noise * noise;
        let surprise = min(level - self.estimate.level, p.rise_most + p.jump_noise * spread);
        self.rising = if surprise > 0.0 { self.rising.saturating_add(1) } else { 0 };
        let (g, b, a) = (c.level / total, c.level_begun / total, c.level_appearing / total);
        self.estimate.level += g * surprise;
        self.estimate.begun += b * surprise;
        self.estimate.appearing += a * surprise;
        self.covariance = Covariance {
            level: c.level - g * c.level,
            level_begun: c.level_begun - g * c.level_begun,
            level_appearing: c.level_appearing - g * c.level_appearing,
            begun: c.begun - b * c.level_begun,
            begun_appearing: c.begun_appearing - b * c.level_appearing,
            appearing: c.appearing - a * c.level_appearing,
        };
    }

    /// Every number is finite.
    #[must_use]
    pub(super) fn is_sound(&self) -> bool {
        let c = self.covariance;
        let rest =
            [c.level, c.level_begun, c.level_appearing, c.begun, c.begun_appearing, c.appearing];
        let recent = self.noise.recent.iter();
        rest.iter().chain(recent).all(|number| number.is_finite()) && self.noise.median.is_finite()
    }

    /// Whether the reading of this cycle was disbelieved.
    #[must_use]
    pub fn doubts(&self) -> bool {
        self.disbelieved > 0
    }
}
