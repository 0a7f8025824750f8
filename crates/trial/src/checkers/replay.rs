//! Is every recorded cycle bit-equal when it is computed again?
//!
//! A lying controller is found by exactly this: its lie is in the record, and an honest one
//! computes something else. A world in which one lied must therefore diverge; one in which the lies
//! happened to be what an honest controller says must not.

use homeostat_assembly::inspection::{Inspection, Replayed};

use super::Verdict;

/// The verdict on the replay. `cycles` were run; `lied` says whether any recorded proposal is
/// another than the honest one.
#[must_use]
pub fn verdict(inspection: &Inspection, cycles: u64, lied: bool) -> Verdict {
    let first = match (&inspection.replayed, lied) {
        (Replayed::Equal, false) if inspection.cycles == cycles => None,
        (Replayed::Equal, false) => {
            Some(format!("{} of {cycles} cycles were computed again", inspection.cycles))
        }
        (Replayed::Diverged { .. }, true) => None,
        (Replayed::Equal, true) => Some("a lying controller was not found".to_owned()),
        (Replayed::Diverged { divergence, .. }, false) => Some(divergence.to_string()),
        (Replayed::NotPossible(words), _) => Some(words.clone()),
    };
    Verdict {
        checker: "replay",
        requirements: "LOG-02, SIM-14",
        violations: u64::from(first.is_some()),
        first,
    }
}
