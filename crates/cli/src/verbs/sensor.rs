//! `homeostat sensor`: a sensor on a virtual person.

use clap::Args;
use homeostat_peers::folder::PeerSettings;
use homeostat_peers::program::run_sensor;

use super::peer::{Peer, failure};
use crate::failure::Outcome;

/// Run a simulated sensor and the virtual person behind it.
///
/// Insulin: glucose every five minutes; propofol: the index of hypnosis every second. The person gets what the
/// pump says that left its needle. Killed and started again, the person goes on living where he was.
/// Faults: dropout, stuck, silent; insulin bias=PART, jump=MG_DL, noise=MG_DL, compression=MG_DL; propofol
/// quality=PERCENT, muscle=POINTS, jump=POINTS, suppression=PERCENT, later=SECONDS.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  homeostat sensor --dir my-sensor --therapy insulin --pair\n  \
    homeostat sensor --dir my-sensor --speed 60 --json --fault dropout@3600+1800")]
pub(crate) struct Sensor {
    #[command(flatten)]
    peer: Peer,
}

const LISTEN: u16 = 7_401;

impl Sensor {
    pub(crate) fn run(&self) -> Outcome {
        match self.peer.open(PeerSettings::sensor, LISTEN)? {
            Some((folder, options)) => run_sensor(&folder, &options).map_err(failure),
            None => Ok(()),
        }
    }
}
