//! The scan as SARIF 2.1.0, for code hosts and build servers.

use super::{Finding, Scan, class_word, score, severity_word};
use crate::harm::matrix::Class;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The scan as a SARIF log. `artifact` is the scanned file as the code host knows it, relative to its root.
#[must_use]
pub fn sarif(scan: &Scan<'_>, artifact: &str) -> Value {
    let mut rules: Vec<&Finding<'_>> = scan.findings.iter().collect();
    rules.sort_by(|a, b| a.id().cmp(b.id()));
    rules.dedup_by(|later, first| later.id() == first.id());
    let results: Vec<Value> =
        scan.findings.iter().map(|one| result(one, &rules, artifact)).collect();
    let notices: Vec<Value> = scan.rejected.iter().map(notice).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "homeostat",
                "semanticVersion": scan.program,
                "rules": rules.iter().map(|finding| rule(finding)).collect::<Vec<_>>(),
            }},
            "artifacts": [{ "location": { "uri": artifact }, "hashes": { "sha-256": scan.bill } }],
            "invocations": [{
                "executionSuccessful": scan.unread().is_none(),
                "endTimeUtc": scan.at,
                "toolExecutionNotifications": notices,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(finding: &Finding<'_>) -> Value {
    let mut rule = Map::new();
    rule.insert("id".into(), json!(finding.id()));
    rule.insert("shortDescription".into(), json!({ "text": finding.vulnerability.summary }));
    if let Some(reference) = finding.vulnerability.references.first() {
        rule.insert("helpUri".into(), json!(reference));
    }
    if let Some(tenths) = finding.vulnerability.score_tenths {
        rule.insert("properties".into(), json!({ "security-severity": score(tenths) }));
    }
    Value::Object(rule)
}

fn result(finding: &Finding<'_>, rules: &[&Finding<'_>], artifact: &str) -> Value {
    let place = finding.place();
    let fixed = if finding.fixed_in.is_empty() {
        "no fixed version is known".to_owned()
    } else {
        format!("fixed in {}", finding.fixed_in.join(", "))
    };
    let harm = finding.harm.as_ref().map_or_else(String::new, |harm| {
        let class = class_word(harm.class);
        format!("; for patients: {class}, worst harm {}", severity_word(harm.severity))
    });
    // The same finding keeps its fingerprint when the database or the file around it changes.
    let print =
        Sha256::digest(format!("{}\n{}\n{}", finding.component, finding.version, finding.id()));
    let print: String = print.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "ruleId": finding.id(),
        "ruleIndex": rules.binary_search_by(|rule| rule.id().cmp(finding.id())).ok(),
        "level": level(finding),
        "message": { "text": format!("{place}: {} ({fixed}){harm}. {}", finding.vulnerability.summary, finding.why) },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": artifact, "index": 0 } },
            "logicalLocations": [{ "fullyQualifiedName": finding.purl.as_deref().unwrap_or(&place), "kind": "package" }],
        }],
        "partialFingerprints": { "componentVersionVulnerability/v1": print },
        "properties": { "aliases": finding.vulnerability.ids, "uncertain": finding.uncertain },
    })
}

fn level(finding: &Finding<'_>) -> &'static str {
    match (&finding.harm, finding.vulnerability.score_tenths) {
        (Some(harm), _) => match harm.class {
            Class::Uncontrolled => "error",
            Class::Controlled => "warning",
            Class::NotAffected => "note",
        },
        (None, Some(tenths)) if tenths < 40 => "warning",
        (None, _) => "error",
    }
}

fn notice(rejected: &crate::feed::Rejected) -> Value {
    let place = &rejected.place;
    json!({
        "level": if rejected.breaks_off { "error" } else { "warning" },
        "message": { "text": format!("{} {}: {}", place.file, place.pointer, rejected.reason) },
    })
}
