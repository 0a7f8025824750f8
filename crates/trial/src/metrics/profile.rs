//! The ambulatory glucose profile: percentiles by time of day, and a cohort's by time of trial.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::statistics::quantile;
use super::units::{Glucose, Seconds};

/// Width of a bin of the day, in minutes.
pub const BIN_MINUTES: usize = 5;
const BINS: usize = 24 * 60 / BIN_MINUTES;
/// Bins on either side whose readings are pooled with a bin's own: a window of 35 minutes.
const POOL: usize = 3;
/// Weights of the smoothing of neighbouring percentiles.
const SMOOTHING: [f64; 5] = [1.0, 2.0, 3.0, 2.0, 1.0];
/// Fewer readings than this in a window give no percentile.
const FEWEST: usize = 5;
const SHARES: [f64; 5] = [0.05, 0.25, 0.50, 0.75, 0.95];

/// Percentiles of one time of day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileBin {
    /// Start of the bin, minutes after midnight.
    pub minute_of_day: usize,
    /// The 5th, 25th, 50th, 75th and 95th percentile; `None` where readings are too few.
    pub percentiles: Option<[Glucose; 5]>,
}

/// The ambulatory glucose profile in 288 bins of 5 minutes.
///
/// **The rule.** A bin's percentiles are those of all readings within its own and the three bins
/// on either side (35 minutes, around midnight too), by linear interpolation; they need at least
/// five readings. The five curves are then smoothed over five bins with weights 1-2-3-2-1, leaving
/// out bins without a value. Time of day is local wall time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DailyProfile {
    /// The bins, from midnight on.
    pub bins: Vec<ProfileBin>,
    /// How many readings went in.
    pub readings: usize,
}

impl DailyProfile {
    /// The profile of readings given as time after local midnight and glucose. Times wrap at 24 h.
    #[must_use]
    pub fn of(readings: impl IntoIterator<Item = (Seconds, Glucose)>) -> Self {
        let mut by_bin: Vec<Vec<f64>> = vec![Vec::new(); BINS];
        let mut count = 0;
        for (time_of_day, glucose) in readings {
            let minute = time_of_day.0.rem_euclid(86_400) / 60;
            if let Some(bin) = by_bin.get_mut(minute as usize / BIN_MINUTES) {
                bin.push(glucose.mg_dl());
                count += 1;
            }
        }
        let raw: Vec<Option<[f64; 5]>> = (0..BINS).map(|bin| pooled(&by_bin, bin)).collect();
        let bins = (0..BINS)
            .map(|bin| ProfileBin {
                minute_of_day: bin * BIN_MINUTES,
                percentiles: smoothed(&raw, bin).map(|values| values.map(Glucose::from_mg_dl)),
            })
            .collect();
        Self { bins, readings: count }
    }
}

fn pooled(by_bin: &[Vec<f64>], bin: usize) -> Option<[f64; 5]> {
    let mut values = Vec::new();
    for step in 0..=2 * POOL {
        values.extend_from_slice(&by_bin[(bin + BINS + step - POOL) % BINS]);
    }
    if values.len() < FEWEST { None } else { five_percentiles(values) }
}

fn five_percentiles(mut values: Vec<f64>) -> Option<[f64; 5]> {
    values.sort_unstable_by(f64::total_cmp);
    let mut found = [0.0; 5];
    for (slot, share) in found.iter_mut().zip(SHARES) {
        *slot = quantile(&values, share)?;
    }
    Some(found)
}

fn smoothed(raw: &[Option<[f64; 5]>], bin: usize) -> Option<[f64; 5]> {
    raw[bin]?;
    let (mut sums, mut weights) = ([0.0; 5], 0.0);
    let half = SMOOTHING.len() / 2;
    for (step, weight) in SMOOTHING.into_iter().enumerate() {
        if let Some(values) = raw[(bin + BINS + step - half) % BINS] {
            weights += weight;
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += weight * value;
            }
        }
    }
    Some(sums.map(|sum| sum / weights))
}

/// A cohort at one moment of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnvelopePoint {
    /// Start of the moment, counted from the start of the trial.
    pub at: Seconds,
    /// The 5th, 25th, 50th, 75th and 95th percentile over patients.
    pub percentiles: [Glucose; 5],
    /// The lowest and the highest patient.
    pub extremes: [Glucose; 2],
}

/// Percentiles over patients at each step of `step` seconds (at least 1) of a trial: every
/// patient's mean within the step counts once. Steps without readings are left out.
#[must_use]
pub fn cohort_envelope(traces: &[&[(Seconds, Glucose)]], step: Seconds) -> Vec<EnvelopePoint> {
    let step = step.0.max(1);
    let mut moments: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for trace in traces {
        let mut own: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        for (at, glucose) in *trace {
            let (sum, count) = own.entry(at.0.div_euclid(step)).or_insert((0.0, 0.0));
            *sum += glucose.mg_dl();
            *count += 1.0;
        }
        for (moment, (sum, count)) in own {
            moments.entry(moment).or_default().push(sum / count);
        }
    }
    let point = |(moment, values): (i64, Vec<f64>)| {
        let lowest = values.iter().copied().reduce(homeostat_numeric::min)?;
        let highest = values.iter().copied().reduce(homeostat_numeric::max)?;
        Some(EnvelopePoint {
            at: Seconds(moment * step),
            percentiles: five_percentiles(values)?.map(Glucose::from_mg_dl),
            extremes: [lowest, highest].map(Glucose::from_mg_dl),
        })
    };
    moments.into_iter().filter_map(point).collect()
}
