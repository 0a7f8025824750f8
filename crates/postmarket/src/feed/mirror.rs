//! The offline mirror: one file with feed files, where each came from, when and with which bytes, signed.
//!
//! The file is a plain `tar` archive that any tool opens: `manifest.json`, `manifest.sig`, then the feed files in the
//! order of their names, without times or owners, so that the same files give the same bytes. The signature is
//! Ed25519 over [`CONTEXT`] and the manifest; the manifest holds the SHA-256 of every file.
//!
//! Online and offline scans read the same [`FeedFile`]s in the same order, so that they give the same result.

use super::tar;
use ed25519_dalek::{Signature, Signer as _};
pub use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the signature is about, so that it can be taken for no other.
pub const CONTEXT: &[u8] = b"homeostat feed mirror v1\n";
/// The largest mirror that is read: all public feeds together are a third of it.
pub const LARGEST_MIRROR: usize = 2 << 30;
/// The most files in a mirror: one for every CVE record, twice.
pub const MOST_FILES: usize = 1_000_000;

/// The first member of the archive.
const MANIFEST: &str = "manifest.json";
/// The second member: the signature, or nothing.
const SIGNATURE: &str = "manifest.sig";

/// A feed file as it was fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedFile {
    /// Its name in the mirror: letters, digits, `.`, `_`, `-` and `/`, at most 100 bytes.
    pub name: String,
    /// Where it came from.
    pub origin: String,
    /// When it was fetched, RFC 3339.
    pub fetched: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What the manifest says of a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Where it came from.
    pub origin: String,
    /// When it was fetched, RFC 3339.
    pub fetched: String,
    /// Its size.
    pub bytes: usize,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: String,
    files: Vec<Listed>,
}

const FORMAT: &str = "homeostat-mirror-1";

/// Why a mirror cannot be made or used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// Its size or number of files is beyond what is read.
    #[error("expected at most {most} {what}, found {found}: make several mirrors")]
    TooLarge {
        /// Bytes or files.
        what: &'static str,
        /// The bound.
        most: usize,
        /// What was found.
        found: usize,
    },
    /// A file's name cannot stand in a mirror.
    #[error(
        "expected a name of letters, digits, . _ - / without .. and at most 100 bytes, found {0:?}: rename it"
    )]
    Name(String),
    /// Two files have one name.
    #[error("expected every name once, found {0:?} twice: rename one")]
    Twice(String),
    /// It is no archive of this form.
    #[error("expected a mirror, found: {0}; fetch or make it again")]
    Form(String),
    /// A file is not the one that was signed.
    #[error(
        "{name}: expected SHA-256 {expected}, found {found}: the mirror was damaged or changed, fetch it again"
    )]
    Changed {
        /// The file.
        name: String,
        /// What the manifest says.
        expected: String,
        /// What was computed.
        found: String,
    },
    /// None of the trusted keys made the signature.
    #[error(
        "expected a signature by one of {trusted} trusted keys, found {found}: do not use this mirror"
    )]
    Untrusted {
        /// How many keys are trusted.
        trusted: usize,
        /// What is known of the signature.
        found: String,
    },
}

/// Whose mirrors are read.
#[derive(Clone, Copy, Debug)]
pub enum Trust<'k> {
    /// Those signed by one of the keys.
    Keys(&'k [VerifyingKey]),
    /// Anybody's: only what was made on the spot, or for looking inside.
    Anyone,
}

/// A mirror whose files are those of its manifest.
#[derive(Clone, Debug)]
pub struct Mirror<'b> {
    /// SHA-256 of the manifest: it names exactly these files, and belongs into every result.
    pub digest: String,
    /// The key that signed it, if keys were asked for.
    pub signer: Option<VerifyingKey>,
    /// What the manifest says.
    pub listed: Vec<Listed>,
    contents: Vec<Cow<'b, [u8]>>,
}

/// Makes a mirror. The order in which the files are given does not matter. Without a key it is not signed.
///
/// # Errors
///
/// Where a name cannot stand in a mirror or stands there twice, or the bounds are passed.
pub fn write(files: &[FeedFile], key: Option<&SigningKey>) -> Result<Vec<u8>, MirrorError> {
    bounded("files", files.len(), MOST_FILES)?;
    let mut sorted: BTreeMap<&str, &FeedFile> = BTreeMap::new();
    for file in files {
        if !is_name(&file.name) {
            return Err(MirrorError::Name(file.name.clone()));
        }
        if sorted.insert(&file.name, file).is_some() {
            return Err(MirrorError::Twice(file.name.clone()));
        }
    }
    let listed = sorted.values().map(|file| Listed {
        name: file.name.clone(),
        origin: file.origin.clone(),
        fetched: file.fetched.clone(),
        bytes: file.bytes.len(),
        sha256: digest(&file.bytes),
    });
    let manifest = Manifest { format: FORMAT.to_owned(), files: listed.collect() };
    let mut manifest = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| MirrorError::Form(error.to_string()))?;
    manifest.push(b'\n');
    let signature = key.map(|key| {
        let signature = hexadecimal(&key.sign(&message(&manifest)).to_bytes());
        format!("{signature} {}", hexadecimal(key.verifying_key().as_bytes()))
    });
    let mut out = Vec::new();
    tar::append(&mut out, MANIFEST, &manifest);
    tar::append(&mut out, SIGNATURE, signature.unwrap_or_default().as_bytes());
    for (name, file) in sorted {
        tar::append(&mut out, name, &file.bytes);
    }
    tar::finish(&mut out);
    bounded("bytes", out.len(), LARGEST_MIRROR)?;
    Ok(out)
}

