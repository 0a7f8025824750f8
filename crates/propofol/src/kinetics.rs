//! Three compartments and an effect site, exact for a rate that is constant over a step.
//!
//! With concentrations C1 (plasma), C2, C3, Ce and the rate u:
//!
//! ```text
//! dC1/dt = u/V1 - (CL + Q2 + Q3)/V1 C1 + Q2/V1 C2 + Q3/V1 C3
//! dC2/dt = Q2/V2 (C1 - C2)      dC3/dt = Q3/V3 (C1 - C3)      dCe/dt = ke0 (C1 - Ce)
//! ```
//!
//! The system is linear: a step is a product with a matrix exponential. Nothing here comes from the
//! virtual patients that judge the controllers.

mod population;

pub use population::{Card, Limit, Outside, Population};

use crate::units::{Litres, LitresPerMinute, MgPerSecond, PerMinute, Seconds, UgPerMl};
use homeostat_numeric::{clamp, max};
use minicbor::{Decode, Encode};

/// Volumes and clearances of a person; all positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compartments {
    /// Volumes: central, fast and slow peripheral.
    pub volumes: [Litres; 3],
    /// Elimination, and the exchange with the two peripheral compartments.
    pub clearances: [LitresPerMinute; 3],
    /// Equilibration between plasma and effect site.
    pub effect_site: PerMinute,
}

/// Concentrations of propofol in one person, ug/mL (which is mg/L).
#[derive(Clone, Copy, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Concentrations {
    /// In plasma (the central compartment).
    #[n(0)]
    pub plasma: f64,
    /// In the fast peripheral compartment.
    #[n(1)]
    pub fast: f64,
    /// In the slow peripheral compartment.
    #[n(2)]
    pub slow: f64,
    /// At the effect site.
    #[n(3)]
    pub effect_site: f64,
}

/// C1, C2, C3, Ce and the rate, which is carried along as a fifth, constant number.
const SIZE: usize = 5;
type Matrix = [[f64; SIZE]; SIZE];

/// Most terms of the exponential's series: with a scaled norm of at most 1/2 the next is below 2^-58.
const TERMS: u32 = 13;
/// A term below this part of one is left out.
const NEGLIGIBLE: f64 = 1e-17;
/// Most halvings of a step: norms up to a million.
const HALVINGS: u32 = 21;

/// One step of a fixed length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Propagator(Matrix);

impl Compartments {
    /// Rates per minute of (C1, C2, C3, Ce, u); u in mg/min.
    fn rates(&self) -> Matrix {
        let [v1, v2, v3] = self.volumes.map(|volume| volume.0);
        let [cl, q2, q3] = self.clearances.map(|clearance| clearance.0);
        let ke0 = self.effect_site.0;
        [
            [-(cl + q2 + q3) / v1, q2 / v1, q3 / v1, 0.0, 1.0 / v1],
            [q2 / v2, -q2 / v2, 0.0, 0.0, 0.0],
            [q3 / v3, 0.0, -q3 / v3, 0.0, 0.0],
            [ke0, 0.0, 0.0, -ke0, 0.0],
            [0.0; SIZE],
        ]
    }

    /// The rate that keeps the plasma at a level, once it is there.
    #[must_use]
    pub fn holding(&self, now: &Concentrations, level: UgPerMl) -> MgPerSecond {
        let [cl, q2, q3] = self.clearances.map(|clearance| clearance.0);
        let lost = cl * level.0 + q2 * (level.0 - now.fast) + q3 * (level.0 - now.slow);
        MgPerSecond(max(lost, 0.0) / 60.0)
    }

    /// Whether every figure is positive and finite.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        self.volumes.iter().all(|volume| positive(volume.0))
            && self.clearances.iter().all(|clearance| positive(clearance.0))
            && positive(self.effect_site.0)
    }
}

