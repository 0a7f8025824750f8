//! What was ordered and what arrived; what bounds it; what comes next.

use super::{At, Length};
use serde::{Deserialize, Serialize};

/// One manipulated variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// What runs now, measured where it is measured, with its unit.
    pub now: String,
    /// Who set it: the controller, the basic therapy, a person.
    pub source: String,
    /// What the actuator says of itself, in words.
    pub actuator: String,
    /// Whether the actuator delivers as ordered.
    pub well: bool,
    /// When the actuator last reported.
    pub reported: Option<At>,
    /// A report is expected this often.
    pub interval: Length,
    /// How much later than that a report may come and still count as in time.
    pub allowance: Length,
    /// Ordered in this session.
    pub ordered: Amount,
    /// Accepted by the actuator.
    pub accepted: Amount,
    /// Delivered by the actuator's own count.
    pub delivered: Amount,
    /// Verified by an independent measurement; without a text where there is none.
    pub verified: Amount,
    /// What is not known yet and how it is counted; empty when all is known.
    pub uncertain: String,
    /// A temporary command that is still running and until when (MOD-10); empty when none is.
    pub temporary: String,
    /// Totals over windows, shortest first.
    pub totals: Vec<Total>,
}

/// An amount as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// With its unit; `None` where it is not known or not measured.
    pub text: Option<String>,
    /// When it was last counted.
    pub at: Option<At>,
}

/// What was delivered within a window that ends now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// The window.
    pub window: Length,
    /// The amount with its unit.
    pub text: String,
    /// Whether the device has known the whole window; if not the true amount may be larger.
    pub whole: bool,
}

/// A limit in use (UIX-01, UIX-03).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// The bound with its unit.
    pub bound: String,
    /// What of it is in use, with its unit.
    pub used: String,
    /// Share in use, in thousandths; may pass 1000.
    pub share: u32,
    /// Whether it bound the last order.
    pub binding: bool,
}

/// Something that the device will do by itself, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// What.
    pub words: String,
    /// When.
    pub at: At,
}
