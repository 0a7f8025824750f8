//! Who may act, and within what.
//!
//! Owns: the table of causes, the mode machine, the guard, the ledger, leases and alarms. Promises:
//! integers only, no allocation, no panic; a total function of profile, state and input; authority
//! falls at once and rises by one level per dwell; nothing is ordered that did not pass the guard.
//! Absent: therapy (seen through [`Profile`] alone), clocks, files, links.
//!
//! Start reading at [`step`], then [`TABLE`], then [`modes`].
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::float_arithmetic,
    clippy::wildcard_enum_match_arm,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]
// One condition per decision: with that, branch coverage is condition coverage.
#![allow(clippy::collapsible_if, clippy::collapsible_match)]

pub mod alarms;
pub mod causes;
mod command;
pub mod flap;
pub mod guard;
pub mod history;
pub mod latch;
pub mod lease;
pub mod ledger;
pub mod modes;
mod people;
mod profile;
pub mod projection;
mod state;
mod step;
mod table;

pub use causes::Row;
pub use flap::EVENTS;
pub use guard::Admitted;
pub use profile::{ChannelLimits, Envelope, Findings, Profile, Timing, WINDOWS, WindowLimit};
pub use state::{Channel, Pending, State};
pub use step::{Outcome, step};
pub use table::TABLE;
