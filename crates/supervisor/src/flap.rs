//! The flap guard: authority that falls too often stays down until a person has looked (MOD-08).

use crate::Timing;
use crate::causes::Release;
use crate::latch::{Latch, People};
use homeostat_record::{Authority, Cause};
use minicbor::{Decode, Encode};

/// Falls of authority, and the latch that too many of them close (MOD-08). It holds what the last
/// fall left, but never less than the background: that less is safer in the long run is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Flap {
    /// Latest falls.
    #[n(0)]
    pub falls: Recent,
    /// Held until a person acknowledges.
    #[n(1)]
    pub latch: Latch,
    /// The cause of the fall that closed it.
    #[n(2)]
    pub cause: Option<Cause>,
}

impl Flap {
    /// The guard after one more cycle, in which authority may have fallen to `ceiling` because of
    /// the cause `fall`.
    #[must_use]
    pub fn next(
        self,
        timing: &Timing,
        fall: Option<Cause>,
        ceiling: Authority,
        people: &People,
    ) -> Self {
        let falls = self.falls.next(fall.is_some(), timing.flap_window);
        if fall.is_some() {
            if falls.reaches(timing.flap_falls) {
                let held = ceiling.max(Authority::Background);
                return Self { falls, latch: self.latch.fallen(held, true), cause: fall };
            }
        }
        let latch = self.latch.cleared(Release::Acknowledge, timing, people);
        let falls = if released(&self.latch, &latch) { Recent::default() } else { falls };
        let cause = if latch.limits() { self.cause } else { None };
        Self { falls, latch, cause }
    }
}

/// Whether a person released this latch.
pub(crate) fn released(before: &Latch, after: &Latch) -> bool {
    if after.held { false } else { before.held }
}

/// Events that can be counted within a window.
pub const EVENTS: usize = 16;

/// The latest events within a window of cycles, newest first: for each the cycles for which it
/// still counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Recent(
    #[n(0)]
    #[cbor(with = "homeostat_record::sparse")]
    [u16; EVENTS],
);

impl Recent {
    /// One cycle passes; `happened` says whether the event occurred in it.
    #[must_use]
    pub fn next(self, happened: bool, window: u16) -> Self {
        let mut left = self.0.map(|cycles| cycles.saturating_sub(1));
        if happened {
            left.rotate_right(1);
            let [newest, ..] = &mut left;
            *newest = window;
        }
        Self(left)
    }

    /// Whether at least `limit` events count; more than [`EVENTS`] are not asked for.
    #[must_use]
    pub fn reaches(&self, limit: u8) -> bool {
        let limit = usize::from(limit).min(EVENTS);
        self.0.iter().filter(|cycles| **cycles > 0).count() >= limit
    }
}
