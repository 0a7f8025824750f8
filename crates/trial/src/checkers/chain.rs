//! Does the finished black box verify, from its first byte to its last?

use homeostat_assembly::inspection::Inspection;

use super::Verdict;

/// The verdict on the chain.
#[must_use]
pub fn verdict(inspection: &Inspection) -> Verdict {
    let log = &inspection.verdict;
    let first = match &log.fault {
        Some(fault) => Some(fault.to_string()),
        None if log.unsigned_tail() > 0 => Some("entries that no signature vouches for".to_owned()),
        None if !log.closed => Some("the box was not closed".to_owned()),
        None => None,
    };
    Verdict {
        checker: "chain",
        requirements: "LOG-03, LOG-14",
        violations: u64::from(first.is_some()),
        first,
    }
}
