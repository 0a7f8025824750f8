//! CSAF 2.0 and 2.1: the security advisory and the VEX profile.

use super::notice::{Notice, PublishError, VexStatus};
use crate::harm::vectors;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Which version of CSAF.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// 2.0, of 2022.
    V2_0,
    /// 2.1.
    V2_1,
}

/// Which profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// A security advisory.
    Advisory,
    /// VEX.
    Vex,
}

const PRODUCT: &str = "HOMEOSTAT-PRODUCT-1";
const FIXED: &str = "HOMEOSTAT-PRODUCT-2";

/// Writes the document. The release of the decision is one product; the release with the fix another.
///
/// # Errors
/// If the notice lacks something, or an advisory is asked for where the product is not known to be affected: that is
/// for VEX to say.
pub fn write(
    notice: &Notice<'_>,
    version: Version,
    profile: Profile,
    now: Timestamp,
) -> Result<Value, PublishError> {
    notice.check(now)?;
    if profile == Profile::Advisory && notice.status(now) != VexStatus::Affected {
        // CSAF 2.1, test 6.1.27.12.
        return Err(PublishError::Notice {
            id: notice.id.clone(),
            field: "profile".to_owned(),
            found: "an advisory on a product that is not known to be affected".to_owned(),
            expected: "the VEX profile".to_owned(),
        });
    }
    let mut document = json!({
        "document": head(notice, version, profile),
        "product_tree": { "branches": [products(notice, version, now)] },
        "vulnerabilities": [vulnerability(notice, version, now)?],
    });
    if version == Version::V2_1 {
        document["$schema"] = json!("https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json");
    }
    Ok(document)
}

