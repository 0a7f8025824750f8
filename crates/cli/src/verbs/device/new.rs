//! `homeostat device new`: a folder for a device of a virtual person, with its sensor's and its pump's
//! beside it, paired with each other. For trying the device out; a real one is set up part by part.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_assembly::InstalledProfile;
use homeostat_assembly::therapies::{self, Therapy as Treats};
use homeostat_blackbox::folder::Durability;
use homeostat_device::folder::DeviceFolder;
use homeostat_link::{Entropy as _, Paired, Part, Party, PublicKey, StaticKey, Therapy as Named};
use homeostat_trial::engine::test_signer;
use homeostat_trial::{insulin, propofol};

use super::config::{Config, FILE, PageConfig, PartName, PeerConfig, PinConfig, RoleName};
use super::run::System;
use crate::failure::{Failure, Outcome};
use crate::output;

/// The seed of the key that signs the virtual person's profile: a test key, it protects nothing.
const SEED: u64 = 1;
/// Numbers on links.
const DEVICE: u32 = 1;

/// Make a folder for a virtual person's device.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  homeostat device new --therapy insulin\n  homeostat device run"
)]
pub(crate) struct New {
    /// The folder, which must not be there yet.
    #[arg(long, value_name = "DIR", default_value = "homeostat-device")]
    dir: PathBuf,
    /// The therapy.
    #[arg(long, value_name = "NAME", default_value = "insulin", value_parser = ["insulin", "propofol"])]
    therapy: String,
    /// The controller.
    #[arg(long, value_name = "NAME", default_value = "mpc")]
    controller: String,
    /// The first of five ports on loopback: the device's, its sensor's, its pump's, its page's, the
    /// tubing's.
    #[arg(long, value_name = "PORT", default_value_t = 47_100, value_parser = clap::value_parser!(u16).range(1..=65_531))]
    port: u16,
}

impl New {
    pub(crate) fn run(&self) -> Outcome {
        if self.dir.exists() {
            let words = "is there already; name a new folder with --dir";
            return Err(Failure::environment(format!("{}: {words}", self.dir.display())));
        }
        let person = Person::of(&self.therapy)?;
        therapies::start(person.therapy, &self.controller, &person.profile)
            .map_err(Failure::usage)?;
        let pseudonym = person.profile.statement().device.clone();
        let therapy = Named::named(&self.therapy).ok_or_else(|| Failure::usage("--therapy"))?;
        let mut folder = DeviceFolder::open(&self.dir, Durability::Storage, &mut System)
            .map_err(Failure::environment)?;
        folder.keep_profile(person.profile.signed()).map_err(Failure::environment)?;
        let device = folder.link_key().public();
        let at = |offset: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, self.port + offset));
        let parts = [(Part::Sensor, person.sensor, at(1)), (Part::Actuator, person.pump, at(2))];
        for (part, identity, address) in parts {
            let key = StaticKey::generate(&mut System).map_err(Failure::environment)?;
            let party = Party { part, identity };
            folder
                .keep_peer(Paired { peer: party, key: key.public(), therapy })
                .map_err(Failure::environment)?;
            let places = Places { listen: address, device: at(0), tubing: at(4) };
            write_peer(&self.dir, party, &key, device, &places, therapy)?;
        }
        let config = Config {
            pseudonym,
            identity: DEVICE,
            therapy: self.therapy.clone(),
            controller: self.controller.clone(),
            listen: at(0),
            page: PageConfig { listen: at(3), pins: pins()?, ..PageConfig::default() },
            signers: vec![test_signer(SEED).map_err(Failure::environment)?.verifier().to_string()],
            peers: vec![
                person.talks(PartName::Sensor, person.sensor, at(1)),
                person.talks(PartName::Actuator, person.pump, at(2)),
            ],
        };
        let text = toml::to_string(&config).map_err(Failure::environment)?;
        let path = self.dir.join(FILE);
        // It holds the PINs.
        for_the_owner(&path, &text)?;
        output::say(&format!(
            "{}: a device for a virtual person, paired with a sensor and a pump; the PINs of its page \
             stand in {FILE}",
            self.dir.display()
        ));
        Ok(())
    }
}

