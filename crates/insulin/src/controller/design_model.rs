//! The design model: what the controllers believe of insulin, meals and glucose.
//!
//! Five linear compartments, stepped by Euler with one minute in the observer and five in the
//! forecast (the shortest time constant is 45 minutes). It is not one of the models that judge the
//! controllers.

use super::CYCLE;
use crate::profile::PredictiveParameters;
use homeostat_numeric::{max, min};
use minicbor::{Decode, Encode};

/// Time constants of insulin, minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InsulinTimes {
    /// Each of two subcutaneous compartments.
    pub absorption: f64,
    /// Onset of action.
    pub action: f64,
}

/// Insulin on its way: two subcutaneous depots (U) and the action (U/min).
#[derive(Clone, Copy, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Insulin {
    /// First depot, U.
    #[n(0)]
    pub first: f64,
    /// Second depot, U.
    #[n(1)]
    pub second: f64,
    /// Insulin acting, U/min.
    #[n(2)]
    pub acting: f64,
}

impl Insulin {
    /// The steady state at a constant rate, U/min.
    #[must_use]
    pub fn steady(rate: f64, times: InsulinTimes) -> Self {
        let depot = rate * times.absorption;
        Self { first: depot, second: depot, acting: rate }
    }

    /// One unit just given, and nothing else.
    #[must_use]
    pub const fn unit() -> Self {
        Self { first: 1.0, second: 0.0, acting: 0.0 }
    }

    /// After `minutes` of delivery at `rate` U/min (one Euler step).
    #[must_use]
    pub fn after(self, rate: f64, minutes: f64, times: InsulinTimes) -> Self {
        let Self { first, second, acting } = self;
        Self {
            first: first + minutes * (rate - first / times.absorption),
            second: second + minutes * (first - second) / times.absorption,
            acting: acting + minutes * (second / times.absorption - acting) / times.action,
        }
    }

    /// The same with nothing negative: a correction of the record cannot take out more than is in.
    #[must_use]
    pub fn not_negative(self) -> Self {
        Self {
            first: max(self.first, 0.0),
            second: max(self.second, 0.0),
            acting: max(self.acting, 0.0),
        }
    }

    /// Units that have not acted yet.
    #[must_use]
    pub fn on_board(self, times: InsulinTimes) -> f64 {
        self.first + self.second + self.acting * times.action
    }
}

/// Glucose (mg/dL) and a disturbance in two compartments (mg/dL that are still to appear).
#[derive(Clone, Copy, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Glucose {
    /// Glucose, mg/dL.
    #[n(0)]
    pub level: f64,
    /// Disturbance that has begun, mg/dL.
    #[n(1)]
    pub begun: f64,
    /// Disturbance that is appearing, mg/dL.
    #[n(2)]
    pub appearing: f64,
}

/// Numbers of the glucose part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GlucoseTimes {
    /// Return to the reference, minutes.
    pub return_time: f64,
    /// The reference, mg/dL.
    pub return_level: f64,
    /// Each of the two compartments of a disturbance, minutes.
    pub appearance: f64,
}

impl Glucose {
    /// After `minutes` in which insulin lowers glucose by `fall` mg/dL/min (one Euler step).
    #[must_use]
    pub fn after(self, fall: f64, minutes: f64, times: GlucoseTimes) -> Self {
        let Self { level, begun, appearing } = self;
        let home = (level - times.return_level) / times.return_time;
        Self {
            level: level + minutes * (appearing / times.appearance - home - fall),
            begun: begun - minutes * begun / times.appearance,
            appearing: appearing + minutes * (begun - appearing) / times.appearance,
        }
    }
}

/// The model of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model {
    /// Insulin's times.
    pub insulin: InsulinTimes,
    /// Glucose's times.
    pub glucose: GlucoseTimes,
    /// Fall of glucose per unit, without any return: mg/dL/U.
    pub effect: f64,
    /// Basal rate, U/min.
    pub basal: f64,
}

/// Cycles that a forecast looks ahead: six hours.
const HORIZON: u32 = 72;
/// A dose has no effect worth dividing by before this many cycles.
const EARLIEST: u32 = 3;
/// Least effect that a dose is divided by, as a part of the total.
const LEAST_EFFECT: f64 = 0.02;

/// What follows if nothing more is delivered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Lowest glucose, mg/dL.
    pub least: f64,
    /// Glucose at the end of the horizon, mg/dL.
    pub last: f64,
    /// Largest dose now that keeps the forecast at the floor or above, U; negative if it is below.
    pub room: f64,
    /// What is on board beyond what keeps the forecast at the floor, by the greatest fall that a unit
    /// causes, U; zero if nothing is. A meal's bolus is lowered by it: glucose that is low for a short
    /// time before a meal does not take the whole bolus away.
    pub excess: f64,
}

impl Model {
    /// The model with these parameters; `effect` and `basal` are the person's.
    #[must_use]
    pub fn new(parameters: &PredictiveParameters, effect: f64, basal: f64) -> Self {
        let p = parameters;
        Self {
            insulin: InsulinTimes { absorption: p.absorption, action: p.action },
            glucose: GlucoseTimes {
                return_time: p.return_time,
                return_level: p.return_level,
                appearance: p.appearance,
            },
            effect,
            basal,
        }
    }

    /// Fall of glucose beyond what the basal rate holds level, mg/dL/min.
    #[must_use]
    pub fn fall(&self, insulin: Insulin) -> f64 {
        self.effect * (insulin.acting - self.basal)
    }

    /// Looks ahead without any further delivery, and how much could be given now.
    ///
    /// The room is `min over t of (G(t) - floor) / (gain * h(t))` with `h` the fall that one unit
    /// causes: the linear programme "largest dose, no predicted value below the floor" has one
    /// variable, so its solution is this scan.
    #[must_use]
    pub fn forecast(&self, from: Glucose, insulin: Insulin, floor: f64, gain: f64) -> Forecast {
        let (mut glucose, mut insulin, mut unit, mut fallen) =
            (from, insulin, Insulin::unit(), 0.0);
        let mut found =
            Forecast { least: from.level, last: from.level, room: f64::MAX, excess: 0.0 };
        let mut lowest = f64::MAX;
        let mut greatest = 0.0;
        for cycle in 0..HORIZON {
            glucose = glucose.after(self.fall(insulin), CYCLE, self.glucose);
            fallen += CYCLE * (self.effect * unit.acting - fallen / self.glucose.return_time);
            insulin = insulin.after(0.0, CYCLE, self.insulin);
            unit = unit.after(0.0, CYCLE, self.insulin);
            if glucose.level < found.least {
                found.least = glucose.level;
            }
            if cycle >= EARLIEST {
                let effect = max(fallen, LEAST_EFFECT * self.effect) * gain;
                let room = (glucose.level - floor) / effect;
                if room < found.room {
                    found.room = room;
                }
                lowest = min(lowest, glucose.level);
            }
            greatest = max(greatest, fallen);
        }
        found.excess =
            max(floor - lowest, 0.0) / (max(greatest, LEAST_EFFECT * self.effect) * gain);
        found.last = glucose.level;
        found
    }
}
