//! What is believed of one person while the index is watched: how much is where, how he differs
//! from the typical person, and what disturbs the index at the moment.
//!
//! An extended Kalman filter of eleven numbers. It lives one delay in the past, where the index
//! that is measured now arose: what was given since waits in a line, and the present follows from it
//! without a guess. A sample counts by its weight; at weight 0 nothing is learned and the
//! model runs on alone, so that feedback fades into target control without a jump.

mod belief;

pub use belief::Belief;

use crate::algorithm::Settings;
use crate::effect::{Effect, typical_delay};
use crate::kinetics::{Compartments, Concentrations, Population, Propagator, bounded};
use crate::profile::PredictiveParameters;
use crate::target_controlled::Outlook;
use crate::units::{
    Index, Litres, LitresPerMinute, MgPerSecond, Milligrams, PerMinute, Seconds, UgPerMl,
};
use belief::{
    CENTRAL, CLEARANCE, DEEP, DELAY, DISTURBANCE, EFFECT_SITE, FAST, HALF, SIZE, Transition,
    Vector, Working,
};
use homeostat_numeric::{branchless_exp, clamp, exp, max, min, round};
use homeostat_record::List;
use minicbor::{Decode, Encode};

/// Most periods of the line: the longest typical delay (110 s at 88 years) at a period of 1 s.
pub const LINE: usize = 120;
/// How far a person may be from the typical one, natural logarithm (a factor of 7).
const FAR_MOST: f64 = 2.0;
/// How far the delay may be from the typical one, minutes.
const DELAY_MOST: f64 = 1.0;
/// Period at which the variance of a sample is stated, seconds.
const STATED_PERIOD: f64 = 5.0;
/// Q2 goes with V2 to this power between people (Eleveld 2018).
const EXCHANGE: f64 = 0.75;
/// Part of half effect from which propofol has reached somebody, and weight from which a sample may
/// say that he is disturbed.
const REACHED: f64 = 0.3;
/// Least concentration that bears a logarithm, ug/mL.
const TRACE: f64 = 1e-6;

/// What the observer remembers.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Observer {
    /// The person as he was one delay ago.
    #[n(0)]
    belief: Belief,
    /// Micrograms given since, a period each, the oldest first.
    #[n(1)]
    line: List<i32, LINE>,
}

/// A sample of the index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The index.
    pub index: Index,
    /// 0 (learn nothing) to 1.
    pub weight: f64,
}

/// What the beginning of an anaesthetic lets one expect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Early {
    /// The first minutes: what was learned may be far off.
    pub first: bool,
    /// Nobody is expected to disturb the index, so that what differs is the person's own.
    pub calm: bool,
}

/// One person as he is believed to be now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// His kinetics.
    pub compartments: Compartments,
    /// The same, ahead in time.
    pub outlook: Outlook,
    /// His effect.
    pub effect: Effect,
    /// Concentrations now.
    pub now: Concentrations,
}

/// The typical person that everybody is compared with, and the numbers of the filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model {
    parameters: PredictiveParameters,
    period: Seconds,
    typical: Compartments,
    effect: Effect,
    delay: Seconds,
    /// What one period leaves of the disturbance.
    kept: f64,
}

impl Model {
    /// The model for the person of these settings.
    #[must_use]
    pub fn new(settings: &Settings, parameters: PredictiveParameters) -> Self {
        let period = Seconds(bounded(settings.period.0, 1.0, 60.0));
        Self {
            parameters,
            period,
            kept: exp(-period.0 / 60.0 / parameters.disturbance_time),
            typical: Population::Eleveld.equations(&settings.person),
            effect: Effect::typical(&settings.person),
            delay: typical_delay(&settings.person),
        }
    }

    /// The numbers of the filter and of the controller.
    #[must_use]
    pub const fn parameters(&self) -> &PredictiveParameters {
        &self.parameters
    }

    /// The control period.
    #[must_use]
    pub const fn period(&self) -> Seconds {
        self.period
    }

