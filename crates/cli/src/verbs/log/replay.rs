//! `homeostat log replay`.

use clap::Args;
use homeostat_assembly::inspection::{Inspection, Replayed, inspect};
use homeostat_assembly::therapies::rebuild;
use homeostat_blackbox::store::verify_folder_with;
use homeostat_blackbox::verdict::Visit;
use homeostat_record::SoftwareIdentity;

use super::{Signer, Source, judge, judge_profile, profile_as_json};
use crate::failure::{Failure, Outcome};
use crate::output;

/// Compute every cycle again and compare with the record.
///
/// The loop is built from the identity and the profile that the box holds, begins at its first snapshot,
/// and must come to every recorded proposal, decision and state, bit for bit. The log is verified in
/// the same pass. The first field that differs is named. So is a profile whose signature does not hold.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code 1 when a cycle differs, the log is damaged, or the profile's signature does not hold."
)]
pub(crate) struct Replay {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    signer: Signer,
    /// Write one line of JSON to stdout.
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub(crate) fn run(&self) -> Outcome {
        let options = self.source.options()?;
        let folder = self.source.folder();
        let signer = self.signer.key()?;
        let verify = |visit: Visit<'_>| verify_folder_with(folder, &options, visit);
        let found = inspect(verify, &rebuild, signer.as_ref()).map_err(Failure::environment)?;
        if self.json {
            output::line(&as_json(&found))?;
        }
        let recorded = found.identity.as_ref().map_or("unknown software".to_owned(), in_words);
        match &found.replayed {
            Replayed::Equal => {
                if !self.json {
                    let cycles = found.cycles;
                    output::line(&format!("equal: {cycles} cycles computed again by {recorded}"))?;
                    if !found.profile.is_refused() {
                        output::line(&format!("profile signature: {}", found.profile))?;
                    }
                }
                judge(folder, &found.verdict)?;
                judge_profile(folder, &found.profile)
            }
            Replayed::Diverged { entry, divergence } if found.same_software => {
                Err(Failure::negative(format!(
                    "{}: {divergence} differs (entry {entry}). The {} cycles before it are equal",
                    folder.display(),
                    found.cycles
                )))
            }
            Replayed::Diverged { entry, divergence } => Err(Failure::negative(format!(
                "{}: {divergence} differs (entry {entry}), but the box was written by {recorded}, \
                 which is not this program: that is no divergence. Replay it with the release that \
                 wrote it",
                folder.display(),
            ))),
            Replayed::NotPossible(words) => {
                judge(folder, &found.verdict)?;
                Err(Failure::environment(format!(
                    "{}: cannot be replayed: {words}",
                    folder.display()
                )))
            }
        }
    }
}

fn in_words(identity: &SoftwareIdentity) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{} {} ({})",
        text(identity.controller.as_slice()),
        text(identity.version.as_slice()),
        text(identity.mathematics.as_slice())
    )
}

fn as_json(found: &Inspection) -> String {
    let (equal, entry, difference) = match &found.replayed {
        Replayed::Equal => (true, None, None),
        Replayed::Diverged { entry, divergence } => {
            (false, Some(*entry), Some(divergence.to_string()))
        }
        Replayed::NotPossible(words) => (false, None, Some(words.clone())),
    };
    serde_json::json!({
        "equal": equal,
        "cycles": found.cycles,
        "entry": entry,
        "difference": difference,
        "software": found.identity.as_ref().map(in_words),
        "same_software": found.same_software,
        "log_good": found.verdict.is_good(),
        "profile": profile_as_json(&found.profile),
        "fault": found.verdict.fault.as_ref().map(ToString::to_string),
    })
    .to_string()
}
