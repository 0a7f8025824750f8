//! What can happen at the ports, whatever the therapy.

use homeostat_assembly::Corruption;
use homeostat_record::CauseSet;

use super::profile_store::ProfileFault;

/// The faults of one cycle, gathered from whatever overlays hold in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PortFaults {
    /// Nothing is heard of the sensor.
    pub sensor_silent: bool,
    /// Sensor messages are held back; they come together when this ends.
    pub sensor_delayed: bool,
    /// Every sensor message arrives twice.
    pub frames_twice: bool,
    /// No order reaches the actuator and no report comes back.
    pub actuator_silent: bool,
    /// Every report arrives twice.
    pub reports_twice: bool,
    /// Nothing leaves the actuator, and it notices.
    pub blocked: bool,
    /// Share of the counted amount that is really delivered, less one: 0 is exact.
    pub delivery_error: f64,
    /// Milliseconds by which the monotonic clock is off.
    pub clock_offset_millis: i64,
    /// The controller lies.
    pub corruption: Option<Corruption>,
    /// Conditions that the runtime establishes.
    pub conditions: CauseSet,
    /// What is wrong with the stored profile.
    pub profile: Option<ProfileFault>,
}
