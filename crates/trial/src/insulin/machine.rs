//! From a controller's name and a signed profile to a loop that is ready to run.

use homeostat_record::SoftwareIdentity;

use super::scenario::Control;
use crate::engine::Machine;
use crate::inspection::BuildError;

/// Builds the loop of a controller.
///
/// # Errors
/// When the profile is refused.
pub fn build(control: Control, profile: &[u8]) -> Result<Box<dyn Machine>, BuildError> {
    let _ = profile;
    Err(BuildError::Controller(control.name().to_owned()))
}

/// Builds the loop that a black box says it recorded.
///
/// # Errors
/// When the controller is not known here or the profile is refused.
pub fn rebuild(identity: &SoftwareIdentity, profile: &[u8]) -> Result<Box<dyn Machine>, BuildError> {
    let name = String::from_utf8_lossy(identity.controller.as_slice()).into_owned();
    let control = Control::NAMES.iter().find(|(known, _)| name == format!("insulin/{known}"));
    let (_, control) = control.ok_or(BuildError::Controller(name))?;
    build(*control, profile)
}
