//! A therapy's name, a controller's name and a verified profile become a loop that turns, records
//! itself and can be computed again.
//!
//! Owns: the [`Machine`] (a loop with its state, whatever its therapy and controller), the signed
//! profile without which none is started, the order of a box's entries, the inspection of a box
//! (verified and replayed in one pass) and the words in which a cycle is explained. A device, a trial
//! and an auditor build on the same. Absent: patients, sockets, clocks, processes.
//!
//! Start reading at [`Machine`], then [`Recorder`], then [`inspection`].
#![forbid(unsafe_code)]

mod controllers;
pub mod explanation;
pub mod inspection;
mod installed;
pub mod insulin;
mod machine;
pub mod propofol;
mod recorder;
pub mod signed_profile;
pub mod therapies;

pub use installed::{InstalledProfile, Trust};
pub use machine::{Answer, Corruption, LoopMachine, Machine, ProposeError, Retrace, Turn};
pub use recorder::{BoxIdentity, Cadence, RecordError, Recorder, SCHEMA};
