//! Figures of the simulated pumps.

use super::scenario::PumpModel;

/// The rate at which pumps deliver a bolus, U/min (2 s a pulse of 0.05 U).
pub const BOLUS_PER_MINUTE: f64 = 1.5;

/// Units of insulin in one step of the pump.
#[must_use]
pub const fn pump_step(pump: PumpModel) -> f64 {
    match pump {
        PumpModel::Exact => 0.001,
        PumpModel::Patch => 0.05,
        PumpModel::Tethered => 0.025,
        PumpModel::Fine => 0.01,
    }
}
