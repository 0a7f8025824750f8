//! What the sensor is believed to say: own rules of validity, own rate of change.

use crate::frame::{ABOVE, BELOW, GlucoseFrame, NO_VALUE, NOT_FOR_TREATMENT, read};
use crate::settings::{Sensing, Settings};
use crate::timeline::Timeline;
use crate::whole::{share, signed};
use homeostat_record::Input;
use minicbor::{Decode, Encode};

/// Readings that are remembered.
const KEPT: usize = 8;
/// At or below this a number is no reading of a living person, thousandths of mg/dL: a code, or
/// mmol/L written as mg/dL. Between it and the measuring range it counts as "Low".
const CODES: i64 = 35_000;
/// This number is a failure code of older sensors, thousandths of mg/dL.
const FAILURE: i64 = 38_000;
/// Fastest rise that is credited before a second reading confirms it, thousandths of mg/dL in a
/// minute: twice what is seen after meals.
const FASTEST_RISE: i64 = 8_000;
/// Readings nearer to each other than this are one.
const DENSE: u64 = 150_000;
/// The trend looks back this far.
const TREND: u64 = 1_320_000;
/// A trend spans at least this.
const TREND_LEAST: u64 = 480_000;
/// How much slower than ours a sensor's clock may run: one part in this.
const CLOCK_DRIFT: u64 = 5_000;

/// One accepted reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Reading {
    /// When it was taken, on the opinion's line of time.
    #[n(0)]
    at: u64,
    /// Thousandths of mg/dL.
    #[n(1)]
    value: i64,
    /// The status bits "Low" and "High".
    #[n(2)]
    code: u8,
    /// Too noisy or too weak for automatic dosing.
    #[n(3)]
    poor: bool,
}

/// What is remembered of the sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Track {
    #[n(0)]
    readings: [Option<Reading>; KEPT],
    #[n(1)]
    identity: Option<Identity>,
    /// Since when the value has not changed at all.
    #[n(2)]
    same_since: u64,
}

/// Which sensor speaks and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Identity {
    #[n(0)]
    source: u32,
    #[n(1)]
    sequence: u32,
    #[n(2)]
    taken: u64,
    /// Shortest time seen from taking to arrival, in the difference of the two clocks.
    #[n(3)]
    offset: i64,
}

/// What the sensor is believed to say now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The last reading, thousandths of mg/dL.
    pub(crate) latest: i64,
    /// As much of it as is credited: a rise beyond physiology waits for its confirmation.
    pub(crate) credited: i64,
    /// The lowest and highest of the last three readings within a quarter of an hour.
    pub(crate) recent: (i64, i64),
    /// Age, milliseconds.
    pub(crate) age: u64,
    /// Rate of change, thousandths of mg/dL in a minute, where it can be told.
    pub(crate) slope: Option<i64>,
    /// The sensor says "Low" or "High".
    pub(crate) coded: bool,
    /// Too noisy or too weak for automatic dosing.
    pub(crate) poor: bool,
    /// For how long the value has been exactly the same, milliseconds.
    pub(crate) same_for: u64,
}

impl Track {
    /// Nothing was heard yet.
    pub(crate) const fn new() -> Self {
        Self { readings: [None; KEPT], identity: None, same_since: 0 }
    }

    /// Forgets the readings, because their ages are unknown now. The sensor's count is kept, so
    /// that nothing old can come back.
    pub(crate) fn forget(&mut self) {
        self.readings = [None; KEPT];
        if let Some(identity) = &mut self.identity {
            identity.offset = i64::MAX;
        }
    }

    /// Takes the frames of a cycle.
    pub(crate) fn take(&mut self, line: Timeline, input: &Input, settings: &Settings) {
        for message in &input.frames {
            let arrived = line.locate(input.now, message.received);
            if let (Some(arrived), Some(frame)) = (arrived, read(message.bytes.as_slice())) {
                self.accept(arrived, frame, settings);
            }
        }
    }

    fn accept(&mut self, arrived: u64, frame: GlucoseFrame, settings: &Settings) {
        let stranger = !settings.sensors.contains(&Some(frame.source));
        if stranger || frame.status & NOT_FOR_TREATMENT != 0 {
            return;
        }
        let known = self.identity.filter(|identity| identity.source == frame.source);
        if known.is_none() {
            self.readings = [None; KEPT];
        }
        if known.is_some_and(|k| frame.sequence <= k.sequence || frame.taken <= k.taken) {
            return;
        }
        let apart = signed(arrived).saturating_sub(signed(frame.taken));
        let offset = known.map_or(apart, |identity| {
            let drift = frame.taken.saturating_sub(identity.taken) / CLOCK_DRIFT;
            apart.min(identity.offset.saturating_add(signed(drift)))
        });
        let GlucoseFrame { source, sequence, taken, .. } = frame;
        self.identity = Some(Identity { source, sequence, taken, offset });
        let late = u64::try_from(apart.saturating_sub(offset)).unwrap_or(0);
        if let Some(value) = believed(&frame, settings) {
            let at = arrived.saturating_sub(late);
            let code = frame.status & (BELOW | ABOVE);
            let reading = Reading { at, value, code, poor: poor(&frame, settings) };
            self.keep(reading, settings.sensing.gap.as_millis());
        }
    }

