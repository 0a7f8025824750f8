//! All measures of one trace together.

use serde::{Deserialize, Serialize};

use super::episodes::{EpisodeCounts, count_episodes};
use super::ranges::TimeInRanges;
use super::risk::{GlycemiaRisk, RiskIndices, glucose_management_indicator};
use super::series::Series;
use super::statistics::Spread;
use super::units::{Glucose, Percent};
use super::variability::{j_index, mean_amplitude_of_excursions, mean_of_daily_differences};

/// The measures of one patient's trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlucoseSummary {
    /// How many readings.
    pub readings: usize,
    /// Days from the first to the last reading.
    pub days: f64,
    /// The share of that time for which there are readings.
    pub active: Percent,
    /// Mean, standard deviation, coefficient of variation.
    pub spread: Spread,
    /// The lowest reading.
    pub lowest: Glucose,
    /// The highest reading.
    pub highest: Glucose,
    /// Glucose management indicator.
    pub gmi: Percent,
    /// Time in ranges.
    pub ranges: TimeInRanges,
    /// Low and high blood glucose index.
    pub risk: RiskIndices,
    /// Glycaemia risk index.
    pub gri: GlycemiaRisk,
    /// Mean amplitude of glycaemic excursions, where there is one.
    pub mage: Option<Glucose>,
    /// Mean of daily differences, where there are two days.
    pub modd: Option<Glucose>,
    /// J-index.
    pub j_index: f64,
    /// Episodes of each kind.
    pub episodes: EpisodeCounts,
}

/// Computes every measure of a series; `None` when it is empty.
#[must_use]
pub fn summarise(series: &Series) -> Option<GlucoseSummary> {
    let spread = Spread::of(series)?;
    let ranges = TimeInRanges::of(series);
    let values = || series.samples().iter().map(|sample| sample.glucose.mg_dl());
    Some(GlucoseSummary {
        readings: series.samples().len(),
        days: series.span().days(),
        active: series.active(),
        lowest: Glucose::from_mg_dl(values().reduce(homeostat_numeric::min)?),
        highest: Glucose::from_mg_dl(values().reduce(homeostat_numeric::max)?),
        gmi: glucose_management_indicator(spread.mean),
        ranges,
        risk: RiskIndices::of(series),
        gri: GlycemiaRisk::of(&ranges),
        mage: mean_amplitude_of_excursions(series),
        modd: mean_of_daily_differences(series),
        j_index: j_index(&spread),
        episodes: count_episodes(series),
        spread,
    })
}
