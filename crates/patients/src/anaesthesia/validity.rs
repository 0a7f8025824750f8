//! For whom a published model was made, as data, and what to do with everyone else.

use super::covariates::{Covariates, Sex};
use super::units::KgPerSquareMetre;

/// A model's name, source and range of people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelCard {
    /// The name in files and on the command line.
    pub name: &'static str,
    /// Authors, year, journal, DOI.
    pub source: &'static str,
    /// Where the figures come from that limit its use.
    pub range_source: &'static str,
    /// Youngest and oldest, in years.
    pub age: (f64, f64),
    /// Lightest and heaviest, in kilograms.
    pub weight: (f64, f64),
    /// Whether it uses James' lean body mass, and so ends where that formula turns.
    pub lean_body_mass: bool,
}

/// A limit of a model that a person is beyond.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach {
    /// The model's name.
    pub model: &'static str,
    /// Which limit: age, weight or body mass index.
    pub limit: &'static str,
    /// Smallest and largest value of the model.
    pub range: (f64, f64),
    /// Unit of the range.
    pub unit: &'static str,
    /// The person's value.
    pub found: f64,
}

impl core::fmt::Display for Breach {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (least, most) = self.range;
        let Self { model, limit, unit, found, .. } = self;
        write!(f, "{model} is valid for {limit} {least} to {most} {unit}, found {found}")
    }
}

/// What to do with a person beyond a model's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limits {
    /// Refuse, by name of the limit.
    #[default]
    Keep,
    /// Somebody has decided to use the model all the same; the breaches are kept with the person.
    Override,
}

/// Why a model does not make a patient of a person.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelRefusal {
    /// The person is beyond a limit and nobody has overridden it.
    #[error(
        "{0}; choose another model, or override its limits: `override` in the column `limits` of a \
         table of people, or the option --override-limits of `simulate`"
    )]
    Outside(Breach),
    /// The equations give no person, which no override mends.
    #[error("{model} gives no possible person: {words}")]
    Impossible {
        /// The model's name.
        model: &'static str,
        /// Which figure, and its value.
        words: String,
    },
}

impl ModelCard {
    /// The limits that a person is beyond.
    #[must_use]
    pub fn breaches(&self, person: &Covariates) -> Vec<Breach> {
        let james = |sex: Sex| {
            let KgPerSquareMetre(limit) = Covariates::james_limit(sex);
            (0.0, limit)
        };
        let index = person.body_mass_index().0;
        let mut checks = vec![
            ("age", self.age, "years", person.age().0),
            ("weight", self.weight, "kg", person.weight().0),
        ];
        if self.lean_body_mass {
            checks.push(("body mass index", james(person.sex()), "kg/m2", index));
        }
        checks
            .into_iter()
            .filter(|(_, (least, most), _, found)| found < least || found > most)
            .map(|(limit, range, unit, found)| Breach {
                model: self.name,
                limit,
                range,
                unit,
                found,
            })
            .collect()
    }

    /// The breaches to be recorded, or the refusal.
    pub(crate) fn admit(
        &self,
        person: &Covariates,
        limits: Limits,
    ) -> Result<Vec<Breach>, ModelRefusal> {
        let mut breaches = self.breaches(person);
        match limits {
            Limits::Override => Ok(breaches),
            Limits::Keep if breaches.is_empty() => Ok(breaches),
            Limits::Keep => Err(ModelRefusal::Outside(breaches.swap_remove(0))),
        }
    }
}
