//! `homeostat log verify`.

use clap::Args;
use homeostat_blackbox::store::verify_folder;
use homeostat_blackbox::verdict::{KeySource, Layout, Verdict};

use super::{Source, judge, key_words};
use crate::failure::{Failure, Outcome};
use crate::output;

/// Verify a log offline: every byte, every link, every signature.
///
/// Works on a black box of this program and on any C2SP tlog-tiles folder (give its --vkey). Nothing is
/// asked of a server and nothing is changed. The first fault is named by kind, entry, file and byte; all
/// before it is good and can be read with `log show`.
#[derive(Debug, Args)]
#[command(after_help = "Exit code 1 when a fault is found.")]
pub(crate) struct Verify {
    #[command(flatten)]
    source: Source,
    /// Write one line of JSON to stdout.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(&self) -> Outcome {
        let options = self.source.options()?;
        let folder = self.source.folder();
        let verdict = verify_folder(folder, &options).map_err(Failure::environment)?;
        if self.json {
            output::line(&as_json(&verdict))?;
        } else if verdict.is_good() {
            tell(&verdict)?;
        }
        judge(folder, &verdict)
    }
}

fn tell(verdict: &Verdict) -> Outcome {
    let Verdict { origin, entries, signed, signatures, epoch, openings, lost_records, .. } =
        verdict;
    output::line(&format!("good: {origin}"))?;
    output::line(&format!("  {entries} entries, {signed} of them signed {}", key_words(verdict)))?;
    if let Some(head) = &verdict.head {
        output::line(&format!("  head {}", head.root))?;
    }
    if let Some(key) = &verdict.key {
        output::line(&format!("  key {key}"))?;
    }
    if verdict.layout == Layout::Segments {
        let closed = if verdict.closed { "closed in order" } else { "still open" };
        output::line(&format!(
            "  {signatures} signatures, {} keys in turn, opened {openings} times, {closed}, {lost_records} \
             records lost",
            u64::from(*epoch) + 1
        ))?;
    }
    Ok(())
}

fn as_json(verdict: &Verdict) -> String {
    let fault = verdict.fault.as_ref().map(|fault| {
        serde_json::json!({
            "kind": fault.kind.to_string(), "entry": fault.entry, "through": fault.through,
            "file": fault.file, "byte": fault.offset, "detail": fault.detail,
        })
    });
    serde_json::json!({
        "good": verdict.is_good(),
        "origin": verdict.origin,
        "first_entry": verdict.first_entry,
        "entries": verdict.entries,
        "signed": verdict.signed,
        "head": verdict.head.map(|head| head.root.to_string()),
        "key": verdict.key.map(|key| key.to_string()),
        "key_given": verdict.key_source == KeySource::Given,
        "closed": verdict.closed,
        "lost_records": verdict.lost_records,
        "torn_bytes": verdict.torn.as_ref().map_or(0, |torn| torn.bytes),
        "fault": fault,
    })
    .to_string()
}
