//! C2SP `signed-note` with Ed25519 keys (signature type 0x01): a text, an empty line, signature lines.

use core::fmt::{self, Write};

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use thiserror::Error;

use crate::hash::sha256;
use crate::text::Text;

/// The signature type of plain Ed25519, in key ids and in key texts.
const ED25519: u8 = 0x01;
/// What every signature line begins with: an em dash and a space.
const LINE_START: &str = "\u{2014} ";
/// A key id and an Ed25519 signature.
const SIGNATURE_BYTES: usize = 68;
/// Signature lines that a note may have. The specification asks for at least 16.
const MOST_SIGNATURES: usize = 64;

/// The longest key name and origin, in bytes.
pub const NAME_LIMIT: usize = 200;
/// The longest note that this crate writes: origin twice, size, root, the next key, one signature.
pub const NOTE_LIMIT: usize = 1024;

/// Why a note, or a key, was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum NoteError {
    /// Not a note at all.
    #[error("malformed note: expected text, an empty line, then signature lines")]
    Malformed,
    /// A known key's signature does not fit the text.
    #[error("the signature of a known key is wrong")]
    BadSignature,
    /// No signature is by a known key.
    #[error("no signature is by a known key")]
    NoKnownKey,
    /// A verifier key text that is not `name+hash+key`.
    #[error("malformed verifier key: expected name+hash+base64 of an Ed25519 key")]
    MalformedKey,
    /// An empty or too long name, or one with a space, a plus sign or a control character.
    #[error("bad name: expected 1 to 200 bytes without spaces, plus signs and control characters")]
    BadName,
}

/// A key name, which for a log is also its origin: 1 to 200 bytes without spaces, `+` and control characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Name(Text<NAME_LIMIT>);

impl Name {
    /// Checks and copies `text`.
    ///
    /// # Errors
    /// [`NoteError::BadName`].
    pub fn new(text: &str) -> Result<Self, NoteError> {
        if !is_name(text) {
            return Err(NoteError::BadName);
        }
        Text::copy_of(text).map(Self).ok_or(NoteError::BadName)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| !(c == '+' || c.is_whitespace() || c.is_control());
    !text.is_empty() && text.chars().all(allowed)
}

/// The first four bytes of `SHA-256(name || 0x0A || 0x01 || key)`.
fn key_id(name: &str, key: &[u8; 32]) -> [u8; 4] {
    let digest = sha256(&[name.as_bytes(), b"\n", &[ED25519], key]);
    digest.first_chunk().copied().unwrap_or_default()
}

/// Checks Ed25519 signatures. Production uses [`Strict`]; a simulator may remember answers.
pub trait SignatureCheck {
    /// Whether `signature` is `key`'s signature of `message`.
    fn check(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool;
}

/// `verify_strict` of ed25519-dalek: no small-order keys, no malleable signatures.
#[derive(Clone, Copy, Default, Debug)]
pub struct Strict;

impl SignatureCheck for Strict {
    fn check(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(key).is_ok_and(|verifying| {
            verifying.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
        })
    }
}

/// A public key with its name, as handed to those who verify.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifierKey {
    /// The key's name.
    pub name: Name,
    /// The Ed25519 public key.
    pub key: [u8; 32],
}

impl VerifierKey {
    /// The key id that signature lines carry.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        key_id(self.name.as_str(), &self.key)
    }

    /// Whether `line` claims to be by this key.
    #[must_use]
    pub fn made(&self, line: &SignatureLine<'_>) -> bool {
        line.name == self.name.as_str() && line.id == self.id()
    }
}

impl fmt::Display for VerifierKey {
    /// `name+hash+base64(0x01 || key)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut typed = [ED25519; 33];
        typed.iter_mut().skip(1).zip(self.key).for_each(|(to, from)| *to = from);
        let mut space = [0; 44];
        let base64 = Base64::encode(&typed, &mut space).map_err(|_| fmt::Error)?;
        write!(formatter, "{}+{:08x}+{base64}", self.name, u32::from_be_bytes(self.id()))
    }
}

impl core::str::FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, rest) = text.split_once('+').ok_or(NoteError::MalformedKey)?;
        let (hash, base64) = rest.split_once('+').ok_or(NoteError::MalformedKey)?;
        let mut typed = [0; 33];
        let decoded = Base64::decode(base64, &mut typed).map_err(|_| NoteError::MalformedKey)?;
        let (&[ED25519, ref key @ ..], 33) = (decoded, decoded.len()) else {
            return Err(NoteError::MalformedKey);
        };
        let key = key.try_into().map_err(|_| NoteError::MalformedKey)?;
        let verifier = Self { name: Name::new(name)?, key };
        let mut id = Text::<8>::new();
        let written = write!(id, "{:08x}", u32::from_be_bytes(verifier.id()));
        if written.is_err() || id.as_str() != hash || VerifyingKey::from_bytes(&key).is_err() {
            return Err(NoteError::MalformedKey);
        }
        Ok(verifier)
    }
}

/// A signed note, taken apart but not yet believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Note<'a> {
    text: &'a str,
    signatures: &'a str,
}

/// One signature line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignatureLine<'a> {
    /// The signer's name.
    pub name: &'a str,
    /// The signer's key id.
    pub id: [u8; 4],
    base64: &'a str,
}

