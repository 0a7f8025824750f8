use super::*;
use crate::anaesthesia::covariates::{Covariates, Sex};
use crate::anaesthesia::propofol::PropofolModel;
use crate::anaesthesia::remifentanil::RemifentanilModel;
use crate::anaesthesia::units::Centimetres;
use crate::anaesthesia::validity::Limits;
use crate::units::{Kilograms, Years};
use proptest::prelude::*;

/// A fast start, maintenance, a pause, a slower rate: seconds and the rate until then.
const COURSE: [(u32, f64); 5] = [(30, 3.33), (45, 0.0), (1500, 0.25), (2400, 0.0), (3600, 0.117)];

fn rate_at(second: u32) -> f64 {
    COURSE.iter().find(|(until, _)| second < *until).map_or(0.0, |(_, rate)| *rate)
}

fn people() -> Vec<(String, Compartments)> {
    let mut all = Vec::new();
    for (sex, height, weight) in [(Sex::Female, 163.0, 58.0), (Sex::Male, 180.0, 84.0)] {
        let person =
            Covariates::new(Years(47.0), sex, Centimetres(height), Kilograms(weight)).unwrap();
        for model in PropofolModel::ALL {
            let fitted = model.fit(&person, Limits::Keep).unwrap();
            all.push((format!("{model:?} {sex:?}"), fitted.compartments));
        }
        for model in RemifentanilModel::ALL {
            let fitted = model.fit(&person, Limits::Keep).unwrap();
            all.push((format!("remifentanil {model:?} {sex:?}"), fitted.compartments));
        }
    }
    all
}

/// The amounts' own equations (not the concentrations'), by the classical Runge-Kutta method in steps
/// of 1/40 s, whose error is far below the bound.
fn slope(c: &Compartments, x: &[f64; 4], rate: f64) -> [f64; 4] {
    let [v1, v2, v3] = c.volumes.map(|volume| volume.0);
    let [cl, q2, q3] = c.clearances.map(|clearance| clearance.0);
    let (k10, k12, k13, k21, k31) = (cl / v1, q2 / v1, q3 / v1, q2 / v2, q3 / v3);
    let ke0 = c.effect_site.0;
    let [a1, a2, a3, ae] = *x;
    [
        (k21 * a2 + k31 * a3 - (k10 + k12 + k13) * a1) / 60.0 + rate,
        (k12 * a1 - k21 * a2) / 60.0,
        (k13 * a1 - k31 * a3) / 60.0,
        ke0 * (a1 - ae) / 60.0,
    ]
}

fn small_steps(c: &Compartments, mut x: [f64; 4], rate: f64) -> [f64; 4] {
    const STEPS: u32 = 40;
    let h = 1.0 / f64::from(STEPS);
    let ahead = |x: &[f64; 4], k: &[f64; 4], by: f64| {
        let mut there = *x;
        for (value, slope) in there.iter_mut().zip(k) {
            *value += by * slope;
        }
        there
    };
    for _ in 0..STEPS {
        let k1 = slope(c, &x, rate);
        let k2 = slope(c, &ahead(&x, &k1, h / 2.0), rate);
        let k3 = slope(c, &ahead(&x, &k2, h / 2.0), rate);
        let k4 = slope(c, &ahead(&x, &k3, h), rate);
        for (place, value) in x.iter_mut().enumerate() {
            *value += h / 6.0 * (k1[place] + 2.0 * (k2[place] + k3[place]) + k4[place]);
        }
    }
    x
}

fn relative(found: f64, expected: f64) -> f64 {
    homeostat_numeric::abs(found / expected - 1.0)
}