impl Concentrations {
    /// Whether every number is finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.as_array().iter().all(|value| value.is_finite())
    }

    /// The same with nothing negative: a correction of the record cannot take out more than is in.
    #[must_use]
    pub fn not_negative(self) -> Self {
        Self::from_array(self.as_array().map(|value| max(value, 0.0)))
    }

    /// Effect-site concentration.
    #[must_use]
    pub const fn effect(&self) -> UgPerMl {
        UgPerMl(self.effect_site)
    }

    const fn as_array(&self) -> [f64; 4] {
        [self.plasma, self.fast, self.slow, self.effect_site]
    }

    const fn from_array([plasma, fast, slow, effect_site]: [f64; 4]) -> Self {
        Self { plasma, fast, slow, effect_site }
    }
}

impl Propagator {
    /// The step of a length; a length below zero or not finite gives the step that changes nothing.
    #[must_use]
    pub fn new(compartments: &Compartments, length: Seconds) -> Self {
        let minutes = if length.0.is_finite() { max(length.0, 0.0) / 60.0 } else { 0.0 };
        Self(exponential(&compartments.rates(), minutes))
    }

    /// New concentrations (C1, C2, C3, Ce) by old ones.
    #[must_use]
    pub fn keep(&self) -> [[f64; 4]; 4] {
        let mut keep = [[0.0; 4]; 4];
        for (into, row) in keep.iter_mut().zip(&self.0) {
            let [plasma, fast, slow, effect_site, _] = *row;
            *into = [plasma, fast, slow, effect_site];
        }
        keep
    }

    /// Two of these steps as one.
    #[must_use]
    pub fn twice(&self) -> Self {
        Self(product(&self.0, &self.0))
    }

    /// The concentrations one step later.
    #[must_use]
    pub fn advance(&self, now: Concentrations, rate: MgPerSecond) -> Concentrations {
        let old = now.as_array();
        let mut new = [0.0; 4];
        for (into, row) in new.iter_mut().zip(&self.0) {
            let [plasma, fast, slow, effect_site, gain] = row;
            // The model counts in minutes.
            *into = gain * (60.0 * rate.0)
                + plasma * old[0]
                + fast * old[1]
                + slow * old[2]
                + effect_site * old[3];
        }
        Concentrations::from_array(new)
    }
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let mut result = [[0.0; SIZE]; SIZE];
    for (row, out) in a.iter().zip(&mut result) {
        for (factor, b_row) in row.iter().zip(b) {
            // Half of the rates are zero.
            if *factor == 0.0 {
                continue;
            }
            for (sum, value) in out.iter_mut().zip(b_row) {
                *sum += factor * value;
            }
        }
    }
    result
}

/// e^(rates time): halved until the norm is at most 1/2, a Taylor series (Horner), squared back.
fn exponential(rates: &Matrix, time: f64) -> Matrix {
    let mut norm = 0.0;
    for (place, row) in rates.iter().enumerate() {
        // The rate's own column is linear in the result and needs no smaller step.
        let of_row: f64 = row.iter().take(4).map(|value| homeostat_numeric::abs(*value)).sum();
        norm = if place < 4 { max(norm, of_row) } else { norm };
    }
    let mut halvings = 0;
    let mut step = time;
    while halvings < HALVINGS && norm * step > 0.5 {
        step *= 0.5;
        halvings += 1;
    }
    let (mut terms, mut term) = (0, 1.0);
    while terms < TERMS && term > NEGLIGIBLE {
        terms += 1;
        term *= norm * step / f64::from(terms);
    }
    let mut sum = identity();
    for order in (1..=terms).rev() {
        sum = product(rates, &sum);
        let factor = step / f64::from(order);
        for (place, row) in sum.iter_mut().enumerate() {
            for (column, value) in row.iter_mut().enumerate() {
                *value = *value * factor + if place == column { 1.0 } else { 0.0 };
            }
        }
    }
    for _ in 0..halvings {
        sum = product(&sum, &sum);
    }
    sum
}

fn identity() -> Matrix {
    let mut identity = [[0.0; SIZE]; SIZE];
    for (place, row) in identity.iter_mut().enumerate() {
        for (column, value) in row.iter_mut().enumerate() {
            *value = if place == column { 1.0 } else { 0.0 };
        }
    }
    identity
}

/// An amount or number from outside as a model takes it: finite and within limits, else zero.
pub(crate) fn bounded(value: f64, low: f64, high: f64) -> f64 {
    if value.is_finite() { clamp(value, low, high) } else { 0.0 }
}

#[cfg(test)]
mod tests;
