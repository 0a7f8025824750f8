//! The predictive controller.
//!
//! Each cycle: bring the observer up to date, decide how deep the person may be made, and give the
//! largest rate of which neither he nor a more sensitive person who is also believable comes to be
//! deeper at any time ahead. What cannot be taken back is thus bounded before it is given: an
//! asymmetric cost in the form of a constraint. Three depths matter:
//!
//! - the aim: the target, lower while a disturbance lasts, higher while the index is pulled down or
//!   is about to be;
//! - the near depth: what a disturbance that is there now may be met with, the less the later it is
//!   seen;
//! - the far depth: where the person must have come back to by himself within the recall time, so
//!   that someone whom propofol leaves slowly is not made deep for a stimulus that ends soon.

use super::{Leave, Level, Passed, usable, within};
use crate::algorithm::{Algorithm, Observation, Settings, Stage, Wish};
use crate::effect::typical_delay;
use crate::kinetics::bounded;
use crate::observer::{Early, Likeness, Model, Observer, Sample};
use crate::profile::PredictiveParameters;
use crate::reason::Reason;
use crate::target_controlled::Ceiling;
use crate::units::{Index, MgPerSecond, Milligrams, Seconds, UgPerMl};
use homeostat_numeric::{clamp, max, min};
use minicbor::{Decode, Encode};

/// The predictive controller for one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predictive {
    model: Model,
    /// Largest depth given to a rise of the index, points: less where it is seen late.
    chase_most: f64,
}

/// All that it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct PredictiveState {
    /// The person.
    #[n(0)]
    observer: Observer,
    /// The part of a disturbance that has lasted: two filters that rise slowly and fall at once.
    #[n(1)]
    lasting: [f64; 2],
    /// The disturbance as it was a little earlier: what it fell since is its trend.
    #[n(2)]
    earlier: f64,
    /// Seconds since propofol was first allowed.
    #[n(3)]
    begun: f64,
    /// The level that is held when the index is lost.
    #[n(4)]
    level: Level,
    /// The last rate, mg/s.
    #[n(5)]
    last: f64,
}

/// Indices that bound how deep the person may become.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Depths {
    near: Index,
    far: Index,
    aim: Index,
}

impl Algorithm for Predictive {
    type State = PredictiveState;

    fn start(&self, _: &Settings) -> PredictiveState {
        PredictiveState {
            observer: Observer::start(&self.model),
            lasting: [0.0; 2],
            earlier: 0.0,
            begun: 0.0,
            level: Level::default(),
            last: 0.0,
        }
    }

    fn step(
        &self,
        settings: &Settings,
        state: &PredictiveState,
        seen: &Observation,
    ) -> (PredictiveState, Wish) {
        let mut next = *state;
        next.bring_up(&self.model, seen);
        let person = next.observer.likeness(&self.model);
        let wish = self.decide(settings, &mut next, seen, &person);
        if next.is_sound() && wish.dose.is_finite() {
            return (next, wish);
        }
        // A fault of arithmetic: begin anew and abstain (CTL-18).
        let reason = Reason::NotFinite as u16;
        (self.start(settings), Wish { dose: Milligrams(f64::NAN), reason, ..wish })
    }
}

impl PredictiveState {
    /// What is believed of the person.
    #[must_use]
    pub const fn observer(&self) -> &Observer {
        &self.observer
    }

    fn is_sound(&self) -> bool {
        self.observer.is_sound()
            && self.level.is_sound()
            && self.earlier.is_finite()
            && self.begun.is_finite()
            && self.last.is_finite()
            && self.lasting.iter().all(|value| value.is_finite())
    }

    /// The disturbance that is to be answered: one that falls is expected to go on falling while the
    /// answer is under way. One that rises is not: what is given for it cannot be taken back.
    fn ahead(&self, p: &PredictiveParameters) -> f64 {
        let now = self.observer.disturbance().0;
        now + p.trend_share * min(now - self.earlier, 0.0)
    }

    /// Whether nobody is expected to disturb the person yet.
    fn is_calm(&self, p: &PredictiveParameters) -> bool {
        self.begun < p.calm_time * 60.0
    }

    fn bring_up(&mut self, model: &Model, seen: &Observation) {
        let p = model.parameters();
        if matches!(seen.stage, Stage::Induction | Stage::Maintenance) {
            self.begun += bounded(seen.passed.0, 0.0, 3_600.0);
        }
        let passed = Passed::of(seen, model.period());
        let sample = usable(seen).map(|(index, weight)| Sample { index, weight });
        let first = self.begun < p.first_time * 60.0;
        let early = Early { first, calm: self.is_calm(p) };
        for period in 1..=passed.periods {
            let sample = sample.filter(|_| period == passed.periods);
            let jump = self.observer.period(model, passed.given, sample, early);
            if !first && jump.0 > p.arousal_from {
                // Somebody is at work: from now on what differs may be a disturbance.
                self.begun = max(self.begun, p.calm_time * 60.0);
            }
            let share = min(model.period().0 / 60.0 / p.lasting_time, 1.0);
            let mut input = self.observer.disturbance().0;
            let most = max(input, 0.0);
            for stage in &mut self.lasting {
                *stage = clamp(*stage + share * (input - *stage), 0.0, most);
                input = *stage;
            }
            let share = min(model.period().0 / 60.0 / p.trend_time, 1.0);
            self.earlier += share * (self.observer.disturbance().0 - self.earlier);
        }
    }
}

