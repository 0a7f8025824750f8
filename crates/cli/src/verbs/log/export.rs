//! `homeostat log export`.

use std::path::PathBuf;

use clap::Args;
use homeostat_blackbox::export::export;
use homeostat_blackbox::store::Reader;

use super::{Source, judge};
use crate::failure::{Failure, Outcome};
use crate::output;

/// Export as a C2SP tlog-tiles folder that any transparency-log tool can read.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    source: Source,
    /// A new or empty folder.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Export {
    pub(crate) fn run(&self) -> Outcome {
        let reader = Reader::open(self.source.folder(), &self.source.options()?)
            .map_err(Failure::environment)?;
        judge(self.source.folder(), reader.verdict())?;
        if self.out.exists()
            && std::fs::read_dir(&self.out).is_ok_and(|mut all| all.next().is_some())
        {
            let words = "is not empty; name a new folder with --out";
            return Err(Failure::environment(format!("{}: {words}", self.out.display())));
        }
        let written = export(&reader, &self.out).map_err(Failure::environment)?;
        output::say(&format!("{written} entries exported to {}", self.out.display()));
        if let Some(key) = reader.verdict().key {
            output::line(&key.to_string())?;
        }
        Ok(())
    }
}
