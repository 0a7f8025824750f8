//! Automated insulin delivery as a therapy of the platform.
//!
//! Owns: the signed profile and its ranges, sensing, insulin on board, the dosing algorithms, the
//! supervisor's watch, the words. Promises: pure functions, the same bytes in, the same bytes out;
//! no allocation, no panic path; what cannot be believed is never a number, and what may be a low
//! always stops delivery. Absent: clocks, files, signatures, modes, any way to reach a pump.
//!
//! Start reading at [`profile`], then [`LoopController`] (the controller's side of a cycle) and
//! [`watch`] (the supervisor's side, which shares nothing with it but the profile).
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
