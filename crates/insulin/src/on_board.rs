//! Insulin on board: what was delivered and has not acted yet (CTL-10).
//!
//! The exponential model that Loop and oref0 share. Amounts are kept in buckets of one cycle over
//! the longest duration that a profile permits; the model is a table of two numbers per bucket,
//! computed once per profile, so that a cycle costs one sum over the buckets.

use crate::units::{Minutes, Units, UnitsPerHour};
use homeostat_numeric::exp;
use minicbor::{Decode, Encode};

/// Buckets: eight hours of five minutes.
pub const BUCKETS: usize = 96;
/// Length of a bucket.
const BUCKET: Minutes = Minutes(5.0);

/// The exponential model of insulin action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InsulinAction {
    duration: Minutes,
    tau: f64,
    a: f64,
    s: f64,
    /// Part still on board, by age of the bucket's middle.
    remaining: [f64; BUCKETS],
    /// Part that acts per minute, averaged over the bucket after.
    acting: [f64; BUCKETS],
}

impl InsulinAction {
    /// The model with this duration and peak of action; the profile's ranges keep twice the peak
    /// below the duration, without which there is no such curve.
    #[must_use]
    pub fn new(duration: Minutes, peak: Minutes) -> Self {
        let share = peak.0 / duration.0;
        let tau = peak.0 * (1.0 - share) / (1.0 - 2.0 * share);
        let a = 2.0 * tau / duration.0;
        let s = 1.0 / (1.0 - a + (1.0 + a) * exp(-duration.0 / tau));
        let mut model =
            Self { duration, tau, a, s, remaining: [0.0; BUCKETS], acting: [0.0; BUCKETS] };
        let mut age = Minutes(BUCKET.0 / 2.0);
        for bucket in 0..BUCKETS {
            let next = Minutes(age.0 + BUCKET.0);
            let (now, later) = (model.remaining_after(age), model.remaining_after(next));
            if let Some(slot) = model.remaining.get_mut(bucket) {
                *slot = now;
            }
            if let Some(slot) = model.acting.get_mut(bucket) {
                *slot = (now - later) / BUCKET.0;
            }
            age = next;
        }
        model
    }

    /// The part of a dose that is still on board at this age: 1 at once, 0 from the duration on.
    #[must_use]
    pub fn remaining_after(&self, age: Minutes) -> f64 {
        let (t, tau, a) = (age.0, self.tau, self.a);
        if t <= 0.0 {
            return 1.0;
        }
        if t >= self.duration.0 {
            return 0.0;
        }
        let inner = t * t / (tau * self.duration.0 * (1.0 - a)) - t / tau - 1.0;
        1.0 - self.s * (1.0 - a) * (inner * exp(-t / tau) + 1.0)
    }

    /// Insulin on board of a history.
    #[must_use]
    pub fn on_board(&self, history: &History, step: Units) -> Units {
        Units(weighted(&history.buckets, &self.remaining) * step.0)
    }

    /// The rate at which insulin acts now. At a steady rate for longer than the duration it is that
    /// rate.
    #[must_use]
    pub fn acting(&self, history: &History, step: Units) -> UnitsPerHour {
        UnitsPerHour(weighted(&history.buckets, &self.acting) * step.0 * 60.0)
    }
}

/// Sum in index order.
fn weighted(buckets: &[u32; BUCKETS], table: &[f64; BUCKETS]) -> f64 {
    buckets.iter().zip(table).fold(0.0, |sum, (steps, part)| sum + f64::from(*steps) * part)
}

/// What was delivered, in actuator steps per cycle, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct History {
    #[n(0)]
    #[cbor(with = "homeostat_record::packed")]
    buckets: [u32; BUCKETS],
}

impl Default for History {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS] }
    }
}

impl History {
    /// A history in which every cycle brought what `amount` says of it, 0 being the newest.
    #[must_use]
    pub fn filled(amount: impl FnMut(usize) -> u32) -> Self {
        Self { buckets: core::array::from_fn(amount) }
    }

    /// The history `cycles` later, nothing delivered in between.
    #[must_use]
    pub fn aged(&self, cycles: u64) -> Self {
        let cycles = usize::try_from(cycles).unwrap_or(BUCKETS);
        Self::filled(|bucket| {
            let before = bucket.checked_sub(cycles).and_then(|bucket| self.buckets.get(bucket));
            before.copied().unwrap_or(0)
        })
    }

    /// Adds to the newest bucket.
    #[must_use]
    pub fn with(&self, steps: u32) -> Self {
        let mut next = *self;
        if let Some(newest) = next.buckets.first_mut() {
            *newest = newest.saturating_add(steps);
        }
        next
    }

    /// Takes `steps` out again, from the newest buckets first: what was booked on trust and turned
    /// out not to be delivered.
    #[must_use]
    pub fn without(&self, steps: u32) -> Self {
        let mut next = *self;
        let mut rest = steps;
        for bucket in &mut next.buckets {
            let taken = rest.min(*bucket);
            *bucket = bucket.saturating_sub(taken);
            rest = rest.saturating_sub(taken);
        }
        next
    }

    /// Steps of the last `cycles` cycles.
    #[must_use]
    pub fn total(&self, cycles: usize) -> u64 {
        self.buckets.iter().take(cycles).map(|steps| u64::from(*steps)).sum()
    }
}

#[cfg(test)]
mod tests;
