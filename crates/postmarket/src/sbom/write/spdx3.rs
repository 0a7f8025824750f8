//! SPDX 3.0.1, JSON-LD in its compact form.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::bill::{Bill, Component, ComponentKind, Hash, RelationshipKind};
use super::super::error::BillError;
use super::super::schema;
use super::super::{own, spdx};
use super::{Names, Object, bytes, is_expression, is_said, take, take_if};

const CREATION: &str = "_:creation";

/// The graph as it grows, and the address that all ids begin with.
struct Graph {
    base: String,
    elements: Vec<Value>,
    /// Agents, tools and licences that elements refer to: their ids by type and name.
    shared: BTreeMap<(&'static str, String), String>,
}

impl Graph {
    fn element(&self, kind: &str, id: &str) -> Object {
        let mut element = Object::default();
        element.put("type", kind);
        element.put("spdxId", id);
        element.put("creationInfo", CREATION);
        element
    }

    /// The id of the one element of a type and a name; it is added when it is first asked for.
    fn shared(&mut self, kind: &'static str, member: &str, name: &str) -> String {
        if let Some(id) = self.shared.get(&(kind, name.to_owned())) {
            return id.clone();
        }
        let stem = kind.rsplit('_').next().unwrap_or(kind);
        let id = format!("{}#{stem}/{}", self.base, self.shared.len() + 1);
        let mut element = self.element(kind, &id);
        element.put(member, name);
        self.elements.push(element.into());
        self.shared.insert((kind, name.to_owned()), id.clone());
        id
    }

