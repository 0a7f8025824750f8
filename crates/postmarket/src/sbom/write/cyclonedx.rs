//! CycloneDX 1.6 and 1.7, JSON.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::bill::{Bill, Component, ComponentKind, RelationshipKind};
use super::super::error::BillError;
use super::super::json::Json;
use super::super::limits::Limits;
use super::super::{own, schema};
use super::{Object, bytes, is_expression, take, take_if};

const FORM: &str = "CycloneDX";

/// How deep components are nested; what is held deeper is told by a property.
const NESTED: usize = 20;

const PHASES: [&str; 7] =
    ["build", "decommission", "design", "discovery", "operations", "post-build", "pre-build"];

/// Types of references that both versions have and a bill may hold.
const REFERENCES: [&str; 12] = [
    "advisories",
    "chat",
    "distribution",
    "documentation",
    "issue-tracker",
    "license",
    "mailing-list",
    "other",
    "security-contact",
    "support",
    "vcs",
    "website",
];

pub(super) fn write(bill: &Bill, version: &str, created: &str) -> Result<Vec<u8>, BillError> {
    let mut rest = bill.clone();
    let mut document = Object::default();
    document.put("$schema", format!("http://cyclonedx.org/schema/bom-{version}.schema.json"));
    document.put("bomFormat", "CycloneDX");
    document.put("specVersion", version);
    if let Some(serial) = rest.document.take_if(|text| is_serial(text)) {
        document.put("serialNumber", serial);
    }
    let plain = |text: &str| {
        text.parse::<u32>().is_ok_and(|number| number > 0 && number.to_string() == text)
    };
    let revision = rest.revision.take_if(|text| plain(text));
    if let Some(number) = revision.and_then(|text| text.parse::<u32>().ok()) {
        document.put("version", number);
    }
    let nest = Nest::new(bill);
    document.put("metadata", metadata(&mut rest, bill, &nest, created));
    let tops = (0..bill.components.len())
        .filter(|at| Some(*at) != bill.root && !nest.parent.contains_key(at));
    document.put("components", tops.map(|at| component(bill, &nest, at)).collect::<Vec<_>>());
    document.put("dependencies", dependencies(bill));
    let written = bytes(FORM, document)?;
    check(&written, version)?;
    Ok(written)
}

/// What is written must pass the official schema: a fault here is told, not shipped.
fn check(written: &[u8], version: &str) -> Result<(), BillError> {
    let unwritable = |reason: String| BillError::Unwritable { form: FORM, reason };
    let tree = Json::parse(FORM, written, &Limits::default())
        .map_err(|error| unwritable(error.to_string()))?;
    let schema = schema::cyclonedx(version).ok_or_else(|| unwritable("no schema".to_owned()))?;
    schema.check(&tree).map_err(|fault| unwritable(fault.of(FORM).to_string()))
}

