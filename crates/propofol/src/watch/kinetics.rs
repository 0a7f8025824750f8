//! Three compartments and an effect site in integers: the watch's own books of where the drug is.
//!
//! One period is one product with a matrix that is computed once, by a series in fixed point, from
//! the whole numbers of the profile. Everything rounds up: a concentration is never understated.

use crate::profile::Content;
use minicbor::{Decode, Encode};

/// Plasma, fast, slow, effect site; and the amount of one period.
const SIZE: usize = 5;
const STATES: usize = 4;
/// Bits after the point while the matrices are computed.
const FINE: u32 = 48;
const ONE: i128 = 1 << FINE;
/// Terms of the series: the norm of a period is at most 1.2.
const TERMS: i128 = 18;
/// Bits after the point of a stored matrix.
const STEP: u32 = 44;
/// Bits after the point of a row that looks ahead.
const ROW: u32 = 31;
/// Bits after the point of the factors that stand for divisions.
const FACTOR: u32 = 48;
/// Bits after the point of a concentration, and of one that is looked ahead from.
const CONCENTRATION: u32 = 16;
const COARSE: u32 = 4;
/// No concentration is larger than this, ng/mL.
const LARGEST: i64 = 1 << 20;
/// How far apart the times are at which the effect site is looked at, seconds, and how many.
const APART: u32 = 15;
const AHEAD: usize = 40;

type Matrix = [[i128; SIZE]; SIZE];

/// Concentrations, in ng/mL with sixteen bits after the point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Levels {
    #[n(0)]
    plasma: i64,
    #[n(1)]
    fast: i64,
    #[n(2)]
    slow: i64,
    #[n(3)]
    effect: i64,
}

impl Levels {
    const fn array(&self) -> [i64; STATES] {
        [self.plasma, self.fast, self.slow, self.effect]
    }

    /// Effect-site concentration, ng/mL, rounded up.
    pub(super) fn effect(&self) -> u32 {
        let whole = self.effect.saturating_add((1 << CONCENTRATION) - 1) >> CONCENTRATION;
        u32::try_from(whole).unwrap_or(0)
    }
}

/// The model of one person and one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinetics {
    /// The concentrations one period later, from those now.
    step: [[i64; STATES]; STATES],
    /// What one microgram, infused over a period, adds at its end.
    added: [i64; STATES],
    /// The effect site at times ahead, from the concentrations now.
    ahead: [[u32; STATES]; AHEAD],
    /// Largest rise of the effect site that one step of the pump causes, ng/mL, in `ROW` and
    /// `COARSE` bits.
    per_step: u64,
    /// What one microgram, given at once, adds to the plasma.
    at_once: i64,
    /// Micrograms of a step.
    unit: i64,
    /// Clearance and exchanges, uL/min.
    flows: [i128; 3],
    /// Thousandths of a step per period in a flow of 10^-6 ug/min, in `FACTOR` bits.
    of_flow: i128,
    /// Thousandths of a step that raise the plasma by 1 ng/mL, in `FACTOR` bits.
    of_rise: i128,
}

impl Kinetics {
    pub(super) fn new(content: &Content) -> Self {
        let kinetics = &content.kinetics;
        let period = i128::from(content.times.period.0);
        let flows = [kinetics.clearance, kinetics.fast_exchange, kinetics.slow_exchange]
            .map(|flow| i128::from(flow.0));
        let rates = rates(content, period);
        let whole = exponential(&rates);
        let step = whole_states(&whole);
        let added = whole.map(|row| row.last().copied().unwrap_or(0) >> (FINE - STEP));
        let added = first_states(added.map(narrow));
        let ahead = rows_ahead(&whole, content.times.period.0.max(1));
        let unit = i64::from(content.delivery.step.0.max(1));
        let peak = ahead.iter().map(|row| {
            let pairs = row.iter().zip(&added);
            pairs.fold(0_i128, |sum, (row, added)| sum + i128::from(*row) * i128::from(*added))
        });
        let peak = peak.fold(0, i128::max).saturating_mul(i128::from(unit)) >> (STEP - COARSE);
        let central = i128::from(kinetics.central.0.max(1));
        let [plasma, ..] = added;
        let of_unit = 1_000 * i128::from(unit);
        Self {
            step,
            added,
            ahead,
            per_step: u64::try_from(peak).unwrap_or(u64::MAX).max(1),
            at_once: narrow((1_000_000_i128 << STEP) / central),
            unit,
            flows,
            of_flow: (period << FACTOR) / (60 * of_unit),
            of_rise: (1_000_i128 << (STEP + FACTOR))
                / (i128::from(plasma.max(1)) * i128::from(unit)),
        }
    }

