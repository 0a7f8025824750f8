//! SPDX 3.0 in JSON-LD, in its compact form: one `@context`, one flat `@graph`. Yocto's bills are of this form.

use std::collections::BTreeMap;

use super::bill::{Bill, Component, ComponentKind, Hash, RelationshipKind, SourceForm};
use super::draft::Draft;
use super::error::{BillError, Fault, quoted};
use super::json::Json;
use super::own;
use super::spdx;

/// The graph's elements by their id.
struct Graph<'t> {
    elements: BTreeMap<&'t str, &'t Json<'t>>,
}

pub(super) fn read_json(file: &str, tree: &Json<'_>) -> Result<Bill, BillError> {
    bill(tree).map_err(|fault| fault.of(file))
}

fn bill(tree: &Json<'_>) -> Result<Bill, Fault> {
    let context = tree.get("@context").map(Json::shown).unwrap_or_default();
    if !context.contains("spdx.org/rdf/3.0") {
        let expected =
            "the context https://spdx.org/rdf/3.0.1/spdx-context.jsonld, or that of 3.0.0";
        return Err(Fault::new("/@context", expected, context, "name the context of SPDX 3.0"));
    }
    let mut graph = Graph { elements: BTreeMap::new() };
    for (index, element) in tree.items_of("@graph").iter().enumerate() {
        let place = format!("/@graph/{index}");
        if element.text_of("type").is_none() {
            let fault = Fault::new(place, "an element with `type`", element.kind(), "add its type");
            return Err(fault);
        }
        let id = element.text_of("spdxId").or_else(|| element.text_of("@id")).unwrap_or_default();
        if graph.elements.insert(id, element).is_some() && !id.is_empty() {
            let expected = "an id that no other element has";
            return Err(Fault::new(place, expected, quoted(id), "give each element its own"));
        }
    }
    let mut draft = Draft::default();
    draft.bill.form.clone_from(&SourceForm {
        name: "SPDX".to_owned(),
        version: "3.0".to_owned(),
        encoding: "JSON-LD".to_owned(),
    });
    let mut said = Vec::new();
    let mut subjects = Vec::new();
    for (id, element) in &graph.elements {
        match element.text_of("type").unwrap_or_default() {
            "software_Package" => drop(draft.add(id, component(&graph, element)?)?),
            "software_File" if element.text_of("software_primaryPurpose") != Some("source") => {
                let mut file = component(&graph, element)?;
                file.kind = ComponentKind::File;
                draft.add(id, file)?;
            }
            "SpdxDocument" => {
                draft.bill.document = Some((*id).to_owned());
                said.extend(extended(element));
                document(&graph, &mut draft, element);
                subjects.extend(ids(element, "rootElement"));
            }
            _ => {}
        }
    }
    relationships(&graph, &mut draft);
    let mut subjects: Vec<String> =
        subjects.iter().flat_map(|id| graph.described(id)).map(str::to_owned).collect();
    subjects.sort();
    subjects.dedup();
    draft.set_root(&subjects);
    own::take(&mut draft, &said);
    Ok(draft.finish())
}

impl<'t> Graph<'t> {
    fn get(&self, id: &str) -> Option<&'t Json<'t>> {
        self.elements.get(id).copied()
    }

    fn name(&self, id: &str) -> Option<String> {
        self.get(id).and_then(|element| element.string_of("name"))
    }

    /// What a root element stands for: a bill of materials stands for its own roots.
    fn described<'i>(&self, id: &'i str) -> Vec<&'i str>
    where
        't: 'i,
    {
        match self.get(id) {
            Some(element) if element.text_of("type") == Some("software_Sbom") => {
                ids(element, "rootElement")
            }
            _ => vec![id],
        }
    }
}

/// The ids of a member, which may be one or a list.
fn ids<'t>(element: &'t Json<'t>, name: &str) -> Vec<&'t str> {
    match element.get(name) {
        Some(Json::Text(id)) => vec![id],
        Some(list) => list.items().iter().filter_map(Json::text).collect(),
        None => Vec::new(),
    }
}

