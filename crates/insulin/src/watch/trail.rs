//! The last plausible values, and what their course says: step, flat line, noise, trend, artefact.

use crate::profile::Sensing;
use homeostat_record::List;
use minicbor::{Decode, Encode};

/// Values kept: over an hour of them, for the longest window of the flat rule.
const MARKS: usize = 18;
/// Values nearer together than this are not kept besides each other.
const SPACING: u64 = 240_000;
/// The trend is taken over this time.
const TREND: u64 = 15 * 60_000 + 30_000;
const MINUTE: i64 = 60_000;
/// The time for which bounds on a change are stated.
const FIVE_MINUTES: i64 = 5 * MINUTE;

/// A value at a time of the sensor's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Mark {
    #[n(0)]
    pub(super) taken: u64,
    /// Thousandths of mg/dL.
    #[n(1)]
    pub(super) value: i64,
}

impl Mark {
    fn after(&self, earlier: &Self) -> i64 {
        i64::try_from(self.taken.saturating_sub(earlier.taken)).unwrap_or(i64::MAX)
    }

    fn change(&self, earlier: &Self) -> i64 {
        self.value.saturating_sub(earlier.value)
    }
}

/// A fall that insulin does not make, and its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Disturbance {
    #[n(0)]
    from: Mark,
    #[n(1)]
    lowest: i64,
    /// Until this time of the sensor's clock it may last.
    #[n(2)]
    until: u64,
    /// Whether it came back already.
    #[n(3)]
    back: bool,
}

/// What is remembered of the values of one sensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Trail {
    /// Plausible values without gap or step between them, newest first.
    #[n(0)]
    marks: List<Mark, MARKS>,
    #[n(1)]
    last: Option<Mark>,
    /// Plausible values since the last gap or step, held at 255.
    #[n(2)]
    count: u8,
    /// The newest value of a step that is not believed yet, and how many say the same.
    #[n(3)]
    step: Option<(Mark, u8)>,
    #[n(4)]
    disturbance: Option<Disturbance>,
}

impl Trail {
    pub(super) const fn last(&self) -> Option<Mark> {
        self.last
    }

    /// Takes in a value within the measuring range; `false` when it cannot be believed.
    pub(super) fn take(&mut self, bounds: &Sensing, mark: Mark) -> bool {
        let possible = self.last.is_none_or(|last| is_possible(bounds, &last, &mark));
        if !possible {
            let agreeing = match self.step {
                Some((before, count)) if is_possible(bounds, &before, &mark) => {
                    count.saturating_add(1)
                }
                _ => 1,
            };
            let fell = self.last.is_some_and(|last| mark.value < last.value);
            if fell {
                self.watch_fall(bounds, &mark);
            }
            if u32::from(agreeing) < bounds.fresh_least.0 && !self.returns(&mark) {
                self.step = Some((mark, agreeing));
                return false;
            }
            self.begin_anew();
        }
        self.watch_fall(bounds, &mark);
        let gap = i64::from(bounds.gap.0).saturating_mul(1_000);
        if self.last.is_some_and(|last| mark.after(&last) > gap) {
            self.begin_anew();
        }
        self.keep(mark);
        self.last = Some(mark);
        self.step = None;
        self.count = self.count.saturating_add(1);
        true
    }

    fn begin_anew(&mut self) {
        self.marks = List::new();
        self.count = 0;
    }

    /// Puts a value in front; one that is near the value before takes the newest one's place.
    fn keep(&mut self, mark: Mark) {
        let mut kept = self.marks.iter();
        let crowded = match (self.marks.iter().next(), self.marks.iter().nth(1)) {
            (Some(newest), Some(second)) => newest.taken.saturating_sub(second.taken) < SPACING,
            _ => false,
        };
        if crowded {
            kept.next();
        }
        let mut marks = List::new();
        for mark in core::iter::once(&mark).chain(kept) {
            if marks.push(*mark).is_err() {
                break;
            }
        }
        self.marks = marks;
    }

