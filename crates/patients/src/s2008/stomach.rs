//! Stomach and intestine: from food eaten to glucose appearing.
//!
//! The solid phase is linear and solved exactly; the liquid phase empties at a rate that switches
//! with the filling (a pair of hyperbolic tangents) and is stepped by the classical Runge-Kutta
//! method. Nothing here depends on glucose or insulin. While someone eats, the switch passes within
//! a fraction of a minute, so those minutes are cut finer.

use super::lanes::Lane;
use super::parameters::S2008Parameters;
use homeostat_numeric::branchless_exp;

/// Points inside a minute, the end included, at which the appearance of glucose is needed.
pub(crate) const NODES: usize = super::insulin::NODES;
/// Steps a minute while nothing is eaten, and while eating.
const COARSE: usize = NODES;
const FINE: usize = 8 * NODES;

/// Glucose equivalents in mg, each per lane.
#[derive(Clone, Debug)]
pub(crate) struct StomachState<const L: usize> {
    /// x1: solid in the stomach.
    pub(crate) solid: Lane<L>,
    /// x2: liquid in the stomach.
    pub(crate) liquid: Lane<L>,
    /// x3: intestine.
    pub(crate) gut: Lane<L>,
    /// D: in the stomach when the meal began, plus eaten since.
    pub(crate) dose: Lane<L>,
    /// Eaten in the last minute.
    eating: Lane<L>,
}

impl<const L: usize> StomachState<L> {
    pub(crate) const fn fasting() -> Self {
        let zero = [0.0; L];
        Self { solid: zero, liquid: zero, gut: zero, dose: zero, eating: zero }
    }
}

/// How the solid phase moves in half a step.
#[derive(Clone, Debug)]
struct Grinding<const L: usize> {
    stays: Lane<L>,
    gains: Lane<L>,
}

/// The figures of each lane's subject.
#[derive(Clone, Debug)]
pub(crate) struct StomachFigures<const L: usize> {
    fastest: Lane<L>,
    slowest: Lane<L>,
    absorption: Lane<L>,
    slowing: Lane<L>,
    speeding: Lane<L>,
    coarse: Grinding<L>,
    fine: Grinding<L>,
}

/// The emptying switch for the current dose: exponents are `gain * filling - offset`.
struct Switch<const L: usize> {
    slowing_gain: Lane<L>,
    slowing_offset: Lane<L>,
    speeding_gain: Lane<L>,
    speeding_offset: Lane<L>,
}

impl<const L: usize> StomachFigures<L> {
    pub(crate) const fn empty() -> Self {
        let zero = [0.0; L];
        Self {
            fastest: zero,
            slowest: zero,
            absorption: zero,
            slowing: [0.5; L],
            speeding: [0.5; L],
            coarse: Grinding { stays: zero, gains: zero },
            fine: Grinding { stays: zero, gains: zero },
        }
    }

    pub(crate) fn set(&mut self, lane: usize, subject: &S2008Parameters) {
        let kmax = subject.emptying_fastest;
        self.fastest[lane] = kmax;
        self.slowest[lane] = subject.emptying_slowest;
        self.absorption[lane] = subject.absorption;
        self.slowing[lane] = subject.slowing_fraction;
        self.speeding[lane] = subject.speeding_fraction;
        for (grinding, steps) in [(&mut self.coarse, COARSE), (&mut self.fine, FINE)] {
            let lost = homeostat_numeric::exp_m1(-kmax * 0.5 / steps as f64);
            grinding.stays[lane] = 1.0 + lost;
            grinding.gains[lane] = -lost / kmax;
        }
    }

    /// Advances one minute with `eaten` mg in each lane; gives the intestine's content at the start
    /// and at [`NODES`] points.
    #[inline(always)]
    pub(crate) fn advance(
        &self,
        state: &mut StomachState<L>,
        eaten: &Lane<L>,
    ) -> [Lane<L>; NODES + 1] {
        for lane in 0..L {
            let begins = eaten[lane] > 0.0 && state.eating[lane] <= 0.0;
            let before = state.solid[lane] + state.liquid[lane];
            let base = if begins { before } else { state.dose[lane] };
            state.dose[lane] = base + eaten[lane];
            state.eating[lane] = eaten[lane];
        }
        let switch = self.switch(&state.dose);
        let someone_eats = eaten.iter().any(|&mass| mass > 0.0);
        let everyone_eats = eaten.iter().all(|&mass| mass > 0.0);
        if !someone_eats {
            return self.steps::<COARSE>(&self.coarse, &switch, state, eaten);
        }
        let before = state.clone();
        let mut course = self.steps::<FINE>(&self.fine, &switch, state, eaten);
        if !everyone_eats {
            let mut others = before;
            let resting = self.steps::<COARSE>(&self.coarse, &switch, &mut others, eaten);
            for lane in 0..L {
                if eaten[lane] <= 0.0 {
                    state.solid[lane] = others.solid[lane];
                    state.liquid[lane] = others.liquid[lane];
                    state.gut[lane] = others.gut[lane];
                    for (point, rest) in course.iter_mut().zip(&resting) {
                        point[lane] = rest[lane];
                    }
                }
            }
        }
        course
    }

