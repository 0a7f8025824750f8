//! Resistance, stroke volume and heart rate under propofol and remifentanil: Su et al. 2023,
//! Br J Anaesth 131:222, doi 10.1016/j.bja.2023.04.043.
//!
//! Three turnover states fed back by mean arterial pressure:
//!
//! ```text
//! dTPR/dt = kout TPR0 R (1 + Ep)  - kout TPR (1 - Er)
//! dSV*/dt = kout SV0  R (1 + Sp)  - kout SV* (1 - Sr)
//! dHR*/dt = kout HR0  R           - kout HR* (1 - Hr)        R = (MAP / MAP0)^-0.661
//! HR = HR* + 0.121 HR0 e(t)       SV = (SV* + 0.0899 SV0 e(t)) (1 - 0.312 ln(HR / HR(0)))
//! MAP = TPR SV HR
//! ```
//!
//! e(t) is what an awake person's tension adds; it begins to decay at 0.067 /min with the first drug.
//! Effects follow concentrations in plasma. Volunteers without surgery: no surgical stimulus acts here.
//!
//! Norepinephrine adds a pressure of its own, outside the feedback, because the published relations of
//! its concentration to pressure contain the body's answer already (see [`super::norepinephrine`]).

use super::covariates::{Covariates, quick_sigmoid};
use super::units::{BeatsPerMinute, LitresPerMinute, Millilitres, MmHg, NgPerMl, UgPerMl};
use crate::random::Stream;
use homeostat_numeric::{branchless_exp, clamp, exp, ln, max, sqrt};

/// Turnover per second.
const TURNOVER: f64 = 0.072 / 60.0;
/// What tension adds to heart rate and stroke volume, as a part of the base.
const TENSION: (f64, f64) = (0.121, 0.0899);
const FEEDBACK: f64 = 0.661;
/// Fall of stroke volume with the logarithm of heart rate.
const FILLING: f64 = 0.312;

/// Figures of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HaemodynamicFigures {
    /// Base of stroke volume.
    pub stroke_volume: Millilitres,
    /// Base of heart rate.
    pub heart_rate: BeatsPerMinute,
    /// Base of total peripheral resistance, mmHg min/mL.
    pub resistance: f64,
    /// Propofol in plasma of half effect on resistance.
    pub resistance_half: UgPerMl,
    /// Largest effect of propofol on stroke volume, negative.
    pub stroke_volume_effect: f64,
    /// Largest effect of remifentanil on resistance, negative in most people.
    pub remifentanil_resistance: f64,
    /// Effect of remifentanil on heart rate, per ng/mL.
    pub remifentanil_heart_rate: f64,
    /// Effect of remifentanil on stroke volume, per ng/mL.
    pub remifentanil_stroke_volume: f64,
}

impl HaemodynamicFigures {
    /// The typical person of this age. The effect of propofol on stroke volume grows with age as
    /// published, from -0.154 at 35 years; it is held above -0.9, which the formula passes at 88.
    #[must_use]
    pub fn typical(person: &Covariates) -> Self {
        let with_age = -0.154 * exp(0.0333 * (person.age().0 - 35.0));
        Self {
            stroke_volume: Millilitres(82.2),
            heart_rate: BeatsPerMinute(56.1),
            resistance: 0.0163,
            resistance_half: UgPerMl(3.21),
            stroke_volume_effect: max(-0.9, with_age),
            remifentanil_resistance: -1.0,
            remifentanil_heart_rate: 0.0327,
            remifentanil_stroke_volume: 0.0581,
        }
    }

    /// A person drawn from the published variability: base values lognormal with covariance
    /// (SV 0.0328, TPR 0.0528, HR 0.0242; SV-TPR -0.0244, TPR-HR -0.0233), half effect lognormal with
    /// variance 0.44, the effects of remifentanil normal (0.449; 0.00382 and 0.00868 with covariance
    /// 0.00329).
    #[must_use]
    pub fn drawn(person: &Covariates, stream: &mut Stream) -> Self {
        let typical = Self::typical(person);
        let normals = [0; 7].map(|_| stream.normal());
        let [first, second, third, half, effect, rate, stroke] = normals;
        // Cholesky's factors of the two covariances.
        let sv = sqrt(0.0328);
        let cross = -0.0244 / sv;
        let tpr = sqrt(0.0528 - cross * cross);
        let second_cross = -0.0233 / tpr;
        let hr = sqrt(0.0242 - second_cross * second_cross);
        let slope = sqrt(0.003_82);
        let shared = 0.003_29 / slope;
        let rest = sqrt(0.008_68 - shared * shared);
        Self {
            stroke_volume: Millilitres(typical.stroke_volume.0 * exp(sv * first)),
            resistance: typical.resistance * exp(cross * first + tpr * second),
            heart_rate: BeatsPerMinute(
                typical.heart_rate.0 * exp(second_cross * second + hr * third),
            ),
            resistance_half: UgPerMl(typical.resistance_half.0 * exp(sqrt(0.44) * half)),
            remifentanil_resistance: typical.remifentanil_resistance + sqrt(0.449) * effect,
            remifentanil_heart_rate: typical.remifentanil_heart_rate + slope * rate,
            remifentanil_stroke_volume: typical.remifentanil_stroke_volume
                + shared * rate
                + rest * stroke,
            ..typical
        }
    }

    /// Pressure of the awake, tense person.
    #[must_use]
    pub fn awake_pressure(&self) -> MmHg {
        let (rate, stroke) = self.awake();
        MmHg(self.resistance * stroke * rate)
    }

