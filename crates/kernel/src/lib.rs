//! One cycle of a physiologic closed loop, and its replay.
//!
//! Owns: the order of things within a cycle (controller, second opinion, supervisor) and the
//! fold of cycles that computes a record again. Promises: a total function, the same bytes in,
//! the same bytes out; nothing is read but the arguments. Absent: clocks, files, therapy.
//!
//! ```text
//! input --+--> controller --> proposal --+--> second opinion --> opinion --+
//!         |                              |                                 v
//!         +------------------------------+----------------> supervisor --> decision, admitted
//! ```
//!
//! A device runs the three steps in separate processes ([`Loop::propose`], [`Loop::weigh`],
//! [`Loop::dispose`]); a trial and a replay call [`Loop::cycle`], which is their composition.
#![no_std]
#![forbid(unsafe_code)]

mod controller;
mod cycle;
mod replay;

pub use controller::Controller;
pub use cycle::{Loop, LoopState, Outcome};
pub use replay::{Divergence, Part, Replay};
