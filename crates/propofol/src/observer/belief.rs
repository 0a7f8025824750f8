//! Eleven uncertain numbers: their mean, their covariance, and the arithmetic of a Kalman filter.

use crate::kinetics::Concentrations;
use homeostat_numeric::{clamp, max, sqrt};
use minicbor::{Decode, Encode};

/// The uncertain numbers.
pub(super) type Vector = [f64; SIZE];
/// C1, C2, C3, Ce; then how the person differs; then the disturbance and the delay.
pub(super) const SIZE: usize = 11;
/// Concentrations.
const DRUG: usize = 4;
/// Place of the effect-site concentration.
pub(super) const SLOW_DEEP: usize = 3;
/// Place of the central volume (natural logarithm of the ratio to the typical person's, as the next).
pub(super) const CENTRAL: usize = 4;
/// Place of ke0.
pub(super) const EFFECT_SITE: usize = 5;
/// Place of the concentration of half effect.
pub(super) const HALF: usize = 6;
/// Place of clearance.
pub(super) const CLEARANCE: usize = 7;
/// Place of the fast peripheral volume.
pub(super) const FAST: usize = 8;
/// Place of what disturbs the index.
pub(super) const DISTURBANCE: usize = 9;
/// Place of the delay's difference from the typical one, minutes.
pub(super) const DELAY: usize = 10;
/// Numbers of the lower triangle.
const TRIANGLE: usize = SIZE * (SIZE + 1) / 2;

type Square = [[f64; SIZE]; SIZE];

/// Mean and covariance.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Belief {
    #[n(0)]
    mean: [f64; SIZE],
    /// The lower triangle, row by row. Single precision halves the record; the filter has no use
    /// for more.
    #[n(1)]
    covariance: [f32; TRIANGLE],
}

/// How one period moves the numbers, linearised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transition {
    /// New concentrations by old ones.
    pub(super) keep: [[f64; DRUG]; DRUG],
    /// The plasma by the central volume.
    pub(super) by_central: f64,
    /// The effect site by ke0.
    pub(super) by_effect_site: f64,
    /// The plasma by clearance.
    pub(super) by_clearance: f64,
    /// The plasma and the fast compartment by the fast volume.
    pub(super) by_fast: (f64, f64),
    /// What is left of the disturbance.
    pub(super) kept: f64,
}

/// The concentrations in it.
pub(super) fn concentrations(person: &Vector) -> Concentrations {
    let [plasma, fast, slow, effect_site, ..] = *person;
    Concentrations { plasma, fast, slow, effect_site }
}

impl Belief {
    /// Mean zero, independent deviations.
    pub(super) fn new(spread: &Vector) -> Self {
        let mut square = [[0.0; SIZE]; SIZE];
        for (place, (row, deviation)) in square.iter_mut().zip(spread).enumerate() {
            row[place] = deviation * deviation;
        }
        Self { mean: [0.0; SIZE], covariance: packed(&square) }
    }

    pub(super) const fn mean(&self) -> &Vector {
        &self.mean
    }

    /// Every number is finite.
    pub(super) fn is_sound(&self) -> bool {
        self.mean.iter().all(|value| value.is_finite())
            && self.covariance.iter().all(|value| value.is_finite())
    }

    /// After one period: `P' = F P F'`, with F the identity but for the rows of the drug and the
    /// disturbance.
    pub(super) fn moved(&self, after: &Concentrations, by: &Transition) -> Self {
        let old = unpacked(&self.covariance);
        let mut forward = [[0.0; SIZE]; DRUG];
        for (row, kept) in forward.iter_mut().zip(&by.keep) {
            for (into, value) in row.iter_mut().zip(kept) {
                *into = *value;
            }
        }
        forward[0][CENTRAL] = by.by_central;
        forward[0][CLEARANCE] = by.by_clearance;
        (forward[0][FAST], forward[1][FAST]) = by.by_fast;
        forward[SLOW_DEEP][EFFECT_SITE] = by.by_effect_site;
        // F P: the drug's rows alone are new.
        let mut half = [[0.0; SIZE]; DRUG];
        for (row, factors) in half.iter_mut().zip(&forward) {
            for (factor, old_row) in factors.iter().zip(&old).filter(|(factor, _)| **factor != 0.0)
            {
                for (into, value) in row.iter_mut().zip(old_row) {
                    *into += factor * value;
                }
            }
        }
        let mut new = old;
        for (place, row) in half.iter().enumerate() {
            for column in 0..SIZE {
                let value = match forward.get(column) {
                    Some(factors) => row.iter().zip(factors).map(|(a, b)| a * b).sum(),
                    None => row[column],
                };
                new[place][column] = value;
                new[column][place] = value;
            }
        }
        for place in 0..SIZE {
            new[place][DISTURBANCE] *= by.kept;
            new[DISTURBANCE][place] *= by.kept;
        }
        let mut mean = self.mean;
        let drug = [after.plasma, after.fast, after.slow, after.effect_site];
        for (into, value) in mean.iter_mut().zip(drug) {
            *into = value;
        }
        mean[DISTURBANCE] *= by.kept;
        Self { mean, covariance: packed(&new) }
    }

