use super::super::{Rules, RulesParameters, RulesState};
use super::{quiet, settings, settled, survives, wild};
use crate::algorithm::{Algorithm, Observation, Wish};
use crate::profile::Settings;
use crate::reason::Reason;
use crate::sensing::Trust;
use crate::units::{Grams, Minutes, Units};
use proptest::prelude::*;

const P: RulesParameters = RulesParameters::REFERENCE;
const RULES: Rules = Rules::REFERENCE;

fn basal(settings: &Settings) -> f64 {
    (settings.basal * Minutes(5.0)).0
}

/// Wish after two hours at `level` and then these readings.
fn after(level: f64, readings: &[f64]) -> Wish {
    let settings = settings();
    let mut state = settled(&RULES, &settings, level);
    let mut wish = None;
    for (cycle, glucose) in (24..).zip(readings) {
        let (next, decided) = RULES.step(&settings, &state, &quiet(&settings, cycle, *glucose));
        (state, wish) = (next, Some(decided));
    }
    wish.unwrap()
}

#[test]
fn at_the_target_it_gives_the_basal_rate() {
    let settings = settings();
    let wish = after(settings.target.0 - P.below_target, &[settings.target.0 - P.below_target]);
    assert!((wish.dose.0 - basal(&settings)).abs() < 1e-9);
}

#[test]
fn rule_2_low_now_or_soon_stops() {
    assert_eq!(after(100.0, &[79.0]).reason, Reason::Suspended);
    assert_eq!(
        after(130.0, &[121.0, 112.0, 103.0]).reason,
        Reason::Suspended,
        "1.8 mg/dL/min down"
    );
}

#[test]
fn rule_3_between_low_and_target_it_reduces_in_proportion() {
    let settings = settings();
    let target = settings.target.0 - P.below_target;
    let middle = f64::midpoint(settings.suspend_below.0, target);
    let wish = after(middle, &[middle]);
    assert_eq!(wish.reason, Reason::Reduced);
    assert!((wish.dose.0 - 0.5 * basal(&settings)).abs() < 1e-9);
}

#[test]
fn rule_4_a_fall_gives_no_more_than_basal() {
    let wish = after(250.0, &[247.0, 243.0, 239.0]);
    assert_eq!(wish.reason, Reason::Falling);
    assert!((wish.dose.0 - basal(&settings())).abs() < 1e-12);
}

#[test]
fn rule_5_a_correction_is_a_part_and_is_bounded() {
    let settings = settings();
    let wish = after(125.0, &[125.0]);
    assert_eq!(wish.reason, Reason::Correction);
    let above = 125.0 - (settings.target.0 - P.below_target);
    let factor = settings.correction_factor.0 * P.strength_grown;
    let expected = basal(&settings) + P.correction_share * above / factor;
    assert!((wish.dose.0 - expected).abs() < 1e-9);
    let wish = after(400.0, &[400.0]);
    assert!((wish.dose.0 - P.rate_most * basal(&settings)).abs() < 1e-9);
}

#[test]
fn rule_1_a_meal_gets_its_part_and_nothing_when_low() {
    let settings = settings();
    let state = settled(&RULES, &settings, 120.0);
    let seen =
        |glucose| Observation { announced: Some(Grams(50.0)), ..quiet(&settings, 24, glucose) };
    let wish = RULES.step(&settings, &state, &seen(120.0)).1;
    let full = 50.0 / settings.carbohydrate_ratio.0;
    assert!((wish.dose.0 - P.bolus_start * full).abs() < 1e-9 && wish.meal == wish.dose);
    assert_eq!(RULES.step(&settings, &state, &seen(65.0)).1.dose, Units(0.0));
}

#[test]
fn ctl_17_a_low_lowers_the_bolus_once_and_quiet_days_raise_it() {
    let settings = settings();
    let state = settled(&RULES, &settings, 120.0);
    let hear = |mut state: RulesState, readings: &[f64], from: u32| {
        for (cycle, glucose) in (from..).zip(readings) {
            state = RULES.step(&settings, &state, &quiet(&settings, cycle, *glucose)).0;
        }
        state
    };
    let low = hear(state, &[70.0, 68.0, 69.0, 73.0], 24);
    assert!((low.bolus() - P.bolus_start * P.low_factor).abs() < 1e-12, "one low counts once");
    let calm = hear(state, &[120.0; 600], 24);
    assert!(calm.bolus() > P.bolus_start);
    let long = hear(state, &[120.0; 10_000], 24);
    assert!((long.bolus() - P.bolus_gain_most).abs() < 1e-12, "bounded");
}

#[test]
fn ctl_11_without_a_reading_basal_or_less() {
    let settings = settings();
    let state = settled(&RULES, &settings, 250.0);
    let blind = Observation { glucose: None, trust: Trust::Unusable, ..quiet(&settings, 24, 0.0) };
    let wish = RULES.step(&settings, &state, &blind).1;
    assert_eq!(wish.reason, Reason::NoGlucose);
    assert!((wish.dose.0 - basal(&settings)).abs() < 1e-12);
    let boosted = Observation { given: Units(3.0), ..blind };
    let wish = RULES.step(&settings, &state, &boosted).1;
    assert!((wish.dose.0 - P.blind_share * basal(&settings)).abs() < 1e-12);
}

#[test]
fn a_reading_that_may_only_reduce_gives_no_more_than_basal() {
    let settings = settings();
    let state = settled(&RULES, &settings, 250.0);
    let seen = Observation { trust: Trust::ReduceOnly, ..quiet(&settings, 24, 250.0) };
    let wish = RULES.step(&settings, &state, &seen).1;
    assert_eq!(wish.reason, Reason::ReduceOnly);
    assert!((wish.dose.0 - basal(&settings)).abs() < 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ctl_18_whatever_comes_in_a_sound_dose_comes_out(
        seen in prop::collection::vec(wild(), 1..80),
    ) {
        survives(&RULES, &seen, |settings, announced| {
            let most = if announced { P.bolus_most * settings.daily_dose.0 } else { 0.0 };
            let rate = P.rate_most * basal(settings);
            if most > rate { most } else { rate }
        })?;
    }
}
