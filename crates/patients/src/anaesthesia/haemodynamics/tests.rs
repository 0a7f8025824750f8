use super::*;
use crate::anaesthesia::covariates::Sex;
use crate::anaesthesia::units::Centimetres;
use crate::random::Seed;
use crate::units::{Kilograms, Years};
use homeostat_numeric::{abs, pow};

fn person(age: f64) -> Covariates {
    Covariates::new(Years(age), Sex::Male, Centimetres(175.0), Kilograms(75.0)).unwrap()
}

fn circulation(age: f64) -> Circulation {
    Circulation::new(HaemodynamicFigures::typical(&person(age)))
}

#[test]
fn the_awake_person_stays_as_he_is() {
    let mut circulation = circulation(35.0);
    let awake = circulation.now();
    // 0.0163 * 82.2 * 1.0899 * 56.1 * 1.121
    assert!((awake.pressure.0 - 91.836_336).abs() < 1e-5, "{awake:?}");
    assert!((awake.heart_rate.0 - 62.888_1).abs() < 1e-9);
    assert!((awake.output.0 - 5.634_1).abs() < 1e-4);
    for _ in 0..7200 {
        circulation.advance_second(UgPerMl(0.0), NgPerMl(0.0));
    }
    assert!((circulation.now().pressure.0 - awake.pressure.0).abs() < 1e-9);
}

/// The steady state by bisection on the relative pressure, from the equations at rest.
fn at_rest(age: f64, cp: f64, cr: f64) -> (f64, f64) {
    let (sv0, hr0, tpr0) = (82.2, 56.1, 0.0163);
    let hill = |x: f64, half: f64, slope: f64| {
        if x > 0.0 { 1.0 / (1.0 + pow(half / x, slope)) } else { 0.0 }
    };
    let opioid = hill(cr, 4.59, 1.0);
    let emax = -0.154 * exp(0.0333 * (age - 35.0));
    let pressure0 = tpr0 * sv0 * 1.0899 * hr0 * 1.121;
    let of = |relative: f64| {
        let feedback = pow(relative, -0.661);
        let tpr =
            tpr0 * feedback * (1.0 + (-0.778 + opioid) * hill(cp, 3.21, 1.83)) / (1.0 + opioid);
        let rate = hr0 * feedback / (1.0 - (0.0327 - 0.119 * hill(cp, 0.196, 1.0)) * cr);
        let stroke = sv0 * feedback * (1.0 + emax * hill(cp, 0.44, 1.0))
            / (1.0 - (0.0581 - 0.212 * hill(cp, 0.44, 1.0)) * cr)
            * (1.0 - 0.312 * ln(rate / (hr0 * 1.121)));
        (tpr * stroke * rate, rate)
    };
    let (mut low, mut high) = (0.05, 3.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if of(middle).0 / pressure0 > middle { low = middle } else { high = middle }
    }
    of(low)
}

#[test]
fn concentrations_that_stay_lead_to_the_state_at_rest() {
    for (age, cp, cr) in
        [(35.0, 0.0, 0.1), (35.0, 1.1, 0.0), (35.0, 3.0, 4.0), (70.0, 3.0, 2.0), (20.0, 6.0, 8.0)]
    {
        let mut circulation = circulation(age);
        for _ in 0..40_000 {
            circulation.advance_second(UgPerMl(cp), NgPerMl(cr));
        }
        let (pressure, rate) = at_rest(age, cp, cr);
        let found = circulation.now();
        assert!(
            abs(found.pressure.0 - pressure) < 1e-6,
            "{found:?} against {pressure} at {cp} {cr}"
        );
        assert!(abs(found.heart_rate.0 - rate) < 1e-6, "{found:?} against {rate}");
    }
}

#[test]
fn effects_go_the_way_that_is_known() {
    let pressure = |age: f64, cp, cr| at_rest(age, cp, cr).0;
    assert!(pressure(35.0, 3.0, 0.0) < 0.85 * pressure(35.0, 0.0, 0.0));
    assert!(pressure(35.0, 3.0, 4.0) < 0.80 * pressure(35.0, 3.0, 0.0));
    assert!(pressure(75.0, 3.0, 0.0) < 0.90 * pressure(35.0, 3.0, 0.0));
    // Remifentanil slows the heart of somebody asleep.
    assert!(at_rest(35.0, 3.0, 4.0).1 < 0.92 * at_rest(35.0, 3.0, 0.0).1);
}

/// Of tension, per second.
const DECAY: f64 = 0.067 / 60.0;

