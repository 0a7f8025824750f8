//! CycloneDX 1.2 to 1.7: checked against the official schema of its version, then taken over.
//!
//! XML is checked against the XML schema and then turned into the shape of JSON, so that one reader serves both.

mod from_xml;

use super::bill::{Bill, Component, ComponentKind, Hash, RelationshipKind, SourceForm};
use super::draft::Draft;
use super::error::{BillError, Fault, quoted};
use super::json::Json;
use super::own;
use super::schema::{self, VERSIONS};
use super::xml::Element;
use super::xsd;
use std::fmt::Display;

/// Where CycloneDX's namespaces begin.
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

pub(super) fn read_json(file: &str, tree: &Json<'_>) -> Result<Bill, BillError> {
    let version = tree.text_of("specVersion").unwrap_or_default();
    let Some(schema) = schema::cyclonedx(version) else {
        return Err(
            unknown_version("/specVersion", tree.get("specVersion").map(Json::shown)).of(file)
        );
    };
    schema.check(tree).map_err(|fault| fault.of(file))?;
    bill(tree, version, "JSON").map_err(|fault| fault.of(file))
}

pub(super) fn read_xml(file: &str, root: &Element) -> Result<Bill, BillError> {
    let version = root.namespace.strip_prefix(NAMESPACE);
    let Some((version, xsd)) = version.and_then(|name| Some((name, xsd::cyclonedx(name)?))) else {
        if root.namespace.contains("cyclonedx.org") || root.name == "bom" {
            let place = format!("/{} (line {})", root.name, root.line);
            let found = quoted(&root.namespace);
            let mut fault = unknown_version(&place, Some(found));
            fault.expected =
                format!("the namespace {NAMESPACE} followed by {}", VERSIONS.join(", "));
            return Err(fault.of(file));
        }
        let found = format!("XML with the root element {}", quoted(&root.name));
        return Err(BillError::UnknownForm { file: file.to_owned(), found });
    };
    xsd.check(root).map_err(|fault| fault.of(file))?;
    bill(&from_xml::json(root), version, "XML").map_err(|fault| fault.of(file))
}

fn unknown_version(place: &str, found: Option<String>) -> Fault {
    Fault::new(
        place,
        format!("one of the versions {}", VERSIONS.join(", ")),
        found.unwrap_or_else(|| "none".to_owned()),
        "convert the bill to a version that is read here",
    )
}

fn bill(tree: &Json<'_>, version: &str, encoding: &str) -> Result<Bill, Fault> {
    let mut draft = Draft::default();
    draft.bill.form = SourceForm {
        name: "CycloneDX".to_owned(),
        version: version.to_owned(),
        encoding: encoding.to_owned(),
    };
    draft.bill.document = tree.string_of("serialNumber");
    draft.bill.revision = tree.get("version").and_then(scalar);
    if let Some(metadata) = tree.get("metadata") {
        read_metadata(&mut draft, metadata)?;
    }
    components(&mut draft, tree, &"", None)?;
    for (index, service) in tree.items_of("services").iter().enumerate() {
        let mut component = read_component(service);
        component.kind = ComponentKind::Other;
        component.supplier =
            service.get("provider").and_then(|provider| provider.string_of("name"));
        component.properties.push(("kind".to_owned(), "service".to_owned()));
        draft.add(format_args!("/services/{index}"), component)?;
    }
    for dependency in tree.items_of("dependencies") {
        let from = dependency.text_of("ref").unwrap_or_default();
        for to in dependency.items_of("dependsOn").iter().filter_map(Json::text) {
            draft.relate(from, RelationshipKind::DependsOn, to);
        }
        for to in dependency.items_of("provides").iter().filter_map(Json::text) {
            draft.relate(from, RelationshipKind::Provides, to);
        }
    }
    let said: Vec<(String, String)> =
        tree.get("metadata").map_or_else(Vec::new, |metadata| own_properties(metadata).collect());
    own::take(&mut draft, &said);
    Ok(draft.finish())
}

fn read_metadata(draft: &mut Draft, metadata: &Json<'_>) -> Result<(), Fault> {
    draft.bill.created = metadata.string_of("timestamp");
    draft.bill.authors = metadata.items_of("authors").iter().filter_map(person).collect();
    draft.bill.authors.extend(metadata.get("manufacturer").and_then(person));
    draft.bill.lifecycle = metadata
        .items_of("lifecycles")
        .iter()
        .filter_map(|cycle| cycle.string_of("phase").or_else(|| cycle.string_of("name")))
        .collect();
    if let Some(tools) = metadata.get("tools") {
        let newer = tools.items_of("components").iter().chain(tools.items_of("services"));
        draft.bill.tools = tools.items().iter().chain(newer).filter_map(tool).collect();
    }
    let Some(product) = metadata.get("component") else { return Ok(()) };
    let place = "/metadata/component";
    let mut component = read_component(product);
    let said = |name: &str| metadata.get(name).and_then(|entity| entity.string_of("name"));
    component.supplier = component.supplier.or_else(|| said("supplier"));
    component.manufacturer = component.manufacturer.or_else(|| said("manufacture"));
    let root = draft.add(place, component)?;
    draft.bill.root = Some(root);
    components(draft, product, &place, Some(root))
}

