//! The UVA/Padova S2008 model of a person with type 1 diabetes, as simglucose 0.2.11 has it.
//!
//! Thirteen equations (Dalla Man, Rizza, Cobelli 2007; Kovatchev et al. 2008). They fall in three
//! parts that are each solved by the cheapest accurate method: [`insulin`] is linear and exact,
//! [`stomach`] depends on food alone, [`glucose`] is driven by both. See the crate's README for
//! the measured error.
//!
//! Limits of the model: no counter-regulation and no upper saturation, so values far outside the
//! range of life are arithmetic, not physiology.

mod cohort;
mod glucose;
mod insulin;
mod lanes;
mod parameters;
#[allow(clippy::needless_range_loop, reason = "one index runs over the lanes of many arrays")]
mod stomach;

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

/// Subjects computed side by side: many subjects at several times the speed of one after another, with
/// the same bits.
#[derive(Clone, Debug)]
pub struct S2008Batch {
    subjects: Vec<(S2008Parameters, Derived)>,
    groups: Vec<Lanes<LANES>>,
    /// Empty, or one a subject.
    physiologies: Vec<Physiology>,
    minute: u32,
}

/// Subjects in a group: as many as two or four vector registers hold.
const LANES: usize = 8;

impl S2008Batch {
    /// All subjects, fasting at their basal rates.
    #[must_use]
    pub fn new(parameters: &[S2008Parameters]) -> Self {
        let mut groups = Vec::with_capacity(parameters.len().div_ceil(LANES));
        for some in parameters.chunks(LANES) {
            let mut lanes = Lanes::empty();
            for (lane, subject) in some.iter().enumerate() {
                lanes.set(lane, subject);
            }
            groups.push(lanes);
        }
        let subjects = parameters.iter().map(|p| (p.clone(), p.derived())).collect();
        Self { subjects, groups, physiologies: Vec::new(), minute: 0 }
    }

    /// All subjects, varying from hour to hour and day to day as [`S2008Patient::varying`].
    #[must_use]
    pub fn varying(parameters: &[S2008Parameters], variability: Variability, seed: Seed) -> Self {
        let of = |p: &S2008Parameters| Physiology::new(variability, seed, &p.name);
        Self { physiologies: parameters.iter().map(of).collect(), ..Self::new(parameters) }
    }

    /// How many subjects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// One minute for everyone; `inputs` in the order of the subjects. A missing input counts as
    /// nothing eaten and nothing delivered.
    pub fn advance_minute(&mut self, inputs: &[MinuteInputs]) {
        for (subject, physiology) in self.physiologies.iter_mut().enumerate() {
            if let Some(lanes) = self.groups.get_mut(subject / LANES) {
                let lane = subject % LANES;
                let glucose = lanes.plasma_glucose(lane);
                lanes.act(lane, physiology.advance_minute(self.minute, glucose));
            }
        }
        for (group, lanes) in self.groups.iter_mut().enumerate() {
            let mut own = [MinuteInputs::default(); LANES];
            let theirs = inputs.get(group * LANES..).unwrap_or_default();
            for (into, from) in own.iter_mut().zip(theirs) {
                *into = *from;
            }
            lanes.advance_minute(&own);
        }
        self.minute += 1;
    }

    /// Minutes lived.
    #[must_use]
    pub fn minute(&self) -> u32 {
        self.minute
    }

    /// Plasma glucose of a subject; `None` if there is no such subject.
    #[must_use]
    pub fn plasma_glucose(&self, subject: usize) -> Option<MgPerDl> {
        self.seat(subject).map(|(lanes, lane)| lanes.plasma_glucose(lane))
    }

    /// Interstitial glucose of a subject; `None` if there is no such subject.
    #[must_use]
    pub fn interstitial_glucose(&self, subject: usize) -> Option<MgPerDl> {
        self.seat(subject).map(|(lanes, lane)| lanes.interstitial_glucose(lane))
    }

    /// The thirteen states of a subject; `None` if there is no such subject.
    #[must_use]
    pub fn states(&self, subject: usize) -> Option<[NamedState; 13]> {
        let (parameters, derived) = self.subjects.get(subject)?;
        let (lanes, lane) = self.seat(subject)?;
        Some(lanes.states(lane, parameters.basal_insulin, derived))
    }

    fn seat(&self, subject: usize) -> Option<(&Lanes<LANES>, usize)> {
        if subject >= self.subjects.len() {
            return None;
        }
        self.groups.get(subject / LANES).map(|lanes| (lanes, subject % LANES))
    }
}

#[cfg(test)]
mod tests;
