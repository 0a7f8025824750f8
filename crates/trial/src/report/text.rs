//! Numbers as readers see them.

use crate::metrics::{Glucose, Percent};

/// A number with fixed decimals; a rounded negative zero reads as zero.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    if zero { text.trim_start_matches('-').to_owned() } else { text }
}

/// A share of time: one decimal, two below 1. More than none never reads as none,
/// and less than all never as all.
pub(super) fn share(value: Percent) -> String {
    match value.get() {
        0.0 => "0".to_owned(),
        share if share < 0.01 => "<0.01".to_owned(),
        share if share < 1.0 => fixed(share, 2),
        share if share > 99.95 && share < 100.0 => ">99.9".to_owned(),
        share => fixed(share, 1),
    }
}

/// Glucose in whole mg/dL.
pub(super) fn whole(value: Glucose) -> String {
    fixed(value.mg_dl(), 0)
}
