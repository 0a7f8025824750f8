//! What the controller says that it used, against what the opinion holds true.

use crate::limits::{Allowed, basal_share};
use crate::settings::Settings;
use crate::situation::{Claims, Situation};
use crate::whole::share;
use homeostat_record::Objection;

/// Two honest ways of counting what acts differ by less than this, per mille of it: half a slot
/// of five minutes at the steepest part of the curve is 1.9 %, the time of delivery within a
/// cycle as much again.
const ACTING_PART: i64 = 60;
/// And by less than this many steps.
const ACTING_STEPS: i64 = 4;
/// A filtered glucose may leave the last readings by this, thousandths of mg/dL, and by this part.
const GLUCOSE: i64 = 15_000;
const GLUCOSE_PART: i64 = 120;
/// Two honest rates of change have the same sign when both are steeper than this, thousandths of
/// mg/dL in a minute.
const STEEP: i64 = 1_500;
/// A prediction is stated in whole mg/dL, thousandths of mg/dL.
const ROUNDING: i64 = 1_000;

/// What the controller's own prediction allows: nothing while it predicts less than the suspend
/// level, but for a meal of this cycle, and the basal insulin after the longest stop.
pub(crate) fn by_prediction(
    settings: &Settings,
    situation: &Situation,
    claims: &Claims,
) -> Allowed {
    let suspend = i64::from(settings.levels.suspend.0).saturating_sub(ROUNDING);
    let low = claims.lowest.is_some_and(|lowest| lowest < suspend);
    let most = match (low && situation.announced == 0, situation.stopped_long) {
        (false, _) => i64::MAX,
        (true, false) => 0,
        (true, true) => basal_share(settings),
    };
    (Objection::TooMuch, most)
}

/// What is wrong with the controller's figures, if anything.
pub(crate) fn refuted(
    settings: &Settings,
    situation: &Situation,
    claims: &Claims,
) -> Option<Objection> {
    let acting = situation.acting.reported;
    if claims.on_board < acting.saturating_sub(tolerance(settings, acting)) {
        return Some(Objection::ActingAmountUnderstated);
    }
    // A controller may infer a meal that nobody announced, out of a steep rise a large one: twice
    // what may be entered at once.
    let inferred = i64::from(settings.bounds.carbohydrate.0).saturating_mul(2);
    let most = situation.recent_carbohydrate.saturating_add(inferred);
    if !glucose_fits(settings, situation, claims) || claims.carbohydrate > most {
        return Some(Objection::InputNotUsable);
    }
    let control = &settings.control;
    let ratios = i64::from(control.ratio_least.0)..=i64::from(control.ratio_most.0);
    (claims.ratio != 0 && !ratios.contains(&claims.ratio))
        .then_some(Objection::OutsideDeclaredSpace)
}

/// How far the controller's insulin on board lies above the opinion's, beyond tolerance,
/// milliunits: a controller that counts too much gives too little. Insulin from before the
/// opinion's own history is not disputed.
pub(crate) fn overstated(settings: &Settings, situation: &Situation, claims: &Claims) -> i64 {
    let action = u64::from(settings.action.duration.0).saturating_mul(60_000);
    if situation.known_for < action {
        return 0;
    }
    let all = situation.acting.reported.saturating_add(situation.acting.unknown);
    claims.on_board.saturating_sub(all.saturating_add(tolerance(settings, all))).max(0)
}

fn tolerance(settings: &Settings, acting: i64) -> i64 {
    share(acting, ACTING_PART, 1_000).saturating_add(settings.milliunits(ACTING_STEPS))
}

/// Whether the glucose and its rate are those of a usable reading.
fn glucose_fits(settings: &Settings, situation: &Situation, claims: &Claims) -> bool {
    let Some(used) = claims.glucose else { return true };
    let Some(seen) = situation.usable(settings) else { return false };
    let (low, high) = seen.recent;
    let low = low.saturating_sub(GLUCOSE).saturating_sub(share(low, GLUCOSE_PART, 1_000));
    let high = high.saturating_add(GLUCOSE).saturating_add(share(high, GLUCOSE_PART, 1_000));
    let slope = seen.slope.unwrap_or(0);
    let opposed = (claims.slope >= STEEP && slope <= STEEP.saturating_neg())
        || (claims.slope <= STEEP.saturating_neg() && slope >= STEEP);
    (low..=high).contains(&used) && !opposed
}

#[cfg(test)]
pub(crate) mod tests;
