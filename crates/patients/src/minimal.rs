//! A minimal model to *design* controllers on: the identifiable virtual patient of Kanderian et al.
//! (2009), five equations.
//!
//! Its type says [`Design`], so no trial accepts it as a judge.

use crate::patient::{Design, MinuteInputs, NamedState, TherapySettings, VirtualPatient, tame};
use crate::units::{
    GramsPerUnit, InsulinUnits, Kilograms, MgPerDl, MgPerDlPerUnit, UnitsPerHour, Years,
};

/// Steps of the Runge-Kutta method in a minute: rates stay below 0.1 per minute.
const STEPS: u32 = 2;

/// The figures of a minimal patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinimalParameters {
    /// Insulin sensitivity SI, 1/min per uU/mL.
    pub sensitivity: f64,
    /// Glucose effectiveness at zero insulin GEZI, 1/min.
    pub effectiveness: f64,
    /// Endogenous production EGP, mg/dL/min.
    pub production: f64,
    /// Insulin clearance CI, mL/min.
    pub clearance: f64,
    /// Time constants of insulin absorption tau1 and tau2, min.
    pub absorption: [f64; 2],
    /// Rate of insulin action p2, 1/min.
    pub action_rate: f64,
    /// Glucose distribution volume VG, dL.
    pub glucose_volume: f64,
    /// Time of the peak of meal appearance tau_m, min.
    pub meal_peak: f64,
    /// The glucose that the basal rate holds.
    pub basal_glucose: MgPerDl,
    /// Body weight, for the settings alone.
    pub body_weight: Kilograms,
}

impl MinimalParameters {
    /// The mean set that publications of DTU's group quote; the ten published subjects are not known
    /// to us.
    #[must_use]
    pub const fn average() -> Self {
        Self {
            sensitivity: 8.11e-4,
            effectiveness: 2.20e-3,
            production: 1.33,
            clearance: 2010.0,
            absorption: [49.0, 47.0],
            action_rate: 1.06e-2,
            glucose_volume: 253.0,
            meal_peak: 47.0,
            basal_glucose: MgPerDl(120.0),
            body_weight: Kilograms(75.0),
        }
    }

    /// Plasma insulin at the fasting steady state, uU/mL.
    fn basal_insulin(&self) -> f64 {
        (self.production / self.basal_glucose.0 - self.effectiveness) / self.sensitivity
    }
}

/// Isc, Ip in uU/mL; Ieff in 1/min; G in mg/dL; the two meal compartments in mg.
type State = [f64; 6];

/// A patient of the minimal model. The meal's closed form `Ch t / (VG tm^2) e^(-t/tm)` is the impulse
/// response of two equal compartments, which is how it is computed.
#[derive(Clone, Debug)]
pub struct MinimalPatient {
    parameters: MinimalParameters,
    state: State,
    minute: u32,
}

impl MinimalPatient {
    /// A patient, fasting at the basal rate.
    #[must_use]
    pub fn new(parameters: MinimalParameters) -> Self {
        let insulin = parameters.basal_insulin();
        let action = parameters.sensitivity * insulin;
        let state = [insulin, insulin, action, parameters.basal_glucose.0, 0.0, 0.0];
        Self { parameters, state, minute: 0 }
    }

    fn slope(&self, x: &State, delivery: f64, eaten: f64) -> State {
        let p = &self.parameters;
        let [depot, plasma, action, glucose, chewed, absorbed] = *x;
        let appearance = absorbed / p.meal_peak / p.glucose_volume;
        [
            (delivery / p.clearance - depot) / p.absorption[0],
            (depot - plasma) / p.absorption[1],
            p.action_rate * (p.sensitivity * plasma - action),
            p.production + appearance - (p.effectiveness + action) * glucose,
            eaten - chewed / p.meal_peak,
            (chewed - absorbed) / p.meal_peak,
        ]
    }
}

impl VirtualPatient for MinimalPatient {
    type Use = Design;

    fn name(&self) -> &str {
        "minimal"
    }

    fn advance_minute(&mut self, inputs: MinuteInputs) {
        let delivery = tame(inputs.insulin.0) * 1e6;
        let eaten = tame(inputs.eaten.0) * 1000.0;
        self.state =
            crate::stepper::runge_kutta(STEPS, self.state, |_, x| self.slope(x, delivery, eaten));
        self.minute += 1;
    }

    fn minute(&self) -> u32 {
        self.minute
    }

    fn plasma_glucose(&self) -> MgPerDl {
        MgPerDl(self.state[3])
    }

    /// The model has no space under the skin: the same as in plasma.
    fn interstitial_glucose(&self) -> MgPerDl {
        self.plasma_glucose()
    }

    fn reset(&mut self) {
        *self = Self::new(self.parameters);
    }

    /// CF is the fall that one unit brings if nothing else restores glucose, SI G / CI; CR is the
    /// carbohydrate whose rise in VG equals that fall; TDI is twice the basal.
    fn settings(&self) -> TherapySettings {
        let p = &self.parameters;
        let basal = UnitsPerHour(p.basal_insulin() * p.clearance * 60.0 / 1e6);
        let fall = p.sensitivity * p.basal_glucose.0 * 1e6 / p.clearance;
        let daily = 2.0 * 24.0 * basal.0;
        TherapySettings {
            body_weight: p.body_weight,
            age: Years(40.0),
            carbohydrate_ratio: GramsPerUnit(fall * p.glucose_volume / 1000.0),
            correction_factor: MgPerDlPerUnit(fall),
            basal,
            total_daily_insulin: InsulinUnits(daily),
        }
    }

    fn visit_states(&self, look: &mut dyn FnMut(NamedState)) {
        const NAMES: [&str; 6] = [
            "isc_insulin_uu_per_ml",
            "ip_insulin_uu_per_ml",
            "ieff_action_per_min",
            "g_glucose_mg_per_dl",
            "meal_1_mg",
            "meal_2_mg",
        ];
        for (name, value) in NAMES.into_iter().zip(self.state) {
            look(NamedState { name, value });
        }
    }
}
