//! The least that a sensible controller would want. To give less, for long, is a difference:
//! too little is not assumed safe.

use crate::history::Slots;
use crate::limits::basal_share;
use crate::meals::Meals;
use crate::settings::Settings;
use crate::situation::Situation;
use crate::timeline::SLOT;
use crate::whole::share;
use homeostat_record::Steps;
use minicbor::{Decode, Encode};

/// Glucose from which a lasting want of insulin is a want, thousandths of mg/dL.
const HIGH: i64 = 250_000;
/// Slots of an hour.
const HOUR_SLOTS: usize = 12;
/// How long it lasts before it is a difference, milliseconds.
const LONG: u64 = 5_400_000;
/// A fall faster than this is an answer to insulin, thousandths of mg/dL in a minute.
pub(crate) const FALLING: i64 = -300;
/// A meal is answered by now, milliseconds.
const MEAL_WAIT: u64 = 1_200_000;
/// And by this part of what it calls for, per mille.
const MEAL_PART: i64 = 250;
/// Below this glucose a meal need not be answered, thousandths of mg/dL.
pub(crate) const MEAL_LEAST: i64 = 110_000;

/// This far above the target, less than most of the basal insulin is a want, thousandths of
/// mg/dL.
const ABOVE: i64 = 40_000;
/// The part of an hour's basal insulin that is proposed there, per mille.
const BASAL_PART: i64 = 700;

/// For how long too little was proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Want {
    /// Milliseconds.
    #[n(0)]
    lasted: u64,
    /// Steps proposed, by five minutes.
    #[n(1)]
    proposed: Slots<HOUR_SLOTS>,
}

impl Want {
    /// Nothing is wanting at `tick`.
    pub(crate) const fn new(tick: u64) -> Self {
        Self { lasted: 0, proposed: Slots::empty(tick / SLOT) }
    }

    /// Counts a cycle of `passed` milliseconds that ends at `tick`, in which `steps` are proposed.
    /// Returns how many milliunits are wanting, once that has lasted too long.
    pub(crate) fn take(
        &mut self,
        settings: &Settings,
        situation: &Situation,
        steps: Steps,
        (passed, tick): (u64, u64),
    ) -> i64 {
        self.proposed.advance(tick / SLOT);
        self.proposed.add(tick / SLOT, steps.0);
        let proposed = settings.milliunits(self.proposed.sum(HOUR_SLOTS));
        let lacking = lacking(settings, situation, proposed);
        self.lasted = if lacking > 0 { self.lasted.saturating_add(passed) } else { 0 };
        if self.lasted >= LONG { lacking } else { 0 }
    }
}

/// The milliunits that a high glucose calls for and nobody gives: a quarter of the correction
/// where it is very high, most of the basal insulin
/// where it is high and nothing acts beyond it. `proposed` are those of
/// the last hour.
fn lacking(settings: &Settings, situation: &Situation, proposed: i64) -> i64 {
    let Some(seen) = situation.usable(settings) else { return 0 };
    if seen.slope.is_none_or(|slope| slope < 0) {
        return 0;
    }
    let height = seen.latest.saturating_sub(i64::from(settings.levels.target.0));
    if height < ABOVE {
        return 0;
    }
    let hour = settings.basal(3_600_000);
    let bare = situation.acting.beyond_basal <= 0;
    let of_basal = if bare { share(hour, BASAL_PART, 1_000).saturating_sub(proposed) } else { 0 };
    let correction = if seen.latest < HIGH { i64::MIN } else { settings.for_glucose(height) / 4 };
    let of_correction = correction.saturating_sub(situation.acting.beyond_basal);
    of_basal.max(of_correction.min(hour.saturating_sub(proposed))).max(0)
}

/// The milliunits by which a watched meal was answered too little, once it has waited too long;
/// `answer` are those of this cycle.
pub(crate) fn unanswered(
    meals: &mut Meals,
    settings: &Settings,
    situation: &Situation,
    tick: u64,
    answer: i64,
) -> i64 {
    meals.answer(answer);
    let Some(open) = meals.open() else { return 0 };
    let reluctant = situation.usable(settings).is_none_or(|seen| {
        seen.latest < MEAL_LEAST || seen.slope.is_none_or(|slope| slope < FALLING)
    });
    let enough = share(open.called_for, MEAL_PART, 1_000);
    let covered = open.answered >= enough || situation.acting.beyond_basal >= open.called_for / 2;
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

#[cfg(test)]
mod tests;
