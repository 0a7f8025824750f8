//! The Cambridge model (Hovorka et al. 2004; Wilinska et al. 2010): a second opinion on what a person
//! with diabetes is.
//!
//! Ten published equations and a lag for the space under the skin. The renal term carries the factor
//! VG, as published. Integrated by the classical Runge-Kutta method, two steps a minute.

mod cohort;
mod parameters;

pub use cohort::{read_hovorka, sample_hovorka};
pub use parameters::{HovorkaFigures, HovorkaParameters};

use crate::patient::{Evaluation, MinuteInputs, NamedState, TherapySettings, VirtualPatient, tame};
use crate::physiology::{Physiology, Variability};
use crate::random::Seed;
use crate::stepper::runge_kutta;
use crate::units::{MgPerDl, MmolPerL};
use homeostat_numeric::{max, min};

/// Steps a minute; halving the step moves glucose by less than 0.001 mg/dL over an eventful day.
const STEPS: u32 = 2;

/// Milligrams in a millimole of glucose.
pub(crate) const MG_IN_MMOL: f64 = 180.16;

/// S1, S2 (mU), I (mU/L), x1, x2, x3, D1, D2 (mmol), Q1, Q2 (mmol), C (mmol/L).
pub(crate) type State = [f64; 11];

const NAMES: [&str; 11] = [
    "s1_depot_mu",
    "s2_depot_mu",
    "i_plasma_insulin_mu_per_l",
    "x1_transport_per_min",
    "x2_disposal_per_min",
    "x3_production",
    "d1_gut_mmol",
    "d2_gut_mmol",
    "q1_plasma_glucose_mmol",
    "q2_tissue_glucose_mmol",
    "c_interstitial_glucose_mmol_per_l",
];

/// One subject.
#[derive(Clone, Debug)]
pub struct HovorkaPatient {
    parameters: HovorkaParameters,
    physiology: Physiology,
    state: State,
    minute: u32,
}

impl HovorkaPatient {
    /// A subject, fasting at the basal rate.
    #[must_use]
    pub fn new(parameters: HovorkaParameters) -> Self {
        Self::varying(parameters, Variability::default(), Seed(0))
    }

    /// A subject who varies from hour to hour and day to day.
    #[must_use]
    pub fn varying(parameters: HovorkaParameters, variability: Variability, seed: Seed) -> Self {
        let physiology = Physiology::new(variability, seed, &parameters.name);
        let state = parameters.fasting_state();
        Self { parameters, physiology, state, minute: 0 }
    }

    /// The subject's figures.
    #[must_use]
    pub fn parameters(&self) -> &HovorkaParameters {
        &self.parameters
    }
}

/// What drives the equations in one minute.
#[derive(Clone, Copy)]
pub(crate) struct Drive {
    /// Insulin, mU/min.
    pub(crate) insulin: f64,
    /// Glucose eaten, mmol/min.
    pub(crate) eaten: f64,
    /// Factor on the three insulin sensitivities.
    pub(crate) sensitivity: f64,
    /// Added production, mmol/min.
    pub(crate) production: f64,
}

/// One minute of the published equations.
pub(crate) fn minute(figures: &HovorkaFigures, steps: u32, state: State, drive: Drive) -> State {
    runge_kutta(steps, state, |_, x| slope(figures, x, drive))
}

fn slope(p: &HovorkaFigures, x: &State, drive: Drive) -> State {
    let weight = p.body_weight.0;
    let glucose = x[8] / (p.glucose_volume * weight);
    let fixed_use = p.fixed_use * weight * min(1.0, max(0.0, glucose) / 4.5);
    let renal = 0.003 * max(0.0, glucose - 9.0) * p.glucose_volume * weight;
    let production = p.production * weight * (1.0 - x[5]) + drive.production;
    let appearance = x[7] / p.meal_time;
    let gain = |sensitivity: f64| sensitivity * drive.sensitivity * x[2];
    [
        drive.insulin - x[0] / p.insulin_time,
        (x[0] - x[1]) / p.insulin_time,
        x[1] / (p.insulin_time * p.insulin_volume * weight) - p.clearance * x[2],
        p.action_rates[0] * (gain(p.sensitivities[0]) - x[3]),
        p.action_rates[1] * (gain(p.sensitivities[1]) - x[4]),
        p.action_rates[2] * (gain(p.sensitivities[2]) - x[5]),
        p.bioavailability * drive.eaten - x[6] / p.meal_time,
        (x[6] - x[7]) / p.meal_time,
        max(0.0, production) + appearance + p.exchange * x[9] - fixed_use - renal - x[3] * x[8],
        x[3] * x[8] - (p.exchange + x[4]) * x[9],
        (glucose - x[10]) / p.sensor_lag.0,
    ]
}

impl VirtualPatient for HovorkaPatient {
    type Use = Evaluation;

    fn name(&self) -> &str {
        &self.parameters.name
    }

    fn advance_minute(&mut self, inputs: MinuteInputs) {
        let figures = &self.parameters.figures;
        let glucose = MgPerDl::from(MmolPerL(
            self.state[8] / (figures.glucose_volume * figures.body_weight.0),
        ));
        let acting = self.physiology.advance_minute(self.minute, glucose);
        let drive = Drive {
            insulin: tame(inputs.insulin.0) * 1000.0,
            eaten: tame(inputs.eaten.0) * 1000.0 / MG_IN_MMOL,
            sensitivity: acting.sensitivity,
            production: acting.production * figures.body_weight.0 / MG_IN_MMOL,
        };
        self.state = minute(figures, STEPS, self.state, drive);
        self.minute += 1;
    }

    fn minute(&self) -> u32 {
        self.minute
    }

    fn plasma_glucose(&self) -> MgPerDl {
        let figures = &self.parameters.figures;
        MmolPerL(self.state[8] / (figures.glucose_volume * figures.body_weight.0)).into()
    }

    fn interstitial_glucose(&self) -> MgPerDl {
        MmolPerL(self.state[10]).into()
    }

    fn reset(&mut self) {
        self.state = self.parameters.fasting_state();
        self.physiology = self.physiology.again();
        self.minute = 0;
    }

    fn settings(&self) -> TherapySettings {
        self.parameters.settings()
    }

    fn visit_states(&self, look: &mut dyn FnMut(NamedState)) {
        for (name, value) in NAMES.into_iter().zip(self.state) {
            look(NamedState { name, value });
        }
    }
}

#[cfg(test)]
mod tests;