    /// One period later, in which so many steps of the pump came in.
    pub(super) fn advance(&self, now: &Levels, steps: u64) -> Levels {
        let amount = i128::from(u32::try_from(steps).unwrap_or(u32::MAX)) * i128::from(self.unit);
        let old = now.array();
        let mut new = [0_i64; STATES];
        for ((into, row), added) in new.iter_mut().zip(&self.step).zip(&self.added) {
            let mut sum = (amount * i128::from(*added)) << CONCENTRATION;
            for (factor, value) in row.iter().zip(&old) {
                sum = sum.saturating_add(i128::from(*factor) * i128::from(*value));
            }
            *into = held(sum.saturating_add((1 << STEP) - 1) >> STEP);
        }
        let [plasma, fast, slow, effect] = new;
        Levels { plasma, fast, slow, effect }
    }

    /// The same concentrations after so many steps that somebody gave at once.
    pub(super) fn given(&self, now: &Levels, steps: u32) -> Levels {
        let amount = i128::from(steps) * i128::from(self.unit);
        let rise = (amount * i128::from(self.at_once)) >> (STEP - CONCENTRATION);
        Levels { plasma: held(i128::from(now.plasma).saturating_add(rise)), ..*now }
    }

    /// The highest effect-site concentration from now on if nothing more comes, as the number of
    /// pump steps that would cause it at once: what still acts. Rounded up.
    pub(super) fn acting(&self, now: &Levels) -> u32 {
        let less = CONCENTRATION - COARSE;
        let largest = LARGEST << COARSE;
        let coarse = now.array().map(|value| {
            let up = value.saturating_add((1 << less) - 1) >> less;
            u64::try_from(up.clamp(0, largest)).unwrap_or(0)
        });
        let [.., effect] = coarse;
        let mut peak = effect << ROW;
        for row in &self.ahead {
            // At most 24 and 32 bits: the sum of four products fits.
            let pairs = row.iter().zip(&coarse);
            let sum = pairs.fold(0_u64, |sum, (factor, value)| {
                sum.wrapping_add(u64::from(*factor).wrapping_mul(*value))
            });
            peak = peak.max(sum);
        }
        u32::try_from(peak.div_ceil(self.per_step)).unwrap_or(u32::MAX)
    }

    /// The same of a concentration, ng/mL, rounded down: what may act.
    pub(super) fn acting_at(&self, nanograms: u32) -> u32 {
        let level = u128::from(nanograms) << (ROW + COARSE);
        u32::try_from(level / u128::from(self.per_step)).unwrap_or(u32::MAX)
    }

    /// Thousandths of a step that hold plasma and effect site at a level (ng/mL) for one period.
    pub(super) fn holding(&self, now: &Levels, nanograms: u32) -> u64 {
        let level = i128::from(nanograms) << CONCENTRATION;
        let [clearance, fast, slow] = self.flows;
        // uL/min times ng/mL is 10^-6 ug/min.
        let lost = clearance * level
            + fast * (level - i128::from(now.fast))
            + slow * (level - i128::from(now.slow));
        let thousandths = lost.max(0).saturating_mul(self.of_flow) >> (CONCENTRATION + FACTOR);
        u64::try_from(thousandths).unwrap_or(u64::MAX)
    }

