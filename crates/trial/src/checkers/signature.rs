//! Is the profile in the black box signed, by the signer's key, for the device that wrote it?

use homeostat_assembly::inspection::Inspection;
use homeostat_assembly::inspection::profile::ProfileSignature;

use super::Verdict;

/// The verdict on the profile's signature.
#[must_use]
pub fn verdict(inspection: &Inspection) -> Verdict {
    let first = match &inspection.profile {
        ProfileSignature::Valid { .. } => None,
        other => Some(other.to_string()),
    };
    Verdict {
        checker: "signature",
        requirements: "INT-01, MOD-14",
        violations: u64::from(first.is_some()),
        first,
    }
}
