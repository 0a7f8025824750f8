//! Printed parameters, and an independent integration.
// The central volume of Eleveld's reference man happens to be near a known constant.
#![allow(clippy::approx_constant)]

use super::*;
use crate::algorithm::{Person, Sex};
use crate::units::{Centimetres, Kilograms, Years};
use proptest::prelude::*;
use std::vec::Vec;

fn person(sex: Sex, age: f64, weight: f64, height: f64) -> Person {
    let (weight, height) = (Kilograms(weight), Centimetres(height));
    Person { age: Years(age), weight, height, sex, opioids: false }
}

fn people() -> Vec<Person> {
    let of = |sex| [person(sex, 35.0, 70.0, 170.0), person(sex, 68.0, 92.0, 162.0)];
    [Sex::Male, Sex::Female].into_iter().flat_map(of).collect()
}

/// Runge and Kutta's classical method in steps of 1/20 s, on amounts and flows: another form of the
/// equations, another method.
fn integrated(own: &Compartments, course: &[(f64, f64)]) -> [f64; 4] {
    let [v1, v2, v3] = own.volumes.map(|volume| volume.0);
    let [cl, q2, q3] = own.clearances.map(|clearance| clearance.0);
    let flow = |state: [f64; 4], rate: f64| {
        let [one, two, three, effect] = state;
        let (c1, c2, c3) = (one / v1, two / v2, three / v3);
        let (to_fast, to_slow) = (q2 * (c1 - c2), q3 * (c1 - c3));
        [
            60.0 * rate - cl * c1 - to_fast - to_slow,
            to_fast,
            to_slow,
            own.effect_site.0 * (c1 - effect),
        ]
    };
    let ahead = |from: [f64; 4], by: [f64; 4], minutes: f64| {
        core::array::from_fn(|place| from[place] + minutes * by[place])
    };
    let mut now = [0.0; 4];
    let step = 0.05 / 60.0;
    for (rate, seconds) in course {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        for _ in 0..(seconds * 20.0) as u32 {
            let k1 = flow(now, *rate);
            let k2 = flow(ahead(now, k1, step / 2.0), *rate);
            let k3 = flow(ahead(now, k2, step / 2.0), *rate);
            let k4 = flow(ahead(now, k3, step), *rate);
            now = core::array::from_fn(|place| {
                now[place] + step / 6.0 * (k1[place] + 2.0 * (k2[place] + k3[place]) + k4[place])
            });
        }
    }
    let [one, two, three, effect] = now;
    [one / v1, two / v2, three / v3, effect]
}

#[test]
fn every_model_and_sex_agrees_with_a_fine_integration() {
    let course = [(3.0, 40.0), (0.0, 65.0), (0.2, 300.0), (0.0, 200.0)];
    let mut worst = 0.0;
    for model in Population::ALL {
        for person in people() {
            let own = model.equations(&person);
            let mut now = Concentrations::default();
            for (rate, seconds) in course {
                // Whatever the length of the step.
                let parts = if seconds > 100.0 { 1.0 } else { seconds / 5.0 };
                let step = Propagator::new(&own, Seconds(seconds / parts));
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                for _ in 0..parts as u32 {
                    now = step.advance(now, MgPerSecond(rate));
                }
            }
            for (found, expected) in now.as_array().into_iter().zip(integrated(&own, &course)) {
                worst = max(worst, (found / expected - 1.0).abs());
            }
        }
    }
    assert!(worst < 1e-9, "{worst:e}");
}

#[track_caller]
fn near(found: [f64; 7], expected: [f64; 7], part: f64) {
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < part, "{found} for {expected}");
    }
}

fn figures(model: Population, person: &Person) -> [f64; 7] {
    let Compartments { volumes: [a, b, c], clearances: [d, e, f], effect_site } =
        model.fit(person).expect("within the limits");
    [a.0, b.0, c.0, d.0, e.0, f.0, effect_site.0]
}

