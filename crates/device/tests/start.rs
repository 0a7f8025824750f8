//! A start that fails leaves nothing behind: no box is made before all that can fail is done.

#[allow(dead_code, reason = "shared with other tests")]
mod person;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::sync_channel;

use homeostat_assembly::therapies::rebuild;
use homeostat_assembly::{Cadence, InstalledProfile, Trust};
use homeostat_blackbox::folder::Durability;
use homeostat_device::core::Turned;
use homeostat_device::folder::DeviceFolder;
use homeostat_device::retention::Limits;
use homeostat_device::runtime::{Happened, Observer, Shown, WAITING};
use homeostat_device::service::{PeerAt, ServiceError, Setup, Started, run};
use homeostat_link::{
    Cadence as Talk, Entropy, NoEntropy, Paired, Part, Party, PublicKey, Therapy,
};
use homeostat_record::Span;
use homeostat_trial::engine::test_signer;

/// Randomness for so many questions.
struct Rationed(usize);

impl Entropy for Rationed {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        self.0 = self.0.checked_sub(1).ok_or(NoEntropy)?;
        bytes.fill(7);
        Ok(())
    }
}

/// Hears whether it is said that the device runs.
#[derive(Default)]
struct Told(bool);

impl Observer for Told {
    fn started(&mut self, _: &Started) {
        self.0 = true;
    }
    fn cycle(&mut self, _: &Turned, _: &Shown) {}
}

/// A folder of a device with its profile.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Place {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("homeostat-start-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    /// Starts a device that has this peer and is told to end, and gives how the start failed.
    fn fails(&self, peer: Part, chance: usize) -> ServiceError {
        let (profile, _) = person::profile();
        let mut folder =
            DeviceFolder::open(&self.0, Durability::Process, &mut Rationed(2)).expect("a folder");
        folder.keep_profile(profile.signed()).expect("kept");
        let therapy = Therapy::named("insulin").expect("a name");
        let party = Party { part: peer, identity: 9 };
        let paired = Paired { peer: party, key: PublicKey([9; 32]), therapy };
        folder.keep_peer(paired).expect("kept");
        let statement = profile.statement().clone();
        let speaks = Talk {
            period: Span::from_minutes(5),
            latency: Span::from_seconds(5),
            silent_after: Span::from_minutes(11),
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        let assemble = |profile: &InstalledProfile| Ok(person::fresh(profile));
        let idle = || {
            let mut command = Command::new("cat");
            command.arg("/dev/null");
            command
        };
        let setup = Setup {
            pseudonym: statement.device.clone(),
            identity: 1,
            therapy,
            software: "a test".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            peers: vec![PeerAt { party, address, speaks, hears: speaks, bluetooth: false }],
            trust: Trust {
                signers: vec![*test_signer(1).expect("a good name").verifier()],
                therapy: statement.therapy,
                device: statement.device,
            },
            cadence: Cadence::USUAL,
            speed: 1,
            controller: Box::new(idle),
            records: Limits::of_mib(16).expect("in range"),
            alarms: homeostat_alarm::Settings::default(),
            annunciator: Box::new(idle),
            assemble: &assemble,
            rebuild: &rebuild,
        };
        let (sender, events) = sync_channel(WAITING);
        sender.try_send(Happened::End(None)).expect("there is room");
        let mut told = Told::default();
        let ended = run(&mut folder, setup, (&sender, &events), &mut Rationed(chance), &mut told);
        assert!(!told.0, "it was said to run");
        ended.expect_err("it does not start")
    }

    fn boxes(&self) -> PathBuf {
        self.0.join("box")
    }
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).into_iter().flatten();
    names.map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn mod_13_a_link_that_cannot_be_costs_no_box() {
    let place = Place::new("link");
    let failed = place.fails(Part::Device, usize::MAX);
    assert!(matches!(failed, ServiceError::Link(_)), "{failed}");
    assert_eq!(names(&place.boxes()), [""; 0]);
}

#[test]
fn mod_13_randomness_that_ends_costs_no_box() {
    let place = Place::new("chance");
    let failed = place.fails(Part::Sensor, 1);
    assert!(matches!(failed, ServiceError::Folder(_)), "{failed}");
    assert_eq!(names(&place.boxes()), [""; 0]);
}

#[test]
fn mod_13_what_cannot_be_cleared_away_costs_no_box() {
    let place = Place::new("going");
    fs::create_dir_all(place.boxes()).expect("made");
    // No folder, so that it cannot be removed as one.
    fs::write(place.boxes().join("0001.going"), b"").expect("written");
    let failed = place.fails(Part::Sensor, usize::MAX);
    assert!(matches!(failed, ServiceError::Restart(_)), "{failed}");
    assert_eq!(names(&place.boxes()), ["0001.going"]);
}
