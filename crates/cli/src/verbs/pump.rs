//! `homeostat pump`: an actuator with limits and a memory of its own.

use clap::Args;
use homeostat_peers::folder::PeerSettings;
use homeostat_peers::program::run_pump;

use super::peer::{Peer, failure};
use crate::failure::Outcome;

/// Run a simulated pump: it takes a paired device's orders, each once, within limits of its own.
///
/// Without orders it follows its own programme: insulin its background, propofol the last rate for a while.
/// A person at it types `stop`, `resume`, `refill` or `quit`. What it has taken and given survives a kill.
/// Faults: occlusion, stall, runaway=STEPS, empty, error=PART, silent.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  homeostat pump --dir my-pump --therapy insulin --pair\n  \
    homeostat pump --dir my-pump --speed 60 --json --fault occlusion@3600+900")]
pub(crate) struct Pump {
    #[command(flatten)]
    peer: Peer,
}

const LISTEN: u16 = 7_402;

impl Pump {
    pub(crate) fn run(&self) -> Outcome {
        match self.peer.open(PeerSettings::pump, LISTEN)? {
            Some((folder, options)) => run_pump(&folder, &options).map_err(failure),
            None => Ok(()),
        }
    }
}
