//! The other ends of a device's links, for tests and demonstrations.
#![forbid(unsafe_code)]

pub mod body;
pub mod pump;
pub mod sensor;
pub mod therapy;
pub mod tubing;
