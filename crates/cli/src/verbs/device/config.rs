//! A device's configuration: one TOML file, each value with where it comes from.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use clap::ValueEnum;
use homeostat_alarm::Settings;
use homeostat_assembly::Trust;
use homeostat_bedside::{Config as Page, Pin};
use homeostat_blackbox::VerifierKey;
use homeostat_device::retention::Limits;
use homeostat_device::service::PeerAt;
use homeostat_link::{Cadence, Part, Party};
use homeostat_record::{Role, Span};
use serde::{Deserialize, Serialize};

use super::effective::Sets;
use super::run::itself;
use crate::failure::Failure;
use crate::files;

/// The file's name in the device's folder.
pub(crate) const FILE: &str = "device.toml";

/// The whole configuration.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The device's pseudonym: the name of its log. No person's name.
    pub pseudonym: String,
    /// Its number on links.
    pub identity: u32,
    /// `insulin` or `propofol`.
    pub therapy: String,
    /// The controller's name.
    pub controller: String,
    /// Where it listens for its peers.
    pub listen: SocketAddr,
    /// Verifier keys of those who may sign its profile.
    pub signers: Vec<String>,
    /// The bedside page.
    #[serde(default)]
    pub page: PageConfig,
    /// The alarm signals.
    #[serde(default)]
    pub alarms: AlarmConfig,
    /// The black boxes.
    #[serde(default)]
    pub records: RecordsConfig,
    /// Its peers.
    #[serde(rename = "peer")]
    pub peers: Vec<PeerConfig>,
}

/// Where the bedside page is served unless something else is said.
pub(crate) const PAGE_PORT: u16 = 47_103;

/// The bedside page.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageConfig {
    /// Where it is served. It is not encrypted: loopback, or a network that is trusted.
    #[serde(default = "page_listen")]
    pub listen: SocketAddr,
    /// Names under which it is reached, besides its addresses and `localhost`.
    #[serde(default)]
    pub names: Vec<String>,
    /// Secrets that let people act. Without one, people can look and stop.
    #[serde(default, rename = "pin")]
    pub pins: Vec<PinConfig>,
}

/// A secret, and whose role it gives.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PinConfig {
    /// Whose.
    pub role: RoleName,
    /// 4 to 32 characters.
    pub secret: String,
}

/// A role by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleName {
    /// The person treated, or a caregiver.
    User,
    /// A clinician in charge.
    Clinician,
    /// Who may release integrity, security and identity causes.
    Authorised,
}

fn page_listen() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, PAGE_PORT))
}

impl Default for PageConfig {
    fn default() -> Self {
        Self { listen: page_listen(), names: Vec::new(), pins: Vec::new() }
    }
}

impl PageConfig {
    /// The page as it is served, at `listen` if something else is said there.
    pub(crate) fn served(&self, listen: Option<SocketAddr>) -> Result<Page, Failure> {
        let pin = |pin: &PinConfig| {
            let role = match pin.role {
                RoleName::User => Role::User,
                RoleName::Clinician => Role::Clinician,
                RoleName::Authorised => Role::Authorised,
            };
            Pin::new(role, &pin.secret).ok_or_else(|| {
                Failure::environment("page.pin: a secret has 4 to 32 characters".to_owned())
            })
        };
        let pins = self.pins.iter().map(pin).collect::<Result<_, _>>()?;
        Ok(Page { listen: listen.unwrap_or(self.listen), names: self.names.clone(), pins })
    }
}

/// The alarm signals.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AlarmConfig {
    /// How long sound is paused, seconds.
    pub pause_s: u64,
    /// How often what was answered and still holds is brought to mind, seconds.
    pub reminder_s: u64,
    /// The program that sounds and shows them, with its words; the terminal if there is none.
    pub annunciator: Vec<String>,
}

impl Default for AlarmConfig {
    fn default() -> Self {
        Self { pause_s: 120, reminder_s: 300, annunciator: Vec::new() }
    }
}

/// Makes the command of a process.
pub(crate) type Make = Box<dyn FnMut() -> Command + Send>;

impl AlarmConfig {
    /// What may be set, if it is within its ranges.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let (pause, reminder) =
            (Span::from_seconds(self.pause_s), Span::from_seconds(self.reminder_s));
        let settings = Settings { pause, reminder, ..Settings::default() };
        settings.checked().map_err(|error| Failure::environment(format!("alarms: {error}")))
    }

    /// The command that sounds and shows the signals.
    pub(crate) fn command(&self) -> Result<Make, Failure> {
        let Some((program, words)) = self.annunciator.split_first() else {
            return Ok(Box::new(itself(&["device", "annunciator"])?));
        };
        let (program, words) = (program.clone(), words.to_vec());
        Ok(Box::new(move || {
            let mut command = Command::new(&program);
            command.args(&words);
            command
        }))
    }
}