#[test]
fn sim_02_every_model_and_sex_agrees_with_an_independent_integration() {
    let people = people();
    assert_eq!(people.len(), 20);
    let mut largest = 0.0;
    for (name, c) in people {
        let propagator = Propagator::new(&c, Seconds(1.0));
        let (mut exact, mut amounts) = (Concentrations::default(), [0.0; 4]);
        for second in 0..3600 {
            exact = propagator.advance(exact, rate_at(second));
            amounts = small_steps(&c, amounts, rate_at(second));
            if second % 20 != 19 {
                continue;
            }
            let [v1, v2, v3] = c.volumes.map(|volume| volume.0);
            let [a1, a2, a3, ae] = amounts;
            let pairs = [
                (exact.plasma, a1 / v1),
                (exact.peripheral[0], a2 / v2),
                (exact.peripheral[1], a3 / v3),
                (exact.effect_site, ae / v1),
            ];
            for (found, expected) in pairs {
                let error = relative(found, expected);
                assert!(error < 1e-10, "{name}, second {second}: {found} against {expected}");
                largest = max(largest, error);
            }
        }
    }
    println!("largest relative difference {largest:e}");
}

/// The roots of the characteristic polynomial of the three compartments, by bisection between the
/// poles k21 and k31, which separate them.
fn closed_form(c: &Compartments, rate_per_minute: f64, minutes: f64) -> f64 {
    let [v1, v2, v3] = c.volumes.map(|volume| volume.0);
    let [cl, q2, q3] = c.clearances.map(|clearance| clearance.0);
    let (k21, k31) = (q2 / v2, q3 / v3);
    let total = (cl + q2 + q3) / v1;
    let polynomial = |x: f64| {
        (total - x) * (k21 - x) * (k31 - x) - q2 / v1 * k21 * (k31 - x) - q3 / v1 * k31 * (k21 - x)
    };
    let (low, high) = if k21 < k31 { (k21, k31) } else { (k31, k21) };
    let root = |mut a: f64, mut b: f64| {
        let rising = polynomial(a) < 0.0;
        for _ in 0..200 {
            let middle = 0.5 * (a + b);
            if (polynomial(middle) < 0.0) == rising { a = middle } else { b = middle }
        }
        0.5 * (a + b)
    };
    let roots = [root(0.0, low), root(low, high), root(high, 10.0 * total + high)];
    let mut sum = 0.0;
    for (place, l) in roots.into_iter().enumerate() {
        let mut others = 1.0;
        for (other, x) in roots.into_iter().enumerate() {
            if other != place {
                others *= x - l;
            }
        }
        let share = (k21 - l) * (k31 - l) / others;
        sum += share / l * -homeostat_numeric::exp_m1(-l * minutes);
    }
    rate_per_minute / v1 * sum
}

#[test]
fn sim_02_one_long_step_is_the_three_exponentials() {
    for (name, c) in people() {
        for minutes in [0.05, 1.0, 17.0, 240.0, 6000.0, 200_000.0] {
            let propagator = Propagator::new(&c, Seconds(60.0 * minutes));
            let found = propagator.advance(Concentrations::default(), 0.2).plasma;
            let expected = closed_form(&c, 12.0, minutes);
            let error = relative(found, expected);
            assert!(error < 1e-9, "{name}, {minutes} min: {found} against {expected}, {error:e}");
        }
    }
}

#[test]
fn an_infusion_settles_where_clearance_says() {
    for (name, c) in people() {
        let propagator = Propagator::new(&c, Seconds(1e9));
        let settled = propagator.advance(Concentrations::default(), 0.2);
        let expected = 12.0 * c.steady_state_per_rate();
        let all =
            [settled.plasma, settled.peripheral[0], settled.peripheral[1], settled.effect_site];
        for found in all {
            assert!(relative(found, expected) < 1e-6, "{name}: {found} against {expected}");
        }
    }
}

#[test]
fn a_step_of_no_length_changes_nothing() {
    let (_, c) = people().swap_remove(0);
    let now = Concentrations { plasma: 3.0, peripheral: [2.0, 1.0], effect_site: 2.5 };
    for length in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Propagator::new(&c, Seconds(length)).advance(now, 0.1), now);
    }
}

#[test]
fn impossible_figures_are_named() {
    let (_, c) = people().swap_remove(0);
    assert_eq!(c.impossible(), None);
    let mut one = c;
    one.clearances[1] = LitresPerMinute(0.0);
    one.clearances[2] = LitresPerMinute(0.0);
    assert_eq!(one.impossible(), None);
    let mut none = c;
    none.clearances[0] = LitresPerMinute(0.0);
    assert_eq!(none.impossible().as_deref(), Some("clearance would be 0 L/min"));
    let mut unknown = c;
    unknown.volumes[0] = Litres(f64::NAN);
    assert_eq!(unknown.impossible().as_deref(), Some("V1 would be NaN L"));
}

