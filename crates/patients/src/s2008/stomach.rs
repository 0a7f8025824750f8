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
/// Steps a minute while nothing is eaten, and while eating: multiples of half of [`NODES`].
const COARSE: usize = 2;
const FINE: usize = 32;

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
            absorption: [1.0; L],
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
        const SPANS: usize = NODES / 2;
        let mut course = [state.gut; NODES + 1];
        for span in 0..SPANS {
            let start = state.clone();
            for _ in 0..STEPS / SPANS {
                self.step(1.0 / STEPS as f64, grinding, switch, state, eaten);
            }
            course[2 * span + 1] = self.middle(&start, state, eaten, 1.0 / SPANS as f64);
            course[2 * span + 2] = state.gut;
        }
        course
    }

    /// The intestine's content that stands for the middle of a span of `time` minutes: the value with
    /// which Simpson's rule, and so the glucose step, gets exactly what left the intestine. What left
    /// is known without any rule, from the balance of mass, however suddenly the stomach opened.
    #[inline(always)]
    fn middle(
        &self,
        start: &StomachState<L>,
        end: &StomachState<L>,
        eaten: &Lane<L>,
        time: f64,
    ) -> Lane<L> {
        let mut middle = [0.0; L];
        for lane in 0..L {
            let before = start.solid[lane] + start.liquid[lane] + start.gut[lane];
            let after = end.solid[lane] + end.liquid[lane] + end.gut[lane];
            let left = eaten[lane] * time + (before - after);
            let mean = left / (self.absorption[lane] * time);
            middle[lane] = 1.5 * mean - 0.25 * (start.gut[lane] + end.gut[lane]);
        }
        middle
    }

    /// One Runge-Kutta step of the liquid and the intestine. Each stage is a loop of its own: the lanes
    /// of a stage are independent of each other, so that their long chains of operations overlap.
    #[inline(always)]
    fn step(
        &self,
        h: f64,
        grinding: &Grinding<L>,
        switch: &Switch<L>,
        state: &mut StomachState<L>,
        eaten: &Lane<L>,
    ) {
        let (mut middle, mut end) = ([0.0; L], [0.0; L]);
        for lane in 0..L {
            let gains = grinding.gains[lane] * eaten[lane];
            middle[lane] = state.solid[lane] * grinding.stays[lane] + gains;
            end[lane] = middle[lane] * grinding.stays[lane] + gains;
        }
        let here = (state.liquid, state.gut);
        let first = self.slope(switch, &state.solid, &here);
        let second = self.slope(switch, &middle, &ahead(&here, &first, 0.5 * h));
        let third = self.slope(switch, &middle, &ahead(&here, &second, 0.5 * h));
        let fourth = self.slope(switch, &end, &ahead(&here, &third, h));
        for lane in 0..L {
            let mean = |a: f64, b: f64, c: f64, d: f64| h / 6.0 * (a + 2.0 * (b + c) + d);
            state.liquid[lane] +=
                mean(first.0[lane], second.0[lane], third.0[lane], fourth.0[lane]);
            state.gut[lane] += mean(first.1[lane], second.1[lane], third.1[lane], fourth.1[lane]);
        }
        state.solid = end;
    }

    /// The derivatives of x2 and x3 in mg/min.
    ///
    /// With A = e^(2 alpha (q - bD)) and C = e^(2 beta (q - dD)), the published `tanh - tanh + 2` is
    /// `2 + 2 (A - C) / ((A + 1)(C + 1))`: two exponentials and one division.
    #[inline(always)]
    fn slope(&self, switch: &Switch<L>, solid: &Lane<L>, (liquid, gut): &Pair<L>) -> Pair<L> {
        let mut slope = ([0.0; L], [0.0; L]);
        for lane in 0..L {
            let filling = solid[lane] + liquid[lane];
            let a =
                branchless_exp(switch.slowing_gain[lane] * filling - switch.slowing_offset[lane]);
            let c =
                branchless_exp(switch.speeding_gain[lane] * filling - switch.speeding_offset[lane]);
            let opening = 1.0 + (a - c) / ((a + 1.0) * (c + 1.0));
            let (slowest, fastest) = (self.slowest[lane], self.fastest[lane]);
            let flow = (slowest + (fastest - slowest) * opening) * liquid[lane];
            slope.0[lane] = fastest * solid[lane] - flow;
            slope.1[lane] = flow - self.absorption[lane] * gut[lane];
        }
        slope
    }
}

/// Liquid and intestine.
type Pair<const L: usize> = (Lane<L>, Lane<L>);

#[inline(always)]
fn ahead<const L: usize>(from: &Pair<L>, slope: &Pair<L>, by: f64) -> Pair<L> {
    let mut there = *from;
    for lane in 0..L {
        there.0[lane] += by * slope.0[lane];
        there.1[lane] += by * slope.1[lane];
    }
    there
}
