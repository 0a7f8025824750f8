//! The Insulin Delivery Service 1.0.2 (0x183A).
//!
//! Nearly all of its codes lie at a Hamming distance of four or more from each other, so that up to
//! three flipped bits give no other state (ACT-09); the results of the control points do not.

mod codes;
mod command;
mod history;
mod port;
mod record_access;
mod status;
mod status_reader;

pub use codes::{
    ActivationType, AnnunciationKind, AnnunciationStatus, BasalContext, BolusEnd, BolusType,
    BolusValue, CommandCode, CommandResult, CounterType, CounterValue, EventKind, OperationalState,
    RecordingReason, StatusReaderCode, TbrEnd, TbrType, TherapyState,
};
pub use command::{Bolus, Command, Tbr};
pub use history::{BasalRateChange, BolusDelivered, Event, HistoryRecord, ReferenceTime};
pub use port::InsulinPort;
pub use record_access::{AccessCode, AccessOperator, AccessResult, Filter, Operator, RecordAccess};
pub use status::{Annunciation, Features, Status, StatusChanged, feature};
pub use status_reader::{ActiveBasal, ActiveBolus, StatusReader, TbrState};

#[cfg(test)]
mod tests;
