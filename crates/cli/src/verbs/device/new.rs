//! `homeostat device new`: a folder for a device of a virtual person, with its sensor's and its pump's
//! beside it, paired with each other. For trying the device out; a real one is set up part by part.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_assembly::InstalledProfile;
use homeostat_assembly::therapies::{self, Therapy as Treats};
use homeostat_blackbox::folder::Durability;
use homeostat_device::folder::DeviceFolder;
use homeostat_link::{Entropy as _, Paired, Part, Party, PublicKey, StaticKey, Therapy as Named};
use homeostat_peers::port::SystemEntropy;
use homeostat_trial::engine::test_signer;
use homeostat_trial::{insulin, propofol};

use super::config::{
    AlarmConfig, Config, FILE, PageConfig, PartName, PeerConfig, PinConfig, RecordsConfig, RoleName,
};
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
    /// tubing's; whatever is free if none is named.
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..=65_531))]
    port: Option<u16>,
    /// Insulin: sensor and pump speak in the words of their Bluetooth services, carried by the links.
    #[arg(long)]
    bluetooth: bool,
}

impl New {
    pub(crate) fn run(&self) -> Outcome {
        make(&self.dir, &self.therapy, &self.controller, self.port, self.bluetooth)
    }
}

/// Ports that nobody has now.
pub(super) fn free<const N: usize>() -> Result<[SocketAddr; N], Failure> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut sockets = Vec::new();
    let mut ports = [any; N];
    for port in &mut ports {
        // Kept until all are found, so that none is found twice.
        let socket = UdpSocket::bind(any).map_err(Failure::environment)?;
        *port = socket.local_addr().map_err(Failure::environment)?;
        sockets.push(socket);
    }
    Ok(ports)
}

/// Makes the folder. The device, its sensor, its pump and the end of the tubing are at five ports in a
/// row, or wherever is free.
pub(super) fn make(
    dir: &Path,
    therapy: &str,
    controller: &str,
    port: Option<u16>,
    bluetooth: bool,
) -> Outcome {
    if bluetooth && therapy != "insulin" {
        return Err(Failure::usage("--bluetooth: its services are for insulin"));
    }
    if dir.exists() {
        let words = "is there already; name a new folder with --dir";
        return Err(Failure::environment(format!("{}: {words}", dir.display())));
    }
    let in_a_row = |first: u16| {
        [0, 1, 2, 3, 4]
            .map(|more| SocketAddr::from((Ipv4Addr::LOCALHOST, first.saturating_add(more))))
    };
    let [listen, sensor, pump, page, tubing] =
        port.map_or_else(free, |first| Ok(in_a_row(first)))?;
    let person = Person { bluetooth, ..Person::of(therapy)? };
    therapies::start(person.therapy, controller, &person.profile).map_err(Failure::usage)?;
    let pseudonym = person.profile.statement().device.clone();
    let named = Named::named(therapy).ok_or_else(|| Failure::usage("--therapy"))?;
    let mut folder = DeviceFolder::open(dir, Durability::Storage, &mut SystemEntropy)
        .map_err(Failure::environment)?;
    folder.keep_profile(person.profile.signed()).map_err(Failure::environment)?;
    let device = folder.link_key().public();
    let parts = [(Part::Sensor, person.sensor, sensor), (Part::Actuator, person.pump, pump)];
    for (part, identity, address) in parts {
        let key = StaticKey::generate(&mut SystemEntropy).map_err(Failure::environment)?;
        let peer = Party { part, identity };
        let paired = Paired { peer, key: key.public(), therapy: named };
        folder.keep_peer(paired).map_err(Failure::environment)?;
        let places = Places { listen: address, device: listen, tubing, bluetooth };
        write_peer(dir, peer, &key, device, &places, named)?;
    }
    let config = Config {
        pseudonym,
        identity: DEVICE,
        therapy: therapy.to_owned(),
        controller: controller.to_owned(),
        listen,
        alarms: AlarmConfig::default(),
        records: RecordsConfig::default(),
        page: PageConfig { listen: page, pins: pins()?, ..PageConfig::default() },
        signers: vec![test_signer(SEED).map_err(Failure::environment)?.verifier().to_string()],
        peers: vec![
            person.talks(PartName::Sensor, person.sensor, sensor),
            person.talks(PartName::Actuator, person.pump, pump),
        ],
    };
    let text = toml::to_string(&config).map_err(Failure::environment)?;
    let path = dir.join(FILE);
    // It holds the PINs.
    for_the_owner(&path, text.as_bytes())?;
    output::say(&format!(
        "{}: a device for a virtual person, paired with a sensor and a pump; the PINs of its page stand in \
         {FILE}",
        dir.display()
    ));
    Ok(())
}

