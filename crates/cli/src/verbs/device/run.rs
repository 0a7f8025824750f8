//! `homeostat device run`.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use clap::Args;
use homeostat_assembly::therapies::{self, Therapy, rebuild};
use homeostat_assembly::{Cadence, InstalledProfile, Machine};
use homeostat_blackbox::folder::Durability;
use homeostat_device::core::Turned;
use homeostat_device::folder::DeviceFolder;
use homeostat_device::runtime::{Happened, Observer, Shown, WAITING};
use homeostat_device::service::{self, PeerAt, Setup, Started};
use homeostat_device::sockets::listen;
use homeostat_panel::Panel;
use homeostat_panel::page::{self, Page};
use homeostat_peers::port::SystemEntropy;
use homeostat_record::{CauseSet, Instant};
use serde_json::json;
use signal_hook::consts::signal::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::config::Config;
use super::effective::Sets;
use super::simulated::{self, Surroundings};
use super::words;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Lines};
use crate::verbs::SPEEDS;

/// The socket in the device's folder through which it is asked.
pub(crate) const SOCKET: &str = "device.sock";

/// Run the device of a folder.
#[derive(Debug, Args)]
#[command(
    after_help = "The folder holds device.toml, the keys, the signed profile, the peers and the black \
    boxes. The device starts switched off; a person chooses what it does:\n  homeostat device act choose \
    self-test\n\nHomeostat is not a cleared medical device."
)]
pub(crate) struct Run {
    /// The device's folder.
    #[arg(long, value_name = "DIR", default_value = "homeostat-device")]
    dir: PathBuf,
    /// How many times as fast as the machine's clock the device's clock runs. For tests alone.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(SPEEDS))]
    speed: u32,
    /// Where the bedside page is served, or `off`; otherwise as device.toml says.
    #[arg(long, value_name = "ADDR")]
    page: Option<PageAt>,
    /// One JSON object a cycle on standard output.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sets: Sets,
    /// Run the sensor and the pump of a virtual person beside the device, and end them with it. Makes the
    /// folder when it is not there.
    #[arg(long)]
    simulated: bool,
    /// The therapy of a folder that --simulated makes: insulin if nothing is said.
    #[arg(long, value_name = "NAME", requires = "simulated", value_parser = ["insulin", "propofol"])]
    therapy: Option<String>,
    /// A network that misbehaves, between the device and both parts: a script as of `homeostat proxy`.
    #[arg(long, value_name = "FILE", requires = "simulated")]
    script: Option<PathBuf>,
}

/// Where the bedside page is served.
#[derive(Clone, Copy, Debug)]
enum PageAt {
    Off,
    At(SocketAddr),
}

impl FromStr for PageAt {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" { Ok(Self::Off) } else { text.parse().map(Self::At) }
    }
}

/// Says what happens, and lets the page know.
struct Printer {
    json: bool,
    mode: Option<String>,
    /// What is known for who takes over.
    panel: Option<Panel>,
    speed: u32,
    contracts: Vec<PeerAt>,
    page: Option<Page>,
    lines: Lines,
}

impl Printer {
    /// Words for people, and no more than that: what goes wrong in them ends them and not the loop.
    fn with_panel<T>(&mut self, act: impl FnOnce(&mut Panel) -> T) -> Option<T> {
        let mut panel = self.panel.take()?;
        let done = catch_unwind(AssertUnwindSafe(|| act(&mut panel)));
        self.panel = done.is_ok().then_some(panel);
        done.ok()
    }
}

impl Observer for Printer {
    fn started(&mut self, started: &Started) {
        say_started(started);
        self.panel = Panel::new(started, self.speed, self.contracts.clone()).ok();
        if let Some(page) = &mut self.page {
            page.started(started);
        }
    }

    fn cycle(&mut self, turned: &Turned, shown: &Shown) {
        if let Some(page) = &mut self.page {
            page.cycle(turned, shown);
        }
        self.with_panel(|panel| panel.cycle(&turned.entry));
        if self.json {
            self.lines.data(words::status(shown).to_string());
        }
        let mode = format!("{:?}", turned.entry.decision.mode);
        if self.mode.as_ref() != Some(&mode) {
            let why = turned.entry.decision.governing.map(|cause| format!(" ({})", cause.name()));
            let why = why.unwrap_or_default();
            self.lines.say(format!("cycle {}: {mode}{why}", shown.cycle.0));
            self.mode = Some(mode);
        }
        if let Some(trouble) = &turned.controller {
            self.lines.say(format!("cycle {}: controller: {trouble}", shown.cycle.0));
        }
    }

    fn conditions(&mut self, now: Instant) -> CauseSet {
        self.page.as_mut().map_or(CauseSet::EMPTY, |page| page.conditions(now))
    }

    fn ended(&mut self, shown: &Shown) -> Vec<String> {
        let words = self.with_panel(|panel| panel.handed_over(shown)).unwrap_or_default();
        if self.json {
            let status = words::status(shown);
            self.lines
                .data(json!({ "event": "ended", "words": words, "status": status }).to_string());
        } else {
            words.iter().for_each(|line| self.lines.say(line.clone()));
        }
        words
    }
}

