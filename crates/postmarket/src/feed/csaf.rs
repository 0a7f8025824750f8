//! CSAF 2.0 and 2.1: advisories and the VEX profile. Every vulnerability of a document is a record. Documents that
//! break the standard are taken as far as they can be read: 12 of CISA's 144 medical advisories do.

use super::event::{
    Advisory, Assertion, AssertionStatus, Event, Intake, Origin, Package, Remedy, Severity,
    SeverityKind, Sink, Status,
};
use super::json::{Collector, Fault, Node, document};
use super::product_tree::{Product, ProductTree};
use super::statement::{score, statement};
use std::collections::BTreeMap;

/// The lists of `product_status` and what they say of the versions in them.
const STATUSES: [(&str, Status, AssertionStatus); 8] = [
    ("known_affected", Status::Affected, AssertionStatus::Affected),
    ("first_affected", Status::Affected, AssertionStatus::Affected),
    ("last_affected", Status::Affected, AssertionStatus::Affected),
    ("known_not_affected", Status::Unaffected, AssertionStatus::NotAffected),
    ("fixed", Status::Fixed, AssertionStatus::Fixed),
    ("first_fixed", Status::Fixed, AssertionStatus::Fixed),
    ("under_investigation", Status::Unknown, AssertionStatus::UnderInvestigation),
    // 2.1: affected or not, the supplier does not know.
    ("unknown", Status::Unknown, AssertionStatus::UnderInvestigation),
];

/// Reads one CSAF document.
pub fn read(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    let mut collector = Collector::new(file, to);
    match document(bytes) {
        Ok(value) => {
            let root = Node::root(&value, "");
            if let Err(fault) = vulnerabilities(&root, file, &mut collector) {
                collector.record(Err(fault));
            }
        }
        Err(fault) => collector.record(Err(fault)),
    }
    collector.finish()
}

/// What all records of a document share.
struct Frame {
    advisory: Advisory,
    author: String,
    vex: bool,
    products: ProductTree,
}

fn vulnerabilities(
    root: &Node<'_, '_>,
    file: &str,
    collector: &mut Collector<'_>,
) -> Result<(), Fault> {
    let frame = frame(root, file)?;
    let mut count = 0;
    root.each("vulnerabilities", |node| {
        collector.record(vulnerability(node, &frame, count, file));
        count += 1;
        Ok(())
    })?;
    if count == 0 {
        collector.record(Ok(vec![Event::Advisory(Box::new(frame.advisory))]));
    }
    Ok(())
}

fn frame(root: &Node<'_, '_>, file: &str) -> Result<Frame, Fault> {
    let absent = |field: &str| Fault::new("", format!("expected a field {field:?}, found none"));
    let head = root.get("document").ok_or_else(|| absent("document"))?;
    let tracking = head.get("tracking").ok_or_else(|| absent("document/tracking"))?;
    let mut advisory = Advisory::new(Origin::Csaf, tracking.need("id")?, root.place(file));
    advisory.document = Some(advisory.id.clone());
    advisory.modified = tracking.owned("current_release_date")?.unwrap_or_default();
    advisory.published = tracking.owned("initial_release_date")?;
    advisory.summary = head.owned("title")?.unwrap_or_default();
    let category = head.maybe("category")?.unwrap_or("");
    if category.contains("withdrawn") || category.contains("superseded") {
        advisory.withdrawn = Some(advisory.modified.clone());
    }
    head.each("references", |link| {
        advisory.references.extend(link.owned("url")?);
        Ok(())
    })?;
    if let Some(aggregate) = head.get("aggregate_severity")
        && let Some(text) = aggregate.maybe("text")?
    {
        let (kind, vector) = (SeverityKind::Word, text.to_lowercase());
        advisory.severities.push(Severity { kind, vector, scorer: None });
    }
    let author = match head.get("publisher") {
        Some(publisher) => publisher.owned("name")?.unwrap_or_default(),
        None => String::new(),
    };
    let products = match root.get("product_tree") {
        Some(tree) => ProductTree::read(&tree)?,
        None => ProductTree::default(),
    };
    Ok(Frame { advisory, author, vex: category.contains("vex"), products })
}

fn vulnerability(
    node: &Node<'_, '_>,
    frame: &Frame,
    index: usize,
    file: &str,
) -> Result<Vec<Event>, Fault> {
    let mut advisory = frame.advisory.clone();
    advisory.place = node.place(file);
    let mut names: Vec<String> = node.owned("cve")?.into_iter().collect();
    node.each("ids", |id| {
        names.extend(id.owned("text")?);
        Ok(())
    })?;
    let name = names.first().cloned().unwrap_or_else(|| format!("{}", index + 1));
    advisory.related.push(advisory.id.clone());
    advisory.id = format!("{}:{name}", advisory.id);
    advisory.aliases = names;
    if let Some(title) = node.owned("title")? {
        advisory.summary = title;
    }
    node.each("notes", |note| {
        let kind = note.maybe("category")?.unwrap_or("");
        if matches!(kind, "summary" | "description" | "details") {
            if !advisory.details.is_empty() {
                advisory.details.push('\n');
            }
            advisory.details.push_str(note.maybe("text")?.unwrap_or(""));
        }
        Ok(())
    })?;
    if let Some(weakness) = node.get("cwe") {
        advisory.weaknesses.extend(weakness.owned("id")?);
    }
    node.each("cwes", |weakness| {
        advisory.weaknesses.extend(weakness.owned("id")?);
        Ok(())
    })?;
    node.each("references", |link| {
        advisory.references.extend(link.owned("url")?);
        Ok(())
    })?;
    scores(node, &mut advisory.severities)?;
    remedies(node, frame, &mut advisory.remedies)?;
    let mut events = Vec::new();
    let lists = statements(node, frame, &mut advisory)?;
    if frame.vex {
        assertions(node, frame, &advisory, &lists, &mut events)?;
    }
    events.insert(0, Event::Advisory(Box::new(advisory)));
    Ok(events)
}

