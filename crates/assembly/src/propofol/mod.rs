//! Closed-loop anaesthesia, assembled: its controllers by name, its words for a cycle.

pub mod explanation;
mod machine;

pub use machine::{Control, THERAPY, identity, overridden, rebuild, start};
