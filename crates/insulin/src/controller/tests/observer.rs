use super::super::design_model::{Insulin, Model};
use super::super::observer::Observer;
use crate::profile::PredictiveParameters;

const P: PredictiveParameters = PredictiveParameters::REFERENCE;

fn run(readings: impl IntoIterator<Item = Option<f64>>) -> Observer {
    let model = Model::new(&P, 70.0, 0.015);
    let insulin = Insulin::steady(model.basal, model.insulin);
    let mut observer = Observer::START;
    for reading in readings {
        for _ in 0..5 {
            observer.minute(&model, insulin);
        }
        observer.cycle(reading, &P);
    }
    observer
}

fn level(values: &[f64]) -> std::vec::Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

#[test]
fn a_constant_reading_is_believed_and_nothing_is_coming() {
    let observer = run([Some(120.0); 100]);
    assert!((observer.estimate.level - 120.0).abs() < 0.5);
    assert!(observer.coming().abs() < 2.0);
    assert!(observer.settled());
}

#[test]
fn a_rise_is_a_meal_that_is_still_coming() {
    let mut readings = [120.0; 40];
    for (value, minute) in readings.iter_mut().skip(36).zip([2.0, 8.0, 18.0, 30.0]) {
        *value += minute;
    }
    let observer = run(level(&readings));
    assert!(observer.coming() > 40.0, "coming {}", observer.coming());
}

#[test]
fn sen_13_no_trend_is_used_across_a_gap() {
    let before = [Some(120.0); 40];
    let gap = [None; 6];
    let after = [Some(180.0); 1];
    let observer = run(before.into_iter().chain(gap).chain(after));
    assert!((observer.estimate.level - 180.0).abs() < 1.0);
    assert!(observer.coming().abs() < 1.0, "the step across the gap is no meal");
    assert!(!observer.settled());
}

#[test]
fn f_s05_a_fall_that_no_body_makes_is_disbelieved_but_not_for_ever() {
    let before = [Some(130.0); 40];
    let short = run(before.into_iter().chain([Some(80.0); 4]));
    assert!(short.doubts() && short.estimate.level > 115.0, "{}", short.estimate.level);
    let returned = run(before.into_iter().chain([Some(80.0); 4]).chain([Some(130.0); 4]));
    assert!(!returned.doubts());
    assert!(returned.coming() < 20.0, "the return is no meal: {}", returned.coming());
    let long = run(before.into_iter().chain([Some(80.0); 12]));
    assert!(long.estimate.level < 85.0, "in the end it is glucose");
}

#[test]
fn noise_is_told_from_glucose() {
    // White noise of 10 mg/dL has a larger third difference than the sensor's correlated noise.
    let mut word = 7_u64;
    let mut noise = || {
        let mut sum = 0.0;
        for _ in 0..12 {
            word = word
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            sum += f64::from(u32::try_from(word >> 40).unwrap()) / f64::from(1_u32 << 24);
        }
        (sum - 6.0) * 10.0
    };
    let noisy = run((0..600).map(|_| Some(150.0 + noise())));
    let spread = noisy.spread(&P);
    assert!((10.0..30.0).contains(&spread), "spread {spread}");
    // A swing of 100 mg/dL over four hours is glucose.
    let swing = |cycle: u32| 180.0 + 100.0 * homeostat_numeric::sin(f64::from(cycle) * 0.1309);
    let smooth = run((0..600).map(|cycle| Some(swing(cycle))));
    assert!(smooth.spread(&P) < 4.0, "spread {}", smooth.spread(&P));
}

#[test]
fn the_covariance_is_that_of_the_dense_recursion() {
    let model = Model::new(&P, 70.0, 0.015);
    let insulin = Insulin::steady(model.basal, model.insulin);
    // With an unbelievably noisy sensor nothing is learned, so the gain of one step after n cycles
    // is P H' / (H P H' + R) of the dense recursion.
    let (a, c) = (1.0 - 1.0 / P.return_time, 1.0 / P.appearance);
    let f = [[a, 0.0, c], [0.0, 1.0 - c, 0.0], [0.0, c, 1.0 - c]];
    let mut dense = [[25.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let product = |x: [[f64; 3]; 3], y: [[f64; 3]; 3]| {
        let mut out = [[0.0; 3]; 3];
        for (i, row) in out.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate() {
                *cell = (0..3).map(|k| x[i][k] * y[k][j]).sum();
            }
        }
        out
    };
    let transposed = [[a, 0.0, 0.0], [0.0, 1.0 - c, c], [c, 0.0, 1.0 - c]];
    let mut observer = run([Some(120.0)]);
    for _ in 0..5 {
        observer.minute(&model, insulin);
        dense = product(product(f, dense), transposed);
    }
    dense[0][0] += P.model_variance;
    dense[1][1] += P.meal_spread * P.meal_spread;
    let expected = observer.estimate;
    let surprise = 10.0;
    observer.cycle(Some(expected.level + surprise), &P);
    // The noise of one reading is not known yet: its starting value counts.
    let spread = 6.0 / 1.44 - P.noise_free;
    let total = dense[0][0] + P.reading_variance + P.noise_gain * P.noise_gain * spread * spread;
    let learned = observer.estimate;
    for (found, row) in [
        (learned.level - expected.level, dense[0]),
        (learned.begun - expected.begun, dense[1]),
        (learned.appearing - expected.appearing, dense[2]),
    ] {
        let gain = row[0] / total * surprise;
        assert!((found - gain).abs() < 1e-9, "{found} {gain}");
    }
}
