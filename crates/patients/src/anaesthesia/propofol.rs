//! Published pharmacokinetics of propofol: covariates in, volumes and clearances out.

use super::covariates::{Covariates, Sex, sigmoid};
use super::mammillary::Compartments;
use super::units::{Litres, LitresPerMinute, PerMinute};
use super::validity::{Breach, Limits, ModelCard, ModelRefusal};
use homeostat_numeric::{exp, max, pow};

/// Where blood was sampled in the data that a variant of Eleveld's model describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// Arterial.
    Arterial,
    /// Venous.
    Venous,
}

/// A published model of propofol's pharmacokinetics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropofolModel {
    /// Schnider 1998, ke0 of Schnider 1999.
    Schnider,
    /// Marsh 1991, with the ke0 of the first pumps (0.26 /min).
    Marsh,
    /// Marsh 1991, with the ke0 of Struys 2000 (1.2 /min), "modified Marsh".
    MarshModified,
    /// Schuttler 2000, infusion and arterial sampling; ke0 borrowed from Eleveld 2018.
    Schuttler,
    /// Eleveld 2018.
    Eleveld {
        /// Where blood is sampled; also chooses ke0.
        sampling: Sampling,
        /// Whether opioids are given too, which lowers V3 and clearance with age.
        opioids: bool,
    },
}

/// Volumes and clearances of a person, and what was overridden to get them.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The figures.
    pub compartments: Compartments,
    /// Limits of the model that this person is beyond, overridden by somebody.
    pub overridden: Vec<Breach>,
}

const SCHNIDER: ModelCard = ModelCard {
    name: "schnider",
    source: "Schnider et al. 1998, Anesthesiology 88:1170, doi 10.1097/00000542-199805000-00006",
    range_source: "24 volunteers of 26 to 81 years and 44 to 123 kg; James' formula",
    age: (26.0, 81.0),
    weight: (44.0, 123.0),
    lean_body_mass: true,
};
const MARSH: ModelCard = ModelCard {
    name: "marsh",
    source: "Marsh et al. 1991, Br J Anaesth 67:41, doi 10.1093/bja/67.1.41",
    range_source: "limits of the pumps that use it",
    age: (16.0, 100.0),
    weight: (30.0, 150.0),
    lean_body_mass: false,
};
const SCHUTTLER: ModelCard = ModelCard {
    name: "schuttler",
    source: "Schuttler and Ihmsen 2000, Anesthesiology 92:727, doi 10.1097/00000542-200003000-00017",
    range_source: "270 people of 2 to 88 years and 12 to 100 kg",
    age: (2.0, 88.0),
    weight: (12.0, 100.0),
    lean_body_mass: false,
};
const ELEVELD: ModelCard = ModelCard {
    name: "eleveld",
    source: "Eleveld et al. 2018, Br J Anaesth 120:942, doi 10.1016/j.bja.2018.01.018",
    range_source: "1033 people from birth to 88 years and 0.68 to 160 kg",
    age: (0.0, 88.0),
    weight: (0.68, 160.0),
    lean_body_mass: false,
};

impl PropofolModel {
    /// Eleveld 2018, arterial, without opioids.
    pub const ELEVELD: Self = Self::Eleveld { sampling: Sampling::Arterial, opioids: false };

    /// Every model and variant.
    pub const ALL: [Self; 8] = [
        Self::Schnider,
        Self::Marsh,
        Self::MarshModified,
        Self::Schuttler,
        Self::ELEVELD,
        Self::Eleveld { sampling: Sampling::Arterial, opioids: true },
        Self::Eleveld { sampling: Sampling::Venous, opioids: false },
        Self::Eleveld { sampling: Sampling::Venous, opioids: true },
    ];