/// Reads a mirror and checks every byte of it: the signature over the manifest, and each file against the manifest.
///
/// # Errors
///
/// Where the bounds are passed, it is no mirror, nobody that is trusted signed it, or a file was changed, added or left
/// out.
pub fn open<'b>(bytes: &'b [u8], trust: &Trust<'_>) -> Result<Mirror<'b>, MirrorError> {
    bounded("bytes", bytes.len(), LARGEST_MIRROR)?;
    let form = |text: &str| MirrorError::Form(text.to_owned());
    let mut members = tar::members(bytes);
    let mut next = |wanted: &str| match members.next() {
        Some(Ok((name, content))) if name == wanted => Ok(content),
        Some(Err(error)) => Err(MirrorError::Form(error)),
        _ => Err(MirrorError::Form(format!("no member {wanted:?} where it belongs"))),
    };
    let manifest = next(MANIFEST)?;
    let signer = signed_by(manifest, next(SIGNATURE)?, trust)?;
    let read: Manifest = serde_json::from_slice(manifest)
        .map_err(|error| MirrorError::Form(format!("manifest.json: {error}")))?;
    if read.format != FORMAT {
        return Err(form("a manifest of another format"));
    }
    bounded("files", read.files.len(), MOST_FILES)?;
    let mut contents = Vec::with_capacity(read.files.len());
    for listed in &read.files {
        let content = next(&listed.name)?;
        let found = digest(content);
        if found != listed.sha256 {
            let (name, expected) = (listed.name.clone(), listed.sha256.clone());
            return Err(MirrorError::Changed { name, expected, found });
        }
        contents.push(Cow::Borrowed(content));
    }
    if members.next().is_some() {
        return Err(form("a file that the manifest does not list"));
    }
    Ok(Mirror { digest: digest(manifest), signer, listed: read.files, contents })
}

fn signed_by(
    manifest: &[u8],
    signature: &[u8],
    trust: &Trust<'_>,
) -> Result<Option<VerifyingKey>, MirrorError> {
    let Trust::Keys(keys) = trust else { return Ok(None) };
    let untrusted = |found: String| MirrorError::Untrusted { trusted: keys.len(), found };
    // Signature and key; the key was left out by the first release.
    let mut parts = signature.split(u8::is_ascii_whitespace).filter(|part| !part.is_empty());
    let Some(bytes) = parts.next().and_then(of_hexadecimal) else {
        return Err(untrusted("none".to_owned()));
    };
    let (signature, message) = (Signature::from_bytes(&bytes), message(manifest));
    let made = |key: &&VerifyingKey| key.verify_strict(&message, &signature).is_ok();
    if let Some(key) = keys.iter().find(made) {
        return Ok(Some(*key));
    }
    let named = parts.next().and_then(of_hexadecimal);
    let named = named.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    Err(untrusted(match named.as_ref().filter(made) {
        Some(key) => format!("one by {}, which is none of them", hexadecimal(key.as_bytes())),
        None => "one that none of them made".to_owned(),
    }))
}

impl Mirror<'_> {
    /// The files, in the order of their names.
    pub fn files(&self) -> impl Iterator<Item = (&Listed, &[u8])> {
        self.listed.iter().zip(self.contents.iter().map(|content| &**content))
    }
}

fn bounded(what: &'static str, found: usize, most: usize) -> Result<(), MirrorError> {
    if found > most { Err(MirrorError::TooLarge { what, most, found }) } else { Ok(()) }
}

fn is_name(name: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    let taken = name == MANIFEST || name == SIGNATURE;
    let parts = || name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    !taken && name.len() <= tar::LONGEST_NAME && name.bytes().all(fine) && parts()
}

fn message(manifest: &[u8]) -> Vec<u8> {
    [CONTEXT, manifest].concat()
}

fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a key or signature that is written as hexadecimal digits.
#[must_use]
pub fn of_hexadecimal<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let mut out = [0; N];
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests;
