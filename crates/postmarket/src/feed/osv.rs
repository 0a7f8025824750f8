//! OSV: one advisory, an array, one a line, or the `vulns` of its interface; any ecosystem. RustSec's and GitHub's
//! databases are published in this form too.

use super::event::{
    Advisory, Affected, Event, Intake, Origin, Package, Severity, SeverityKind, Sink, Status,
};
use super::json::{Fault, Node, records};
use crate::version::{OsvEvent, Range, Scheme, range_of_events};

/// Reads a file in OSV form.
pub fn read(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    records(bytes, file, to, &["vulns"], |node| {
        Ok(vec![Event::Advisory(Box::new(advisory(node, file)?))])
    })
}

fn origin_of(id: &str) -> Origin {
    if id.starts_with("RUSTSEC-") {
        Origin::RustSec
    } else if id.starts_with("GHSA-") {
        Origin::GitHub
    } else {
        Origin::Osv
    }
}

fn advisory(node: &Node<'_, '_>, file: &str) -> Result<Advisory, Fault> {
    let id = node.need("id")?;
    let mut advisory = Advisory::new(origin_of(id), id, node.place(file));
    advisory.modified = node.owned("modified")?.unwrap_or_default();
    advisory.published = node.owned("published")?;
    advisory.withdrawn = node.owned("withdrawn")?;
    advisory.summary = node.owned("summary")?.unwrap_or_default();
    advisory.details = node.owned("details")?.unwrap_or_default();
    advisory.related = node.texts("related")?;
    // Downstream records (of a distribution) name what they carry: the same hole in other clothes, not another name.
    advisory.related.extend(node.texts("upstream")?);
    take_aliases(&mut advisory, node.texts("aliases")?);
    severities(node, &mut advisory.severities)?;
    node.each("references", |link| {
        advisory.references.extend(link.owned("url")?);
        Ok(())
    })?;
    if let Some(extra) = node.get("database_specific") {
        extras(&extra, &mut advisory)?;
    }
    node.each("affected", |entry| {
        severities(entry, &mut advisory.severities)?;
        if let Some(extra) = entry.get("database_specific") {
            advisory.informational = advisory.informational.take().or(informational(&extra));
        }
        advisory.affected.push(affected(entry)?);
        Ok(())
    })?;
    advisory.related.sort_unstable();
    advisory.related.dedup();
    advisory.severities.sort_unstable();
    advisory.severities.dedup();
    advisory.weaknesses.sort_unstable();
    advisory.weaknesses.dedup();
    Ok(advisory)
}

/// Several CVE ids mean several vulnerabilities: then none of the ids names the same thing as this advisory.
pub(super) fn take_aliases(advisory: &mut Advisory, mut aliases: Vec<String>) {
    aliases.retain(|alias| !alias.is_empty() && *alias != advisory.id);
    let several = aliases.iter().filter(|alias| alias.starts_with("CVE-")).count() > 1;
    if several {
        advisory.related.extend(aliases);
    } else {
        advisory.aliases = aliases;
    }
}

fn informational(extra: &Node<'_, '_>) -> Option<String> {
    extra.value.get("informational")?.as_str().map(str::to_owned)
}

/// What GitHub adds: weaknesses and its own word for the severity.
fn extras(extra: &Node<'_, '_>, advisory: &mut Advisory) -> Result<(), Fault> {
    if extra.get("cwe_ids").is_some_and(|list| list.value.is_array()) {
        advisory.weaknesses.extend(extra.texts("cwe_ids")?);
    }
    if let Some(word) = extra.get("severity").and_then(|word| word.value.as_str()) {
        advisory.severities.push(Severity {
            kind: SeverityKind::Word,
            vector: word.to_lowercase(),
            scorer: None,
        });
    }
    advisory.informational = informational(extra);
    Ok(())
}

fn severities(node: &Node<'_, '_>, into: &mut Vec<Severity>) -> Result<(), Fault> {
    node.each("severity", |entry| {
        let kind = match entry.need("type")? {
            "CVSS_V2" => SeverityKind::Cvss2,
            "CVSS_V3" => SeverityKind::Cvss3,
            "CVSS_V4" => SeverityKind::Cvss4,
            _ => SeverityKind::Word,
        };
        into.push(Severity { kind, vector: entry.need("score")?.to_owned(), scorer: None });
        Ok(())
    })
}

