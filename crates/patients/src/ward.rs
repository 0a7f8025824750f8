//! Many patients of one family at once.

use crate::error::TableError;
use crate::hovorka::{HovorkaParameters, HovorkaPatient};
use crate::patient::{EvaluationModel, MinuteInputs, NamedState, TherapySettings, VirtualPatient};
use crate::s2008::{S2008Batch, S2008Parameters, S2008Patient, published_subjects, read_subjects};
use crate::units::MgPerDl;

/// The subjects of one model family.
#[derive(Clone, Debug)]
pub enum Cohort {
    /// UVA/Padova S2008.
    S2008(Vec<S2008Parameters>),
    /// Hovorka (Cambridge).
    Hovorka(Vec<HovorkaParameters>),
}

impl Cohort {
    /// The 30 published S2008 subjects.
    #[must_use]
    pub fn published() -> Self {
        Self::S2008(published_subjects())
    }

    /// S2008 subjects from a simglucose parameter file and optional questionnaire file, each given as
    /// its name for errors and its text.
    ///
    /// # Errors
    /// [`TableError`] naming the line and column of the first field that cannot be used.
    pub fn read(
        parameters: (&str, &str),
        questionnaire: Option<(&str, &str)>,
    ) -> Result<Self, TableError> {
        read_subjects(parameters.0, parameters.1, questionnaire).map(Self::S2008)
    }

    /// Hovorka subjects from a table; see [`crate::hovorka::read_hovorka`] for its columns.
    ///
    /// # Errors
    /// [`TableError`] naming the line and column of the first field that cannot be used.
    pub fn read_hovorka(file: &str, text: &str) -> Result<Self, TableError> {
        crate::hovorka::read_hovorka(file, text).map(Self::Hovorka)
    }

    /// The subjects' names, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::S2008(subjects) => subjects.iter().map(|p| p.name.clone()).collect(),
            Self::Hovorka(subjects) => subjects.iter().map(|p| p.name.clone()).collect(),
        }
    }

    /// The clinic's figures, in order.
    #[must_use]
    pub fn settings(&self) -> Vec<TherapySettings> {
        match self {
            Self::S2008(subjects) => subjects.iter().map(S2008Parameters::settings).collect(),
            Self::Hovorka(subjects) => subjects.iter().map(HovorkaParameters::settings).collect(),
        }
    }

    /// The subjects at these places; a place beyond the end is left out.
    #[must_use]
    pub fn select(&self, places: &[usize]) -> Self {
        fn some<Subject: Clone>(subjects: &[Subject], places: &[usize]) -> Vec<Subject> {
            places.iter().filter_map(|&place| subjects.get(place).cloned()).collect()
        }
        match self {
            Self::S2008(subjects) => Self::S2008(some(subjects, places)),
            Self::Hovorka(subjects) => Self::Hovorka(some(subjects, places)),
        }
    }

    /// Everyone as a patient of their own, fasting at basal.
    #[must_use]
    pub fn patients(&self) -> Vec<Box<dyn EvaluationModel>> {
        match self {
            Self::S2008(subjects) => subjects
                .iter()
                .map(|p| Box::new(S2008Patient::new(p.clone())) as Box<dyn EvaluationModel>)
                .collect(),
            Self::Hovorka(subjects) => subjects
                .iter()
                .map(|p| Box::new(HovorkaPatient::new(p.clone())) as Box<dyn EvaluationModel>)
                .collect(),
        }
    }
}

/// The patients of a cohort, advanced together.
#[derive(Clone, Debug)]
pub enum Ward {
    /// Side by side.
    S2008(S2008Batch),
    /// One after another.
    Hovorka(Vec<HovorkaPatient>),
}

impl Ward {
    /// Everyone, fasting at basal.
    #[must_use]
    pub fn new(cohort: &Cohort) -> Self {
        match cohort {
            Cohort::S2008(subjects) => Self::S2008(S2008Batch::new(subjects)),
            Cohort::Hovorka(subjects) => {
                Self::Hovorka(subjects.iter().cloned().map(HovorkaPatient::new).collect())
            }
        }
    }

    /// One minute for everyone, inputs in the order of the cohort.
    pub fn advance_minute(&mut self, inputs: &[MinuteInputs]) {
        match self {
            Self::S2008(batch) => batch.advance_minute(inputs),
            Self::Hovorka(patients) => {
                for (patient, input) in patients.iter_mut().zip(inputs) {
                    patient.advance_minute(*input);
                }
            }
        }
    }

    /// Plasma glucose; `None` if there is nobody at this place.
    #[must_use]
    pub fn plasma_glucose(&self, place: usize) -> Option<MgPerDl> {
        match self {
            Self::S2008(batch) => batch.plasma_glucose(place),
            Self::Hovorka(patients) => patients.get(place).map(VirtualPatient::plasma_glucose),
        }
    }

    /// Interstitial glucose; `None` if there is nobody at this place.
    #[must_use]
    pub fn interstitial_glucose(&self, place: usize) -> Option<MgPerDl> {
        match self {
            Self::S2008(batch) => batch.interstitial_glucose(place),
            Self::Hovorka(patients) => {
                patients.get(place).map(VirtualPatient::interstitial_glucose)
            }
        }
    }

    /// Every state of the patient at this place; empty if there is nobody.
    #[must_use]
    pub fn states(&self, place: usize) -> Vec<NamedState> {
        match self {
            Self::S2008(batch) => batch.states(place).map_or_else(Vec::new, Vec::from),
            Self::Hovorka(patients) => patients.get(place).map_or_else(Vec::new, |patient| {
                let mut states = Vec::new();
                patient.visit_states(&mut |state| states.push(state));
                states
            }),
        }
    }
}
