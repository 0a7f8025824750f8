//! `homeostat sbom diff`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use homeostat_postmarket::sbom::{Difference, Fact, diff};

use crate::failure::{Failure, Outcome};
use crate::output;

/// What changed between two bills.
///
/// Of two releases, or of a release and of what a device says of itself. Exit 1 if anything changed.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The older bill, or the release's.
    older: PathBuf,
    /// The newer bill, or the device's.
    newer: PathBuf,
    /// Write the difference as JSON to stdout.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(&self) -> Outcome {
        let difference = diff(&super::open(&self.older)?, &super::open(&self.newer)?);
        if self.json {
            let json = serde_json::to_string_pretty(&difference).map_err(Failure::environment)?;
            output::line(&json)?;
        } else {
            output::words(&table(&difference))?;
        }
        if difference.is_empty() {
            return Ok(());
        }
        Err(Failure::negative("the bills differ"))
    }
}

fn table(difference: &Difference) -> String {
    let mut text = String::new();
    for added in &difference.added {
        let _ = writeln!(text, "+ {added}");
    }
    for removed in &difference.removed {
        let _ = writeln!(text, "- {removed}");
    }
    for change in &difference.changed {
        let fact = match change.fact {
            Fact::Version => "version",
            Fact::Hashes => "hashes",
            Fact::Supplier => "supplier",
            Fact::Licences => "licences",
            Fact::Support => "support",
            Fact::Scope => "scope",
        };
        let said = |text: &str| if text.is_empty() { "nothing" } else { text }.to_owned();
        let (before, after) = (said(&change.before), said(&change.after));
        let _ = writeln!(text, "~ {}: {fact} {before} -> {after}", change.component);
    }
    for added in &difference.relationships_added {
        let _ = writeln!(text, "+ {added}");
    }
    for removed in &difference.relationships_removed {
        let _ = writeln!(text, "- {removed}");
    }
    if text.is_empty() {
        text.push_str("the same components, facts and relationships\n");
    }
    text
}
