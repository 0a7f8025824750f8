//! From a controller's name and a signed profile to a loop that is ready to run.

use homeostat_insulin::LoopController;
use homeostat_insulin::algorithm::{Algorithm, OpenLoop};
use homeostat_insulin::controller::{Predictive, Rules};
use homeostat_insulin::profile::{Profile, ProfileError};
use homeostat_insulin::watch::Supervised;
use homeostat_kernel::{Controller, Loop};
use homeostat_record::{SoftwareIdentity, Span};
use homeostat_second_opinion::InsulinOpinion;

use crate::inspection::BuildError;
use crate::{InstalledProfile, LoopMachine, Machine, controllers};

/// The therapy's name in signed profiles.
pub const THERAPY: &str = "insulin";

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// A person: the profile's basal rate and boluses by carbohydrate ratio and correction
    /// factor, in the phase Manual.
    OpenLoop,
    /// The readable rules.
    Rules,
    /// Model-predictive control.
    Mpc,
}

impl Control {
    /// Every controller by its name in commands, files and boxes.
    pub const NAMES: [(&'static str, Self); 3] =
        [("open-loop", Self::OpenLoop), ("rules", Self::Rules), ("mpc", Self::Mpc)];

    /// The controller's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(_, control)| *control == self);
        named.map_or("", |(name, _)| name)
    }
}

/// Builds the loop of a controller, to be started. It takes a profile that was verified: there is no
/// other way to start one.
///
/// # Errors
/// When the therapy refuses the profile, or it is not of the revision that was signed.
pub fn start(
    control: Control,
    installed: &InstalledProfile,
) -> Result<Box<dyn Machine>, BuildError> {
    let read = read(Profile::parse(installed.profile()))?;
    installed.signed_as(read.content().header.revision.0)?;
    with(control, installed.profile(), &read)
}

fn read(profile: Result<Profile, ProfileError>) -> Result<Profile, BuildError> {
    profile.map_err(|error| BuildError::Profile(error.to_string()))
}

fn with(control: Control, profile: &[u8], read: &Profile) -> Result<Box<dyn Machine>, BuildError> {
    match control {
        Control::OpenLoop => assemble(control, OpenLoop, read, profile),
        Control::Rules => assemble(control, Rules::of(read), read, profile),
        Control::Mpc => assemble(control, Predictive::of(read), read, profile),
    }
}

fn assemble<A: Algorithm>(
    control: Control,
    algorithm: A,
    read: &Profile,
    profile: &[u8],
) -> Result<Box<dyn Machine>, BuildError>
where
    LoopController<A>: Controller + 'static,
{
    let controller = LoopController::new(read, algorithm);
    let opinion = InsulinOpinion::from_profile(profile)
        .map_err(|error| BuildError::Profile(format!("second opinion: {error}")))?;
    let machine = Loop { controller, profile: Supervised::new(read), opinion };
    let period = Span::from_seconds(u64::from(read.content().times.period.0));
    Ok(Box::new(LoopMachine::new(machine, identity(control), profile.to_vec(), period)))
}

/// The identity that a box of this program's loops carries.
#[must_use]
pub fn identity(control: Control) -> SoftwareIdentity {
    controllers::identity(THERAPY, control.name())
}

/// Builds the loop that a black box says it recorded.
///
/// # Errors
/// When the controller is not known here or the profile is refused.
pub fn rebuild(
    identity: &SoftwareIdentity,
    profile: &[u8],
) -> Result<Box<dyn Machine>, BuildError> {
    let control = controllers::recorded(THERAPY, &Control::NAMES, identity)?;
    with(control, profile, &read(Profile::parse_recorded(profile))?)
}
