//! Whose box a cell of a trial writes.

use homeostat_assembly::{BoxIdentity, Cadence};
use sha2::Digest as _;

/// The box of a cell of a trial: keys that follow from who is treated how, under what, with which
/// seed, so that the same cell gives the same bytes.
pub(crate) fn box_of_cell(
    (arm, hazard, subject): (&str, Option<&str>, &str),
    seed: u64,
    wall_start_millis: u64,
    cadence: Cadence,
) -> BoxIdentity {
    let hazard = hazard.map_or(String::new(), |hazard| format!(".{hazard}"));
    let fits = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let named: String = subject.chars().map(fits).collect();
    let origin = format!("homeostat.example/trial/{arm}{hazard}/{named}/{seed}");
    let mut entropy = sha2::Sha256::new();
    entropy.update(b"homeostat trial box ");
    entropy.update(origin.as_bytes());
    entropy.update(subject.as_bytes());
    let entropy = entropy.finalize().into();
    BoxIdentity { origin, entropy, wall_start_millis, cadence }
}