/// The black boxes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RecordsConfig {
    /// What all of them may take, MiB.
    pub limit_mib: u64,
}

impl Default for RecordsConfig {
    fn default() -> Self {
        Self { limit_mib: 256 }
    }
}

impl RecordsConfig {
    /// The limits, if they are within their range.
    pub(crate) fn limits(&self) -> Result<Limits, Failure> {
        Limits::of_mib(self.limit_mib).ok_or_else(|| {
            let (least, most) = (Limits::MIB.start(), Limits::MIB.end());
            let found = self.limit_mib;
            let words = format!("records.limit_mib: found {found}; expected {least} to {most}");
            Failure::environment(words)
        })
    }
}

/// A peer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerConfig {
    /// What it is.
    pub part: PartName,
    /// Its number.
    pub identity: u32,
    /// Where it is.
    pub address: SocketAddr,
    /// How often it speaks, seconds.
    pub period_s: u64,
    /// How old a message of it may be, seconds.
    pub latency_s: u64,
    /// After how long without one the link counts as silent, seconds.
    pub silent_after_s: u64,
    /// How often the device speaks to it, seconds.
    pub told_every_s: u64,
    /// Insulin: it speaks in the words of its Bluetooth service, carried by the link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bluetooth: bool,
}

/// A peer's part by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PartName {
    /// It measures.
    Sensor,
    /// It treats.
    Actuator,
}

impl From<PartName> for Part {
    fn from(part: PartName) -> Self {
        match part {
            PartName::Sensor => Self::Sensor,
            PartName::Actuator => Self::Actuator,
        }
    }
}

impl Config {
    /// Reads the configuration of a device's folder, with what the command line sets. Gives the file's
    /// text too.
    pub(crate) fn read(folder: &Path, sets: &Sets) -> Result<(Self, String), Failure> {
        let path = folder.join(FILE);
        let text = files::read_text(&path)?;
        let config = Self::of(&text, sets).map_err(|failure| match failure {
            Failure::Environment(words) => {
                Failure::environment(format!("{}:{words}", path.display()))
            }
            other => other,
        })?;
        Ok((config, text))
    }

    /// The configuration that a file says, and what the command line sets.
    pub(crate) fn of(text: &str, sets: &Sets) -> Result<Self, Failure> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or(0, |span| span.start);
            let line = text[..before].matches('\n').count() + 1;
            Failure::environment(format!("{line}: {}", error.message()))
        })?;
        if sets.sets.is_empty() {
            return config.checked();
        }
        let mut table = toml::Table::try_from(config).map_err(Failure::environment)?;
        for set in &sets.sets {
            set.apply(&mut table)?;
        }
        let config: Self = table.try_into().map_err(|error: toml::de::Error| {
            Failure::usage(format!("--set: {}", error.message()))
        })?;
        config.checked()
    }

    fn checked(self) -> Result<Self, Failure> {
        if self.therapy != "insulin" && self.peers.iter().any(|peer| peer.bluetooth) {
            return Err(Failure::environment("peer.bluetooth: its services are for insulin"));
        }
        Ok(self)
    }

    /// Whose profiles the device takes.
    pub(crate) fn trust(&self) -> Result<Trust, Failure> {
        let (therapy, device) = (self.therapy.clone(), self.pseudonym.clone());
        Ok(Trust { signers: self.keys()?, therapy, device })
    }

    /// The keys of those who may sign.
    fn keys(&self) -> Result<Vec<VerifierKey>, Failure> {
        let key = |text: &String| {
            text.parse().map_err(|error| {
                Failure::environment(format!("signers: {text:?} is no verifier key: {error}"))
            })
        };
        self.signers.iter().map(key).collect()
    }
}

impl PeerConfig {
    /// Who it is.
    pub(crate) fn party(&self) -> Party {
        Party { part: self.part.into(), identity: self.identity }
    }

    /// The peer as the device uses it.
    pub(crate) fn at(&self) -> PeerAt {
        let of = Span::from_seconds;
        let latency = of(self.latency_s);
        let silent_after = of(self.silent_after_s);
        let told = of(self.told_every_s);
        let told_silent = of(self.told_every_s.saturating_mul(2).saturating_add(self.latency_s));
        PeerAt {
            party: self.party(),
            address: self.address,
            speaks: Cadence { period: of(self.period_s), latency, silent_after },
            hears: Cadence { period: told, latency, silent_after: told_silent },
            bluetooth: self.bluetooth,
        }
    }
}