fn document<'t>(graph: &Graph<'t>, draft: &mut Draft, element: &'t Json<'t>) {
    // The creation's facts stand apart, or within.
    let creation = match element.get("creationInfo") {
        Some(Json::Text(id)) => graph.get(id),
        inner => inner,
    };
    let Some(creation) = creation else { return };
    draft.bill.created = creation.string_of("created");
    if let Some(version) = creation.string_of("specVersion") {
        draft.bill.form.version = version;
    }
    for (member, tools) in [("createdBy", false), ("createdUsing", true)] {
        for id in ids(creation, member) {
            let agent = graph.get(id).and_then(|agent| agent.text_of("type"));
            let list = if tools || agent == Some("Tool") {
                &mut draft.bill.tools
            } else {
                &mut draft.bill.authors
            };
            list.extend(spdx::said(&graph.name(id).unwrap_or_else(|| id.to_owned())));
        }
    }
}

fn component(graph: &Graph<'_>, element: &Json<'_>) -> Result<Component, Fault> {
    let said = |name: &str| element.text_of(name).and_then(spdx::said);
    let id = element.text_of("spdxId").unwrap_or_default();
    let Some(name) = element.text_of("name") else {
        let expected = "the text `name`";
        return Err(Fault::new(id, expected, "an element without it", "name the element"));
    };
    let agent = |member: &str| {
        let id = ids(element, member).into_iter().next()?;
        spdx::said(&graph.name(id).unwrap_or_else(|| id.to_owned()))
    };
    let mut component = Component {
        reference: id.to_owned(),
        name: name.to_owned(),
        version: said("software_packageVersion"),
        purl: said("software_packageUrl"),
        supplier: agent("suppliedBy"),
        manufacturer: agent("originatedBy"),
        kind: said("software_primaryPurpose")
            .and_then(|purpose| spdx::purpose(&purpose))
            .unwrap_or(ComponentKind::Library),
        ..Component::default()
    };
    let level = match element.get("supportLevel") {
        Some(Json::Text(level)) => Some(level.as_ref()),
        Some(list) => list.items().first().and_then(Json::text),
        None => None,
    };
    component.support.level =
        level.and_then(spdx::said).filter(|text| text != "noAssertion").map(|level| {
            let known = spdx::SUPPORT.iter().find(|known| known.0 == level);
            known.map_or(level, |known| known.1.to_owned())
        });
    component.support.end = said("validUntilTime").map(|time| spdx::day(&time));
    marks(element, &mut component);
    let plain = [
        ("description", "description"),
        ("summary", "summary"),
        ("comment", "comment"),
        ("software_copyrightText", "copyright"),
        ("software_homePage", "reference:website"),
        ("software_downloadLocation", "reference:distribution"),
        ("software_sourceInfo", "sourceInfo"),
    ];
    for (member, name) in plain {
        component.properties.extend(said(member).map(|text| (name.to_owned(), text)));
    }
    component.properties.extend(extended(element));
    Ok(component)
}

/// Hashes and identifiers.
fn marks(element: &Json<'_>, component: &mut Component) {
    for sum in element.items_of("verifiedUsing") {
        if let (Some(algorithm), Some(value)) = (sum.text_of("algorithm"), sum.text_of("hashValue"))
        {
            let algorithm = spdx::hash_name(algorithm);
            component.hashes.push(Hash { algorithm, value: value.to_ascii_lowercase() });
        }
    }
    for identifier in element.items_of("externalIdentifier") {
        let value = identifier.string_of("identifier").unwrap_or_default();
        match identifier.text_of("externalIdentifierType").unwrap_or_default() {
            "cpe23" | "cpe22" => component.cpes.push(value),
            "packageUrl" => {
                component.purl.get_or_insert(value);
            }
            scheme => component.identifiers.push(format!("{scheme} {value}")),
        }
    }
}

/// The properties of the extension that SPDX has for CycloneDX's.
fn extended<'t>(element: &'t Json<'_>) -> impl Iterator<Item = (String, String)> + 't {
    let entries = element.items_of("extension").iter();
    entries.flat_map(|extension| extension.items_of("extension_cdxProperty")).map(|entry| {
        let of = |member: &str| entry.text_of(member).unwrap_or_default().to_owned();
        (of("extension_cdxPropName"), of("extension_cdxPropValue"))
    })
}

/// What builds took in and gave out: source files go to the packages that came of them.
#[derive(Default)]
struct Builds<'t> {
    sources: BTreeMap<&'t str, Vec<String>>,
    outputs: BTreeMap<&'t str, Vec<&'t str>>,
}

