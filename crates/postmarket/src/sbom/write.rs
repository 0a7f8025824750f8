//! Bills written in the standards' forms: sorted, the same bytes for the same bill.
//!
//! What a form has no field for goes into properties that begin with `homeostat:`, and comes back when it is read.

mod cyclonedx;
mod spdx2;
mod spdx3;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::bill::{Bill, Component};
use super::error::BillError;
use super::{own, schema, spdx};

/// A form that bills are written in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// CycloneDX 1.6, JSON.
    CycloneDx16,
    /// CycloneDX 1.7, JSON.
    CycloneDx17,
    /// SPDX 2.3, JSON.
    Spdx23,
    /// SPDX 3.0.1, JSON-LD.
    Spdx30,
}

/// Writes a bill, with `created` (RFC 3339, universal time) as the time of its making.
///
/// # Errors
/// [`BillError::Unwritable`] if the form cannot carry the bill. What is written as CycloneDX was checked against the
/// official schema.
pub fn write(bill: &Bill, form: Form, created: &str) -> Result<Vec<u8>, BillError> {
    let bill = bill.canonical();
    let mut bytes = match form {
        Form::CycloneDx16 => cyclonedx::write(&bill, "1.6", created)?,
        Form::CycloneDx17 => cyclonedx::write(&bill, "1.7", created)?,
        Form::Spdx23 => spdx2::write(&bill, created)?,
        Form::Spdx30 => spdx3::write(&bill, created)?,
    };
    bytes.push(b'\n');
    Ok(bytes)
}

/// An object with members added one by one; what is empty is left out.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        let empty = match &value {
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            Value::Null => true,
            _ => false,
        };
        if !empty {
            self.0.insert(name.to_owned(), value);
        }
    }

    fn of<const N: usize>(members: [(&str, &str); N]) -> Value {
        let mut object = Self::default();
        for (name, value) in members {
            object.put(name, value);
        }
        object.0.into()
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}

fn bytes(form: &'static str, document: Object) -> Result<Vec<u8>, BillError> {
    let unwritable =
        |error: serde_json::Error| BillError::Unwritable { form, reason: error.to_string() };
    serde_json::to_vec_pretty(&Value::from(document)).map_err(unwritable)
}

/// Takes the first property of a name, if a form's own field would bring it back unchanged.
fn take(component: &mut Component, name: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    let at = component.properties.iter().position(|found| found.0 == name && fits(&found.1))?;
    Some(component.properties.remove(at).1)
}

/// Takes the items of a list that a form's own field can carry.
fn take_if<T>(list: &mut Vec<T>, fits: impl Fn(&T) -> bool) -> Vec<T> {
    let (taken, left) = std::mem::take(list).into_iter().partition(fits);
    *list = left;
    taken
}

/// Text that SPDX brings back as it is.
fn is_said(text: &str) -> bool {
    spdx::said(text).as_deref() == Some(text)
}

/// A name that SPDX 2 brings back from `Organization: name`.
fn is_agent(name: &str) -> bool {
    spdx::agent(&format!("Organization: {name}")).as_deref() == Some(name)
}

/// A licence expression of the SPDX list's ids, so that a form may state it as one.
fn is_expression(text: &str) -> bool {
    let known = |word: &str| {
        matches!(word, "AND" | "OR" | "WITH")
            || schema::is_licence(word.strip_suffix('+').unwrap_or(word))
    };
    let words = text.split([' ', '(', ')']).filter(|word| !word.is_empty());
    words.clone().any(|_| true)
        && words.into_iter().all(known)
        && text.trim() == text
        && !text.contains("  ")
        && text.matches('(').count() == text.matches(')').count()
}

/// Names of letters, digits, dots and hyphens only, none given twice.
#[derive(Default)]
struct Names {
    taken: BTreeSet<String>,
    /// How often a plain name was asked for.
    asked: BTreeMap<String, usize>,
}

impl Names {
    fn all(bill: &Bill) -> Vec<String> {
        let mut names = Self::default();
        bill.components.iter().map(|component| names.name(&component.reference)).collect()
    }

    fn name(&mut self, reference: &str) -> String {
        let letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '.';
        let plain: String = reference.chars().map(|it| if letter(it) { it } else { '-' }).collect();
        let count = self.asked.entry(plain.clone()).or_default();
        loop {
            *count += 1;
            let name = if *count == 1 { plain.clone() } else { format!("{plain}-{count}") };
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// The document's own address, or one made from what the bill says.
fn namespace(bill: &mut Bill, created: &str) -> String {
    let fits = |text: &String| {
        text.contains(':') && !text.contains('#') && schema::is_iri_reference(text) && is_said(text)
    };
    if let Some(own) = bill.document.take_if(|text| fits(text)) {
        return own;
    }
    let mut hash = Sha256::new();
    hash.update(created);
    for component in &bill.components {
        for part in [&component.reference, &component.name] {
            hash.update(part);
            hash.update([0]);
        }
    }
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("urn:homeostat:bill:{digits}")
}

/// Relationships grouped: for each start and kind, all ends in order.
fn arrows(bill: &Bill) -> BTreeMap<(usize, super::bill::RelationshipKind), Vec<usize>> {
    let mut arrows: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for arrow in &bill.relationships {
        arrows.entry((arrow.from, arrow.kind)).or_default().push(arrow.to);
    }
    arrows
}

/// Properties as one text each, for forms that have notes only.
fn lines(properties: &[(String, String)]) -> Vec<String> {
    properties.iter().map(own::line).collect()
}

#[cfg(test)]
mod tests;
