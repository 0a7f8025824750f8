//! How far glucose swings: MAGE, MODD and the J-index.

use super::series::Series;
use super::statistics::Spread;
use super::units::{Glucose, Seconds};

/// A gap longer than this ends an excursion: what happened inside it is not known.
const LONGEST_GAP: Seconds = Seconds::from_minutes(180);
const DAY: i64 = 86_400;

/// The mean amplitude of glycaemic excursions, after Service (Diabetes 19:644, 1970).
///
/// Algorithm: within each run without a gap of more than three hours, the turning points are the
/// extremes from which glucose then moves back by more than one standard deviation of the whole
/// series, together with the extreme reached at either end of the run. Every step between
/// neighbouring turning points is an excursion (above one standard deviation by construction). The
/// result is the average of the mean rise and the mean fall, or the one that exists. No smoothing.
/// `None` when there is no excursion.
#[must_use]
pub fn mean_amplitude_of_excursions(series: &Series) -> Option<Glucose> {
    let threshold = Spread::of(series)?.standard_deviation.mg_dl();
    let (mut rises, mut falls) = (Mean::default(), Mean::default());
    for run in series.runs(LONGEST_GAP) {
        let values = series.samples()[run].iter().map(|sample| sample.glucose.mg_dl());
        for pair in turning_points(values, threshold).windows(2) {
            let step = pair[1] - pair[0];
            if step > 0.0 {
                rises.add(step);
            } else {
                falls.add(-step);
            }
        }
    }
    let amplitude = match (rises.get(), falls.get()) {
        (Some(rise), Some(fall)) => (rise + fall) / 2.0,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return None,
    };
    Some(Glucose::from_mg_dl(amplitude))
}

#[derive(Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn get(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

enum Heading {
    Unknown { lowest: f64, highest: f64 },
    Up { peak: f64 },
    Down { nadir: f64 },
}

/// The alternating extremes of which each is left by more than `threshold`.
fn turning_points(mut values: impl Iterator<Item = f64>, threshold: f64) -> Vec<f64> {
    let mut points = Vec::new();
    let Some(first) = values.next() else { return points };
    let mut heading = Heading::Unknown { lowest: first, highest: first };
    for value in values {
        heading = match heading {
            Heading::Unknown { lowest, .. } if value - lowest > threshold => {
                points.push(lowest);
                Heading::Up { peak: value }
            }
            Heading::Unknown { highest, .. } if highest - value > threshold => {
                points.push(highest);
                Heading::Down { nadir: value }
            }
            Heading::Unknown { lowest, highest } => Heading::Unknown {
                lowest: homeostat_numeric::min(lowest, value),
                highest: homeostat_numeric::max(highest, value),
            },
            Heading::Up { peak } if value >= peak => Heading::Up { peak: value },
            Heading::Up { peak } if peak - value > threshold => {
                points.push(peak);
                Heading::Down { nadir: value }
            }
            Heading::Down { nadir } if value <= nadir => Heading::Down { nadir: value },
            Heading::Down { nadir } if value - nadir > threshold => {
                points.push(nadir);
                Heading::Up { peak: value }
            }
            unchanged => unchanged,
        };
    }
    match heading {
        Heading::Up { peak: last } | Heading::Down { nadir: last } => points.push(last),
        Heading::Unknown { .. } => {}
    }
    points
}

/// The mean of daily differences (Molnar 1972): the mean distance of readings 24 hours apart.
/// A reading's partner is the nearest one to a day later, at most half the usual spacing away.
/// `None` when no reading has a partner.
#[must_use]
pub fn mean_of_daily_differences(series: &Series) -> Option<Glucose> {
    let samples = series.samples();
    let tolerance = series.usual_spacing().0 / 2;
    let mut differences = Mean::default();
    let mut candidate = 0;
    for sample in samples {
        let wanted = sample.at.0.saturating_add(DAY);
        let distance = |index: usize| samples.get(index).map(|s| (s.at.0 - wanted).abs());
        while let (Some(here), Some(next)) = (distance(candidate), distance(candidate + 1)) {
            if next > here {
                break;
            }
            candidate += 1;
        }
        if let Some(partner) = samples.get(candidate)
            && (partner.at.0 - wanted).abs() <= tolerance
        {
            differences.add((partner.glucose.mg_dl() - sample.glucose.mg_dl()).abs());
        }
    }
    differences.get().map(Glucose::from_mg_dl)
}

/// The J-index of Wojcicki (1995): 0.001 x (mean + standard deviation)^2, both in mg/dL.
#[must_use]
pub fn j_index(spread: &Spread) -> f64 {
    let sum = spread.mean.mg_dl() + spread.standard_deviation.mg_dl();
    0.001 * sum * sum
}
