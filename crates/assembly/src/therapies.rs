//! The therapies of this program, by the name that a box or a scenario gives.

use homeostat_record::{CycleEntry, SoftwareIdentity};

use crate::explanation::Explanation;
use crate::inspection::BuildError;
use crate::{InstalledProfile, Machine, controllers, insulin, propofol};

/// A therapy that this program knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Therapy {
    /// Automated insulin delivery.
    #[default]
    Insulin,
    /// Closed-loop propofol anaesthesia.
    Propofol,
}

impl Therapy {
    /// Both by name.
    pub const NAMES: [(&'static str, Self); 2] =
        [(insulin::THERAPY, Self::Insulin), (propofol::THERAPY, Self::Propofol)];

    /// The therapy whose software this is, by what stands before the slash of its controller's name.
    #[must_use]
    pub fn of(identity: &SoftwareIdentity) -> Option<Self> {
        let name = core::str::from_utf8(identity.controller.as_slice()).ok()?;
        let (therapy, _) = name.split_once('/')?;
        Self::NAMES.iter().find(|(known, _)| *known == therapy).map(|(_, therapy)| *therapy)
    }
}

/// The loop of a therapy under a controller's name, at its start.
///
/// # Errors
/// When the controller is not known here, or the profile is refused.
pub fn start(
    therapy: Therapy,
    controller: &str,
    profile: &InstalledProfile,
) -> Result<Box<dyn Machine>, BuildError> {
    match therapy {
        Therapy::Insulin => {
            insulin::start(controllers::named(&insulin::Control::NAMES, controller)?, profile)
        }
        Therapy::Propofol => {
            propofol::start(controllers::named(&propofol::Control::NAMES, controller)?, profile)
        }
    }
}

/// Which limits whoever signed a profile has overridden, in words; `None` where none are, and of a
/// therapy or a profile that this program does not know.
#[must_use]
pub fn overridden(therapy: &str, profile: &[u8]) -> Option<String> {
    match Therapy::NAMES.iter().find(|(name, _)| *name == therapy)?.1 {
        // Its profile has no limits that can be overridden.
        Therapy::Insulin => None,
        Therapy::Propofol => propofol::overridden(profile),
    }
}

/// Builds the loop that a black box says it recorded.
///
/// # Errors
/// When therapy or controller are not known here, or the profile is refused.
pub fn rebuild(
    identity: &SoftwareIdentity,
    profile: &[u8],
) -> Result<Box<dyn Machine>, BuildError> {
    match Therapy::of(identity) {
        Some(Therapy::Propofol) => propofol::rebuild(identity, profile),
        // It names what it does not know.
        Some(Therapy::Insulin) | None => insulin::rebuild(identity, profile),
    }
}

/// Who explains the cycles of a box.
#[derive(Clone, Debug)]
pub enum Explainer {
    /// In insulin's words.
    Insulin(Box<homeostat_insulin::profile::Profile>),
    /// In anaesthesia's words.
    Propofol(Box<homeostat_propofol::profile::Profile>),
}

impl Explainer {
    /// Who explains what this software recorded with this profile.
    ///
    /// # Errors
    /// The profile is refused.
    pub fn of(identity: Option<&SoftwareIdentity>, profile: &[u8]) -> Result<Self, BuildError> {
        use homeostat_insulin::profile::Profile as Insulin;
        use homeostat_propofol::profile::Profile as Propofol;
        let refused = |words: String| BuildError::Profile(words);
        match identity.and_then(Therapy::of).unwrap_or_default() {
            Therapy::Insulin => Insulin::parse_recorded(profile)
                .map(|profile| Self::Insulin(Box::new(profile)))
                .map_err(|error| refused(error.to_string())),
            Therapy::Propofol => Propofol::parse(profile)
                .map(|profile| Self::Propofol(Box::new(profile)))
                .map_err(|error| refused(error.to_string())),
        }
    }

    /// A cycle in words.
    #[must_use]
    pub fn explain(&self, entry: &CycleEntry) -> Explanation {
        match self {
            Self::Insulin(profile) => insulin::explanation::explain(entry, profile),
            Self::Propofol(profile) => propofol::explanation::explain(entry, profile),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeostat_record::Bytes;

    #[test]
    fn a_box_is_built_by_the_therapy_that_it_names() {
        let identity = |name: &str| SoftwareIdentity {
            controller: Bytes::copy_of(name.as_bytes()).expect("it fits"),
            ..SoftwareIdentity::default()
        };
        assert_eq!(Therapy::of(&identity("propofol/mpc")), Some(Therapy::Propofol));
        assert_eq!(Therapy::of(&identity("insulin/rules")), Some(Therapy::Insulin));
        assert_eq!(Therapy::of(&identity("heating/x")), None);
        let refused = |name: &str| rebuild(&identity(name), &[]).err().map(|e| e.to_string());
        for name in ["propofol/fuzzy", "heating/x", "mpc"] {
            let words = refused(name).expect("nobody knows it");
            assert!(words.starts_with(&format!("controller `{name}` is not known")), "{words}");
        }
    }
}
