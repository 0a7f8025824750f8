//! What standards have no field for, carried as properties whose names begin with `homeostat:`.
//!
//! Every writer puts them beside what its form can say itself, and every reader takes them back, so that a bill which
//! was written here is read as it was.

use super::bill::{Bill, Component, ComponentKind, Hash, RelationshipKind};
use super::draft::Draft;

/// Plain fields of a CycloneDX component that become properties of the same name.
pub(super) const CYCLONEDX_FIELDS: [&str; 8] = [
    "author",
    "copyright",
    "description",
    "isExternal",
    "mime-type",
    "modified",
    "publisher",
    "versionRange",
];

const PREFIX: &str = "homeostat:";

/// The properties that carry what a form has no field for: all that its writer left in the component.
pub(super) fn give(component: &Component) -> Vec<(String, String)> {
    let mut given = Vec::new();
    let mut put = |name: &str, value: &str| {
        given.push((format!("{PREFIX}{name}"), value.to_owned()));
    };
    let one = [
        ("support:level", &component.support.level),
        ("support:end", &component.support.end),
        ("scope", &component.scope),
        ("group", &component.group),
        ("manufacturer", &component.manufacturer),
        ("purl", &component.purl),
        ("supplier", &component.supplier),
        ("version", &component.version),
    ];
    for (name, value) in one {
        if let Some(value) = value {
            put(name, value);
        }
    }
    let many = [
        ("cpe", &component.cpes),
        ("identifier", &component.identifiers),
        ("licence", &component.licences),
        ("compiled-file", &component.compiled_files),
        ("patched", &component.patched),
    ];
    for (name, values) in many {
        for value in values {
            put(name, value);
        }
    }
    for hash in &component.hashes {
        put("hash", &format!("{} {}", hash.algorithm, hash.value));
    }
    given.extend(component.properties.iter().cloned());
    given
}

/// A property of the reader's own that a form's own field would otherwise carry differently: `kind`, `reference`.
pub(super) fn named(name: &str, value: &str) -> (String, String) {
    (format!("{PREFIX}{name}"), value.to_owned())
}

/// A property as one text `name=value`. A name that would not be told apart from its value goes as JSON.
pub(super) fn line((name, value): &(String, String)) -> String {
    if name.is_empty() || name.contains(|letter: char| letter.is_whitespace() || letter == '=') {
        let pair = serde_json::Value::from(vec![name.as_str(), value.as_str()]);
        return format!("{PREFIX}property={pair}");
    }
    format!("{name}={value}")
}

/// The property that carries a relationship for which the form has no arrow.
pub(super) fn relationship(kind: RelationshipKind, to: &str) -> (String, String) {
    (format!("{PREFIX}{}", kind.name()), to.to_owned())
}

/// The properties of the whole bill: all that its writer left in it.
pub(super) fn give_document(bill: &Bill) -> Vec<(String, String)> {
    let one = [("document", &bill.document), ("revision", &bill.revision)];
    let one = one.into_iter().flat_map(|(name, value)| value.iter().map(move |v| (name, v)));
    let many = [
        ("author", &bill.authors),
        ("tool", &bill.tools),
        ("lifecycle", &bill.lifecycle),
        ("remark", &bill.remarks),
    ];
    let many = many.into_iter().flat_map(|(name, values)| values.iter().map(move |v| (name, v)));
    one.chain(many).map(|(name, value)| named(name, value)).collect()
}

/// Moves the properties that [`give`], [`relationship`] and [`give_document`] made back to where they belong.
pub(super) fn take(draft: &mut Draft, document: &[(String, String)]) {
    for (name, value) in document {
        let value = value.clone();
        match name.strip_prefix(PREFIX) {
            Some("document") => draft.bill.document = Some(value),
            Some("revision") => draft.bill.revision = Some(value),
            Some("author") => draft.bill.authors.push(value),
            Some("tool") => draft.bill.tools.push(value),
            Some("lifecycle") => draft.bill.lifecycle.push(value),
            Some("remark") => draft.bill.remarks.push(value),
            _ => {}
        }
    }
    let mut arrows = Vec::new();
    for component in &mut draft.bill.components {
        let properties = std::mem::take(&mut component.properties);
        // One of them may rename it.
        let key = (!properties.is_empty()).then(|| component.reference.clone());
        for (name, value) in properties {
            let own = name.strip_prefix(PREFIX);
            match own {
                Some(name) if restore(component, name, &value) => {}
                Some(name) => match RelationshipKind::NAMES.iter().find(|kind| kind.1 == name) {
                    Some((kind, _)) => arrows.push((key.clone().unwrap_or_default(), *kind, value)),
                    None => component.properties.push((format!("{PREFIX}{name}"), value)),
                },
                // Syft's way to give more than one CPE.
                None if name == "syft:cpe23" => component.cpes.push(value),
                None => component.properties.push((name, value)),
            }
        }
        draft.renamed |= key.is_some_and(|key| key != component.reference);
        component.cpes.sort();
        component.cpes.dedup();
    }
    for (from, kind, to) in arrows {
        draft.relate(&from, kind, &to);
    }
}

fn restore(component: &mut Component, name: &str, value: &str) -> bool {
    let text = value.to_owned();
    match name {
        "support:level" => component.support.level = Some(text),
        "support:end" => component.support.end = Some(text),
        "scope" => component.scope = Some(text),
        "group" => component.group = Some(text),
        "manufacturer" => component.manufacturer = Some(text),
        "cpe" => component.cpes.push(text),
        "identifier" => component.identifiers.push(text),
        "licence" => component.licences.push(text),
        "compiled-file" => component.compiled_files.push(text),
        "patched" => component.patched.push(text),
        "purl" => component.purl = Some(text),
        "supplier" => component.supplier = Some(text),
        "version" => component.version = Some(text),
        "reference" => component.reference = text,
        "hash" => match value.split_once(' ') {
            Some((algorithm, value)) => component
                .hashes
                .push(Hash { algorithm: algorithm.to_owned(), value: value.to_owned() }),
            None => return false,
        },
        "property" => match serde_json::from_str::<(String, String)>(value) {
            Ok(pair) => component.properties.push(pair),
            Err(_) => return false,
        },
        "kind" => component.kind = ComponentKind::named(value),
        _ => return false,
    }
    true
}
