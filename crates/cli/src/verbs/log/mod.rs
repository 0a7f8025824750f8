//! `homeostat log`: what can be done with a black box.

mod explain;
mod export;
mod prove;
mod replay;
mod show;
mod verify;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use homeostat_blackbox::note::VerifierKey;
use homeostat_blackbox::verdict::{KeySource, Options, Verdict};
use homeostat_trial::inspection::profile::ProfileSignature;

use crate::failure::{Failure, Outcome};
use crate::output;

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// List the entries of a black box.
    Show(show::Show),
    /// Verify a log offline: every byte, every link, every signature.
    Verify(verify::Verify),
    /// Compute every cycle again and compare with the record.
    Replay(replay::Replay),
    /// Say in plain words what happened at a time and why.
    Explain(explain::Explain),
    /// Write, or check, the proof that one entry is in the log.
    Prove(prove::Prove),
    /// Export as a C2SP tlog-tiles folder that any transparency-log tool can read.
    Export(export::Export),
}

impl Log {
    pub(crate) fn run(&self) -> Outcome {
        match self {
            Self::Show(show) => show.run(),
            Self::Verify(verify) => verify.run(),
            Self::Replay(replay) => replay.run(),
            Self::Explain(explain) => explain.run(),
            Self::Prove(prove) => prove.run(),
            Self::Export(export) => export.run(),
        }
    }
}

/// Which log, and what is known of it from elsewhere.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// The folder of a black box, or any C2SP tlog-tiles folder.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The verifier key that you know the log by, such as `name+hash+base64`. Without it the log's own
    /// key is used, which shows that the log is whole but not whose it is.
    #[arg(long, value_name = "KEY")]
    vkey: Option<String>,
    /// The log must have at least this many signed entries: finds one that was cut short.
    #[arg(long, value_name = "N")]
    at_least: Option<u64>,
}

impl Source {
    fn folder(&self) -> &Path {
        &self.folder
    }

    fn options(&self) -> Result<Options, Failure> {
        let key = self.vkey.as_deref().map(parse_key).transpose()?;
        Ok(Options { key, at_least: self.at_least, ..Options::default() })
    }
}

/// Who is known to sign profiles.
#[derive(Debug, Args)]
pub(crate) struct Signer {
    /// The verifier key of who signs the profiles. Without it the key that the box names is used, which
    /// shows that the profile is as it was signed but not by whom.
    #[arg(long, value_name = "KEY")]
    profile_key: Option<String>,
}

impl Signer {
    fn key(&self) -> Result<Option<VerifierKey>, Failure> {
        self.profile_key.as_deref().map(|text| parse("--profile-key", text)).transpose()
    }
}

fn parse_key(text: &str) -> Result<VerifierKey, Failure> {
    parse("--vkey", text)
}

fn parse(option: &str, text: &str) -> Result<VerifierKey, Failure> {
    text.parse::<VerifierKey>().map_err(|error| {
        Failure::usage(format!("{option}: {error}; expected a key such as name+1a2b3c4d+AbC..."))
    })
}

/// Says what is wrong with the profile's signature: a negative verdict.
fn judge_profile(folder: &Path, signature: &ProfileSignature) -> Outcome {
    if signature.is_refused() {
        return Err(Failure::negative(format!("{}: {signature}", folder.display())));
    }
    Ok(())
}

/// The same for programs.
fn profile_as_json(signature: &ProfileSignature) -> serde_json::Value {
    match signature {
        ProfileSignature::Absent => serde_json::Value::Null,
        ProfileSignature::None => serde_json::json!({ "signature": "none" }),
        ProfileSignature::Valid { key, source, revision } => serde_json::json!({
            "signature": "valid",
            "key": key.to_string(),
            "key_given": *source == KeySource::Given,
            "revision": revision,
        }),
        ProfileSignature::Refused(refusal) => {
            serde_json::json!({ "signature": "refused", "words": refusal.to_string() })
        }
    }
}

/// Says what the verifier found; a fault is a negative verdict.
fn judge(folder: &Path, verdict: &Verdict) -> Outcome {
    for note in &verdict.notes {
        output::say(&format!("note: {note}"));
    }
    if let Some(torn) = &verdict.torn {
        output::say(&format!(
            "note: {} bytes of a torn write after byte {} of {}: never acknowledged",
            torn.bytes, torn.offset, torn.file
        ));
    }
    match &verdict.fault {
        None => Ok(()),
        Some(fault) => Err(Failure::negative(format!(
            "{}: {fault}. The {} entries before it are good",
            folder.display(),
            verdict.entries.saturating_sub(verdict.first_entry)
        ))),
    }
}

/// The key's origin in words.
fn key_words(verdict: &Verdict) -> &'static str {
    match verdict.key_source {
        KeySource::Given => "by the key that you gave",
        KeySource::FromLog => "by the log's own key: it is whole, but not shown whose it is",
    }
}
