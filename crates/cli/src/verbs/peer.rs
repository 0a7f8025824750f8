//! What `homeostat sensor` and `homeostat pump` share: the folder, the pairing, how to run.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_link::Entropy as _;
use homeostat_peers::faults::FaultWish;
use homeostat_peers::folder::{PeerFolder, PeerSettings, tubing};
use homeostat_peers::port::SystemEntropy;
use homeostat_peers::program::{PeerError, RunOptions, pair};

use super::{SPEEDS, Therapy};
use crate::failure::Failure;

impl From<Therapy> for homeostat_peers::therapy::Therapy {
    fn from(therapy: Therapy) -> Self {
        match therapy {
            Therapy::Insulin => Self::Insulin,
            Therapy::Propofol => Self::Propofol,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Peer {
    /// The part's folder: peer.toml, secret.key and what it must not forget.
    #[arg(long, value_name = "FOLDER")]
    dir: PathBuf,
    /// In a new folder, what the part is for: peer.toml is written with sound values, to be changed at will.
    #[arg(long, value_enum)]
    therapy: Option<Therapy>,
    /// In a new folder, the part's pseudonym; drawn at random if not given.
    #[arg(long, value_name = "NUMBER")]
    identity: Option<u32>,
    /// Where it listens for the device, instead of what peer.toml says.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where the pump tells the person what left the needle, instead of what peer.toml says.
    #[arg(long, value_name = "ADDRESS")]
    tubing: Option<SocketAddr>,
    /// Pair it with a device instead of running it: shows six digits and waits until the device's are typed.
    #[arg(long)]
    pair: bool,
    /// Virtual seconds in a second. The device and all parts need the same.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(SPEEDS))]
    speed: u32,
    /// Tell how things are as JSON lines on stdout.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    parent: WithParent,
    /// Something that shall go wrong: kind[=value]@seconds[+seconds] of virtual time. May be given often.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<FaultWish>,
}

/// Whether a process ends with who started it.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct WithParent {
    /// End when the process that started this one is gone, however it went.
    #[arg(long, hide = true)]
    with_parent: bool,
}

impl WithParent {
    /// From now on, if that was asked for.
    pub(super) fn heed(self) -> Result<(), Failure> {
        if self.with_parent {
            let signal = Some(rustix::process::Signal::TERM);
            rustix::process::set_parent_process_death_signal(signal)
                .map_err(Failure::environment)?;
        }
        Ok(())
    }
}

/// How the settings of a new part are made.
pub(super) type Made =
    fn(homeostat_peers::therapy::Therapy, u32, SocketAddr, SocketAddr) -> PeerSettings;

impl Peer {
    /// Opens the folder, made if it is new; pairs if that was asked for. Gives what to run, if anything.
    pub(super) fn open(
        &self,
        made: Made,
        listen: u16,
    ) -> Result<Option<(PeerFolder, RunOptions)>, Failure> {
        self.parent.heed()?;
        if !PeerFolder::exists(&self.dir) {
            self.create(&self.dir, made, listen)?;
        }
        let mut folder =
            PeerFolder::open(&self.dir, &mut SystemEntropy).map_err(Failure::environment)?;
        let known = folder.settings.therapy;
        if self.therapy.is_some_and(|therapy| known != therapy.into()) {
            let words = format!("--therapy: this part is for {}", known.name());
            return Err(Failure::usage(words));
        }
        folder.settings.listen = self.listen.unwrap_or(folder.settings.listen);
        folder.settings.tubing = self.tubing.unwrap_or(folder.settings.tubing);
        let Self { speed, json, .. } = *self;
        let options = RunOptions { speed, json, faults: self.fault.clone() };
        if self.pair {
            pair(&mut folder, &options).map_err(failure)?;
            return Ok(None);
        }
        Ok(Some((folder, options)))
    }

    fn create(&self, path: &Path, made: Made, listen: u16) -> Result<(), Failure> {
        let Some(therapy) = self.therapy else {
            let words = format!("{}: no part is set up there; name its --therapy", path.display());
            return Err(Failure::usage(words));
        };
        let mut identity = [0; 4];
        SystemEntropy.fill(&mut identity).map_err(Failure::environment)?;
        let identity = self.identity.unwrap_or(u32::from_le_bytes(identity));
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let listen = self.listen.unwrap_or_else(|| local(listen));
        let tubing = self.tubing.unwrap_or_else(tubing);
        let settings = made(therapy.into(), identity, listen, tubing);
        PeerFolder::create(path, &settings).map_err(failure)
    }
}

/// Codes that differ are a verdict; everything else is the environment's.
#[allow(clippy::needless_pass_by_value, reason = "used as the last step of a result")]
pub(super) fn failure(error: PeerError) -> Failure {
    match error {
        PeerError::Pairing(words) => Failure::negative(words),
        PeerError::Fault(error) => Failure::usage(error),
        other => Failure::environment(other),
    }
}
