//! What is prohibited. Each rule states the largest amount that it would still allow; the
//! smallest of them decides. No rule raises what another forbids.

use crate::claims::by_prediction;
use crate::settings::Settings;
use crate::situation::{Claims, Situation};
use crate::whole::share;
use homeostat_record::{Objection, Steps};

/// Below the suspend level, a fall faster than this forbids delivery, thousandths of mg/dL in a
/// minute: less is within the sensor's noise.
const FALLING: i64 = -500;
/// From here on glucose rises beyond the sensor's noise, thousandths of mg/dL in a minute.
const RISING: i64 = 200;
/// How far ahead a rise is credited, minutes: the time in which rapid insulin reaches its
/// greatest effect.
const AHEAD: i64 = 60;
/// Fastest rise that is credited, thousandths of mg/dL in a minute.
const RISE_MOST: i64 = 4_000;
/// Margin on what carbohydrate and glucose call for, per mille: rounding and the difference of
/// two honest models.
const MARGIN: i64 = 1_100;
/// A rule and the largest amount that it allows, milliunits.
pub(crate) type Allowed = (Objection, i64);

/// The rule that allows least, and what it allows.
pub(crate) fn strictest(
    settings: &Settings,
    situation: &Situation,
    claims: Option<&Claims>,
) -> Allowed {
    let whole = (Objection::OutsideDeclaredSpace, i64::MAX);
    let rules = [
        claims.map_or(whole, |claims| by_prediction(settings, situation, claims)),
        by_level(settings, situation),
        by_input(settings, situation),
        by_need(settings, situation, claims),
        by_windows(settings, situation),
        by_declaration(settings, situation),
    ];
    rules.into_iter().fold(whole, |least, rule| if rule.1 < least.1 { rule } else { least })
}

/// The basal insulin of a cycle with the remainder that a cycle may carry, and two steps of
/// tolerance, milliunits.
pub(crate) fn basal_share(settings: &Settings) -> i64 {
    settings.basal_cycle().saturating_add(settings.milliunits(2))
}

/// Nothing while glucose is low, or nearly low and falling (GLY-21); a low that was the last
/// thing heard still counts for the time that a stop outlives its data. Above the level of
/// resumption a meal that is just announced may be answered, and after the longest stop the basal
/// insulin may come back (GLY-22).
fn by_level(settings: &Settings, situation: &Situation) -> Allowed {
    let levels = &settings.levels;
    let kept = u64::from(levels.stop_without_data.0).saturating_mul(60_000);
    let kept = kept.saturating_sub(settings.bounds.period.as_millis().saturating_mul(2));
    let low = situation
        .seen
        .is_some_and(|seen| seen.latest < i64::from(levels.hard_low.0) && seen.age <= kept);
    let sinking = situation.usable(settings).is_some_and(|seen| {
        seen.latest < i64::from(levels.suspend.0)
            && seen.slope.is_some_and(|slope| slope <= FALLING)
    });
    let resumed = situation.seen.is_some_and(|seen| seen.latest >= i64::from(levels.resume.0));
    let most = match (low, sinking && !(resumed && situation.announced > 0)) {
        (true, _) => 0,
        (false, true) if resumed && situation.stopped_long => basal_share(settings),
        (false, true) => 0,
        (false, false) => i64::MAX,
    };
    (Objection::MustNotDeliver, most)
}

/// No more than the basal insulin without a usable, living, quiet signal (SEN-02, GLY-19, GLY-20).
fn by_input(settings: &Settings, situation: &Situation) -> Allowed {
    let most = match situation.usable(settings) {
        None => basal_share(settings),
        Some(seen) => {
            let window = u64::from(settings.sensing.flat_window.0).saturating_mul(60_000);
            let flat = !seen.coded && seen.same_for >= window.saturating_add(900_000);
            if flat || seen.poor { basal_share(settings) } else { i64::MAX }
        }
    };
    (Objection::InputNotUsable, most)
}

