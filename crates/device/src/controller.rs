//! The controller in a process of its own: no network, no files, a deadline.
//!
//! It holds no state. Each question carries the state and the input of a cycle, each answer the next
//! state and the proposal ([`protocol`]), so that its death costs one cycle and the record of the loop
//! replays whatever happened to it. [`serve()`] is the child's side, [`ChildProcess`] the supervisor's.

pub mod confinement;
mod process;
pub mod protocol;
mod serve;

pub use process::{ChildProcess, ControllerPort, Heard, SpawnError};
pub use serve::{ServeError, serve};
