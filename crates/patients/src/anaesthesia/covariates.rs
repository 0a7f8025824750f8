//! What is known of a person before anything is given: age, sex, height, weight.
//!
//! Figures are checked alone and together, because a slip (pounds for kilograms, inches for
//! centimetres, two fields swapped) usually leaves each number possible and the pair absurd.

use super::units::{Centimetres, KgPerSquareMetre};
use crate::units::{Kilograms, Years};
use homeostat_numeric::{branchless_exp, ln, pow};

/// Sex, as the published models use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// A person's figures; only [`Covariates::new`] makes them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Covariates {
    age: Years,
    sex: Sex,
    height: Centimetres,
    weight: Kilograms,
}

/// Why figures are not a person's.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CovariateError {
    /// One figure is outside what any person has.
    #[error("{figure}: expected {least} to {most} {unit}, found {found}")]
    OutOfRange {
        /// Which figure.
        figure: &'static str,
        /// Smallest accepted.
        least: f64,
        /// Largest accepted.
        most: f64,
        /// Unit of the figures.
        unit: &'static str,
        /// What was given.
        found: f64,
    },
    /// Each figure is possible, but not in one person.
    #[error(
        "{what} of {found} does not fit the person (expected {least} to {most}): check weight, height \
         and age and their units (kg, cm, years)"
    )]
    Together {
        /// What does not fit.
        what: &'static str,
        /// Smallest accepted.
        least: f64,
        /// Largest accepted.
        most: f64,
        /// What follows from the figures.
        found: f64,
    },
    /// Two entries of one figure differ.
    #[error("{figure} was entered as {first} and as {second}; enter it again")]
    EnteredDifferently {
        /// Which figure.
        figure: &'static str,
        /// First entry.
        first: String,
        /// Second entry.
        second: String,
    },
}

fn within(
    figure: &'static str,
    unit: &'static str,
    found: f64,
    least: f64,
    most: f64,
) -> Result<(), CovariateError> {
    // NaN fails the comparison.
    if found >= least && found <= most {
        return Ok(());
    }
    Err(CovariateError::OutOfRange { figure, least, most, unit, found })
}

/// Age in years and the median height (cm) and weight (kg) of both sexes together, rounded from the
/// growth charts of the World Health Organization; linear in between. Only to notice slips: the bounds
/// around them are wide.
const GROWTH: [(f64, f64, f64); 9] = [
    (0.0, 50.0, 3.3),
    (0.5, 67.0, 7.5),
    (1.0, 75.0, 9.5),
    (2.0, 87.0, 12.0),
    (5.0, 110.0, 18.0),
    (8.0, 127.0, 25.5),
    (12.0, 150.0, 41.0),
    (15.0, 166.0, 55.0),
    (18.0, 170.0, 64.0),
];

/// The medians of height and weight at an age of at most 18.
pub(crate) fn growth(age: Years) -> (Centimetres, Kilograms) {
    let mut earlier = GROWTH[0];
    for later in GROWTH {
        if age.0 <= later.0 {
            let span = later.0 - earlier.0;
            let part = if span > 0.0 { (age.0 - earlier.0) / span } else { 0.0 };
            let between = |from: f64, to: f64| from + part * (to - from);
            return (
                Centimetres(between(earlier.1, later.1)),
                Kilograms(between(earlier.2, later.2)),
            );
        }
        earlier = later;
    }
    (Centimetres(earlier.1), Kilograms(earlier.2))
}

impl Covariates {
    /// A person.
    ///
    /// Age 0 to 110 years, height 25 to 250 cm, weight 0.5 to 350 kg. From 18 years on: height at least
    /// 100 cm, body mass index 10 to 80. Below: height within 0.65 and 1.35, weight within 0.35 and 3.5
    /// of the median of the age.
    ///
    /// # Errors
    /// [`CovariateError`] naming the figure, its limits and what was found.
    pub fn new(
        age: Years,
        sex: Sex,
        height: Centimetres,
        weight: Kilograms,
    ) -> Result<Self, CovariateError> {
        within("age", "years", age.0, 0.0, 110.0)?;
        within("height", "cm", height.0, 25.0, 250.0)?;
        within("weight", "kg", weight.0, 0.5, 350.0)?;
        let person = Self { age, sex, height, weight };
        let together = |what, found: f64, least: f64, most: f64| {
            if found >= least && found <= most {
                return Ok(());
            }
            Err(CovariateError::Together { what, least, most, found })
        };
        if age.0 >= 18.0 {
            together("height", height.0, 100.0, 250.0)?;
            together("body mass index", person.body_mass_index().0, 10.0, 80.0)?;
        } else {
            let (usual_height, usual_weight) = growth(age);
            together("height", height.0, 0.65 * usual_height.0, 1.35 * usual_height.0)?;
            together("weight", weight.0, 0.35 * usual_weight.0, 3.5 * usual_weight.0)?;
        }
        Ok(person)
    }

