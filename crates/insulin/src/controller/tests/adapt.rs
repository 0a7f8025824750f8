use super::super::adapt::{Beyond, Cause, Episode, Learned, Lesson, slot};
use crate::profile::PredictiveParameters;
use proptest::prelude::*;

const P: PredictiveParameters = PredictiveParameters::REFERENCE;
const RATIO: f64 = 10.0;

/// A meal of 60 g at 07:00 with this peak, nadir and late insulin.
fn meal(announced: bool, peak: f64, nadir: f64, late: f64) -> Episode {
    let mut meal = Episode::begin(420.0, announced.then_some(60.0));
    meal.watch(480.0, Some(peak), peak, 0.0, Beyond::default());
    meal.watch(600.0, Some(nadir), nadir, 0.0, beyond(late));
    meal
}

fn beyond(basal: f64) -> Beyond {
    Beyond { basal, withheld: 0.0 }
}

/// What a meal teaches that was whole and came a day after the last low.
fn learn(meal: &Episode) -> (Learned, Option<super::super::adapt::Change>) {
    let lesson = Lesson { meal, time: 720.0, carbohydrate_ratio: RATIO, calm: true };
    Learned::factory(&P).after(&lesson, &P)
}

#[test]
fn a_good_meal_teaches_nothing() {
    assert_eq!(learn(&meal(true, 150.0, 95.0, 0.0)), (Learned::factory(&P), None));
}

#[test]
fn a_low_lowers_the_bolus_and_the_dosing() {
    let (learned, change) = learn(&meal(true, 150.0, P.nadir_aim - 10.0, 0.0));
    assert!((learned.bolus(420.0) - P.bolus_start * (1.0 - 10.0 * P.fall_per)).abs() < 1e-12);
    assert!(learned.sensitivity > 1.0);
    let change = change.unwrap();
    assert_eq!(change.cause, Cause::LowAfterMeal);
    assert_eq!(change.gain, [P.bolus_start, learned.bolus(420.0)]);
    assert_eq!(change.sensitivity, [1.0, learned.sensitivity]);
}

#[test]
fn a_low_after_late_insulin_is_not_the_bolus_fault() {
    let (learned, _) = learn(&meal(true, 150.0, P.nadir_aim - 10.0, 6.0));
    assert!((learned.bolus(420.0) - P.bolus_start).abs() < 1e-12);
    let blamed = 1.0 + P.ratio_fall * 10.0 * P.fall_per;
    assert!((learned.sensitivity - blamed).abs() < 1e-12);
}

#[test]
fn a_high_without_a_low_raises_slowly() {
    let (learned, change) = learn(&meal(true, 220.0, P.nadir_aim + 20.0, 0.0));
    let rise = 20.0 * P.rise_per;
    assert!((learned.bolus(420.0) - P.bolus_start * (1.0 + rise)).abs() < 1e-12);
    assert!((learned.sensitivity - (1.0 - P.ratio_rise * rise)).abs() < 1e-12);
    assert_eq!(change.unwrap().cause, Cause::HighAfterMeal);
    assert!((learned.response(420.0) - P.response_start).abs() < 1e-12, "the other gain stays");
}

#[test]
fn a_meal_that_was_not_announced_teaches_the_response() {
    let (learned, _) = learn(&meal(false, 220.0, P.nadir_aim + 20.0, 0.0));
    let rise = P.response_rate * 20.0 * P.rise_per;
    assert!((learned.response(420.0) - P.response_start - rise).abs() < 1e-12);
    assert!((learned.bolus(420.0) - P.bolus_start).abs() < 1e-12);
}

