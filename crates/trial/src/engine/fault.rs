//! What can happen at the ports, whatever the therapy.

use homeostat_assembly::Corruption;
use homeostat_record::{Cause, CauseSet};

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
    /// Every report arrives twice, and once more behind the next one.
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

impl PortFaults {
    /// The runtime establishes a condition.
    pub fn establish(&mut self, cause: Cause) {
        self.conditions = self.conditions.union(CauseSet::EMPTY.with(cause));
    }
}

/// How the controller fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControllerFault {
    /// Proposes the largest permitted amount in every cycle.
    Maximum,
    /// Proposes far more than its declared space.
    Beyond,
    /// Proposes nothing at all times.
    Zero,
    /// Repeats its last honest proposal.
    Stuck,
    /// Gives no finite number (a NaN stops at the process border and is no proposal).
    NotANumber,
    /// Crashes and starts anew in every cycle.
    Crashes,
    /// Misses its deadline.
    Late,
}

impl ControllerFault {
    /// Every kind by its name in files.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("maximum", Self::Maximum),
        ("beyond", Self::Beyond),
        ("zero", Self::Zero),
        ("stuck", Self::Stuck),
        ("not-a-number", Self::NotANumber),
        ("crashes", Self::Crashes),
        ("late", Self::Late),
    ];

    /// What it does in a cycle.
    pub(crate) fn apply(self, faults: &mut PortFaults) {
        match self {
            Self::Maximum => faults.corruption = Some(Corruption::Maximum),
            Self::Beyond => faults.corruption = Some(Corruption::Beyond),
            Self::Zero => faults.corruption = Some(Corruption::Zero),
            Self::Stuck => faults.corruption = Some(Corruption::Stuck),
            Self::NotANumber | Self::Crashes => faults.establish(Cause::ControllerFailed),
            Self::Late => faults.establish(Cause::DeadlineMissed),
        }
    }
}