/// What is known of the virtual person.
struct Person {
    therapy: Treats,
    profile: InstalledProfile,
    sensor: u32,
    pump: u32,
    sensor_period_s: u64,
    cycle_s: u64,
    bluetooth: bool,
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
            let (sensor_period_s, bluetooth) = (1, false);
            return Ok(Self {
                therapy,
                profile,
                sensor,
                pump,
                sensor_period_s,
                cycle_s,
                bluetooth,
            });
        }
        let mut scenario = insulin::scenario::standard();
        scenario.patients.subjects = vec!["adult#001".to_owned()];
        let trial = insulin::trial::Trial::prepare(scenario).map_err(Failure::environment)?;
        let key = trial.cells().first().copied();
        let cell = key.and_then(|key| trial.cell(key)).ok_or_else(nobody)?;
        let (profile, _) = cell.install(device).map_err(Failure::environment)?;
        let (sensor, pump) = (insulin::cell::SENSOR, insulin::cell::PUMP);
        let therapy = Treats::Insulin;
        let (sensor_period_s, cycle_s, bluetooth) = (300, 300, false);
        Ok(Self { therapy, profile, sensor, pump, sensor_period_s, cycle_s, bluetooth })
    }

    fn talks(&self, part: PartName, identity: u32, address: SocketAddr) -> PeerConfig {
        let (period_s, told_every_s) = match part {
            PartName::Sensor => (self.sensor_period_s, self.sensor_period_s),
            PartName::Actuator => (self.cycle_s.min(60), self.cycle_s),
        };
        let latency_s = period_s.min(5);
        let silent_after_s = 2 * period_s + latency_s;
        PeerConfig {
            part,
            identity,
            address,
            period_s,
            latency_s,
            silent_after_s,
            told_every_s,
            bluetooth: self.bluetooth,
        }
    }
}

/// Where a peer listens, where its device does, and where the tubing ends; in whose words it speaks.
struct Places {
    bluetooth: bool,
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
    for_the_owner(&folder.join("secret.key"), key.secret_bytes())?;
    let bluetooth = if places.bluetooth { "bluetooth = true\n" } else { "" };
    let text = format!(
        "part = \"{name}\"\nidentity = {}\ntherapy = \"{}\"\nlisten = \"{}\"\ntubing = \"{}\"\n\
         {bluetooth}\n[device]\nidentity = {DEVICE}\naddress = \"{}\"\nkey = \"{}\"\n",
        party.identity,
        therapy.name(),
        places.listen,
        places.tubing,
        places.device,
        device,
    );
    fs::write(folder.join("peer.toml"), text).map_err(failed)
}

/// Six random digits for each role.
fn pins() -> Result<Vec<PinConfig>, Failure> {
    let roles = [RoleName::User, RoleName::Clinician, RoleName::Authorised];
    let pin = |role| {
        let mut bytes = [0; 8];
        SystemEntropy.fill(&mut bytes).map_err(Failure::environment)?;
        let secret = format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000);
        Ok(PinConfig { role, secret })
    };
    roles.into_iter().map(pin).collect()
}

/// Writes what nobody else may read, from its first moment on.
fn for_the_owner(path: &Path, bytes: &[u8]) -> Outcome {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| Failure::file(path, &error))
}
