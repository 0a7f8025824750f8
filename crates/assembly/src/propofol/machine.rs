//! From a controller's name and a signed profile to a loop that is ready to run.

use homeostat_kernel::{Controller, Loop};
use homeostat_propofol::LoopController;
use homeostat_propofol::algorithm::Algorithm;
use homeostat_propofol::controller::{Pid, Predictive, TargetControlled};
use homeostat_propofol::kinetics::Outside;
use homeostat_propofol::profile::{Profile, ProfileError};
use homeostat_propofol::watch::Supervised;
use homeostat_record::{SoftwareIdentity, Span};
use homeostat_second_opinion::PropofolOpinion;

use crate::inspection::BuildError;
use crate::{InstalledProfile, LoopMachine, Machine, controllers};

/// The therapy's name in signed profiles.
pub const THERAPY: &str = "propofol";

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Target-controlled infusion without feedback.
    Tci,
    /// A robust PID with prediction.
    Pid,
    /// Model-predictive control with an observer.
    Mpc,
}

impl Control {
    /// Every controller by its name in commands, files and boxes.
    pub const NAMES: [(&'static str, Self); 3] =
        [("tci", Self::Tci), ("pid", Self::Pid), ("mpc", Self::Mpc)];

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
    let read = parse(installed.profile())?;
    installed.signed_as(read.content().header.revision.0)?;
    with(control, installed.profile(), &read)
}

/// The limit of its kinetic model that whoever signed a profile overrode, in words; `None` where nothing
/// is overridden, and of a profile that cannot be read here.
#[must_use]
pub fn overridden(profile: &[u8]) -> Option<String> {
    let mut content = *Profile::parse(profile).ok()?.content();
    if content.gates.override_limits.0 == 0 {
        return None;
    }
    content.gates.override_limits.0 = 0;
    Some(match content.check() {
        Err(ProfileError::Model(Outside { model, limit, range: (least, most), found })) => {
            format!("{model} is valid for {limit:?} {least} to {most}, found {found}")
        }
        _ => "the person is within them".to_owned(),
    })
}

fn parse(profile: &[u8]) -> Result<Profile, BuildError> {
    Profile::parse(profile).map_err(|error| BuildError::Profile(error.to_string()))
}

fn with(control: Control, profile: &[u8], read: &Profile) -> Result<Box<dyn Machine>, BuildError> {
    let settings = read.settings();
    match control {
        Control::Tci => assemble(control, TargetControlled::new(&settings), read, profile),
        Control::Pid => assemble(control, Pid::new(*read.pid(), &settings), read, profile),
        Control::Mpc => {
            assemble(control, Predictive::new(*read.predictive(), &settings), read, profile)
        }
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
    let opinion = PropofolOpinion::from_profile(profile)
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
    with(control, profile, &parse(profile)?)
}
