//! Three compartments and an effect site, exact for an infusion that is constant over a step.
//!
//! With concentrations C1 (plasma), C2, C3, Ce and the infusion rate u:
//!
//! ```text
//! dC1/dt = u/V1 - (CL + Q2 + Q3)/V1 C1 + Q2/V1 C2 + Q3/V1 C3
//! dC2/dt = Q2/V2 (C1 - C2)      dC3/dt = Q3/V3 (C1 - C3)      dCe/dt = ke0 (C1 - Ce)
//! ```
//!
//! The system is linear, so a step is a product with a matrix exponential and no step is too long. All
//! numbers off the diagonal are positive: after a shift by the largest diagonal element the
//! exponential is a sum and product of positive numbers alone. Nothing cancels, every element keeps its
//! relative accuracy, and a concentration cannot become negative.

use super::units::{Litres, LitresPerMinute, PerMinute, Seconds};
use crate::linear::{Matrix, product};
use homeostat_numeric::{ceil, exp, ln, max};

/// Volumes and clearances of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compartments {
    /// Volumes: central, fast and slow peripheral. Positive.
    pub volumes: [Litres; 3],
    /// Elimination clearance, positive, and the exchange with the two peripheral compartments, which may
    /// be zero (a model of one or two compartments).
    pub clearances: [LitresPerMinute; 3],
    /// Rate of equilibration between plasma and effect site. Positive.
    pub effect_site: PerMinute,
}

/// Four concentrations and the infusion rate.
const SIZE: usize = 5;

impl Compartments {
    /// The first figure that is not what a person can have, in words.
    #[must_use]
    pub fn impossible(&self) -> Option<String> {
        let [v1, v2, v3] = self.volumes;
        let [cl, q2, q3] = self.clearances;
        let figures = [
            ("V1", v1.0, "L", false),
            ("V2", v2.0, "L", false),
            ("V3", v3.0, "L", false),
            ("clearance", cl.0, "L/min", false),
            ("Q2", q2.0, "L/min", true),
            ("Q3", q3.0, "L/min", true),
            ("ke0", self.effect_site.0, "/min", false),
        ];
        figures.into_iter().find_map(|(name, value, unit, zero)| {
            let fits = value.is_finite() && (value > 0.0 || zero && value == 0.0);
            (!fits).then(|| format!("{name} would be {value} {unit}"))
        })
    }

    /// The rates per minute of `(C1, C2, C3, Ce, u)`; u is in mass per minute and stays.
    fn rates(&self) -> Matrix<SIZE> {
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

    /// Concentration per rate (in mass per minute) at which an infusion settles.
    #[must_use]
    pub fn steady_state_per_rate(&self) -> f64 {
        1.0 / self.clearances[0].0
    }
}

/// Concentrations of one drug in one person, in the rate's unit of mass per litre: mg/L (which is
/// µg/mL) for propofol, µg/L (ng/mL) for remifentanil and norepinephrine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Concentrations {
    /// In plasma (the central compartment).
    pub plasma: f64,
    /// In the two peripheral compartments.
    pub peripheral: [f64; 2],
    /// At the effect site.
    pub effect_site: f64,
}

/// One step of a fixed length of a person's compartments.
#[derive(Clone, Debug, PartialEq)]
pub struct Propagator {
    /// What each new concentration takes of the old ones.
    keep: Matrix<4>,
    /// What each takes of the infusion rate per second.
    gain: [f64; 4],
}

impl Propagator {
    /// The step. A length of zero, below or not finite gives the step that changes nothing.
    #[must_use]
    pub fn new(compartments: &Compartments, length: Seconds) -> Self {
        let minutes = if length.0.is_finite() { max(0.0, length.0) / 60.0 } else { 0.0 };
        let whole = metzler_exponential(&compartments.rates(), minutes);
        let mut keep = [[0.0; 4]; 4];
        let mut gain = [0.0; 4];
        for ((row, kept), gained) in whole.iter().zip(&mut keep).zip(&mut gain) {
            for (value, into) in row.iter().zip(kept) {
                *into = *value;
            }
            // The rate is stated per second.
            *gained = row[SIZE - 1] * 60.0;
        }
        Self { keep, gain }
    }

    /// The concentrations one step later; `rate` is in mass per second and constant over the step.
    #[must_use]
    pub fn advance(&self, now: Concentrations, rate: f64) -> Concentrations {
        let [c1, c2, c3, ce] = [now.plasma, now.peripheral[0], now.peripheral[1], now.effect_site];
        // Written out: a loop over the rows is not always unrolled, and this is the innermost step.
        let of = |[to_1, to_2, to_3, to_e]: [f64; 4], gain: f64| {
            gain * rate + to_1 * c1 + to_2 * c2 + to_3 * c3 + to_e * ce
        };
        let ([row1, row2, row3, row4], [gain1, gain2, gain3, gain4]) = (self.keep, self.gain);
        let new = [of(row1, gain1), of(row2, gain2), of(row3, gain3), of(row4, gain4)];
        let [plasma, fast, slow, effect_site] = new;
        Concentrations { plasma, peripheral: [fast, slow], effect_site }
    }
}

/// The exponential of `rates * time` for rates whose off-diagonal elements are not negative.
///
/// e^(At) = e^(-st) e^((A + sI)t) with s the largest rate of loss. The step is halved until st is at
/// most 1/2, the series of positive terms is summed to the rounding limit, and squared back. The
/// factor e^(-st) is applied before squaring, so that nothing overflows.
fn metzler_exponential<const N: usize>(rates: &Matrix<N>, time: f64) -> Matrix<N> {
    const TERMS: u32 = 18;
    let mut loss = 0.0;
    for (place, row) in rates.iter().enumerate() {
        loss = max(loss, -row[place]);
    }
    // The input column is unbounded by the loss (1/V1 of a tiny volume), but it is linear: it is
    // nilpotent in the series and needs no smaller step.
    let halvings = max(0.0, ceil(ln(max(loss * time, 1e-300) * 2.0) / core::f64::consts::LN_2));
    let mut step = time;
    for _ in 0..halvings as u32 {
        step *= 0.5;
    }
    let mut shifted = *rates;
    for (place, row) in shifted.iter_mut().enumerate() {
        row[place] += loss;
        for value in row {
            *value *= step;
        }
    }
    let mut sum = identity();
    let mut term = identity();
    for order in 1..=TERMS {
        term = product(&term, &shifted);
        for (into, value) in sum.iter_mut().flatten().zip(term.iter_mut().flatten()) {
            *value /= f64::from(order);
            *into += *value;
        }
    }
    let decay = exp(-loss * step);
    for value in sum.iter_mut().flatten() {
        *value *= decay;
    }
    for _ in 0..halvings as u32 {
        sum = product(&sum, &sum);
    }
    sum
}

fn identity<const N: usize>() -> Matrix<N> {
    let mut identity = [[0.0; N]; N];
    for (place, row) in identity.iter_mut().enumerate() {
        row[place] = 1.0;
    }
    identity
}

#[cfg(test)]
mod tests;
