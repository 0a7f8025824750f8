//! SPDX 2.2 and 2.3 in JSON; tag-value is brought into the same shape first.

mod tag_value;

use std::collections::BTreeMap;

use super::bill::{Bill, Component, ComponentKind, Hash, RelationshipKind, SourceForm};
use super::draft::Draft;
use super::error::{BillError, Fault};
use super::json::Json;
use super::own;
use super::spdx;

const VERSIONS: [&str; 2] = ["SPDX-2.2", "SPDX-2.3"];
/// Source files: their SPDXID and name.
type Sources<'t> = BTreeMap<&'t str, &'t str>;

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

pub(super) fn read_tag_value(file: &str, text: &str) -> Result<Bill, BillError> {
    let tree = tag_value::json(text).map_err(|fault| fault.of(file))?;
    bill(&tree, "tag-value").map_err(|fault| fault.of(file))
}

pub(super) fn read_json(file: &str, tree: &Json<'_>) -> Result<Bill, BillError> {
    bill(tree, "JSON").map_err(|fault| fault.of(file))
}

fn bill(tree: &Json<'_>, encoding: &str) -> Result<Bill, Fault> {
    let version = required(tree, "", "spdxVersion")?;
    if !VERSIONS.contains(&version) {
        let expected = format!("one of {}", VERSIONS.join(", "));
        let advice = "convert the bill to a version that is read here";
        return Err(Fault::new("/spdxVersion", expected, format!("`{version}`"), advice));
    }
    for name in ["SPDXID", "dataLicense", "name"] {
        required(tree, "", name)?;
    }
    let mut draft = Draft::default();
    draft.bill.form = SourceForm {
        name: "SPDX".to_owned(),
        version: version.to_owned(),
        encoding: encoding.to_owned(),
    };
    draft.bill.document = tree.string_of("documentNamespace");
    let Some(creation) = tree.get("creationInfo") else {
        return Err(missing("", "creationInfo"));
    };
    draft.bill.created = Some(required(creation, "/creationInfo", "created")?.to_owned());
    for creator in creation.items_of("creators").iter().filter_map(Json::text) {
        let list = if creator.starts_with("Tool:") {
            &mut draft.bill.tools
        } else {
            &mut draft.bill.authors
        };
        list.extend(spdx::agent(creator));
    }
    for (index, source) in tree.items_of("packages").iter().enumerate() {
        let place = format!("/packages/{index}");
        let component = package(source, &place)?;
        draft.add(&place, component)?;
    }
    let sources = files(&mut draft, tree)?;
    relationships(&mut draft, tree, &sources);
    own::take(&mut draft, &annotations(tree).collect::<Vec<_>>());
    Ok(draft.finish())
}

fn required<'t>(tree: &'t Json<'_>, place: &str, name: &str) -> Result<&'t str, Fault> {
    tree.text_of(name).ok_or_else(|| missing(place, name))
}

fn missing(place: &str, name: &str) -> Fault {
    Fault::new(
        format!("{place}/{name}"),
        format!("the text `{name}`"),
        "nothing, or something else",
        "add it: SPDX 2 requires it",
    )
}

fn package(source: &Json<'_>, place: &str) -> Result<Component, Fault> {
    let said = |name: &str| source.text_of(name).and_then(spdx::said);
    let mut component = Component {
        reference: required(source, place, "SPDXID")?.to_owned(),
        name: required(source, place, "name")?.to_owned(),
        version: said("versionInfo"),
        supplier: source.text_of("supplier").and_then(spdx::agent),
        manufacturer: source.text_of("originator").and_then(spdx::agent),
        kind: said("primaryPackagePurpose")
            .and_then(|name| spdx::purpose(&name))
            .unwrap_or(ComponentKind::Library),
        hashes: hashes(source),
        ..Component::default()
    };
    component.support.end = said("validUntilDate").map(|time| spdx::day(&time));
    for name in ["licenseConcluded", "licenseDeclared"] {
        component.licences.extend(said(name));
    }
    component.licences.dedup();
    for reference in source.items_of("externalRefs") {
        let of = |name: &str| reference.text_of(name).unwrap_or_default();
        let locator = of("referenceLocator").trim().to_owned();
        // Old writers give the type as a whole address.
        match of("referenceType").rsplit('/').next().unwrap_or_default() {
            "purl" if component.purl.is_none() => component.purl = Some(locator),
            "cpe23Type" | "cpe22Type" => component.cpes.push(locator),
            "swid" => component.identifiers.push(format!("swid {locator}")),
            kind @ ("gitoid" | "swh") => {
                let scheme = if kind == "swh" { "swhid" } else { kind };
                component.identifiers.push(format!("{scheme} {locator}"));
            }
            kind => component.properties.push((format!("reference:{kind}"), locator)),
        }
    }
    let plain = [
        ("description", "description"),
        ("summary", "summary"),
        ("copyrightText", "copyright"),
        ("homepage", "reference:website"),
        ("downloadLocation", "reference:distribution"),
        ("sourceInfo", "sourceInfo"),
        ("packageFileName", "packageFileName"),
        ("comment", "comment"),
    ];
    for (member, name) in plain {
        component.properties.extend(said(member).map(|text| (name.to_owned(), text)));
    }
    component.properties.extend(annotations(source));
    Ok(component)
}

