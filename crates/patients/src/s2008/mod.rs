//! The UVA/Padova S2008 model of a person with type 1 diabetes, as simglucose 0.2.11 has it.
//!
//! Thirteen equations (Dalla Man, Rizza, Cobelli 2007; Kovatchev et al. 2008). They fall in three
//! parts that are each solved by the cheapest accurate method: `insulin` is linear and exact,
//! `stomach` depends on food alone, `glucose` is driven by both. See the crate's README for
//! the measured error.
//!
//! Limits of the model: no counter-regulation and no upper saturation, so values far outside the
//! range of life are arithmetic, not physiology.

mod batch;
mod cohort;
mod figures;
mod glucose;
mod insulin;
mod lanes;
mod parameters;
#[allow(clippy::needless_range_loop, reason = "one index runs over the lanes of many arrays")]
mod stomach;

pub use batch::S2008Batch;
pub use cohort::{published_subjects, read_subjects};
pub use parameters::{Derived, S2008Parameters};

use crate::patient::{Evaluation, MinuteInputs, NamedState, TherapySettings, VirtualPatient};
use crate::physiology::{Physiology, Variability};
use crate::random::Seed;
use crate::units::MgPerDl;
use lanes::Lanes;

/// One subject.
#[derive(Clone, Debug)]
pub struct S2008Patient {
    parameters: S2008Parameters,
    derived: Derived,
    lanes: Lanes<1>,
    physiology: Option<Physiology>,
    minute: u32,
}

impl S2008Patient {
    /// A subject, fasting at the basal rate.
    #[must_use]
    pub fn new(parameters: S2008Parameters) -> Self {
        let mut lanes = Lanes::empty();
        lanes.set(0, &parameters);
        Self { derived: parameters.derived(), parameters, lanes, physiology: None, minute: 0 }
    }

    /// A subject who varies from hour to hour and day to day. What varies is computed at the start of
    /// each minute and held for it.
    #[must_use]
    pub fn varying(parameters: S2008Parameters, variability: Variability, seed: Seed) -> Self {
        let physiology = Physiology::new(variability, seed, &parameters.name);
        Self { physiology: Some(physiology), ..Self::new(parameters) }
    }

    /// The subject's figures.
    #[must_use]
    pub fn parameters(&self) -> &S2008Parameters {
        &self.parameters
    }
}

impl VirtualPatient for S2008Patient {
    type Use = Evaluation;

    fn name(&self) -> &str {
        &self.parameters.name
    }

    fn advance_minute(&mut self, inputs: MinuteInputs) {
        if let Some(physiology) = &mut self.physiology {
            let glucose = self.lanes.plasma_glucose(0);
            self.lanes.act(0, physiology.advance_minute(self.minute, glucose));
        }
        self.lanes.advance_minute(&[inputs]);
        self.minute += 1;
    }

    fn minute(&self) -> u32 {
        self.minute
    }

    fn plasma_glucose(&self) -> MgPerDl {
        self.lanes.plasma_glucose(0)
    }

    fn interstitial_glucose(&self) -> MgPerDl {
        self.lanes.interstitial_glucose(0)
    }

    fn reset(&mut self) {
        let physiology = self.physiology.as_ref().map(Physiology::again);
        *self = Self { physiology, ..Self::new(self.parameters.clone()) };
    }

    fn settings(&self) -> TherapySettings {
        self.parameters.settings()
    }

    fn visit_states(&self, look: &mut dyn FnMut(NamedState)) {
        let basal_insulin = self.parameters.basal_insulin;
        self.lanes.states(0, basal_insulin, &self.derived).into_iter().for_each(look);
    }
}

#[cfg(test)]
mod tests;
