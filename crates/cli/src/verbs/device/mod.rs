//! The device: run it, pair it, look at it, stop it, take its records along.

mod annunciator;
mod config;
mod controller;
mod copied;
mod effective;
mod export;
mod look;
mod new;
mod pair;
mod run;
mod simulated;
mod words;

use clap::Subcommand;

use crate::failure::Outcome;

#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    New(new::New),
    Run(Box<run::Run>),
    Pair(pair::Pair),
    Config(effective::Effective),
    Status(look::Status),
    Stop(look::Stop),
    Act(look::Act),
    Export(export::Export),
    Copied(copied::Copied),
    Annunciator(annunciator::Annunciator),
    /// Be a controller on standard input and output. The supervisor starts this.
    #[command(hide = true)]
    Controller(controller::Controller),
}

impl Device {
    pub(crate) fn run(&self) -> Outcome {
        match self {
            Self::New(new) => new.run(),
            Self::Run(run) => run.run(),
            Self::Pair(pair) => pair.run(),
            Self::Config(effective) => effective.run(),
            Self::Status(status) => status.run(),
            Self::Stop(stop) => stop.run(),
            Self::Act(act) => act.run(),
            Self::Export(export) => export.run(),
            Self::Copied(copied) => copied.run(),
            Self::Annunciator(annunciator) => annunciator.run(),
            Self::Controller(controller) => controller.run(),
        }
    }
}
