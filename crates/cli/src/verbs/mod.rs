//! The verbs of the command, a file each.

mod analyse;
mod demo;
mod device;
mod log;
mod peer;
mod proxy;
mod pump;
mod sbom;
mod sensor;
mod simulate;
mod trial;
mod vuln;

use std::ops::RangeInclusive;

use clap::{Subcommand, ValueEnum};
use homeostat_peers::clock::SPEED_MAX;

use crate::failure::Outcome;

/// How many times as fast as life a device and its parts may run: all need the same.
#[allow(clippy::cast_lossless, reason = "`From` is not const")]
const SPEEDS: RangeInclusive<i64> = 1..=SPEED_MAX as i64;

/// A therapy by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Therapy {
    /// Automated insulin delivery: people with diabetes.
    Insulin,
    /// Closed-loop propofol: people under anaesthesia.
    Propofol,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Trial(Box<trial::Trial>),
    Simulate(simulate::Simulate),
    Analyse(analyse::Analyse),
    Demo(demo::Demo),
    /// Run a device: supervisor, controller's process, links, black box; look at it, stop it.
    #[command(subcommand)]
    Device(device::Device),
    Sensor(Box<sensor::Sensor>),
    Pump(Box<pump::Pump>),
    Proxy(proxy::Proxy),
    /// Read, verify, replay, explain, prove and export a black box.
    #[command(subcommand)]
    Log(log::Log),
    /// Make, read, check, compare and convert bills of materials.
    #[command(subcommand)]
    Sbom(sbom::Sbom),
    /// Known vulnerabilities: offline mirror, scan, what they mean for a patient.
    #[command(subcommand)]
    Vuln(vuln::Vuln),
}

impl Verb {
    pub(crate) fn run(&self) -> Outcome {
        match self {
            Self::Trial(trial) => trial.run(),
            Self::Simulate(simulate) => simulate.run(),
            Self::Analyse(analyse) => analyse.run(),
            Self::Demo(demo) => demo.run(),
            Self::Device(device) => device.run(),
            Self::Sensor(sensor) => sensor.run(),
            Self::Pump(pump) => pump.run(),
            Self::Proxy(proxy) => proxy.run(),
            Self::Log(log) => log.run(),
            Self::Sbom(sbom) => sbom.run(),
            Self::Vuln(vuln) => vuln.run(),
        }
    }
}
