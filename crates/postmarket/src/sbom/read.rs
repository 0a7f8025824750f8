//! Which form a file is, by what is in it, and the reader for that form.

use sha2::{Digest, Sha256};

use super::bill::Bill;
use super::error::{BillError, quoted};
use super::json::Json;
use super::limits::Limits;
use super::xml::Element;
use super::{cargo, csv, cyclonedx, spdx2, spdx3};

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
    if cargo::is_binary(bytes) {
        return cargo::read_binary(file, bytes, limits);
    }
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match plain.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => return json(file, bytes, limits),
        Some(b'<') => return cyclonedx::read_xml(file, &Element::parse(file, bytes, limits)?),
        _ => {}
    }
    let Ok(text) = std::str::from_utf8(plain) else {
        return Err(unknown(file, "bytes that are no UTF-8 text"));
    };
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let first = first.unwrap_or_default();
    if first.trim_start().starts_with("SPDXVersion:") {
        spdx2::read_tag_value(file, text)
    } else if cargo::is_lock(text) {
        cargo::read_lock(file, text)
    } else if csv::is_heading(first) {
        csv::read(file, text)
    } else {
        Err(unknown(file, first))
    }
}

fn json(file: &str, bytes: &[u8], limits: &Limits) -> Result<Bill, BillError> {
    let tree = Json::parse(file, bytes, limits)?;
    let has = |name: &str| tree.get(name).is_some();
    if has("bomFormat") || has("specVersion") {
        cyclonedx::read_json(file, &tree)
    } else if has("spdxVersion") {
        spdx2::read_json(file, &tree)
    } else if has("@graph") {
        spdx3::read_json(file, &tree)
    } else if has("workspace_members") {
        Err(unknown(file, "the output of cargo metadata; make a bill of it with its target"))
    } else {
        Err(unknown(file, "JSON without `bomFormat`, `spdxVersion` or `@graph`"))
    }
}

fn unknown(file: &str, found: &str) -> BillError {
    BillError::UnknownForm { file: file.to_owned(), found: quoted(found) }
}
