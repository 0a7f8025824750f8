//! What the hypnosis monitor and the pressure line say, as far as it may be used.

use super::frame::{Measured, Message, read};
use super::opinion::GRACE;
use super::settings::PropofolSettings;
use crate::settings::DEVICES;
use crate::timeline::Timeline;
use homeostat_record::Input;
use minicbor::{Decode, Encode};

/// Samples of the index that are remembered, about one a second.
const KEPT: usize = 12;
/// Part of the time by which a sensor's clock may run slow before its samples seem to age.
const SLOW: u64 = 1_000;

/// One source of frames, its clock beside ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Source {
    #[n(0)]
    identity: u32,
    #[n(1)]
    sequence: u32,
    #[n(2)]
    taken: u64,
    /// The frame that had waited least: our time and its own.
    #[n(3)]
    anchor: (u64, u64),
}

/// What is remembered of monitor and line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Monitor {
    #[n(0)]
    index: Option<Source>,
    #[n(1)]
    pressure: Option<Source>,
    /// Usable samples, thousandths, the newest first.
    #[n(2)]
    recent: [Option<u32>; KEPT],
    /// When the newest was taken, on our line of time.
    #[n(3)]
    at: Option<u64>,
    /// Since when the index has been deep, low or high without a break.
    #[n(4)]
    deep: Option<u64>,
    #[n(5)]
    low: Option<u64>,
    #[n(6)]
    high: Option<u64>,
    /// Since when the electroencephalogram has been suppressed.
    #[n(7)]
    suppressed: Option<u64>,
    /// The last pressures, thousandths of mmHg, newest first: one alone is noise.
    #[n(8)]
    pressures: [Option<u32>; 3],
    /// When the newest was taken.
    #[n(9)]
    pressed: Option<u64>,
    /// Since a pressure at which nothing may be given: when one last stood where that may still hold.
    #[n(10)]
    unwell: Option<u64>,
}

/// What is seen now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// A usable sample is young enough.
    pub(crate) usable: bool,
    /// Milliseconds without one.
    pub(crate) without: u64,
    /// How long the index has been deep, low, high, suppressed, milliseconds.
    pub(crate) deep: u64,
    pub(crate) low: u64,
    pub(crate) high: u64,
    pub(crate) suppressed: u64,
    /// Least and largest of the remembered samples, thousandths.
    pub(crate) range: Option<(i64, i64)>,
    /// The highest of the last pressures, where the newest is young enough; thousandths of mmHg.
    pub(crate) pressure: Option<i64>,
    /// A stop for pressure may be in force.
    pub(crate) unwell: bool,
}

impl Source {
    /// The source after a message, and when that was taken on our line; `None` for a message that
    /// is not newer, or of another source than before.
    fn follow(before: Option<Self>, message: &Message, received: u64) -> Option<(Self, u64)> {
        let anew = Self {
            identity: message.source,
            sequence: message.sequence,
            taken: message.taken,
            anchor: (received, message.taken),
        };
        let Some(before) = before.filter(|before| before.identity == message.source) else {
            return Some((anew, received));
        };
        if message.taken <= before.taken || message.sequence == before.sequence {
            return None;
        }
        let (ours, its) = before.anchor;
        let passed = message.taken.saturating_sub(its);
        let at = ours.saturating_add(passed).saturating_add(passed / SLOW);
        let anchor = if at > received { (received, message.taken) } else { before.anchor };
        Some((Self { anchor, ..anew }, at.min(received)))
    }
}

fn among(devices: &[Option<u32>; DEVICES], source: u32) -> bool {
    devices.contains(&Some(source))
}

/// When a condition began, given whether it holds at `at`.
fn since(began: &mut Option<u64>, holds: bool, at: u64) {
    *began = if holds { Some(began.unwrap_or(at)) } else { None };
}

impl Monitor {
    /// Clocks cannot be compared any more.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Takes the frames of a cycle.
    pub(crate) fn take(&mut self, line: Timeline, input: &Input, settings: &PropofolSettings) {
        for frame in &input.frames {
            let Some(message) = read(frame.bytes.as_slice()) else { continue };
            let Some(received) = line.locate(input.now, frame.received) else { continue };
            match message.measured {
                Measured::Index { value, quality, muscle, suppression } => {
                    if !among(&settings.monitors, message.source) {
                        continue;
                    }
                    let Some((source, at)) = Source::follow(self.index, &message, received) else {
                        continue;
                    };
                    self.index = Some(source);
                    let known = |value: u8| (value != u8::MAX).then_some(value);
                    let good = known(quality).is_some_and(|it| it >= settings.quality.least);
                    let calm = known(muscle).is_none_or(|it| it <= settings.quality.muscle_most);
                    if good && calm {
                        let suppressed = known(suppression).unwrap_or(0);
                        self.sample(settings, value, suppressed, at);
                    }
                }
                Measured::Pressure { value } => {
                    let (low, high) = settings.pressure.range;
                    if !among(&settings.lines, message.source) || !(low..=high).contains(&value) {
                        continue;
                    }
                    if let Some((source, at)) = Source::follow(self.pressure, &message, received) {
                        self.pressure = Some(source);
                        self.press(settings, value, at);
                    }
                }
            }
        }
    }

    fn press(&mut self, settings: &PropofolSettings, value: i64, at: u64) {
        let [first, second, _] = self.pressures;
        self.pressures = [u32::try_from(value).ok(), first, second];
        self.pressed = Some(at);
        let bounds = &settings.pressure;
        let after = bounds.resume_after.saturating_add(GRACE);
        let lasts = |since: u64| value <= bounds.resume || at.saturating_sub(since) <= after;
        self.unwell = match self.unwell {
            _ if value < bounds.stop => Some(at),
            Some(since) if lasts(since) => Some(if value <= bounds.resume { at } else { since }),
            _ => None,
        };
    }

    fn sample(&mut self, settings: &PropofolSettings, value: i64, suppressed: u8, at: u64) {
        self.recent.rotate_right(1);
        if let Some(newest) = self.recent.first_mut() {
            *newest = u32::try_from(value).ok();
        }
        self.at = Some(at);
        let index = &settings.index;
        since(&mut self.deep, value < index.deep, at);
        since(&mut self.low, value < index.low, at);
        since(&mut self.high, value > index.high, at);
        since(&mut self.suppressed, suppressed > index.suppressed, at);
    }

    /// What is seen at `tick`.
    pub(crate) fn seen(&self, tick: u64, settings: &PropofolSettings) -> Seen {
        let without = self.at.map_or(u64::MAX, |at| tick.saturating_sub(at));
        // A condition is known up to the last sample.
        let lasted = |began: Option<u64>| {
            began.zip(self.at).map_or(0, |(began, at)| at.saturating_sub(began))
        };
        let samples = self.recent.iter().flatten().map(|value| i64::from(*value));
        let range = samples.clone().min().zip(samples.max());
        let age = self.pressed.map(|at| tick.saturating_sub(at));
        let pressed = age.is_some_and(|age| age <= settings.pressure.age_most);
        let highest = self.pressures.iter().flatten().max().filter(|_| pressed);
        Seen {
            usable: without <= settings.quality.age_most,
            without,
            deep: lasted(self.deep),
            low: lasted(self.low),
            high: lasted(self.high),
            suppressed: lasted(self.suppressed),
            range,
            pressure: highest.map(|highest| i64::from(*highest)),
            unwell: pressed && self.unwell.is_some(),
        }
    }
}
