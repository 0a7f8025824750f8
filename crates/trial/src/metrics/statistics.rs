//! Mean, spread and quantiles.

use homeostat_numeric::sqrt;
use serde::{Deserialize, Serialize};

use super::series::Series;
use super::units::{Glucose, Percent};

/// Mean, standard deviation and coefficient of variation of a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The weighted mean.
    pub mean: Glucose,
    /// The weighted standard deviation with the sample correction n / (n - 1); zero for one
    /// reading.
    pub standard_deviation: Glucose,
    /// The standard deviation as a share of the mean. Consensus target: at most 36 %.
    pub coefficient_of_variation: Percent,
}

impl Spread {
    /// The spread of a series; `None` when it is empty.
    #[must_use]
    pub fn of(series: &Series) -> Option<Self> {
        let count = series.samples().len() as f64;
        let (mut weights, mut sum) = (0.0, 0.0);
        for (weight, value) in series.weighted() {
            weights += weight;
            sum += weight * value;
        }
        if weights <= 0.0 {
            return None;
        }
        let mean = sum / weights;
        let mut squares = 0.0;
        for (weight, value) in series.weighted() {
            squares += weight * (value - mean) * (value - mean);
        }
        let correction = if count > 1.0 { count / (count - 1.0) } else { 0.0 };
        let standard_deviation = sqrt(squares / weights * correction);
        Some(Self {
            mean: Glucose::from_mg_dl(mean),
            standard_deviation: Glucose::from_mg_dl(standard_deviation),
            coefficient_of_variation: Percent::of(standard_deviation, mean),
        })
    }
}

/// The quantile of sorted values by linear interpolation between neighbours (the rule of numpy and
/// R's type 7); `share` is held between 0 and 1. `None` when there are no values.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = homeostat_numeric::clamp(share, 0.0, 1.0) * last as f64;
    let below = place.floor();
    let index = below as usize;
    let low = sorted.get(index).copied()?;
    let high = sorted.get(index + 1).copied().unwrap_or(low);
    Some(low + (high - low) * (place - below))
}
