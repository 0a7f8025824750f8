//! Three compartments and an effect site, exact for a rate that is constant over a step.
//!
//! With concentrations C1 (plasma), C2, C3, Ce and the rate u:
//!
//! ```text
//! dC1/dt = u/V1 - (CL + Q2 + Q3)/V1 C1 + Q2/V1 C2 + Q3/V1 C3
//! dC2/dt = Q2/V2 (C1 - C2)      dC3/dt = Q3/V3 (C1 - C3)      dCe/dt = ke0 (C1 - Ce)
//! ```
//!
//! The system is linear: a step is a product with a matrix exponential, of which the zeros are left
//! out. Nothing here comes from the virtual patients that judge the controllers.

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

/// C1, C2, C3, Ce.
type Vector = [f64; 4];

/// 1/k of the terms of the exponential's series: with a scaled norm of at most 1/2 the next is below
/// 2^-50 of the sum.
const RECIPROCALS: [f64; 13] = [
    1.0,
    1.0 / 2.0,
    1.0 / 3.0,
    1.0 / 4.0,
    1.0 / 5.0,
    1.0 / 6.0,
    1.0 / 7.0,
    1.0 / 8.0,
    1.0 / 9.0,
    1.0 / 10.0,
    1.0 / 11.0,
    1.0 / 12.0,
    1.0 / 13.0,
];
/// Most halvings of a step: norms up to a million.
const HALVINGS: u32 = 21;

/// One step of a fixed length. The effect site takes nothing out of the body, so that its own column
/// holds but one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Propagator {
    /// New concentrations by the old ones of plasma, fast and slow compartment.
    body: [Vector; 3],
    /// New concentration at the effect site by its old one.
    effect_site: f64,
    /// New concentrations by a rate of 1 mg/min.
    gain: Vector,
}

/// The flows of the equations above, per minute.
#[derive(Clone, Copy, Debug)]
struct Flows {
    /// Change of C1 by C1, C2, C3 and a rate of 1 mg/min.
    plasma: Vector,
    /// Change of C2 by its distance from C1, of C3, and of Ce.
    others: [f64; 3],
}

impl Compartments {
    fn flows(&self) -> Flows {
        let [v1, v2, v3] = self.volumes.map(|volume| volume.0);
        let [cl, q2, q3] = self.clearances.map(|clearance| clearance.0);
        let each = 1.0 / v1;
        Flows {
            plasma: [-(cl + q2 + q3) * each, q2 * each, q3 * each, each],
            others: [q2 / v2, q3 / v3, self.effect_site.0],
        }
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

    /// Two of them side by side, in the order of [`Propagator::keep`].
    pub(crate) fn beside(&self, other: &Self) -> [[f64; 2]; 4] {
        let (one, other) = (self.as_array(), other.as_array());
        core::array::from_fn(|place| [one[place], other[place]])
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
        let flows = compartments.flows();
        let norm = flows.norm();
        let (mut halvings, mut short) = (0, minutes);
        while halvings < HALVINGS && norm * short > 0.5 {
            short *= 0.5;
            halvings += 1;
        }
        let mut step = flows.exponential(short);
        for _ in 0..halvings {
            step = step.twice();
        }
        step
    }

    /// New concentrations (C1, C2, C3, Ce) by old ones.
    #[must_use]
    pub fn keep(&self) -> [[f64; 4]; 4] {
        let [plasma, fast, slow] = &self.body;
        core::array::from_fn(|row| {
            let own = if row == 3 { self.effect_site } else { 0.0 };
            [plasma[row], fast[row], slow[row], own]
        })
    }

    /// Two of these steps as one.
    #[must_use]
    pub fn twice(&self) -> Self {
        Self {
            body: self.body.map(|column| self.apply(&column, &[0.0; 4])),
            effect_site: self.effect_site * self.effect_site,
            gain: self.apply(&self.gain, &self.gain),
        }
    }

    /// The concentrations one step later.
    #[must_use]
    pub fn advance(&self, now: Concentrations, rate: MgPerSecond) -> Concentrations {
        // The model counts in minutes.
        let rate = 60.0 * rate.0;
        Concentrations::from_array(self.apply(&now.as_array(), &self.gain.map(|gain| gain * rate)))
    }

    /// The concentrations one step later if nothing is given.
    #[must_use]
    pub fn alone(&self, now: Concentrations) -> Concentrations {
        Concentrations::from_array(self.apply(&now.as_array(), &[0.0; 4]))
    }

    /// [`Self::alone`] for two at once, side by side: a processor takes both in one instruction.
    #[must_use]
    pub(crate) fn alone_both(&self, old: &[[f64; 2]; 4]) -> [[f64; 2]; 4] {
        let mut new = [[0.0; 2]; 4];
        for (column, values) in self.body.iter().zip(old) {
            for (into, factor) in new.iter_mut().zip(column) {
                for (into, value) in into.iter_mut().zip(values) {
                    *into += factor * value;
                }
            }
        }
        for (into, value) in new[3].iter_mut().zip(&old[3]) {
            *into += self.effect_site * value;
        }
        new
    }

    /// The step of a vector, and something added.
    fn apply(&self, old: &Vector, added: &Vector) -> Vector {
        let mut new = *added;
        for (column, value) in self.body.iter().zip(old) {
            for (into, factor) in new.iter_mut().zip(column) {
                *into += factor * value;
            }
        }
        new[3] += self.effect_site * old[3];
        new
    }
}

impl Flows {
    /// The largest sum of a row's magnitudes. The rate's own column is linear in the result and
    /// needs no smaller step.
    fn norm(&self) -> f64 {
        let [one, two, three, _] = self.plasma.map(homeostat_numeric::abs);
        let [fast, slow, effect_site] = self.others.map(|rate| 2.0 * homeostat_numeric::abs(rate));
        max(max(one + two + three, fast), max(slow, effect_site))
    }

