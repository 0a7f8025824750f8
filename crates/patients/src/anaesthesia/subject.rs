//! A virtual person by name: covariates, the models that describe him, the figures they give.

use super::covariates::Covariates;
use super::effect::{IndexModel, eleveld_delay};
use super::haemodynamics::HaemodynamicFigures;
use super::norepinephrine::NorepinephrineModel;
use super::patient::{AnaesthesiaPatient, PatientFigures};
use super::propofol::PropofolModel;
use super::remifentanil::RemifentanilModel;
use super::units::{MmHg, Seconds};
use super::validity::{Breach, Limits, ModelRefusal};

/// The models that describe a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SubjectModels {
    /// Kinetics of propofol.
    pub propofol: PropofolModel,
    /// Kinetics of remifentanil; `None` if he gets none.
    pub remifentanil: Option<RemifentanilModel>,
    /// Index by concentrations.
    pub index: IndexModel,
    /// Norepinephrine; `None` if he gets none.
    pub norepinephrine: Option<NorepinephrineModel>,
    /// What to do where he is beyond a model's limits.
    pub limits: Limits,
}

impl SubjectModels {
    /// Eleveld's models of both drugs and of the index, Li and Joachim's of norepinephrine in adults and
    /// Oualha's in children. Where the person is beyond Eleveld's limits for remifentanil, Minto's is
    /// taken, and beyond those of both, none; likewise with norepinephrine.
    #[must_use]
    pub fn usual(person: &Covariates, opioids: bool) -> Self {
        let propofol =
            PropofolModel::Eleveld { sampling: super::propofol::Sampling::Arterial, opioids };
        let remifentanil = [RemifentanilModel::Eleveld, RemifentanilModel::Minto]
            .into_iter()
            .find(|model| model.card().breaches(person).is_empty());
        let norepinephrine = [NorepinephrineModel::LiJoachim, NorepinephrineModel::Oualha]
            .into_iter()
            .find(|model| model.card().breaches(person).is_empty());
        let limits = Limits::Keep;
        Self { propofol, remifentanil, index: IndexModel::Eleveld, norepinephrine, limits }
    }
}

/// A virtual person.
#[derive(Clone, Debug, PartialEq)]
pub struct AnaesthesiaSubject {
    /// The name in tables and of the random streams.
    pub name: String,
    /// What is known of him.
    pub person: Covariates,
    /// What describes him.
    pub models: SubjectModels,
    /// What the models give, or what was drawn or read for him.
    pub figures: PatientFigures,
    /// Limits that he is beyond, overridden by somebody.
    pub overridden: Vec<Breach>,
}

impl AnaesthesiaSubject {
    /// The person with the models' typical figures, Eleveld's delay and a circulation.
    ///
    /// # Errors
    /// [`ModelRefusal`] of the first model that does not admit him.
    pub fn typical(
        name: &str,
        person: Covariates,
        models: SubjectModels,
    ) -> Result<Self, ModelRefusal> {
        let propofol = models.propofol.fit(&person, models.limits)?;
        let mut overridden = propofol.overridden;
        let mut remifentanil = None;
        if let Some(model) = models.remifentanil {
            let fitted = model.fit(&person, models.limits)?;
            overridden.extend(fitted.overridden);
            remifentanil = Some(fitted.compartments);
        }
        let circulation = HaemodynamicFigures::typical(&person);
        let mut pressor = None;
        if let Some(model) = models.norepinephrine {
            let (own, breaches) =
                model.fit(&person, circulation.awake_pressure(), models.limits)?;
            overridden.extend(breaches);
            pressor = Some(own);
        }
        let figures = PatientFigures {
            propofol: propofol.compartments,
            remifentanil,
            index: models.index.typical(&person),
            delay: eleveld_delay(&person),
            circulation: Some(circulation),
            pressor,
        };
        Ok(Self { name: name.into(), person, models, figures, overridden })
    }

    /// Another circulation; where norepinephrine's largest effect is the awake pressure, it follows.
    pub(crate) fn with_circulation(&mut self, circulation: HaemodynamicFigures) {
        self.figures.circulation = Some(circulation);
        if self.models.norepinephrine == Some(NorepinephrineModel::LiJoachim)
            && let Some(pressor) = &mut self.figures.pressor
        {
            let MmHg(awake) = circulation.awake_pressure();
            pressor.effect.largest = MmHg(awake);
        }
    }

    /// The index without delay, as the tables of the literature are used.
    #[must_use]
    pub(crate) fn without_delay(mut self) -> Self {
        self.figures.delay = Seconds(0.0);
        self
    }

    /// The person, awake.
    #[must_use]
    pub fn patient(&self) -> AnaesthesiaPatient {
        AnaesthesiaPatient::new(&self.figures)
    }
}
