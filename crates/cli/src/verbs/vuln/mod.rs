//! `homeostat vuln`: known vulnerabilities of a product.

mod assess;
mod clocks;
mod compared;
mod desk;
mod explain;
mod feeds;
mod publish;
mod scan;
mod sign;
mod update;
mod watch;

use clap::Subcommand;

use crate::failure::Outcome;

#[derive(Debug, Subcommand)]
pub(crate) enum Vuln {
    /// Make an offline mirror: one file, signed if wished, from feed files and folders of them.
    Update(update::Update),
    /// What is known against a bill of materials; exit 1 if something is.
    Scan(scan::Scan),
    /// Keep a store of field and feeds: what is new becomes findings, clocks and notices; exit 1 if something is.
    Watch(watch::Watch),
    /// What a finding means for a patient; with --by a person's decision, kept in the store.
    Assess(assess::Assess),
    /// The legal clocks that run; exit 1 if one is overdue.
    Clocks(clocks::Clocks),
    /// Write VEX, CSAF, letter and fact sheets of a decision into a folder, all or nothing.
    Publish(publish::Publish),
    /// Sign the maker's own table of exploitability by severity.
    Sign(sign::Sign),
    /// Why a finding is there, in plain words, with every decision on it computed again.
    Explain(explain::Explain),
}

impl Vuln {
    pub(crate) fn run(&self) -> Outcome {
        match self {
            Self::Update(update) => update.run(),
            Self::Scan(scan) => scan.run(),
            Self::Watch(watch) => watch.run(),
            Self::Assess(assess) => assess.run(),
            Self::Clocks(clocks) => clocks.run(),
            Self::Publish(publish) => publish.run(),
            Self::Sign(sign) => sign.run(),
            Self::Explain(explain) => explain.run(),
        }
    }
}
