//! Published kinetics of propofol: a person in, volumes and clearances out.

use super::Compartments;
use crate::algorithm::{Person, Sex};
use crate::units::{Centimetres, Kilograms, Litres, LitresPerMinute, PerMinute, Years};
use homeostat_numeric::{exp, pow};

/// A published population model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Population {
    /// Schnider 1998, ke0 of Schnider 1999.
    Schnider,
    /// Marsh 1991 with the ke0 of the first pumps, 0.26 /min.
    Marsh,
    /// Marsh 1991 with the ke0 of Struys 2000, 1.2 /min.
    MarshModified,
    /// Eleveld 2018, arterial.
    Eleveld,
}

/// A model's name, source and the people it was made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Card {
    /// Name in files and reports.
    pub name: &'static str,
    /// Authors, year, journal.
    pub source: &'static str,
    /// Youngest and oldest, years.
    pub age: (f64, f64),
    /// Lightest and heaviest, kg.
    pub weight: (f64, f64),
    /// Largest body mass index of women and of men, kg/m2; none where the model sets no limit.
    pub body_mass_index: Option<(f64, f64)>,
}

/// A limit of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Age, years.
    Age,
    /// Weight, kg.
    Weight,
    /// Body mass index, kg/m2.
    BodyMassIndex,
    /// The equations give no possible compartments.
    Equations,
}

/// A person whom a model was not made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outside {
    /// Name of the model.
    pub model: &'static str,
    /// Which limit.
    pub limit: Limit,
    /// Smallest and largest value that the model accepts.
    pub range: (f64, f64),
    /// The person's.
    pub found: f64,
}

/// James' formula of lean body mass falls with weight beyond these; Schnider's model uses it.
const JAMES: (f64, f64) = (35.0, 42.0);

impl Population {
    /// Every model.
    pub const ALL: [Self; 4] = [Self::Schnider, Self::Marsh, Self::MarshModified, Self::Eleveld];

    /// Name, source and range.
    #[must_use]
    pub const fn card(self) -> Card {
        let marsh = Card {
            name: "marsh",
            source: "Marsh et al. 1991, Br J Anaesth 67:41; limits of the pumps that use it",
            age: (16.0, 100.0),
            weight: (30.0, 150.0),
            body_mass_index: None,
        };
        match self {
            Self::Schnider => Card {
                name: "schnider",
                source: "Schnider et al. 1998, Anesthesiology 88:1170; 24 volunteers",
                age: (26.0, 81.0),
                weight: (44.0, 123.0),
                body_mass_index: Some(JAMES),
            },
            Self::Marsh => marsh,
            Self::MarshModified => Card { name: "marsh-modified", ..marsh },
            Self::Eleveld => Card {
                name: "eleveld",
                source: "Eleveld et al. 2018, Br J Anaesth 120:942; 1033 people",
                age: (0.0, 88.0),
                weight: (0.68, 160.0),
                body_mass_index: None,
            },
        }
    }

    /// The figures of a person.
    ///
    /// # Errors
    /// [`Outside`], naming the first limit that the person is beyond.
    pub fn fit(self, person: &Person) -> Result<Compartments, Outside> {
        let card = self.card();
        let index = body_mass_index(person);
        let largest_index = card.body_mass_index.map(|(female, male)| match person.sex {
            Sex::Female => female,
            Sex::Male => male,
        });
        let checks = [
            (Limit::Age, card.age, person.age.0),
            (Limit::Weight, card.weight, person.weight.0),
            (Limit::BodyMassIndex, (0.0, largest_index.unwrap_or(f64::INFINITY)), index),
        ];
        for (limit, range, found) in checks {
            // NaN fails the comparison.
            let fits = found >= range.0 && found <= range.1;
            if !fits {
                return Err(Outside { model: card.name, limit, range, found });
            }
        }
        let compartments = self.equations(person);
        if compartments.is_possible() {
            return Ok(compartments);
        }
        let range = (0.0, f64::INFINITY);
        Err(Outside { model: card.name, limit: Limit::Equations, range, found: 0.0 })
    }

    /// The equations without a look at the limits: for a recorded override.
    #[must_use]
    pub fn equations(self, person: &Person) -> Compartments {
        match self {
            Self::Schnider => schnider(person),
            Self::Marsh => marsh(person, 0.26),
            Self::MarshModified => marsh(person, 1.2),
            Self::Eleveld => eleveld(person),
        }
    }
}

fn body_mass_index(person: &Person) -> f64 {
    let metres = person.height.0 / 100.0;
    person.weight.0 / (metres * metres)
}

/// James 1976.
fn lean_body_mass(person: &Person) -> f64 {
    let ratio = person.weight.0 / person.height.0;
    match person.sex {
        Sex::Male => 1.1 * person.weight.0 - 128.0 * ratio * ratio,
        Sex::Female => 1.07 * person.weight.0 - 148.0 * ratio * ratio,
    }
}

/// Al-Sallami 2015.
fn fat_free_mass(person: &Person) -> f64 {
    let (age, weight, index) = (person.age.0, person.weight.0, body_mass_index(person));
    match person.sex {
        Sex::Male => {
            (0.88 + 0.12 * hill(age, 13.4, 12.7)) * 9_270.0 * weight / (6_680.0 + 216.0 * index)
        }
        Sex::Female => {
            (1.11 - 0.11 * hill(age, 7.1, 1.1)) * 9_270.0 * weight / (8_780.0 + 244.0 * index)
        }
    }
}

