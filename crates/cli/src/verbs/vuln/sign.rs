//! `homeostat vuln sign`, and keys and signatures in files.

use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::feed::mirror::{self, SigningKey};
use homeostat_postmarket::harm::matrix::InForce;

use crate::failure::{Failure, Outcome};
use crate::{files, output};

/// Sign the maker's own table of exploitability by severity, so that an office file can bring it into force.
///
/// The table has the keys of the shipped one (crates/postmarket/src/harm/matrix.toml) and may only be stricter. The signature
/// over its canonical form is written beside it, to `TABLE.sig`; the public half of the key is printed, for the office file:
/// `[matrix]` with file and key.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  homeostat vuln sign table.toml --key secret.key")]
pub(crate) struct Sign {
    /// The table (TOML).
    table: PathBuf,
    /// A file with an Ed25519 signing key, 64 hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

impl Sign {
    pub(crate) fn run(&self) -> Outcome {
        let key = signing_key(&self.key)?;
        let text = files::read_text(&self.table)?;
        let name = self.table.display().to_string();
        let (_, signature) = InForce::signed(&name, &text, &key).map_err(Failure::environment)?;
        let place = beside(&self.table);
        files::write_whole(&place, format!("{}\n", mirror::hexadecimal(&signature)).as_bytes())?;
        output::say(&format!("{}: {}", place.display(), public_half(&key)));
        Ok(())
    }
}

/// Where the signature of a file stands.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sig");
    PathBuf::from(name)
}

/// The signature that stands beside a file.
pub(super) fn read_signature(path: &Path) -> Result<[u8; 64], Failure> {
    let path = beside(path);
    let text = files::read_text(&path)?;
    mirror::of_hexadecimal(text.as_bytes()).ok_or_else(|| {
        let words = "expected 128 hexadecimal digits, as `homeostat vuln sign` writes them";
        Failure::environment(format!("{}: {words}", path.display()))
    })
}

/// A key from a file of 64 hexadecimal digits.
pub(super) fn signing_key(path: &Path) -> Result<SigningKey, Failure> {
    let words = "expected 64 hexadecimal digits, an Ed25519 signing key";
    let refuse = || Failure::environment(format!("{}: {words}", path.display()));
    let bytes = files::read_regular(path, 1024)?;
    mirror::of_hexadecimal(&bytes).map(|bytes| SigningKey::from_bytes(&bytes)).ok_or_else(refuse)
}

/// What others check a signature by.
pub(super) fn public_half(key: &SigningKey) -> String {
    let public = mirror::hexadecimal(key.verifying_key().as_bytes());
    format!("signed; public half of the key, for those who check it: {public}")
}
