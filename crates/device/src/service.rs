//! From a device's folder to a running device, and to its orderly end.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use homeostat_assembly::inspection::{BuildError, Builder};
use homeostat_assembly::signed_profile::ProfileRefusal;
use homeostat_assembly::{BoxIdentity, Cadence, InstalledProfile, Machine, Trust};
use homeostat_link::{Cadence as Talk, Datagram, Entropy, Part, Party, Therapy};
use homeostat_record::{Bytes, Decision, Span};

use crate::alarms::Bell;
use crate::annunciator::Program;
use crate::clock::{Clock as _, MachineClock};
use crate::controller::{ChildProcess, ControllerPort as _, SpawnError};
use crate::core::{Core, Keeper as _};
use crate::folder::shelf::FolderShelf;
use crate::folder::{DeviceFolder, FolderError};
use crate::keeping::Threaded;
use crate::life::Life;
use crate::links::{Link, LinkError, Links, Own, Peer};
use crate::restart::{self, Opened, RestartError, Start};
use crate::retention::{Archive, Limits, Shelf as _};
use crate::runtime::{Happened, Observer, Pace, Runtime};
use crate::selftest::SelfTest;
use crate::sockets::{UnheardCounter, read_datagrams};
use crate::watchdog::{self, Fed, Notifier};

/// Where a paired peer is, and how often is spoken.
#[derive(Clone, Copy, Debug)]
pub struct PeerAt {
    /// What it is.
    pub party: Party,
    /// Where.
    pub address: SocketAddr,
    /// How often it speaks.
    pub speaks: Talk,
    /// How often this device speaks to it.
    pub hears: Talk,
    /// It speaks in the words of its Bluetooth service.
    pub bluetooth: bool,
}

/// How the device makes the loop of its profile.
pub type Assemble<'s> = &'s dyn Fn(&InstalledProfile) -> Result<Box<dyn Machine>, BuildError>;

/// All that a device is run with, besides its folder.
pub struct Setup<'s> {
    /// Its pseudonym in records: the name of its log.
    pub pseudonym: String,
    /// Its number on links.
    pub identity: u32,
    /// The therapy.
    pub therapy: Therapy,
    /// Name and version of the software.
    pub software: String,
    /// Where it listens for datagrams.
    pub listen: SocketAddr,
    /// Where its peers are.
    pub peers: Vec<PeerAt>,
    /// Whose profiles it takes.
    pub trust: Trust,
    /// How often its box is secured.
    pub cadence: Cadence,
    /// How many times as fast as the machine's clock its clock runs.
    pub speed: u32,
    /// The command that becomes the controller.
    pub controller: Box<dyn FnMut() -> Command + Send>,
    /// What its boxes may take.
    pub records: Limits,
    /// What may be set of the alarm signals.
    pub alarms: homeostat_alarm::Settings,
    /// The command that sounds and shows them.
    pub annunciator: Box<dyn FnMut() -> Command + Send>,
    /// Makes the loop of a profile.
    pub assemble: Assemble<'s>,
    /// Makes the loop that a box says it recorded.
    pub rebuild: Builder<'s>,
}

