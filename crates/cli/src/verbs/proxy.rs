//! `homeostat proxy`: a network that misbehaves by script.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use homeostat_peers::program::{ProxyOptions, run_proxy};

use super::SPEEDS;
use super::peer::{WithParent, failure};
use crate::failure::Outcome;

/// Run a network between a device and a sensor or pump that misbehaves by script.
///
/// The device is told the proxy's address instead of the part's. A script has a rule a line:
/// `[from TIME] [to TIME] [to-peer|to-device] ACTION`, where ACTION is drop P, delay TIME [jitter TIME],
/// duplicate P, reorder P, corrupt P, partition, replay P or N/s, forge N/s [random|structured], flood N/s.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  printf 'from 10s to 20s drop 0.3\\nfrom 30s forge 100/s\\n' > bad\n  \
    homeostat proxy --listen 127.0.0.1:7412 --to 127.0.0.1:7402 --script bad --json"
)]
pub(crate) struct Proxy {
    /// Where the device finds it.
    #[arg(long, value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The sensor or pump behind it.
    #[arg(long, value_name = "ADDRESS")]
    to: SocketAddr,
    /// The script; without one everything passes.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Of all that is left to chance.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Virtual seconds in a second, for the script's times.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(SPEEDS))]
    speed: u32,
    /// A recording of earlier sessions, to be replayed.
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Where to write what was seen, at the end.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Tell the counts as JSON lines on stdout.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    parent: WithParent,
}

impl Proxy {
    pub(crate) fn run(&self) -> Outcome {
        self.parent.heed()?;
        let Self { listen, to, seed, speed, json, .. } = *self;
        let (script, replay) = (self.script.clone(), self.replay.clone());
        let record = self.record.clone();
        run_proxy(&ProxyOptions { listen, to, script, seed, speed, replay, record, json })
            .map_err(failure)
    }
}
