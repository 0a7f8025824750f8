//! One source of frames: its order, its session, and its clock against the device's.

use super::Rejection;
use homeostat_record::{Instant, SensorFrame, Span, StatusFlags};
use minicbor::{Decode, Encode};

/// How much slower a source's clock may run, in parts per million, before its samples seem to age:
/// the least delay seen is allowed to grow by as much.
const CLOCK_TOLERANCE_PPM: u64 = 200;

/// The last frame of a source, and the reception that had waited least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Contact {
    #[n(0)]
    source: u32,
    #[n(1)]
    sequence: u32,
    #[n(2)]
    session_minutes: u16,
    /// Source's time of the newest frame.
    #[n(3)]
    taken: Span,
    /// The reception that had waited least, brought to the newest frame.
    #[n(4)]
    anchor: Instant,
}

/// A frame's place in its source's course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) contact: Contact,
    /// When it was taken, by the device's clock; never later than it was received.
    pub(super) at: Instant,
    /// Another source than before, or the first.
    pub(super) anew: bool,
}

/// Whether the source itself lets the frame treat a person.
pub(super) fn usable(frame: &SensorFrame) -> Result<(), Rejection> {
    let refusals = [
        (StatusFlags::DEMONSTRATION, Rejection::Demonstration),
        (StatusFlags::MALFUNCTION, Rejection::Malfunction),
        (StatusFlags::SESSION_ENDED, Rejection::SessionEnded),
        (StatusFlags::WARM_UP | StatusFlags::CALIBRATION, Rejection::NotReady),
        (StatusFlags::BACKFILL, Rejection::Backfill),
        (StatusFlags::BELOW_RANGE | StatusFlags::ABOVE_RANGE, Rejection::OutOfRange),
    ];
    let refusal = refusals.into_iter().find(|(flag, _)| frame.status.any(*flag));
    refusal.map_or(Ok(()), |(_, rejection)| Err(rejection))
}

/// Places a frame behind those before; one that is too old or ahead of its time has no place.
pub(super) fn place(
    before: Option<Contact>,
    frame: &SensorFrame,
    received: Instant,
    age_most: Span,
) -> Result<Placed, Rejection> {
    let taken = Span::from_millis(frame.taken_millis);
    let fresh = Contact {
        source: frame.source,
        sequence: frame.sequence,
        session_minutes: frame.session_minutes,
        taken,
        anchor: received,
    };
    let Some(before) = before.filter(|before| before.source == frame.source) else {
        return Ok(Placed { contact: fresh, at: received, anew: true });
    };
    if frame.session_minutes < before.session_minutes {
        return Err(Rejection::SessionRestarted);
    }
    if frame.sequence == before.sequence {
        return Err(Rejection::Duplicate);
    }
    let Some(later) = taken.as_millis().checked_sub(before.taken.as_millis()) else {
        return Err(Rejection::OutOfOrder);
    };
    if frame.sequence < before.sequence {
        return Err(Rejection::OutOfOrder);
    }
    let Some(passed) = received.since(before.anchor) else {
        // The device was started again: its clock cannot be compared with the time before.
        return Ok(Placed { contact: fresh, at: received, anew: false });
    };
    if later.saturating_sub(passed.as_millis()) > age_most.as_millis() {
        return Err(Rejection::FromTheFuture);
    }
    let slack = later.saturating_mul(CLOCK_TOLERANCE_PPM) / 1_000_000;
    let expected = before.anchor.after(Span::from_millis(later.saturating_add(slack)));
    let at = if expected > received { received } else { expected };
    Ok(Placed { contact: Contact { anchor: at, ..fresh }, at, anew: false })
}
