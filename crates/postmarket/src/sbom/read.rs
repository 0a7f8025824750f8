//! Which form a file is, by what is in it, and the reader for that form.

use sha2::{Digest, Sha256};

use super::bill::Bill;
use super::cyclonedx;
use super::error::{BillError, quoted};
use super::json::Json;
use super::limits::Limits;
use super::xml::Element;

/// Reads a bill of materials of any form that is known here. The form is told by the content; the file's name serves
/// messages, and tells a bare CSV or lock file where its content alone could be anything.
///
/// # Errors
/// [`BillError`] names file, place, what was expected and found, and what to do. A bill is read whole or not at all.
pub fn read(file: &str, bytes: &[u8], limits: &Limits) -> Result<Bill, BillError> {
    if bytes.len() > limits.bytes {
        return Err(BillError::TooMuch {
            file: file.to_owned(),
            what: "bytes",
            limit: limits.bytes,
        });
    }
    let mut bill = sniff(file, bytes, limits)?;
    if bill.components.len() > limits.components {
        let limit = limits.components;
        return Err(BillError::TooMuch { file: file.to_owned(), what: "components", limit });
    }
    bill.digest = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(bill)
}

fn sniff(file: &str, bytes: &[u8], limits: &Limits) -> Result<Bill, BillError> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => json(file, bytes, limits),
        Some(b'<') => cyclonedx::read_xml(file, &Element::parse(file, bytes, limits)?),
        _ => Err(unknown(file, &String::from_utf8_lossy(&bytes[..bytes.len().min(60)]))),
    }
}

fn json(file: &str, bytes: &[u8], limits: &Limits) -> Result<Bill, BillError> {
    let tree = Json::parse(file, bytes, limits)?;
    if tree.get("bomFormat").is_some() || tree.get("specVersion").is_some() {
        return cyclonedx::read_json(file, &tree);
    }
    Err(unknown(file, "JSON without `bomFormat`, `spdxVersion` or `@graph`"))
}

fn unknown(file: &str, found: &str) -> BillError {
    BillError::UnknownForm { file: file.to_owned(), found: quoted(found) }
}