/// Why a device does not start. Nothing was ordered.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Its folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// There is no profile.
    #[error("the device has no profile: install one that is signed for it")]
    NoProfile,
    /// Its profile is refused.
    #[error("{0}")]
    Profile(#[from] ProfileRefusal),
    /// The loop cannot be made.
    #[error("{0}")]
    Build(#[from] BuildError),
    /// The black box.
    #[error("{0}")]
    Restart(#[from] RestartError),
    /// The controller.
    #[error("{0}")]
    Controller(#[from] SpawnError),
    /// A link.
    #[error("{0}")]
    Link(#[from] LinkError),
    /// A peer that was never paired.
    #[error("{part:?} {identity} is not paired with this device: `homeostat device pair`")]
    NotPaired {
        /// What it is.
        part: Part,
        /// Its number.
        identity: u32,
    },
    /// A socket.
    #[error("{what}: {error}")]
    Socket {
        /// Which.
        what: String,
        /// The system's reason.
        error: io::Error,
    },
}

/// What the device says once it runs.
#[derive(Clone, Debug)]
pub struct Started {
    /// What kind of start it is.
    pub start: Start,
    /// More about it.
    pub details: Vec<String>,
    /// The number of the start.
    pub boot: u32,
    /// The number of the box.
    pub number: u32,
    /// The self-test.
    pub self_test: SelfTest,
    /// Where it listens.
    pub listens: SocketAddr,
    /// How the controller is confined, in its own words.
    pub confinement: String,
    /// The profile that it runs with.
    pub profile: InstalledProfile,
    /// Name and version of its software.
    pub software: String,
}

/// How it ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// The last decision.
    pub decision: Decision,
    /// Whether the box was closed in order.
    pub closed: bool,
}

/// Runs a device until it is told to end through `events`.
///
/// # Errors
/// [`ServiceError`].
pub fn run(
    folder: &mut DeviceFolder,
    setup: Setup<'_>,
    (sender, events): (&SyncSender<Happened>, &Receiver<Happened>),
    entropy: &mut dyn Entropy,
    observer: &mut dyn Observer,
) -> Result<Ended, ServiceError> {
    let signed = folder.profile()?.ok_or(ServiceError::NoProfile)?;
    let installed = InstalledProfile::verify(&signed, setup.trust)?;
    let machine = (setup.assemble)(&installed)?;
    let paired = folder.peers()?;
    let before = folder.life()?;
    let life = before.begun();
    let clock = MachineClock::start(life.boot, setup.speed);
    let mut seed = [0; 32];
    entropy.fill(&mut seed).map_err(|_| FolderError::Entropy)?;
    let wall = clock.moment().wall.and_then(|wall| u64::try_from(wall.unix_millis).ok());
    let whose = BoxIdentity {
        origin: setup.pseudonym,
        entropy: seed,
        wall_start_millis: wall.unwrap_or(0),
        cadence: setup.cadence,
    };
    // What can fail fails before anything is changed: a start that is tried again and again leaves nothing.
    let period = machine.period();
    // A sensor that speaks about once a cycle sets when cycles begin.
    let paced = setup.peers.iter().find(|peer| {
        peer.party.part == Part::Sensor && peer.speaks.period.as_millis() * 2 > period.as_millis()
    });
    let behind = paced.map(|peer| peer.speaks.latency);
    let pace = Pace::of(&clock, period, setup.speed > 1, behind);
    let identity = machine.identity();
    let mut controller =
        ChildProcess::start(setup.controller, identity, installed.profile().to_vec())?;
    let own = Own {
        party: Party { part: Part::Device, identity: setup.identity },
        key: folder.link_key().clone(),
        therapy: setup.therapy,
        software: Bytes::copy_of(setup.software.as_bytes()).unwrap_or_default(),
    };
    let mut peers = Vec::new();
    for at in &setup.peers {
        let Party { part, identity } = at.party;
        let known = paired.iter().find(|paired| paired.peer == at.party);
        let paired = *known.ok_or(ServiceError::NotPaired { part, identity })?;
        let PeerAt { address, hears, bluetooth, .. } = *at;
        let speaks = heard_on(at.speaks, setup.speed);
        peers.push(Peer { paired, address, speaks, hears, bluetooth });
    }
    let failed = |what: String| move |error| ServiceError::Socket { what, error };
    let socket = UdpSocket::bind(setup.listen).map_err(failed(setup.listen.to_string()))?;
    let listens = socket.local_addr().map_err(failed(setup.listen.to_string()))?;

    let addresses = peers.iter().map(|peer| peer.address).collect();
    let unheard = Arc::<UnheardCounter>::default();
    read_datagrams(&socket, addresses, sender.clone(), Arc::clone(&unheard))
        .map_err(failed("datagrams".to_owned()))?;
    let linked =
        |now| peers.iter().map(|peer| Link::new(&own, peer, now)).collect::<Result<_, _>>();
    // Whether there can be links; they begin when the box is open.
    let _: Vec<Link> = linked(clock.moment().now)?;
    let mut chance = [0; 32];
    entropy.fill(&mut chance).map_err(|_| FolderError::Entropy)?;
    let place = |error| RestartError::Place(Box::new(error));
    let mut shelf = FolderShelf::new(folder, life).map_err(place)?;

    // From here on, an end without a word is known as one. What still can fail behind the box is to count it and
    // to begin the disk's thread: the next start puts a box aside that was not counted, and passes over one in
    // which no cycle was kept.
    folder.keep_life(life)?;
    let boxes = folder.boxes();
    let opened = restart::open(&boxes, &whose, &installed, machine, setup.rebuild, before)?;
    let Opened { machine, last, recorder, number, start, mut details } = opened;
    shelf.begun(number).map_err(place)?;
    let archive = Archive::new(shelf, setup.records, number, chance);
    let mut keeper = Threaded::start(recorder, patience_of_disk(pace), archive).map_err(place)?;
    keeper.note(start.consequence().words);

    // A process that was just started has its time to begin in, whatever the period.
    let patience = pace.deadline.max(Duration::from_secs(5));
    let self_test = SelfTest::run(&*machine, &mut controller, &clock, patience);

    let now = clock.moment().now;
    let links = linked(now)?;
    details.extend(folder.worn().iter().map(|name| {
        format!(
            "{name}: one of its two copies was bad, and was written again: a sign of a failing disk"
        )
    }));
    observer.started(&Started {
        start,
        details,
        boot: life.boot,
        number,
        self_test: self_test.clone(),
        listens,
        confinement: controller.confinement().map(|c| c.to_string()).unwrap_or_default(),
        profile: installed,
        software: setup.software,
    });
    let mut send = |to: SocketAddr, datagram: &Datagram| {
        // What cannot be sent is lost, as on the air.
        let _ = socket.send_to(datagram.as_slice(), to);
    };
    let first = start.consequence().conditions.union(self_test.conditions());
    // Two seconds to sound and show a signal; what runs faster than the machine's clock has a busy machine
    // to reckon with.
    let to_sound = Span::from_millis(u64::from(setup.speed).saturating_mul(250).max(2_000));
    let mut annunciator = Program::start(setup.annunciator);
    let notifier = Notifier::of(std::env::var_os(watchdog::VARIABLE));
    let mut fed = Fed { notifier: &notifier, observer };
    notifier.say("READY=1");
    let runtime = Runtime {
        bell: Bell::new(setup.alarms, now, to_sound, &mut annunciator),
        core: Core::new(machine, last, setup.cadence.snapshot),
        links: Links::new(links),
        controller: &mut controller,
        keeper: &mut keeper,
        clock: &clock,
        pace,
        entropy,
        send: &mut send,
        unheard,
        observer: &mut fed,
        first,
    };
    let decision = runtime.run(events);
    notifier.say("STOPPING=1");
    let closed = keeper.close(Duration::from_secs(5));
    // Boxes may have been begun meanwhile.
    let life = Life { orderly: closed, ..folder.life()? };
    folder.keep_life(life)?;
    Ok(Ended { decision, closed })
}

/// With an accelerated clock, what a busy machine takes to wake a process is no age of a message.
fn heard_on(speaks: Talk, speed: u32) -> Talk {
    let least = if speed > 1 { u64::from(speed).saturating_mul(250) } else { 0 };
    let more = least.saturating_sub(speaks.latency.as_millis());
    let longer = |span: Span| Span::from_millis(span.as_millis().saturating_add(more));
    Talk { latency: longer(speaks.latency), silent_after: longer(speaks.silent_after), ..speaks }
}

/// A disk has as long as the controller; a cycle holds both.
const fn patience_of_disk(pace: Pace) -> Duration {
    pace.deadline
}
