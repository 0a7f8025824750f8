//! SPDX 2.3, JSON.

use serde_json::Value;

use super::super::bill::{Bill, Component, ComponentKind, RelationshipKind};
use super::super::error::BillError;
use super::super::schema;
use super::super::{own, spdx};
use super::{Names, Object, bytes, is_agent, is_expression, is_said, lines, take, take_if};

const NO_ASSERTION: &str = "NOASSERTION";

pub(super) fn write(bill: &Bill, created: &str) -> Result<Vec<u8>, BillError> {
    let mut rest = bill.clone();
    let ids: Vec<String> = Names::all(bill).iter().map(|name| format!("SPDXRef-{name}")).collect();
    let id = |at: usize| ids.get(at).map_or("", String::as_str);
    let mut document = Object::default();
    document.put("SPDXID", "SPDXRef-DOCUMENT");
    document.put("spdxVersion", "SPDX-2.3");
    document.put("dataLicense", "CC0-1.0");
    let product = bill.root.and_then(|at| bill.components.get(at));
    document.put("name", product.map_or("bill", |product| product.name.as_str()));
    document.put("documentNamespace", super::namespace(&mut rest, created));
    let mut creators: Vec<Value> = Vec::new();
    for (kind, list) in [("Organization", &mut rest.authors), ("Tool", &mut rest.tools)] {
        let names = take_if(list, |name| is_agent(name));
        creators.extend(names.iter().map(|name| Value::from(format!("{kind}: {name}"))));
    }
    if creators.is_empty() {
        creators.push(format!("Organization: {NO_ASSERTION}").into());
    }
    let mut creation = Object::default();
    creation.put("created", created);
    creation.put("creators", creators);
    document.put("creationInfo", creation);
    document.put("annotations", annotations(&lines(&own::give_document(&rest)), created));
    let packages = bill.components.iter().enumerate();
    let packages = packages.map(|(at, component)| {
        let loose = bill
            .relationships
            .iter()
            .filter(|arrow| arrow.from == at && arrow.kind == RelationshipKind::Provides);
        let loose = loose.map(|arrow| own::relationship(arrow.kind, id(arrow.to)));
        package(component, id(at), &loose.collect::<Vec<_>>(), created)
    });
    document.put("packages", packages.collect::<Vec<_>>());
    let arrow = |from: &str, kind: &str, to: &str| {
        Object::of([
            ("spdxElementId", from),
            ("relationshipType", kind),
            ("relatedSpdxElement", to),
        ])
    };
    let described = bill.root.map(|root| arrow("SPDXRef-DOCUMENT", "DESCRIBES", id(root)));
    let arrows = bill.relationships.iter().filter_map(|found| {
        let (from, to) = (id(found.from), id(found.to));
        Some(match found.kind {
            RelationshipKind::DependsOn => arrow(from, "DEPENDS_ON", to),
            RelationshipKind::Contains => arrow(from, "CONTAINS", to),
            RelationshipKind::BuiltBy => arrow(to, "BUILD_DEPENDENCY_OF", from),
            RelationshipKind::DerivedFrom => arrow(from, "GENERATED_FROM", to),
            RelationshipKind::Provides => return None,
        })
    });
    document.put("relationships", described.into_iter().chain(arrows).collect::<Vec<_>>());
    bytes("SPDX", document)
}

fn annotations(lines: &[String], created: &str) -> Vec<Value> {
    let note = |line: &String| {
        Object::of([
            ("annotator", "Tool: homeostat"),
            ("annotationDate", created),
            ("annotationType", "OTHER"),
            ("comment", line),
        ])
    };
    lines.iter().map(note).collect()
}

