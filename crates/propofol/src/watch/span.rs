//! How long something has held.

use homeostat_record::{Instant, Span};

/// Keeps the beginning of a condition while it holds; across a restart it begins anew.
pub(super) fn hold(since: &mut Option<Instant>, holds: bool, now: Instant) {
    let begun = since.filter(|since| now.since(*since).is_some());
    *since = holds.then(|| begun.unwrap_or(now));
}

/// Whether a condition has held for so many seconds.
pub(super) fn lasted(since: Option<Instant>, now: Instant, seconds: u32) -> bool {
    let least = Span::from_seconds(u64::from(seconds));
    since.and_then(|since| now.since(since)).is_some_and(|age| age >= least)
}
