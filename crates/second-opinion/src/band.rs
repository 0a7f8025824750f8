//! The least that a sensible controller would want. To give less, for long, is a difference:
//! too little is not assumed safe.

use crate::limits::basal_share;
use crate::meals::Meals;
use crate::settings::Settings;
use crate::situation::Situation;
use crate::whole::share;
use minicbor::{Decode, Encode};

/// Glucose from which a lasting want of insulin is a want, thousandths of mg/dL.
const HIGH: i64 = 250_000;
/// How long it lasts before it is a difference, milliseconds.
const LONG: u64 = 5_400_000;
/// A fall faster than this is an answer to insulin, thousandths of mg/dL in a minute.
const FALLING: i64 = -300;
/// A meal is answered by now, milliseconds.
const MEAL_WAIT: u64 = 1_200_000;
/// And by this part of what it calls for, per mille.
const MEAL_PART: i64 = 250;
/// Below this glucose a meal need not be answered, thousandths of mg/dL.
const MEAL_LEAST: i64 = 110_000;

/// For how long too little was proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Want {
    /// Milliseconds.
    #[n(0)]
    lasted: u64,
}

impl Want {
    /// Nothing is wanting.
    pub(crate) const fn new() -> Self {
        Self { lasted: 0 }
    }

    /// Counts a cycle of `passed` milliseconds in which `proposed` milliunits were proposed.
    /// Returns how many are wanting, once that has lasted too long.
    pub(crate) fn take(
        &mut self,
        settings: &Settings,
        situation: &Situation,
        proposed: i64,
        passed: u64,
    ) -> i64 {
        let lacking = lacking(settings, situation, proposed);
        self.lasted = if lacking > 0 { self.lasted.saturating_add(passed) } else { 0 };
        if self.lasted >= LONG { lacking } else { 0 }
    }
}

/// The milliunits that a high glucose calls for and nobody gives.
fn lacking(settings: &Settings, situation: &Situation, proposed: i64) -> i64 {
    let Some(seen) = situation.usable(settings) else { return 0 };
    let falling = seen.slope.is_none_or(|slope| slope < FALLING);
    if seen.latest < HIGH || falling {
        return 0;
    }
    let height = seen.latest.saturating_sub(i64::from(settings.levels.target.0));
    let called_for = settings.for_glucose(height) / 4;
    let acting = situation.acting.beyond_basal.saturating_add(proposed);
    called_for.saturating_add(settings.basal_cycle()).saturating_sub(acting).max(0)
}

/// The milliunits by which a watched meal was answered too little, once it has waited too long.
pub(crate) fn unanswered(
    meals: &mut Meals,
    settings: &Settings,
    situation: &Situation,
    tick: u64,
    proposed: i64,
) -> i64 {
    meals.answer(proposed.saturating_sub(settings.basal_cycle()));
    let Some(open) = meals.open() else { return 0 };
    let reluctant = situation.usable(settings).is_none_or(|seen| {
        seen.latest < MEAL_LEAST || seen.slope.is_none_or(|slope| slope < FALLING)
    });
    let enough = share(open.called_for, MEAL_PART, 1_000);
    let covered = open.answered >= enough || situation.acting.beyond_basal >= enough;
    if reluctant || covered {
        meals.close();
        return 0;
    }
    if tick.saturating_sub(open.since) < MEAL_WAIT {
        return 0;
    }
    meals.close();
    enough.saturating_sub(open.answered).max(basal_share(settings))
}
