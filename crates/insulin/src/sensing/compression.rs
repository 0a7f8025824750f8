//! Compression lows: someone lies on the sensor, and it reads a fall that is not there.
//!
//! The mark of one is a fall that is faster than insulin and the trend before it explain, and a
//! return just as fast. The first half cannot be told from a real low, so while it is suspected
//! nothing is hidden: delivery may be reduced or stopped as for any low. What is withheld is the
//! *increase*: neither the return nor its steep rise makes the loop deliver more, until the hold
//! time after it has passed. No alarm threshold reads this machine.
//!
//! ```text
//!              fall: deep enough, fast enough beyond trend and insulin
//!   None -----------------------------------------------------> Suspected
//!    ^  ^        too long, or back by a slow rise: it was real       |  |
//!    |  +------------------------------------------------------------+  | back by a fast rise
//!    |                        hold time has passed                      v
//!    +------------------------------------------------------------- Rebound
//! ```

use super::reading::Point;
use crate::profile;
use crate::units::MgDlPerMinute;
use homeostat_numeric::max;
use homeostat_record::{List, Span};
use minicbor::{Decode, Encode};

/// Points that are looked back upon: 35 minutes of readings every five.
const POINTS: usize = 8;

/// What is thought of the present values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Suspicion {
    /// No artefact is suspected.
    #[default]
    #[n(0)]
    None,
    /// The fall may be a compression.
    #[n(1)]
    Suspected,
    /// The compression seems to be over: its rise must not raise delivery.
    #[n(2)]
    Rebound,
}

/// What the detector remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Compression {
    /// What is thought.
    #[n(0)]
    pub suspicion: Suspicion,
    /// Since when, by the sensor's clock.
    #[n(1)]
    since: Span,
    /// The point from which the value fell.
    #[n(2)]
    before: Point,
    /// The lowest value since.
    #[n(3)]
    lowest: crate::profile::scale::MilliMgDl,
    /// The last values, newest first, used or not.
    #[n(4)]
    points: List<Point, POINTS>,
}

impl Compression {
    /// Takes in one value; `explained` is the fall per minute that insulin on board explains, and
    /// `roughness` how rough the readings were before it: noise is no fall.
    #[must_use]
    pub(super) fn observe(
        &self,
        bounds: &profile::Sensing,
        now: Point,
        explained: MgDlPerMinute,
        roughness: f64,
    ) -> Self {
        let mut next = *self;
        match self.suspicion {
            Suspicion::None | Suspicion::Rebound => {
                let over = elapsed(self.since, now.taken) >= bounds.compression_hold.0;
                if let Some(before) = self.fall(bounds, &now, explained, roughness) {
                    next.suspicion = Suspicion::Suspected;
                    (next.since, next.before, next.lowest) = (now.taken, before, now.value);
                } else if self.suspicion == Suspicion::Rebound && over {
                    next.suspicion = Suspicion::None;
                }
            }
            Suspicion::Suspected => {
                next.lowest = self.lowest.min(now.value);
                next.suspicion = next.verdict(bounds, &now);
                if next.suspicion != Suspicion::Suspected {
                    next.since = now.taken;
                }
            }
        }
        next.points = newest_first(&self.points, now);
        next
    }

    /// Whether `value` is about where the suspected fall began: the end of an artefact explains
    /// the step back to it.
    pub(super) fn explains_return(&self, value: crate::profile::scale::MilliMgDl) -> bool {
        let depth = self.before.value.0.saturating_sub(self.lowest.0);
        let tolerance = depth / 3;
        self.suspicion == Suspicion::Suspected && value.0.abs_diff(self.before.value.0) <= tolerance
    }

    /// The point from which the value fell too deep and too fast, if there is one.
    fn fall(
        &self,
        bounds: &profile::Sensing,
        now: &Point,
        explained: MgDlPerMinute,
        roughness: f64,
    ) -> Option<Point> {
        let depth = f64::from(bounds.compression_depth.0) + roughness;
        let rate = f64::from(bounds.compression_fall.0) / 1_000.0;
        self.within(bounds, now).find_map(|before| {
            let drop = before.level() - now.level();
            let fall = drop / max(now.minutes_since(before), 1.0);
            let expected = max(max(self.fall_before(before), explained.0), 0.0);
            (drop >= depth && fall - expected >= rate).then_some(*before)
        })
    }

    /// How fast the value fell before `point`, per minute; zero where nothing is known.
    fn fall_before(&self, point: &Point) -> f64 {
        let earlier = self
            .points
            .iter()
            .rfind(|earlier| (5.0..=25.0).contains(&point.minutes_since(earlier)));
        earlier
            .map_or(0.0, |earlier| (earlier.level() - point.level()) / point.minutes_since(earlier))
    }

    /// What is thought of a suspected fall after `now`.
    fn verdict(&self, bounds: &profile::Sensing, now: &Point) -> Suspicion {
        let depth = self.before.value.0.saturating_sub(self.lowest.0);
        let back = now.value.0.saturating_sub(self.lowest.0);
        let rate = f64::from(bounds.compression_fall.0) / 1_000.0;
        let fast = self.within(bounds, now).any(|earlier| {
            (now.level() - earlier.level()) / max(now.minutes_since(earlier), 1.0) >= rate
        });
        if fast && back.saturating_mul(2) >= depth {
            Suspicion::Rebound
        } else if back.saturating_mul(4) >= depth.saturating_mul(3)
            || elapsed(self.since, now.taken) >= bounds.compression_most.0
        {
            Suspicion::None
        } else {
            Suspicion::Suspected
        }
    }

    /// The earlier points within the window before `now`, newest first.
    fn within<'a>(
        &'a self,
        bounds: &profile::Sensing,
        now: &'a Point,
    ) -> impl Iterator<Item = &'a Point> {
        let window = f64::from(bounds.compression_window.0) + 0.5;
        self.points
            .iter()
            .filter(move |point| point.taken < now.taken && now.minutes_since(point) <= window)
    }
}

/// Whole minutes between two readings.
fn elapsed(from: Span, to: Span) -> u32 {
    let millis = to.as_millis().saturating_sub(from.as_millis());
    u32::try_from(millis / 60_000).unwrap_or(u32::MAX)
}

/// `points` with `point` in front; the oldest falls out.
pub(super) fn newest_first<const N: usize>(
    points: &List<Point, N>,
    point: Point,
) -> List<Point, N> {
    let mut next = List::new();
    for point in core::iter::once(&point).chain(points.iter()) {
        if next.push(*point).is_err() {
            break;
        }
    }
    next
}
