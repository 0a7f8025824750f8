//! What a scenario says of remifentanil.

use homeostat_patients::anaesthesia::units::{UgPerKgPerMinute, UgPerMg};

use super::keys;

/// Remifentanil from a second syringe that the clinician couples to the first: so much beside each
/// milligram of propofol, within two limits by body weight.
///
/// It stands outside the loop, which neither commands nor bounds it, and which knows of it only that the
/// person is given opioids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinated {
    /// Beside the propofol that the first syringe counts, 0 to 10.
    pub ratio: UgPerMg,
    /// Never less in induction and maintenance, 0 to 1.
    pub base: UgPerKgPerMinute,
    /// Never more, 0 to 1; at least the base.
    pub most: UgPerKgPerMinute,
}

impl Coordinated {
    /// The reference figures, which are ours: the ratio is the one at which 300 adults of the standard
    /// trial have 0.15 ug/kg/min in the mean under predictive control.
    pub const REFERENCE: Self = Self {
        ratio: UgPerMg(2.0),
        base: UgPerKgPerMinute(keys::BASE_LEFT_OUT),
        most: UgPerKgPerMinute(keys::MOST_LEFT_OUT),
    };
}
