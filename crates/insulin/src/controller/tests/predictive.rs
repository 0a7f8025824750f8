use super::super::{Predictive, PredictiveParameters, PredictiveState};
use super::{quiet, settings, settled, survives, wild};
use crate::algorithm::{Algorithm, Observation, Wish};
use crate::profile::Settings;
use crate::reason::Reason;
use crate::sensing::Trust;
use crate::units::{GlucoseMgDl, Grams, Minutes, Units};
use proptest::prelude::*;
use std::vec::Vec;

const P: PredictiveParameters = PredictiveParameters::REFERENCE;
const PREDICTIVE: Predictive = Predictive::REFERENCE;

fn basal(settings: &Settings) -> f64 {
    (settings.basal * Minutes(5.0)).0
}

fn decide(state: &PredictiveState, seen: &Observation) -> Wish {
    PREDICTIVE.step(&settings(), state, seen).1
}

#[test]
fn at_a_high_level_it_corrects_and_insulin_on_board_ends_it() {
    let settings = settings();
    let state = settled(&PREDICTIVE, &settings, 180.0);
    let seen = quiet(&settings, 24, 180.0);
    let wish = decide(&state, &seen);
    assert_eq!(wish.reason, Reason::Correction);
    assert!(wish.dose.0 > basal(&settings));
    let bolused = Observation { given: Units(10.0), ..seen };
    let wish = decide(&state, &bolused);
    assert_eq!((wish.reason, wish.dose), (Reason::Suspended, Units(0.0)));
}

#[test]
fn nothing_is_given_while_the_forecast_without_delivery_is_below_the_floor() {
    let settings = settings();
    for glucose in [45.0, 60.0, 70.0, 80.0, 85.0] {
        let state = settled(&PREDICTIVE, &settings, glucose);
        let wish = decide(&state, &quiet(&settings, 24, glucose));
        assert_eq!((wish.reason, wish.dose), (Reason::Suspended, Units(0.0)), "{glucose}");
    }
}

#[test]
fn an_announced_meal_gets_its_gain_of_the_ratio_less_what_is_missing() {
    let settings = settings();
    let seen = |glucose: f64| Observation {
        announced: Some(Grams(60.0)),
        ..quiet(&settings, 24, glucose)
    };
    let full = 60.0 / settings.carbohydrate_ratio.0;
    let wish = decide(&settled(&PREDICTIVE, &settings, 120.0), &seen(120.0));
    assert_eq!(wish.reason, Reason::Meal);
    assert!((wish.dose.0 - P.bolus_start * full).abs() < 1e-9 && wish.meal == wish.dose);
    let low = decide(&settled(&PREDICTIVE, &settings, 75.0), &seen(75.0));
    assert!(low.dose.0 < wish.dose.0);
    let huge = Observation { announced: Some(Grams(1e6)), ..seen(120.0) };
    let wish = decide(&settled(&PREDICTIVE, &settings, 120.0), &huge);
    assert!(wish.dose.0 <= P.bolus_most * settings.daily_dose.0);
}

#[test]
fn ctl_11_without_a_reading_not_more_than_basal() {
    let settings = settings();
    let mut state = settled(&PREDICTIVE, &settings, 250.0);
    for cycle in 24..48 {
        let blind =
            Observation { glucose: None, trust: Trust::Unusable, ..quiet(&settings, cycle, 0.0) };
        let (after, wish) = PREDICTIVE.step(&settings, &state, &blind);
        if cycle >= 25 {
            assert_eq!(wish.reason, Reason::NoGlucose);
            assert!(wish.dose.0 <= basal(&settings) + 1e-12);
        }
        state = after;
    }
    let first = PREDICTIVE.start(&settings);
    let blind = Observation { glucose: None, ..quiet(&settings, 0, 0.0) };
    assert_eq!(decide(&first, &blind).dose, Units(basal(&settings)));
}

#[test]
fn a_reading_that_may_only_reduce_gives_no_more_than_basal() {
    let settings = settings();
    let state = settled(&PREDICTIVE, &settings, 250.0);
    let seen = Observation { trust: Trust::ReduceOnly, ..quiet(&settings, 24, 250.0) };
    let wish = decide(&state, &seen);
    assert_eq!(wish.reason, Reason::ReduceOnly);
    assert!((wish.dose.0 - basal(&settings)).abs() < 1e-12);
}

#[test]
fn f_s05_a_sudden_low_stops_and_its_end_is_no_meal() {
    let settings = settings();
    let mut state = settled(&PREDICTIVE, &settings, 130.0);
    let readings = [75.0; 5].into_iter().chain([130.0; 6]);
    for (cycle, glucose) in (24..).zip(readings) {
        let (after, wish) = PREDICTIVE.step(&settings, &state, &quiet(&settings, cycle, glucose));
        assert_ne!(wish.reason, Reason::SuspectedMeal);
        if glucose < 80.0 {
            assert_eq!(wish.dose, Units(0.0));
        }
        state = after;
    }
}

#[test]
fn a_steep_rise_is_a_meal_and_is_bounded() {
    let settings = settings();
    let mut state = settled(&PREDICTIVE, &settings, 120.0);
    let rise = [123.0, 131.0, 144.0, 160.0, 177.0, 194.0];
    let mut reasons = std::vec::Vec::new();
    for (cycle, glucose) in (24..).zip(rise) {
        let (after, wish) = PREDICTIVE.step(&settings, &state, &quiet(&settings, cycle, glucose));
        assert!(wish.dose.0 <= P.meal_most * basal(&settings) + 1e-12);
        reasons.push(wish.reason);
        state = after;
    }
    assert!(reasons.contains(&Reason::SuspectedMeal), "{reasons:?}");
}

