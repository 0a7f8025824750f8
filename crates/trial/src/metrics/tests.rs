use proptest::prelude::*;

use super::*;

mod golden;
mod laws;
mod real;

/// Evenly spaced readings, five minutes apart.
fn series(values: &[f64]) -> Series {
    timed(values.iter().enumerate().map(|(index, value)| (5 * index as i64, *value)))
}

/// Readings at given minutes.
fn timed(readings: impl IntoIterator<Item = (i64, f64)>) -> Series {
    let samples = readings
        .into_iter()
        .map(|(minute, value)| Sample {
            at: Seconds::from_minutes(minute),
            glucose: Glucose::from_mg_dl(value),
        })
        .collect();
    Series::new(samples, Weighting::Time).expect("rising times")
}

fn close(left: f64, right: f64, tolerance: f64) {
    assert!((left - right).abs() <= tolerance, "{left} is not within {tolerance} of {right}");
}
