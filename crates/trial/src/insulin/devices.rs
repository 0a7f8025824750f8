//! The simulated pumps: how finely, how fast and how exactly they deliver.

use homeostat_patients::pump::PumpModel as Make;
use homeostat_patients::random::{Seed, Stream};

use super::scenario::PumpModel;

/// The published figures of a pump; none for the exact one.
const fn make(pump: PumpModel) -> Option<Make> {
    match pump {
        PumpModel::Exact => None,
        PumpModel::Patch => Some(Make::OMNIPOD_DASH),
        PumpModel::Tethered => Some(Make::MINIMED_670G),
        PumpModel::Fine => Some(Make::TSLIM_X2),
    }
}

/// Largest amount of a bolus in one minute, U. The exact pump gives any bolus at once, as
/// simglucose's does.
#[must_use]
pub(super) fn bolus_per_minute(pump: PumpModel) -> f64 {
    make(pump).map_or(1_000.0, |make| f64::from(make.steps_per_minute) * make.quantum.0)
}

/// Units of insulin in one step of the pump. The exact pump has steps so fine that they do not
/// matter, as far as a profile can write them.
#[must_use]
pub(super) fn pump_step(pump: PumpModel) -> f64 {
    make(pump).map_or(0.001, |make| make.quantum.0)
}

/// How exactly a pump delivers what it counts: drawn anew for each order.
#[derive(Clone, Debug)]
pub struct Exactness {
    chance: Stream,
    deviation: f64,
    factor: f64,
}

impl Exactness {
    /// The exactness of a pump on a subject.
    #[must_use]
    pub fn new(pump: PumpModel, subject: &str, seed: Seed) -> Self {
        let deviation = make(pump).map_or(0.0, |make| make.basal_error);
        Self { chance: seed.stream(subject, "pump exactness"), deviation, factor: 1.0 }
    }

    /// What really leaves the pump of a counted amount.
    #[must_use]
    pub fn real(&self, counted: f64) -> f64 {
        counted * self.factor
    }

    /// Draws for the next order.
    pub fn draw(&mut self) {
        let factor = 1.0 + self.deviation * self.chance.normal();
        self.factor = homeostat_numeric::max(factor, 0.0);
    }
}
