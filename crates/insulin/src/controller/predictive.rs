//! The model-predictive controller.
//!
//! Each cycle: bring the model up to date with what was delivered, take in the reading, look six
//! hours ahead as if nothing more were delivered, and give a part of the largest dose that keeps
//! that forecast at or above the floor. The dose is thus bounded by insulin already on board
//! whatever the reading says; and because the forecast stops all later delivery, insulin is moved
//! to the front, where slow insulin is needed.

use super::adapt::{Beyond, Change, Episode, Learned, Lesson};
use super::design_model::{Forecast, Insulin, Model};
use super::observer::Observer;
use super::{CYCLE, bounded, cycles_since, strength, usable};
use crate::algorithm::{Algorithm, Observation, Wish};
use crate::profile::{PredictiveParameters, Profile, Settings};
use crate::reason::Reason;
use crate::sensing::Trust;
use crate::units::{GlucoseMgDl, Grams, Units};
use homeostat_numeric::{max, min, sqrt};
use minicbor::{Decode, Encode};

/// The model-predictive controller with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predictive {
    /// Its numbers.
    pub parameters: PredictiveParameters,
}

/// All that it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct PredictiveState {
    /// Time of the last step, minutes; none before the first.
    #[n(0)]
    time: Option<f64>,
    /// Insulin on its way.
    #[n(1)]
    insulin: Insulin,
    /// Glucose and its disturbance.
    #[n(2)]
    observer: Observer,
    /// When the last meal began, minutes.
    #[n(3)]
    onset: Option<f64>,
    /// Largest disturbance of that meal's beginning, mg/dL.
    #[n(4)]
    onset_peak: f64,
    /// The meal that is being learned from.
    #[n(5)]
    episode: Option<Episode>,
    /// What was learned.
    #[n(6)]
    learned: Learned,
    /// The last change of it.
    #[n(7)]
    change: Option<Change>,
    /// When glucose was last low, minutes.
    #[n(8)]
    low: Option<f64>,
}

/// A new meal is not recognised within this many minutes whatever its size.
const MEAL_NEVER_WITHIN: f64 = 120.0;
/// Readings in a row that a second, larger meal is recognised from.
const ROW_LARGER: u32 = 24;
/// Below this a reading that is disbelieved still stops delivery, mg/dL.
const DOUBTFUL_LOW: f64 = 80.0;
/// Least distance of the floor from the suspend level, mg/dL.
const FLOOR_ABOVE_SUSPEND: f64 = 5.0;
/// Cycles without a reading after which no more than basal is given.
const BLIND: u32 = 2;
/// Largest amount that one cycle's record may hold, U.
const RECORD_MOST: f64 = 100.0;

impl PredictiveState {
    /// What was learned.
    #[must_use]
    pub const fn learned(&self) -> &Learned {
        &self.learned
    }

    /// The last change of what was learned (CTL-17).
    #[must_use]
    pub const fn change(&self) -> Option<&Change> {
        self.change.as_ref()
    }

    /// The same state with everything learned forgotten (CTL-17).
    #[must_use]
    pub const fn forgotten(mut self, parameters: &PredictiveParameters) -> Self {
        self.learned = Learned::factory(parameters);
        self.episode = None;
        self.change = None;
        self
    }

    /// Every number is finite (CTL-18).
    fn is_sound(&self) -> bool {
        let Self { insulin, observer, onset_peak, learned, .. } = self;
        let glucose = observer.estimate;
        let numbers = [insulin.first, insulin.second, insulin.acting, *onset_peak];
        let more = [glucose.level, glucose.begun, glucose.appearing, learned.sensitivity];
        let gains = learned.bolus.iter().chain(&learned.response);
        numbers.iter().chain(&more).chain(gains).all(|number| number.is_finite())
            && self.time.unwrap_or(0.0).is_finite()
            && observer.is_sound()
    }
}

/// The person's numbers in one cycle.
struct Person {
    /// Basal rate, U/min.
    basal: f64,
    /// Fall of glucose per unit as the observer takes it, mg/dL.
    effect: f64,
    /// How much more cautious dosing is than the observer.
    gain: f64,
}

impl Person {
    /// The learned ratio is shared: its root goes to the model, its root to the gain of dosing.
    fn new(settings: &Settings, p: &PredictiveParameters, learned: &Learned) -> Self {
        let strength = strength(settings, p.strength_grown, p.strength_child, p.child_until);
        let root = sqrt(max(learned.sensitivity, 0.0));
        let effect = root * strength * settings.correction_factor.0 / p.peak_share;
        Self { basal: settings.basal.0 / 60.0, effect, gain: root }
    }
}

impl Algorithm for Predictive {
    type State = PredictiveState;

