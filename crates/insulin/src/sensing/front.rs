//! The frames of one cycle: whose they are, from which session, how old; then one [`Seen`].

use super::reading::{Reading, Value};
use super::{Outcome, Rejection, Rejections, Seen, Sensing, Trace, Trust};
use crate::profile::scale::{Grade, Percent};
use crate::profile::{self, Identities, Profile};
use crate::units::{GlucoseMgDl, MgDlPerMinute};
use homeostat_record::{Frame, Input, Instant, Quantity, SensorFrame, Span, StatusFlags, Unit};
use minicbor::{Decode, Encode};

/// How much slower the sensor's clock may run, in parts per million, before its readings seem to
/// age: the least delay seen is allowed to grow by as much.
const CLOCK_TOLERANCE_PPM: u64 = 200;
/// Interstitial glucose in the register of quantities.
pub const GLUCOSE: Quantity = Quantity(1);
/// Milligrams per decilitre in the register of units.
pub const MG_DL: Unit = Unit(1);
/// Millimoles per litre in the register of units.
pub const MMOL_L: Unit = Unit(2);

/// A quality or noise byte of this value means that the sensor does not know.
const UNKNOWN: u8 = 255;

/// The session of the sensor in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Session {
    #[n(0)]
    source: u32,
    #[n(1)]
    sequence: u32,
    #[n(2)]
    age_minutes: u16,
    /// Sensor's time of the newest frame.
    #[n(3)]
    taken: Span,
    /// The reception that had waited least, brought to the present.
    #[n(4)]
    anchor: Instant,
    /// Sensor's time that belongs to it.
    #[n(5)]
    anchor_taken: Span,
}

/// What the front remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct FrontState {
    #[n(0)]
    trace: Trace,
    #[n(1)]
    held: Option<Held>,
    #[n(2)]
    session: Option<Session>,
}

/// The last usable reading and when it was taken, by the device's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Held {
    #[n(0)]
    taken: Instant,
    #[n(1)]
    value: profile::scale::MilliMgDl,
}

/// What came of one cycle's frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sensed {
    /// For the controller.
    pub seen: Seen,
    /// Why readings of this cycle were not used.
    pub rejections: Rejections,
    /// What the last reading said that came as far as the checks of its value.
    pub outcome: Option<Outcome>,
}

/// Decoding, identity, session and age, before the checks of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Front {
    sensing: Sensing,
    identities: Identities,
}

impl Front {
    /// The front that a profile asks for.
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        Self { sensing: Sensing::new(profile), identities: profile.content().identities }
    }

    /// Takes in the frames of one cycle. Total: any frames give an answer. `explained` is the fall
    /// per minute that insulin on board explains.
    #[must_use]
    pub fn sense(
        &self,
        state: &FrontState,
        input: &Input,
        explained: MgDlPerMinute,
    ) -> (FrontState, Sensed) {
        let mut next = *state;
        let mut sensed = Sensed::default();
        for frame in &input.frames {
            match self.admit(&mut next, frame, input.now) {
                Err(rejection) => {
                    sensed.rejections = sensed.rejections.with(rejection);
                }
                Ok((reading, taken)) => {
                    let (trace, outcome) = self.sensing.feed(&next.trace, &reading, explained);
                    next.trace = trace;
                    sensed.note(&mut next, outcome, taken);
                }
            }
        }
        sensed.seen.held = self.held(&next, input.now);
        (next, sensed)
    }

    /// The last usable reading while it is not older than permitted.
    fn held(&self, state: &FrontState, now: Instant) -> Option<GlucoseMgDl> {
        let held = state.held?;
        let age = now.since(held.taken)?;
        (age <= self.age_most()).then(|| GlucoseMgDl::from(held.value))
    }

    const fn age_most(&self) -> Span {
        Span::from_seconds(self.sensing.bounds.age_most.0 as u64)
    }

    /// The reading of a frame that may be looked at, and when it was taken by the device's clock.
    fn admit(
        &self,
        state: &mut FrontState,
        frame: &Frame,
        now: Instant,
    ) -> Result<(Reading, Instant), Rejection> {
        let decoded =
            SensorFrame::decode(frame.bytes.as_slice()).map_err(|_| Rejection::Malformed)?;
        if decoded.detail != [0, 0] {
            return Err(Rejection::Malformed);
        }
        if decoded.quantity != GLUCOSE {
            return Err(Rejection::NotGlucose);
        }
        let value = said(&decoded)?;
        if !self.identities.sensors.iter().any(|sensor| *sensor == decoded.source) {
            return Err(Rejection::IdentityNotAccepted);
        }
        self.usable(&decoded)?;
        let session = follow(state.session.as_ref(), &decoded, frame.received)?;
        if state.session.is_none_or(|before| before.source != session.source) {
            // Another sensor: nothing that was learned of the last one holds (SEN-11).
            *state = FrontState::default();
        }
        let taken = session.device_time(frame.received, decoded_taken(&decoded));
        if session.ahead(frame.received, decoded_taken(&decoded)) > self.age_most() {
            return Err(Rejection::FromTheFuture);
        }
        state.session = Some(session.anchored(frame.received, decoded_taken(&decoded)));
        let age = now.since(taken).ok_or(Rejection::Stale)?;
        if age > self.age_most() {
            return Err(Rejection::Stale);
        }
        let reading = Reading {
            taken: decoded_taken(&decoded),
            value,
            quality: (decoded.quality != UNKNOWN).then(|| Percent(u32::from(decoded.quality))),
            noise: (decoded.noise != UNKNOWN).then(|| Grade(u32::from(decoded.noise))),
        };
        Ok((reading, taken))
    }

    /// Whether the sensor itself lets the frame treat a person.
    fn usable(&self, frame: &SensorFrame) -> Result<(), Rejection> {
        let age = u32::from(frame.session_minutes);
        let refusals = [
            (frame.status.any(StatusFlags::DEMONSTRATION), Rejection::Demonstration),
            (frame.status.any(StatusFlags::MALFUNCTION), Rejection::Malfunction),
            (frame.status.any(StatusFlags::SESSION_ENDED), Rejection::SessionEnded),
            (frame.status.any(StatusFlags::WARM_UP), Rejection::WarmUp),
            (age < self.sensing.bounds.warm_up.0, Rejection::WarmUp),
            (age > self.sensing.bounds.life.0, Rejection::WornOut),
            (frame.status.any(StatusFlags::BACKFILL), Rejection::Backfill),
        ];
        let refusal = refusals.into_iter().find(|(holds, _)| *holds);
        refusal.map_or(Ok(()), |(_, rejection)| Err(rejection))
    }
}