/// What is known of the virtual person.
struct Person {
    therapy: Treats,
    profile: InstalledProfile,
    sensor: u32,
    pump: u32,
    sensor_period_s: u64,
    cycle_s: u64,
}

impl Person {
    fn of(therapy: &str) -> Result<Self, Failure> {
        let device = "homeostat.example/device/virtual";
        let nobody = || Failure::environment("there is no virtual person to treat");
        if therapy == "propofol" {
            let mut scenario = propofol::scenario::standard();
            scenario.patients.count = Some(1);
            let cycle_s = u64::from(scenario.period_seconds);
            let trial = propofol::trial::Trial::prepare(scenario).map_err(Failure::environment)?;
            let key = trial.roster().cells().first().copied();
            let cell = key.and_then(|key| trial.cell(key)).ok_or_else(nobody)?;
            let (profile, _) = cell.install(device).map_err(Failure::environment)?;
            let (sensor, pump) = (propofol::monitor::MONITOR, propofol::cell::PUMP);
            let therapy = Treats::Propofol;
            return Ok(Self { therapy, profile, sensor, pump, sensor_period_s: 1, cycle_s });
        }
        let mut scenario = insulin::scenario::standard();
        scenario.patients.subjects = vec!["adult#001".to_owned()];
        let trial = insulin::trial::Trial::prepare(scenario).map_err(Failure::environment)?;
        let key = trial.cells().first().copied();
        let cell = key.and_then(|key| trial.cell(key)).ok_or_else(nobody)?;
        let (profile, _) = cell.install(device).map_err(Failure::environment)?;
        let (sensor, pump) = (insulin::cell::SENSOR, insulin::cell::PUMP);
        let therapy = Treats::Insulin;
        Ok(Self { therapy, profile, sensor, pump, sensor_period_s: 300, cycle_s: 300 })
    }

    fn talks(&self, part: PartName, identity: u32, address: SocketAddr) -> PeerConfig {
        let (period_s, told_every_s) = match part {
            PartName::Sensor => (self.sensor_period_s, self.sensor_period_s),
            PartName::Actuator => (self.cycle_s.min(60), self.cycle_s),
        };
        let latency_s = period_s.min(5);
        let silent_after_s = 2 * period_s + latency_s;
        PeerConfig { part, identity, address, period_s, latency_s, silent_after_s, told_every_s }
    }
}

/// Where a peer listens, where its device does, and where the tubing ends.
struct Places {
    listen: SocketAddr,
    device: SocketAddr,
    tubing: SocketAddr,
}

/// What a peer's program needs: its secret, and whom it was paired with.
fn write_peer(
    dir: &Path,
    party: Party,
    key: &StaticKey,
    device: PublicKey,
    places: &Places,
    therapy: Named,
) -> Outcome {
    let name = if party.part == Part::Sensor { "sensor" } else { "pump" };
    let folder = dir.join(name);
    let failed = |error: std::io::Error| Failure::file(&folder, &error);
    fs::create_dir_all(&folder).map_err(failed)?;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for_the_owner(&folder.join("secret.key"), &hex(key.secret_bytes()))?;
    let text = format!(
        "part = \"{name}\"\nidentity = {}\ntherapy = \"{}\"\nlisten = \"{}\"\ntubing = \"{}\"\n\n[device]\n\
         identity = {DEVICE}\naddress = \"{}\"\nkey = \"{}\"\n",
        party.identity,
        therapy.name(),
        places.listen,
        places.tubing,
        places.device,
        hex(&device.0),
    );
    fs::write(folder.join("peer.toml"), text).map_err(failed)
}

/// Six random digits for each role.
fn pins() -> Result<Vec<PinConfig>, Failure> {
    let roles = [RoleName::User, RoleName::Clinician, RoleName::Authorised];
    let pin = |role| {
        let mut bytes = [0; 8];
        System.fill(&mut bytes).map_err(Failure::environment)?;
        let secret = format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000);
        Ok(PinConfig { role, secret })
    };
    roles.into_iter().map(pin).collect()
}

/// Writes what nobody else may read, from its first moment on.
fn for_the_owner(path: &Path, text: &str) -> Outcome {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Failure::file(path, &error))
}
