//! Makes of insulin pump: what they can give, how finely, how exactly.

use crate::units::{InsulinUnits, UnitsPerHour};

/// A make of pump. Everything it gives is a whole number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PumpModel {
    /// Insulin in one step.
    pub quantum: InsulinUnits,
    /// Steps of a bolus in a minute at most.
    pub steps_per_minute: u32,
    /// Largest bolus.
    pub largest_bolus: InsulinUnits,
    /// Largest basal rate.
    pub largest_basal: UnitsPerHour,
    /// Standard deviation of what a bolus really gives, as a fraction.
    pub bolus_error: f64,
    /// Standard deviation of what basal delivery really gives, as a fraction, drawn for each order.
    pub basal_error: f64,
    /// Insulin held back by a blocked cannula at which the pump stops and alarms. Assumed, for want of
    /// a published figure: 2 U.
    pub occlusion_alarm: InsulinUnits,
}

impl PumpModel {
    /// Medtronic `MiniMed` 670G.
    pub const MINIMED_670G: Self = Self {
        quantum: InsulinUnits(0.025),
        steps_per_minute: 60,
        largest_bolus: InsulinUnits(75.0),
        largest_basal: UnitsPerHour(35.0),
        bolus_error: 0.0248,
        basal_error: 0.0374,
        occlusion_alarm: InsulinUnits(2.0),
    };
    /// Tandem t:slim X2. Its basal rate is set in 0.001 U/h; what leaves the pump is modelled in steps
    /// of its bolus increment.
    pub const TSLIM_X2: Self = Self {
        quantum: InsulinUnits(0.01),
        steps_per_minute: 150,
        largest_bolus: InsulinUnits(25.0),
        largest_basal: UnitsPerHour(15.0),
        bolus_error: 0.0094,
        basal_error: 0.0295,
        occlusion_alarm: InsulinUnits(2.0),
    };
    /// Insulet Omnipod DASH: pulses of 0.05 U, one each 2 s. Its error is assumed like that of the
    /// others for want of a published figure.
    pub const OMNIPOD_DASH: Self = Self {
        quantum: InsulinUnits(0.05),
        steps_per_minute: 30,
        largest_bolus: InsulinUnits(30.0),
        largest_basal: UnitsPerHour(30.0),
        bolus_error: 0.025,
        basal_error: 0.037,
        occlusion_alarm: InsulinUnits(2.0),
    };
    /// The pump of simglucose 0.2.11, whose quantum is 0.05 pmol: in effect none. No error.
    pub const SIMGLUCOSE: Self = Self {
        quantum: InsulinUnits(0.05 / 6000.0),
        steps_per_minute: 3_600_000,
        largest_bolus: InsulinUnits(30.0),
        largest_basal: UnitsPerHour(1800.0),
        bolus_error: 0.0,
        basal_error: 0.0,
        occlusion_alarm: InsulinUnits(f64::MAX),
    };

    /// The same pump without error of delivery.
    #[must_use]
    pub const fn exact(self) -> Self {
        Self { bolus_error: 0.0, basal_error: 0.0, ..self }
    }

    /// Whole steps in an amount, rounded down: never more than was meant. An amount within a millionth
    /// of a step below a whole number is that number, so that 0.15 U is three steps of 0.05 U.
    #[must_use]
    pub fn steps(&self, amount: InsulinUnits) -> u32 {
        // The conversion saturates: NaN and what is below zero give no step.
        homeostat_numeric::floor(amount.0 / self.quantum.0 + 1e-6) as u32
    }

    /// The insulin in a number of steps.
    #[must_use]
    pub fn amount(&self, steps: u32) -> InsulinUnits {
        InsulinUnits(f64::from(steps) * self.quantum.0)
    }
}