/// The file's name, as the standard makes it from the id.
#[must_use]
pub fn file_name(id: &str) -> String {
    let mut name = String::new();
    for letter in id.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() || letter == '+' || letter == '-' {
            name.push(letter);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name + ".json"
}

fn head(notice: &Notice<'_>, version: Version, profile: Profile) -> Value {
    let category = match profile {
        Profile::Advisory => "csaf_security_advisory",
        Profile::Vex => "csaf_vex",
    };
    let (number, label) = match version {
        Version::V2_0 => ("2.0", "WHITE"),
        Version::V2_1 => ("2.1", "CLEAR"),
    };
    let history: Vec<Value> = notice
        .revisions
        .iter()
        .enumerate()
        .map(|(index, revision)| {
            json!({
                "date": revision.time,
                "number": (index + 1).to_string(),
                "summary": revision.summary,
            })
        })
        .collect();
    let mut publisher = json!({
        "category": "vendor",
        "name": notice.publisher.name,
        "namespace": notice.publisher.namespace,
    });
    let contact = notice.publisher.contact.trim();
    if !contact.is_empty() {
        match version {
            Version::V2_0 => publisher["contact_details"] = json!(contact),
            Version::V2_1 => publisher["contact"] = json!({ "details": contact }),
        }
    }
    json!({
        "category": category,
        "csaf_version": number,
        "title": notice.title,
        "lang": "en",
        "distribution": { "tlp": { "label": label } },
        "notes": [{ "category": "summary", "text": notice.description, "title": "Summary" }],
        "publisher": publisher,
        "references": [{
            "category": "self",
            "summary": "This document",
            "url": format!(
                "{}/csaf/{}",
                notice.publisher.namespace.trim_end_matches('/'),
                file_name(&notice.id)
            ),
        }],
        "tracking": {
            "id": notice.id,
            "status": "final",
            "version": notice.revisions.len().to_string(),
            "initial_release_date": notice.first(),
            "current_release_date": notice.changed(),
            "revision_history": history,
            "generator": {
                "date": notice.changed(),
                "engine": { "name": "Homeostat", "version": env!("CARGO_PKG_VERSION") },
            },
        },
    })
}

fn products(notice: &Notice<'_>, version: Version, now: Timestamp) -> Value {
    let inputs = &notice.record.inputs;
    let product = |release: &str, purl: &str, id: &str| {
        let helper = match version {
            Version::V2_0 => json!({ "purl": purl }),
            Version::V2_1 => json!({ "purls": [purl] }),
        };
        json!({
            "category": "product_version",
            "name": release,
            "product": {
                "name": format!("{} {release}", inputs.release.product),
                "product_id": id,
                "product_identification_helper": helper,
            },
        })
    };
    let mut versions = vec![product(&notice.release, &notice.product_purl, PRODUCT)];
    if let Some(release) = fixed(notice, now) {
        let stem =
            notice.product_purl.rsplit_once('@').map_or(notice.product_purl.as_str(), |(s, _)| s);
        versions.push(product(release, &format!("{stem}@{release}"), FIXED));
    }
    json!({
        "category": "vendor",
        "name": notice.publisher.name,
        "branches": [{
            "category": "product_name",
            "name": inputs.release.product,
            "branches": versions,
        }],
    })
}

/// The release with the fix, where it matters.
fn fixed<'a>(notice: &'a Notice<'_>, now: Timestamp) -> Option<&'a str> {
    let affected = notice.status(now) == VexStatus::Affected;
    notice.fixed_in.as_deref().filter(|_| affected)
}

fn vulnerability(
    notice: &Notice<'_>,
    version: Version,
    now: Timestamp,
) -> Result<Value, PublishError> {
    let record = notice.record;
    let mut vulnerability = json!({
        "title": notice.title,
        "notes": [
            { "category": "description", "text": notice.description, "title": "Description" },
            {
                "category": "details",
                "title": "Component and decision",
                "text": format!(
                    "Component {} {}; decision record SHA-256 {}.",
                    record.inputs.component.name,
                    record.inputs.component.version.as_deref().unwrap_or("of unknown version"),
                    record.digest()?
                ),
            },
        ],
    });
    if let Some(cve) = notice.cve() {
        vulnerability["cve"] = json!(cve);
    }
    let others: Vec<Value> = std::iter::once(&record.inputs.vulnerability)
        .chain(&record.inputs.aliases)
        .filter(|id| Some(id.as_str()) != notice.cve())
        .map(|id| json!({ "system_name": system(id), "text": id }))
        .collect();
    if !others.is_empty() {
        vulnerability["ids"] = json!(others);
    }
    match notice.status(now) {
        VexStatus::NotAffected(justification, evidence) => {
            vulnerability["product_status"] = json!({ "known_not_affected": [PRODUCT] });
            vulnerability["flags"] =
                json!([{ "label": justification.word(), "product_ids": [PRODUCT] }]);
            vulnerability["threats"] = json!([
                { "category": "impact", "details": format!("Evidence: {evidence}"), "product_ids": [PRODUCT] }
            ]);
        }
        VexStatus::Affected => {
            let mut status = json!({ "known_affected": [PRODUCT] });
            let category = if fixed(notice, now).is_some() {
                status["fixed"] = json!([FIXED]);
                "vendor_fix"
            } else {
                "mitigation"
            };
            vulnerability["product_status"] = status;
            vulnerability["remediations"] = json!([
                { "category": category, "details": notice.action, "product_ids": [PRODUCT] }
            ]);
            vulnerability["threats"] = json!([
                { "category": "impact", "details": notice.impact(), "product_ids": [PRODUCT] }
            ]);
            score(notice, version, &mut vulnerability);
        }
        VexStatus::UnderInvestigation => {
            vulnerability["product_status"] = json!({ "under_investigation": [PRODUCT] });
        }
    }
    Ok(vulnerability)
}

/// Who gives ids like this one.
fn system(id: &str) -> &'static str {
    match id.split('-').next() {
        Some("GHSA") => "GitHub Security Advisory",
        Some("RUSTSEC") => "RustSec Advisory",
        Some("ICSMA" | "ICSA") => "CISA Advisory",
        _ => "Vulnerability ID",
    }
}

fn score(notice: &Notice<'_>, version: Version, vulnerability: &mut Value) {
    let vector = &notice.record.outcome.vector;
    let Ok(scored) = vectors::score(vector) else { return };
    let key = match (scored.version, version) {
        ("2.0", _) => "cvss_v2",
        ("3.0" | "3.1", _) => "cvss_v3",
        // 2.0 knows no CVSS 4.
        (_, Version::V2_0) => return,
        _ => "cvss_v4",
    };
    let mut content = json!({
        "version": scored.version,
        "vectorString": vector,
        "baseScore": f64::from(scored.base.tenths()) / 10.0,
    });
    if key != "cvss_v2" {
        content["baseSeverity"] = json!(scored.word().to_uppercase());
    }
    match version {
        Version::V2_0 => vulnerability["scores"] = json!([{ "products": [PRODUCT], key: content }]),
        Version::V2_1 => {
            vulnerability["metrics"] =
                json!([{ "products": [PRODUCT], "content": { key: content } }]);
        }
    }
}
