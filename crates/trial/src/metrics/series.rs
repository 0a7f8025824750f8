//! A glucose trace in time order, and how much time each reading stands for.
//!
//! **The rule.** A reading stands from its own time until the next reading, but never longer than
//! the *usual spacing* of its series: the median distance of neighbouring readings, held between
//! 1 and 15 minutes. The last reading stands for the usual spacing. So evenly spaced data give the
//! consensus' "per cent of readings", crowded readings (a scan beside a stored value) do not count
//! twice, and a gap counts for nobody: it lowers [`Series::active`] and nothing else.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::units::{Glucose, Percent, Seconds};

const SHORTEST_USUAL_SPACING: i64 = 60;
const LONGEST_USUAL_SPACING: i64 = 900;
const USUAL_SPACING_OF_ONE_READING: i64 = 300;

/// One reading of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When, counted from any fixed start.
    pub at: Seconds,
    /// What was read or simulated; finite and above zero.
    pub glucose: Glucose,
}

/// How readings are weighed in means and shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Weighting {
    /// By the time a reading stands for (the module's rule).
    #[default]
    Time,
    /// Every reading alike, as most programs do; for comparison with them.
    EachReading,
}

/// Why samples do not make a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SeriesError {
    /// The time of a sample is not after the one before it.
    #[error("sample {index} is not later than the one before; sort the samples, one a time")]
    NotLater {
        /// Position of the sample, from 0.
        index: usize,
    },
    /// The glucose of a sample is not a finite number above zero.
    #[error("sample {index} has no glucose above 0 mg/dL; leave such samples out")]
    NoGlucose {
        /// Position of the sample, from 0.
        index: usize,
    },
}

/// Samples in strictly rising time with the weight of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    samples: Vec<Sample>,
    usual_spacing: Seconds,
    stands: Vec<Seconds>,
    weighting: Weighting,
}

impl Series {
    /// Takes samples in strictly rising time; an empty list is a valid, empty series.
    ///
    /// # Errors
    /// The position of the first sample that is not later than its predecessor, or is no glucose.
    pub fn new(samples: Vec<Sample>, weighting: Weighting) -> Result<Self, SeriesError> {
        for (index, sample) in samples.iter().enumerate() {
            let value = sample.glucose.mg_dl();
            if !(value.is_finite() && value > 0.0) {
                return Err(SeriesError::NoGlucose { index });
            }
        }
        if let Some(index) = samples.windows(2).position(|pair| pair[1].at <= pair[0].at) {
            return Err(SeriesError::NotLater { index: index + 1 });
        }
        let usual_spacing = usual_spacing(&samples);
        let mut stands: Vec<Seconds> = samples
            .windows(2)
            .map(|pair| pair[1].at.since(pair[0].at).min(usual_spacing))
            .collect();
        if !samples.is_empty() {
            stands.push(usual_spacing);
        }
        Ok(Self { samples, usual_spacing, stands, weighting })
    }

    /// The samples, in time order.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The median distance of neighbouring readings, held between 1 and 15 minutes.
    #[must_use]
    pub const fn usual_spacing(&self) -> Seconds {
        self.usual_spacing
    }

    /// How long each sample stands, in the order of [`Series::samples`].
    #[must_use]
    pub fn stands(&self) -> &[Seconds] {
        &self.stands
    }

    /// From the first reading to the end of the time for which the last one stands.
    #[must_use]
    pub fn span(&self) -> Seconds {
        match (self.samples.first(), self.samples.last()) {
            (Some(first), Some(last)) => {
                Seconds(last.at.since(first.at).0.saturating_add(self.usual_spacing.0))
            }
            _ => Seconds(0),
        }
    }

    /// The share of the span that readings stand for ("sensor active").
    #[must_use]
    pub fn active(&self) -> Percent {
        let covered: i64 = self.stands.iter().map(|stand| stand.0).sum();
        Percent::of(covered as f64, self.span().0 as f64)
    }

    /// Pairs of weight and glucose in mg/dL. Weights are seconds, or 1 for each reading.
    pub(super) fn weighted(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.samples.iter().zip(&self.stands).map(|(sample, stand)| {
            let weight = match self.weighting {
                Weighting::Time => stand.0 as f64,
                Weighting::EachReading => 1.0,
            };
            (weight, sample.glucose.mg_dl())
        })
    }

    /// Runs of samples without a gap longer than `longest_gap` inside them, as index ranges.
    pub(super) fn runs(&self, longest_gap: Seconds) -> Vec<core::ops::Range<usize>> {
        let mut runs = Vec::new();
        let mut start = 0;
        for (index, pair) in self.samples.windows(2).enumerate() {
            if pair[1].at.since(pair[0].at) > longest_gap {
                runs.push(start..index + 1);
                start = index + 1;
            }
        }
        if start < self.samples.len() {
            runs.push(start..self.samples.len());
        }
        runs
    }
}

fn usual_spacing(samples: &[Sample]) -> Seconds {
    let mut distances: Vec<i64> =
        samples.windows(2).map(|pair| pair[1].at.since(pair[0].at).0).collect();
    distances.sort_unstable();
    let median = distances.get(distances.len().saturating_sub(1) / 2);
    let median = median.copied().unwrap_or(USUAL_SPACING_OF_ONE_READING);
    Seconds(median.clamp(SHORTEST_USUAL_SPACING, LONGEST_USUAL_SPACING))
}
