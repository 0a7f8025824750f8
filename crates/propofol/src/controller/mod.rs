//! The controllers: [`TargetControlled`] without feedback, [`Pid`], [`Predictive`].
//!
//! Each is a pure function of settings, state and observation that wishes for one amount. What all
//! of them leave undone for the same reasons stands here: `Leave`.

mod pid;
mod predictive;
mod target_controlled;

pub use pid::{Pid, PidState};
pub use predictive::{Predictive, PredictiveState};
pub use target_controlled::{TargetControlled, TargetControlledState};

use crate::algorithm::{Circulation, Observation, Settings, Stage, Validity};
use crate::effect::Effect;
use crate::kinetics::{Compartments, Population, bounded};
use crate::reason::Reason;
use crate::target_controlled::Outlook;
use crate::units::{Index, MgPerSecond, Milligrams, Seconds, UgPerMl};
use homeostat_numeric::{max, min, round};
use minicbor::{Decode, Encode};

/// Most periods that one step makes up for after a pause of the loop.
const PERIODS_MOST: f64 = 24.0;
/// Largest amount that one cycle's record may hold.
const RECORD_MOST: f64 = 1_000.0;
/// Time constant of the effect-site level that is held when the index is lost, s.
const LEVEL_TIME: f64 = 300.0;

/// How much may be given, and what says so.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Leave {
    /// Nothing.
    Nothing(Reason),
    /// No more than the last rate.
    NoIncrease(Reason),
    /// No more than the last rate, or what holds the level if that is more: less is not the safe
    /// side of an anaesthetic (PRO-07).
    Hold(Reason),
    /// As wished.
    Free,
}

impl Leave {
    fn of(settings: &Settings, seen: &Observation) -> Self {
        match seen.stage {
            Stage::Before => return Self::Nothing(Reason::NotBegun),
            Stage::Emergence => return Self::Nothing(Reason::Emergence),
            Stage::Induction | Stage::Maintenance => {}
        }
        if seen.circulation == Circulation::Stop {
            return Self::Nothing(Reason::PressureStop);
        }
        let usable = seen.validity == Validity::Closed && seen.weight > 0.0;
        if usable && seen.suppression.is_some_and(|ratio| ratio.0 > settings.suppressed.0) {
            return Self::Nothing(Reason::Suppressed);
        }
        if usable && seen.index.is_some_and(|index| index.0 < settings.deep.0) {
            return Self::Nothing(Reason::Deep);
        }
        match seen.validity {
            Validity::Closed if !seen.may_increase => Self::NoIncrease(Reason::Low),
            Validity::Closed if seen.circulation == Circulation::NoIncrease => {
                Self::Hold(Reason::PressureLow)
            }
            Validity::Closed => Self::Free,
            Validity::ObserverOnly => Self::Hold(Reason::ObserverOnly),
            // The level that is held is the limit.
            Validity::Frozen | Validity::Lost => Self::Free,
        }
    }

    /// The rate that is left of a wished one, with the reason.
    fn limit(
        self,
        wished: (MgPerSecond, Reason),
        last: MgPerSecond,
        holding: MgPerSecond,
    ) -> (MgPerSecond, Reason) {
        let (rate, _) = wished;
        let within = |most: f64, reason| {
            if rate.0 > most { (MgPerSecond(most), reason) } else { wished }
        };
        match self {
            Self::Nothing(reason) => (MgPerSecond(0.0), reason),
            Self::NoIncrease(reason) => within(last.0, reason),
            Self::Hold(reason) => within(max(last.0, holding.0), reason),
            Self::Free => wished,
        }
    }
}

/// What came in since the last cycle, in whole periods.
struct Passed {
    periods: u32,
    /// In each of them.
    given: Milligrams,
}

impl Passed {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn of(seen: &Observation, period: Seconds) -> Self {
        let given = bounded(seen.delivered.0 + seen.given.0, -RECORD_MOST, RECORD_MOST);
        let passed = bounded(round(seen.passed.0 / period.0), 0.0, PERIODS_MOST);
        // An amount needs a period to come in.
        let periods = if given == 0.0 { passed } else { max(passed, 1.0) };
        Self { periods: periods as u32, given: Milligrams(given / max(periods, 1.0)) }
    }
}

/// The index and its weight, if it may be learned from.
fn usable(seen: &Observation) -> Option<(Index, f64)> {
    let index = seen.index.filter(|index| (0.0..=100.0).contains(&index.0))?;
    let weight = bounded(seen.weight, 0.0, 1.0);
    (weight > 0.0).then_some((index, weight))
}

/// The settings' period, kept to what a model can step by.
fn period(settings: &Settings) -> Seconds {
    Seconds(bounded(max(settings.period.0, 1.0), 1.0, 60.0))
}

/// The typical person of the same age and size, whom a controller without a model of its own steers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Typical {
    compartments: Compartments,
    outlook: Outlook,
    effect: Effect,
    period: Seconds,
}

impl Typical {
    fn new(settings: &Settings) -> Self {
        let period = period(settings);
        let compartments = Population::Eleveld.equations(&settings.person);
        let outlook = Outlook::new(&compartments, period);
        Self { compartments, outlook, effect: Effect::typical(&settings.person), period }
    }
}

/// A concentration within the declared range of an anaesthetised person (PRO-03).
fn within(settings: &Settings, aim: UgPerMl) -> UgPerMl {
    UgPerMl(max(min(aim.0, settings.effect_site.1.0), settings.effect_site.0.0))
}

/// The effect-site level that is held when the index is lost (PRO-06).
#[derive(Clone, Copy, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(array)]
struct Level {
    /// Mean of the last minutes in which the index was usable, ug/mL.
    #[n(0)]
    mean: Option<f64>,
    /// What is held since it was lost.
    #[n(1)]
    held: Option<f64>,
}

impl Level {
    /// Follows the effect site while the loop is closed; returns what is to be held while it is not,
    /// and why.
    fn follow(&mut self, seen: &Observation, now: UgPerMl) -> Option<(UgPerMl, Reason)> {
        if seen.validity >= Validity::ObserverOnly {
            self.held = None;
            if seen.validity == Validity::Closed {
                let mean = self.mean.unwrap_or(now.0);
                let share = bounded(seen.passed.0 / LEVEL_TIME, 0.0, 1.0);
                self.mean = Some(mean + share * (now.0 - mean));
            }
            return None;
        }
        let held = self.held.unwrap_or(min(now.0, self.mean.unwrap_or(now.0)));
        self.held = Some(held);
        let lost = seen.validity == Validity::Lost;
        Some((UgPerMl(held), if lost { Reason::Lost } else { Reason::Frozen }))
    }

    fn is_sound(&self) -> bool {
        self.mean.unwrap_or(0.0).is_finite() && self.held.unwrap_or(0.0).is_finite()
    }
}

#[cfg(test)]
mod tests;