impl<'a> SignatureLine<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, base64) = line.strip_prefix(LINE_START)?.split_once(' ')?;
        let (id, length) = read_base64(base64)?;
        (is_name(name) && length > id.len()).then_some(Self { name, id, base64 })
    }

    /// The signature, if it has the length of an Ed25519 one.
    fn ed25519(&self) -> Option<[u8; 64]> {
        let mut bytes = [0; SIGNATURE_BYTES];
        let decoded = Base64::decode(self.base64, &mut bytes).ok()?;
        decoded.get(4..)?.try_into().ok()
    }
}

/// Decodes base64 of any length in small steps: the first four bytes and the length of all.
fn read_base64(text: &str) -> Option<([u8; 4], usize)> {
    const STEP: usize = 64;
    const DECODED: usize = 48;
    let mut first = None;
    let mut length = 0_usize;
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let (step, after) = rest.split_at_checked(STEP).unwrap_or((rest, &[]));
        let mut space = [0; DECODED];
        let decoded = Base64::decode(step, &mut space).ok()?;
        if !after.is_empty() && decoded.len() != DECODED {
            return None;
        }
        first = first.or_else(|| decoded.first_chunk().copied());
        length = length.checked_add(decoded.len())?;
        rest = after;
    }
    first.map(|id| (id, length))
}

impl<'a> Note<'a> {
    /// Takes a note apart and checks its form; unknown kinds of signature are fine.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NoteError> {
        Self::split(bytes).ok_or(NoteError::Malformed)
    }

    fn split(bytes: &'a [u8]) -> Option<Self> {
        let whole = core::str::from_utf8(bytes).ok()?;
        if whole.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return None;
        }
        let end_of_text = whole.rfind("\n\n")?.checked_add(1)?;
        let (text, rest) = whole.split_at_checked(end_of_text)?;
        let signatures = rest.strip_prefix('\n')?;
        let lines = signatures.strip_suffix('\n')?.split('\n');
        let mut count = 0_usize;
        for line in lines {
            SignatureLine::parse(line)?;
            count = count.checked_add(1)?;
        }
        (1..=MOST_SIGNATURES).contains(&count).then_some(Self { text, signatures })
    }

    /// The signed text with its final newline. Meaningless before a signature was verified.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The signature lines.
    pub fn signatures(&self) -> impl Iterator<Item = SignatureLine<'a>> {
        self.signatures.lines().filter_map(SignatureLine::parse)
    }

    /// Verifies the signatures of `known` keys, and gives how many there were.
    ///
    /// # Errors
    /// A known key's signature is wrong, or no key is known. Unknown keys are ignored.
    pub fn verify(
        &self,
        known: &[VerifierKey],
        check: &mut impl SignatureCheck,
    ) -> Result<usize, NoteError> {
        let mut verified = 0_usize;
        for line in self.signatures() {
            for key in known.iter().filter(|key| key.made(&line)) {
                let signature = line.ed25519().ok_or(NoteError::BadSignature)?;
                if !check.check(&key.key, self.text.as_bytes(), &signature) {
                    return Err(NoteError::BadSignature);
                }
                verified = verified.saturating_add(1);
            }
        }
        if verified == 0 { Err(NoteError::NoKnownKey) } else { Ok(verified) }
    }

    /// The signature that claims to be by `key`, if there is one and it has the right length.
    #[must_use]
    pub fn signature_by(&self, key: &VerifierKey) -> Option<[u8; 64]> {
        self.signatures().find(|line| key.made(line)).and_then(|line| line.ed25519())
    }
}

/// Writes the signature line of `key`.
///
/// # Errors
/// When `out` has no room.
pub fn write_signature(
    out: &mut impl Write,
    key: &VerifierKey,
    signature: &[u8; 64],
) -> fmt::Result {
    let mut bytes = [0; SIGNATURE_BYTES];
    let (id, rest) = bytes.split_at_mut(4);
    id.copy_from_slice(&key.id());
    rest.copy_from_slice(signature);
    let mut space = [0; 92];
    let base64 = Base64::encode(&bytes, &mut space).map_err(|_| fmt::Error)?;
    writeln!(out, "{LINE_START}{} {base64}", key.name)
}

/// A private key with its name. Its memory is wiped when it is dropped.
pub struct NoteSigner {
    secret: SigningKey,
    verifier: VerifierKey,
}

impl NoteSigner {
    /// The key that `seed` stands for.
    #[must_use]
    pub fn new(name: Name, seed: &[u8; 32]) -> Self {
        let secret = SigningKey::from_bytes(seed);
        let key = secret.verifying_key().to_bytes();
        Self { secret, verifier: VerifierKey { name, key } }
    }

    /// The public half.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The private seed, for making the next key from it.
    pub(crate) fn seed(&self) -> [u8; 32] {
        self.secret.to_bytes()
    }

    /// Signs `text`.
    #[must_use]
    pub fn sign(&self, text: &str) -> [u8; 64] {
        self.secret.sign(text.as_bytes()).to_bytes()
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NoteSigner({}, secret not shown)", self.verifier)
    }
}

#[cfg(test)]
mod tests;
