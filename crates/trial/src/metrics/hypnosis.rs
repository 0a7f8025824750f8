//! What the course of an index of hypnosis says: how deep, how steady, how fast.
//!
//! The performance error is 100 (index - target) / target. Its median (MDPE), the median of its size
//! (MDAPE), wobble and divergence are Varvel's (J Pharmacokinet Biopharm 1992), the global score Liu's
//! (Anesthesiology 2006). Levels are closed: 40 and 60 are inside. Values come one a second.

use homeostat_numeric::{abs, max, min};
use serde::{Deserialize, Serialize};

use super::statistics::quantile;

/// The range of adequate hypnosis.
pub const ADEQUATE: (f64, f64) = (40.0, 60.0);
/// Below this, an induction has done its work.
const ASLEEP: f64 = 60.0;
/// Below this, the target counts as reached.
const REACHED: f64 = 55.0;
/// Below these, the person is deep, and very deep.
const DEEP: (f64, f64) = (30.0, 20.0);
/// The undershoot is counted from here.
const UNDERSHOOT_FROM: f64 = 45.0;
/// Bounds around the target within which the index is settled.
const SETTLED: (f64, f64) = (5.0, 10.0);

/// What is measured of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HypnosisCourse<'c> {
    /// True index each second, from the moment at which induction was announced.
    pub index: &'c [f64],
    /// Index aimed at.
    pub target: f64,
    /// Second at which the first stimulus begins; `None` without any.
    pub first_stimulus: Option<usize>,
    /// First second of maintenance.
    pub maintenance: usize,
    /// First second after it.
    pub end: usize,
    /// Propofol that reached the person up to the end, mg.
    pub drug_mg: f64,
    /// Body weight, kg.
    pub weight_kg: f64,
    /// How often the rate was changed up to the end.
    pub rate_changes: u64,
}

/// The measures of one person. Times count from the announcement of induction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HypnosisSummary {
    /// Median performance error in maintenance, %: bias.
    pub median_error: f64,
    /// Median size of the performance error in maintenance, %: inaccuracy.
    pub median_absolute_error: f64,
    /// Median distance of the performance error from its median, %.
    pub wobble: f64,
    /// Slope of the size of the performance error over time, % per hour.
    pub divergence: f64,
    /// (Inaccuracy + wobble) over the fraction of time from 40 to 60; `None` without such time.
    pub global_score: Option<f64>,
    /// Time from 40 to 60 in maintenance, %.
    pub adequate: f64,
    /// Time below 40 in maintenance, %.
    pub below: f64,
    /// Time above 60 in maintenance, %.
    pub above: f64,
    /// Lowest index of the induction, that is, before maintenance.
    pub nadir: f64,
    /// How far the nadir lies below 45.
    pub undershoot: f64,
    /// Lowest index up to the end.
    pub lowest: f64,
    /// Whether it was ever below 30 up to the end.
    pub ever_below_30: bool,
    /// Whether it was ever below 20 up to the end.
    pub ever_below_20: bool,
    /// First time below 60, s.
    pub asleep_s: Option<f64>,
    /// First time below 55, s.
    pub reached_s: Option<f64>,
    /// Time from which it stays within 5 of the target until the first stimulus or maintenance, s.
    pub settled_5_s: Option<f64>,
    /// The same within 10, s.
    pub settled_10_s: Option<f64>,
    /// Propofol by weight up to the end, mg/kg.
    pub drug_mg_per_kg: f64,
    /// The same for each hour, mg/kg/h.
    pub drug_mg_per_kg_h: f64,
    /// Changes of the rate, each hour.
    pub rate_changes_h: f64,
}