    fn arrow(&mut self, (from, kind, scope): (&str, &str, Option<&str>), to: Vec<Value>) {
        let number = self.elements.len();
        let id = format!("{}#relationship/{number}", self.base);
        let name = if scope.is_some() { "LifecycleScopedRelationship" } else { "Relationship" };
        let mut element = self.element(name, &id);
        element.put("from", from);
        element.put("relationshipType", kind);
        element.put("scope", scope.map(str::to_owned));
        element.put("to", to);
        self.elements.push(element.into());
    }
}

pub(super) fn write(bill: &Bill, created: &str) -> Result<Vec<u8>, BillError> {
    let mut rest = bill.clone();
    let base = super::namespace(&mut rest, created);
    let mut graph = Graph { base: base.clone(), elements: Vec::new(), shared: BTreeMap::new() };
    let ids: Vec<String> =
        Names::all(bill).iter().map(|name| format!("{base}#component/{name}")).collect();
    let id = |at: usize| ids.get(at).map_or("", String::as_str);
    creation(&mut graph, &mut rest, created);
    let mut document = graph.element("SpdxDocument", &base);
    let product = bill.root.and_then(|at| bill.components.get(at));
    document.put("name", product.map_or("bill", |product| product.name.as_str()));
    document.put("extension", extension(&own::give_document(&rest)));
    let profiles = ["core", "extension", "simpleLicensing", "software"];
    document.put("profileConformance", profiles.map(Value::from).to_vec());
    if let Some(root) = bill.root {
        let bill_id = format!("{base}#bill");
        let mut sbom = graph.element("software_Sbom", &bill_id);
        sbom.put("rootElement", vec![Value::from(id(root))]);
        sbom.put("element", ids.iter().map(|id| id.as_str().into()).collect::<Vec<Value>>());
        graph.elements.push(sbom.into());
        document.put("rootElement", vec![Value::from(bill_id)]);
    }
    graph.elements.push(document.into());
    for (at, component) in bill.components.iter().enumerate() {
        let loose = bill
            .relationships
            .iter()
            .filter(|arrow| arrow.from == at && arrow.kind == RelationshipKind::Provides);
        let loose = loose.map(|arrow| own::relationship(arrow.kind, id(arrow.to)));
        package(&mut graph, component, id(at), loose.collect());
    }
    for ((from, kind), ends) in super::arrows(bill) {
        let (name, scope) = match kind {
            RelationshipKind::DependsOn => ("dependsOn", None),
            RelationshipKind::Contains => ("contains", None),
            RelationshipKind::BuiltBy => ("dependsOn", Some("build")),
            RelationshipKind::DerivedFrom => ("descendantOf", None),
            RelationshipKind::Provides => continue,
        };
        let ends = ends.into_iter().map(|to| id(to).into()).collect();
        graph.arrow((id(from), name, scope), ends);
    }
    let mut top = Object::default();
    top.put("@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
    top.put("@graph", graph.elements);
    bytes("SPDX", top)
}

fn creation(graph: &mut Graph, rest: &mut Bill, created: &str) {
    let mut authors = take_if(&mut rest.authors, |name| is_said(name));
    if authors.is_empty() {
        authors.push("NOASSERTION".to_owned());
    }
    let tools = take_if(&mut rest.tools, |name| is_said(name));
    let mut info = Object::default();
    info.put("type", "CreationInfo");
    info.put("@id", CREATION);
    info.put("specVersion", "3.0.1");
    info.put("created", created);
    let ids = |graph: &mut Graph, kind, names: &[String]| -> Vec<Value> {
        names.iter().map(|name| graph.shared(kind, "name", name).into()).collect()
    };
    info.put("createdBy", ids(graph, "Organization", &authors));
    info.put("createdUsing", ids(graph, "Tool", &tools));
    graph.elements.push(info.into());
}

fn extension(properties: &[(String, String)]) -> Vec<Value> {
    if properties.is_empty() {
        return Vec::new();
    }
    let entry = |(name, value): &(String, String)| {
        Object::of([
            ("type", "extension_CdxPropertyEntry"),
            ("extension_cdxPropName", name),
            ("extension_cdxPropValue", value),
        ])
    };
    let mut extension = Object::default();
    extension.put("type", "extension_CdxPropertiesExtension");
    extension.put("extension_cdxProperty", properties.iter().map(entry).collect::<Vec<_>>());
    vec![extension.into()]
}

fn package(graph: &mut Graph, whole: &Component, id: &str, mut extra: Vec<(String, String)>) {
    let mut rest = whole.clone();
    let mut out = graph.element("software_Package", id);
    extra.push(own::named("reference", &whole.reference));
    out.put("name", whole.name.as_str());
    out.put("software_packageVersion", rest.version.take_if(|text| is_said(text)));
    out.put("software_packageUrl", rest.purl.take_if(|text| is_said(text)));
    if let Some(name) = rest.supplier.take_if(|name| is_said(name)) {
        out.put("suppliedBy", graph.shared("Organization", "name", &name));
    }
    if let Some(name) = rest.manufacturer.take_if(|name| is_said(name)) {
        let id = graph.shared("Organization", "name", &name);
        out.put("originatedBy", vec![Value::from(id)]);
    }
    match purpose(whole.kind) {
        Some(purpose) => out.put("software_primaryPurpose", purpose),
        None => {
            out.put("software_primaryPurpose", "other");
            extra.push(own::named("kind", whole.kind.name()));
        }
    }
    let known = |level: &str| spdx::SUPPORT.iter().find(|known| known.1 == level);
    if let Some(level) = rest.support.level.take_if(|level| known(level).is_some()) {
        let level = known(&level).map_or("", |known| known.0);
        out.put("supportLevel", vec![Value::from(level)]);
    }
    let end = rest.support.end.take_if(|day| schema::is_date(day));
    out.put("validUntilTime", end.map(|day| format!("{day}T00:00:00Z")));
    let sums = take_if(&mut rest.hashes, |hash| {
        spdx::hash_names(&hash.algorithm).is_some()
            && !hash.value.bytes().any(|byte| byte.is_ascii_uppercase())
    });
    let sum = |hash: &Hash| {
        let name = spdx::hash_names(&hash.algorithm).map_or("", |names| names.1);
        Object::of([("type", "Hash"), ("algorithm", name), ("hashValue", &hash.value)])
    };
    out.put("verifiedUsing", sums.iter().map(sum).collect::<Vec<_>>());
    out.put("externalIdentifier", identifiers(&mut rest));
    for (member, name) in [
        ("description", "description"),
        ("summary", "summary"),
        ("comment", "comment"),
        ("software_copyrightText", "copyright"),
        ("software_homePage", "reference:website"),
        ("software_downloadLocation", "reference:distribution"),
        ("software_sourceInfo", "sourceInfo"),
    ] {
        out.put(member, take(&mut rest, name, is_said));
    }
    let licences = take_if(&mut rest.licences, |text| is_expression(text));
    extra.extend(own::give(&rest));
    out.put("extension", extension(&extra));
    graph.elements.push(out.into());
    for licence in licences {
        let member = "simplelicensing_licenseExpression";
        let to = graph.shared("simplelicensing_LicenseExpression", member, &licence);
        graph.arrow((id, "hasDeclaredLicense", None), vec![to.into()]);
    }
}

fn identifiers(rest: &mut Component) -> Vec<Value> {
    let mut found = Vec::new();
    let mut put = |kind: &str, value: &str| {
        found.push(Object::of([
            ("type", "ExternalIdentifier"),
            ("externalIdentifierType", kind),
            ("identifier", value),
        ]));
    };
    for cpe in take_if(&mut rest.cpes, |cpe| cpe.starts_with("cpe:")) {
        put(if cpe.starts_with("cpe:2.3:") { "cpe23" } else { "cpe22" }, &cpe);
    }
    for scheme in ["gitoid", "swhid", "swid"] {
        let fits = |text: &String| {
            text.split_once(' ').is_some_and(|(kind, id)| kind == scheme && !id.trim().is_empty())
        };
        for text in take_if(&mut rest.identifiers, fits) {
            put(scheme, text.split_once(' ').map_or("", |parts| parts.1));
        }
    }
    found
}

fn purpose(kind: ComponentKind) -> Option<&'static str> {
    Some(match kind {
        ComponentKind::Application => "application",
        ComponentKind::Framework => "framework",
        ComponentKind::Library => "library",
        ComponentKind::Container => "container",
        ComponentKind::Platform => "platform",
        ComponentKind::OperatingSystem => "operatingSystem",
        ComponentKind::Device => "device",
        ComponentKind::DeviceDriver => "deviceDriver",
        ComponentKind::Firmware => "firmware",
        ComponentKind::File => "file",
        ComponentKind::MachineLearningModel => "model",
        ComponentKind::Data => "data",
        ComponentKind::CryptographicAsset | ComponentKind::Other => return None,
    })
}
