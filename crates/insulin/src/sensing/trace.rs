//! The readings of one sensor, in order, and what they say together.

use super::compression::{Compression, newest_first};
use super::reading::{self, Point, Reading, Value};
use super::{Outcome, Rejection, Sensing};
use crate::profile;
use crate::profile::scale::{Grade, MilliMgDl, Percent};
use crate::units::MgDlPerMinute;
use homeostat_numeric::{abs, max, sqrt};
use homeostat_record::{List, Span};
use minicbor::{Decode, Encode};

/// Accepted readings that are looked back upon.
const POINTS: usize = 8;
/// Readings that the flat rule looks back upon, and how far apart they are at least, minutes.
const SPACED: usize = 18;
const SPACING: f64 = 4.0;
/// The rate of change is taken over this time.
const SLOPE_WINDOW: f64 = 15.5;
/// The time for which the flat rule states its bound on a change.
const FLAT_STEP: f64 = 5.0;

/// Quality of the readings. Ordered: worse is larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Quality {
    /// To be used.
    #[default]
    #[n(0)]
    Good,
    /// To be used with a raised target.
    #[n(1)]
    Reduced,
    /// Not to be dosed upon.
    #[n(2)]
    Poor,
}

/// Readings at a level that cannot have been reached: believed when they persist (SEN-05).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Candidate {
    #[n(0)]
    last: Point,
    #[n(1)]
    count: u8,
}

/// What sensing remembers of one sensor's readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Trace {
    /// The newest reading, used or not.
    #[n(0)]
    newest: Option<Span>,
    /// Accepted readings without a gap or a step between them, newest first.
    #[n(1)]
    points: List<Point, POINTS>,
    /// The last accepted reading, before a gap or not.
    #[n(2)]
    last: Option<Point>,
    /// How many readings were accepted since the last gap or step, held at 255.
    #[n(3)]
    fresh: u8,
    /// Accepted readings at least four minutes apart, newest first: what the flat rule looks at.
    #[n(4)]
    spaced: List<Point, SPACED>,
    #[n(5)]
    candidate: Option<Candidate>,
    #[n(6)]
    quality: Quality,
    #[n(7)]
    compression: Compression,
}

impl Trace {
    /// The last accepted reading.
    #[must_use]
    pub const fn last(&self) -> Option<Point> {
        self.last
    }

    pub(super) fn feed(
        &self,
        sensing: &Sensing,
        reading: &Reading,
        explained: MgDlPerMinute,
    ) -> (Self, Outcome) {
        let mut next = *self;
        let bounds = &sensing.bounds;
        let taken = next.take(sensing, reading, explained);
        let noise = next.noise(bounds).max(reading.noise.unwrap_or_default());
        if !matches!(taken.result, Err(Rejection::Duplicate | Rejection::OutOfOrder)) {
            next.quality = self.quality_after(bounds, reading.quality, noise);
        }
        let after_gap = u32::from(next.fresh) < bounds.fresh_least.0;
        let outcome = Outcome {
            result: taken.result,
            after_gap,
            flat: next.is_flat(bounds),
            noise,
            quality: next.quality,
            suspicion: next.compression.suspicion,
            low: taken.low,
            high: taken.result.is_ok() && reading.value == Value::High,
            slope: if after_gap { None } else { next.slope() },
        };
        (next, outcome)
    }

    /// Order, value, step; then the reading is accepted or leaves its mark on what follows.
    fn take(&mut self, sensing: &Sensing, reading: &Reading, explained: MgDlPerMinute) -> Taken {
        let bounds = &sensing.bounds;
        if let Some(rejection) = self.out_of_order(bounds, reading.taken) {
            return Taken { result: Err(rejection), low: false };
        }
        self.newest = Some(reading.taken);
        let value = match reading::number(bounds, reading, self.last.as_ref()) {
            Ok(value) => value,
            Err(rejection) => {
                // No flat line goes on across something that is no number.
                self.spaced = List::new();
                let low = rejection == Rejection::BelowRange;
                if low {
                    let edge = MilliMgDl(bounds.range_low.0.saturating_mul(1_000));
                    let point = Point { taken: reading.taken, value: edge };
                    self.observe(bounds, point, explained);
                }
                return Taken { result: Err(rejection), low };
            }
        };
        let point = Point { taken: reading.taken, value };
        let step = self.step(bounds, &point);
        let refused = matches!(step, Step::Impossible(_));
        let up = self.last.is_some_and(|last| last.value < value);
        // A spike must not look like the level from which the next value fell.
        if !(refused && up) {
            self.observe(bounds, point, explained);
        }
        match step {
            Step::Possible => self.accept(bounds, point),
            Step::Believed => {
                self.forget();
                self.accept(bounds, point);
            }
            Step::Impossible(count) => {
                self.candidate = Some(Candidate { last: point, count });
            }
        }
        Taken {
            result: if refused { Err(Rejection::Jump) } else { Ok(value) },
            low: value.0 < sensing.low.0.saturating_mul(1_000),
        }
    }

