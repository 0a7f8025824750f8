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
    Update(update::Update),
    Scan(scan::Scan),
    Watch(watch::Watch),
    Assess(assess::Assess),
    Clocks(clocks::Clocks),
    Publish(publish::Publish),
    Sign(sign::Sign),
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