    /// Keeps a reading; one that follows too closely takes the place of its predecessor.
    fn keep(&mut self, reading: Reading, gap: u64) {
        let last = self.readings.first().copied().flatten();
        let goes_on =
            |last: Reading| last.value == reading.value && reading.at.abs_diff(last.at) <= gap;
        if !last.is_some_and(goes_on) {
            self.same_since = reading.at;
        }
        let before = self.readings.get(1).copied().flatten();
        let apart = last.zip(before).map(|(last, before)| last.at.abs_diff(before.at));
        if apart.is_none_or(|apart| apart >= DENSE) {
            self.readings.rotate_right(1);
        }
        if let Some(newest) = self.readings.first_mut() {
            *newest = Some(reading);
        }
    }

    /// What the sensor is believed to say at `tick`; `None` when nothing usable was ever heard.
    pub(crate) fn seen(&self, tick: u64, settings: &Settings) -> Option<Seen> {
        let gap = settings.sensing.gap.as_millis();
        let newest = self.readings.first().copied().flatten()?;
        let before = self.run(gap).nth(1);
        let credited = before.map_or(newest.value, |before| {
            let minutes = signed(newest.at.saturating_sub(before.at)) / 60_000;
            let rise = FASTEST_RISE.saturating_mul(minutes.max(1));
            newest.value.min(before.value.saturating_add(rise))
        });
        let recent = self.run(gap).take(3).filter(|r| newest.at.abs_diff(r.at) <= 900_000);
        let recent = recent.fold((newest.value, newest.value), |(low, high), reading| {
            (low.min(reading.value), high.max(reading.value))
        });
        Some(Seen {
            latest: newest.value,
            credited,
            recent,
            age: tick.saturating_sub(newest.at),
            slope: self.slope(gap),
            coded: newest.code != 0,
            poor: newest.poor,
            same_for: newest.at.saturating_sub(self.same_since),
        })
    }

    /// The readings, newest first, up to the first gap.
    fn run(&self, gap: u64) -> impl Iterator<Item = Reading> {
        let mut after: Option<u64> = None;
        self.readings.into_iter().map_while(move |reading| {
            let reading = reading?;
            let joined = after.is_none_or(|after| after.abs_diff(reading.at) <= gap);
            after = Some(reading.at);
            joined.then_some(reading)
        })
    }

    /// The median of the slopes between all pairs of recent readings: one outlier cannot move it.
    /// A code ("Low", "High") is no number, and nothing is computed across it.
    fn slope(&self, gap: u64) -> Option<i64> {
        let newest = self.run(gap).next()?;
        let recent =
            |reading: &Reading| reading.code == 0 && newest.at.saturating_sub(reading.at) <= TREND;
        let trend = || self.run(gap).take_while(recent);
        let span = newest.at.saturating_sub(trend().last()?.at);
        if trend().count() < 3 || span < TREND_LEAST {
            return None;
        }
        let mut slopes = [i64::MAX; KEPT * KEPT];
        let mut count = 0_usize;
        for (rank, later) in trend().enumerate() {
            for earlier in trend().skip(rank.saturating_add(1)) {
                let apart = signed(later.at.saturating_sub(earlier.at));
                if let (true, Some(slot)) = (apart > 0, slopes.get_mut(count)) {
                    *slot = share(later.value.saturating_sub(earlier.value), 60_000, apart);
                    count = count.saturating_add(1);
                }
            }
        }
        slopes.sort_unstable();
        let middle = |at: usize| slopes.get(at).copied();
        let (upper, lower) = (middle(count / 2)?, middle(count.saturating_sub(1) / 2)?);
        (count > 0).then_some(upper.saturating_add(lower) / 2)
    }
}

/// The value that a frame is believed to state, thousandths of mg/dL.
fn believed(frame: &GlucoseFrame, settings: &Settings) -> Option<i64> {
    let sensing = &settings.sensing;
    let session = sensing.warm_up.0..=sensing.life.0;
    if frame.status & NO_VALUE != 0 || !session.contains(&u32::from(frame.session)) {
        return None;
    }
    let (low, high) = (i64::from(sensing.range_low.0), i64::from(sensing.range_high.0));
    match frame.status & (BELOW | ABOVE) {
        0 if frame.value <= CODES || frame.value == FAILURE || frame.value > high => None,
        0 => Some(frame.value),
        ABOVE => Some(high),
        _ => Some(low.min(CODES)),
    }
}

/// Whether the sensor itself calls its signal too noisy or too weak (GLY-20, SEN-04).
fn poor(frame: &GlucoseFrame, settings: &Settings) -> bool {
    let stated = |value: u8| (value != u8::MAX).then_some(u32::from(value));
    let Sensing { noise_heavy, quality_poor, .. } = settings.sensing;
    stated(frame.noise).is_some_and(|grade| grade >= noise_heavy)
        || stated(frame.quality).is_some_and(|quality| quality < quality_poor)
}

#[cfg(test)]
mod tests;
