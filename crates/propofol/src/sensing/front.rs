//! The frames of one cycle: whose they are, in which order, how old; then what they are worth.

use super::contact::{self, Contact};
use super::{INDEX, INDEX_UNIT, Ladder, MMHG, PRESSURE};
use super::{Rejection, Sample, Sensed, Trace};
use crate::profile::{Content, IDENTITIES_MAX, Profile};
use crate::units::{Index, MmHg};
use homeostat_record::{Frame, Input, Instant, List, SensorFrame, Span};
use minicbor::{Decode, Encode};

/// Pressures that are looked at together: a single one is noise.
const PRESSURES: usize = 3;

/// A pressure and when it was taken, by the device's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Pressed {
    #[n(0)]
    at: Instant,
    /// Thousandths of a mmHg.
    #[n(1)]
    value: i32,
}

/// What the front remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct FrontState {
    #[n(0)]
    monitor: Option<Contact>,
    #[n(1)]
    line: Option<Contact>,
    #[n(2)]
    trace: Trace,
    #[n(3)]
    ladder: Ladder,
    /// The last pressures, newest first.
    #[n(4)]
    pressures: List<Pressed, PRESSURES>,
}

impl FrontState {
    /// Somebody has checked the line and the monitor: one that was started again is taken anew.
    #[must_use]
    pub fn checked(&self) -> Self {
        Self { monitor: None, line: None, ..*self }
    }
}

/// Decoding, identity, order and age, before the checks of the value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Front {
    content: Content,
}

/// Sums over the usable samples of a cycle.
#[derive(Default)]
struct Sums {
    index: f64,
    weight: f64,
    count: f64,
}

impl Front {
    /// The front that a profile asks for.
    #[must_use]
    pub const fn new(profile: &Profile) -> Self {
        Self { content: *profile.content() }
    }

    /// Takes in the frames of one cycle. Total: any frames give an answer.
    #[must_use]
    pub fn sense(&self, state: &FrontState, input: &Input) -> (FrontState, Sensed) {
        let mut next = *state;
        let mut sensed = Sensed::default();
        let mut sums = Sums::default();
        for frame in &input.frames {
            if let Err(rejection) = self.take(&mut next, frame, input.now, &mut sensed, &mut sums) {
                sensed.rejections = sensed.rejections.with(rejection);
            }
        }
        next.ladder = next.ladder.judged(&self.content, input.now);
        sensed.validity = next.ladder.validity();
        if sums.count > 0.0 {
            sensed.index = Some(Index(sums.index / sums.count));
            sensed.weight = sums.weight / sums.count;
        }
        sensed.pressure = self.pressure(&next, input.now);
        (next, sensed)
    }

    /// One frame.
    fn take(
        &self,
        state: &mut FrontState,
        frame: &Frame,
        now: Instant,
        sensed: &mut Sensed,
        sums: &mut Sums,
    ) -> Result<(), Rejection> {
        let decoded =
            SensorFrame::decode(frame.bytes.as_slice()).map_err(|_| Rejection::Malformed)?;
        match (decoded.quantity, decoded.unit) {
            (INDEX, INDEX_UNIT) => self.index(state, &decoded, (frame.received, now), sensed, sums),
            (PRESSURE, MMHG) => self.pressed(state, &decoded, frame.received, now),
            (INDEX | PRESSURE, _) => Err(Rejection::WrongUnit),
            _ => Err(Rejection::NotOurs),
        }
    }

    fn index(
        &self,
        state: &mut FrontState,
        frame: &SensorFrame,
        (received, now): (Instant, Instant),
        sensed: &mut Sensed,
        sums: &mut Sums,
    ) -> Result<(), Rejection> {
        let identities = &self.content.identities;
        accepted(&identities.monitors, frame.source)?;
        contact::usable(frame)?;
        let age_most = Span::from_seconds(u64::from(self.content.quality.age_most.0));
        let placed = contact::place(state.monitor, frame, received, age_most)?;
        if placed.anew {
            // Another monitor: nothing that was learned of the last one holds (SEN-11).
            state.trace = Trace::default();
        }
        state.monitor = Some(placed.contact);
        if now.since(placed.at).is_none_or(|age| age > age_most) {
            return Err(Rejection::Stale);
        }
        let [muscle, suppression] = frame.detail;
        let sample = Sample {
            taken: Span::from_millis(frame.taken_millis),
            index: frame.value_thousandths,
            quality: frame.quality,
            muscle,
            suppression,
        };
        let (trace, result) = state.trace.feed(&self.content, &sample);
        state.trace = trace;
        let usable = result.inspect_err(|_| state.ladder = state.ladder.spoilt())?;
        state.ladder = state.ladder.heard(placed.at, usable.full);
        sensed.suppression = usable.suppression;
        sums.index += usable.index.0;
        sums.weight += usable.weight;
        sums.count += 1.0;
        Ok(())
    }

    fn pressed(
        &self,
        state: &mut FrontState,
        frame: &SensorFrame,
        received: Instant,
        now: Instant,
    ) -> Result<(), Rejection> {
        let Content { identities, pressure, .. } = &self.content;
        if frame.detail != [0, 0] {
            return Err(Rejection::Malformed);
        }
        accepted(&identities.lines, frame.source)?;
        contact::usable(frame)?;
        let age_most = Span::from_seconds(u64::from(pressure.age_most.0));
        let placed = contact::place(state.line, frame, received, age_most)?;
        if placed.anew {
            state.pressures = List::new();
        }
        state.line = Some(placed.contact);
        if now.since(placed.at).is_none_or(|age| age > age_most) {
            return Err(Rejection::Stale);
        }
        let value = frame.value_thousandths;
        let whole = u32::try_from(value / 1_000).unwrap_or(0);
        if !(pressure.range_low.0..=pressure.range_high.0).contains(&whole) {
            return Err(Rejection::OutOfRange);
        }
        let mut pressures = List::new();
        let newest = Pressed { at: placed.at, value };
        for pressed in core::iter::once(&newest).chain(&state.pressures) {
            if pressures.push(*pressed).is_err() {
                break;
            }
        }
        state.pressures = pressures;
        Ok(())
    }

    /// The mean of the last pressures, while the newest is fresh.
    fn pressure(&self, state: &FrontState, now: Instant) -> Option<MmHg> {
        let age_most = Span::from_seconds(u64::from(self.content.pressure.age_most.0));
        let newest = state.pressures.iter().next()?;
        if now.since(newest.at)? > age_most {
            return None;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for pressed in &state.pressures {
            sum += f64::from(pressed.value) / 1_000.0;
            count += 1.0;
        }
        Some(MmHg(sum / count))
    }
}

fn accepted(list: &List<u32, IDENTITIES_MAX>, source: u32) -> Result<(), Rejection> {
    let known = list.iter().any(|identity| *identity == source);
    if known { Ok(()) } else { Err(Rejection::IdentityNotAccepted) }
}
