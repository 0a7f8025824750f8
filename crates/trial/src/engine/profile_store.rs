//! The place where a simulated device keeps its profile, with what may go wrong there.

use homeostat_assembly::signed_profile::{ProfileRefusal, Statement};
use homeostat_assembly::{InstalledProfile, Trust};
use homeostat_blackbox::note::{Name, NoteError, NoteSigner};
use sha2::{Digest as _, Sha256};

/// What can be wrong with the stored profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileFault {
    /// One bit of it is another.
    Damaged,
    /// It is gone.
    Missing,
    /// It is signed by somebody who is not trusted, with their own key.
    ForeignKey,
    /// It is signed by who is trusted, for another person's device.
    OtherPerson,
    /// It is signed by who is trusted, and is of an older revision.
    Older,
}

impl ProfileFault {
    /// Every kind by its name in files.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("damaged", Self::Damaged),
        ("missing", Self::Missing),
        ("foreign-key", Self::ForeignKey),
        ("other-person", Self::OtherPerson),
        ("older", Self::Older),
    ];

    /// A stored profile with this fault, made from what the signer says.
    #[must_use]
    pub fn copy_of(self, statement: &Statement, signer: &NoteSigner) -> Vec<u8> {
        let signed = |statement: Statement| statement.signed(signer).into_bytes();
        match self {
            Self::Damaged => {
                let mut bytes = statement.signed(signer).into_bytes();
                // Near the end of the text: within the profile itself.
                let place = statement.to_string().len().saturating_sub(3);
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1;
                }
                bytes
            }
            Self::Missing => Vec::new(),
            Self::ForeignKey => {
                let name = signer.verifier().name;
                statement.signed(&NoteSigner::new(name, &seed_of("foreign", 0))).into_bytes()
            }
            Self::OtherPerson => {
                let device = format!("{}.of-somebody-else", statement.device);
                signed(Statement { device, ..statement.clone() })
            }
            Self::Older => {
                let revision = statement.revision.saturating_sub(1);
                signed(Statement { revision, ..statement.clone() })
            }
        }
    }
}

/// Where the signed profile is kept while the loop runs, with what may go wrong there.
#[derive(Clone, Debug)]
pub struct ProfileStore {
    in_use: InstalledProfile,
    /// What is stored: bytes apart from those that were verified.
    stored: Vec<u8>,
    faulty: Vec<(ProfileFault, Vec<u8>)>,
}

impl ProfileStore {
    /// A store that holds what was installed, or under a fault one of the `faulty` copies.
    #[must_use]
    pub fn new(in_use: InstalledProfile, faulty: Vec<(ProfileFault, Vec<u8>)>) -> Self {
        Self { stored: in_use.signed().to_vec(), in_use, faulty }
    }

    /// Whether the store holds what the loop was built from.
    ///
    /// # Errors
    /// What is wrong with what it holds.
    pub fn check(&self, fault: Option<ProfileFault>) -> Result<(), ProfileRefusal> {
        let Some(fault) = fault else { return self.in_use.check(&self.stored) };
        let held = self.faulty.iter().find(|(kind, _)| *kind == fault);
        self.in_use.check(held.map_or(&[], |(_, bytes)| bytes))
    }
}

/// Signs a statement with the trial's test key, hands it to the device that it is for, and verifies it
/// there: the profile in use, and the store that keeps it with the `faults` that are to come. One that
/// holds `at_start` meets the device before it has verified anything.
///
/// # Errors
/// The profile that the device finds is refused.
pub fn install(
    statement: &Statement,
    seed: u64,
    at_start: Option<ProfileFault>,
    faults: impl Iterator<Item = ProfileFault>,
) -> Result<(InstalledProfile, ProfileStore), ProfileRefusal> {
    let signer = test_signer(seed).map_err(ProfileRefusal::Signature)?;
    let faulty: Vec<_> = faults.map(|fault| (fault, fault.copy_of(statement, &signer))).collect();
    let trust = Trust {
        signers: vec![*signer.verifier()],
        therapy: statement.therapy.clone(),
        device: statement.device.clone(),
    };
    let found = faulty.iter().find(|(fault, _)| Some(*fault) == at_start);
    let genuine = statement.signed(&signer).into_bytes();
    let found = found.map_or(genuine.as_slice(), |(_, copy)| copy);
    let installed = InstalledProfile::verify(found, trust)?;
    Ok((installed.clone(), ProfileStore::new(installed, faulty)))
}

/// The key that signs the profiles of a virtual trial: a test key, derived from the trial's seed so
/// that a run repeats bit for bit. It protects nothing.
///
/// # Errors
/// None: its name is a good one.
pub fn test_signer(seed: u64) -> Result<NoteSigner, NoteError> {
    let name = Name::new("homeostat.example/trial/test-key-for-profiles")?;
    Ok(NoteSigner::new(name, &seed_of("signer", seed)))
}

fn seed_of(purpose: &str, seed: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"homeostat virtual trial, test key for signing profiles, protects nothing\n");
    hash.update(purpose.as_bytes());
    hash.update(seed.to_be_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_04_each_fault_of_the_store_is_found_in_use_by_its_name() {
        let statement = Statement {
            therapy: "insulin".to_owned(),
            device: "homeostat.example/device-7".to_owned(),
            revision: 3,
            profile: vec![0x8B, 0, 255, 62, 63, 7],
        };
        let signer = test_signer(7).expect("a name");
        let faults = ProfileFault::NAMES.map(|(_, fault)| fault).into_iter();
        let (_, store) = install(&statement, 7, None, faults).expect("it is good");
        assert_eq!(store.check(None), Ok(()));
        let found = |fault| store.check(Some(fault)).expect_err("it is found");
        assert_eq!(found(ProfileFault::Missing), ProfileRefusal::Missing);
        assert!(matches!(
            found(ProfileFault::Damaged),
            ProfileRefusal::Malformed | ProfileRefusal::Signature(NoteError::BadSignature)
        ));
        let unknown = ProfileRefusal::Signature(NoteError::NoKnownKey);
        assert_eq!(found(ProfileFault::ForeignKey), unknown);
        assert!(matches!(found(ProfileFault::OtherPerson), ProfileRefusal::Device { .. }));
        assert_eq!(found(ProfileFault::Older), ProfileRefusal::Older { found: 2, in_use: 3 });
        let newer = Statement { revision: 4, ..statement }.signed(&signer);
        assert_eq!(store.in_use.check(newer.as_bytes()), Err(ProfileRefusal::Replaced(4)));
    }
}