    /// Name, source and range.
    #[must_use]
    pub fn card(self) -> ModelCard {
        match self {
            Self::Schnider => SCHNIDER,
            Self::Marsh => MARSH,
            Self::MarshModified => ModelCard { name: "marsh-modified", ..MARSH },
            Self::Schuttler => SCHUTTLER,
            Self::Eleveld { sampling: Sampling::Arterial, .. } => ELEVELD,
            Self::Eleveld { sampling: Sampling::Venous, .. } => {
                ModelCard { name: "eleveld-venous", ..ELEVELD }
            }
        }
    }

    /// The model of this name; `opioids` matters to Eleveld's.
    #[must_use]
    pub fn named(name: &str, opioids: bool) -> Option<Self> {
        Self::ALL.into_iter().find_map(|model| match model {
            Self::Eleveld { sampling, .. } if model.card().name == name => {
                Some(Self::Eleveld { sampling, opioids })
            }
            _ => (model.card().name == name).then_some(model),
        })
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

    /// The model's equations without a look at its limits.
    pub(crate) fn equations(self, person: &Covariates) -> Compartments {
        match self {
            Self::Schnider => schnider(person),
            Self::Marsh => marsh(person, 0.26),
            Self::MarshModified => marsh(person, 1.2),
            Self::Schuttler => schuttler(person),
            Self::Eleveld { sampling, opioids } => Eleveld { person, sampling, opioids }.typical(),
        }
    }
}

fn schnider(person: &Covariates) -> Compartments {
    let (age, weight, height) = (person.age().0, person.weight().0, person.height().0);
    let lean = person.lean_body_mass_james().0;
    Compartments {
        volumes: [Litres(4.27), Litres(18.9 - 0.391 * (age - 53.0)), Litres(238.0)],
        clearances: [
            LitresPerMinute(
                1.89 + 0.0456 * (weight - 77.0) - 0.0681 * (lean - 59.0)
                    + 0.0264 * (height - 177.0),
            ),
            LitresPerMinute(1.29 - 0.024 * (age - 53.0)),
            LitresPerMinute(0.836),
        ],
        effect_site: PerMinute(0.456),
    }
}

/// Published as rate constants: V1 0.228 L/kg, k10 0.119, k12 0.112, k13 0.042, k21 0.055, k31 0.0033.
fn marsh(person: &Covariates, ke0: f64) -> Compartments {
    let central = 0.228 * person.weight().0;
    Compartments {
        volumes: [
            Litres(central),
            Litres(central * 0.112 / 0.055),
            Litres(central * 0.042 / 0.0033),
        ],
        clearances: [
            LitresPerMinute(0.119 * central),
            LitresPerMinute(0.112 * central),
            LitresPerMinute(0.042 * central),
        ],
        effect_site: PerMinute(ke0),
    }
}

fn schuttler(person: &Covariates) -> Compartments {
    let (age, size) = (person.age().0, person.weight().0 / 70.0);
    let ageing = 0.045 * max(0.0, age - 60.0);
    Compartments {
        volumes: [
            Litres(9.3 * pow(size, 0.71) * pow(age / 30.0, -0.39)),
            Litres(44.2 * pow(size, 0.61)),
            Litres(266.0),
        ],
        clearances: [
            LitresPerMinute(1.44 * pow(size, 0.75) - ageing),
            LitresPerMinute(2.25 * pow(size, 0.62)),
            LitresPerMinute(0.92 * pow(size, 0.55)),
        ],
        effect_site: eleveld_effect_site(person, Sampling::Arterial),
    }
}

/// Equilibration of the effect site in Eleveld 2018: 0.146 /min arterial, 1.24 /min venous at 70 kg.
fn eleveld_effect_site(person: &Covariates, sampling: Sampling) -> PerMinute {
    let reference = match sampling {
        Sampling::Arterial => 0.146_37,
        Sampling::Venous => 1.24,
    };
    PerMinute(reference * pow(person.weight().0 / 70.0, -0.25))
}

/// Eleveld 2018. The thetas stand as in the model's control stream; the paper prints them rounded.
struct Eleveld<'a> {
    person: &'a Covariates,
    sampling: Sampling,
    opioids: bool,
}

