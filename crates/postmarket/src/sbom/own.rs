//! What standards have no field for, carried as properties whose names begin with `homeostat:`.
//!
//! Every writer puts them beside what its form can say itself, and every reader takes them back, so that a bill which
//! was written here is read as it was.

use super::bill::{Component, ComponentKind, RelationshipKind};
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

/// The properties that carry what a form has no field for. A form's own fields must not be told twice, so each writer
/// says what it has carried by then.
pub(super) fn give(component: &Component, carried: &[&str]) -> Vec<(String, String)> {
    let mut given = Vec::new();
    let mut put = |name: &str, value: &str| {
        if !carried.contains(&name) {
            given.push((format!("{PREFIX}{name}"), value.to_owned()));
        }
    };
    let one = [
        ("support:level", &component.support.level),
        ("support:end", &component.support.end),
        ("scope", &component.scope),
        ("group", &component.group),
        ("manufacturer", &component.manufacturer),
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
    put("kind", component.kind.name());
    given
}

/// The property that carries a relationship for which the form has no arrow.
pub(super) fn relationship(kind: RelationshipKind, to: &str) -> (String, String) {
    (format!("{PREFIX}{}", kind.name()), to.to_owned())
}

/// Moves the properties that [`give`] and [`relationship`] made back to where they belong.
pub(super) fn take(draft: &mut Draft) {
    let mut arrows = Vec::new();
    for component in &mut draft.bill.components {
        let properties = std::mem::take(&mut component.properties);
        for (name, value) in properties {
            let own = name.strip_prefix(PREFIX);
            match own {
                Some(name) if restore(component, name, &value) => {}
                Some(name) => match RelationshipKind::NAMES.iter().find(|kind| kind.1 == name) {
                    Some((kind, _)) => arrows.push((component.reference.clone(), *kind, value)),
                    None => component.properties.push((format!("{PREFIX}{name}"), value)),
                },
                // Syft's way to give more than one CPE.
                None if name == "syft:cpe23" => {
                    if !component.cpes.contains(&value) {
                        component.cpes.push(value);
                    }
                }
                None => component.properties.push((name, value)),
            }
        }
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
        "kind" => component.kind = ComponentKind::named(value),
        _ => return false,
    }
    true
}
