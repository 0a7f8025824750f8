//! The model for several subjects side by side.
//!
//! Every operation is written as a loop over lanes of plain arithmetic, which the compiler turns into
//! vector instructions. No lane sees another, and a compiler may not reorder floating point, so a
//! subject gets the same bits alone (one lane) as in company.

use super::glucose::{GlucoseFigures, GlucoseState};
use super::insulin::{InsulinPropagator, InsulinState};
use super::parameters::{Derived, PMOL_IN_UNIT, S2008Parameters};
use super::stomach::{StomachFigures, StomachState};
use crate::patient::{MinuteInputs, NamedState, tame};
use crate::physiology::Acting;
use crate::units::MgPerDl;

/// One number per subject.
pub(crate) type Lane<const L: usize> = [f64; L];

/// What acts on a subject beside food and insulin, held for the minute.
#[derive(Clone, Debug)]
pub(crate) struct Influence<const L: usize> {
    /// Insulin sensitivity relative to the subject's own: multiplies Vmx and kp3.
    pub(crate) sensitivity: Lane<L>,
    /// Added endogenous production, mg/kg/min.
    pub(crate) production: Lane<L>,
}

/// `L` subjects and their states.
#[derive(Clone, Debug)]
pub(crate) struct Lanes<const L: usize> {
    stomach_figures: StomachFigures<L>,
    insulin_propagator: InsulinPropagator<L>,
    glucose_figures: GlucoseFigures<L>,
    pmol_per_kg: Lane<L>,
    basal_infusion: Lane<L>,
    glucose_volume: Lane<L>,
    influence: Influence<L>,
    stomach: StomachState<L>,
    insulin: InsulinState<L>,
    glucose: GlucoseState<L>,
}

impl<const L: usize> Lanes<L> {
    /// Lanes without anyone in them; [`Self::set`] each before use.
    pub(crate) const fn empty() -> Self {
        let zero = [0.0; L];
        Self {
            stomach_figures: StomachFigures::empty(),
            insulin_propagator: InsulinPropagator::empty(),
            glucose_figures: GlucoseFigures::empty(),
            pmol_per_kg: zero,
            basal_infusion: zero,
            glucose_volume: [1.0; L],
            influence: Influence { sensitivity: [1.0; L], production: zero },
            stomach: StomachState::fasting(),
            insulin: InsulinState::fasting(),
            glucose: GlucoseState { plasma: zero, tissue: zero, interstitial: zero },
        }
    }

    /// Seats a subject in a lane, fasting at the basal rate.
    pub(crate) fn set(&mut self, lane: usize, subject: &S2008Parameters) {
        let derived = subject.derived();
        self.stomach_figures.set(lane, subject);
        self.insulin_propagator.set(lane, subject);
        self.glucose_figures.set(lane, subject);
        self.pmol_per_kg[lane] = PMOL_IN_UNIT / subject.body_weight.0;
        self.basal_infusion[lane] = derived.infusion;
        self.glucose_volume[lane] = subject.glucose_volume;
        self.glucose.plasma[lane] = derived.plasma_glucose;
        self.glucose.tissue[lane] = derived.tissue_glucose;
        self.glucose.interstitial[lane] = derived.plasma_glucose;
    }

    /// Sets what acts on a subject beside food and insulin, until set again.
    pub(crate) fn act(&mut self, lane: usize, acting: Acting) {
        self.influence.sensitivity[lane] = acting.sensitivity;
        self.influence.production[lane] = acting.production;
    }

    /// One minute for all lanes.
    #[inline(always)]
    pub(crate) fn advance_minute(&mut self, inputs: &[MinuteInputs; L]) {
        let (mut eaten, mut extra) = ([0.0; L], [0.0; L]);
        for lane in 0..L {
            eaten[lane] = tame(inputs[lane].eaten.0) * 1000.0;
            extra[lane] =
                tame(inputs[lane].insulin.0) * self.pmol_per_kg[lane] - self.basal_infusion[lane];
        }
        let before = (self.insulin.action, self.insulin.delayed);
        let gut = self.stomach_figures.advance(&mut self.stomach, &eaten);
        let actions = self.insulin_propagator.advance(&mut self.insulin, &extra);
        self.glucose_figures.advance(
            &mut self.glucose,
            &gut,
            (&before.0, &before.1),
            &actions,
            &self.influence,
        );
    }

    pub(crate) fn plasma_glucose(&self, lane: usize) -> MgPerDl {
        MgPerDl(self.glucose.plasma[lane] / self.glucose_volume[lane])
    }

    pub(crate) fn interstitial_glucose(&self, lane: usize) -> MgPerDl {
        MgPerDl(self.glucose.interstitial[lane] / self.glucose_volume[lane])
    }

    /// The thirteen states in the order of the published equations.
    pub(crate) fn states(
        &self,
        lane: usize,
        basal_insulin: f64,
        base: &Derived,
    ) -> [NamedState; 13] {
        let named = |name, value| NamedState { name, value };
        [
            named("x1_stomach_solid_mg", self.stomach.solid[lane]),
            named("x2_stomach_liquid_mg", self.stomach.liquid[lane]),
            named("x3_intestine_mg", self.stomach.gut[lane]),
            named("x4_plasma_glucose_mg_per_kg", self.glucose.plasma[lane]),
            named("x5_tissue_glucose_mg_per_kg", self.glucose.tissue[lane]),
            named("x6_plasma_insulin_pmol_per_kg", base.plasma_insulin + self.insulin.plasma[lane]),
            named("x7_insulin_action_pmol_per_l", self.insulin.action[lane]),
            named("x8_insulin_delay_1_pmol_per_l", basal_insulin + self.insulin.delay[lane]),
            named("x9_insulin_delay_2_pmol_per_l", basal_insulin + self.insulin.delayed[lane]),
            named("x10_liver_insulin_pmol_per_kg", base.liver_insulin + self.insulin.liver[lane]),
            named("x11_depot_1_pmol_per_kg", base.first_depot + self.insulin.first[lane]),
            named("x12_depot_2_pmol_per_kg", base.second_depot + self.insulin.second[lane]),
            named("x13_interstitial_glucose_mg_per_kg", self.glucose.interstitial[lane]),
        ]
    }
}