fn anyone() -> impl Strategy<Value = Compartments> {
    (
        [0.2..60.0_f64, 0.5..300.0, 0.5..900.0],
        [0.005..6.0_f64, 0.005..6.0, 0.0..4.0],
        0.01..10.0_f64,
    )
        .prop_map(|(volumes, clearances, effect_site)| Compartments {
            volumes: volumes.map(Litres),
            clearances: clearances.map(LitresPerMinute),
            effect_site: PerMinute(effect_site),
        })
}

fn anything() -> impl Strategy<Value = Concentrations> {
    [0.0..20.0, 0.0..20.0, 0.0..20.0, 0.0..20.0].prop_map(|[plasma, fast, slow, effect_site]| {
        Concentrations { plasma, peripheral: [fast, slow], effect_site }
    })
}

fn list(c: Concentrations) -> [f64; 4] {
    [c.plasma, c.peripheral[0], c.peripheral[1], c.effect_site]
}

fn amount(c: &Compartments, x: Concentrations) -> f64 {
    let [v1, v2, v3] = c.volumes.map(|volume| volume.0);
    v1 * x.plasma + v2 * x.peripheral[0] + v3 * x.peripheral[1]
}

proptest! {
    #[test]
    fn steps_of_any_size_add_up(
        c in anyone(), start in anything(), rate in 0.0..4.0, parts in 2_u32..50, length in 0.1..900.0,
    ) {
        let whole = Propagator::new(&c, Seconds(length)).advance(start, rate);
        let part = Propagator::new(&c, Seconds(length / f64::from(parts)));
        let mut many = start;
        for _ in 0..parts {
            many = part.advance(many, rate);
        }
        for (one, many) in list(whole).into_iter().zip(list(many)) {
            prop_assert!((one - many).abs() <= 1e-12 * one + 1e-300, "{one} against {many}");
        }
    }

    #[test]
    fn nothing_is_negative_and_more_drug_is_more_everywhere(
        c in anyone(), start in anything(), rate in 0.0..4.0, more in 0.0..2.0, length in 0.0..7200.0,
    ) {
        let propagator = Propagator::new(&c, Seconds(length));
        let (one, two) = (propagator.advance(start, rate), propagator.advance(start, rate + more));
        for (one, two) in list(one).into_iter().zip(list(two)) {
            prop_assert!(one >= 0.0 && one.is_finite(), "{one}");
            prop_assert!(two >= one, "{two} below {one}");
        }
    }

    #[test]
    fn what_is_given_stays_or_is_cleared(
        c in anyone(), start in anything(), rate in 0.0..4.0, seconds in 1_u32..120,
    ) {
        // Elimination is clearance times the area under the plasma concentration, which Simpson's rule
        // takes from three points a step.
        let half = Propagator::new(&c, Seconds(0.05));
        let (mut now, mut cleared) = (start, 0.0);
        for _ in 0..seconds * 10 {
            let middle = half.advance(now, rate);
            let next = half.advance(middle, rate);
            cleared += 0.1 / 6.0 * (now.plasma + 4.0 * middle.plasma + next.plasma)
                * c.clearances[0].0 / 60.0;
            now = next;
        }
        let given = amount(&c, start) + rate * f64::from(seconds);
        let found = amount(&c, now) + cleared;
        prop_assert!((found - given).abs() < 1e-7 * given + 1e-9, "{found} against {given}");
    }

    #[test]
    fn concentration_lies_between_what_pushes_and_what_pulls(
        c in anyone(), start in anything(), length in 0.0..3600.0,
    ) {
        // Without infusion nothing exceeds the highest concentration that there was.
        let after = Propagator::new(&c, Seconds(length)).advance(start, 0.0);
        let highest = list(start).into_iter().fold(0.0, max);
        for value in list(after) {
            prop_assert!(value <= highest * (1.0 + 1e-12), "{value} above {highest}");
        }
    }
}
