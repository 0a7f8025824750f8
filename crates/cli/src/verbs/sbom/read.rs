//! `homeostat sbom read`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::failure::{Failure, Outcome};
use crate::output;

/// Read a bill of any form and show what it holds.
///
/// CycloneDX 1.2 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON, tag-value), SPDX 3.0 (JSON-LD), Cargo.lock, a binary made by
/// `cargo auditable`, a supplier's CSV table; the form is recognised by its content.
#[derive(Debug, Args)]
pub(crate) struct Read {
    /// The bill.
    file: PathBuf,
    /// Write the whole bill as JSON to stdout.
    #[arg(long)]
    json: bool,
}

impl Read {
    pub(crate) fn run(&self) -> Outcome {
        let bill = super::open(&self.file)?;
        if self.json {
            let json = serde_json::to_string_pretty(&bill).map_err(Failure::environment)?;
            return output::line(&json);
        }
        let mut text = String::new();
        let form = &bill.form;
        let root = bill.root.and_then(|root| bill.components.get(root));
        let _ = writeln!(text, "{} {} ({})", form.name, form.version, form.encoding);
        let facts = [
            ("product", root.map_or_else(|| "not said".to_owned(), super::shown)),
            ("made", bill.created.clone().unwrap_or_else(|| "not said".to_owned())),
            ("by", or_none(bill.authors.join(", "))),
            ("with", or_none(bill.tools.join(", "))),
            ("SHA-256", bill.digest.clone()),
            ("relationships", bill.relationships.len().to_string()),
            ("components", bill.components.len().to_string()),
        ];
        for (name, value) in facts {
            let _ = writeln!(text, "  {name:<14}{value}");
        }
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for component in &bill.components {
            let kind = serde_json::to_value(component.kind).map_err(Failure::environment)?;
            *kinds.entry(kind.as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        for (kind, count) in kinds {
            let _ = writeln!(text, "    {count:>7} {kind}");
        }
        for component in &bill.components {
            let scope = component.scope.as_ref().map(|scope| format!(" [{scope}]"));
            let _ = writeln!(text, "{}{}", super::shown(component), scope.unwrap_or_default());
        }
        for remark in &bill.remarks {
            output::say(&format!("note: {remark}"));
        }
        output::words(&text)
    }
}

fn or_none(text: String) -> String {
    if text.is_empty() { "not said".to_owned() } else { text }
}
