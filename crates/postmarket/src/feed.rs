//! What feeds say, as events: adapters are pure functions from the bytes of a file to [`Intake`].

mod event;

pub use event::{
    Advisory, Affected, Assertion, AssertionStatus, Event, Intake, Origin, Package, Place,
    Rejected, Remedy, Severity, SeverityKind, Signal, SignalKind, Status,
};
