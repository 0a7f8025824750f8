//! The glucose half of the model: plasma, tissue and the space under the skin.

use super::insulin;
use super::lanes::Lane;
use super::parameters::S2008Parameters;

/// Runge-Kutta steps a minute: a point in the middle and one at the end of each.
const STEPS: usize = insulin::NODES / 2;

/// Where plasma glucose that falls below zero is held: the model's freeze rule (a mass below zero stops
/// changing) stops it there for good. Tissue and skin follow plasma and never fall below zero.
const FROZEN: f64 = -1e-9;

/// Glucose masses in mg/kg, each per lane.
#[derive(Clone, Debug)]
pub(crate) struct GlucoseState<const L: usize> {
    /// x4: plasma.
    pub(crate) plasma: Lane<L>,
    /// x5: tissue.
    pub(crate) tissue: Lane<L>,
    /// x13: under the skin.
    pub(crate) interstitial: Lane<L>,
}

/// The figures of each lane's subject.
#[derive(Clone, Debug)]
pub(crate) struct GlucoseFigures<const L: usize> {
    /// f * kabs / BW, 1/min/kg.
    appearance: Lane<L>,
    production: Lane<L>,
    effectiveness: Lane<L>,
    production_gain: Lane<L>,
    independent: Lane<L>,
    renal_rate: Lane<L>,
    renal_threshold: Lane<L>,
    to_tissue: Lane<L>,
    to_plasma: Lane<L>,
    utilisation: Lane<L>,
    utilisation_gain: Lane<L>,
    michaelis: Lane<L>,
    interstitial_rate: Lane<L>,
    basal_insulin: Lane<L>,
}

/// What drives glucose at one point in time.
#[derive(Clone, Copy)]
struct Drive<const L: usize> {
    /// Appearance from the gut less fixed utilisation, mg/kg/min.
    inflow: Lane<L>,
    /// Production at zero glucose, mg/kg/min.
    production: Lane<L>,
    /// Largest utilisation, mg/kg/min.
    utilisation: Lane<L>,
}

impl<const L: usize> GlucoseFigures<L> {
    pub(crate) const fn empty() -> Self {
        let zero = [0.0; L];
        Self {
            appearance: zero,
            production: zero,
            effectiveness: zero,
            production_gain: zero,
            independent: zero,
            renal_rate: zero,
            renal_threshold: zero,
            to_tissue: zero,
            to_plasma: zero,
            utilisation: zero,
            utilisation_gain: zero,
            michaelis: [1.0; L],
            interstitial_rate: zero,
            basal_insulin: zero,
        }
    }

    pub(crate) fn set(&mut self, lane: usize, p: &S2008Parameters) {
        let derived = p.derived();
        self.appearance[lane] = p.bioavailability * p.absorption / p.body_weight.0;
        self.production[lane] = derived.production;
        self.effectiveness[lane] = p.liver_effectiveness;
        self.production_gain[lane] = p.production_gain;
        self.independent[lane] = p.independent_utilisation;
        self.renal_rate[lane] = p.renal_rate;
        self.renal_threshold[lane] = p.renal_threshold;
        self.to_tissue[lane] = p.plasma_to_tissue;
        self.to_plasma[lane] = p.tissue_to_plasma;
        self.utilisation[lane] = derived.utilisation;
        self.utilisation_gain[lane] = p.utilisation_gain;
        self.michaelis[lane] = p.michaelis;
        self.interstitial_rate[lane] = p.interstitial_rate;
        self.basal_insulin[lane] = p.basal_insulin;
    }

    /// Advances one minute. `gut` and `actions` hold the driving states at the start (index 0 of
    /// `gut`; `before` for the actions) and at the points inside.
    #[inline(always)]
    pub(crate) fn advance(
        &self,
        state: &mut GlucoseState<L>,
        gut: &[Lane<L>; insulin::NODES + 1],
        before: (&Lane<L>, &Lane<L>),
        actions: &insulin::Actions<L>,
        influence: &super::lanes::Influence<L>,
    ) {
        let mut start = self.drive(&gut[0], before.0, before.1, influence);
        for step in 0..STEPS {
            let (middle, end) = (2 * step, 2 * step + 1);
            let half =
                self.drive(&gut[middle + 1], &actions.0[middle], &actions.1[middle], influence);
            let full = self.drive(&gut[end + 1], &actions.0[end], &actions.1[end], influence);
            self.step(1.0 / STEPS as f64, state, [&start, &half, &full]);
            start = full;
        }
    }