    /// Whether enough values follow each other for a trend (SEN-13).
    pub(super) fn has_trend(&self, bounds: &Sensing) -> bool {
        u32::from(self.count) >= bounds.fresh_least.0
    }

    /// Every change small and all within a narrow range for the whole window; the end of the
    /// measuring range is exempt (GLY-19).
    pub(super) fn is_flat(&self, bounds: &Sensing) -> bool {
        self.stays(bounds, i64::from(bounds.flat_change.0), i64::from(bounds.flat_range.0))
    }

    /// The very same value for the whole window: no living person has that.
    pub(super) fn is_stuck(&self, bounds: &Sensing) -> bool {
        self.stays(bounds, 1, 0)
    }

    /// Whether every change per five minutes is smaller than `change` and all values lie within
    /// `range`, for the window of the flat rule.
    fn stays(&self, bounds: &Sensing, change: i64, range: i64) -> bool {
        let Some(newest) = self.marks.iter().next() else { return false };
        if newest.value >= i64::from(bounds.range_high.0).saturating_mul(1_000) {
            return false;
        }
        let window = i64::from(bounds.flat_window.0).saturating_mul(MINUTE);
        let (mut least, mut most) = (newest.value, newest.value);
        for (later, earlier) in self.marks.iter().zip(self.marks.iter().skip(1)) {
            let permitted = change.saturating_mul(later.after(earlier).max(FIVE_MINUTES));
            let moved = later.change(earlier).saturating_abs();
            if moved.saturating_mul(FIVE_MINUTES) >= permitted {
                return false;
            }
            (least, most) = (least.min(earlier.value), most.max(earlier.value));
            if most.saturating_sub(least) > range {
                return false;
            }
            if newest.after(earlier) >= window {
                return true;
            }
        }
        false
    }

    /// The mean size of the second differences, thousandths of mg/dL per five minutes; zero where
    /// there are too few values.
    fn roughness(&self) -> i64 {
        let (mut sum, mut count) = (0_i64, 0_i64);
        for triple in self.marks.as_slice().windows(3).take(6) {
            let [newest, middle, oldest] = triple else { continue };
            let bend =
                per_five_minutes(newest, middle).saturating_sub(per_five_minutes(middle, oldest));
            sum = sum.saturating_add(bend.saturating_abs());
            count = count.saturating_add(1);
        }
        if count < 2 { 0 } else { sum / count }
    }

    /// Whether the roughness passes the bound of heavy noise. With noise
    /// `n = 1 - 10 / sqrt(100 + r^2)`, `n >= b` is `(1 - b)^2 (100 + r^2) >= 100`.
    pub(super) fn is_noisy(&self, bounds: &Sensing) -> bool {
        // In tenths of mg/dL, so that the squares stay small.
        let roughness = i128::from(self.roughness() / 100);
        let clean = i128::from(1_000_u32.saturating_sub(bounds.noise_3.0));
        let squares = roughness.saturating_mul(roughness).saturating_add(100 * 100);
        clean.saturating_mul(clean).saturating_mul(squares) >= 1_000 * 1_000 * 100 * 100
    }

    /// The least-squares line through the last quarter of an hour, `horizon` milliseconds ahead.
    pub(super) fn extrapolated(&self, horizon: i64) -> Option<i64> {
        let newest = self.marks.iter().next()?;
        let recent = || {
            let near = |mark: &&Mark| newest.taken.saturating_sub(mark.taken) <= TREND;
            self.marks.iter().filter(near).map(|mark| {
                // Seconds before the newest value, and the change since.
                (i128::from(newest.after(mark) / 1_000), i128::from(newest.change(mark)))
            })
        };
        let count = i128::try_from(recent().count()).ok()?;
        if count < 3 {
            return None;
        }
        let (mut ago, mut rise, mut squares, mut products) = (0_i128, 0_i128, 0_i128, 0_i128);
        for (seconds, change) in recent() {
            ago = ago.saturating_add(seconds);
            rise = rise.saturating_add(change);
            squares = squares.saturating_add(seconds.saturating_mul(seconds));
            products = products.saturating_add(seconds.saturating_mul(change));
        }
        let below = count.saturating_mul(squares).saturating_sub(ago.saturating_mul(ago));
        let above = count.saturating_mul(products).saturating_sub(ago.saturating_mul(rise));
        let ahead = above.saturating_mul(i128::from(horizon) / 1_000).checked_div(below)?;
        i64::try_from(ahead).ok()?.checked_add(newest.value)
    }

