//! What must not be lost or changed unseen, kept twice: each copy with its number and the device's own
//! signature (PWR-03). A write touches one copy at a time, so that a loss of power leaves the other.
//!
//! ```text
//! 8 bytes "homeo2x1", u64 number (little-endian), u32 length, body, 64 bytes Ed25519 over all before
//! ```

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signature, Signer as _, SigningKey};

const MAGIC: &[u8; 8] = b"homeo2x1";
const HEAD: usize = 20;
const SIGNATURE: usize = 64;
/// No body is longer.
pub const BODY_LIMIT: usize = 1 << 20;

/// What a copy is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// Whole and the device's own.
    Good,
    /// There is none.
    Missing,
    /// Cut short, changed, or of another device.
    Bad,
}

/// Why a value cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TwiceError {
    /// Neither copy can be believed.
    #[error(
        "{file}: neither of its two copies can be believed ({first:?}, {second:?}); restore the device's folder, or set the device up again"
    )]
    Lost {
        /// The value's name.
        file: String,
        /// The first copy.
        first: Copy,
        /// The second copy.
        second: Copy,
    },
    /// The system's reason.
    #[error("{file}: {error}")]
    System {
        /// The file.
        file: String,
        /// The reason.
        error: io::Error,
    },
    /// Longer than any may be.
    #[error("a value of {0} bytes; at most {BODY_LIMIT}")]
    TooLong(usize),
}

/// A value as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The newest good copy.
    pub body: Vec<u8>,
    /// How often it was written.
    pub number: u64,
    /// What the copies are like. One that is not good calls for an alarm (F-P07), not for a stop.
    pub copies: [Copy; 2],
}

/// A value kept twice in a folder.
#[derive(Clone, Debug)]
pub struct Twice {
    paths: [PathBuf; 2],
    name: String,
}

impl Twice {
    /// The value of this name: `name.a` and `name.b`.
    #[must_use]
    pub fn new(folder: &Path, name: &str) -> Self {
        let path = |end: &str| folder.join(format!("{name}.{end}"));
        Self { paths: [path("a"), path("b")], name: name.to_owned() }
    }

    /// Reads the newest good copy; `None` when the value was never written.
    ///
    /// # Errors
    /// [`TwiceError`].
    pub fn read(&self, key: &SigningKey) -> Result<Option<Value>, TwiceError> {
        let mut newest: Option<(u64, Vec<u8>)> = None;
        let mut copies = [Copy::Missing; 2];
        for (path, copy) in self.paths.iter().zip(&mut copies) {
            let Some(bytes) = read_bounded(path)? else { continue };
            *copy = Copy::Bad;
            if let Some((number, body)) = decode(&bytes, key) {
                *copy = Copy::Good;
                if newest.as_ref().is_none_or(|(known, _)| *known < number) {
                    newest = Some((number, body.to_vec()));
                }
            }
        }
        match (newest, copies) {
            (Some((number, body)), copies) => Ok(Some(Value { body, number, copies })),
            (None, [Copy::Missing, Copy::Missing]) => Ok(None),
            (None, [first, second]) => {
                Err(TwiceError::Lost { file: self.name.clone(), first, second })
            }
        }
    }

    /// Writes a value: first the copy that is not the newest good one, then the other, each durable
    /// before the next is touched.
    ///
    /// # Errors
    /// [`TwiceError`]. One good copy, old or new, is there whatever happens.
    pub fn write(&self, key: &SigningKey, body: &[u8]) -> Result<(), TwiceError> {
        if body.len() > BODY_LIMIT {
            return Err(TwiceError::TooLong(body.len()));
        }
        let numbers = self.paths.each_ref().map(|path| {
            let bytes = read_bounded(path).ok().flatten()?;
            decode(&bytes, key).map(|(number, _)| number)
        });
        let number = numbers.iter().flatten().max().map_or(1, |number| number.saturating_add(1));
        let bytes = encode(number, body, key);
        let [first, second] = &self.paths;
        let order = if numbers[0] > numbers[1] { [second, first] } else { [first, second] };
        for path in order {
            write_durably(path, &bytes).map_err(system(path))?;
        }
        Ok(())
    }
}

fn encode(number: u64, body: &[u8], key: &SigningKey) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEAD + body.len() + SIGNATURE);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(body);
    let signature = key.sign(&bytes);
    bytes.extend_from_slice(&signature.to_bytes());
    bytes
}

fn decode<'b>(bytes: &'b [u8], key: &SigningKey) -> Option<(u64, &'b [u8])> {
    let (signed, signature) = bytes.split_last_chunk::<SIGNATURE>()?;
    let signature = Signature::from_bytes(signature);
    key.verifying_key().verify_strict(signed, &signature).ok()?;
    let rest = signed.strip_prefix(MAGIC)?;
    let (number, rest) = rest.split_first_chunk()?;
    let (length, body) = rest.split_first_chunk()?;
    let whole = u32::from_le_bytes(*length) as usize == body.len();
    whole.then_some((u64::from_le_bytes(*number), body))
}

fn system(path: &Path) -> impl Fn(io::Error) -> TwiceError {
    let file = path.display().to_string();
    move |error| TwiceError::System { file: file.clone(), error }
}

/// The file's bytes; `None` if there is none. A file that is longer than any copy is cut there, which
/// its signature does not survive.
fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, TwiceError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(system(path)(error)),
    };
    let mut bytes = Vec::new();
    let most = (HEAD + BODY_LIMIT + SIGNATURE) as u64;
    file.take(most).read_to_end(&mut bytes).map_err(system(path))?;
    Ok(Some(bytes))
}

/// Writes a new file beside it and puts it in its place.
fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests;
