//! From a controller's name and a signed profile to a loop that is ready to run.

use homeostat_insulin::LoopController;
use homeostat_insulin::algorithm::{Algorithm, OpenLoop};
use homeostat_insulin::controller::{Predictive, Rules};
use homeostat_insulin::profile::{Profile, ProfileError};
use homeostat_insulin::watch::Supervised;
use homeostat_kernel::{Controller, Loop};
use homeostat_record::{Bytes, SoftwareIdentity, Span};
use homeostat_second_opinion::InsulinOpinion;

use crate::InstalledProfile;
use crate::inspection::BuildError;
use crate::{LoopMachine, Machine};

/// Version of the mathematics that every decision rests on (see `homeostat-numeric`).
const MATHEMATICS: &str = "libm 0.2.16";

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
    let read = Profile::parse(installed.profile());
    let revision = read.as_ref().map_or(0, |read| read.content().header.revision.0);
    if read.is_ok() && revision != installed.revision() {
        return Err(BuildError::Profile(format!(
            "profile refused: header.revision is {revision}, expected {} as it was signed",
            installed.revision()
        )));
    }
    with(control, installed.profile(), read)
}

fn with(
    control: Control,
    profile: &[u8],
    read: Result<Profile, ProfileError>,
) -> Result<Box<dyn Machine>, BuildError> {
    let read = &read.map_err(|error| BuildError::Profile(error.to_string()))?;
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
    // These short texts always fit; an empty one would be no identity, and no replay would pass.
    SoftwareIdentity {
        controller: Bytes::copy_of(format!("insulin/{}", control.name()).as_bytes())
            .unwrap_or_default(),
        version: Bytes::copy_of(env!("CARGO_PKG_VERSION").as_bytes()).unwrap_or_default(),
        mathematics: Bytes::copy_of(MATHEMATICS.as_bytes()).unwrap_or_default(),
    }
}

/// Builds the loop that a black box says it recorded.
///
/// # Errors
/// When the controller is not known here or the profile is refused.
pub fn rebuild(
    identity: &SoftwareIdentity,
    profile: &[u8],
) -> Result<Box<dyn Machine>, BuildError> {
    let name = String::from_utf8_lossy(identity.controller.as_slice()).into_owned();
    let control = Control::NAMES.iter().find(|(known, _)| name == format!("insulin/{known}"));
    let (_, control) = control.ok_or(BuildError::Controller(name))?;
    with(*control, profile, Profile::parse_recorded(profile))
}
