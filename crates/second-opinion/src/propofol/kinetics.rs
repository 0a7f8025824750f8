//! Propofol in the body, in whole numbers: amounts instead of concentrations, and exchange by
//! closed forms that follow one another (Strang splitting) instead of one matrix.
//!
//! In a step two compartments alone exchange, exactly; then two others; then some is eliminated.
//! Halves before and halves after in the opposite order leave an error of the third order in the
//! step: below 1e-4 at one second.

use crate::whole::{held, share};
use minicbor::{Decode, Encode};

/// One, for factors.
const ONE: i64 = 1 << 32;
const BITS: u32 = 32;
/// A longest peak of the effect site comes within so many steps of ten seconds.
const AHEAD: u32 = 30;

/// The population's kinetics for one person, as the profile states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinetics {
    /// Central, fast and slow volume, microlitres.
    pub volumes: [u32; 3],
    /// Clearance, exchange with the fast and with the slow volume, microlitres per minute.
    pub flows: [u32; 3],
    /// Equilibration of the effect site, millionths per minute.
    pub effect_site: u32,
}

/// Amounts of propofol, nanograms. The effect site is counted as if it had the central volume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Drug {
    #[n(0)]
    pub(crate) central: i64,
    #[n(1)]
    pub(crate) fast: i64,
    #[n(2)]
    pub(crate) slow: i64,
    #[n(3)]
    pub(crate) effect: i64,
}

/// Two compartments that exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exchange {
    /// Part of their sum that the central one holds in the end.
    balance: i64,
    /// Part of the distance from there that remains.
    remains: i64,
}

/// Factors of one length of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    fast: Exchange,
    slow: Exchange,
    /// What half a step of elimination leaves.
    kept: i64,
    /// What remains of the distance of the effect site.
    remains: i64,
}

/// The kinetics ready to be stepped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    kinetics: Kinetics,
    second: Step,
    ten: Step,
}

fn times(amount: i64, factor: i64) -> i64 {
    held(i128::from(amount).saturating_mul(i128::from(factor)).wrapping_shr(BITS))
}

/// `e` to the power of minus `numerator / denominator`, as a factor.
fn decay(numerator: u64, denominator: u64) -> i64 {
    // A sixteenth of the exponent by a series, then squared four times.
    let sixteen = i128::from(denominator).saturating_mul(16);
    let exponent = i128::from(numerator).wrapping_shl(BITS).checked_div(sixteen);
    let exponent = held(exponent.unwrap_or(0)).min(ONE);
    let (mut term, mut sum) = (ONE, ONE);
    for order in 1..8 {
        term = times(term, exponent).checked_div(order).unwrap_or(0).saturating_neg();
        sum = sum.saturating_add(term);
    }
    (0..4).fold(sum, |root, _| times(root, root))
}

impl Exchange {
    fn new(central: u32, other: u32, flow: u32, milliseconds: u64) -> Self {
        let [central, other] = [central, other].map(i64::from);
        let both = central.saturating_add(other);
        // k12 + k21 = flow (1/V1 + 1/V2) = flow (V1 + V2) / (V1 V2)
        let wide = |value: i64| u128::try_from(value).unwrap_or(0);
        let top = wide(both).saturating_mul(flow.into()).saturating_mul(milliseconds.into());
        let bottom = wide(central).saturating_mul(wide(other)).saturating_mul(60_000);
        // Both fit 64 bits after the same shift, with more than thirty of them left.
        let shift = 128_u32.saturating_sub(bottom.max(top).leading_zeros()).saturating_sub(62);
        let narrow =
            |value: u128| u64::try_from(value.checked_shr(shift).unwrap_or(0)).unwrap_or(u64::MAX);
        Self { balance: share(ONE, central, both), remains: decay(narrow(top), narrow(bottom)) }
    }

    fn apply(self, central: &mut i64, other: &mut i64) {
        let sum = central.saturating_add(*other);
        let balanced = times(sum, self.balance);
        let distance = central.saturating_sub(balanced);
        *central = balanced.saturating_add(times(distance, self.remains));
        *other = sum.saturating_sub(*central);
    }
}