    /// Heart rate and stroke volume of the awake, tense person.
    fn awake(&self) -> (f64, f64) {
        (self.heart_rate.0 * (1.0 + TENSION.0), self.stroke_volume.0 * (1.0 + TENSION.1))
    }
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Haemodynamics {
    /// Mean arterial pressure.
    pub pressure: MmHg,
    /// Cardiac output.
    pub output: LitresPerMinute,
    /// Heart rate.
    pub heart_rate: BeatsPerMinute,
}

/// The drugs' effects on production and loss.
#[derive(Clone, Copy)]
struct Effects {
    resistance: (f64, f64),
    stroke_volume: (f64, f64),
    heart_rate: f64,
}

/// A person's circulation in time.
#[derive(Clone, Debug)]
pub struct Circulation {
    figures: HaemodynamicFigures,
    /// Resistance, stroke volume and heart rate without tension.
    state: [f64; 3],
    /// What is left of the tension, 1 to 0.
    tension: f64,
    asleep: bool,
    /// The slope of the second before.
    before: [f64; 3],
}

impl Circulation {
    /// An awake person.
    #[must_use]
    pub fn new(figures: HaemodynamicFigures) -> Self {
        let state = [figures.resistance, figures.stroke_volume.0, figures.heart_rate.0];
        Self { figures, state, tension: 1.0, asleep: false, before: [0.0; 3] }
    }

    /// Lives through one second; the concentrations are the means of this second, in plasma.
    ///
    /// The states turn over in about five minutes, so one evaluation a second is enough: the slope in
    /// the middle of the second, where the slope of the second before leads. The error stays below
    /// 0.005 mmHg through an induction (tested).
    pub fn advance_second(&mut self, propofol: UgPerMl, remifentanil: NgPerMl) {
        self.asleep |= propofol.0 > 0.0 || remifentanil.0 > 0.0;
        let mut middle = self.state;
        for (value, before) in middle.iter_mut().zip(self.before) {
            *value += 0.5 * before;
        }
        let tension =
            if self.asleep { self.tension * TENSION_LEFT_AFTER_HALF_A_SECOND } else { 1.0 };
        let slope = self.slope(middle, tension, propofol, remifentanil);
        for (value, slope) in self.state.iter_mut().zip(slope) {
            *value += slope;
        }
        self.before = slope;
        if self.asleep {
            self.tension = tension * TENSION_LEFT_AFTER_HALF_A_SECOND;
        }
    }

    /// What can be measured now.
    #[must_use]
    pub fn now(&self) -> Haemodynamics {
        let (rate, stroke) = self.rate_and_stroke(self.state, self.tension);
        Haemodynamics {
            pressure: MmHg(self.state[0] * stroke * rate),
            output: LitresPerMinute(stroke * rate / 1000.0),
            heart_rate: BeatsPerMinute(rate),
        }
    }

    fn rate_and_stroke(&self, [_, stroke, rate]: [f64; 3], tension: f64) -> (f64, f64) {
        let figures = &self.figures;
        let rate = rate + TENSION.0 * figures.heart_rate.0 * tension;
        let stroke = stroke + TENSION.1 * figures.stroke_volume.0 * tension;
        let (awake_rate, _) = figures.awake();
        // At twenty times the rate the formula would empty the heart; no one gets there.
        let filling = max(0.05, 1.0 - FILLING * ln(rate / awake_rate));
        (rate, stroke * filling)
    }

    fn effects(&self, propofol: UgPerMl, remifentanil: NgPerMl) -> Effects {
        let (cp, cr) = (max(0.0, propofol.0), max(0.0, remifentanil.0));
        let figures = &self.figures;
        let opioid = cr / (4.59 + cr);
        // Limits as in the model's own code above; below, ours, far beyond any concentration of use.
        let production = |effect| max(-0.999, effect);
        let loss = |effect| clamp(effect, -20.0, 0.999);
        let stroke = cp / (0.44 + cp);
        Effects {
            resistance: (
                production((opioid - 0.778) * quick_sigmoid(cp, figures.resistance_half.0, 1.83)),
                loss(figures.remifentanil_resistance * opioid),
            ),
            stroke_volume: (
                production(figures.stroke_volume_effect * stroke),
                loss((figures.remifentanil_stroke_volume - 0.212 * stroke) * cr),
            ),
            heart_rate: loss((figures.remifentanil_heart_rate - 0.119 * cp / (0.196 + cp)) * cr),
        }
    }

    fn slope(
        &self,
        state: [f64; 3],
        tension: f64,
        propofol: UgPerMl,
        remifentanil: NgPerMl,
    ) -> [f64; 3] {
        let effects = self.effects(propofol, remifentanil);
        let [resistance, stroke, rate] = state;
        let figures = &self.figures;
        let (beats, volume) = self.rate_and_stroke(state, tension);
        let relative = resistance * volume * beats / figures.awake_pressure().0;
        let feedback = branchless_exp(-FEEDBACK * ln(relative));
        let turn = |base: f64, production: f64, value: f64, loss: f64| {
            TURNOVER * (base * feedback * (1.0 + production) - value * (1.0 - loss))
        };
        let (resists, relaxes) = effects.resistance;
        let (strokes, fills) = effects.stroke_volume;
        [
            turn(figures.resistance, resists, resistance, relaxes),
            turn(figures.stroke_volume.0, strokes, stroke, fills),
            turn(figures.heart_rate.0, 0.0, rate, effects.heart_rate),
        ]
    }
}

/// The tension decays at 0.067 /min; a test holds this to it.
const TENSION_LEFT_AFTER_HALF_A_SECOND: f64 = 0.9994418225057174;

#[cfg(test)]
mod tests;