#[test]
fn published_values_of_the_reference_people() {
    let (man, woman) =
        (person(Sex::Male, 35.0, 70.0, 170.0), person(Sex::Female, 35.0, 70.0, 170.0));
    // Eleveld 2018, printed; Q2 1.83 after the maturation term, women's V3 by fat-free mass.
    let eleveld = [6.28, 25.5, 273.0, 1.79, 1.83, 1.11, 0.146];
    near(figures(Population::Eleveld, &man), eleveld, 4e-3);
    let lean = 9_270.0 * 70.0 / (8_780.0 + 244.0 * 70.0 / 2.89);
    let lean = lean * (1.11 - 0.11 / (1.0 + homeostat_numeric::pow(35.0 / 7.1, -1.1)));
    let size = lean / (9_270.0 * 70.0 / (6_680.0 + 216.0 * 70.0 / 2.89));
    let q3 = 1.11 * homeostat_numeric::pow(size, 0.75);
    let eleveld = [6.28, 25.5, 273.0 * size, 2.10, 1.83, q3, 0.146];
    near(figures(Population::Eleveld, &woman), eleveld, 4e-3);
    // Schnider 1998 at its centre: 53 years, 77 kg, 177 cm; the man's lean mass is 60.5, the woman's 54.4.
    let centre = |sex| figures(Population::Schnider, &person(sex, 53.0, 77.0, 177.0));
    let lean_man = 1.1 * 77.0 - 128.0 * (77.0 / 177.0) * (77.0 / 177.0);
    let lean_woman = 1.07 * 77.0 - 148.0 * (77.0 / 177.0) * (77.0 / 177.0);
    let schnider =
        |lean: f64| [4.27, 18.9, 238.0, 1.89 - 0.0681 * (lean - 59.0), 1.29, 0.836, 0.456];
    near(centre(Sex::Male), schnider(lean_man), 1e-12);
    near(centre(Sex::Female), schnider(lean_woman), 1e-12);
    // Marsh 1991: 0.228, 0.463 and 2.893 L/kg.
    for (model, ke0) in [(Population::Marsh, 0.26), (Population::MarshModified, 1.2)] {
        let marsh = [15.96, 32.41, 202.5, 1.899, 1.788, 0.670, ke0];
        near(figures(model, &man), marsh, 4e-3);
        assert_eq!(figures(model, &man), figures(model, &woman));
    }
}

#[test]
fn opioids_lower_clearance_and_the_slow_volume_with_age() {
    let without = person(Sex::Male, 60.0, 70.0, 170.0);
    let with = Person { opioids: true, ..without };
    let (a, b) = (Population::Eleveld.equations(&without), Population::Eleveld.equations(&with));
    let part = |a: f64, b: f64| homeostat_numeric::ln(b / a) / 60.0;
    assert!((part(a.clearances[0].0, b.clearances[0].0) + 0.002_857_09).abs() < 1e-9);
    assert!((part(a.volumes[2].0, b.volumes[2].0) + 0.013_816_6).abs() < 1e-9);
    assert_eq!(a.volumes[0], b.volumes[0]);
}

#[test]
fn people_beyond_a_model_are_refused_by_the_name_of_the_limit() {
    let refused = |model: Population, person: &Person| model.fit(person).unwrap_err().limit;
    let normal = person(Sex::Male, 40.0, 70.0, 170.0);
    let young = Person { age: Years(20.0), ..normal };
    assert_eq!(refused(Population::Schnider, &young), Limit::Age);
    assert_eq!(
        refused(Population::Marsh, &Person { weight: Kilograms(29.9), ..normal }),
        Limit::Weight
    );
    let heavy = person(Sex::Female, 40.0, 110.0, 170.0);
    assert_eq!(refused(Population::Schnider, &heavy), Limit::BodyMassIndex);
    assert!(Population::Eleveld.fit(&heavy).is_ok());
    let unknown = Person { age: Years(f64::NAN), ..normal };
    for model in Population::ALL {
        assert_eq!(refused(model, &unknown), Limit::Age);
    }
}

proptest! {
    #[test]
    fn a_step_is_two_halves_and_conserves_sign(
        age in 18.0..88.0, weight in 40.0..140.0, height in 150.0..200.0, seconds in 0.5..600.0,
        rate in 0.0..3.4, start in 0.0..8.0,
    ) {
        for model in Population::ALL {
            let own = model.equations(&person(Sex::Female, age, weight, height));
            prop_assume!(own.is_possible());
            let now = Concentrations { plasma: start, fast: 0.5 * start, slow: 0.0, effect_site: start };
            let whole = Propagator::new(&own, Seconds(seconds)).advance(now, MgPerSecond(rate));
            let half = Propagator::new(&own, Seconds(seconds / 2.0));
            let twice = half.advance(half.advance(now, MgPerSecond(rate)), MgPerSecond(rate));
            for (a, b) in whole.as_array().into_iter().zip(twice.as_array()) {
                prop_assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{a} and {b}");
                prop_assert!(a >= -1e-15);
            }
        }
    }

    #[test]
    fn no_numbers_make_a_step_that_hangs_or_panics(
        numbers in prop::array::uniform7(prop::num::f64::ANY), length in prop::num::f64::ANY,
    ) {
        let [a, b, c, d, e, f, g] = numbers;
        let own = Compartments {
            volumes: [a, b, c].map(Litres),
            clearances: [d, e, f].map(LitresPerMinute),
            effect_site: PerMinute(g),
        };
        let _ = Propagator::new(&own, Seconds(length)).advance(Concentrations::default(), MgPerSecond(1.0));
    }
}