fn package(whole: &Component, id: &str, loose: &[(String, String)], created: &str) -> Value {
    let mut rest = whole.clone();
    let mut out = Object::default();
    let mut extra = loose.to_vec();
    out.put("SPDXID", id);
    if id != whole.reference {
        extra.push(own::named("reference", &whole.reference));
    }
    out.put("name", whole.name.as_str());
    out.put("filesAnalyzed", false);
    out.put("versionInfo", rest.version.take_if(|text| is_said(text)));
    for (name, value) in [("supplier", &mut rest.supplier), ("originator", &mut rest.manufacturer)]
    {
        let agent = value.take_if(|name| is_agent(name));
        out.put(name, agent.map(|name| format!("Organization: {name}")));
    }
    match purpose(whole.kind) {
        Some(purpose) => out.put("primaryPackagePurpose", purpose),
        None => {
            out.put("primaryPackagePurpose", "OTHER");
            extra.push(own::named("kind", whole.kind.name()));
        }
    }
    let end = rest.support.end.take_if(|day| schema::is_date(day));
    out.put("validUntilDate", end.map(|day| format!("{day}T00:00:00Z")));
    let sums = take_if(&mut rest.hashes, |hash| {
        spdx::hash_names(&hash.algorithm).is_some()
            && hash.value == hash.value.trim()
            && !hash.value.bytes().any(|byte| byte.is_ascii_uppercase())
    });
    let sum = |hash: &super::super::bill::Hash| {
        let name = spdx::hash_names(&hash.algorithm).map_or("", |names| names.0);
        Object::of([("algorithm", name), ("checksumValue", &hash.value)])
    };
    out.put("checksums", sums.iter().map(sum).collect::<Vec<_>>());
    licence(&mut rest.licences, &mut out);
    out.put("externalRefs", external(&mut rest));
    for (member, name) in [
        ("description", "description"),
        ("summary", "summary"),
        ("homepage", "reference:website"),
        ("sourceInfo", "sourceInfo"),
        ("packageFileName", "packageFileName"),
        ("comment", "comment"),
    ] {
        out.put(member, take(&mut rest, name, is_said));
    }
    for (member, name) in
        [("copyrightText", "copyright"), ("downloadLocation", "reference:distribution")]
    {
        let text = take(&mut rest, name, is_said);
        out.put(member, text.unwrap_or_else(|| NO_ASSERTION.to_owned()));
    }
    extra.extend(own::give(&rest));
    out.put("annotations", annotations(&lines(&extra), created));
    out.into()
}

fn licence(licences: &mut Vec<String>, out: &mut Object) {
    out.put("licenseConcluded", NO_ASSERTION);
    let declared = match licences.as_slice() {
        [one] if is_expression(one) => licences.pop(),
        _ => None,
    };
    out.put("licenseDeclared", declared.unwrap_or_else(|| NO_ASSERTION.to_owned()));
}

fn external(rest: &mut Component) -> Vec<Value> {
    let one_word = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    let mut references = Vec::new();
    let mut put = |category: &str, kind: &str, locator: &str| {
        references.push(Object::of([
            ("referenceCategory", category),
            ("referenceType", kind),
            ("referenceLocator", locator),
        ]));
    };
    if let Some(purl) = rest.purl.take_if(|purl| one_word(purl)) {
        put("PACKAGE-MANAGER", "purl", &purl);
    }
    for cpe in take_if(&mut rest.cpes, |cpe| one_word(cpe) && cpe.starts_with("cpe:")) {
        let kind = if cpe.starts_with("cpe:2.3:") { "cpe23Type" } else { "cpe22Type" };
        put("SECURITY", kind, &cpe);
    }
    for (scheme, category, kind) in [
        ("swid ", "SECURITY", "swid"),
        ("swhid ", "PERSISTENT-ID", "swh"),
        ("gitoid ", "PERSISTENT-ID", "gitoid"),
    ] {
        let fits = |text: &String| text.strip_prefix(scheme).is_some_and(one_word);
        for text in take_if(&mut rest.identifiers, fits) {
            put(category, kind, text.strip_prefix(scheme).unwrap_or(&text));
        }
    }
    references
}

fn purpose(kind: ComponentKind) -> Option<&'static str> {
    Some(match kind {
        ComponentKind::Application => "APPLICATION",
        ComponentKind::Framework => "FRAMEWORK",
        ComponentKind::Library => "LIBRARY",
        ComponentKind::Container => "CONTAINER",
        ComponentKind::OperatingSystem => "OPERATING_SYSTEM",
        ComponentKind::Device => "DEVICE",
        ComponentKind::Firmware => "FIRMWARE",
        ComponentKind::File => "FILE",
        _ => return None,
    })
}