    /// Shows a value to the detector of compressions.
    fn observe(&mut self, bounds: &profile::Sensing, point: Point, explained: MgDlPerMinute) {
        let roughness = self.roughness();
        self.compression = self.compression.observe(bounds, point, explained, roughness);
    }

    /// Whether a reading taken then comes too soon or too late.
    fn out_of_order(&self, bounds: &profile::Sensing, taken: Span) -> Option<Rejection> {
        let newest = self.newest?;
        let Some(apart) = taken.as_millis().checked_sub(newest.as_millis()) else {
            return Some(Rejection::OutOfOrder);
        };
        let least = Span::from_seconds(u64::from(bounds.duplicate.0));
        (apart < least.as_millis()).then_some(Rejection::Duplicate)
    }

    /// Whether glucose can have gone from the last accepted reading to this one.
    fn step(&self, bounds: &profile::Sensing, point: &Point) -> Step {
        let possible = |from: &Point| {
            let interval = f64::from(bounds.interval.0) / 60.0;
            let further = max(point.minutes_since(from) - interval, 0.0);
            let rate = f64::from(bounds.rate_most.0) / 1_000.0;
            abs(point.level() - from.level()) <= f64::from(bounds.jump.0) + rate * further
        };
        if self.last.as_ref().is_none_or(possible) {
            return Step::Possible;
        }
        if self.compression.explains_return(point.value) {
            return Step::Believed;
        }
        let count = match &self.candidate {
            Some(candidate) if possible(&candidate.last) => candidate.count.saturating_add(1),
            _ => 1,
        };
        if u32::from(count) >= bounds.fresh_least.0 {
            Step::Believed
        } else {
            Step::Impossible(count)
        }
    }

    /// Ends every trend.
    fn forget(&mut self) {
        self.points = List::new();
        self.fresh = 0;
        self.spaced = List::new();
    }

    fn accept(&mut self, bounds: &profile::Sensing, point: Point) {
        let gap = Span::from_seconds(u64::from(bounds.gap.0));
        let apart = self.last.map(|last| {
            Span::from_millis(point.taken.as_millis().saturating_sub(last.taken.as_millis()))
        });
        if apart.is_none_or(|apart| apart > gap) {
            self.forget();
        }
        self.space(point);
        self.points = newest_first(&self.points, point);
        self.last = Some(point);
        self.candidate = None;
        self.fresh = self.fresh.saturating_add(1);
    }

    /// Puts a reading in front of the spaced ones; one that is near the second newest takes the
    /// newest one's place.
    fn space(&mut self, point: Point) {
        let newest_two = (self.spaced.iter().next(), self.spaced.iter().nth(1));
        let crowded = match newest_two {
            (Some(newest), Some(second)) => newest.minutes_since(second) < SPACING,
            _ => false,
        };
        let kept = self.spaced.iter().skip(usize::from(crowded));
        let mut spaced = List::new();
        for point in core::iter::once(&point).chain(kept) {
            if spaced.push(*point).is_err() {
                break;
            }
        }
        self.spaced = spaced;
    }

