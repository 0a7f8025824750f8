//! The maker's risk file: which component serves which function of the device, what can credibly go wrong with that
//! function, and which hazard of the risk management file (ISO 14971) that is.
//!
//! Severity comes from there and not from CVSS. A component that nobody has linked stands for the worst hazard of the
//! device until someone decides.

mod read;

use crate::pattern::names;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use read::{RiskFileError, read};

/// How bad a harm is: the five levels of FDA's post-market guidance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Inconvenience or temporary discomfort.
    Negligible,
    /// Temporary injury that needs no professional.
    Minor,
    /// Injury that needs a professional.
    Serious,
    /// Permanent impairment or injury that threatens life.
    Critical,
    /// Death.
    Catastrophic,
}

impl Severity {
    /// All levels, the least first.
    pub const ALL: [Self; 5] =
        [Self::Negligible, Self::Minor, Self::Serious, Self::Critical, Self::Catastrophic];
}

/// How a function of a device can credibly fail under attack.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// More therapy than ordered.
    OverDelivery,
    /// Less therapy than ordered.
    UnderDelivery,
    /// The loop stands still.
    LossOfLoop,
    /// A sensor's value that is old or wrong is taken for true.
    FalseSensorValue,
    /// An alarm does not reach anybody.
    AlarmLost,
    /// A command comes late.
    DelayedCommand,
    /// The fallback does not protect when it is needed.
    FallbackDefeated,
    /// Data of patients or secrets are read; no harm to a patient's body by itself.
    DataRead,
}

impl Failure {
    /// Whether an attacker who can do no more than this to a component can bring it about.
    #[must_use]
    pub fn possible(self, impact: Impact) -> bool {
        match self {
            Self::OverDelivery | Self::FalseSensorValue | Self::FallbackDefeated => {
                impact.integrity
            }
            Self::UnderDelivery | Self::LossOfLoop | Self::AlarmLost | Self::DelayedCommand => {
                impact.integrity || impact.availability
            }
            Self::DataRead => impact.confidentiality,
        }
    }

    /// Whether a fallback can stand in for the function: it cannot for what it does not notice.
    #[must_use]
    pub fn has_fallback(self) -> bool {
        matches!(self, Self::LossOfLoop | Self::UnderDelivery | Self::DelayedCommand)
    }
}

/// What a vulnerability lets an attacker do to a component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Impact {
    /// Read it.
    pub confidentiality: bool,
    /// Change it.
    pub integrity: bool,
    /// Stop it.
    pub availability: bool,
}

impl Impact {
    /// Everything: what is assumed where nobody knows.
    pub const ANY: Self = Self { confidentiality: true, integrity: true, availability: true };
}

/// What a device does, by kind; the hard rules name some of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionKind {
    /// Treats.
    Therapy,
    /// Diagnoses or monitors.
    Diagnosis,
    /// Alarms.
    Alarm,
    /// Anything else.
    Support,
}

/// Minutes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minutes(pub u32);

/// Whether losing a function leaves the patient safe.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fallback {
    /// The device reaches a safe state by itself, and an attacker cannot prevent it.
    Unaided,
    /// A person must act.
    NeedsPerson,
    /// There is none.
    None,
    /// Nobody knows: taken as none.
    Unknown,
}

/// What a failure of a function leads to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Hazard {
    /// How the function fails.
    pub failure: Failure,
    /// The hazard's id in the risk management file.
    pub id: String,
    /// How bad.
    pub severity: Severity,
    /// How bad if the fallback works; used only where [`Fallback::Unaided`] holds and the failure has one.
    pub severity_with_fallback: Option<Severity>,
    /// From the failure to harm, at the least.
    pub time_to_harm: Option<Minutes>,
}

/// A function of the device.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Function {
    /// Its id in the risk file.
    pub id: String,
    /// What it does.
    pub name: String,
    /// Of which kind.
    pub kind: FunctionKind,
    /// What losing it means.
    pub fallback: Fallback,
    /// What can go wrong.
    pub hazards: Vec<Hazard>,
}

/// Who can reach a component in this release. `None`: nobody knows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Exposure {
    /// The interface: `ble`, `usb`, `hospital-lan`.
    pub interface: Option<String>,
    /// The network zone.
    pub zone: Option<String>,
    /// Over the air.
    pub wireless: Option<bool>,
    /// Only by touching the device.
    pub physical_only: Option<bool>,
}

/// A compensating control: something else that stands in an attacker's way.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Control {
    /// Its id in the maker's file.
    pub id: String,
    /// What it is.
    pub name: String,
    /// Evidence that it works: a test, a report.
    pub evidence: String,
    /// Whether it is in force on the device, from its posture report. `None` counts as no.
    pub in_force: Option<bool>,
}

/// A component of a release and what it serves.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Link {
    /// A pattern over the package URL or the name; `*` stands for any text.
    pub component: String,
    /// Ids of functions.
    pub functions: Vec<String>,
    /// Who can reach it.
    pub exposure: Exposure,
    /// What stands in the way.
    pub controls: Vec<Control>,
}

/// The whole file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RiskFile {
    /// The device.
    pub device: String,
    /// The maker's version of this file.
    pub version: String,
    /// SHA-256 of the file's bytes, lower-case hexadecimal.
    pub digest: String,
    /// The device sustains or supports life: an attack on it is preclassified (PMK-10).
    pub life_supporting: bool,
    /// By id.
    pub functions: BTreeMap<String, Function>,
    /// In the order of the file; the first that fits holds.
    pub links: Vec<Link>,
}

/// What a component means for the device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Path {
    /// The pattern that fitted; `None`: nobody has linked this component, and all functions are taken.
    pub link: Option<String>,
    /// The functions.
    pub functions: Vec<Function>,
    /// Who can reach it.
    pub exposure: Exposure,
    /// What stands in the way.
    pub controls: Vec<Control>,
}

impl RiskFile {
    /// What a component means for the device; every function of it, if nobody has linked the component.
    #[must_use]
    pub fn path(&self, purl: Option<&str>, name: &str) -> Path {
        match self.links.iter().find(|link| names(&link.component, name, purl)) {
            Some(link) => Path {
                link: Some(link.component.clone()),
                functions: link
                    .functions
                    .iter()
                    .filter_map(|id| self.functions.get(id))
                    .cloned()
                    .collect(),
                exposure: link.exposure.clone(),
                controls: link.controls.clone(),
            },
            None => Path {
                link: None,
                functions: self.functions.values().cloned().collect(),
                exposure: Exposure::default(),
                controls: Vec::new(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
