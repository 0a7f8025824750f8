//! Published pharmacokinetics of remifentanil.

use super::covariates::{Covariates, Sex, sigmoid};
use super::mammillary::Compartments;
use super::propofol::Fitted;
use super::units::{Litres, LitresPerMinute, NgPerMl, PerMinute};
use super::validity::{Limits, ModelCard, ModelRefusal};
use homeostat_numeric::{exp, pow};

/// A published model of remifentanil's pharmacokinetics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemifentanilModel {
    /// Minto 1997.
    Minto,
    /// Eleveld 2017.
    Eleveld,
}

const MINTO: ModelCard = ModelCard {
    name: "minto",
    source: "Minto et al. 1997, Anesthesiology 86:10, doi 10.1097/00000542-199701000-00004",
    range_source: "65 volunteers of 20 to 85 years; 30 kg is the limit of pumps; James' formula",
    age: (20.0, 85.0),
    weight: (30.0, 160.0),
    lean_body_mass: true,
};
const ELEVELD: ModelCard = ModelCard {
    name: "eleveld",
    source: "Eleveld et al. 2017, Anesthesiology 126:1005, doi 10.1097/ALN.0000000000001634",
    range_source: "131 people of 5 days to 85 years and 2.5 to 106 kg",
    age: (0.0137, 85.0),
    weight: (2.5, 106.0),
    lean_body_mass: false,
};

impl RemifentanilModel {
    /// Every model.
    pub const ALL: [Self; 2] = [Self::Minto, Self::Eleveld];

    /// Name, source and range.
    #[must_use]
    pub fn card(self) -> ModelCard {
        match self {
            Self::Minto => MINTO,
            Self::Eleveld => ELEVELD,
        }
    }

    /// The model of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.card().name == name)
    }

    /// The figures of a person.
    ///
    /// # Errors
    /// [`ModelRefusal`] naming the limit that the person is beyond, unless overridden, or the figure that
    /// the equations make impossible.
    pub fn fit(self, person: &Covariates, limits: Limits) -> Result<Fitted, ModelRefusal> {
        let card = self.card();
        let overridden = card.admit(person, limits)?;
        let compartments = self.equations(person);
        match compartments.impossible() {
            None => Ok(Fitted { compartments, overridden }),
            Some(words) => Err(ModelRefusal::Impossible { model: card.name, words }),
        }
    }

    /// Concentration of half effect on the spectral edge of the electroencephalogram.
    #[must_use]
    pub fn half_effect(self, person: &Covariates) -> NgPerMl {
        NgPerMl(match self {
            Self::Minto => 13.1 - 0.148 * (person.age().0 - 40.0),
            Self::Eleveld => 12.7,
        })
    }

    fn equations(self, person: &Covariates) -> Compartments {
        match self {
            Self::Minto => minto(person),
            Self::Eleveld => eleveld(person),
        }
    }
}

fn minto(person: &Covariates) -> Compartments {
    let (age, lean) = (person.age().0 - 40.0, person.lean_body_mass_james().0 - 55.0);
    Compartments {
        volumes: [
            Litres(5.1 - 0.0201 * age + 0.072 * lean),
            Litres(9.82 - 0.0811 * age + 0.108 * lean),
            Litres(5.42),
        ],
        clearances: [
            LitresPerMinute(2.6 - 0.0162 * age + 0.0191 * lean),
            LitresPerMinute(2.05 - 0.0301 * age),
            LitresPerMinute(0.076 - 0.001_13 * age),
        ],
        effect_site: PerMinute(0.595 - 0.007 * age),
    }
}

fn eleveld(person: &Covariates) -> Compartments {
    let (age, weight) = (person.age().0, person.weight().0);
    // The man's reference in women too.
    let size = person.fat_free_mass().0 / Covariates::reference_man().fat_free_mass().0;
    let ageing = |slope: f64| exp(slope * (age - 35.0));
    let maturity = |weight| sigmoid(weight, 2.88, 2.0);
    let sex = match person.sex() {
        Sex::Male => 1.0,
        Sex::Female => 1.0 + 0.470 * sigmoid(age, 12.0, 6.0) * (1.0 - sigmoid(age, 45.0, 6.0)),
    };
    let v1 = 5.81 * size * ageing(-0.005_54);
    let v2 = 8.82 * size * ageing(-0.003_27) * sex;
    let v3 = 5.03 * size * ageing(-0.0315) * exp(-0.0260 * (weight - 70.0));
    let clearance =
        2.58 * pow(size, 0.75) * maturity(weight) / maturity(70.0) * sex * ageing(-0.003_27);
    let q2 = 1.72 * pow(v2 / 8.82, 0.75) * ageing(-0.005_54) * sex;
    let q3 = 0.124 * pow(v3 / 5.03, 0.75) * ageing(-0.005_54);
    Compartments {
        volumes: [Litres(v1), Litres(v2), Litres(v3)],
        clearances: [LitresPerMinute(clearance), LitresPerMinute(q2), LitresPerMinute(q3)],
        effect_site: PerMinute(1.09 * ageing(-0.0289)),
    }
}

#[cfg(test)]
mod tests;
