//! Virtual people with diabetes, the sensors and pumps they wear, and the meals they eat; and virtual
//! people under anaesthesia.
//!
//! Everything is a state machine in simulated time, driven by its caller: no clock, no file, no
//! ambient randomness. The same inputs and seed give the same bits on every machine.
//!
//! Start with [`VirtualPatient`], then [`s2008`]; for anaesthesia with [`anaesthesia::patient`].
#![forbid(unsafe_code)]

pub mod anaesthesia;
mod error;
pub mod hovorka;
mod linear;
pub mod meals;
pub mod minimal;
mod patient;
pub mod physiology;
pub mod pump;
pub mod random;
pub mod s2008;
pub mod sensor;
pub mod simulate;
mod stepper;
mod table;
pub mod units;
mod ward;
pub mod wording;

pub use error::TableError;
pub use patient::{
    Design, DesignModel, Evaluation, EvaluationModel, MinuteInputs, ModelUse, NamedState,
    TherapySettings, VirtualPatient,
};
pub use ward::{Cohort, Ward};
