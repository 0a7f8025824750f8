//! Sensing: from what a sensor says to what a controller may use.
//!
//! [`Sensing::feed`] looks at one reading: order, range, codes, units, steps, flat line, noise,
//! gaps, compression. It knows neither frames nor devices, so the same checks run in the loop and
//! over an export (`homeostat analyse`). [`Front`] stands before it in the loop: it decodes the
//! frames of a cycle, checks identity, session and age, and gives one [`Seen`].
//!
//! What each check does to trust stands in `docs/book/sensing.md`.

mod compression;
mod front;
mod reading;
mod rejection;
mod trace;

#[cfg(test)]
mod tests;

pub use compression::{Compression, Suspicion};
pub use front::{Front, FrontState, GLUCOSE, MG_DL, MMOL_L, Sensed};
pub use reading::{Point, Reading, Value};
pub use rejection::{Rejection, Rejections};
pub use trace::{Quality, Trace};

use crate::profile::scale::{Grade, MgDl, MilliMgDl};
use crate::profile::{self, Profile};
use crate::units::{GlucoseMgDl, MgDlPerMinute, Minutes};
use homeostat_record::Span;

/// How far a reading may be used. Ordered: less trust is smaller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// There is no number.
    #[default]
    Unusable,
    /// Delivery may be reduced, never increased above the basal rate.
    ReduceOnly,
    /// Delivery may be increased towards a raised target.
    Cautious,
    /// Without restriction.
    Full,
}

/// What sensing says of one reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The number, or why there is none.
    pub result: Result<MilliMgDl, Rejection>,
    /// Too few readings since the last gap: no rate of change may be used (SEN-13).
    pub after_gap: bool,
    /// The values have not moved for the flat window (GLY-19).
    pub flat: bool,
    /// The worse of the sensor's noise grade and the computed one (GLY-20).
    pub noise: Grade,
    /// Quality, with hysteresis.
    pub quality: Quality,
    /// Compression artefact.
    pub suspicion: Suspicion,
    /// What was said, used or not, is low: delivery stops.
    pub low: bool,
    /// The sensor says "High": the result is the end of the range, and the truth is more.
    pub high: bool,
    /// Rate of change over the last quarter of an hour, where it may be computed.
    pub slope: Option<MgDlPerMinute>,
}

impl Outcome {
    /// How far the reading may be used.
    #[must_use]
    pub fn trust(&self) -> Trust {
        if self.result.is_err() {
            return Trust::Unusable;
        }
        let held = self.flat || self.after_gap || self.suspicion != Suspicion::None;
        match self.quality {
            _ if held => Trust::ReduceOnly,
            Quality::Poor => Trust::ReduceOnly,
            Quality::Reduced => Trust::Cautious,
            Quality::Good => Trust::Full,
        }
    }
}

/// What a controller gets to see in one cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// Glucose, if a usable reading arrived in this cycle.
    pub glucose: Option<GlucoseMgDl>,
    /// The last usable reading while it is not too old, arrived now or earlier.
    pub held: Option<GlucoseMgDl>,
    /// How far it may be used.
    pub trust: Trust,
    /// Rate of change, where it may be used.
    pub slope: Option<MgDlPerMinute>,
    /// Whatever was said in this cycle is low: delivery stops.
    pub low: bool,
    /// The sensor says "High": `glucose` is the end of the range, and the truth is more.
    pub high: bool,
}

/// The checks with their bounds from a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensing {
    bounds: profile::Sensing,
    low: MgDl,
}

impl Sensing {
    /// The checks that a profile asks for.
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        let content = profile.content();
        Self { bounds: content.sensing, low: content.glucose.resume_at }
    }

    /// The checks of the reference profile, for data that come without one.
    #[must_use]
    pub const fn reference() -> Self {
        Self { bounds: profile::SENSING, low: profile::GLUCOSE.resume_at }
    }

    /// Looks at the next reading of one sensor. Total and pure: any reading gives an outcome.
    ///
    /// `explained` is the fall per minute that insulin on board explains, zero where it is not
    /// known.
    #[must_use]
    pub fn feed(
        &self,
        trace: &Trace,
        reading: &Reading,
        explained: MgDlPerMinute,
    ) -> (Trace, Outcome) {
        trace.feed(self, reading, explained)
    }
}

/// A span in minutes.
#[allow(clippy::cast_precision_loss)]
fn minutes(span: Span) -> f64 {
    span.as_millis() as f64 / 60_000.0
}

impl From<Span> for Minutes {
    fn from(span: Span) -> Self {
        Self(minutes(span))
    }
}

impl From<MilliMgDl> for GlucoseMgDl {
    fn from(value: MilliMgDl) -> Self {
        Self(f64::from(value.0) / 1_000.0)
    }
}