/// theta 1 to 3: V1, V2, V3 of the reference man, litres.
pub(crate) const VOLUMES: [f64; 3] =
    [6.283_078_076_682_2, 25.501_314_503_687_9, 272.816_661_504_360_3];
/// theta 4 and 15: clearance of men and of women, L/min.
const CLEARANCES: [f64; 2] = [1.789_583_658_890_2, 2.100_221_887_789_9];
/// theta 5 and 6: Q2 and Q3, L/min.
const EXCHANGES: [f64; 2] = [1.750_098_373_877_9, 1.108_542_400_853_6];
/// theta 8 and 9: maturation of clearance, weeks and slope.
const MATURATION: (f64, f64) = (42.276_019_060_261_5, 9.054_845_239_280_7);
/// theta 10: V2 with age.
const AGEING_OF_V2: f64 = -0.015_633;
/// theta 11 and 13: clearance and V3 with age where opioids are given.
const OPIOIDS: (f64, f64) = (-0.002_857_09, -0.013_816_6);
/// theta 12: weight of half the largest V1, kg.
const HALF_WEIGHT: f64 = 33.553_124_877_854_4;
/// theta 14 and 16: maturation of Q3, weeks, and what it takes from Q2.
const EXCHANGE_MATURATION: (f64, f64) = (68.276_797_884_683_2, 1.304_268_047_136);
/// theta 17 and 18: V1 and Q2 in venous data.
const VENOUS: (f64, f64) = (1.418_904_365_208_4, 0.680_500_310_914_1);

/// Post-menstrual age in weeks of somebody born at term.
fn post_menstrual(age: f64) -> f64 {
    age * 52.0 + 40.0
}

impl Eleveld<'_> {
    fn typical(&self) -> Compartments {
        let reference = Covariates::reference_man();
        let (age, weight) = (self.person.age().0, self.person.weight().0);
        let (weeks, reference_weeks) = (post_menstrual(age), post_menstrual(reference.age().0));
        let with_opioids = |slope: f64| if self.opioids { exp(slope * age) } else { 1.0 };
        let central = |weight| sigmoid(weight, HALF_WEIGHT, 1.0);
        let maturity = |weeks| sigmoid(weeks, MATURATION.0, MATURATION.1);
        let exchange_maturity = |weeks| sigmoid(weeks, EXCHANGE_MATURATION.0, 1.0);

        let mut v1 = VOLUMES[0] * central(weight) / central(reference.weight().0);
        let v2 = VOLUMES[1] * (weight / 70.0) * exp(AGEING_OF_V2 * (age - 35.0));
        // Divided by the man's fat-free mass in women too.
        let size = self.person.fat_free_mass().0 / reference.fat_free_mass().0;
        let v3 = VOLUMES[2] * size * with_opioids(OPIOIDS.1);
        let own = match self.person.sex() {
            Sex::Male => CLEARANCES[0],
            Sex::Female => CLEARANCES[1],
        };
        let clearance = own * pow(weight / 70.0, 0.75) * maturity(weeks)
            / maturity(reference_weeks)
            * with_opioids(OPIOIDS.0);
        let mut q2 = EXCHANGES[0]
            * pow(v2 / VOLUMES[1], 0.75)
            * (1.0 + EXCHANGE_MATURATION.1 * (1.0 - exchange_maturity(weeks)));
        let q3 = EXCHANGES[1] * pow(v3 / VOLUMES[2], 0.75) * exchange_maturity(weeks)
            / exchange_maturity(reference_weeks);
        if self.sampling == Sampling::Venous {
            v1 *= 1.0 + VENOUS.0 * (1.0 - central(weight));
            q2 *= VENOUS.1;
        }
        Compartments {
            volumes: [Litres(v1), Litres(v2), Litres(v3)],
            clearances: [LitresPerMinute(clearance), LitresPerMinute(q2), LitresPerMinute(q3)],
            effect_site: eleveld_effect_site(self.person, self.sampling),
        }
    }
}

#[cfg(test)]
mod tests;
