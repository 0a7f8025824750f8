//! Sensing: from what a monitor says to what a controller may use (PRO-02).
//!
//! [`Front`] takes the frames of a cycle: decoding, identity, order, age; then every sample of the
//! index passes the checks of `trace` (quality, muscle, bursts of interference, jumps, stuck
//! values) and comes out with a weight or with the name of its [`Rejection`]. [`Ladder`] says how
//! far what is left may be used.
//!
//! What each check does stands in `docs/book/propofol-loop.md`.

mod contact;
mod front;
mod ladder;
mod rejection;
mod trace;

#[cfg(test)]
mod tests;

pub use front::{Front, FrontState};
pub use ladder::Ladder;
pub use rejection::{Rejection, Rejections};
pub use trace::{Sample, Trace, Usable};

use crate::algorithm::Validity;
use crate::units::{Index, MmHg, Percent};
use homeostat_record::{Quantity, Unit};

/// The index of hypnosis in the register of quantities.
pub const INDEX: Quantity = Quantity(2);
/// Mean arterial pressure in the register of quantities.
pub const PRESSURE: Quantity = Quantity(4);
/// The index's unit in the register of units: none, but said.
pub const INDEX_UNIT: Unit = Unit(3);
/// Millimetres of mercury in the register of units.
pub const MMHG: Unit = Unit(5);

/// What a cycle's frames are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sensed {
    /// Mean index of the usable samples.
    pub index: Option<Index>,
    /// Their mean weight, 0 to 1; 0 without any.
    pub weight: f64,
    /// How far the index may be used.
    pub validity: Validity,
    /// Suppression ratio of the newest usable sample.
    pub suppression: Option<Percent>,
    /// Mean arterial pressure, while it is fresh: the mean of the last values.
    pub pressure: Option<MmHg>,
    /// Why samples of this cycle were not used.
    pub rejections: Rejections,
}
