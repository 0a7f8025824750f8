//! The `homeostat` command.
//!
//! Thin: it reads the command line, calls the crates, and writes what they say. A verb is a file
//! under `verbs`. Human text goes to stderr, data to stdout. Exit codes: 0 fine, 1 a negative
//! verdict, 2 usage, 3 environment.
#![forbid(unsafe_code)]

mod clock;
mod failure;
mod fetch;
mod files;
mod output;
mod verbs;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

const EXIT_USAGE: u8 = 2;

/// An open platform for physiologic closed-loop controlled medical devices.
///
/// Runs virtual trials of a closed loop on virtual patients, and reads, proves and replays the
/// black boxes that they leave. Homeostat is not a cleared medical device.
#[derive(Debug, Parser)]
#[command(name = "homeostat", version, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 fine; 1 a negative verdict (criteria failed, a log does not \
    verify); 2 usage; 3 environment (unreadable input, disk).\n\nBegin with:\n  homeostat demo\n  \
    homeostat trial\n  homeostat log verify homeostat-out/boxes/mpc/adult#001"
)]
struct Cli {
    #[command(subcommand)]
    verb: verbs::Verb,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, everything else is a wrong command line.
            let fine = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            let _ = error.print();
            return if fine { ExitCode::SUCCESS } else { ExitCode::from(EXIT_USAGE) };
        }
    };
    match cli.verb.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
