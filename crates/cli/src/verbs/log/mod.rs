//! `homeostat log`: what can be done with a black box.

mod explain;
mod export;
mod prove;
mod replay;
mod show;
mod verify;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use homeostat_assembly::inspection::profile::ProfileSignature;
use homeostat_blackbox::checkpoint::{Checkpoint, HeadError, TreeHead};
use homeostat_blackbox::layout::Slot;
use homeostat_blackbox::note::{Note, VerifierKey};
use homeostat_blackbox::verdict::{KeySource, Options, Verdict};

use crate::failure::{Failure, Outcome};
use crate::{files, output};

/// The longest checkpoint file: many witnesses have room to sign.
const MOST_CHECKPOINT: usize = 512 * 1024;

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    Show(show::Show),
    Verify(verify::Verify),
    Replay(replay::Replay),
    Explain(explain::Explain),
    Prove(prove::Prove),
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
    /// A head that this log once had, as `size:root` (as `log verify` prints it; entries and head in a
    /// trial's heads.csv) or a checkpoint file. The log must still begin with exactly these entries: finds
    /// one that was cut back or rewritten since. May be given several times.
    #[arg(long, value_name = "HEAD")]
    expect: Vec<String>,
}

impl Source {
    fn folder(&self) -> &Path {
        &self.folder
    }

    fn options(&self) -> Result<Options, Failure> {
        let key = self.vkey.as_deref().map(parse_key).transpose()?;
        let mut options = Options { key, at_least: self.at_least, ..Options::default() };
        for expected in &self.expect {
            match expected.parse::<TreeHead>() {
                Ok(head) => options.known_heads.push(head),
                Err(error) => options.known_checkpoints.push(read_checkpoint(expected, error)?),
            }
        }
        Ok(options)
    }

    /// Whether the log was held against anything that the caller knows of it.
    fn knows_a_size(&self) -> bool {
        self.at_least.is_some() || !self.expect.is_empty()
    }
}

/// A checkpoint file: a note, or a checkpoint slot of a box.
fn read_checkpoint(text: &str, error: HeadError) -> Result<String, Failure> {
    let path = Path::new(text);
    if !path.exists() {
        let words = format!("--expect: `{text}`: {error}; or the path of a checkpoint file");
        return Err(Failure::usage(words));
    }
    let bytes = files::read_regular(path, MOST_CHECKPOINT)?;
    let note = Slot::decode(&bytes).map(|slot| slot.note.as_str().to_owned());
    let note = note.or_else(|| String::from_utf8(bytes).ok());
    let is_checkpoint = |note: &String| {
        Note::parse(note.as_bytes()).is_ok_and(|note| Checkpoint::parse(note.text()).is_ok())
    };
    note.filter(is_checkpoint).ok_or_else(|| {
        let words = "expected a signed checkpoint, or a checkpoint slot of a box";
        Failure::environment(format!("{text}: {words}"))
    })
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
        ProfileSignature::Valid { key, source, revision, overridden } => serde_json::json!({
            "signature": "valid",
            "key": key.to_string(),
            "key_given": *source == KeySource::Given,
            "revision": revision,
            "limits_overridden": overridden,
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
        Some(fault) => {
            let count = |entries: u64| entries.saturating_sub(verdict.first_entry);
            let (before, signed) = (count(verdict.entries), count(verdict.signed));
            let covered = match signed {
                _ if signed == before => "a signature covers them all".to_owned(),
                _ => format!("a signature covers {signed} of them"),
            };
            Err(Failure::negative(format!(
                "{}: {fault}. The {before} entries before it are good: {covered}",
                folder.display(),
            )))
        }
    }
}

/// The key's origin in words.
fn key_words(verdict: &Verdict) -> &'static str {
    match verdict.key_source {
        KeySource::Given => "by the key that you gave",
        KeySource::FromLog => "by the log's own key: it is whole, but not shown whose it is",
    }
}
