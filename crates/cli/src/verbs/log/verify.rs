//! `homeostat log verify`.

use clap::Args;
use homeostat_assembly::inspection::profile::{ProfileSignature, ProfileWitness};
use homeostat_blackbox::store::verify_folder_with;
use homeostat_blackbox::verdict::{KeySource, Layout, Verdict};

use super::{Signer, Source, judge, judge_profile, key_words, profile_as_json};
use crate::failure::{Failure, Outcome};
use crate::output;

/// Verify a log offline: every byte, every link, every signature.
///
/// Works on a black box of this program and on any C2SP tlog-tiles folder (give its --vkey). Nothing is
/// asked of a server and nothing is changed. The first fault is named by kind, entry, file and byte; all
/// before it is good and can be read with `log show`. In a black box of this program the signature of the
/// therapy profile is verified too.
///
/// A log that was cut back to an older signed head of its own looks whole: only who kept a newer head can
/// tell. Keep the newest signed head that this command prints, and give it the next time with --expect.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code 1 when a fault is found, or the profile's signature does not hold.\n\n\
    Examples:\n  homeostat log verify boxes/mpc/adult#001\n  homeostat log verify \
    boxes/mpc/adult#001 --expect 2895:5f1c...e2\n  homeostat log verify boxes/mpc/adult#001 --expect \
    kept/checkpoint-0"
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
            if self.source.knows_a_size() {
                output::line(
                    "  held against what you gave: nothing was cut off or rewritten since",
                )?;
            } else {
                output::line(
                    "  not held against an earlier head: a log cut back to an older one of its own \
                     looks whole (--expect)",
                )?;
            }
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
        output::line(&format!("  newest signed head: {head}"))?;
    }
    let uncovered = verdict.unsigned_tail();
    if uncovered > 0 {
        let closing = if verdict.unsigned_close { ", the closing one among them" } else { "" };
        output::line(&format!(
            "  {uncovered} entries after it are covered by no signature{closing}: do not rely on them"
        ))?;
    }
    if let Some(key) = &verdict.key {
        output::line(&format!("  key {key}"))?;
    }
    if verdict.layout == Layout::Segments {
        let closed = if verdict.closed { "closed in order" } else { "not closed" };
        output::line(&format!(
            "  {signatures} signatures, {} keys in turn, opened {openings} times, {closed}, {lost_records} \
             records lost",
            u64::from(*epoch) + 1
        ))?;
    }
    if *profile != ProfileSignature::Absent && !profile.is_refused() {
        output::line(&format!("  profile signature: {profile}"))?;
    }
    if let Some(words) = profile.overridden() {
        output::line(&format!("  limits overridden by who signed the profile: {words}"))?;
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
        "readable": verdict.readable,
        "signed": verdict.signed,
        "head": verdict.head.map(|head| head.root.to_string()),
        "key": verdict.key.map(|key| key.to_string()),
        "key_given": verdict.key_source == KeySource::Given,
        "newest_signed_head": verdict.head.map(|head| head.to_string()),
        "closed": verdict.closed,
        "lost_records": verdict.lost_records,
        "torn_bytes": verdict.torn.as_ref().map_or(0, |torn| torn.bytes),
        "fault": fault,
        "profile": profile_as_json(profile),
    })
    .to_string()
}