/// Annotations that carry a property as `name=value`.
fn annotations<'t>(source: &'t Json<'_>) -> impl Iterator<Item = (String, String)> + 't {
    let comments = source.items_of("annotations").iter().filter_map(|note| note.text_of("comment"));
    comments.filter_map(|comment| {
        let (name, value) = comment.split_once('=')?;
        // A sentence may hold an equals sign too: a property's name holds no space.
        (!name.contains(char::is_whitespace)).then(|| (name.to_owned(), value.to_owned()))
    })
}

fn hashes(source: &Json<'_>) -> Vec<Hash> {
    let sums = source.items_of("checksums").iter();
    let hash = |sum: &Json<'_>| {
        let algorithm = spdx::hash_name(sum.text_of("algorithm")?);
        Some(Hash { algorithm, value: sum.text_of("checksumValue")?.trim().to_ascii_lowercase() })
    };
    sums.filter_map(hash).collect()
}

/// Files become components; source files become the compiled files of the packages that hold them. A package that
/// lists all its sources instead says more than was compiled, which errs on the safe side.
fn files<'t>(draft: &mut Draft, tree: &'t Json<'_>) -> Result<Sources<'t>, Fault> {
    let mut sources = Sources::new();
    for (index, file) in tree.items_of("files").iter().enumerate() {
        let place = format!("/files/{index}");
        let id = required(file, &place, "SPDXID")?;
        let name = required(file, &place, "fileName")?;
        let source = file.items_of("fileTypes").iter().any(|kind| kind.text() == Some("SOURCE"));
        if source {
            sources.insert(id, name.trim_start_matches("./"));
            continue;
        }
        let mut component = Component {
            reference: id.to_owned(),
            kind: ComponentKind::File,
            name: name.to_owned(),
            hashes: hashes(file),
            ..Component::default()
        };
        component.licences.extend(file.text_of("licenseConcluded").and_then(spdx::said));
        component.properties.extend(annotations(file));
        draft.add(&place, component)?;
    }
    for package in tree.items_of("packages") {
        let holder = package.text_of("SPDXID").unwrap_or_default();
        for file in package.items_of("hasFiles").iter().filter_map(Json::text) {
            hold(draft, &sources, holder, file);
        }
    }
    for relationship in tree.items_of("relationships") {
        let of = |name: &str| relationship.text_of(name).unwrap_or_default();
        if matches!(of("relationshipType"), "CONTAINS" | "GENERATED_FROM") {
            let (from, to) = (of("spdxElementId"), of("relatedSpdxElement"));
            if sources.contains_key(to) {
                hold(draft, &sources, from, to);
            }
        }
    }
    for component in &mut draft.bill.components {
        component.compiled_files.sort();
        component.compiled_files.dedup();
    }
    Ok(sources)
}

fn hold(draft: &mut Draft, sources: &Sources<'_>, holder: &str, file: &str) {
    match (sources.get(file), draft.component(holder)) {
        (Some(name), Some(component)) => component.compiled_files.push((*name).to_owned()),
        _ => draft.relate(holder, RelationshipKind::Contains, file),
    }
}

fn relationships(draft: &mut Draft, tree: &Json<'_>, sources: &Sources<'_>) {
    let described = tree.items_of("documentDescribes").iter().filter_map(Json::text);
    let mut subjects: Vec<String> = described.map(str::to_owned).collect();
    for relationship in tree.items_of("relationships") {
        let of = |name: &str| relationship.text_of(name).unwrap_or_default();
        let (from, kind, to) =
            (of("spdxElementId"), of("relationshipType"), of("relatedSpdxElement"));
        match (kind, spdx::relationship(kind)) {
            ("DESCRIBES", _) => subjects.push(to.to_owned()),
            ("DESCRIBED_BY", _) => subjects.push(from.to_owned()),
            _ if to == "NONE" || to == "NOASSERTION" => {}
            (_, Some(_)) if sources.contains_key(to) => {}
            (_, Some((kind, false))) => draft.relate(from, kind, to),
            (_, Some((kind, true))) => draft.relate(to, kind, from),
            (_, None) => draft.not_carried(kind),
        }
    }
    subjects.sort();
    subjects.dedup();
    subjects.retain(|subject| subject != DOCUMENT);
    draft.set_root(&subjects);
}
