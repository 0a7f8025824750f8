//! The insulin half of the model: seven linear equations, propagated exactly.
//!
//! Insulin delivery is constant over a minute, so the state at any time inside it is a fixed matrix
//! times the state at its start, plus a fixed vector times the delivery. The states are kept as
//! deviations from the fasting steady state: at the basal rate all are zero, and stay so exactly.
//!
//! States never reach the model's freeze rule (a mass below zero stops changing): with a delivery of
//! zero or more, masses stay at or above zero.

use super::lanes::Lane;
use super::parameters::S2008Parameters;
use crate::linear::{Matrix, exponential, product};

/// Points inside a minute, the end included, at which the actions of insulin are needed.
pub(crate) const NODES: usize = 4;

const ORDER: usize = 8;

/// Deviations in the order of the equations, each per lane.
#[derive(Clone, Debug)]
pub(crate) struct InsulinState<const L: usize> {
    /// x6: plasma insulin, pmol/kg.
    pub(crate) plasma: Lane<L>,
    /// x7: action on utilisation, pmol/L.
    pub(crate) action: Lane<L>,
    /// x8: first delay on production, pmol/L.
    pub(crate) delay: Lane<L>,
    /// x9: second delay on production, pmol/L.
    pub(crate) delayed: Lane<L>,
    /// x10: liver insulin, pmol/kg.
    pub(crate) liver: Lane<L>,
    /// x11: first subcutaneous depot, pmol/kg.
    pub(crate) first: Lane<L>,
    /// x12: second subcutaneous depot, pmol/kg.
    pub(crate) second: Lane<L>,
}

impl<const L: usize> InsulinState<L> {
    pub(crate) const fn fasting() -> Self {
        let zero = [0.0; L];
        Self {
            plasma: zero,
            action: zero,
            delay: zero,
            delayed: zero,
            liver: zero,
            first: zero,
            second: zero,
        }
    }
}

/// Rows of the propagator to one point in time: only the entries that are not structurally zero.
#[derive(Clone, Debug)]
struct ActionRow<const L: usize> {
    /// x7 from x6, x7, x10, x11, x12 and the delivery.
    action: [Lane<L>; 6],
    /// x9 from x6, x8, x9, x10, x11, x12 and the delivery.
    delayed: [Lane<L>; 7],
}

/// The propagators of each lane's subject.
#[derive(Clone, Debug)]
pub(crate) struct InsulinPropagator<const L: usize> {
    nodes: [ActionRow<L>; NODES],
    plasma: [Lane<L>; 5],
    liver: [Lane<L>; 5],
    delay: [Lane<L>; 6],
    first: [Lane<L>; 2],
    second: [Lane<L>; 3],
}

/// The actions of insulin inside a minute, deviations from fasting: x7 and x9 at [`NODES`] points.
pub(crate) type Actions<const L: usize> = ([Lane<L>; NODES], [Lane<L>; NODES]);

impl<const L: usize> InsulinPropagator<L> {
    pub(crate) const fn empty() -> Self {
        let zero = [0.0; L];
        Self {
            nodes: [const { ActionRow { action: [[0.0; L]; 6], delayed: [[0.0; L]; 7] } }; NODES],
            plasma: [zero; 5],
            liver: [zero; 5],
            delay: [zero; 6],
            first: [zero; 2],
            second: [zero; 3],
        }
    }

    /// Puts a subject's propagators into one lane.
    pub(crate) fn set(&mut self, lane: usize, subject: &S2008Parameters) {
        let step = exponential(&rates(subject), 1.0 / NODES as f64);
        let mut reach = step;
        for (index, node) in self.nodes.iter_mut().enumerate() {
            if index > 0 {
                reach = product(&step, &reach);
            }
            fill(&mut node.action, lane, &reach, 1, &[0, 1, 4, 5, 6, 7]);
            fill(&mut node.delayed, lane, &reach, 3, &[0, 2, 3, 4, 5, 6, 7]);
        }
        fill(&mut self.plasma, lane, &reach, 0, &[0, 4, 5, 6, 7]);
        fill(&mut self.delay, lane, &reach, 2, &[0, 2, 4, 5, 6, 7]);
        fill(&mut self.liver, lane, &reach, 4, &[0, 4, 5, 6, 7]);
        fill(&mut self.first, lane, &reach, 5, &[5, 7]);
        fill(&mut self.second, lane, &reach, 6, &[5, 6, 7]);
    }

    /// Advances one minute at a delivery of `extra` pmol/kg/min above basal.
    #[inline(always)]
    pub(crate) fn advance(&self, state: &mut InsulinState<L>, extra: &Lane<L>) -> Actions<L> {
        let s = state.clone();
        let mut actions = ([[0.0; L]; NODES], [[0.0; L]; NODES]);
        for (node, (action, delayed)) in
            self.nodes.iter().zip(actions.0.iter_mut().zip(&mut actions.1))
        {
            *action =
                weigh(&node.action, [&s.plasma, &s.action, &s.liver, &s.first, &s.second, extra]);
            *delayed = weigh(
                &node.delayed,
                [&s.plasma, &s.delay, &s.delayed, &s.liver, &s.first, &s.second, extra],
            );
        }
        let masses = [&s.plasma, &s.liver, &s.first, &s.second, extra];
        state.plasma = weigh(&self.plasma, masses);
        state.liver = weigh(&self.liver, masses);
        state.delay =
            weigh(&self.delay, [&s.plasma, &s.delay, &s.liver, &s.first, &s.second, extra]);
        state.first = weigh(&self.first, [&s.first, extra]);
        state.second = weigh(&self.second, [&s.first, &s.second, extra]);
        state.action = actions.0[NODES - 1];
        state.delayed = actions.1[NODES - 1];
        actions
    }
}

/// The weighted sum of lanes, in index order.
#[inline(always)]
fn weigh<const L: usize, const N: usize>(weights: &[Lane<L>; N], of: [&Lane<L>; N]) -> Lane<L> {
    let mut sum = [0.0; L];
    for index in 0..N {
        for lane in 0..L {
            sum[lane] += weights[index][lane] * of[index][lane];
        }
    }
    sum
}

fn fill<const L: usize, const N: usize>(
    into: &mut [Lane<L>; N],
    lane: usize,
    from: &Matrix<ORDER>,
    row: usize,
    columns: &[usize; N],
) {
    for (target, &column) in into.iter_mut().zip(columns) {
        target[lane] = from[row][column];
    }
}

/// The rate matrix: x6 to x12 in order, then the delivery, which does not change.
fn rates(p: &S2008Parameters) -> Matrix<ORDER> {
    let derived = p.derived();
    let (volume, u, ki) = (p.insulin_volume, p.action_rate, p.production_delay);
    let (ka1, ka2) = (p.slow_insulin_absorption, p.fast_insulin_absorption);
    let mut a = [[0.0; ORDER]; ORDER];
    a[0][0] = -(p.plasma_to_liver + derived.plasma_clearance);
    a[0][4] = p.liver_to_plasma;
    a[0][5] = ka1;
    a[0][6] = ka2;
    a[1][1] = -u;
    a[1][0] = u / volume;
    a[2][2] = -ki;
    a[2][0] = ki / volume;
    a[3][3] = -ki;
    a[3][2] = ki;
    a[4][4] = -(p.liver_to_plasma + derived.liver_clearance);
    a[4][0] = p.plasma_to_liver;
    a[5][5] = -(ka1 + p.dissociation);
    a[5][7] = 1.0;
    a[6][6] = -ka2;
    a[6][5] = p.dissociation;
    a
}
