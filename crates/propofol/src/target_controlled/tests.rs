use super::*;
use crate::algorithm::{Person, Sex};
use crate::kinetics::Population;
use crate::units::{Centimetres, Kilograms, Years};

const MOST: MgPerSecond = MgPerSecond(10.0 / 3.0);

fn man() -> Compartments {
    Population::Eleveld.equations(&Person {
        age: Years(40.0),
        weight: Kilograms(70.0),
        height: Centimetres(170.0),
        sex: Sex::Male,
        opioids: false,
    })
}

/// Time to 95 % of the target, highest concentration, and the last one, of 20 minutes.
fn course(own: &Compartments, target: f64, period: f64) -> (f64, f64, f64) {
    let outlook = Outlook::new(own, Seconds(period));
    let mut now = Concentrations::default();
    let (mut time, mut reached, mut peak) = (0.0, 0.0, 0.0);
    while time < 1_200.0 {
        let rate = outlook.rate_to(&now, UgPerMl(target), MOST);
        now = outlook.advance(now, rate);
        time += period;
        peak = max(peak, now.effect_site);
        if reached == 0.0 && now.effect_site >= 0.95 * target {
            reached = time;
        }
    }
    (reached, peak, now.effect_site)
}

#[test]
fn target_is_reached_as_fast_as_the_reference_and_not_passed() {
    for period in [1.0, 2.0, 5.0, 10.0] {
        let (reached, peak, last) = course(&man(), 4.0, period);
        assert!((150.0..=170.0).contains(&reached), "{reached} s at {period} s");
        assert!(peak <= 4.0 * 1.01, "{peak} at {period} s");
        assert!((last - 4.0).abs() < 0.02, "{last} at {period} s");
    }
}

#[test]
fn no_model_passes_its_target() {
    let person = Person {
        age: Years(70.0),
        weight: Kilograms(55.0),
        height: Centimetres(160.0),
        sex: Sex::Female,
        opioids: true,
    };
    for model in Population::ALL {
        let (_, peak, last) = course(&model.equations(&person), 3.0, 5.0);
        assert!(peak <= 3.03 && last > 2.95, "{model:?} {peak} {last}");
    }
}

#[test]
fn a_lower_target_stops_until_it_is_met() {
    let outlook = Outlook::new(&man(), Seconds(5.0));
    let mut now = Concentrations::default();
    for _ in 0..120 {
        now = outlook.advance(now, outlook.rate_to(&now, UgPerMl(4.0), MOST));
    }
    let mut within = 0.0;
    for cycle in 1..=240 {
        let rate = outlook.rate_to(&now, UgPerMl(2.5), MOST);
        assert!(now.effect_site < 2.75 || rate.0 == 0.0);
        now = outlook.advance(now, rate);
        if within == 0.0 && now.effect_site < 2.5 * 1.05 {
            within = 5.0 * f64::from(cycle);
        }
        assert!(now.effect_site > 2.49);
    }
    assert!((300.0..500.0).contains(&within), "{within} s");
}

#[test]
fn rates_stay_within_their_range_whatever_is_asked() {
    let outlook = Outlook::new(&man(), Seconds(5.0));
    let now = Concentrations { plasma: 5.0, effect_site: 2.0, ..Concentrations::default() };
    for target in [-1.0, 0.0, 2.0, 1e9, f64::INFINITY] {
        let rate = outlook.rate_to(&now, UgPerMl(target), MOST);
        assert!((0.0..=MOST.0).contains(&rate.0), "{target}: {rate}");
    }
    assert_eq!(outlook.rate_to(&now, UgPerMl(2.0), MOST).0, 0.0);
}

#[test]
fn what_is_given_beyond_the_far_ceiling_leaves_in_time() {
    let outlook = Outlook::new(&man(), Seconds(5.0));
    let mut now = Concentrations::default();
    for _ in 0..360 {
        now = outlook.advance(now, outlook.rate_to(&now, UgPerMl(3.0), MOST));
    }
    let recall = Seconds(180.0);
    let ceiling = Ceiling { near: UgPerMl(4.0), far: UgPerMl(2.9), recall };
    let mut peak = 0.0;
    for _ in 0..60 {
        let rate = outlook.rate_under(&now, &ceiling, MOST);
        now = outlook.advance(now, rate);
        peak = max(peak, now.effect_site);
    }
    assert!(peak > 3.0 && peak < 4.0, "{peak}");
    for _ in 0..37 {
        now = outlook.advance(now, MgPerSecond(0.0));
    }
    assert!(now.effect_site < 2.92, "{}", now.effect_site);
}
