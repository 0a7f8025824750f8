//! A therapy profile as it is handed from who signs it to the device: a C2SP `signed-note`.
//!
//! ```text
//! homeostat-profile/v1                 what this is, so that no other signature can stand for it
//! insulin                              the therapy
//! homeostat.example/device-7           the device of the person for whom it was signed
//! 3                                    its revision: a device takes none that is lower
//! jQOCAQGG...                          the profile's bytes in base64
//!
//! — clinic.example/profiles az3grl...  who signed
//! ```
//!
//! The text says one thing in one way: what is read is written again and compared. The profile's
//! bytes are opaque here. `insulin` and `supervisor` know nothing of signatures: this is the
//! shell's business, done before a loop is built.

use core::fmt::{Display, Formatter};

use base64ct::{Base64, Encoding};
use homeostat_blackbox::VerifierKey;
use homeostat_blackbox::note::{Name, Note, NoteError, NoteSigner, Strict, write_signature};

/// The first line: the kind of statement and its version.
const KIND: &str = "homeostat-profile/v1";
/// No signed profile is longer, in bytes.
pub const SIGNED_PROFILE_LIMIT: usize = 32_768;

/// Why a signed profile is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileRefusal {
    /// There is nothing where the profile should be.
    #[error("profile refused: there is none")]
    Missing,
    /// Not a signed profile in its one spelling.
    #[error(
        "profile refused: damaged; expected a signed note of five lines: {KIND}, therapy, device, \
         revision, profile in base64"
    )]
    Malformed,
    /// The signature is wrong, or by nobody who is trusted here.
    #[error("profile refused: {0}")]
    Signature(NoteError),
    /// It is for another therapy.
    #[error("profile refused: it is for the therapy {found}, expected {expected}")]
    Therapy {
        /// The therapy that it names.
        found: String,
        /// The therapy here.
        expected: String,
    },
    /// It was signed for the device of another person (F-U10).
    #[error("profile refused: it was signed for {found}, and this is {expected}")]
    Device {
        /// The device that it names.
        found: String,
        /// The device here.
        expected: String,
    },
    /// A lower revision than the one in use: a rollback (F-C16).
    #[error("profile refused: revision {found} is older than revision {in_use}, which is in use")]
    Older {
        /// Its revision.
        found: u32,
        /// The revision in use.
        in_use: u32,
    },
    /// Good, but not what the loop was built from.
    #[error("profile refused: revision {0} is not what the loop was built from; start it anew")]
    Replaced(u32),
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The therapy, by its name.
    pub therapy: String,
    /// The pseudonym of the device of the person for whom the profile was made.
    pub device: String,
    /// Counts the profiles of this person.
    pub revision: u32,
    /// The profile, in the therapy's own bytes.
    pub profile: Vec<u8>,
}

impl Display for Statement {
    /// The text that is signed.
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        let Self { therapy, device, revision, profile } = self;
        let profile = Base64::encode_string(profile);
        write!(f, "{KIND}\n{therapy}\n{device}\n{revision}\n{profile}\n")
    }
}

impl Statement {
    /// The signed profile as a file: the statement and the signature of `signer`.
    #[must_use]
    pub fn signed(&self, signer: &NoteSigner) -> String {
        let text = self.to_string();
        let mut note = format!("{text}\n");
        // Text in memory takes every line.
        let _ = write_signature(&mut note, signer.verifier(), &signer.sign(&text));
        note
    }

    /// The statement of a note's text, if it is one in its only spelling.
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut line = || lines.next();
        let (kind, therapy, device) = (line()?, line()?, line()?);
        let (revision, profile) = (line()?.parse().ok()?, Base64::decode_vec(line()?).ok()?);
        let named = [therapy, device].into_iter().all(|name| Name::new(name).is_ok());
        let (therapy, device) = (therapy.to_owned(), device.to_owned());
        let statement = Self { therapy, device, revision, profile };
        (kind == KIND && named && statement.to_string() == text).then_some(statement)
    }
}

/// Takes a signed profile apart; nothing of it is believed yet.
fn parse(bytes: &[u8]) -> Result<(Statement, Note<'_>), ProfileRefusal> {
    if bytes.is_empty() {
        return Err(ProfileRefusal::Missing);
    }
    if bytes.len() > SIGNED_PROFILE_LIMIT {
        return Err(ProfileRefusal::Malformed);
    }
    let note = Note::parse(bytes).map_err(|_| ProfileRefusal::Malformed)?;
    Ok((Statement::read(note.text()).ok_or(ProfileRefusal::Malformed)?, note))
}

/// Reads a signed profile and says which of the `trusted` keys signed it.
///
/// # Errors
/// It is damaged, a trusted key's signature is wrong, or no trusted key signed.
pub fn verify(
    bytes: &[u8],
    trusted: &[VerifierKey],
) -> Result<(Statement, VerifierKey), ProfileRefusal> {
    let (statement, note) = parse(bytes)?;
    note.verify(trusted, &mut Strict).map_err(ProfileRefusal::Signature)?;
    let signer = trusted.iter().find(|key| note.signature_by(key).is_some());
    let signer = signer.ok_or(ProfileRefusal::Signature(NoteError::NoKnownKey))?;
    Ok((statement, *signer))
}

/// The body of a box's entry: the key that the device trusted on a line of its own, then the
/// signed profile verbatim.
#[must_use]
pub fn entry_body(key: &VerifierKey, signed: &[u8]) -> Vec<u8> {
    [format!("{key}\n").as_bytes(), signed].concat()
}

/// What a box's entry says of its profile, and whether the signature holds. Without a key that is
/// known from elsewhere, the key that the box names is used: the box is then in itself consistent.
///
/// # Errors
/// The entry is damaged or its signature is wrong.
pub fn read_entry(
    body: &[u8],
    known: Option<&VerifierKey>,
) -> Result<(Statement, VerifierKey), ProfileRefusal> {
    let (named, signed) = split_entry(body).ok_or(ProfileRefusal::Malformed)?;
    verify(signed, &[*known.unwrap_or(&named)])
}

/// The profile's bytes in a box's entry, signature or not, for who computes its cycles again.
#[must_use]
pub fn profile_in_entry(body: &[u8]) -> Option<Vec<u8>> {
    let (_, signed) = split_entry(body)?;
    parse(signed).ok().map(|(statement, _)| statement.profile)
}

fn split_entry(body: &[u8]) -> Option<(VerifierKey, &[u8])> {
    let end = body.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = body.split_at_checked(end)?;
    let named = core::str::from_utf8(line).ok()?.parse().ok()?;
    Some((named, rest.strip_prefix(b"\n")?))
}

#[cfg(test)]
mod tests;
