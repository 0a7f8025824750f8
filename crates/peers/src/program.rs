//! The parts as programs: one thread that owns everything, woken by datagrams, lines and time.

mod pair;
mod proxy;
mod pump;
mod sensor;
mod tell;
mod threads;

pub use pair::{PairingEnd, PairingTalk, pair};
pub use proxy::{ProxyOptions, run_proxy};
pub use pump::run_pump;
pub use sensor::run_sensor;

use crate::body::BodyError;
use crate::faults::{FaultError, FaultWish};
use crate::pump::{KeeperError, PumpError, UnfitPump};
use homeostat_link::NoEntropy;
use std::path::PathBuf;

/// How a part is run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Virtual seconds in a second.
    pub speed: u32,
    /// JSON lines on the standard output.
    pub json: bool,
    /// What shall go wrong.
    pub faults: Vec<FaultWish>,
}

/// Why a part does not start or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// A file or socket.
    #[error("{file}: {error}")]
    File {
        /// Which.
        file: String,
        /// The system's reason.
        error: std::io::Error,
    },
    /// What stands in `peer.toml`.
    #[error("{0}")]
    Settings(String),
    /// There is a part already.
    #[error("{0}: a part is set up there already; remove its peer.toml, or take another folder")]
    SetUpAlready(String),
    /// Another process has the folder.
    #[error("{0}: this part is running already; end it first, or take another folder")]
    Running(String),
    /// A folder of another part.
    #[error("this folder belongs to a {found}, not to a {wanted}")]
    OtherPart {
        /// What it is.
        found: &'static str,
        /// What was started.
        wanted: &'static str,
    },
    /// Not paired.
    #[error(
        "not paired with a device yet: run it with --pair, and `homeostat device pair` beside it"
    )]
    NotPaired,
    /// The device's key in `peer.toml` is none.
    #[error("peer.toml: device.key is not 64 hexadecimal digits; pair it again")]
    DeviceKey,
    /// The secret is none.
    #[error("{}: expected 32 bytes or 64 hexadecimal digits; restore the file, or set the part up again", .0.display())]
    Secret(PathBuf),
    /// The number of starts is none.
    #[error("{}: expected one number; write one larger than the part's number of starts", .0.display())]
    Starts(PathBuf),
    /// A history that is none.
    #[error("{file}: record {record} is none of a history; remove the file for a new person")]
    History {
        /// The file.
        file: String,
        /// Which record, from 1.
        record: u64,
    },
    /// A link.
    #[error("link: {0}")]
    Link(String),
    /// The pairing ended without a pair.
    #[error("{0}")]
    Pairing(String),
    /// The person.
    #[error("person: {0}")]
    Body(#[from] BodyError),
    /// The pump.
    #[error(transparent)]
    Pump(#[from] PumpError),
    /// The pump's settings.
    #[error(transparent)]
    PumpSettings(#[from] UnfitPump),
    /// The pump's memory.
    #[error(transparent)]
    Keeper(#[from] KeeperError),
    /// A fault.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// Randomness.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
}
