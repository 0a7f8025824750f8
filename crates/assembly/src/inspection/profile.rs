//! Who signed the profile of a box, as far as the box shows it.

use core::fmt::{Display, Formatter};

use homeostat_blackbox::verdict::{KeySource, Record};
use homeostat_blackbox::{Verdict, VerifierKey};
use homeostat_record::EntryKind;

use crate::signed_profile::{ProfileRefusal, Statement, profile_in_entry, read_entry};
use crate::therapies::overridden;

/// What a box shows of who signed its profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProfileSignature {
    /// The box holds no profile.
    #[default]
    Absent,
    /// Its profile has no signature: the box was made before profiles were signed.
    None,
    /// Every profile in it is signed and for the device that wrote it; this is the last one.
    Valid {
        /// Who signed.
        key: Box<VerifierKey>,
        /// Whether the key was known from elsewhere.
        source: KeySource,
        /// The revision.
        revision: u32,
        /// Limits that whoever signed it has overridden, in words.
        overridden: Option<String>,
    },
    /// A profile in it is not to be believed.
    Refused(ProfileRefusal),
}

impl ProfileSignature {
    /// Limits that whoever signed the profile has overridden, in words.
    #[must_use]
    pub fn overridden(&self) -> Option<&str> {
        match self {
            Self::Valid { overridden, .. } => overridden.as_deref(),
            Self::Absent | Self::None | Self::Refused(_) => None,
        }
    }

    /// Whether a profile was found and refused.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

impl Display for ProfileSignature {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Absent => write!(f, "no profile"),
            Self::None => write!(f, "not signed (a box made before profiles were signed)"),
            Self::Valid { key, source, revision, .. } => {
                let whose = match source {
                    KeySource::Given => "which you gave",
                    KeySource::FromLog => "which the box names: not shown whose it is",
                };
                write!(f, "valid, revision {revision}, by key {} ({whose})", key.name)
            }
            Self::Refused(refusal) => write!(f, "{refusal}"),
        }
    }
}

/// Gathers what a box shows of its profiles while it is read.
#[derive(Clone, Debug, Default)]
pub struct ProfileWitness {
    known: Option<VerifierKey>,
    found: ProfileSignature,
    devices: Vec<String>,
}

impl ProfileWitness {
    /// A witness that may know the signer's key from elsewhere.
    #[must_use]
    pub fn new(known: Option<VerifierKey>) -> Self {
        Self { known, ..Self::default() }
    }

    /// Looks at an entry of any kind.
    pub fn see(&mut self, record: &Record<'_>) {
        let Some(entry) = record.entry else { return };
        match EntryKind::from_number(entry.header.kind.0) {
            Some(EntryKind::SignedProfile) => self.signed(entry.body.bytes()),
            Some(EntryKind::Profile) if self.found == ProfileSignature::Absent => {
                self.found = ProfileSignature::None;
            }
            _ => {}
        }
    }

    /// A refusal stays, whatever follows.
    fn signed(&mut self, body: &[u8]) {
        let source = self.known.map_or(KeySource::FromLog, |_| KeySource::Given);
        match read_entry(body, self.known.as_ref()) {
            _ if self.found.is_refused() => {}
            Err(refusal) => self.found = ProfileSignature::Refused(refusal),
            Ok((Statement { therapy, device, revision, profile }, key)) => {
                let (key, overridden) = (Box::new(key), overridden(&therapy, &profile));
                self.found = ProfileSignature::Valid { key, source, revision, overridden };
                self.devices.push(device);
            }
        }
    }

    /// The end: the profiles must be for the device whose box it is.
    #[must_use]
    pub fn conclude(self, verdict: &Verdict) -> ProfileSignature {
        let other = self.devices.into_iter().find(|device| *device != verdict.origin);
        match other {
            Some(found) if !self.found.is_refused() => {
                let expected = verdict.origin.to_string();
                ProfileSignature::Refused(ProfileRefusal::Device { found, expected })
            }
            _ => self.found,
        }
    }
}

/// The profile's bytes, if this entry holds a profile, signed or not: an error when it cannot be
/// read.
#[must_use]
pub fn profile_of(record: &Record<'_>) -> Option<Result<Vec<u8>, ProfileRefusal>> {
    let entry = record.entry?;
    let body = entry.body.bytes();
    match EntryKind::from_number(entry.header.kind.0)? {
        EntryKind::Profile => Some(Ok(body.to_vec())),
        EntryKind::SignedProfile => Some(profile_in_entry(body).ok_or(ProfileRefusal::Malformed)),
        _ => None,
    }
}