fn is_serial(text: &str) -> bool {
    let Some(id) = text.strip_prefix("urn:uuid:") else { return false };
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
        && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

/// Which component stands within which: those that exactly one other holds, as far as that makes a tree.
struct Nest {
    parent: BTreeMap<usize, usize>,
    children: BTreeMap<usize, Vec<usize>>,
}

impl Nest {
    fn new(bill: &Bill) -> Self {
        let mut holders: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for arrow in
            bill.relationships.iter().filter(|arrow| arrow.kind == RelationshipKind::Contains)
        {
            holders.entry(arrow.to).or_default().push(arrow.from);
        }
        let only = |at: usize| match holders.get(&at).map(Vec::as_slice) {
            Some([one]) if Some(at) != bill.root => Some(*one),
            _ => None,
        };
        let ends = |at: usize| {
            let mut above = at;
            for _ in 0..NESTED {
                match only(above) {
                    Some(next) => above = next,
                    None => return true,
                }
            }
            false
        };
        let mut nest = Self { parent: BTreeMap::new(), children: BTreeMap::new() };
        for at in 0..bill.components.len() {
            if let Some(parent) = only(at).filter(|_| ends(at)) {
                nest.parent.insert(at, parent);
                nest.children.entry(parent).or_default().push(at);
            }
        }
        nest
    }
}

fn metadata(rest: &mut Bill, bill: &Bill, nest: &Nest, created: &str) -> Value {
    let mut metadata = Object::default();
    metadata.put("timestamp", created);
    let authors = take_if(&mut rest.authors, |name| !name.trim().is_empty());
    let people = authors.iter().map(|name| Object::of([("name", name)]));
    metadata.put("authors", people.collect::<Vec<_>>());
    let tools = take_if(&mut rest.tools, |name| !name.trim().is_empty());
    let tools = tools.iter().map(|name| Object::of([("type", "application"), ("name", name)]));
    let mut holder = Object::default();
    holder.put("components", tools.collect::<Vec<_>>());
    metadata.put("tools", holder);
    let cycles = take_if(&mut rest.lifecycle, |name| !name.trim().is_empty());
    let cycle = |name: &String| {
        let member = if PHASES.contains(&name.as_str()) { "phase" } else { "name" };
        Object::of([(member, name)])
    };
    metadata.put("lifecycles", cycles.iter().map(cycle).collect::<Vec<_>>());
    if let Some(root) = bill.root {
        metadata.put("component", component(bill, nest, root));
    }
    metadata.put("properties", properties(&own::give_document(rest)));
    metadata.into()
}

fn properties(pairs: &[(String, String)]) -> Vec<Value> {
    pairs.iter().map(|(name, value)| Object::of([("name", name), ("value", value)])).collect()
}

fn component(bill: &Bill, nest: &Nest, at: usize) -> Value {
    let Some(whole) = bill.components.get(at) else { return Value::Null };
    let mut rest = whole.clone();
    let mut out = Object::default();
    let mut extra = Vec::new();
    out.put("bom-ref", whole.reference.as_str());
    out.put("name", whole.name.as_str());
    if whole.kind == ComponentKind::Other {
        out.put("type", "library");
        extra.push(own::named("kind", "other"));
    } else {
        out.put("type", whole.kind.name());
    }
    let filled = |text: &mut String| !text.trim().is_empty();
    for (name, value) in
        [("group", &mut rest.group), ("version", &mut rest.version), ("purl", &mut rest.purl)]
    {
        out.put(name, value.take_if(filled));
    }
    for (name, value) in
        [("supplier", &mut rest.supplier), ("manufacturer", &mut rest.manufacturer)]
    {
        if let Some(value) = value.take_if(filled) {
            out.put(name, Object::of([("name", &value)]));
        }
    }
    match rest.scope.as_deref() {
        Some("required" | "optional" | "excluded") => out.put("scope", rest.scope.take()),
        Some("build") => out.put("scope", "excluded"),
        _ => {}
    }
    if rest.cpes.first().is_some_and(|cpe| !cpe.trim().is_empty()) {
        out.put("cpe", rest.cpes.remove(0));
    }
    identifiers(&mut rest, &mut out);
    hashes_and_licences(&mut rest, &mut out);
    plain(&mut rest, &mut out);
    let ids = take_if(&mut rest.patched, |id| !id.trim().is_empty());
    if !ids.is_empty() {
        let issues = ids.iter().map(|id| Object::of([("type", "security"), ("id", id)]));
        let mut patch = Object::default();
        patch.put("type", "unofficial");
        patch.put("resolves", issues.collect::<Vec<_>>());
        let mut pedigree = Object::default();
        pedigree.put("patches", vec![Value::from(patch)]);
        out.put("pedigree", pedigree);
    }
    extra.extend(own::give(&rest));
    extra.extend(loose_arrows(bill, nest, at));
    out.put("properties", properties(&extra));
    let children = nest.children.get(&at).map_or(&[][..], Vec::as_slice);
    let children = children.iter().map(|child| component(bill, nest, *child));
    out.put("components", children.collect::<Vec<_>>());
    out.into()
}

fn identifiers(rest: &mut Component, out: &mut Object) {
    let with = |scheme: &str, begins: &str| {
        let scheme = format!("{scheme} ");
        let begins = begins.to_owned();
        move |text: &String| {
            text.strip_prefix(&scheme)
                .is_some_and(|id| id.starts_with(&begins) && !id.trim().is_empty())
        }
    };
    if let Some(at) = rest.identifiers.iter().position(with("swid", "")) {
        let tag = rest.identifiers.remove(at);
        let tag = tag.trim_start_matches("swid ");
        out.put("swid", Object::of([("tagId", tag), ("name", &rest.name)]));
    }
    for (scheme, begins, member) in
        [("swhid", "swh:1:", "swhid"), ("gitoid", "gitoid:", "omniborId")]
    {
        let taken = take_if(&mut rest.identifiers, with(scheme, begins));
        let ids = taken.iter().filter_map(|text| text.split_once(' ')).map(|parts| parts.1.into());
        out.put(member, ids.collect::<Vec<Value>>());
    }
}

fn hashes_and_licences(rest: &mut Component, out: &mut Object) {
    let hashes = take_if(&mut rest.hashes, |hash| {
        super::spdx::hash_names(&hash.algorithm).is_some()
            && hash.algorithm != "SHA-224"
            && schema::is_hash_value(&hash.value)
            && !hash.value.bytes().any(|byte| byte.is_ascii_uppercase())
    });
    let hash = |hash: &super::super::bill::Hash| {
        Object::of([("alg", &hash.algorithm), ("content", &hash.value)])
    };
    out.put("hashes", hashes.iter().map(hash).collect::<Vec<_>>());
    let licences = take_if(&mut rest.licences, |text| !text.trim().is_empty());
    let holder = |member: &str, inner: Value| {
        let mut object = Object::default();
        object.put(member, inner);
        Value::from(object)
    };
    let listed = match licences.as_slice() {
        [one] if !schema::is_licence(one) && is_expression(one) => {
            vec![holder("expression", one.as_str().into())]
        }
        several => several
            .iter()
            .map(|text| {
                let member = if schema::is_licence(text) { "id" } else { "name" };
                holder("license", Object::of([(member, text)]))
            })
            .collect(),
    };
    out.put("licenses", listed);
}

fn plain(rest: &mut Component, out: &mut Object) {
    for name in ["copyright", "description", "publisher"] {
        let text = take(rest, name, |text| !text.trim().is_empty());
        out.put(name, text);
    }
    let is_reference = |found: &(String, String)| {
        found.0.strip_prefix("reference:").is_some_and(|kind| REFERENCES.contains(&kind))
            && schema::is_iri_reference(&found.1)
    };
    let references = take_if(&mut rest.properties, is_reference);
    let references = references.iter().filter_map(|(name, url)| {
        Some(Object::of([("type", name.strip_prefix("reference:")?), ("url", url)]))
    });
    out.put("externalReferences", references.collect::<Vec<_>>());
}

/// The arrows from a component that neither nesting nor the list of dependencies shows.
fn loose_arrows(bill: &Bill, nest: &Nest, at: usize) -> Vec<(String, String)> {
    let from = bill.relationships.partition_point(|arrow| arrow.from < at);
    let own = bill.relationships.get(from..).unwrap_or(&[]);
    let own = own.iter().take_while(|arrow| arrow.from == at);
    own.filter(|arrow| match arrow.kind {
        RelationshipKind::DependsOn | RelationshipKind::Provides => false,
        RelationshipKind::Contains => nest.parent.get(&arrow.to) != Some(&at),
        RelationshipKind::BuiltBy | RelationshipKind::DerivedFrom => true,
    })
    .filter_map(|arrow| {
        let to = bill.components.get(arrow.to)?;
        Some(own::relationship(arrow.kind, &to.reference))
    })
    .collect()
}

fn dependencies(bill: &Bill) -> Vec<Value> {
    let mut by_component: BTreeMap<usize, Object> = BTreeMap::new();
    let reference =
        |at: usize| bill.components.get(at).map_or("", |found| found.reference.as_str());
    for ((from, kind), ends) in super::arrows(bill) {
        let member = match kind {
            RelationshipKind::DependsOn => "dependsOn",
            RelationshipKind::Provides => "provides",
            _ => continue,
        };
        let ends: Vec<Value> = ends.into_iter().map(|to| reference(to).into()).collect();
        let entry = by_component.entry(from).or_default();
        entry.put("ref", reference(from));
        entry.put(member, ends);
    }
    by_component.into_values().map(Value::from).collect()
}
