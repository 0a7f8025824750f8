//! What feeds say, as events: adapters are pure functions from the bytes of a file to events, handed on
//! record by record, and the counts of them ([`Intake`]).
//!
//! [`read`] looks at the content and chooses the adapter. One bad record never loses the others: what was not taken
//! is listed with its file, its place and the reason, and `records` is always `taken` and `rejected` together.

pub mod csaf;
pub mod cve5;
mod detect;
mod event;
mod json;
pub mod mirror;
pub mod nvd;
pub mod osv;
mod product_tree;
pub mod rustsec;
pub mod signals;
mod statement;
mod tar;
pub mod vex;

pub use detect::{Form, detect, read};
pub use event::{
    Advisory, Affected, Assertion, AssertionStatus, Event, Intake, Origin, Package, Place,
    Rejected, Remedy, Severity, SeverityKind, Signal, SignalKind, Sink, Status, gather,
};
pub use json::{LARGEST_FILE, MOST_RECORDS};
