//! The profile in use: verified before a loop is built, compared with what is stored in every cycle
//! (INT-01, INT-04).

use homeostat_blackbox::VerifierKey;

use crate::inspection::BuildError;
use crate::signed_profile::{ProfileRefusal, Statement, entry_body, verify};

/// Whose profiles a device takes.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The keys of those who may sign.
    pub signers: Vec<VerifierKey>,
    /// The therapy that the device is for.
    pub therapy: String,
    /// Its pseudonym.
    pub device: String,
}

/// A profile that was verified: the only thing from which a loop is started.
#[derive(Clone, Debug)]
pub struct InstalledProfile {
    trust: Trust,
    statement: Statement,
    key: VerifierKey,
    signed: Vec<u8>,
}

impl InstalledProfile {
    /// Verifies a signed profile: its form, its signature, its therapy and its device.
    ///
    /// # Errors
    /// [`ProfileRefusal`]: then nothing is started.
    pub fn verify(signed: &[u8], trust: Trust) -> Result<Self, ProfileRefusal> {
        let (statement, key) = accept(signed, &trust)?;
        Ok(Self { trust, statement, key, signed: signed.to_vec() })
    }

    /// The profile, in the therapy's own bytes.
    #[must_use]
    pub fn profile(&self) -> &[u8] {
        &self.statement.profile
    }

    /// The revision that its signer gave it.
    #[must_use]
    pub const fn revision(&self) -> u32 {
        self.statement.revision
    }

    /// Checks that the profile says of itself the revision that was signed.
    pub(crate) fn signed_as(&self, revision: u32) -> Result<(), BuildError> {
        if revision == self.revision() {
            return Ok(());
        }
        Err(BuildError::Profile(format!(
            "profile refused: header.revision is {revision}, expected {} as it was signed",
            self.revision()
        )))
    }

    /// What was signed.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The signed profile, verbatim.
    #[must_use]
    pub fn signed(&self) -> &[u8] {
        &self.signed
    }

    /// The body of the entry with which a box begins.
    #[must_use]
    pub fn entry_body(&self) -> Vec<u8> {
        entry_body(&self.key, &self.signed)
    }

    /// Whether what is stored now is still what was verified, byte for byte; if not, what is wrong with
    /// it. Takes no memory while it is.
    ///
    /// # Errors
    /// [`ProfileRefusal`]: the cycle's conditions then name the profile as invalid.
    pub fn check(&self, stored: &[u8]) -> Result<(), ProfileRefusal> {
        if self.signed == stored {
            return Ok(());
        }
        let (statement, _) = accept(stored, &self.trust)?;
        let (found, in_use) = (statement.revision, self.statement.revision);
        if found < in_use {
            return Err(ProfileRefusal::Older { found, in_use });
        }
        Err(ProfileRefusal::Replaced(found))
    }
}

fn accept(signed: &[u8], trust: &Trust) -> Result<(Statement, VerifierKey), ProfileRefusal> {
    let (statement, key) = verify(signed, &trust.signers)?;
    if statement.therapy != trust.therapy {
        let expected = trust.therapy.clone();
        return Err(ProfileRefusal::Therapy { found: statement.therapy, expected });
    }
    if statement.device != trust.device {
        let expected = trust.device.clone();
        return Err(ProfileRefusal::Device { found: statement.device, expected });
    }
    Ok((statement, key))
}
