//! From the effect site to the index: a sigmoid, and the time that it takes to be seen.

use crate::algorithm::Person;
use crate::units::{Index, Seconds, UgPerMl};
use homeostat_numeric::{branchless_exp, clamp, exp, ln, max};

/// Index by effect-site concentration: `awake - depth C^g / (half^g + C^g)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Index without drug.
    pub awake: Index,
    /// Largest fall of the index.
    pub depth: Index,
    /// Concentration of half that fall.
    pub half: UgPerMl,
    /// Steepness below and above `half`.
    pub steepness: (f64, f64),
}

/// Index and its slope at a concentration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// The index.
    pub index: Index,
    /// Change of the index with the natural logarithm of the concentration; not positive.
    pub slope: f64,
}

impl Effect {
    /// The typical person (Eleveld et al. 2018, Br J Anaesth 120:942).
    #[must_use]
    pub fn typical(person: &Person) -> Self {
        Self {
            awake: Index(92.98),
            depth: Index(92.98),
            half: UgPerMl(3.0794 * exp(-0.006_35 * (person.age.0 - 35.0))),
            steepness: (1.8939, 1.4736),
        }
    }

    /// The same person with another concentration of half effect.
    #[must_use]
    pub const fn with_half(self, half: UgPerMl) -> Self {
        Self { half, ..self }
    }

    /// Index and slope at a concentration; a concentration below zero counts as none.
    #[must_use]
    pub fn at(&self, concentration: UgPerMl) -> Response {
        let ratio = max(concentration.0, 0.0) / self.half.0;
        let steepness = if ratio < 1.0 { self.steepness.0 } else { self.steepness.1 };
        let odds = if ratio > 0.0 { power(ratio, steepness) } else { 0.0 };
        let part = if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
        Response {
            index: Index(self.awake.0 - self.depth.0 * part),
            slope: -self.depth.0 * steepness * part * (1.0 - part),
        }
    }

    /// The concentration that gives an index, which is moved between 1 and 99 % of the depth first.
    #[must_use]
    pub fn concentration_for(&self, index: Index) -> UgPerMl {
        let part = clamp((self.awake.0 - index.0) / self.depth.0, 0.01, 0.99);
        let odds = part / (1.0 - part);
        let steepness = if odds < 1.0 { self.steepness.0 } else { self.steepness.1 };
        UgPerMl(self.half.0 * power(odds, 1.0 / steepness))
    }
}

/// A power of a positive number, for a controller's step: a third of `pow`'s time, and right to 1e-13
/// wherever a person can be.
fn power(base: f64, exponent: f64) -> f64 {
    branchless_exp(exponent * ln(base))
}

/// Time from effect to index, the monitor's own included (Eleveld 2018): 23 s at 40, 52 s at 70 years.
#[must_use]
pub fn typical_delay(person: &Person) -> Seconds {
    Seconds(15.0 + exp(0.0517 * clamp(person.age.0, 0.0, 88.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::Sex;
    use crate::units::{Centimetres, Kilograms, Years};

    fn aged(age: f64) -> Person {
        let (weight, height) = (Kilograms(70.0), Centimetres(170.0));
        Person { age: Years(age), weight, height, sex: Sex::Male, opioids: false }
    }

    #[test]
    fn published_values_of_half_effect_and_delay() {
        let effect = Effect::typical(&aged(35.0));
        assert!((effect.half.0 - 3.08).abs() < 0.001);
        assert!((effect.at(effect.half).index.0 - 46.49).abs() < 1e-9);
        assert!((effect.at(UgPerMl(0.0)).index.0 - 92.98).abs() < 1e-9);
        assert!((typical_delay(&aged(40.0)).0 - 22.9).abs() < 0.05);
        assert!((typical_delay(&aged(70.0)).0 - 52.3).abs() < 0.05);
    }

    #[test]
    fn the_quick_power_is_right_wherever_a_person_can_be() {
        for base in [1e-6, 0.01, 0.3, 0.999, 1.0, 1.7, 42.0, 1e6] {
            for exponent in [0.5, 1.0 / 1.4736, 1.0, 1.4736, 1.8939] {
                let apart = power(base, exponent) / homeostat_numeric::pow(base, exponent) - 1.0;
                assert!(apart.abs() < 1e-13, "{base}^{exponent}: {apart:e}");
            }
        }
    }

    #[test]
    fn the_inverse_and_the_slope_agree_with_the_curve() {
        let effect = Effect::typical(&aged(60.0));
        for index in [85.0, 60.0, 50.0, 40.0, 20.0, 5.0] {
            let concentration = effect.concentration_for(Index(index));
            assert!((effect.at(concentration).index.0 - index).abs() < 1e-9, "{index}");
            let near = UgPerMl(concentration.0 * (1.0 + 1e-6));
            let slope = (effect.at(near).index.0 - index) / 1e-6;
            assert!((slope - effect.at(concentration).slope).abs() < 1e-3 * slope.abs());
        }
        assert!(effect.concentration_for(Index(200.0)).0 > 0.0);
        assert!(effect.at(UgPerMl(f64::INFINITY)).index.0.abs() < 1e-9);
        assert!(effect.at(UgPerMl(-1.0)).slope.abs() < 1e-12);
    }
}
