//! NVD's API 2.0, and the same records one by one.

use super::event::{
    Advisory, Affected, Event, Intake, Origin, Package, SeverityKind, Signal, SignalKind, Sink,
    Status,
};
use super::json::{Fault, Node, records};
use super::statement::{add_prose, between, score, statement};
use crate::version::{Bound, Range};

/// Reads an answer of NVD's API, or records of it.
pub fn read(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    records(bytes, file, to, &["vulnerabilities", "cve_items"], |node| match node.get("cve") {
        Some(inner) => record(&inner, file),
        None => record(node, file),
    })
}

fn record(node: &Node<'_, '_>, file: &str) -> Result<Vec<Event>, Fault> {
    let id = node.need("id")?;
    let mut advisory = Advisory::new(Origin::Nvd, id, node.place(file));
    advisory.modified = node.owned("lastModified")?.unwrap_or_default();
    advisory.published = node.owned("published")?;
    if node.maybe("vulnStatus")? == Some("Rejected") {
        advisory.withdrawn = Some(advisory.modified.clone());
    }
    node.each("descriptions", |text| {
        if advisory.details.is_empty() || text.maybe("lang")? == Some("en") {
            advisory.details = text.owned("value")?.unwrap_or_default();
        }
        Ok(())
    })?;
    advisory.summary = advisory.details.lines().next().unwrap_or("").to_owned();
    node.each("references", |link| {
        advisory.references.extend(link.owned("url")?);
        Ok(())
    })?;
    node.each("weaknesses", |weakness| {
        weakness.each("description", |text| {
            let word = text.owned("value")?;
            advisory.weaknesses.extend(word.filter(|word| word.starts_with("CWE-")));
            Ok(())
        })
    })?;
    advisory.weaknesses.sort_unstable();
    advisory.weaknesses.dedup();
    if let Some(metrics) = node.get("metrics") {
        for (key, kind) in [
            ("cvssMetricV2", SeverityKind::Cvss2),
            ("cvssMetricV30", SeverityKind::Cvss3),
            ("cvssMetricV31", SeverityKind::Cvss3),
            ("cvssMetricV40", SeverityKind::Cvss4),
        ] {
            metrics.each(key, |metric| {
                let scorer = metric.maybe("source")?;
                score(metric.get("cvssData"), kind, scorer, &mut advisory.severities)
            })?;
        }
    }
    node.each("configurations", |one| configurations(one, &mut advisory.affected))?;
    let mut events = Vec::new();
    if let Some(since) = node.owned("cisaExploitAdd")? {
        events.push(Event::Signal(Signal {
            id: id.to_owned(),
            kind: SignalKind::KnownExploited { ransomware: false },
            asserter: "CISA".into(),
            since,
            place: node.place(file),
        }));
    }
    events.insert(0, Event::Advisory(Box::new(advisory)));
    Ok(events)
}

/// Nodes of CPE matches. What is vulnerable are the products; what stands beside them (`AND`) limits where.
pub(super) fn configurations(node: &Node<'_, '_>, into: &mut Vec<Affected>) -> Result<(), Fault> {
    let first = into.len();
    let mut beside = Vec::new();
    node.each("nodes", |inner| nodes(inner, into, &mut beside))?;
    let all_needed = node.maybe("operator")? == Some("AND");
    if all_needed && !beside.is_empty() {
        for one in into.iter_mut().skip(first) {
            one.platforms.extend(beside.iter().cloned());
        }
    }
    Ok(())
}

fn nodes(
    node: &Node<'_, '_>,
    into: &mut Vec<Affected>,
    beside: &mut Vec<String>,
) -> Result<(), Fault> {
    let negated = node.get("negate").is_some_and(|flag| flag.value.as_bool() == Some(true));
    node.each("cpeMatch", |entry| {
        let criteria = entry.need("criteria")?;
        let vulnerable = entry.get("vulnerable").and_then(|flag| flag.value.as_bool());
        if vulnerable == Some(false) {
            beside.push(criteria.to_owned());
            return Ok(());
        }
        into.push(affected(entry, criteria, negated)?);
        Ok(())
    })
}

fn affected(entry: &Node<'_, '_>, criteria: &str, negated: bool) -> Result<Affected, Fault> {
    let package = Package::Cpe(criteria.to_owned());
    let mut one = statement(package, Status::Affected, Status::Unaffected);
    let end = |including: &str, excluding: &str| -> Result<Option<Bound>, Fault> {
        Ok(match (entry.maybe(including)?, entry.maybe(excluding)?) {
            (Some(version), _) => Some(Bound::including(version)),
            (None, Some(version)) => Some(Bound::excluding(version)),
            (None, None) => None,
        })
    };
    let lower = end("versionStartIncluding", "versionStartExcluding")?;
    let upper = end("versionEndIncluding", "versionEndExcluding")?;
    let parts = cpe_parts(criteria);
    let part = |index: usize| parts.get(index).map_or("*", String::as_str);
    if parts.len() < 6 {
        return Err(entry.fault("a CPE 2.3 name in criteria"));
    }
    match (part(5), part(6)) {
        _ if negated => add_prose(&mut one, "the configuration is negated: read it"),
        _ if lower.is_some() || upper.is_some() => one.ranges.push(between(lower, upper)),
        ("*", _) => one.ranges.push(Range::all()),
        ("-", _) if part(2) == "h" => one.ranges.push(Range::all()),
        ("-", _) => add_prose(&mut one, "the CPE says that the version does not apply"),
        (version, "*" | "-") => one.versions.push(version.to_owned()),
        (version, update) => one.versions.push(format!("{version}-{update}")),
    }
    if !matches!(part(10), "*" | "-") {
        one.platforms.push(format!("target software {}", part(10)));
    }
    Ok(one)
}

/// The parts of a CPE 2.3 name between colons that are not escaped, without their escapes.
fn cpe_parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in name.chars() {
        match character {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            ':' if !escaped => parts.push(String::new()),
            _ => {
                if let Some(last) = parts.last_mut() {
                    last.push(character);
                }
            }
        }
        escaped = false;
    }
    parts
}