#[test]
fn ctl_17_a_meal_that_the_next_one_cuts_short_argues_for_nothing_more() {
    let high = meal(true, 220.0, P.nadir_aim + 20.0, 0.0);
    let learned = |time| {
        let lesson = Lesson { meal: &high, time, carbohydrate_ratio: RATIO, calm: true };
        Learned::factory(&P).after(&lesson, &P).0
    };
    assert_eq!(learned(420.0 + P.episode_short), Learned::factory(&P));
    let middle = learned(420.0 + 0.5 * (P.episode_short + P.episode_whole));
    let whole = learned(420.0 + P.episode_whole);
    assert!(P.bolus_start < middle.bolus(420.0) && middle.bolus(420.0) < whole.bolus(420.0));
    let low = meal(true, 220.0, P.nadir_aim - 20.0, 0.0);
    let lesson = Lesson { meal: &low, time: 600.0, carbohydrate_ratio: RATIO, calm: true };
    let (learned, _) = Learned::factory(&P).after(&lesson, &P);
    assert!(learned.bolus(420.0) < P.bolus_start, "a low counts at any age");
}

#[test]
fn ctl_17_what_was_not_given_teaches_nothing_upward() {
    let mut high = meal(true, 220.0, P.nadir_aim + 20.0, 0.0);
    let part = |share: f64| Beyond { basal: 0.0, withheld: share * 60.0 / RATIO };
    high.watch(610.0, None, 100.0, 0.0, part(0.9 * P.withheld_most));
    assert!(learn(&high).0.bolus(420.0) > P.bolus_start, "a little less than wished for");
    high.watch(615.0, None, 100.0, 0.0, part(0.2 * P.withheld_most));
    assert_eq!(learn(&high), (Learned::factory(&P), None));
}

#[test]
fn ctl_17_within_a_day_of_a_low_nobody_is_held_less_sensitive() {
    let high = meal(true, 220.0, P.nadir_aim + 20.0, 0.0);
    let lesson = Lesson { meal: &high, time: 720.0, carbohydrate_ratio: RATIO, calm: false };
    let (learned, _) = Learned::factory(&P).after(&lesson, &P);
    assert!((learned.sensitivity - 1.0).abs() < 1e-12);
    assert!(learned.bolus(420.0) > P.bolus_start, "the part of the day is another matter");
}

#[test]
fn the_day_has_six_parts() {
    for (time, part) in [(60.0, 0), (299.0, 0), (300.0, 1), (420.0, 1), (1_439.0, 5), (1_499.0, 5)]
    {
        assert_eq!(slot(time), part, "{time}");
    }
    assert_eq!(slot(1_440.0 * 400.0 + 720.0), slot(720.0));
    assert_eq!(slot(0.0), 5);
}

proptest! {
    #[test]
    fn ctl_17_a_poisoned_history_stays_in_bounds_and_steps(
        meals in prop::collection::vec(
            (any::<bool>(), 0.0..5_000.0_f64, -1_000.0..1_000.0_f64, 0.0..1e9_f64, 0.0..1e9_f64),
            1..60,
        ),
    ) {
        let mut learned = Learned::factory(&P);
        for (announced, time, nadir, late, ratio) in meals {
            let mut meal = Episode::begin(time, announced.then_some(0.001));
            meal.watch(time + 100.0, Some(400.0), nadir, 0.0, beyond(late));
            let before = learned;
            let lesson =
                Lesson { meal: &meal, time: time + 600.0, carbohydrate_ratio: ratio, calm: true };
            (learned, _) = learned.after(&lesson, &P);
            let bounded = |x: f64, low: f64, high: f64| (low..=high).contains(&x);
            prop_assert!(bounded(learned.sensitivity, P.sensitivity_least, P.sensitivity_most));
            let most = 1.0 + P.gain_fall_most * P.ratio_fall;
            prop_assert!(learned.sensitivity / before.sensitivity <= most + 1e-12);
            let gains = learned.bolus.iter().zip(&before.bolus);
            for (after, before) in gains {
                prop_assert!(bounded(*after, P.bolus_least, P.bolus_gain_most));
                prop_assert!(*after <= before * (1.0 + P.gain_rise_most) + 1e-12);
                prop_assert!(*after >= before * (1.0 - P.gain_fall_most) - 1e-12);
            }
            prop_assert!(learned.response.iter().all(|x| bounded(*x, 0.0, P.response_most)));
        }
    }
}
