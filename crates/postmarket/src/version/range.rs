//! Ranges of versions as text, before any ordering is applied.

use serde::{Deserialize, Serialize};

/// One end of an [`Interval`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Bound {
    /// The version as its source wrote it.
    pub version: String,
    /// Whether the version itself belongs to the interval.
    pub inclusive: bool,
}

impl Bound {
    /// An end that belongs to the interval.
    #[must_use]
    pub fn including(version: impl Into<String>) -> Self {
        Self { version: version.into(), inclusive: true }
    }

    /// An end that does not belong to the interval any more.
    #[must_use]
    pub fn excluding(version: impl Into<String>) -> Self {
        Self { version: version.into(), inclusive: false }
    }
}

/// All versions between two ends; an end that is not there is open.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Interval {
    /// Where it begins; `None` from the first version ever.
    pub lower: Option<Bound>,
    /// Where it ends; `None` for every later version, those not made yet included.
    pub upper: Option<Bound>,
}

/// Versions that belong together: a union of intervals. An empty range holds no version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Range {
    /// The intervals, in the order of their source.
    pub intervals: Vec<Interval>,
}

impl Range {
    /// The range that holds every version.
    #[must_use]
    pub fn all() -> Self {
        Self { intervals: vec![Interval::default()] }
    }
}

/// Whether a range holds a version. There is a third answer, and it is not a no.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[must_use]
pub enum Contained {
    /// It does.
    Yes,
    /// It does not, and every comparison that says so could be made.
    No,
    /// A version could not be ordered by the rules of its ecosystem: a person must look.
    Unknown,
}