/// What the frame says of glucose.
fn said(frame: &SensorFrame) -> Result<Value, Rejection> {
    let value = match frame.unit {
        MG_DL => Value::MilliMgDl(frame.value_thousandths),
        MMOL_L => Value::MilliMmolL(frame.value_thousandths),
        _ => return Err(Rejection::NotGlucose),
    };
    let low = frame.status.any(StatusFlags::BELOW_RANGE);
    let high = frame.status.any(StatusFlags::ABOVE_RANGE);
    match (low, high) {
        (true, true) => Err(Rejection::FailureCode),
        (true, false) => Ok(Value::Low),
        (false, true) => Ok(Value::High),
        (false, false) => Ok(value),
    }
}

const fn decoded_taken(frame: &SensorFrame) -> Span {
    Span::from_millis(frame.taken_millis)
}

/// The session after this frame; order and restart are checked against the one before.
fn follow(
    before: Option<&Session>,
    frame: &SensorFrame,
    received: Instant,
) -> Result<Session, Rejection> {
    let taken = decoded_taken(frame);
    let anew = Session {
        source: frame.source,
        sequence: frame.sequence,
        age_minutes: frame.session_minutes,
        taken,
        anchor: received,
        anchor_taken: taken,
    };
    let Some(before) = before.filter(|before| before.source == frame.source) else {
        return Ok(anew);
    };
    if frame.session_minutes < before.age_minutes {
        return Err(Rejection::SessionRestarted);
    }
    if frame.sequence == before.sequence {
        return Err(Rejection::Duplicate);
    }
    if frame.sequence < before.sequence || taken < before.taken {
        return Err(Rejection::OutOfOrder);
    }
    if received.since(before.anchor).is_none() {
        // The device was started again: its clock cannot be compared with the time before.
        return Ok(anew);
    }
    Ok(Session { anchor: before.anchor, anchor_taken: before.anchor_taken, ..anew })
}

impl Session {
    /// When the sensor took a reading, by the device's clock: the anchor, and as much later as
    /// the sensor's clock says; never later than it was received.
    fn device_time(&self, received: Instant, taken: Span) -> Instant {
        let later = taken.as_millis().saturating_sub(self.anchor_taken.as_millis());
        let slack = later.saturating_mul(CLOCK_TOLERANCE_PPM) / 1_000_000;
        let at = self.anchor.after(Span::from_millis(later.saturating_add(slack)));
        if at > received { received } else { at }
    }

    /// How far the sensor's clock is ahead of what the anchor lets expect.
    fn ahead(&self, received: Instant, taken: Span) -> Span {
        let passed = received.since(self.anchor).unwrap_or_default();
        let later = taken.as_millis().saturating_sub(self.anchor_taken.as_millis());
        Span::from_millis(later.saturating_sub(passed.as_millis()))
    }

    /// The session with its anchor at this reception.
    fn anchored(self, received: Instant, taken: Span) -> Self {
        Self { anchor: self.device_time(received, taken), anchor_taken: taken, ..self }
    }
}

impl Sensed {
    /// Notes what was said of one reading.
    fn note(&mut self, state: &mut FrontState, outcome: Outcome, taken: Instant) {
        match outcome.result {
            Ok(value) => {
                state.held = Some(Held { taken, value });
                self.seen.glucose = Some(GlucoseMgDl::from(value));
                self.seen.trust = outcome.trust();
                self.seen.slope = outcome.slope;
                (self.seen.low, self.seen.high) = (outcome.low, outcome.high);
            }
            Err(rejection) => {
                self.rejections = self.rejections.with(rejection);
                if !matches!(rejection, Rejection::Duplicate | Rejection::OutOfOrder) {
                    self.seen.glucose = None;
                    self.seen.trust = Trust::Unusable;
                    self.seen.slope = None;
                    (self.seen.low, self.seen.high) = (outcome.low, outcome.high);
                }
            }
        }
        self.outcome = Some(outcome);
    }
}