impl Predictive {
    /// The controller of the person of these settings.
    #[must_use]
    pub fn new(parameters: PredictiveParameters, settings: &Settings) -> Self {
        let late = typical_delay(&settings.person).0;
        let chase_most = parameters.chase_most * min(parameters.chase_late / late, 1.0);
        Self { model: Model::new(settings, parameters), chase_most }
    }

    /// Its numbers.
    #[must_use]
    pub const fn parameters(&self) -> &PredictiveParameters {
        self.model.parameters()
    }

    /// How deep the person may become.
    fn depths(&self, settings: &Settings, state: &PredictiveState) -> Depths {
        let p = self.parameters();
        let target = settings.target.0 + p.above_target;
        let disturbance = state.ahead(p);
        let calm = state.is_calm(p);
        let back = if calm { 0.0 } else { p.recall_above };
        if disturbance < -p.relief_from {
            // The index is pulled down: less is needed, at once.
            let aim = target - p.relief_share * (disturbance + p.relief_from);
            return Depths { near: Index(aim), far: Index(aim + back), aim: Index(aim) };
        }
        let lasting = min(state.lasting[1], max(disturbance, 0.0));
        let aim = target - min(p.lasting_share * lasting, p.lasting_most);
        let chased = clamp(aim + disturbance - target - p.chase_above, 0.0, self.chase_most);
        let near = max(aim - chased, min(target - p.deepest_below, aim));
        Depths { near: Index(near), far: Index(aim + back), aim: Index(aim) }
    }

    fn decide(
        &self,
        settings: &Settings,
        state: &mut PredictiveState,
        seen: &Observation,
        person: &Likeness,
    ) -> Wish {
        let p = self.parameters();
        let depths = self.depths(settings, state);
        let calm = state.is_calm(p);
        let most = MgPerSecond(min(
            settings.rate_most.0,
            p.rate_most / 1_000.0 * settings.person.weight.0,
        ));
        let (wished, aim, held) = match state.level.follow(seen, person.now.effect()) {
            Some((level, reason)) => {
                (person.outlook.rate_to(&person.now, level, most), level, Some(reason))
            }
            None => {
                let ceiling = self.ceiling(settings, person, &depths, 0.0);
                let own = person.outlook.rate_under(&person.now, &ceiling, most);
                let (doubt, reserve) =
                    if calm { (p.doubt_first, p.reserve_first) } else { (p.doubt, p.reserve) };
                let twin = state.observer.sensitive(&self.model, doubt);
                let ceiling = self.ceiling(settings, &twin, &depths, reserve);
                let rate = twin.outlook.rate_under(&twin.now, &ceiling, own);
                (rate, within(settings, person.effect.concentration_for(depths.aim)), None)
            }
        };
        let last = MgPerSecond(state.last);
        let holding = person.compartments.holding(&person.now, person.now.effect());
        let reason = held.unwrap_or_else(|| reason_of(settings, seen, wished, most));
        let (rate, reason) = Leave::of(settings, seen).limit((wished, reason), last, holding);
        state.last = rate.0;
        let expected = person.effect.at(person.now.effect()).index + state.observer.disturbance();
        Wish {
            dose: rate * self.model.period(),
            reason: reason as u16,
            effect_site: person.now.effect(),
            plasma: UgPerMl(person.now.plasma),
            aim,
            predicted: expected,
            half_effect: person.effect.half,
        }
    }

    /// The depths as concentrations of a person, `reserve` above them.
    fn ceiling(
        &self,
        settings: &Settings,
        person: &Likeness,
        depths: &Depths,
        reserve: f64,
    ) -> Ceiling {
        let of = |index: Index| {
            within(settings, person.effect.concentration_for(Index(index.0 - reserve)))
        };
        let recall = Seconds(60.0 * self.parameters().recall_time);
        Ceiling { near: of(depths.near), far: of(depths.far), recall }
    }
}

fn reason_of(
    settings: &Settings,
    seen: &Observation,
    wished: MgPerSecond,
    most: MgPerSecond,
) -> Reason {
    let above = seen.index.map(|index| index.0 - settings.target.0);
    if wished.0 <= 0.0 {
        return if above.is_some_and(|above| above < 0.0) { Reason::Less } else { Reason::Waiting };
    }
    if seen.stage == Stage::Induction {
        return Reason::Induction;
    }
    if wished.0 >= most.0 {
        return Reason::RateMost;
    }
    if above.is_some_and(|above| above > 5.0) { Reason::More } else { Reason::Maintenance }
}

#[cfg(test)]
mod tests;
