//! A source of frames as the watch follows it: order, session, and how far its clock can be right.

use super::frame::Message;
use homeostat_record::Instant;
use minicbor::{Decode, Encode};

/// Thousandths of a millisecond by which the least delay may grow in a second: 200 ppm.
const CREEP_PER_SECOND: i64 = 200;

/// The newest message of a source, and the least delay seen of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Contact {
    #[n(0)]
    source: u32,
    #[n(1)]
    sequence: u32,
    #[n(2)]
    taken: u64,
    #[n(3)]
    session_minutes: u16,
    /// The boot for which `least` holds.
    #[n(4)]
    boot: u32,
    /// Least difference of the device's clock and the source's, milliseconds.
    #[n(5)]
    least: i64,
}

/// What a message is in the course of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// To be looked at; whether it is the first of its source, and its age in milliseconds.
    New { anew: bool, age: i64 },
    /// Seen already, or older than one that was.
    Old,
    /// The source was started again.
    Restarted,
    /// The source's clock is ahead of what is possible.
    Ahead,
    /// It has just come and says that it is old: one of the two clocks is wrong, or it was long under way.
    Behind,
}

/// Device's clock minus source's clock, milliseconds.
fn difference(received: Instant, taken: u64) -> Option<i64> {
    i64::try_from(received.millis).ok()?.checked_sub(i64::try_from(taken).ok()?)
}

/// Places a message after those before it. `most` is how far its delay may differ from the least one, milliseconds.
pub(super) fn follow(
    contact: &mut Option<Contact>,
    message: &Message,
    (received, now): (Instant, Instant),
    most: i64,
) -> Place {
    let before = contact.filter(|before| before.source == message.source);
    if let Some(before) = before {
        if message.session_minutes < before.session_minutes {
            return Place::Restarted;
        }
        if message.sequence <= before.sequence || message.taken < before.taken {
            return Place::Old;
        }
    }
    let Some(delay) = difference(received, message.taken) else { return Place::Ahead };
    let same_boot = before.filter(|before| before.boot == received.boot);
    let least = match same_boot {
        None => delay,
        Some(before) => {
            if before.least.saturating_sub(delay) > most {
                return Place::Ahead;
            }
            let passed = message.taken.saturating_sub(before.taken) / 1_000;
            let passed = i64::try_from(passed).unwrap_or(i64::MAX);
            let creep = passed.saturating_mul(CREEP_PER_SECOND) / 1_000;
            delay.min(before.least.saturating_add(creep))
        }
    };
    *contact = Some(Contact {
        source: message.source,
        sequence: message.sequence,
        taken: message.taken,
        session_minutes: message.session_minutes,
        boot: received.boot,
        least,
    });
    if delay.saturating_sub(least) > most {
        return Place::Behind;
    }
    let age = if now.boot == received.boot {
        difference(now, message.taken).map_or(i64::MAX, |whole| whole.saturating_sub(least))
    } else {
        i64::MAX
    };
    Place::New { anew: before.is_none(), age }
}