    fn start(&self, settings: &Settings) -> PredictiveState {
        let learned = Learned::factory(&self.parameters);
        let person = Person::new(settings, &self.parameters, &learned);
        let model = Model::new(&self.parameters, person.effect, person.basal);
        PredictiveState {
            time: None,
            insulin: Insulin::steady(person.basal, model.insulin),
            observer: Observer::START,
            onset: None,
            onset_peak: 0.0,
            episode: None,
            learned,
            change: None,
            low: None,
        }
    }

    fn step(
        &self,
        settings: &Settings,
        state: &PredictiveState,
        seen: &Observation,
    ) -> (PredictiveState, Wish) {
        let time = bounded(seen.time.0, 0.0, 1e9);
        let (after, wish) = self.advance(settings, state, seen, time);
        if after.is_sound() && wish.dose.0.is_finite() {
            return (after, wish);
        }
        // A fault of arithmetic: begin anew and abstain (CTL-18).
        let mut anew = self.start(settings);
        anew.time = Some(time);
        (anew, Wish { dose: Units(f64::NAN), ..Wish::basal(settings, Reason::NotFinite) })
    }
}

impl Predictive {
    /// The controller with the numbers of a profile; there are no others.
    #[must_use]
    pub const fn of(profile: &Profile) -> Self {
        Self { parameters: *profile.predictive() }
    }

    /// The controller with the numbers of the reference profile.
    #[cfg(test)]
    pub(super) const REFERENCE: Self = Self { parameters: PredictiveParameters::REFERENCE };

    fn advance(
        &self,
        settings: &Settings,
        before: &PredictiveState,
        seen: &Observation,
        time: f64,
    ) -> (PredictiveState, Wish) {
        let p = &self.parameters;
        let mut state = *before;
        let reading = usable(seen);
        let person = Person::new(settings, p, &state.learned);
        let model = Model::new(p, person.effect, person.basal);
        let delivered = bounded(seen.delivered.0 + seen.given.0, -RECORD_MOST, RECORD_MOST);
        state.bring_up(&model, p, reading, delivered, time);
        let spread = state.observer.spread(p);
        let announced = seen.announced.map(|grams| bounded(grams.0, 0.0, 500.0));
        let hot = !seen.at_end && state.is_meal(p, spread, time);
        state.begin_meal(p, time, announced, hot, settings.carbohydrate_ratio.0);
        let withheld = bounded(seen.withheld.0, -RECORD_MOST, RECORD_MOST);
        let beyond = Beyond { basal: delivered - person.basal * CYCLE, withheld };
        state.watch(p, time, reading, beyond, spread, settings);
        let young = state.onset.is_some_and(|onset| time - onset < p.meal_young);
        if young {
            state.onset_peak = max(state.onset_peak, state.observer.coming());
        }
        let counted = if young { state.learned.response(time) } else { 0.0 };
        let floor = max(
            seen.target.0 - p.below_target + p.floor_noise * spread,
            settings.suspend_below.0 + FLOOR_ABOVE_SUSPEND,
        );
        let mut from = state.observer.estimate;
        from.begun *= if from.begun > 0.0 { counted } else { 1.0 };
        from.appearing *= if from.appearing > 0.0 { counted } else { 1.0 };
        let forecast = model.forecast(from, state.insulin, floor, person.gain);
        let wish = Deciding { settings, seen, person: &person, p, forecast, spread, reading }
            .decide(&state, announced, young && hot, time);
        (state, wish)
    }
}

impl PredictiveState {
    /// Brings model and observer to now.
    fn bring_up(
        &mut self,
        model: &Model,
        p: &PredictiveParameters,
        reading: Option<f64>,
        delivered: f64,
        time: f64,
    ) {
        if let Some(last) = self.time {
            let cycles = cycles_since(last, time);
            let rate = delivered / (CYCLE * f64::from(cycles));
            for cycle in 1..=cycles {
                for _ in 0..5 {
                    self.observer.minute(model, self.insulin);
                    self.insulin = self.insulin.after(rate, 1.0, model.insulin).not_negative();
                }
                self.observer.cycle(reading.filter(|_| cycle == cycles), p);
            }
        } else {
            self.observer.cycle(reading, p);
        }
        self.time = Some(time);
    }

    /// Whether the disturbance looks like a meal.
    fn is_meal(&self, p: &PredictiveParameters, spread: f64, time: f64) -> bool {
        let rebound = self.low.is_some_and(|low| time - low < p.rebound);
        !rebound
            && f64::from(self.observer.row) >= p.row_meal
            && f64::from(self.observer.rising) >= p.rising_meal
            && self.observer.coming() > p.meal_from + p.meal_from_noise * spread
            && self.observer.estimate.level > p.meal_above + p.meal_above_noise * spread
    }

