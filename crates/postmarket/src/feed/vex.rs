//! What suppliers say of their products: OpenVEX and CycloneDX. (CSAF's VEX profile is read by [`csaf`](super::csaf).)

use super::event::{Assertion, AssertionStatus, Event, Intake, Origin, Sink};
use super::json::{Collector, Fault, Node, document};
use std::collections::BTreeMap;

/// Reads an OpenVEX document, 0.0.1 to 0.2.0; every statement is a record.
pub fn read_openvex(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    documents(bytes, file, to, |root, collector| {
        let author = root.owned("author")?.unwrap_or_default();
        let time = root.owned("timestamp")?.unwrap_or_default();
        if root.get("statements").is_none() {
            return Err(root.fault("a field \"statements\""));
        }
        root.each("statements", |node| {
            collector.record(statement(node, &author, &time, file));
            Ok(())
        })
    })
}

fn documents(
    bytes: &[u8],
    file: &str,
    to: &mut Sink<'_>,
    read: impl Fn(&Node<'_, '_>, &mut Collector<'_>) -> Result<(), Fault>,
) -> Intake {
    let mut collector = Collector::new(file, to);
    let made = document(bytes).and_then(|value| read(&Node::root(&value, ""), &mut collector));
    if let Err(fault) = made {
        collector.record(Err(fault));
    }
    collector.finish()
}

fn statement(
    node: &Node<'_, '_>,
    author: &str,
    time: &str,
    file: &str,
) -> Result<Vec<Event>, Fault> {
    let absent = || Fault::new(node.pointer(), "expected a field \"vulnerability\", found none");
    let vulnerability = node.get("vulnerability").ok_or_else(absent)?;
    // 0.0.x wrote the id as text; 0.2 has a name, of which the first alias is CVE's where it is not the name.
    let id = match vulnerability.value.as_str() {
        Some(id) => id.to_owned(),
        None => match vulnerability.owned("name")?.or(vulnerability.owned("@id")?) {
            Some(id) => id,
            None => return Err(vulnerability.fault("a name of the vulnerability")),
        },
    };
    let status = match node.need("status")? {
        "not_affected" => AssertionStatus::NotAffected,
        "affected" => AssertionStatus::Affected,
        "fixed" => AssertionStatus::Fixed,
        "under_investigation" => AssertionStatus::UnderInvestigation,
        _ => {
            let status = node.get("status");
            let words = "not_affected, affected, fixed or under_investigation";
            return Err(status.as_ref().unwrap_or(node).fault(words));
        }
    };
    let (mut products, mut subcomponents) = (Vec::new(), Vec::new());
    node.each("products", |product| {
        products.extend(identifier(product)?);
        product.each("subcomponents", |part| {
            subcomponents.extend(identifier(part)?);
            Ok(())
        })
    })?;
    node.each("subcomponents", |part| {
        subcomponents.extend(identifier(part)?);
        Ok(())
    })?;
    let words = ["impact_statement", "action_statement", "status_notes"];
    let mut said = None;
    for key in words {
        said = said.or(node.owned(key)?);
    }
    Ok(vec![Event::Assertion(Assertion {
        origin: Origin::OpenVex,
        id,
        products,
        subcomponents,
        status,
        justification: node.owned("justification")?,
        statement: said,
        author: node.owned("supplier")?.unwrap_or_else(|| author.to_owned()),
        time: node.owned("timestamp")?.unwrap_or_else(|| time.to_owned()),
        place: node.place(file),
    })])
}

/// A product as text (0.0.x), or by its purl, CPE or own id.
fn identifier(node: &Node<'_, '_>) -> Result<Option<String>, Fault> {
    if let Some(text) = node.value.as_str() {
        return Ok(Some(text.to_owned()));
    }
    if let Some(identifiers) = node.get("identifiers") {
        for key in ["purl", "cpe23", "cpe22"] {
            if let Some(found) = identifiers.owned(key)? {
                return Ok(Some(found));
            }
        }
    }
    match node.owned("@id")? {
        Some(id) => Ok(Some(id)),
        None => Err(node.fault("a product with an @id or identifiers")),
    }
}

/// Reads the vulnerabilities of a CycloneDX document, 1.4 to 1.7; every one is a record.
pub fn read_cyclonedx(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    documents(bytes, file, to, |root, collector| {
        let mut names = BTreeMap::new();
        let mut author = String::new();
        let mut time = String::new();
        if let Some(metadata) = root.get("metadata") {
            time = metadata.owned("timestamp")?.unwrap_or_default();
            if let Some(component) = metadata.get("component") {
                components(&component, &mut names)?;
            }
            for key in ["supplier", "manufacturer", "manufacture"] {
                if let Some(who) = metadata.get(key).filter(|_| author.is_empty()) {
                    author = who.owned("name")?.unwrap_or_default();
                }
            }
            metadata.each("authors", |who| {
                if author.is_empty() {
                    author = who.owned("name")?.unwrap_or_default();
                }
                Ok(())
            })?;
        }
        root.each("components", |component| components(component, &mut names))?;
        root.each("vulnerabilities", |node| {
            collector.record(analysis(node, &names, &author, &time, file));
            Ok(())
        })
    })
}

/// References of components and what they are called elsewhere. The parser bounds the depth.
fn components(node: &Node<'_, '_>, names: &mut BTreeMap<String, String>) -> Result<(), Fault> {
    if let Some(reference) = node.owned("bom-ref")?
        && let Some(name) = node.owned("purl")?.or(node.owned("cpe")?)
    {
        names.insert(reference, name);
    }
    node.each("components", |inner| components(inner, names))
}

fn analysis(
    node: &Node<'_, '_>,
    names: &BTreeMap<String, String>,
    author: &str,
    time: &str,
    file: &str,
) -> Result<Vec<Event>, Fault> {
    let id = node.need("id")?;
    let mut status = AssertionStatus::UnderInvestigation;
    let (mut justification, mut words) = (None, None);
    if let Some(analysis) = node.get("analysis") {
        status = match analysis.maybe("state")?.unwrap_or("in_triage") {
            "resolved" | "resolved_with_pedigree" => AssertionStatus::Fixed,
            "exploitable" => AssertionStatus::Affected,
            "in_triage" => AssertionStatus::UnderInvestigation,
            "not_affected" | "false_positive" => AssertionStatus::NotAffected,
            _ => {
                let state = analysis.get("state");
                return Err(state.as_ref().unwrap_or(&analysis).fault("a state of CycloneDX"));
            }
        };
        justification = analysis.owned("justification")?;
        words = analysis.owned("detail")?;
    }
    let time = node.owned("updated")?.or(node.owned("published")?).unwrap_or_else(|| time.into());
    let words = words.or(node.owned("recommendation")?);
    // What the analysis says, and what single versions say against it.
    let mut lists: BTreeMap<AssertionStatus, Vec<String>> = BTreeMap::new();
    node.each("affects", |target| {
        let reference = target.need("ref")?;
        let name = names.get(reference).map_or(reference, String::as_str);
        let mut versions = 0;
        target.each("versions", |entry| {
            let found = entry.maybe("version")?.or(entry.maybe("range")?);
            let Some(version) = found else { return Err(entry.fault("a version or a range")) };
            let meant = match entry.maybe("status")?.unwrap_or("affected") {
                "affected" => status,
                "unaffected" => AssertionStatus::NotAffected,
                _ => AssertionStatus::UnderInvestigation,
            };
            let (stem, _) = name.rsplit_once('@').unwrap_or((name, ""));
            lists.entry(meant).or_default().push(format!("{stem}@{version}"));
            versions += 1;
            Ok(())
        })?;
        if versions == 0 {
            lists.entry(status).or_default().push(name.to_owned());
        }
        Ok(())
    })?;
    if lists.is_empty() {
        lists.insert(status, Vec::new());
    }
    let assertion = |(meant, products)| {
        Event::Assertion(Assertion {
            origin: Origin::CycloneDx,
            id: id.to_owned(),
            products,
            subcomponents: Vec::new(),
            status: meant,
            justification: justification.clone().filter(|_| meant == status),
            statement: words.clone(),
            author: author.to_owned(),
            time: time.clone(),
            place: node.place(file),
        })
    };
    Ok(lists.into_iter().map(assertion).collect())
}
