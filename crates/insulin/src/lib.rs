//! Automated insulin delivery as a therapy of the platform. The crate page follows with its code.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod algorithm;
pub mod controller;
pub mod delivered;
mod loop_controller;
mod method;
pub mod on_board;
pub mod presentation;
pub mod profile;
pub mod reason;
pub mod sensing;
pub mod units;
pub mod watch;

pub use loop_controller::{LoopController, LoopControllerState};
pub use method::{Method, MethodState};