    /// Adds variance of what nobody saw happen.
    pub(super) fn widen(&mut self, variances: &[(usize, f64)]) {
        let mut square = unpacked(&self.covariance);
        for (place, variance) in variances {
            if let Some(value) = square.get_mut(*place).and_then(|row| row.get_mut(*place)) {
                *value += variance;
            }
        }
        self.covariance = packed(&square);
    }

    /// Takes in a surprise whose `slope` by the numbers is known. The more the expectation rested on
    /// doubtful numbers the less is learned at once (`caution` times that doubt): the slope is
    /// known only near the mean.
    pub(super) fn learned(
        mut self,
        slope: &Vector,
        surprise: f64,
        variance: f64,
        caution: f64,
    ) -> Self {
        let mut square = unpacked(&self.covariance);
        let along = times(&square, slope);
        let expected = dot(&along, slope);
        let own = square[DISTURBANCE][DISTURBANCE];
        let total = variance + expected + caution * max(expected - own, 0.0);
        if total <= 0.0 {
            return self;
        }
        for (value, gain) in self.mean.iter_mut().zip(&along) {
            *value += gain / total * surprise;
        }
        for (row, left) in square.iter_mut().zip(&along) {
            for (value, right) in row.iter_mut().zip(&along) {
                *value -= left * right / total;
            }
        }
        self.covariance = packed(&square);
        self
    }

    /// The mean moved into what a person can be.
    pub(super) fn within(mut self, far: f64, delay: f64) -> Self {
        for (place, value) in self.mean.iter_mut().enumerate() {
            *value = match place {
                0..DRUG => max(*value, 0.0),
                DISTURBANCE => clamp(*value, -100.0, 100.0),
                DELAY => clamp(*value, -delay, delay),
                _ => clamp(*value, -far, far),
            };
        }
        self
    }

    /// The most believable numbers that lie `deviations` standard deviations in a direction.
    pub(super) fn towards(&self, direction: &Vector, deviations: f64) -> Vector {
        let along = times(&unpacked(&self.covariance), direction);
        let spread = sqrt(max(dot(&along, direction), 0.0));
        let mut person = self.mean;
        if spread > 0.0 {
            for (value, step) in person.iter_mut().zip(&along) {
                *value += deviations * step / spread;
            }
        }
        person
    }
}

fn times(square: &Square, vector: &Vector) -> Vector {
    let mut result = [0.0; SIZE];
    for (into, row) in result.iter_mut().zip(square) {
        *into = dot(row, vector);
    }
    result
}

fn dot(a: &Vector, b: &Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[allow(clippy::cast_possible_truncation)]
fn packed(square: &Square) -> [f32; TRIANGLE] {
    let mut triangle = [0.0; TRIANGLE];
    let values = square.iter().enumerate().flat_map(|(place, row)| row.iter().take(place + 1));
    for (into, value) in triangle.iter_mut().zip(values) {
        *into = *value as f32;
    }
    triangle
}

fn unpacked(triangle: &[f32; TRIANGLE]) -> Square {
    let mut square = [[0.0; SIZE]; SIZE];
    let mut values = triangle.iter();
    for row in 0..SIZE {
        for column in 0..=row {
            let value = f64::from(values.next().copied().unwrap_or(0.0));
            square[row][column] = value;
            square[column][row] = value;
        }
    }
    square
}