/// What acts beyond the basal insulin must not exceed what glucose, its rise and announced
/// carbohydrate call for. The basal insulin itself is not forbidden by this rule.
fn by_need(settings: &Settings, situation: &Situation, claims: Option<&Claims>) -> Allowed {
    let Some(seen) = situation.usable(settings) else {
        return (Objection::TooMuch, i64::MAX);
    };
    // The profile says how far a meal's insulin may go beyond the carbohydrate ratio.
    let meal = i64::from(settings.bounds.meal_share.0).max(1_000);
    let called_for = share(settings.for_carbohydrate(situation.unabsorbed), meal, 1_000);
    let height = seen.credited.saturating_sub(i64::from(settings.levels.target.0));
    let rise = seen.slope.unwrap_or(0).clamp(0, RISE_MOST).saturating_mul(AHEAD);
    let correction = settings.for_glucose(height.saturating_add(rise));
    let most = share(
        settings.person.daily_dose.0.into(),
        settings.control.correction_share.0.into(),
        1_000,
    );
    let slack = i64::from(settings.bounds.automatic.0).saturating_mul(suspicion(seen.slope));
    let need = called_for.saturating_add(correction.min(most));
    let need = share(need, learned(settings, claims), 1_000);
    let need = share(need.max(0), MARGIN, 1_000).saturating_add(slack);
    let acting = situation.acting.beyond_basal.max(slack.saturating_neg());
    let room = need.saturating_sub(acting).saturating_add(settings.basal_cycle());
    (Objection::TooMuch, room.max(basal_share(settings)))
}

/// Automatic amounts of a cycle that may be given on the suspicion of a meal that nobody announced.
/// Insulin on board should make glucose fall: the less it does, the more is unexplained. A steep
/// rise grants nothing further here, because it is credited as a need.
fn suspicion(slope: Option<i64>) -> i64 {
    match slope {
        Some(slope) if slope >= RISING => 3,
        Some(slope) if slope > FALLING => 2,
        Some(_) | None => 1,
    }
}

/// The sensitivity ratio that the controller says it has learned, held within the declared range:
/// the need grows with it, and a claim beyond the range is refuted elsewhere. Without a claim the
/// settings stand as they are.
fn learned(settings: &Settings, claims: Option<&Claims>) -> i64 {
    let claimed = claims.map_or(0, |claims| claims.ratio);
    if claimed == 0 {
        return 1_000;
    }
    claimed.clamp(settings.control.ratio_least.0.into(), settings.control.ratio_most.0.into())
}

/// The amounts of an hour, four hours and a day, and what may be acting at all. Every sum here
/// covers at most the window's own time, so what it forbids is beyond the window for certain.
fn by_windows(settings: &Settings, situation: &Situation) -> Allowed {
    let bounds = &settings.bounds;
    let limits = [bounds.hour, bounds.four_hours, bounds.day];
    let left = limits
        .into_iter()
        .zip(situation.windows)
        .map(|(limit, used)| settings.milliunits(i64::from(limit.0).saturating_sub(used)));
    let acting = situation.acting.reported.saturating_add(situation.acting.unknown);
    let on_board = settings.milliunits(bounds.on_board.0.into()).saturating_sub(acting);
    let tolerance = settings.milliunits(2);
    let least = left.fold(on_board, i64::min).saturating_add(tolerance);
    (Objection::TooMuch, least.max(basal_share(settings)))
}

/// The declared space of commands: the cycle's ceiling, and the automatic ceiling with the meal
/// of this cycle.
fn by_declaration(settings: &Settings, situation: &Situation) -> Allowed {
    let bounds = &settings.bounds;
    let meal = settings.for_carbohydrate(situation.announced);
    let meal = share(meal, bounds.meal_share.0.into(), 1_000);
    let automatic = i64::from(bounds.automatic.0).saturating_add(meal);
    let automatic = automatic.saturating_add(settings.milliunits(1));
    let cycle = settings.milliunits(bounds.cycle.0.into());
    (Objection::OutsideDeclaredSpace, cycle.min(automatic))
}

/// The allowed amount as steps, rounded down.
pub(crate) fn as_steps(settings: &Settings, allowed: Allowed) -> Steps {
    settings.steps(allowed.1)
}

#[cfg(test)]
pub(crate) mod tests;
