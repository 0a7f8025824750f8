//! OpenVEX 0.2.0.

use super::notice::{Notice, PublishError, VexStatus};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Writes one statement. Of justification and impact statement there is exactly one, as the schema wants it though the
/// prose says "or".
///
/// # Errors
/// If the notice lacks something.
pub fn write(notice: &Notice<'_>, now: Timestamp) -> Result<Value, PublishError> {
    notice.check(now)?;
    let inputs = &notice.record.inputs;
    let mut vulnerability = json!({ "name": inputs.vulnerability });
    if !inputs.aliases.is_empty() {
        vulnerability["aliases"] = json!(inputs.aliases);
    }
    let mut product = json!({
        "@id": notice.product_purl,
        "identifiers": { "purl": notice.product_purl },
    });
    if let Some(purl) = &inputs.component.purl {
        product["subcomponents"] = json!([{ "@id": purl, "identifiers": { "purl": purl } }]);
    }
    let mut statement = json!({
        "vulnerability": vulnerability,
        "timestamp": notice.changed(),
        "products": [product],
    });
    match notice.status(now) {
        VexStatus::NotAffected(justification, evidence) => {
            statement["status"] = json!("not_affected");
            statement["justification"] = json!(justification.word());
            statement["status_notes"] = json!(format!("Evidence: {evidence}"));
        }
        VexStatus::Affected => {
            statement["status"] = json!("affected");
            statement["action_statement"] = json!(notice.action);
            statement["status_notes"] = json!(notice.impact());
        }
        VexStatus::UnderInvestigation => statement["status"] = json!("under_investigation"),
    }
    Ok(json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("{}/vex/{}", notice.publisher.namespace.trim_end_matches('/'), notice.id),
        "author": notice.publisher.name,
        "role": "Document Creator",
        "timestamp": notice.first(),
        "last_updated": notice.changed(),
        "version": notice.revisions.len(),
        "tooling": concat!("Homeostat ", env!("CARGO_PKG_VERSION")),
        "statements": [statement],
    }))
}
