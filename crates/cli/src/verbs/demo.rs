//! `homeostat demo`.

use clap::Args;

use crate::failure::Outcome;

/// Watch one patient, one fault and the loop's answer, in ten seconds.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Do not pace the picture for a reader.
    #[arg(long)]
    fast: bool,
}

impl Demo {
    pub(crate) fn run(&self) -> Outcome {
        let _ = self.fast;
        Ok(())
    }
}