fn relationships(graph: &Graph<'_>, draft: &mut Draft) {
    let mut builds = Builds::default();
    for relationship in graph.elements.values() {
        let (Some(kind), Some(from)) =
            (relationship.text_of("relationshipType"), relationship.text_of("from"))
        else {
            continue;
        };
        for to in ids(relationship, "to") {
            relate(graph, draft, &mut builds, relationship, (from, kind, to));
        }
    }
    for (build, sources) in &builds.sources {
        for output in builds.outputs.get(build).map_or(&[][..], Vec::as_slice) {
            if let Some(component) = draft.component(output) {
                component.compiled_files.extend(sources.iter().cloned());
            }
        }
    }
    for component in &mut draft.bill.components {
        component.compiled_files.sort();
        component.compiled_files.dedup();
        component.licences.sort();
        component.licences.dedup();
        component.patched.sort();
        component.patched.dedup();
    }
}

/// What a relationship says of one component alone: a licence, a patch, a source file. `false` if it is no such thing.
fn attach<'t>(
    graph: &Graph<'t>,
    draft: &mut Draft,
    builds: &mut Builds<'t>,
    (from, kind, to): (&'t str, &str, &'t str),
) -> bool {
    let element = graph.get(to);
    let file = element.is_some_and(|found| found.text_of("type") == Some("software_File"));
    let source = file && draft.find(to).is_none();
    let name = || graph.name(to).unwrap_or_else(|| to.to_owned());
    match kind {
        "hasDeclaredLicense" | "hasConcludedLicense" => {
            let licence = element.and_then(|licence| {
                let expression = licence.text_of("simplelicensing_licenseExpression");
                expression.and_then(spdx::said).or_else(|| licence.string_of("name"))
            });
            if let (Some(licence), Some(component)) = (licence, draft.component(from)) {
                component.licences.push(licence);
            }
        }
        "fixedIn" => {
            let id = graph.get(from).and_then(vulnerability);
            if let (Some(id), Some(component)) = (id, draft.component(to)) {
                component.patched.push(id);
            }
        }
        "hasInput" if source => builds.sources.entry(from).or_default().push(name()),
        "hasOutput" => builds.outputs.entry(from).or_default().push(to),
        "contains" if source => {
            if let Some(component) = draft.component(from) {
                component.compiled_files.push(name());
            }
        }
        _ => return false,
    }
    true
}

fn relate<'t>(
    graph: &Graph<'t>,
    draft: &mut Draft,
    builds: &mut Builds<'t>,
    relationship: &Json<'_>,
    (from, kind, to): (&'t str, &str, &'t str),
) {
    if attach(graph, draft, builds, (from, kind, to)) {
        return;
    }
    match kind {
        // What only SPDX's own bookkeeping needs, or what a linked VEX says better.
        "hasInput"
        | "describes"
        | "doesNotAffect"
        | "affects"
        | "underInvestigationFor"
        | "hasAssociatedVulnerability"
        | "hasDistributionArtifact" => {}
        "hasOptionalDependency" | "dependsOn" | "usesTool"
            if relationship.text_of("scope") == Some("build") =>
        {
            draft.relate(from, RelationshipKind::BuiltBy, to);
        }
        "dependsOn" if matches!(relationship.text_of("scope"), Some("test" | "development")) => {
            draft.not_carried("dependsOn of test or development");
        }
        _ => match spdx::relationship(kind) {
            // Between builds, agents and other elements that are no components.
            Some(_) if draft.find(from).is_none() && graph.get(from).is_some() => {
                draft.not_carried(kind);
            }
            Some((kind, false)) => draft.relate(from, kind, to),
            Some((kind, true)) => draft.relate(to, kind, from),
            None => draft.not_carried(kind),
        },
    }
}

/// The id of a vulnerability, CVE first.
fn vulnerability(element: &Json<'_>) -> Option<String> {
    let identifiers = element.items_of("externalIdentifier").iter();
    let cve = identifiers
        .filter(|found| found.text_of("externalIdentifierType") == Some("cve"))
        .find_map(|found| found.string_of("identifier"));
    cve.or_else(|| element.string_of("name"))
}