    /// A person whose figures were entered twice, by two people or at two places.
    ///
    /// # Errors
    /// The first figure that differs.
    pub fn confirmed(first: &Self, second: &Self) -> Result<Self, CovariateError> {
        let differ = |figure, first: String, second: String| {
            if first == second {
                return Ok(());
            }
            Err(CovariateError::EnteredDifferently { figure, first, second })
        };
        differ("age", first.age.to_string(), second.age.to_string())?;
        differ("sex", format!("{:?}", first.sex), format!("{:?}", second.sex))?;
        differ("height", first.height.to_string(), second.height.to_string())?;
        differ("weight", first.weight.to_string(), second.weight.to_string())?;
        Ok(*first)
    }

    /// Age.
    #[must_use]
    pub fn age(&self) -> Years {
        self.age
    }

    /// Sex.
    #[must_use]
    pub fn sex(&self) -> Sex {
        self.sex
    }

    /// Height.
    #[must_use]
    pub fn height(&self) -> Centimetres {
        self.height
    }

    /// Weight.
    #[must_use]
    pub fn weight(&self) -> Kilograms {
        self.weight
    }

    /// Weight over the square of height.
    #[must_use]
    pub fn body_mass_index(&self) -> KgPerSquareMetre {
        let metres = self.height.0 / 100.0;
        KgPerSquareMetre(self.weight.0 / (metres * metres))
    }

    /// The body mass index beyond which [`Self::lean_body_mass_james`] falls as weight rises: where its
    /// derivative by weight is zero, 42.97 in men and 36.15 in women.
    #[must_use]
    pub fn james_limit(sex: Sex) -> KgPerSquareMetre {
        let (linear, square) = james(sex);
        KgPerSquareMetre(10_000.0 * linear / (2.0 * square))
    }

    /// Lean body mass after James (1976), as Schnider's and Minto's models use it. Beyond
    /// [`Self::james_limit`] it falls with weight and soon turns negative.
    #[must_use]
    pub fn lean_body_mass_james(&self) -> Kilograms {
        let (linear, square) = james(self.sex);
        let ratio = self.weight.0 / self.height.0;
        Kilograms(linear * self.weight.0 - square * ratio * ratio)
    }

    /// Fat-free mass after Al-Sallami (2015), as Eleveld's models use it.
    #[must_use]
    pub fn fat_free_mass(&self) -> Kilograms {
        let (age, index) = (self.age.0, self.body_mass_index().0);
        // 1 / (1 + (age/half)^-slope), written so that age 0 gives 0.
        let maturity = |half, slope| sigmoid(age, half, slope);
        Kilograms(match self.sex {
            Sex::Male => {
                (0.88 + 0.12 * maturity(13.4, 12.7)) * 9270.0 * self.weight.0
                    / (6680.0 + 216.0 * index)
            }
            Sex::Female => {
                (1.11 - 0.11 * maturity(7.1, 1.1)) * 9270.0 * self.weight.0
                    / (8780.0 + 244.0 * index)
            }
        })
    }

    /// Eleveld's reference person: a man of 35 years, 70 kg and 170 cm.
    #[must_use]
    pub const fn reference_man() -> Self {
        Self {
            age: Years(35.0),
            sex: Sex::Male,
            height: Centimetres(170.0),
            weight: Kilograms(70.0),
        }
    }
}

/// The factors of weight and of the square of weight over height.
const fn james(sex: Sex) -> (f64, f64) {
    match sex {
        Sex::Male => (1.1, 128.0),
        Sex::Female => (1.07, 148.0),
    }
}

/// Hill's function `x^slope / (x^slope + half^slope)`, 0 at and below 0.
pub(crate) fn sigmoid(x: f64, half: f64, slope: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    1.0 / (1.0 + pow(half / x, slope))
}

/// [`sigmoid`] for every second of a life: a few units in the last place away, several times faster.
#[inline]
pub(crate) fn quick_sigmoid(x: f64, half: f64, slope: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    1.0 / (1.0 + branchless_exp(slope * ln(half / x)))
}

#[cfg(test)]
mod tests;