/// The same equations by the classical Runge-Kutta method in tenths of a second.
fn finely(figures: HaemodynamicFigures, course: impl Fn(f64) -> (f64, f64), seconds: u32) -> f64 {
    let fine = Circulation::new(figures);
    let slope = |state: [f64; 3], time: f64| {
        let (cp, cr) = course(time);
        fine.slope(state, exp(-DECAY * time), UgPerMl(cp), NgPerMl(cr))
    };
    let ahead = |state: [f64; 3], slope: [f64; 3], by: f64| {
        [0, 1, 2].map(|place| state[place] + by * slope[place])
    };
    let (mut state, h) = (fine.state, 0.1);
    for step in 0..seconds * 10 {
        let time = f64::from(step) * h;
        let k1 = slope(state, time);
        let k2 = slope(ahead(state, k1, h / 2.0), time + h / 2.0);
        let k3 = slope(ahead(state, k2, h / 2.0), time + h / 2.0);
        let k4 = slope(ahead(state, k3, h), time + h);
        for (place, value) in state.iter_mut().enumerate() {
            *value += h / 6.0 * (k1[place] + 2.0 * (k2[place] + k3[place]) + k4[place]);
        }
    }
    let mut end = fine.clone();
    end.state = state;
    end.tension = exp(-DECAY * f64::from(seconds));
    end.now().pressure.0
}

#[test]
fn sim_02_one_evaluation_a_second_is_exact_to_five_thousandths() {
    // An induction and its redistribution: up within a minute, down over ten.
    let course = |time: f64| {
        let rising = 1.0 - exp(-time / 25.0);
        (2.5 * rising + 6.0 * rising * exp(-time / 180.0), 3.0 * rising)
    };
    for age in [25.0, 80.0] {
        let figures = HaemodynamicFigures::typical(&person(age));
        let mut largest = 0.0;
        for seconds in [30, 60, 300, 900, 3600] {
            let mut circulation = Circulation::new(figures);
            circulation.asleep = true;
            for second in 0..seconds {
                let (cp, cr) = course(f64::from(second) + 0.5);
                circulation.advance_second(UgPerMl(cp), NgPerMl(cr));
            }
            let found = circulation.now().pressure.0;
            let expected = finely(figures, course, seconds);
            largest = max(largest, abs(found - expected));
        }
        println!("largest difference {largest:e} mmHg at {age} years");
        assert!(largest < 0.005, "{largest}");
    }
}

#[test]
fn the_tension_decays_as_published() {
    assert!(abs(TENSION_LEFT_AFTER_HALF_A_SECOND - exp(-DECAY / 2.0)) < 2e-16);
}

#[test]
fn sim_04_drawn_people_vary_as_published() {
    const PEOPLE: u32 = 20_000;
    let mut stream = Seed(5).stream("everyone", "circulation");
    let typical = HaemodynamicFigures::typical(&person(35.0));
    let mut sums = [0.0; 9];
    for _ in 0..PEOPLE {
        let drawn = HaemodynamicFigures::drawn(&person(35.0), &mut stream);
        let sv = ln(drawn.stroke_volume.0 / typical.stroke_volume.0);
        let tpr = ln(drawn.resistance / typical.resistance);
        let hr = ln(drawn.heart_rate.0 / typical.heart_rate.0);
        let half = ln(drawn.resistance_half.0 / typical.resistance_half.0);
        let effect = drawn.remifentanil_resistance + 1.0;
        let rate = drawn.remifentanil_heart_rate - 0.0327;
        let stroke = drawn.remifentanil_stroke_volume - 0.0581;
        let products = [
            sv * sv,
            tpr * tpr,
            hr * hr,
            sv * tpr,
            tpr * hr,
            half * half,
            effect * effect,
            rate * stroke,
            stroke * stroke,
        ];
        for (sum, product) in sums.iter_mut().zip(products) {
            *sum += product / f64::from(PEOPLE);
        }
    }
    let expected = [0.0328, 0.0528, 0.0242, -0.0244, -0.0233, 0.44, 0.449, 0.003_29, 0.008_68];
    for (found, expected) in sums.into_iter().zip(expected) {
        assert!(abs(found / expected - 1.0) < 0.05, "{found} against {expected}");
    }
}

#[test]
fn absurd_concentrations_give_finite_pressure() {
    for (cp, cr) in [(1e6, 0.0), (0.0, 1e6), (1e6, 1e6), (0.0, 30.0), (1e-300, 25.0)] {
        let mut circulation = circulation(35.0);
        for _ in 0..10_000 {
            circulation.advance_second(UgPerMl(cp), NgPerMl(cr));
            let now = circulation.now();
            assert!(now.pressure.0.is_finite() && now.pressure.0 > 0.0, "{now:?} at {cp} {cr}");
        }
    }
}