/// The therapy of a configuration.
fn therapy_of(config: &Config) -> Result<(Therapy, homeostat_link::Therapy), Failure> {
    let known = Therapy::NAMES.iter().find(|(name, _)| *name == config.therapy);
    let on_links = homeostat_link::Therapy::named(&config.therapy);
    known.map(|(_, therapy)| *therapy).zip(on_links).ok_or_else(|| {
        let words = format!("therapy: found {:?}; expected insulin or propofol", config.therapy);
        Failure::environment(words)
    })
}

/// The loop of a configuration and a profile.
pub(super) fn machine(
    config: &Config,
    profile: &InstalledProfile,
) -> Result<Box<dyn Machine>, Failure> {
    let (therapy, _) = therapy_of(config)?;
    therapies::start(therapy, &config.controller, profile).map_err(Failure::environment)
}

/// A signal ends the device in order, as `device stop --end` does.
fn end_on_signal(events: SyncSender<Happened>) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if signals.forever().next().is_some() {
            let _ = events.send(Happened::End(None));
        }
    })?;
    Ok(())
}

/// The program itself, as one of its own parts. What a terminal says to the device it does not say to
/// them: the device ends them.
pub(super) fn itself(
    words: &'static [&'static str],
) -> Result<impl FnMut() -> Command + Send, Failure> {
    let program = std::env::current_exe().map_err(Failure::environment)?;
    Ok(move || {
        let mut command = Command::new(&program);
        command.args(words).process_group(0);
        command
    })
}

impl Run {
    pub(crate) fn run(&self) -> Outcome {
        if self.simulated {
            simulated::prepare(&self.dir, self.therapy.as_deref())?;
        }
        let (mut config, _) = Config::read(&self.dir, &self.sets)?;
        let (therapy, link_therapy) = therapy_of(&config)?;
        if self.therapy.as_ref().is_some_and(|wanted| *wanted != config.therapy) {
            let words = format!("{}: this device is for {}", self.dir.display(), config.therapy);
            return Err(Failure::environment(words));
        }
        let _surroundings = match self.simulated {
            true => {
                let script = self.script.as_ref();
                Some(Surroundings::start(&self.dir, &mut config, self.speed, script)?)
            }
            false => None,
        };
        // An accelerated clock is a test's: its machine is not what is tested.
        let durability = if self.speed > 1 { Durability::Process } else { Durability::Storage };
        let mut folder = DeviceFolder::open(&self.dir, durability, &mut SystemEntropy)
            .map_err(Failure::environment)?;
        folder.hold().map_err(Failure::environment)?;
        let assemble =
            |profile: &InstalledProfile| therapies::start(therapy, &config.controller, profile);
        let setup = Setup {
            pseudonym: config.pseudonym.clone(),
            identity: config.identity,
            therapy: link_therapy,
            software: concat!("homeostat ", env!("CARGO_PKG_VERSION")).to_owned(),
            listen: config.listen,
            peers: config.peers.iter().map(super::config::PeerConfig::at).collect(),
            trust: config.trust()?,
            cadence: Cadence::USUAL,
            speed: self.speed,
            controller: Box::new(itself(&["device", "controller"])?),
            records: config.records.limits()?,
            alarms: config.alarms.settings()?,
            annunciator: config.alarms.command()?,
            assemble: &assemble,
            rebuild: &rebuild,
        };
        let (sender, events) = sync_channel(WAITING);
        end_on_signal(sender.clone()).map_err(Failure::environment)?;
        let socket = self.dir.join(SOCKET);
        let conversations = listen(&socket, sender.clone(), Arc::new(words::answer))
            .map_err(|error| Failure::file(&socket, &error))?;
        let page = self.page(&config, &sender)?;
        let lines = Lines::start();
        let (json, speed, contracts) = (self.json, self.speed, setup.peers.clone());
        let (mode, panel) = (None, None);
        let mut printer = Printer { json, mode, panel, speed, contracts, page, lines };
        let ended =
            service::run(&mut folder, setup, (&sender, &events), &mut SystemEntropy, &mut printer);
        printer.lines.end();
        // Who ended it hears what is handed over.
        conversations.finish(Duration::from_secs(2));
        let _ = std::fs::remove_file(&socket);
        let ended = ended.map_err(Failure::environment)?;
        if ended.closed {
            output::say("ended in order; the black box is closed");
            return Ok(());
        }
        Err(Failure::negative("ended, and the black box could not be closed in time"))
    }
}

impl Run {
    /// The bedside page, unless it is switched off.
    fn page(
        &self,
        config: &Config,
        events: &SyncSender<Happened>,
    ) -> Result<Option<Page>, Failure> {
        let listen = match self.page {
            Some(PageAt::Off) => return Ok(None),
            Some(PageAt::At(address)) => Some(address),
            None => None,
        };
        Ok(Some(Page::new(page::Setup {
            config: config.page.served(listen)?,
            speed: self.speed,
            contracts: config.peers.iter().map(super::config::PeerConfig::at).collect(),
            events: events.clone(),
            say: Box::new(output::say),
        })))
    }
}

fn say_started(started: &Started) {
    output::say(&format!(
        "start {}: {}; black box {:04}; listens at {}; controller {}",
        started.boot,
        started.start.consequence().words,
        started.number,
        started.listens,
        started.confinement,
    ));
    for detail in &started.details {
        output::say(&format!("  {detail}"));
    }
    for item in &started.self_test.items {
        let outcome = item.fault.as_deref().unwrap_or("passed");
        output::say(&format!("  self-test, {}: {outcome}", item.name));
    }
}
