//! CycloneDX 1.6 and 1.7 with one analysed vulnerability.

use super::notice::{Notice, PublishError, VexStatus};
use crate::harm::vectors;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Which version of CycloneDX.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// 1.6.
    V1_6,
    /// 1.7.
    V1_7,
}

/// Writes the document.
///
/// # Errors
/// If the notice lacks something.
pub fn write(notice: &Notice<'_>, version: Version, now: Timestamp) -> Result<Value, PublishError> {
    notice.check(now)?;
    let inputs = &notice.record.inputs;
    let digest = notice.record.digest()?;
    let word = match version {
        Version::V1_6 => "1.6",
        Version::V1_7 => "1.7",
    };
    Ok(json!({
        "$schema": format!("http://cyclonedx.org/schema/bom-{word}.schema.json"),
        "bomFormat": "CycloneDX",
        "specVersion": word,
        "serialNumber": format!("urn:uuid:{}", uuid(&digest)),
        "version": notice.revisions.len(),
        "metadata": {
            "timestamp": notice.changed(),
            "tools": { "components": [
                { "type": "application", "name": "homeostat", "version": env!("CARGO_PKG_VERSION") }
            ] },
            "component": {
                "type": "firmware",
                "bom-ref": notice.product_purl,
                "name": inputs.release.product,
                "version": notice.release,
                "purl": notice.product_purl,
            },
            "supplier": { "name": notice.publisher.name, "url": [notice.publisher.namespace] },
        },
        "vulnerabilities": [vulnerability(notice, &digest, now)],
    }))
}

/// A name-based UUID (RFC 9562, version 8) out of the record's digest: the same decision, the same document.
fn uuid(digest: &str) -> String {
    format!(
        "{}-{}-8{}-a{}-{}",
        &digest[..8],
        &digest[8..12],
        &digest[13..16],
        &digest[17..20],
        &digest[20..32]
    )
}

fn vulnerability(notice: &Notice<'_>, digest: &str, now: Timestamp) -> Value {
    let inputs = &notice.record.inputs;
    let mut vulnerability = json!({
        "bom-ref": format!("vulnerability-{}", inputs.vulnerability),
        "id": inputs.vulnerability,
        "description": notice.description,
        "updated": notice.changed(),
        "affects": [{ "ref": notice.product_purl }],
        "properties": [{ "name": "homeostat:decision", "value": digest }],
    });
    if !inputs.aliases.is_empty() {
        let known: Vec<Value> = inputs
            .aliases
            .iter()
            .map(|id| json!({ "id": id, "source": { "name": id.split('-').next().unwrap_or(id) } }))
            .collect();
        vulnerability["references"] = json!(known);
    }
    if let Ok(scored) = vectors::score(&notice.record.outcome.vector) {
        let method = match scored.version {
            "2.0" => "CVSSv2",
            "3.0" => "CVSSv3",
            "3.1" => "CVSSv31",
            _ => "CVSSv4",
        };
        vulnerability["ratings"] = json!([{
            "source": { "name": notice.publisher.name },
            "score": f64::from(scored.base.tenths()) / 10.0,
            "severity": scored.word(),
            "method": method,
            "vector": notice.record.outcome.vector,
        }]);
    }
    let mut analysis = json!({ "firstIssued": notice.first(), "lastUpdated": notice.changed() });
    match notice.status(now) {
        VexStatus::NotAffected(justification, evidence) => {
            analysis["state"] = json!("not_affected");
            analysis["justification"] = json!(justification.cyclonedx_word());
            analysis["detail"] = json!(format!("{}. Evidence: {evidence}", justification.word()));
        }
        VexStatus::Affected => {
            analysis["state"] = json!("exploitable");
            let response =
                if notice.fixed_in.is_some() { "update" } else { "workaround_available" };
            analysis["response"] = json!([response]);
            analysis["detail"] = json!(notice.impact());
            vulnerability["recommendation"] = json!(notice.action);
        }
        VexStatus::UnderInvestigation => analysis["state"] = json!("in_triage"),
    }
    vulnerability["analysis"] = analysis;
    vulnerability
}
