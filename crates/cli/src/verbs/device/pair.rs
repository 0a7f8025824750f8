//! `homeostat device pair`: the device's end of a pairing. People compare six digits on both sides.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;
use homeostat_blackbox::folder::Durability;
use homeostat_device::folder::DeviceFolder;
use homeostat_link::{Part, Party, Therapy};
use homeostat_peers::port::SystemEntropy;
use homeostat_peers::program::{PairingEnd, PairingTalk};

use super::config::{Config, PartName};
use super::effective::Sets;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::verbs::peer::failure;

/// Pair the device with a sensor or an actuator.
#[derive(Debug, Args)]
#[command(
    after_help = "Open the pairing at the part too (`homeostat sensor --pair`, `homeostat pump --pair`): \
    both show six digits. Type at each those that the other shows; nothing is kept unless they are its own.\n\n\
    Example:\n  homeostat device pair --part sensor --at 127.0.0.1:7401"
)]
pub(crate) struct Pair {
    /// The device's folder, with its device.toml.
    #[arg(long, value_name = "DIR", default_value = "homeostat-device")]
    dir: PathBuf,
    /// What the part is.
    #[arg(long, value_enum)]
    part: PartName,
    /// Where it waits.
    #[arg(long, value_name = "ADDRESS")]
    at: SocketAddr,
    /// Tell what happens as JSON lines on stdout.
    #[arg(long)]
    json: bool,
}

impl Pair {
    pub(crate) fn run(&self) -> Outcome {
        let (config, _) = Config::read(&self.dir, &Sets::default())?;
        let unknown = || Failure::environment(format!("therapy: found {:?}", config.therapy));
        let mut folder = DeviceFolder::open(&self.dir, Durability::Storage, &mut SystemEntropy)
            .map_err(Failure::environment)?;
        let any = match self.at {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let end = PairingEnd {
            me: Party { part: Part::Device, identity: config.identity },
            peer: self.part.into(),
            therapy: Therapy::named(&config.therapy).ok_or_else(unknown)?,
            key: folder.link_key().clone(),
            boot: folder.life().map_err(Failure::environment)?.boot,
            listen: SocketAddr::new(any, 0),
            at: Some(self.at),
        };
        let mut talk = PairingTalk::open(end, self.json).map_err(failure)?;
        let paired = talk.compare().map_err(failure)?;
        folder.keep_peer(paired).map_err(Failure::environment)?;
        output::say("device.toml needs it as a [[peer]] with its address");
        talk.kept(&paired);
        Ok(())
    }
}