    /// Change of the concentrations per minute.
    fn of(&self, now: &Vector) -> Vector {
        let [plasma, fast, slow, effect_site] = *now;
        let [own, by_fast, by_slow, _] = self.plasma;
        let [to_fast, to_slow, to_effect_site] = self.others;
        [
            own * plasma + by_fast * fast + by_slow * slow,
            to_fast * (plasma - fast),
            to_slow * (plasma - slow),
            to_effect_site * (plasma - effect_site),
        ]
    }

    /// The characteristic polynomial's coefficients of `x^0` to `x^3`; that of `x^4` is one.
    fn polynomial(&self) -> Vector {
        let [own, by_fast, by_slow, _] = self.plasma;
        let [fast, slow, effect_site] = self.others;
        let square = fast + slow - own;
        let linear = fast * slow - own * (fast + slow) - by_fast * fast - by_slow * slow;
        let constant = -fast * slow * (own + by_fast + by_slow);
        [
            constant * effect_site,
            constant + linear * effect_site,
            linear + square * effect_site,
            square + effect_site,
        ]
    }

    /// The step of so many minutes, by the exponential's Taylor series in Horner's form. Every power
    /// of the flows is a combination of their first four (Cayley and Hamilton), so that the series is
    /// one of four numbers. Before its last term it is that of the rate's gain.
    fn exponential(&self, minutes: f64) -> Propagator {
        let polynomial = self.polynomial();
        let mut powers = [1.0, 0.0, 0.0, 0.0];
        let mut of_gain = powers;
        for reciprocal in RECIPROCALS.iter().rev() {
            of_gain = powers;
            let factor = minutes * reciprocal;
            let [one, two, three, four] = powers;
            powers = [
                1.0 - factor * polynomial[0] * four,
                factor * (one - polynomial[1] * four),
                factor * (two - polynomial[2] * four),
                factor * (three - polynomial[3] * four),
            ];
        }
        let column = |of: &Vector, start: Vector| {
            let first = self.of(&start);
            let second = self.of(&first);
            let third = self.of(&second);
            let sum = |row: usize| {
                of[0] * start[row] + of[1] * first[row] + of[2] * second[row] + of[3] * third[row]
            };
            [sum(0), sum(1), sum(2), sum(3)]
        };
        let [_, _, _, effect_site] = column(&powers, [0.0, 0.0, 0.0, 1.0]);
        Propagator {
            body: [
                column(&powers, [1.0, 0.0, 0.0, 0.0]),
                column(&powers, [0.0, 1.0, 0.0, 0.0]),
                column(&powers, [0.0, 0.0, 1.0, 0.0]),
            ],
            effect_site,
            gain: column(&of_gain, [self.plasma[3] * minutes, 0.0, 0.0, 0.0]),
        }
    }
}

/// An amount or number from outside as a model takes it: finite and within limits, else zero.
pub(crate) fn bounded(value: f64, low: f64, high: f64) -> f64 {
    if value.is_finite() { clamp(value, low, high) } else { 0.0 }
}

#[cfg(test)]
mod tests;