/// `x^slope / (x^slope + half^slope)`, 0 at and below 0.
fn hill(x: f64, half: f64, slope: f64) -> f64 {
    if x > 0.0 { 1.0 / (1.0 + pow(half / x, slope)) } else { 0.0 }
}

fn schnider(person: &Person) -> Compartments {
    let (age, weight, height) = (person.age.0 - 53.0, person.weight.0 - 77.0, person.height.0);
    let lean = lean_body_mass(person) - 59.0;
    let clearance = 1.89 + 0.0456 * weight - 0.0681 * lean + 0.0264 * (height - 177.0);
    Compartments {
        volumes: [Litres(4.27), Litres(18.9 - 0.391 * age), Litres(238.0)],
        clearances: [
            LitresPerMinute(clearance),
            LitresPerMinute(1.29 - 0.024 * age),
            LitresPerMinute(0.836),
        ],
        effect_site: PerMinute(0.456),
    }
}

/// Published as rate constants: 0.228 L/kg, k10 0.119, k12 0.112, k13 0.042, k21 0.055, k31 0.0033.
fn marsh(person: &Person, ke0: f64) -> Compartments {
    let central = 0.228 * person.weight.0;
    Compartments {
        volumes: [central, central * 0.112 / 0.055, central * 0.042 / 0.0033].map(Litres),
        clearances: [0.119 * central, 0.112 * central, 0.042 * central].map(LitresPerMinute),
        effect_site: PerMinute(ke0),
    }
}

/// V1, V2, V3 (theta 1 to 3) and Q2, Q3 (theta 5, 6) of the reference man, as in the model's control
/// stream; the paper prints them rounded.
const VOLUMES: [f64; 3] = [6.283_078_076_682_2, 25.501_314_503_687_9, 272.816_661_504_360_3];
const EXCHANGES: [f64; 2] = [1.750_098_373_877_9, 1.108_542_400_853_6];
/// Theta 4 and 15: clearance of men and women, L/min.
const CLEARANCES: [f64; 2] = [1.789_583_658_890_2, 2.100_221_887_789_9];
/// Theta 8 and 9: maturation of clearance.
const MATURATION: (f64, f64) = (42.276_019_060_261_5, 9.054_845_239_280_7);
/// Theta 12: weight of half the largest V1, kg.
const HALF_WEIGHT: f64 = 33.553_124_877_854_4;
/// Theta 14 and 16: maturation of Q3, and what it takes from Q2.
const EXCHANGE_MATURATION: (f64, f64) = (68.276_797_884_683_2, 1.304_268_047_136);
/// Theta 10: V2 with age. Theta 11 and 13: clearance and V3 with age where opioids are given.
const AGEING: [f64; 3] = [-0.015_633, -0.002_857_09, -0.013_816_6];
/// The reference man, whose fat-free mass divides that of women as well.
const REFERENCE: Person = Person {
    age: Years(35.0),
    weight: Kilograms(70.0),
    height: Centimetres(170.0),
    sex: Sex::Male,
    opioids: false,
};

fn eleveld(person: &Person) -> Compartments {
    let (age, weight) = (person.age.0, person.weight.0);
    // Post-menstrual weeks of somebody born at term.
    let (weeks, reference_weeks) = (age * 52.0 + 40.0, 35.0 * 52.0 + 40.0);
    let with_opioids = |slope: f64| if person.opioids { exp(slope * age) } else { 1.0 };
    let maturity = |weeks| hill(weeks, MATURATION.0, MATURATION.1);
    let exchange_maturity = |weeks| hill(weeks, EXCHANGE_MATURATION.0, 1.0);
    let own = match person.sex {
        Sex::Male => CLEARANCES[0],
        Sex::Female => CLEARANCES[1],
    };
    let v1 = VOLUMES[0] * hill(weight, HALF_WEIGHT, 1.0) / hill(70.0, HALF_WEIGHT, 1.0);
    let v2 = VOLUMES[1] * (weight / 70.0) * exp(AGEING[0] * (age - 35.0));
    let size = fat_free_mass(person) / fat_free_mass(&REFERENCE);
    let v3 = VOLUMES[2] * size * with_opioids(AGEING[2]);
    let clearance = own * pow(weight / 70.0, 0.75) * maturity(weeks) / maturity(reference_weeks)
        * with_opioids(AGEING[1]);
    let q2 = EXCHANGES[0]
        * pow(v2 / VOLUMES[1], 0.75)
        * (1.0 + EXCHANGE_MATURATION.1 * (1.0 - exchange_maturity(weeks)));
    let q3 = EXCHANGES[1] * pow(v3 / VOLUMES[2], 0.75) * exchange_maturity(weeks)
        / exchange_maturity(reference_weeks);
    Compartments {
        volumes: [v1, v2, v3].map(Litres),
        clearances: [clearance, q2, q3].map(LitresPerMinute),
        effect_site: PerMinute(0.146_37 * pow(weight / 70.0, -0.25)),
    }
}
