//! The samples of one monitor in order: which of them are the index, and with what weight.

use super::Rejection;
use crate::profile::{Content, Quality};
use crate::units::{Index, Percent};
use homeostat_numeric::{max, min};
use homeostat_record::Span;
use minicbor::{Decode, Encode};

/// A byte of this value means that the monitor does not know.
const UNKNOWN: u8 = 255;
/// The ends of the index: there a value may stand still.
const ENDS: [i32; 2] = [0, 100_000];

/// What a frame says of the index, of the right quantity and unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When, by the monitor's clock.
    pub taken: Span,
    /// The index, thousandths.
    pub index: i32,
    /// Signal quality, percent; 255 is not known.
    pub quality: u8,
    /// Power of the electromyogram, dB; 255 is not known.
    pub muscle: u8,
    /// Suppression ratio, percent; 255 is not known.
    pub suppression: u8,
}

/// A sample that may be used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usable {
    /// The index.
    pub index: Index,
    /// Its weight, 0 to 1.
    pub weight: f64,
    /// Signal quality is good enough for a return to the closed loop.
    pub full: bool,
    /// Suppression ratio.
    pub suppression: Option<Percent>,
}

/// A value at a time of the monitor's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Mark {
    #[n(0)]
    taken: Span,
    #[n(1)]
    index: i32,
}

impl Mark {
    /// Milliseconds since another; zero if it is not earlier.
    const fn since(&self, earlier: Span) -> u64 {
        self.taken.as_millis().saturating_sub(earlier.as_millis())
    }

    /// Whether the index can have gone from there to here.
    fn follows(&self, earlier: &Self, bounds: &Quality) -> bool {
        let further = self.since(earlier.taken).saturating_sub(1_000);
        let drift = u64::from(bounds.drift.0).saturating_mul(further) / 1_000;
        let permitted = u64::from(bounds.jump.0).saturating_add(drift);
        u64::from(self.index.abs_diff(earlier.index)) <= permitted
    }
}

/// A disturbance: electrocautery, movement, a loose electrode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Burst {
    #[n(0)]
    from: Span,
    #[n(1)]
    last: Span,
}

/// What is remembered of a monitor's samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Trace {
    /// The last accepted sample.
    #[n(0)]
    last: Option<Mark>,
    /// A level that cannot have been reached, and how many samples agree on it.
    #[n(1)]
    candidate: Option<(Mark, u8)>,
    /// The value that the clean samples show, and since when it is the same.
    #[n(2)]
    same: Option<Mark>,
    #[n(3)]
    burst: Option<Burst>,
}

impl Trace {
    /// Looks at the next sample. Total: any sample is used or rejected by name.
    ///
    /// # Errors
    /// In the second part: why the sample is not used.
    #[must_use = "the trace goes on"]
    pub fn feed(&self, content: &Content, sample: &Sample) -> (Self, Result<Usable, Rejection>) {
        let mut next = *self;
        let result = next.take(&content.quality, sample);
        (next, result)
    }

    fn take(&mut self, bounds: &Quality, sample: &Sample) -> Result<Usable, Rejection> {
        let [least, most] = ENDS;
        if !(least..=most).contains(&sample.index) {
            return Err(Rejection::OutOfRange);
        }
        if sample.quality == UNKNOWN || sample.muscle == UNKNOWN {
            return Err(Rejection::Unqualified);
        }
        self.disturbed(bounds, sample)?;
        let mark = Mark { taken: sample.taken, index: sample.index };
        let standing = self.standing(&mark);
        let limit = u64::from(bounds.stuck_after.0).saturating_mul(1_000);
        if limit > 0 && standing >= limit && !ENDS.contains(&mark.index) {
            return Err(Rejection::Stuck);
        }
        self.step(bounds, mark)?;
        let quality = f64::from(sample.quality);
        Ok(Usable {
            index: Index(f64::from(sample.index) / 1_000.0),
            weight: weight(bounds, quality, f64::from(sample.muscle)),
            full: u32::from(sample.quality) >= bounds.full.0,
            suppression: (sample.suppression != UNKNOWN)
                .then(|| Percent(f64::from(sample.suppression))),
        })
    }

    /// Refuses what is disturbed, and what comes too soon after it: the monitor smooths, so that
    /// a burst lives on in its samples. A disturbance that lasts is no burst, and holds nothing.
    fn disturbed(&mut self, bounds: &Quality, sample: &Sample) -> Result<(), Rejection> {
        let muscle = u32::from(sample.muscle) > bounds.muscle_most.0;
        if muscle || u32::from(sample.quality) < bounds.least.0 {
            let from = self.burst.map_or(sample.taken, |burst| burst.from);
            self.burst = Some(Burst { from, last: sample.taken });
            return Err(if muscle { Rejection::Muscle } else { Rejection::QualityLow });
        }
        let Some(burst) = self.burst else { return Ok(()) };
        let since = |then: Span| sample.taken.as_millis().saturating_sub(then.as_millis());
        let hold = u64::from(bounds.burst_hold.0).saturating_mul(1_000);
        let most = u64::from(bounds.burst_most.0).saturating_mul(1_000);
        if since(burst.last) <= hold && since(burst.from) <= most {
            return Err(Rejection::Burst);
        }
        self.burst = None;
        Ok(())
    }

    /// Milliseconds for which the value has been the very same.
    fn standing(&mut self, mark: &Mark) -> u64 {
        match self.same.filter(|same| same.index == mark.index) {
            Some(same) => mark.since(same.taken),
            None => {
                self.same = Some(*mark);
                0
            }
        }
    }

    /// A change that the index cannot make is believed once enough samples agree with each other.
    fn step(&mut self, bounds: &Quality, mark: Mark) -> Result<(), Rejection> {
        if self.last.is_some_and(|last| !mark.follows(&last, bounds)) {
            let agreeing = match self.candidate {
                Some((before, count)) if mark.follows(&before, bounds) => count.saturating_add(1),
                _ => 1,
            };
            if u32::from(agreeing) < bounds.agree.0 {
                self.candidate = Some((mark, agreeing));
                return Err(Rejection::Jump);
            }
        }
        self.candidate = None;
        self.last = Some(mark);
        Ok(())
    }
}

/// 1 at good quality and little muscle activity, falling linearly to 0 where a sample is refused.
fn weight(bounds: &Quality, quality: f64, muscle: f64) -> f64 {
    let part =
        |value: f64, none: f64, full: f64| min(max((value - none) / (full - none), 0.0), 1.0);
    let by_quality = part(quality, f64::from(bounds.least.0), f64::from(bounds.full.0));
    let by_muscle = part(muscle, f64::from(bounds.muscle_most.0), f64::from(bounds.muscle_full.0));
    min(by_quality, by_muscle)
}