impl HypnosisSummary {
    /// The measures of a course; `None` when nothing of maintenance was lived.
    #[must_use]
    pub fn of(course: &HypnosisCourse<'_>) -> Option<Self> {
        let HypnosisCourse { index, target, first_stimulus, maintenance, end, .. } = *course;
        let end = end.min(index.len());
        let window = index.get(maintenance..end).filter(|window| !window.is_empty())?;
        let induction = index.get(..maintenance)?;
        // A stimulus says nothing of how an induction settles.
        let undisturbed = first_stimulus.unwrap_or(maintenance).min(maintenance);
        let undisturbed = induction.get(..undisturbed)?;
        let errors: Vec<f64> =
            window.iter().map(|value| 100.0 * (value - target) / target).collect();
        let median_error = median(errors.iter().copied());
        let median_absolute_error = median(errors.iter().copied().map(abs));
        let wobble = median(errors.iter().map(|error| abs(error - median_error)));
        let share = |holds: &dyn Fn(f64) -> bool| {
            100.0 * window.iter().filter(|value| holds(**value)).count() as f64
                / window.len() as f64
        };
        let adequate = share(&|value| value >= ADEQUATE.0 && value <= ADEQUATE.1);
        let score = |fraction: f64| (median_absolute_error + wobble) / fraction;
        let lowest = lowest(&index[..end]);
        let nadir = if induction.is_empty() { lowest } else { self::lowest(induction) };
        let first = |below: f64| {
            let place = index[..end].iter().position(|value| *value < below);
            place.map(|second| second as f64)
        };
        let hours = end as f64 / 3_600.0;
        let by_weight = course.drug_mg / course.weight_kg;
        Some(Self {
            median_error,
            median_absolute_error,
            wobble,
            divergence: slope_per_hour(&errors),
            global_score: (adequate > 0.0).then(|| score(adequate / 100.0)),
            adequate,
            below: share(&|value| value < ADEQUATE.0),
            above: share(&|value| value > ADEQUATE.1),
            nadir,
            undershoot: max(0.0, UNDERSHOOT_FROM - nadir),
            lowest,
            ever_below_30: lowest < DEEP.0,
            ever_below_20: lowest < DEEP.1,
            asleep_s: first(ASLEEP),
            reached_s: first(REACHED),
            settled_5_s: settled(undisturbed, target, SETTLED.0),
            settled_10_s: settled(undisturbed, target, SETTLED.1),
            drug_mg_per_kg: by_weight,
            drug_mg_per_kg_h: by_weight / hours,
            rate_changes_h: course.rate_changes as f64 / hours,
        })
    }
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().reduce(min).unwrap_or(0.0)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.5).unwrap_or(0.0)
}

/// Slope of the size of the errors, one a second, by least squares.
fn slope_per_hour(errors: &[f64]) -> f64 {
    let count = errors.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = errors.iter().copied().map(abs).sum::<f64>() / count;
    let (mut across, mut along) = (0.0, 0.0);
    for (second, error) in errors.iter().enumerate() {
        let from = second as f64 - middle;
        across += from * (abs(*error) - mean);
        along += from * from;
    }
    if along > 0.0 { 3_600.0 * across / along } else { 0.0 }
}

/// The second from which all values lie within `bound` of the target.
fn settled(values: &[f64], target: f64, bound: f64) -> Option<f64> {
    let outside = values.iter().rposition(|value| abs(value - target) > bound);
    let from = outside.map_or(0, |last| last + 1);
    (from < values.len()).then_some(from as f64)
}

/// A measure of one person, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "they are the fields of the summary, which are explained there")]
pub enum HypnosisMeasure {
    Adequate,
    Below,
    Above,
    MedianError,
    MedianAbsoluteError,
    Wobble,
    Divergence,
    GlobalScore,
    Nadir,
    Undershoot,
    Lowest,
    Asleep,
    Reached,
    Settled5,
    Settled10,
    Drug,
    DrugHourly,
    RateChanges,
}

/// Which end of a measure is the bad one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// Small values.
    Low,
    /// Large values.
    High,
    /// Far from zero.
    Far,
}