fn affected(node: &Node<'_, '_>) -> Result<Affected, Fault> {
    let package = node.get("package");
    let ecosystem = match &package {
        Some(package) => package.owned("ecosystem")?,
        None => None,
    };
    let order = ecosystem.as_deref().map_or(Scheme::SemVer, Scheme::of_ecosystem);
    let mut ranges = Vec::new();
    let mut commits = Vec::new();
    let mut repository = None;
    let mut semantic = true;
    node.each("ranges", |range| {
        let kind = range.need("type")?;
        let events = events(range)?;
        if kind == "GIT" {
            repository = repository.take().or(range.owned("repo")?);
            commits.push(describe(&events));
        } else {
            semantic &= kind == "SEMVER";
            ranges.push(range_of_events(order, &events));
        }
        Ok(())
    })?;
    let versions = node.texts("versions")?;
    let named = !versions.is_empty() || !ranges.is_empty();
    // Commits cannot be ordered without the repository: with nothing else said, a person must read them.
    let prose = (!named && !commits.is_empty()).then(|| commits.join("; "));
    let scheme = match ecosystem.clone() {
        Some(ecosystem) => Some(ecosystem),
        None if semantic && !ranges.is_empty() => Some("semver".to_owned()),
        None => None,
    };
    let (functions, platforms) = specifics(node);
    Ok(Affected {
        package: package_of(node, package.as_ref(), ecosystem, repository.as_deref())?,
        status: Status::Affected,
        default_status: Status::Unaffected,
        versions,
        ranges: if named || prose.is_some() { ranges } else { vec![Range::all()] },
        scheme,
        program_files: Vec::new(),
        functions,
        platforms,
        prose,
    })
}

fn events(range: &Node<'_, '_>) -> Result<Vec<OsvEvent>, Fault> {
    let mut events = Vec::new();
    range.each("events", |event| {
        let mut any = false;
        for key in ["introduced", "fixed", "last_affected", "limit"] {
            let Some(version) = event.owned(key)? else { continue };
            any = true;
            events.push(match key {
                "introduced" => OsvEvent::Introduced(version),
                "fixed" => OsvEvent::Fixed(version),
                "last_affected" => OsvEvent::LastAffected(version),
                _ => OsvEvent::Limit(version),
            });
        }
        if any {
            Ok(())
        } else {
            Err(event.fault("one of introduced, fixed, last_affected, limit"))
        }
    })?;
    Ok(events)
}

fn describe(events: &[OsvEvent]) -> String {
    let words: Vec<String> = events
        .iter()
        .map(|event| match event {
            OsvEvent::Introduced(commit) => format!("from commit {commit}"),
            OsvEvent::Fixed(commit) => format!("fixed in commit {commit}"),
            OsvEvent::LastAffected(commit) => format!("last in commit {commit}"),
            OsvEvent::Limit(commit) => format!("before commit {commit}"),
        })
        .collect();
    words.join(", ")
}

fn package_of(
    node: &Node<'_, '_>,
    package: Option<&Node<'_, '_>>,
    ecosystem: Option<String>,
    repository: Option<&str>,
) -> Result<Package, Fault> {
    if let Some(package) = package {
        return match (ecosystem, package.owned("purl")?) {
            (Some(ecosystem), _) => {
                Ok(Package::Ecosystem { ecosystem, name: package.need("name")?.to_owned() })
            }
            (None, Some(purl)) => Ok(Package::Purl(purl)),
            (None, None) => Err(package.fault("an ecosystem or a purl")),
        };
    }
    let Some(repository) = repository else { return Err(node.fault("a package or a repository")) };
    let path = repository.trim_end_matches('/').trim_end_matches(".git");
    let words = path.split_once("://").map_or(path, |(_, rest)| rest);
    Ok(match words.strip_prefix("github.com/") {
        Some(name) => Package::Purl(format!("pkg:github/{}", name.to_lowercase())),
        None => {
            let (vendor, product) = words.rsplit_once('/').unwrap_or(("", words));
            Package::VendorProduct { vendor: vendor.into(), product: product.into() }
        }
    })
}

/// Functions and platforms, in the spellings of RustSec (`affects`) and Go (`imports` with `symbols`).
fn specifics(node: &Node<'_, '_>) -> (Vec<String>, Vec<String>) {
    let mut functions = Vec::new();
    let mut platforms = Vec::new();
    let Some(extra) = node.value.get("ecosystem_specific") else { return (functions, platforms) };
    let words = |value: Option<&serde_json::Value>| -> Vec<String> {
        let items = value.and_then(|value| value.as_array()).into_iter().flatten();
        items.filter_map(|word| word.as_str()).map(str::to_owned).collect()
    };
    if let Some(affects) = extra.get("affects") {
        functions.extend(words(affects.get("functions")));
        platforms.extend(words(affects.get("os")));
        platforms.extend(words(affects.get("arch")));
    }
    for import in extra.get("imports").and_then(|list| list.as_array()).into_iter().flatten() {
        let path = import.get("path").and_then(|path| path.as_str()).unwrap_or("");
        functions.extend(words(import.get("symbols")).iter().map(|name| format!("{path}.{name}")));
        platforms.extend(words(import.get("goos")));
        platforms.extend(words(import.get("goarch")));
    }
    (functions, platforms)
}
