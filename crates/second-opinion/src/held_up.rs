//! Reports that were held up on the way. Stated here for itself: an opinion shares no rule with the loop that it checks.

use homeostat_record::{OrderId, Report};

/// No message lies further behind: the link's window of replays ends there.
const FURTHEST: u64 = 64;

/// Whether a report says less than was told before by the same actuator: a nearby order of before, or less of the same order.
/// One that lies further behind is a new count.
pub(crate) fn is_held_up(report: &Report, accepted: OrderId, delivered: u64) -> bool {
    match accepted.0.checked_sub(report.accepted.0) {
        None => false,
        Some(0) => report.delivered_total < delivered,
        Some(behind) => behind <= FURTHEST,
    }
}