fn scores(node: &Node<'_, '_>, into: &mut Vec<Severity>) -> Result<(), Fault> {
    const KEYS: [(&str, SeverityKind); 3] = [
        ("cvss_v2", SeverityKind::Cvss2),
        ("cvss_v3", SeverityKind::Cvss3),
        ("cvss_v4", SeverityKind::Cvss4),
    ];
    node.each("scores", |entry| {
        KEYS.iter().try_for_each(|&(key, kind)| score(entry.get(key), kind, None, into))
    })?;
    node.each("metrics", |entry| {
        let scorer = entry.maybe("source")?;
        let Some(content) = entry.get("content") else { return Ok(()) };
        KEYS.iter().try_for_each(|&(key, kind)| score(content.get(key), kind, scorer, into))
    })?;
    into.sort_unstable();
    into.dedup();
    Ok(())
}

fn remedies(node: &Node<'_, '_>, frame: &Frame, into: &mut Vec<Remedy>) -> Result<(), Fault> {
    node.each("remediations", |entry| {
        let ids = frame.products.ids(entry)?;
        into.push(Remedy {
            category: entry.owned("category")?.unwrap_or_default(),
            details: entry.owned("details")?.unwrap_or_default(),
            url: entry.owned("url")?,
            products: ids.iter().map(|id| frame.products.name(id)).collect(),
        });
        Ok(())
    })
}

type Lists = Vec<(AssertionStatus, Vec<String>)>;

fn statements(node: &Node<'_, '_>, frame: &Frame, advisory: &mut Advisory) -> Result<Lists, Fault> {
    let mut lists = Lists::new();
    let Some(status) = node.get("product_status") else { return Ok(lists) };
    for (key, meaning, assertion) in STATUSES {
        let ids = status.texts(key)?;
        for id in &ids {
            match frame.products.get(id) {
                Some(product) => product.statements(meaning, &mut advisory.affected),
                None => advisory.affected.push(undefined(frame, id, meaning)),
            }
        }
        if !ids.is_empty() {
            lists.push((assertion, ids));
        }
    }
    Ok(lists)
}

/// A product id that the tree does not define: kept for a person, for the other products count.
fn undefined(frame: &Frame, id: &str, status: Status) -> super::Affected {
    let package = Package::VendorProduct { vendor: frame.author.clone(), product: id.to_owned() };
    let mut one = statement(package, status, Status::Unknown);
    one.prose = Some(format!("the product id {id:?} is not defined in the document"));
    one
}

/// Justifications and impact statements belong to single products: products that share them share an assertion.
fn assertions(
    node: &Node<'_, '_>,
    frame: &Frame,
    advisory: &Advisory,
    lists: &Lists,
    events: &mut Vec<Event>,
) -> Result<(), Fault> {
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    node.each("flags", |flag| {
        let label = flag.need("label")?;
        labels.extend(frame.products.ids(flag)?.into_iter().map(|id| (id, label.to_owned())));
        Ok(())
    })?;
    let mut words: BTreeMap<String, String> = BTreeMap::new();
    node.each("threats", |threat| {
        if threat.maybe("category")? == Some("impact") {
            let details = threat.maybe("details")?.unwrap_or("").to_owned();
            let ids = frame.products.ids(threat)?;
            words.extend(ids.into_iter().map(|id| (id, details.clone())));
        }
        Ok(())
    })?;
    node.each("remediations", |entry| {
        let details = entry.maybe("details")?.unwrap_or("").to_owned();
        for id in frame.products.ids(entry)? {
            words.entry(id).or_insert_with(|| details.clone());
        }
        Ok(())
    })?;
    let id = advisory.aliases.first().unwrap_or(&advisory.id);
    for (status, ids) in lists {
        let mut groups: BTreeMap<(Option<&String>, Option<&String>), Vec<String>> = BTreeMap::new();
        for product in ids {
            let named = frame.products.get(product).map_or(product.clone(), Product::identifier);
            groups.entry((labels.get(product), words.get(product))).or_default().push(named);
        }
        for ((justification, statement), products) in groups {
            let not_affected = *status == AssertionStatus::NotAffected;
            events.push(Event::Assertion(Assertion {
                origin: Origin::Csaf,
                id: id.clone(),
                products,
                subcomponents: Vec::new(),
                status: *status,
                justification: justification.filter(|_| not_affected).cloned(),
                statement: statement.cloned(),
                author: frame.author.clone(),
                time: advisory.modified.clone(),
                place: advisory.place.clone(),
            }));
        }
    }
    Ok(())
}