/// Adds the components of an object, and theirs within them.
fn components(
    draft: &mut Draft,
    holder: &Json<'_>,
    place: &dyn Display,
    parent: Option<usize>,
) -> Result<(), Fault> {
    let sources = holder.items_of("components");
    draft.bill.components.reserve(sources.len());
    for (index, source) in sources.iter().enumerate() {
        let place = format_args!("{place}/components/{index}");
        let at = draft.add(place, read_component(source))?;
        if let Some(parent) = parent {
            let (from, to) = (draft.key(parent), draft.key(at));
            draft.relate(&from, RelationshipKind::Contains, &to);
        }
        components(draft, source, &place, Some(at))?;
    }
    Ok(())
}

fn scalar(value: &Json<'_>) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.to_string()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn person(source: &Json<'_>) -> Option<String> {
    source.string_of("name").or_else(|| source.string_of("email"))
}

fn tool(source: &Json<'_>) -> Option<String> {
    let parts = ["vendor", "group", "name", "version"];
    let parts: Vec<String> = parts.iter().filter_map(|part| source.string_of(part)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn read_component(source: &Json<'_>) -> Component {
    let entity = |name: &str| source.get(name).and_then(|entity| entity.string_of("name"));
    let mut component = Component {
        reference: source.string_of("bom-ref").unwrap_or_default(),
        kind: ComponentKind::named(source.text_of("type").unwrap_or("library")),
        name: source.text_of("name").unwrap_or_default().to_owned(),
        group: source.string_of("group"),
        version: source.string_of("version"),
        supplier: entity("supplier"),
        manufacturer: entity("manufacturer"),
        purl: source.string_of("purl"),
        cpes: source.string_of("cpe").into_iter().collect(),
        scope: source.string_of("scope"),
        licences: source.items_of("licenses").iter().filter_map(licence).collect(),
        ..Component::default()
    };
    component.hashes = source.items_of("hashes").iter().filter_map(hash).collect();
    if let Some(tag) = source.get("swid").and_then(|swid| swid.string_of("tagId")) {
        component.identifiers.push(format!("swid {tag}"));
    }
    for (member, scheme) in [("swhid", "swhid"), ("omniborId", "gitoid")] {
        for id in source.items_of(member).iter().filter_map(Json::text) {
            component.identifiers.push(format!("{scheme} {id}"));
        }
    }
    for patch in source.get("pedigree").map_or(&[][..], |pedigree| pedigree.items_of("patches")) {
        let issues = patch.items_of("resolves").iter();
        let security = issues.filter(|issue| issue.text_of("type") == Some("security"));
        component.patched.extend(security.filter_map(|issue| issue.string_of("id")));
    }
    component.properties = properties(source);
    component
}

fn hash(source: &Json<'_>) -> Option<Hash> {
    let algorithm = source.string_of("alg")?;
    let value = source.text_of("content")?.trim().to_ascii_lowercase();
    Some(Hash { algorithm, value })
}

fn licence(source: &Json<'_>) -> Option<String> {
    let named = source.get("license");
    let of = |name: &str| named.and_then(|licence| licence.string_of(name));
    source.string_of("expression").or_else(|| of("id")).or_else(|| of("name"))
}

/// What has no field of its own in a [`Component`].
fn properties(source: &Json<'_>) -> Vec<(String, String)> {
    let mut properties = Vec::new();
    for name in own::CYCLONEDX_FIELDS {
        properties.extend(source.get(name).and_then(scalar).map(|text| (name.to_owned(), text)));
    }
    let authors = source.items_of("authors").iter().filter_map(person);
    properties.extend(authors.map(|name| ("author".to_owned(), name)));
    for reference in source.items_of("externalReferences") {
        if let (Some(kind), Some(url)) = (reference.text_of("type"), reference.text_of("url")) {
            properties.push((format!("reference:{kind}"), url.to_owned()));
        }
    }
    properties.extend(own_properties(source));
    properties
}

fn own_properties<'t>(source: &'t Json<'_>) -> impl Iterator<Item = (String, String)> + 't {
    source.items_of("properties").iter().map(|property| {
        let of = |member: &str| property.text_of(member).unwrap_or_default().to_owned();
        (of("name"), of("value"))
    })
}
