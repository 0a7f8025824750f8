//! Versions of every ecosystem, and which of them a range holds.

mod range;

pub use range::{Bound, Contained, Interval, Range};