    /// Whether an artefact is suspected, or its rebound still holds increases back.
    pub(super) const fn is_disturbed(&self) -> bool {
        self.disturbance.is_some()
    }

    /// Whether a step leads back to where a suspected fall began.
    fn returns(&self, mark: &Mark) -> bool {
        self.disturbance.is_some_and(|disturbance| {
            let depth = disturbance.from.value.saturating_sub(disturbance.lowest);
            let apart = mark.change(&disturbance.from).saturating_abs();
            apart.saturating_mul(3) <= depth
        })
    }

    /// Follows a fall that is too fast, its end, and the time after it.
    fn watch_fall(&mut self, bounds: &Sensing, mark: &Mark) {
        let most = u64::from(bounds.compression_most.0).saturating_mul(60_000);
        let hold = u64::from(bounds.compression_hold.0).saturating_mul(60_000);
        if let Some(mut disturbance) = self.disturbance {
            disturbance.lowest = disturbance.lowest.min(mark.value);
            let depth = disturbance.from.value.saturating_sub(disturbance.lowest);
            let back = mark.value.saturating_sub(disturbance.lowest);
            if !disturbance.back && back.saturating_mul(2) >= depth && back > 0 {
                disturbance.back = true;
                disturbance.until = mark.taken.saturating_add(hold);
            }
            let over = mark.taken >= disturbance.until;
            self.disturbance = (!over).then_some(disturbance);
            return;
        }
        let depth = i64::from(bounds.compression_depth.0).saturating_mul(1_000);
        // Noise is no fall.
        let depth = depth.saturating_add(self.roughness());
        let fall = i64::from(bounds.compression_fall.0);
        let window = i64::from(bounds.compression_window.0).saturating_mul(MINUTE);
        let start = self.last.iter().chain(self.marks.iter()).find(|from| {
            let apart = mark.after(from);
            let drop = from.value.saturating_sub(mark.value);
            let fast = fall.saturating_add(self.fall_before(from)).saturating_mul(apart) / MINUTE;
            apart <= window && drop >= depth && drop >= fast
        });
        if let Some(from) = start {
            let until = mark.taken.saturating_add(most);
            self.disturbance =
                Some(Disturbance { from: *from, lowest: mark.value, until, back: false });
        }
    }

    /// Thousandths of mg/dL per minute by which the value fell in the 25 minutes before.
    fn fall_before(&self, from: &Mark) -> i64 {
        let earlier = self
            .marks
            .iter()
            .rfind(|earlier| (FIVE_MINUTES..=5 * FIVE_MINUTES).contains(&from.after(earlier)));
        let fall = earlier.and_then(|earlier| {
            let drop = earlier.value.saturating_sub(from.value);
            drop.saturating_mul(MINUTE).checked_div(from.after(earlier))
        });
        fall.unwrap_or(0).max(0)
    }
}

fn per_five_minutes(later: &Mark, earlier: &Mark) -> i64 {
    let apart = later.after(earlier).max(1);
    later.change(earlier).saturating_mul(FIVE_MINUTES).checked_div(apart).unwrap_or(0)
}

/// Whether glucose can go from one value to the other in the time between.
fn is_possible(bounds: &Sensing, from: &Mark, to: &Mark) -> bool {
    let interval = i64::from(bounds.interval.0).saturating_mul(1_000);
    let further = to.after(from).saturating_sub(interval).max(0);
    let drift = i64::from(bounds.rate_most.0).saturating_mul(further / 1_000) / 60;
    let permitted = i64::from(bounds.jump.0).saturating_mul(1_000).saturating_add(drift);
    to.change(from).saturating_abs() <= permitted
}