    /// Thousandths of a step that bring the plasma to a level at the end of the period; nothing
    /// where it is above anyway.
    pub(super) fn reaching(&self, now: &Levels, nanograms: u32) -> u64 {
        let [plasma, ..] = self.step;
        let old = now.array();
        let pairs = plasma.iter().zip(&old);
        let free = pairs.fold(0_i128, |sum, (factor, value)| {
            sum.saturating_add(i128::from(*factor) * i128::from(*value))
        });
        let missing = (i128::from(nanograms) << CONCENTRATION) - (free >> STEP);
        let thousandths = missing.max(0).saturating_mul(self.of_rise);
        u64::try_from(thousandths >> (CONCENTRATION + FACTOR)).unwrap_or(u64::MAX)
    }
}

/// Rates times one period, in `FINE` bits.
fn rates(content: &Content, period: i128) -> Matrix {
    let kinetics = &content.kinetics;
    let flow =
        |flow: u32, volume: u32| i128::from(flow) * ONE / i128::from(volume.max(1)) * period / 60;
    let (v1, v2, v3) = (kinetics.central.0, kinetics.fast.0, kinetics.slow.0);
    let [cl, q2, q3] = [kinetics.clearance.0, kinetics.fast_exchange.0, kinetics.slow_exchange.0];
    let (out, fast, slow) = (flow(cl, v1), flow(q2, v1), flow(q3, v1));
    let (from_fast, from_slow) = (flow(q2, v2), flow(q3, v3));
    let effect = i128::from(kinetics.effect_site.0) * ONE / 1_000_000 * period / 60;
    // A microgram in a litre is a nanogram in a millilitre.
    let input = 1_000_000 * ONE / i128::from(v1.max(1));
    [
        [-(out + fast + slow), fast, slow, 0, input],
        [from_fast, -from_fast, 0, 0, 0],
        [from_slow, 0, -from_slow, 0, 0],
        [effect, 0, 0, -effect, 0],
        [0; SIZE],
    ]
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let mut result = [[0; SIZE]; SIZE];
    for (row, out) in a.iter().zip(&mut result) {
        for (factor, b_row) in row.iter().zip(b) {
            for (sum, value) in out.iter_mut().zip(b_row) {
                *sum += (factor * value) >> FINE;
            }
        }
    }
    result
}

/// The exponential of a matrix of small norm, by its series (Horner).
fn exponential(rates: &Matrix) -> Matrix {
    let mut sum = identity();
    let mut order = TERMS;
    while order > 0 {
        sum = product(rates, &sum);
        for (place, row) in sum.iter_mut().enumerate() {
            for (column, value) in row.iter_mut().enumerate() {
                *value = *value / order + if place == column { ONE } else { 0 };
            }
        }
        order -= 1;
    }
    sum
}

fn identity() -> Matrix {
    let mut identity = [[0; SIZE]; SIZE];
    for (place, row) in identity.iter_mut().enumerate() {
        for (column, value) in row.iter_mut().enumerate() {
            *value = if place == column { ONE } else { 0 };
        }
    }
    identity
}

/// The effect site at times ahead, by repeated products with the matrix of so many periods.
fn rows_ahead(period: &Matrix, seconds: u32) -> [[u32; STATES]; AHEAD] {
    let mut apart = *period;
    for _ in 1..APART.div_ceil(seconds) {
        apart = product(&apart, period);
    }
    let mut many = apart;
    let mut rows = [[0_u32; STATES]; AHEAD];
    for into in &mut rows {
        let [_, _, _, effect, _] = many;
        // Nothing of a response is negative but for rounding.
        let whole = |value: i128| u32::try_from(value >> (FINE - ROW)).unwrap_or(0);
        *into = first_states(effect.map(whole));
        many = product(&many, &apart);
    }
    rows
}

fn whole_states(matrix: &Matrix) -> [[i64; STATES]; STATES] {
    first_states(matrix.map(|row| first_states(row.map(|value| narrow(value >> (FINE - STEP))))))
}

/// All but the last.
fn first_states<T: Copy>([a, b, c, d, _]: [T; SIZE]) -> [T; STATES] {
    [a, b, c, d]
}

fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// A concentration within what is possible.
fn held(value: i128) -> i64 {
    narrow(value).clamp(0, LARGEST << CONCENTRATION)
}

#[cfg(test)]
mod tests;
