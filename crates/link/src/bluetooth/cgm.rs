//! The Continuous Glucose Monitoring Service (0x181F).

mod control;
mod frame;
mod measurement;
mod port;
mod record_access;
mod session;

pub use control::{Calibration, Level, OperationResult, SpecificOperation};
#[cfg(test)]
pub(crate) use frame::NoFrame;
pub(crate) use frame::frame_of;
pub use measurement::{Measurement, Measurements, annunciation};
pub use port::{GlucosePort, Reading};
pub use record_access::{AccessResult, Operator, RecordAccess};
pub use session::{FEATURE_E2E_CRC, Feature, SessionRunTime, SessionStart, Status};

#[cfg(test)]
mod tests;