impl Step {
    fn new(kinetics: &Kinetics, milliseconds: u64) -> Self {
        let [central, fast, slow] = kinetics.volumes;
        let [clearance, to_fast, to_slow] = kinetics.flows;
        let half = milliseconds / 2;
        let minutes = |flow: u32, of: u64| u64::from(flow).saturating_mul(of);
        Self {
            fast: Exchange::new(central, fast, to_fast, half),
            slow: Exchange::new(central, slow, to_slow, half),
            kept: decay(minutes(clearance, half), u64::from(central).saturating_mul(60_000)),
            remains: decay(minutes(kinetics.effect_site, milliseconds), 60_000_000_000),
        }
    }

    /// One step with `given` nanograms spread over it.
    fn apply(&self, drug: &mut Drug, given: i64) {
        let before = drug.central;
        self.fast.apply(&mut drug.central, &mut drug.fast);
        self.slow.apply(&mut drug.central, &mut drug.slow);
        drug.central = times(drug.central, self.kept).saturating_add(given).max(0);
        drug.central = times(drug.central, self.kept);
        self.slow.apply(&mut drug.central, &mut drug.slow);
        self.fast.apply(&mut drug.central, &mut drug.fast);
        let mean = before.saturating_add(drug.central) / 2;
        let distance = drug.effect.saturating_sub(mean);
        drug.effect = mean.saturating_add(times(distance, self.remains));
    }
}

impl Model {
    pub(crate) fn new(kinetics: Kinetics) -> Self {
        let (second, ten) = (Step::new(&kinetics, 1_000), Step::new(&kinetics, 10_000));
        Self { kinetics, second, ten }
    }

    /// So many seconds in which `given` nanograms came in evenly.
    pub(crate) fn pass(&self, drug: &mut Drug, seconds: u32, given: i64) {
        let (mut left, mut rest) = (i64::from(seconds), given);
        while left > 0 {
            let part = rest.checked_div(left).unwrap_or(0);
            self.second.apply(drug, part);
            (left, rest) = (left.saturating_sub(1), rest.saturating_sub(part));
        }
    }

    /// Concentration of an amount in the central volume, nanograms per millilitre.
    pub(crate) fn concentration(&self, amount: i64) -> i64 {
        let [central, _, _] = self.kinetics.volumes;
        share(amount, 1_000, central.into())
    }

    /// The amount in the central volume at a concentration in nanograms per millilitre.
    pub(crate) fn amount(&self, concentration: i64) -> i64 {
        let [central, _, _] = self.kinetics.volumes;
        share(concentration, central.into(), 1_000)
    }

    /// The highest effect-site amount that is to come if `more` is given now and nothing after.
    pub(crate) fn peak(&self, drug: &Drug, more: i64) -> i64 {
        let mut drug = Drug { central: drug.central.saturating_add(more), ..*drug };
        let mut peak = drug.effect;
        for _ in 0..AHEAD {
            if drug.central <= drug.effect {
                break;
            }
            self.ten.apply(&mut drug, 0);
            peak = peak.max(drug.effect);
        }
        peak
    }

    /// Nanograms in `milliseconds` that keep this amount in the central volume.
    pub(crate) fn hold(&self, drug: &Drug, amount: i64, milliseconds: u64) -> i64 {
        let [central, fast, slow] = self.kinetics.volumes.map(i64::from);
        let [clearance, to_fast, to_slow] = self.kinetics.flows.map(i64::from);
        let away =
            share(amount, clearance.saturating_add(to_fast).saturating_add(to_slow), central);
        let back = share(drug.fast, to_fast, fast).saturating_add(share(drug.slow, to_slow, slow));
        let a_minute = away.saturating_sub(back).max(0);
        share(a_minute, i64::try_from(milliseconds).unwrap_or(i64::MAX), 60_000)
    }
}

#[cfg(test)]
pub(crate) mod tests;
