//! What a glucose trace says: the published measures of control, variability and risk; and what the
//! course of an index of hypnosis says.
//!
//! Every number of glucose is a plain function of a [`Series`]; nothing reads a clock or a file. These
//! measures follow the international consensus on continuous glucose monitoring (Battelino and
//! others 2019 and 2023) and the papers named at each function. Sums run in index order, so equal
//! input gives equal bits on every machine.
//!
//! Start reading at `series`: how much time a reading stands for decides everything else.

mod cvga;
mod episodes;
mod hypnosis;
mod profile;
mod ranges;
mod risk;
mod series;
mod statistics;
mod summary;
mod units;
mod variability;

#[cfg(test)]
mod tests;

pub use cvga::{CvgaPoint, CvgaZone, Extremes, ZoneCounts, cvga_point};
pub use episodes::{Episode, EpisodeCounts, EpisodeKind, count_episodes, episodes};
pub use hypnosis::{ADEQUATE, HypnosisCourse, HypnosisMeasure, HypnosisSummary, Worse};
pub use profile::{BIN_MINUTES, DailyProfile, EnvelopePoint, ProfileBin, cohort_envelope};
pub use ranges::{Band, Target, TimeInRanges, consensus_targets};
pub use risk::{GlycemiaRisk, RiskIndices, RiskZone, glucose_management_indicator};
pub use series::{Sample, Series, SeriesError, Weighting};
pub use statistics::{Spread, quantile};
pub use summary::{GlucoseSummary, summarise};
pub use units::{Carbohydrate, Glucose, Insulin, InsulinRate, Percent, Seconds, TenthsMgDl};
pub use variability::{j_index, mean_amplitude_of_excursions, mean_of_daily_differences};
