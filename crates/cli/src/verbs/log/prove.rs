//! `homeostat log prove`.

use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_blackbox::entry::Entry;
use homeostat_blackbox::evidence::{EVIDENCE_LIMIT, evidence, verify_evidence};
use homeostat_blackbox::store::{Reader, StoreError};
use homeostat_blackbox::verdict::Options;

use super::{judge, parse_key};
use crate::failure::{Failure, Outcome};
use crate::{files, output};

/// Write, or check, the proof that one entry is in the log.
///
/// The evidence is one small text file (a C2SP tlog-proof): it holds the entry, its inclusion proof, the
/// signed checkpoint and the handovers between keys. Whoever has the verifier key can check it without
/// the log and without a network.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  homeostat log prove boxes/mpc/adult#001 42 --out entry-42.proof\n  \
    homeostat log prove --check entry-42.proof --vkey 'homeostat.example/...+1a2b3c4d+...'"
)]
pub(crate) struct Prove {
    /// The folder of the black box.
    #[arg(value_name = "FOLDER", required_unless_present = "check")]
    folder: Option<PathBuf>,
    /// The entry, as `log show` numbers it.
    #[arg(value_name = "INDEX", required_unless_present = "check")]
    index: Option<u64>,
    /// Where the evidence goes; by default to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Check this evidence file instead.
    #[arg(long, value_name = "FILE", requires = "vkey", conflicts_with_all = ["folder", "index", "out"])]
    check: Option<PathBuf>,
    /// The verifier key that you know the log by.
    #[arg(long, value_name = "KEY")]
    vkey: Option<String>,
}

impl Prove {
    pub(crate) fn run(&self) -> Outcome {
        match (&self.check, &self.vkey, &self.folder, self.index) {
            (Some(file), Some(key), _, _) => check(file, key),
            (None, key, Some(folder), Some(index)) => self.write(folder, index, key.as_deref()),
            _ => Err(Failure::usage("give FOLDER and INDEX, or --check FILE --vkey KEY")),
        }
    }

    fn write(&self, folder: &Path, index: u64, key: Option<&str>) -> Outcome {
        let key = key.map(parse_key).transpose()?;
        let options = Options { key, ..Options::default() };
        let reader = Reader::open(folder, &options).map_err(Failure::environment)?;
        judge(folder, reader.verdict())?;
        let text = evidence(&reader, index).map_err(|error| match error {
            StoreError::NotSigned { .. } => Failure::usage(error),
            _ => Failure::environment(error),
        })?;
        if let Some(key) = reader.verdict().key {
            output::say(&format!("check with: homeostat log prove --check FILE --vkey '{key}'"));
        }
        match &self.out {
            None => output::data(&text),
            Some(out) => files::write_whole(out, text.as_bytes()),
        }
    }
}

fn check(file: &Path, key: &str) -> Outcome {
    let key = parse_key(key)?;
    let bytes = files::read_regular(file, EVIDENCE_LIMIT)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::environment(format!("{}: expected UTF-8 text, a C2SP tlog-proof", file.display()))
    })?;
    let proved = verify_evidence(&text, &key)
        .map_err(|error| Failure::negative(format!("{}: {error}", file.display())))?;
    let kind = Entry::decode(&proved.entry).map_or(0, |entry| entry.header.kind.0);
    output::line(&format!(
        "proved: entry {} (kind {kind}, {} bytes) is in {} of size {}, root {}",
        proved.index,
        proved.entry.len(),
        key.name,
        proved.head.size,
        proved.head.root
    ))
}
