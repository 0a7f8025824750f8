//! `homeostat log verify`.

use clap::Args;
use homeostat_blackbox::store::verify_folder_with;
use homeostat_blackbox::verdict::{KeySource, Layout, Verdict};
use homeostat_trial::inspection::profile::{ProfileSignature, ProfileWitness};

use super::{Signer, Source, judge, judge_profile, key_words, profile_as_json};
use crate::failure::{Failure, Outcome};
use crate::output;

/// Verify a log offline: every byte, every link, every signature.
///
/// Works on a black box of this program and on any C2SP tlog-tiles folder (give its --vkey). Nothing is
/// asked of a server and nothing is changed. The first fault is named by kind, entry, file and byte; all
/// before it is good and can be read with `log show`. In a black box of this program the signature of the
/// therapy profile is verified too.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code 1 when a fault is found, or the profile's signature does not hold."
)]
pub(crate) struct Verify {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    signer: Signer,
    /// Write one line of JSON to stdout.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(&self) -> Outcome {
        let options = self.source.options()?;
        let folder = self.source.folder();
        let mut witness = ProfileWitness::new(self.signer.key()?);
        let verdict = verify_folder_with(folder, &options, &mut |record| witness.see(record))
            .map_err(Failure::environment)?;
        let profile = witness.conclude(&verdict);
        if self.json {
            output::line(&as_json(&verdict, &profile))?;
        } else if verdict.is_good() {
            tell(&verdict, &profile)?;
        }
        judge(folder, &verdict)?;
        judge_profile(folder, &profile)
    }
}

fn tell(verdict: &Verdict, profile: &ProfileSignature) -> Outcome {
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
    if *profile != ProfileSignature::Absent && !profile.is_refused() {
        output::line(&format!("  profile signature: {profile}"))?;
    }
    Ok(())
}

fn as_json(verdict: &Verdict, profile: &ProfileSignature) -> String {
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
        "profile": profile_as_json(profile),
    })
    .to_string()
}
