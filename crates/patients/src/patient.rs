//! What every virtual patient can do, and which of them may judge a controller.

use crate::units::{
    Grams, GramsPerUnit, InsulinUnits, Kilograms, MgPerDl, MgPerDlPerUnit, UnitsPerHour, Years,
};

/// What reaches the patient during one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MinuteInputs {
    /// Carbohydrate eaten in this minute, at an even rate. See [`crate::meals::Plate`] for a meal
    /// that is eaten over several minutes.
    pub eaten: Grams,
    /// Insulin delivered under the skin in this minute, at an even rate.
    pub insulin: InsulinUnits,
}

/// The figures that a clinic would know about this patient: all that a controller may be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TherapySettings {
    /// Body weight.
    pub body_weight: Kilograms,
    /// Age.
    pub age: Years,
    /// Carbohydrate ratio (CR).
    pub carbohydrate_ratio: GramsPerUnit,
    /// Correction factor (CF).
    pub correction_factor: MgPerDlPerUnit,
    /// The basal rate that holds the fasting steady state.
    pub basal: UnitsPerHour,
    /// Total daily insulin (TDI), in units per day.
    pub total_daily_insulin: InsulinUnits,
}

/// A state of a model by name, with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NamedState {
    /// The model's own symbol and what it is, for example `x4_plasma_glucose_mg_per_kg`.
    pub name: &'static str,
    /// The value in the unit that the name ends with.
    pub value: f64,
}

/// A simulated person with diabetes, advanced a minute at a time.
///
/// A patient is a pure state machine: the same inputs give the same bits on every machine, alone or
/// in a batch.
pub trait VirtualPatient {
    /// What the model may be used for: [`Design`] or [`Evaluation`], never both.
    type Use: ModelUse;

    /// The subject's name, for example `adult#001`.
    fn name(&self) -> &str;

    /// Lives through one minute. Inputs below zero or not finite count as zero: a patient cannot
    /// un-eat, and no mistake upstream may turn into a state that is not a number.
    fn advance_minute(&mut self, inputs: MinuteInputs);

    /// Minutes lived since the last reset.
    fn minute(&self) -> u32;

    /// Glucose in plasma, at the end of the last minute.
    fn plasma_glucose(&self) -> MgPerDl;

    /// Glucose under the skin (interstitial), which a continuous sensor measures.
    fn interstitial_glucose(&self) -> MgPerDl;

    /// Returns to the fasting steady state at the basal rate, minute 0.
    fn reset(&mut self);

    /// The clinic's figures.
    fn settings(&self) -> TherapySettings;

    /// Calls `look` with every state of the model, in the model's order.
    fn visit_states(&self, look: &mut dyn FnMut(NamedState));
}

/// What a model may be used for. Sealed: there are two uses and a model has exactly one.
pub trait ModelUse: sealed::Sealed {}

/// The use of a model inside a controller or for tuning one.
#[derive(Clone, Copy, Debug)]
pub enum Design {}

/// The use of a model to judge a finished controller.
#[derive(Clone, Copy, Debug)]
pub enum Evaluation {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Design {}
    impl Sealed for super::Evaluation {}
}

impl ModelUse for Design {}
impl ModelUse for Evaluation {}

/// A model that a controller may be designed and tuned on (requirement SIM-01).
pub trait DesignModel: VirtualPatient<Use = Design> {}
impl<Model: VirtualPatient<Use = Design> + ?Sized> DesignModel for Model {}

/// A model that may judge a controller (requirement SIM-01). Since a model has one [`ModelUse`],
/// no model is ever both, and a trial on the design model does not compile:
///
/// ```compile_fail
/// fn judge<Model: homeostat_patients::EvaluationModel>(_: Model) {}
/// fn trial(patient: homeostat_patients::minimal::MinimalPatient) {
///     judge(patient);
/// }
/// ```
///
/// while one on another family does:
///
/// ```
/// fn judge<Model: homeostat_patients::EvaluationModel>(_: Model) {}
/// fn trial(patient: homeostat_patients::s2008::S2008Patient) {
///     judge(patient);
/// }
/// ```
pub trait EvaluationModel: VirtualPatient<Use = Evaluation> {}
impl<Model: VirtualPatient<Use = Evaluation> + ?Sized> EvaluationModel for Model {}

/// An input as the models take it: zero unless it is a positive finite number.
pub(crate) fn tame(value: f64) -> f64 {
    if value > 0.0 && value.is_finite() { value } else { 0.0 }
}
