//! `homeostat vuln`: known vulnerabilities of a product.

mod feeds;
mod scan;
mod update;

use clap::Subcommand;

use crate::failure::Outcome;

#[derive(Debug, Subcommand)]
pub(crate) enum Vuln {
    /// Make an offline mirror: one file, signed if wished, from feed files and folders of them.
    Update(update::Update),
    /// What is known against a bill of materials; exit 1 if something is.
    Scan(scan::Scan),
}

impl Vuln {
    pub(crate) fn run(&self) -> Outcome {
        match self {
            Self::Update(update) => update.run(),
            Self::Scan(scan) => scan.run(),
        }
    }
}