    /// Whether every change was small and all values lie within a narrow range for the window. A
    /// value at the end of the range is exempt: the sensor truthfully says that it cannot see
    /// further.
    fn is_flat(&self, bounds: &profile::Sensing) -> bool {
        let Some(last) = self.spaced.iter().next() else { return false };
        if last.value.0 >= bounds.range_high.0.saturating_mul(1_000) {
            return false;
        }
        let (mut least, mut most) = (last.value.0, last.value.0);
        for (later, earlier) in self.spaced.iter().zip(self.spaced.iter().skip(1)) {
            let steps = max(later.minutes_since(earlier) / FLAT_STEP, 1.0);
            let change = f64::from(later.value.0.abs_diff(earlier.value.0));
            (least, most) = (least.min(earlier.value.0), most.max(earlier.value.0));
            let still = change < f64::from(bounds.flat_change.0) * steps;
            if !still || most.saturating_sub(least) > bounds.flat_range.0 {
                return false;
            }
            if last.minutes_since(earlier) >= f64::from(bounds.flat_window.0) {
                return true;
            }
        }
        false
    }

    /// The mean size of the second differences of the last readings, mg/dL per 5 min; zero where
    /// there are too few.
    fn roughness(&self) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for window in self.points.as_slice().windows(3) {
            let [newest, middle, oldest] = window else { continue };
            let later = (newest.level() - middle.level()) / newest.minutes_since(middle);
            let earlier = (middle.level() - oldest.level()) / middle.minutes_since(oldest);
            sum += abs(later - earlier) * FLAT_STEP;
            count += 1.0;
        }
        if count < 2.0 { 0.0 } else { sum / count }
    }

    /// The computed noise grade: roughness brought to 0..1 by a scale of 10 mg/dL per 5 min (a
    /// smooth meal peak stays below 0.35, a saw of +-5 mg/dL reaches 0.5).
    fn noise(&self, bounds: &profile::Sensing) -> Grade {
        const SCALE: f64 = 10.0;
        let roughness = self.roughness();
        let noise = 1_000.0 * (1.0 - SCALE / sqrt(SCALE * SCALE + roughness * roughness));
        let grades = [bounds.noise_1, bounds.noise_2, bounds.noise_3];
        let passed = grades.iter().filter(|grade| noise >= f64::from(grade.0)).count();
        Grade(u32::try_from(passed).unwrap_or(0))
    }

    /// Least-squares rate of change over the last quarter of an hour; needs three readings.
    fn slope(&self) -> Option<MgDlPerMinute> {
        let newest = self.points.iter().next()?;
        let recent = || {
            self.points.iter().filter_map(|point| {
                let ago = newest.minutes_since(point);
                (ago <= SLOPE_WINDOW).then_some((-ago, point.level()))
            })
        };
        let (mut count, mut time, mut level) = (0.0, 0.0, 0.0);
        for (at, value) in recent() {
            count += 1.0;
            time += at;
            level += value;
        }
        let (mut across, mut along) = (0.0, 0.0);
        for (at, value) in recent() {
            across += (at - time / count) * (value - level / count);
            along += (at - time / count) * (at - time / count);
        }
        (count >= 3.0 && along > 0.0).then(|| MgDlPerMinute(across / along))
    }

    /// Worse at once, better by one grade a reading and only with a margin (CTL-08).
    fn quality_after(
        &self,
        bounds: &profile::Sensing,
        signal: Option<Percent>,
        noise: Grade,
    ) -> Quality {
        let graded = |margin: u32| {
            let below = |bound: Percent| signal.is_some_and(|signal| signal.0 < bound.0 + margin);
            if noise >= bounds.noise_heavy || below(bounds.quality_poor) {
                Quality::Poor
            } else if noise >= bounds.noise_mild || below(bounds.quality_reduced) {
                Quality::Reduced
            } else {
                Quality::Good
            }
        };
        let strict = graded(0);
        if strict >= self.quality {
            return strict;
        }
        let better = match self.quality {
            Quality::Poor => Quality::Reduced,
            Quality::Reduced | Quality::Good => Quality::Good,
        };
        graded(bounds.quality_margin.0).max(better).min(self.quality)
    }
}

/// What became of a reading.
#[derive(Clone, Copy)]
struct Taken {
    result: Result<MilliMgDl, Rejection>,
    low: bool,
}

/// Whether a value can follow the last accepted one.
#[derive(Clone, Copy)]
enum Step {
    Possible,
    /// Impossible as a change of glucose, but persistent or explained: a new level, no trend.
    Believed,
    /// Not believed yet; so many readings say the same.
    Impossible(u8),
}
