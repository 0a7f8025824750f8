//! What a scan says of a product as OpenVEX 0.2.0: what is still being looked into, and what an update has fixed.
//!
//! A program says no more than versions do. That a product is not affected although it holds an affected version is a
//! person's decision, and stands in what [`publish`](crate::publish) writes of it.

use super::Sources;
use crate::harm::canonical::digest;
use crate::matching::{Answer, Finding, Grouped, Subject, Watch};
use crate::sbom::Component;
use serde_json::{Value, json};

/// The document, or `None` if there is nothing to say: OpenVEX knows no empty one. `product` is the package URL of the
/// product, `at` the caller's clock (RFC 3339).
#[must_use]
pub fn scan_vex(sources: &Sources<'_>, product: &str, author: &str, at: &str) -> Option<Value> {
    let (bill, watch) = (sources.bill, sources.watch);
    let mut open = watch.scan(bill);
    let open: Vec<Grouped<'_, '_>> = open.grouped(watch.book()).collect();
    let mut statements: Vec<Value> = open
        .iter()
        .filter_map(|group| {
            let component = bill.components.get(group.component)?;
            Some(statement(sources, group, component, product, "under_investigation", at))
        })
        .collect();
    let answered = watch.answers(bill);
    let fixed = answered.into_iter().filter(|one| {
        let component = bill.components.get(one.component);
        one.verdict.answer == Answer::NotAffected
            && component.is_some_and(|component| is_fixed(one, component, watch))
    });
    let mut fixed =
        crate::matching::Scan { findings: fixed.collect(), ..crate::matching::Scan::default() };
    for group in fixed.grouped(watch.book()) {
        let key = (group.component, group.id);
        let still_open = open.binary_search_by_key(&key, |other| (other.component, other.id));
        if let Some(component) = bill.components.get(group.component)
            && still_open.is_err()
        {
            statements.push(statement(sources, &group, component, product, "fixed", at));
        }
    }
    if statements.is_empty() {
        return None;
    }
    let id = digest(format!("{product}\n{}\n{at}", bill.digest).as_bytes());
    Some(json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("https://openvex.dev/docs/public/vex-{id}"),
        "author": author,
        "role": "Document Creator",
        "timestamp": at,
        "version": 1,
        "tooling": concat!("Homeostat ", env!("CARGO_PKG_VERSION")),
        "statements": statements,
    }))
}

fn statement(
    sources: &Sources<'_>,
    group: &Grouped<'_, '_>,
    component: &Component,
    product: &str,
    status: &str,
    at: &str,
) -> Value {
    let book = sources.watch.book();
    let said = group.findings.iter().filter_map(|one| book.advisory(one.advisory));
    let mut aliases: Vec<&String> =
        said.flat_map(|one| std::iter::once(&one.id).chain(&one.aliases)).collect();
    aliases.sort();
    aliases.dedup();
    aliases.retain(|id| *id != group.id);
    let part = component.purl.clone().unwrap_or_else(|| component.name.clone());
    let version = component.version.as_deref().unwrap_or("without version");
    let why = match status {
        "fixed" => format!("{} {version} is a version with the fix", component.name),
        _ => {
            let subject = Subject::of(component, sources.watch.table());
            let why = super::why(book, &subject, group.verdict, Some(group.first));
            format!("{why}; nobody has decided yet")
        }
    };
    json!({
        "vulnerability": { "name": group.id, "aliases": aliases },
        "timestamp": at,
        "products": [{ "@id": product, "identifiers": { "purl": product },
            "subcomponents": [{ "@id": part }] }],
        "status": status,
        "status_notes": why,
    })
}

/// Whether an affected interval ends at or before the version: it was affected once, and is not any more.
fn is_fixed(found: &Finding, component: &Component, watch: &Watch) -> bool {
    let subject = Subject::of(component, watch.table());
    let compared = watch.book().compared(found.advisory, found.verdict, &subject);
    let Some((version, Some(ranges))) = compared else { return false };
    ranges.ended_before(version.version())
}
