//! Closed-loop propofol anaesthesia as a therapy of the platform.
//!
//! Owns: the signed profile and its ranges, sensing with the validity ladder, the stages of an
//! anaesthetic, propofol's kinetics as a controller needs them, the controllers, the supervisor's
//! watch, the words. Promises: pure functions, the same bytes in, the same bytes out; no
//! allocation, no panic path. Under-dosing (awareness) is a hazard equal in rank to over-dosing
//! (PRO-07). Absent: clocks, files, signatures, modes, any way to reach a pump.
//!
//! Start reading at [`profile`] and [`algorithm`] (what a controller sees and wishes), then
//! [`LoopController`] (the controller's side of a cycle) and [`watch`] (the supervisor's side,
//! which shares nothing with it but the profile).
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod algorithm;
mod books;
pub mod controller;
pub mod course;
pub mod delivered;
pub mod effect;
pub mod kinetics;
mod loop_controller;
mod method;
pub mod observer;
pub mod presentation;
pub mod profile;
pub mod reason;
mod response;
pub mod restraint;
pub mod sensing;
pub mod target_controlled;
#[cfg(test)]
mod testing;
pub mod units;
pub mod watch;

pub use loop_controller::{LoopController, LoopControllerState};
pub use method::{Method, MethodState};
