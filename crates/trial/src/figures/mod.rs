//! Figures as SVG, written here so that the same data give the same bytes.
//!
//! Colours are CSS variables (see [`STYLE`]), chosen to stay apart in the common forms of colour
//! blindness and never the only carrier of a meaning: bands are ordered and labelled, arms have
//! markers of their own, authority has a height. No script, no outside reference.

mod agp;
mod axis;
mod cvga;
mod envelope;
mod gri;
mod hypnosis_envelope;
mod hypnosis_trace;
mod ranges;
mod style;
mod svg;
mod thumbnail;
mod trace;
mod trace_panels;

#[cfg(test)]
mod tests;

pub use agp::{AgpSize, agp_figure};
pub use axis::nice_ticks;
pub use cvga::{CvgaArm, cvga_figure};
pub use envelope::envelope_figure;
pub use gri::{GriArm, gri_figure};
pub use hypnosis_envelope::{hypnosis_envelope_figure, hypnosis_thumbnail};
pub use hypnosis_trace::{HypnosisTrace, hypnosis_trace_figure};
pub use ranges::{RangeRow, range_bars_figure, range_column_figure, range_strip_figure};
pub use style::STYLE;
pub use svg::Svg;
pub use thumbnail::thumbnail_figure;
pub use trace::{Authority, Meal, ModeSpan, PatientTrace, trace_figure};
