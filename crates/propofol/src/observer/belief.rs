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
pub(super) const DEEP: usize = 3;
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
    #[cbor(with = "homeostat_record::packed")]
    mean: [f64; SIZE],
    /// The lower triangle, row by row. Single precision halves the record; the filter has no use
    /// for more.
    #[n(1)]
    #[cbor(with = "homeostat_record::packed")]
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

/// Mean and covariance, unpacked for the work of one period.
#[derive(Clone, Debug)]
pub(super) struct Working {
    mean: Vector,
    covariance: Square,
}

impl Belief {
    /// Mean zero, independent deviations.
    pub(super) fn new(spread: &Vector) -> Self {
        let mut covariance = [[0.0; SIZE]; SIZE];
        for (place, (row, deviation)) in covariance.iter_mut().zip(spread).enumerate() {
            row[place] = deviation * deviation;
        }
        Working { mean: [0.0; SIZE], covariance }.packed()
    }

    pub(super) const fn mean(&self) -> &Vector {
        &self.mean
    }

    /// Every number is finite.
    pub(super) fn is_sound(&self) -> bool {
        self.mean.iter().all(|value| value.is_finite())
            && self.covariance.iter().all(|value| value.is_finite())
    }

    /// The most believable numbers that lie `deviations` standard deviations in a direction.
    pub(super) fn towards(&self, direction: &Vector, deviations: f64) -> Vector {
        let along = times(&self.unpacked().covariance, direction);
        let spread = sqrt(max(dot(&along, direction), 0.0));
        let mut person = self.mean;
        if spread > 0.0 {
            for (value, step) in person.iter_mut().zip(&along) {
                *value += deviations * step / spread;
            }
        }
        person
    }

    pub(super) fn unpacked(&self) -> Working {
        let mut covariance = [[0.0; SIZE]; SIZE];
        let mut left = self.covariance.as_slice();
        for (place, row) in covariance.iter_mut().enumerate() {
            let (of_row, rest) = left.split_at(place + 1);
            for (into, value) in row.iter_mut().zip(of_row) {
                *into = f64::from(*value);
            }
            left = rest;
        }
        mirror(&mut covariance);
        Working { mean: self.mean, covariance }
    }
}

impl Working {
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn packed(&self) -> Belief {
        let mut covariance = [0.0; TRIANGLE];
        let mut left = covariance.as_mut_slice();
        for (place, row) in self.covariance.iter().enumerate() {
            let (of_row, rest) = left.split_at_mut(place + 1);
            for (into, value) in of_row.iter_mut().zip(row) {
                *into = *value as f32;
            }
            left = rest;
        }
        Belief { mean: self.mean, covariance }
    }

    pub(super) const fn mean(&self) -> &Vector {
        &self.mean
    }

    /// After one period: `P' = F P F'`, with F the identity but for the rows of the drug and the
    /// disturbance.
    pub(super) fn moved(&mut self, after: &Concentrations, by: &Transition) {
        // F P: the drug's rows alone are new.
        let half = by.of_rows(&self.covariance);
        for (row, into) in half.iter().zip(&mut self.covariance) {
            *into = *row;
            let drug = by.of_numbers(row);
            for (value, new) in into.iter_mut().zip(drug) {
                *value = new;
            }
        }
        // The drug's columns of the other rows are its rows' mirror image.
        for place in DRUG..SIZE {
            for drug in 0..DRUG {
                self.covariance[place][drug] = self.covariance[drug][place];
            }
        }
        for row in &mut self.covariance {
            row[DISTURBANCE] *= by.kept;
        }
        for value in &mut self.covariance[DISTURBANCE] {
            *value *= by.kept;
        }
        let drug = [after.plasma, after.fast, after.slow, after.effect_site];
        for (into, value) in self.mean.iter_mut().zip(drug) {
            *into = value;
        }
        self.mean[DISTURBANCE] *= by.kept;
    }