impl HypnosisMeasure {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 18] = [
        Self::Adequate,
        Self::Below,
        Self::Above,
        Self::MedianError,
        Self::MedianAbsoluteError,
        Self::Wobble,
        Self::Divergence,
        Self::GlobalScore,
        Self::Nadir,
        Self::Undershoot,
        Self::Lowest,
        Self::Asleep,
        Self::Reached,
        Self::Settled5,
        Self::Settled10,
        Self::Drug,
        Self::DrugHourly,
        Self::RateChanges,
    ];

    /// The column in tables of data, what people read, the unit, decimals.
    const fn card(self) -> (&'static str, &'static str, &'static str, usize) {
        match self {
            Self::Adequate => ("in_40_60_pct", "time in 40\u{2013}60", "%", 1),
            Self::Below => ("below_40_pct", "time below 40", "%", 1),
            Self::Above => ("above_60_pct", "time above 60", "%", 1),
            Self::MedianError => ("mdpe_pct", "MDPE", "%", 1),
            Self::MedianAbsoluteError => ("mdape_pct", "MDAPE", "%", 1),
            Self::Wobble => ("wobble_pct", "wobble", "%", 1),
            Self::Divergence => ("divergence_pct_per_h", "divergence", "%/h", 1),
            Self::GlobalScore => ("global_score", "global score", "", 1),
            Self::Nadir => ("nadir", "nadir of induction", "", 1),
            Self::Undershoot => ("undershoot", "undershoot", "", 1),
            Self::Lowest => ("lowest", "lowest index", "", 1),
            Self::Asleep => ("below_60_after_s", "first below 60", "s", 0),
            Self::Reached => ("below_55_after_s", "first below 55", "s", 0),
            Self::Settled5 => ("settled_5_s", "settled within 5", "s", 0),
            Self::Settled10 => ("settled_10_s", "settled within 10", "s", 0),
            Self::Drug => ("propofol_mg_per_kg", "propofol", "mg/kg", 1),
            Self::DrugHourly => ("propofol_mg_per_kg_h", "propofol each hour", "mg/kg/h", 1),
            Self::RateChanges => ("rate_changes_per_h", "rate changes", "/h", 0),
        }
    }

    /// The column's name in tables of data.
    #[must_use]
    pub const fn column(self) -> &'static str {
        self.card().0
    }

    /// The name that people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.card().1
    }

    /// The unit; empty for a plain number.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        self.card().2
    }

    /// How many decimals people read.
    #[must_use]
    pub const fn decimals(self) -> usize {
        self.card().3
    }

    /// Which end is the bad one.
    #[must_use]
    pub const fn worse(self) -> Worse {
        match self {
            Self::Adequate | Self::Nadir | Self::Lowest => Worse::Low,
            Self::MedianError | Self::Divergence => Worse::Far,
            _ => Worse::High,
        }
    }

    /// Its value in a summary; `None` for what never happened.
    #[must_use]
    pub const fn of(self, summary: &HypnosisSummary) -> Option<f64> {
        match self {
            Self::Adequate => Some(summary.adequate),
            Self::Below => Some(summary.below),
            Self::Above => Some(summary.above),
            Self::MedianError => Some(summary.median_error),
            Self::MedianAbsoluteError => Some(summary.median_absolute_error),
            Self::Wobble => Some(summary.wobble),
            Self::Divergence => Some(summary.divergence),
            Self::GlobalScore => summary.global_score,
            Self::Nadir => Some(summary.nadir),
            Self::Undershoot => Some(summary.undershoot),
            Self::Lowest => Some(summary.lowest),
            Self::Asleep => summary.asleep_s,
            Self::Reached => summary.reached_s,
            Self::Settled5 => summary.settled_5_s,
            Self::Settled10 => summary.settled_10_s,
            Self::Drug => Some(summary.drug_mg_per_kg),
            Self::DrugHourly => Some(summary.drug_mg_per_kg_h),
            Self::RateChanges => Some(summary.rate_changes_h),
        }
    }
}

#[cfg(test)]
mod tests;