    fn compartments(&self, person: &Vector) -> Compartments {
        let differences = [
            person[CENTRAL],
            person[FAST],
            EXCHANGE * person[FAST],
            person[CLEARANCE],
            person[EFFECT_SITE],
        ];
        // All at once: what is not a number is noticed in the belief itself.
        let ratios = differences.map(branchless_exp);
        let [of_central, of_fast, of_exchange, of_clearance, of_effect_site] = ratios;
        let [central, fast, slow] = self.typical.volumes;
        let [clearance, exchange, slow_exchange] = self.typical.clearances;
        Compartments {
            volumes: [Litres(central.0 * of_central), Litres(fast.0 * of_fast), slow],
            clearances: [
                LitresPerMinute(clearance.0 * of_clearance),
                LitresPerMinute(exchange.0 * of_exchange),
                slow_exchange,
            ],
            effect_site: PerMinute(self.typical.effect_site.0 * of_effect_site),
        }
    }

    fn effect(&self, person: &Vector) -> Effect {
        self.effect.with_half(UgPerMl(self.effect.half.0 * branchless_exp(person[HALF])))
    }

    /// Periods between an effect and the sample that shows it; a sample is the mean of a period.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn lag(&self) -> usize {
        let periods = round(self.delay.0 / self.period.0 + 0.5);
        bounded(periods, 1.0, 119.0) as usize
    }

    /// How one period of a rate moves the belief.
    fn transition(&self, person: &Vector, rate: MgPerSecond) -> (Concentrations, Transition) {
        let own = self.compartments(person);
        let step = Propagator::new(&own, self.period);
        let before = belief::concentrations(person);
        let after = step.advance(before, rate);
        let minutes = self.period.0 / 60.0;
        let middle = |a: f64, b: f64| 0.5 * (a + b);
        let plasma = middle(before.plasma, after.plasma);
        let to_fast = plasma - middle(before.fast, after.fast);
        let [central, fast, _] = own.volumes;
        let [clearance, exchange, _] = own.clearances;
        let gradient = plasma - middle(before.effect_site, after.effect_site);
        let transition = Transition {
            keep: step.keep(),
            // With twice the central volume every change of the plasma is half as large.
            by_central: before.plasma - after.plasma,
            by_effect_site: minutes * own.effect_site.0 * gradient,
            by_clearance: -minutes * clearance.0 / central.0 * plasma,
            by_fast: (
                -minutes * EXCHANGE * exchange.0 / central.0 * to_fast,
                -minutes * (1.0 - EXCHANGE) * exchange.0 / fast.0 * to_fast,
            ),
            kept: self.kept,
        };
        (after, transition)
    }
}

impl Observer {
    /// Before anything was given: the typical person, with the doubts of the population.
    #[must_use]
    pub fn start(model: &Model) -> Self {
        let p = &model.parameters;
        let mut spread = [0.0; SIZE];
        let doubts = [
            (CENTRAL, p.spread_central),
            (EFFECT_SITE, p.spread_effect_site),
            (HALF, p.spread_half),
            (CLEARANCE, p.spread_clearance),
            (FAST, p.spread_fast),
            (DISTURBANCE, p.disturbance_spread * p.calm_share),
            (DELAY, p.spread_delay / 60.0),
        ];
        for (place, deviation) in doubts {
            spread[place] = deviation;
        }
        let mut line = List::new();
        for _ in 0..model.lag() {
            // Fewer than the list holds.
            let _ = line.push(0);
        }
        Self { belief: Belief::new(&spread), line }
    }

    /// One period: what was given in it, and the sample at its end. Also how far the sample lay above
    /// what was expected of somebody whom propofol has reached: a jump is no slow person.
    pub fn period(
        &mut self,
        model: &Model,
        given: Milligrams,
        sample: Option<Sample>,
        early: Early,
    ) -> Index {
        let p = &model.parameters;
        let oldest = self.line.pass(micrograms(given));
        let rate = Milligrams(f64::from(oldest) / 1_000.0) / model.period;
        let (after, transition) = model.transition(self.belief.mean(), rate);
        let minutes = model.period.0 / 60.0;
        let half = p.drift_half / 100.0;
        let kinetic = if early.first { p.drift_first } else { p.drift_kinetics } / 100.0;
        let disturbance = p.disturbance_spread * if early.calm { p.calm_share } else { 1.0 };
        let fresh = disturbance * disturbance * (1.0 - transition.kept * transition.kept);
        let mut belief = self.belief.unpacked();
        belief.moved(&after.not_negative(), &transition);
        belief.widen(&[
            (HALF, half * half * minutes),
            (CENTRAL, kinetic * kinetic * minutes),
            (EFFECT_SITE, kinetic * kinetic * minutes),
            (CLEARANCE, kinetic * kinetic * minutes),
            (FAST, kinetic * kinetic * minutes),
            (DISTURBANCE, fresh),
        ]);
        let mut jump = Index(0.0);
        if let Some(sample) = sample.filter(|sample| sample.weight > 0.0) {
            jump = learn(model, &mut belief, sample);
        }
        self.belief = belief.packed();
        jump
    }