    /// With no dose both exponents are zero, which leaves the fastest emptying, as defined.
    #[inline(always)]
    fn switch(&self, dose: &Lane<L>) -> Switch<L> {
        let zero = [0.0; L];
        let mut switch = Switch {
            slowing_gain: zero,
            slowing_offset: zero,
            speeding_gain: zero,
            speeding_offset: zero,
        };
        for lane in 0..L {
            if dose[lane] > 0.0 {
                let (b, d) = (self.slowing[lane], self.speeding[lane]);
                switch.slowing_gain[lane] = 5.0 / (dose[lane] * (1.0 - b));
                switch.slowing_offset[lane] = 5.0 * b / (1.0 - b);
                switch.speeding_gain[lane] = 5.0 / (dose[lane] * d);
                switch.speeding_offset[lane] = 5.0;
            }
        }
        switch
    }

    #[inline(always)]
    fn steps<const STEPS: usize>(
        &self,
        grinding: &Grinding<L>,
        switch: &Switch<L>,
        state: &mut StomachState<L>,
        eaten: &Lane<L>,
    ) -> [Lane<L>; NODES + 1] {
        let mut course = [state.gut; NODES + 1];
        for step in 0..STEPS {
            self.step(1.0 / STEPS as f64, grinding, switch, state, eaten);
            if (step + 1) % (STEPS / NODES) == 0 {
                course[(step + 1) / (STEPS / NODES)] = state.gut;
            }
        }
        course
    }

    #[inline(always)]
    fn step(
        &self,
        h: f64,
        grinding: &Grinding<L>,
        switch: &Switch<L>,
        state: &mut StomachState<L>,
        eaten: &Lane<L>,
    ) {
        for lane in 0..L {
            let (kmax, kabs) = (self.fastest[lane], self.absorption[lane]);
            let (stays, gains) = (grinding.stays[lane], grinding.gains[lane] * eaten[lane]);
            let (solid, liquid, gut) = (state.solid[lane], state.liquid[lane], state.gut[lane]);
            let middle = solid * stays + gains;
            let end = middle * stays + gains;

            let flow1 = self.emptying(lane, switch, solid, liquid);
            let (l1, g1) = (kmax * solid - flow1, flow1 - kabs * gut);
            let flow2 = self.emptying(lane, switch, middle, liquid + 0.5 * h * l1);
            let (l2, g2) = (kmax * middle - flow2, flow2 - kabs * (gut + 0.5 * h * g1));
            let flow3 = self.emptying(lane, switch, middle, liquid + 0.5 * h * l2);
            let (l3, g3) = (kmax * middle - flow3, flow3 - kabs * (gut + 0.5 * h * g2));
            let flow4 = self.emptying(lane, switch, end, liquid + h * l3);
            let (l4, g4) = (kmax * end - flow4, flow4 - kabs * (gut + h * g3));

            state.solid[lane] = end;
            state.liquid[lane] = liquid + h / 6.0 * (l1 + 2.0 * (l2 + l3) + l4);
            state.gut[lane] = gut + h / 6.0 * (g1 + 2.0 * (g2 + g3) + g4);
        }
    }

    /// kgut * x2 in mg/min. With A = e^(2 alpha (q - bD)) and C = e^(2 beta (q - dD)), the published
    /// `tanh - tanh + 2` is `2 + 2 (A - C) / ((A + 1)(C + 1))`: two exponentials and one division.
    #[inline(always)]
    fn emptying(&self, lane: usize, switch: &Switch<L>, solid: f64, liquid: f64) -> f64 {
        let filling = solid + liquid;
        let a = limited_exp(switch.slowing_gain[lane] * filling - switch.slowing_offset[lane]);
        let c = limited_exp(switch.speeding_gain[lane] * filling - switch.speeding_offset[lane]);
        let opening = 1.0 + (a - c) / ((a + 1.0) * (c + 1.0));
        let slowest = self.slowest[lane];
        (slowest + (self.fastest[lane] - slowest) * opening) * liquid
    }
}

/// The exponential within +-300, so that a product of two stays a number.
#[inline(always)]
fn limited_exp(x: f64) -> f64 {
    let x = if x < 300.0 { x } else { 300.0 };
    branchless_exp(if x > -300.0 { x } else { -300.0 })
}