    #[inline(always)]
    fn drive(
        &self,
        gut: &Lane<L>,
        action: &Lane<L>,
        delayed: &Lane<L>,
        influence: &super::lanes::Influence<L>,
    ) -> Drive<L> {
        let zero = [0.0; L];
        let mut drive = Drive { inflow: zero, production: zero, utilisation: zero };
        for lane in 0..L {
            let sensitivity = influence.sensitivity[lane];
            drive.inflow[lane] = self.appearance[lane] * gut[lane] - self.independent[lane];
            drive.production[lane] = self.production[lane] + influence.production[lane]
                - self.production_gain[lane]
                    * sensitivity
                    * (self.basal_insulin[lane] + delayed[lane]);
            drive.utilisation[lane] =
                self.utilisation[lane] + self.utilisation_gain[lane] * sensitivity * action[lane];
        }
        drive
    }

    #[inline(always)]
    fn step(&self, h: f64, state: &mut GlucoseState<L>, drives: [&Drive<L>; 3]) {
        let [start, half, full] = drives;
        for lane in 0..L {
            let x = (state.plasma[lane], state.tissue[lane], state.interstitial[lane]);
            // The freeze rule is applied to whole steps: one that begins above zero runs through and is
            // then held, so that the moment of crossing does not depend on the stages.
            let flows = if x.0 >= 0.0 { 1.0 } else { 0.0 };
            let k1 = self.slope(lane, start, flows, x);
            let k2 = self.slope(lane, half, flows, ahead(x, k1, 0.5 * h));
            let k3 = self.slope(lane, half, flows, ahead(x, k2, 0.5 * h));
            let k4 = self.slope(lane, full, flows, ahead(x, k3, h));
            let mean = |a: f64, b: f64, c: f64, d: f64| h / 6.0 * (a + 2.0 * (b + c) + d);
            let plasma = x.0 + mean(k1.0, k2.0, k3.0, k4.0);
            state.plasma[lane] = if plasma >= FROZEN { plasma } else { FROZEN };
            state.tissue[lane] = x.1 + mean(k1.1, k2.1, k3.1, k4.1);
            state.interstitial[lane] = x.2 + mean(k1.2, k2.2, k3.2, k4.2);
        }
    }

    /// The derivatives of x4 (times `flows`), x5, x13. Plasma below zero acts as zero.
    #[inline(always)]
    fn slope(
        &self,
        lane: usize,
        drive: &Drive<L>,
        flows: f64,
        x: (f64, f64, f64),
    ) -> (f64, f64, f64) {
        let (plasma, tissue, interstitial) = x;
        let plasma = if plasma > 0.0 { plasma } else { 0.0 };
        let production = drive.production[lane] - self.effectiveness[lane] * plasma;
        let production = if production > 0.0 { production } else { 0.0 };
        let spill = self.renal_rate[lane] * (plasma - self.renal_threshold[lane]);
        let spill = if spill > 0.0 { spill } else { 0.0 };
        let exchange = self.to_tissue[lane] * plasma - self.to_plasma[lane] * tissue;
        let used = drive.utilisation[lane] * tissue / (self.michaelis[lane] + tissue);
        let to_plasma = production + drive.inflow[lane] - spill - exchange;
        let to_tissue = exchange - used;
        let to_skin = self.interstitial_rate[lane] * (plasma - interstitial);
        (flows * to_plasma, to_tissue, to_skin)
    }
}

#[inline(always)]
fn ahead(x: (f64, f64, f64), slope: (f64, f64, f64), by: f64) -> (f64, f64, f64) {
    (x.0 + by * slope.0, x.1 + by * slope.1, x.2 + by * slope.2)
}