    /// The person believed in, brought to the present.
    #[must_use]
    pub fn likeness(&self, model: &Model) -> Likeness {
        self.present(model, self.belief.mean())
    }

    /// A more sensitive person who is also believable: `doubt` standard deviations away in the
    /// direction in which propofol acts more.
    #[must_use]
    pub fn sensitive(&self, model: &Model, doubt: f64) -> Likeness {
        let p = &model.parameters;
        let mut direction = [0.0; SIZE];
        let effect_site = self.belief.mean()[DEEP];
        for (place, towards) in [
            (DEEP, if effect_site > TRACE { 1.0 / max(effect_site, 0.3) } else { 0.0 }),
            (CENTRAL, -1.0),
            (EFFECT_SITE, 1.0),
            (HALF, -1.0),
            (CLEARANCE, -p.doubt_clearance),
            (FAST, -p.doubt_fast),
        ] {
            direction[place] = towards;
        }
        self.present(model, &self.belief.towards(&direction, doubt))
    }

    fn present(&self, model: &Model, person: &Vector) -> Likeness {
        let compartments = model.compartments(person);
        let outlook = Outlook::new(&compartments, model.period);
        let mut now = belief::concentrations(person).not_negative();
        for dose in &self.line {
            let rate = Milligrams(f64::from(*dose) / 1_000.0) / model.period;
            now = outlook.advance(now, rate).not_negative();
        }
        Likeness { compartments, outlook, effect: model.effect(person), now }
    }

    /// What is added to the index beside propofol, one delay ago.
    #[must_use]
    pub const fn disturbance(&self) -> Index {
        Index(self.belief.mean()[DISTURBANCE])
    }

    /// How much earlier (negative) or later than typical the index follows.
    #[must_use]
    pub fn delay(&self) -> Seconds {
        Seconds(60.0 * self.belief.mean()[DELAY])
    }

    /// Whether every number is finite (CTL-18).
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.belief.is_sound()
    }
}

/// Takes in a sample: it shows the effect a little earlier or later than one typical delay ago.
fn learn(model: &Model, belief: &mut Working, sample: Sample) -> Index {
    let p = &model.parameters;
    let person = *belief.mean();
    let ke0 = model.typical.effect_site.0 * branchless_exp(person[EFFECT_SITE]);
    let (plasma, effect_site) = (person[0], person[DEEP]);
    let rise = ke0 * (plasma - effect_site);
    let late = person[DELAY];
    let seen = max(effect_site - late * rise, 0.0);
    let effect = model.effect(&person);
    let response = effect.at(UgPerMl(seen));
    let by_seen = if seen > TRACE { response.slope / seen } else { 0.0 };
    let mut slope = [0.0; SIZE];
    for (place, value) in [
        (0, -by_seen * late * ke0),
        (DEEP, by_seen * (1.0 + late * ke0)),
        (EFFECT_SITE, -by_seen * late * rise),
        (HALF, -response.slope),
        (DISTURBANCE, 1.0),
        (DELAY, -by_seen * rise),
    ] {
        slope[place] = value;
    }
    let surprise = sample.index.0 - response.index.0 - person[DISTURBANCE];
    let reached = effect_site > REACHED * effect.half.0 && sample.weight > REACHED;
    let jump = Index(if reached { surprise } else { 0.0 });
    let surprise = clamp(surprise, -p.surprise_most, p.surprise_most);
    let weight = min(sample.weight, 1.0);
    let variance = p.noise_variance * STATED_PERIOD / model.period.0 / weight;
    belief.learn(&slope, surprise, variance, p.caution_of_learning);
    belief.keep_within(FAR_MOST, DELAY_MOST);
    jump
}

/// Whole micrograms, as the line holds them; what is not a number counts as none.
#[allow(clippy::cast_possible_truncation)]
fn micrograms(given: Milligrams) -> i32 {
    bounded(round(given.0 * 1_000.0), -1e9, 1e9) as i32
}

#[cfg(test)]
mod tests;
