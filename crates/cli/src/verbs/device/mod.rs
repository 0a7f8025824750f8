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
    /// Make a folder for the device of a virtual person, paired with a virtual sensor and pump.
    New(new::New),
    /// Run the device of a folder: supervisor, controller's process, links, black box.
    Run(Box<run::Run>),
    /// Pair the device with a sensor or an actuator: people compare six digits.
    Pair(pair::Pair),
    /// Show every value that is in effect and where it comes from.
    Config(effective::Effective),
    /// Say how a running device is.
    Status(look::Status),
    /// Stop treatment at once; with --end, end the device in order too.
    Stop(look::Stop),
    /// Act as a person at a running device: choose a phase, acknowledge, announce, request.
    Act(look::Act),
    /// Copy the black boxes and say what they are worth; nothing of the device changes.
    Export(export::Export),
    /// Say that somebody has a copy of black boxes: the oldest of these go when room is needed.
    Copied(copied::Copied),
    /// Sound and show alarms, as told on standard input. The supervisor starts this.
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