    /// Adds variance of what nobody saw happen.
    pub(super) fn widen(&mut self, variances: &[(usize, f64)]) {
        for (place, variance) in variances {
            if let Some(value) = self.covariance.get_mut(*place).and_then(|row| row.get_mut(*place))
            {
                *value += variance;
            }
        }
    }

    /// Takes in a surprise whose `slope` by the numbers is known. The more the expectation rested on
    /// doubtful numbers the less is learned at once (`caution` times that doubt): the slope is
    /// known only near the mean.
    pub(super) fn learn(&mut self, slope: &Vector, surprise: f64, variance: f64, caution: f64) {
        let along = times(&self.covariance, slope);
        let expected = dot(&along, slope);
        let own = self.covariance[DISTURBANCE][DISTURBANCE];
        let total = variance + expected + caution * max(expected - own, 0.0);
        if total <= 0.0 {
            return;
        }
        for (value, gain) in self.mean.iter_mut().zip(&along) {
            *value += gain / total * surprise;
        }
        for (row, left) in self.covariance.iter_mut().zip(&along) {
            let left = left / total;
            for (value, right) in row.iter_mut().zip(&along) {
                *value -= left * right;
            }
        }
    }

    /// Moves the mean into what a person can be.
    pub(super) fn keep_within(&mut self, far: f64, delay: f64) {
        for (place, value) in self.mean.iter_mut().enumerate() {
            *value = match place {
                0..DRUG => max(*value, 0.0),
                DISTURBANCE => clamp(*value, -100.0, 100.0),
                DELAY => clamp(*value, -delay, delay),
                _ => clamp(*value, -far, far),
            };
        }
    }
}

impl Transition {
    /// The drug's rows of F times a square of so many rows.
    fn of_rows(&self, square: &Square) -> [Vector; DRUG] {
        let mut rows = [[0.0; SIZE]; DRUG];
        for (row, kept) in rows.iter_mut().zip(&self.keep) {
            for (factor, old) in kept.iter().zip(square) {
                add(row, *factor, old);
            }
        }
        let [plasma, fast, _, effect_site] = &mut rows;
        add(plasma, self.by_central, &square[CENTRAL]);
        add(plasma, self.by_clearance, &square[CLEARANCE]);
        add(plasma, self.by_fast.0, &square[FAST]);
        add(fast, self.by_fast.1, &square[FAST]);
        add(effect_site, self.by_effect_site, &square[EFFECT_SITE]);
        rows
    }

    /// The drug's rows of F times numbers.
    fn of_numbers(&self, numbers: &Vector) -> [f64; DRUG] {
        let [c1, c2, c3, ce, ..] = *numbers;
        let [plasma, fast, slow, effect_site] =
            self.keep.map(|kept| kept[0] * c1 + kept[1] * c2 + kept[2] * c3 + kept[3] * ce);
        let by_volumes = self.by_central * numbers[CENTRAL] + self.by_fast.0 * numbers[FAST];
        [
            plasma + by_volumes + self.by_clearance * numbers[CLEARANCE],
            fast + self.by_fast.1 * numbers[FAST],
            slow,
            effect_site + self.by_effect_site * numbers[EFFECT_SITE],
        ]
    }
}

/// The upper triangle from the lower.
#[allow(clippy::needless_range_loop, reason = "two rows at once")]
fn mirror(square: &mut Square) {
    for row in 0..SIZE {
        for column in 0..row {
            square[column][row] = square[row][column];
        }
    }
}

/// A symmetric square times a vector of which many numbers are zero.
fn times(square: &Square, vector: &Vector) -> Vector {
    let mut result = [0.0; SIZE];
    for (row, factor) in square.iter().zip(vector).filter(|(_, factor)| **factor != 0.0) {
        add(&mut result, *factor, row);
    }
    result
}

fn add(into: &mut Vector, factor: f64, row: &Vector) {
    for (into, value) in into.iter_mut().zip(row) {
        *into += factor * value;
    }
}

fn dot(a: &Vector, b: &Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
