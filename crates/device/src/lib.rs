//! The device: a runtime that survives its own parts.
//!
//! The supervisor process owns the mode table, the gate, the ledger, the black box, the links and the
//! alarms. The controller runs in a [`controller`] process that holds nothing and can do nothing but
//! answer. Start reading there.
#![forbid(unsafe_code)]

pub mod controller;