/// The reasons of one cycle after another, from this state on.
fn reasons(mut state: PredictiveState, readings: &[Option<f64>], at_end: bool) -> Vec<Reason> {
    let settings = settings();
    let mut reasons = Vec::new();
    for (cycle, glucose) in (24..).zip(readings) {
        let seen = Observation {
            glucose: glucose.map(GlucoseMgDl),
            at_end,
            ..quiet(&settings, cycle, 0.0)
        };
        let (after, wish) = PREDICTIVE.step(&settings, &state, &seen);
        reasons.push(wish.reason);
        state = after;
    }
    reasons
}

const RISE: [Option<f64>; 6] =
    [Some(123.0), Some(131.0), Some(144.0), Some(160.0), Some(177.0), Some(194.0)];

/// A sensor whose error jumped by 16 mg/dL at midnight was once answered like a meal.
#[test]
fn f_s04_a_jump_of_one_reading_is_no_meal() {
    let state = settled(&PREDICTIVE, &settings(), 109.0);
    let jump: Vec<Option<f64>> = [125.0; 12].into_iter().chain([145.0; 12]).map(Some).collect();
    assert!(!reasons(state, &jump, false).contains(&Reason::SuspectedMeal));
}

#[test]
fn sen_13_a_rise_right_after_a_gap_is_the_rest_of_the_last_meal() {
    let state = settled(&PREDICTIVE, &settings(), 120.0);
    assert!(reasons(state, &RISE, false).contains(&Reason::SuspectedMeal));
    let gap: Vec<Option<f64>> = [None; 6].into_iter().chain([Some(120.0); 6]).chain(RISE).collect();
    assert!(!reasons(state, &gap, false).contains(&Reason::SuspectedMeal));
}

#[test]
fn a_return_from_a_low_is_no_meal() {
    let low = settled(&PREDICTIVE, &settings(), 60.0);
    let rise: Vec<Option<f64>> = (0..16).map(|step| Some(60.0 + 8.0 * f64::from(step))).collect();
    assert!(!reasons(low, &rise, false).contains(&Reason::SuspectedMeal));
}

#[test]
fn a_reading_at_the_end_of_the_range_shows_no_meal() {
    let state = settled(&PREDICTIVE, &settings(), 120.0);
    assert!(!reasons(state, &RISE, true).contains(&Reason::SuspectedMeal));
}

/// Glucose a little below the floor before a meal once took half of its bolus away, and the loop
/// learned to give twice as much at other times.
#[test]
fn a_little_below_the_floor_takes_little_of_a_bolus_away() {
    let settings = settings();
    let bolus = |glucose: f64| {
        let seen = Observation { announced: Some(Grams(60.0)), ..quiet(&settings, 24, glucose) };
        decide(&settled(&PREDICTIVE, &settings, glucose), &seen).dose.0
    };
    let whole = bolus(100.0);
    let (less, least) = (bolus(83.0), bolus(73.0));
    assert!(less < whole && whole - less < 0.1 * whole, "{whole} {less}");
    assert!(least < less && whole - least < 0.25 * whole, "{whole} {least}");
}

#[test]
fn ctl_17_forgetting_is_one_action() {
    let settings = settings();
    let mut state = settled(&PREDICTIVE, &settings, 120.0);
    for cycle in 24..400 {
        let announced = (cycle % 72 == 0).then_some(Grams(60.0));
        let glucose = if cycle % 72 < 24 { 220.0 } else { 100.0 };
        let seen = Observation { announced, ..quiet(&settings, cycle, glucose) };
        state = PREDICTIVE.step(&settings, &state, &seen).0;
    }
    let fresh = PREDICTIVE.start(&settings);
    assert!(state.learned() != fresh.learned() && state.change().is_some());
    let forgotten = state.forgotten(&P);
    assert!(forgotten.learned() == fresh.learned() && forgotten.change().is_none());
}

#[test]
fn ctl_18_a_setting_that_is_no_number_gives_no_proposal() {
    let broken = Settings { correction_factor: crate::units::MgDlPerUnit(f64::NAN), ..settings() };
    let state = PREDICTIVE.start(&broken);
    let (after, wish) = PREDICTIVE.step(&broken, &state, &quiet(&broken, 0, 120.0));
    assert!(wish.reason == Reason::NotFinite || wish.dose.is_finite());
    let (_, wish) = PREDICTIVE.step(&broken, &after, &quiet(&broken, 1, 120.0));
    assert_eq!(wish.reason, Reason::NotFinite);
}

#[test]
fn ctl_18_ninety_days_without_drift_of_the_numbers() {
    let settings = settings();
    let mut state = PREDICTIVE.start(&settings);
    for cycle in 0..90 * 288 {
        let swing = homeostat_numeric::sin(f64::from(cycle) * 0.05);
        let seen = quiet(&settings, cycle, 130.0 + 30.0 * swing);
        let (after, wish) = PREDICTIVE.step(&settings, &state, &seen);
        assert!(wish.dose.is_finite());
        state = after;
    }
    let wish = decide(&state, &quiet(&settings, 90 * 288, 130.0));
    assert!(wish.predicted_least.is_some_and(|least| least < GlucoseMgDl(200.0)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ctl_18_whatever_comes_in_a_sound_dose_comes_out(
        seen in prop::collection::vec(wild(), 1..80),
    ) {
        survives(&PREDICTIVE, &seen, |settings, announced| {
            let most = if announced { P.bolus_most * settings.daily_dose.0 } else { 0.0 };
            let rate = P.meal_most * basal(settings);
            if most > rate { most } else { rate }
        })?;
    }
}
