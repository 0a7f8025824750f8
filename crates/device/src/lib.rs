//! The device: a runtime that survives its own parts.
//!
//! The supervisor process owns the mode table, the gate, the ledger, the black box, the links and the
//! alarms. The controller runs in a process that holds nothing and can do nothing but answer.
//! Start reading at [`core`] (one cycle), then [`controller`], then [`keeping`].
#![forbid(unsafe_code)]

pub mod alarms;
pub mod annunciator;
pub mod clock;
pub mod controller;
pub mod core;
mod dying;
pub mod folder;
#[doc(hidden)]
pub mod fuzzing;
pub mod keeping;
pub mod life;
pub mod links;
pub mod mailbox;
pub mod restart;
pub mod retention;
pub mod runtime;
pub mod selftest;
pub mod service;
pub mod sockets;
pub mod twice;
pub mod watchdog;