    /// Opens an episode at an announcement or a recognised meal, and learns from the last one.
    fn begin_meal(
        &mut self,
        p: &PredictiveParameters,
        time: f64,
        announced: Option<f64>,
        hot: bool,
        carbohydrate_ratio: f64,
    ) {
        let since = self.onset.map_or(f64::MAX, |onset| time - onset);
        // After a gap the rest of the last meal looks new: only a long row can show a larger one.
        let larger = since > MEAL_NEVER_WITHIN
            && self.observer.row >= ROW_LARGER
            && self.observer.coming() > self.onset_peak;
        if announced.is_some() || (hot && (since > p.meal_apart || larger)) {
            self.close(p, time, carbohydrate_ratio);
            self.onset = Some(time);
            self.onset_peak = 0.0;
            self.episode = Some(Episode::begin(time, announced));
        }
    }

    fn close(&mut self, p: &PredictiveParameters, time: f64, carbohydrate_ratio: f64) {
        if let Some(meal) = self.episode.take() {
            let calm = self.low.is_none_or(|low| time - low > p.calm);
            let lesson = Lesson { meal: &meal, time, carbohydrate_ratio, calm };
            let (learned, change) = self.learned.after(&lesson, p);
            self.learned = learned;
            self.change = change.or(self.change);
        }
    }

    fn watch(
        &mut self,
        p: &PredictiveParameters,
        time: f64,
        reading: Option<f64>,
        beyond: Beyond,
        spread: f64,
        settings: &Settings,
    ) {
        let level = self.observer.estimate.level;
        if self.observer.begun && level < p.low {
            self.low = Some(time);
        }
        if let Some(meal) = &mut self.episode {
            meal.watch(time, reading, level, p.nadir_noise * spread, beyond);
        }
        if self.episode.is_some_and(|meal| meal.is_over(time)) {
            self.close(p, time, settings.carbohydrate_ratio.0);
        }
    }
}

/// What a decision stands on.
struct Deciding<'a> {
    settings: &'a Settings,
    seen: &'a Observation,
    person: &'a Person,
    p: &'a PredictiveParameters,
    forecast: Forecast,
    spread: f64,
    reading: Option<f64>,
}

impl Deciding<'_> {
    fn decide(
        &self,
        state: &PredictiveState,
        announced: Option<f64>,
        meal: bool,
        time: f64,
    ) -> Wish {
        let p = self.p;
        let basal = self.person.basal * CYCLE;
        let room = self.forecast.room;
        let slower = 1.0 + p.rate_noise * self.spread;
        let correction =
            min(max(room * p.correction_share, 0.0), p.correction_most / slower * basal);
        if !state.observer.begun {
            return self.wish(state, basal, 0.0, Reason::NoGlucose);
        }
        let doubtful = state.observer.doubts() && self.reading.is_some_and(|r| r < DOUBTFUL_LOW);
        if doubtful {
            return self.wish(state, 0.0, 0.0, Reason::Low);
        }
        if let Some(carbohydrate) = announced {
            let share = state.learned.bolus(time) / self.settings.carbohydrate_ratio.0;
            let most = p.bolus_most * self.settings.daily_dose.0;
            let bolus = max(min(share * carbohydrate, most) - self.forecast.excess, 0.0);
            return self.wish(state, bolus, bolus, Reason::Meal);
        }
        if state.observer.missed >= BLIND {
            return self.wish(state, min(correction, basal), 0.0, Reason::NoGlucose);
        }
        if self.seen.trust <= Trust::ReduceOnly && correction > basal {
            return self.wish(state, basal, 0.0, Reason::ReduceOnly);
        }
        if meal {
            let dose = min(max(room * p.meal_share, 0.0), p.meal_most * basal);
            return self.wish(state, dose, 0.0, Reason::SuspectedMeal);
        }
        let reason = if correction <= 0.0 {
            Reason::Suspended
        } else if correction < basal {
            Reason::Reduced
        } else {
            Reason::Correction
        };
        self.wish(state, correction, 0.0, reason)
    }

    fn wish(&self, state: &PredictiveState, dose: f64, meal: f64, reason: Reason) -> Wish {
        let coming = max(state.observer.coming(), 0.0);
        let per_gram = self.person.effect / self.settings.carbohydrate_ratio.0;
        Wish {
            dose: Units(dose),
            meal: Units(meal),
            reason,
            predicted_least: Some(GlucoseMgDl(self.forecast.least)),
            predicted_eventual: Some(GlucoseMgDl(self.forecast.last)),
            carbohydrate_on_board: Grams(coming / per_gram),
            ratio: 1.0 / state.learned.sensitivity,
        }
    }
}
