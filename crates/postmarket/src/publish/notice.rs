//! One decision with what is needed to tell others about it.

use crate::harm::assess::{Applicability, Justification};
use crate::harm::decision::{DecisionError, Record};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who publishes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Publisher {
    /// The maker's name.
    pub name: String,
    /// A URL that is the maker's.
    pub namespace: String,
    /// How to reach the product security team.
    pub contact: String,
}

/// What the office knows around a decision.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// Who publishes.
    pub publisher: Publisher,
    /// The product's package URL without version.
    pub package: Option<String>,
    /// Releases that hold the component.
    pub releases: usize,
    /// Devices that run them.
    pub devices: u64,
    /// When the maker became aware of what is to be reported, by the clocks of law.
    pub aware: Option<Timestamp>,
    /// The report that the United States wait for: `5-day`, `30-day`.
    pub us_report: Option<&'static str>,
}

/// A revision of the document, the first first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revision {
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// What changed.
    pub summary: String,
}

/// A decision and the words around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice<'a> {
    /// The decision.
    pub record: &'a Record,
    /// The document's id: `ACME-2026-001`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who publishes.
    pub publisher: Publisher,
    /// Its revisions; at least one.
    pub revisions: Vec<Revision>,
    /// The release that it is about: the decision's, or a later one for which the decision holds too.
    pub release: String,
    /// The package URL of the product's release.
    pub product_purl: String,
    /// What the vulnerability is.
    pub description: String,
    /// What customers do, or what was done. Needed unless the product is not affected.
    pub action: String,
    /// The release that holds the fix, if there is one.
    pub fixed_in: Option<String>,
}

/// What is said of the product; the four words of VEX with what each needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VexStatus {
    /// Not affected, for this reason, shown by this evidence.
    NotAffected(Justification, String),
    /// Affected: act.
    Affected,
    /// Nobody has decided yet.
    UnderInvestigation,
}

/// Why nothing can be published.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PublishError {
    /// The notice lacks something.
    #[error("notice {id}: {field}: found {found}; expected {expected}")]
    Notice {
        /// The notice.
        id: String,
        /// Which field.
        field: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// The decision has no canonical form.
    #[error(transparent)]
    Decision(#[from] DecisionError),
}

impl Notice<'_> {
    /// What is said of the product at a time. A mitigation inside the product counts only while the device is
    /// known to have it in force; without a person's decision it is still being looked into.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> VexStatus {
        use crate::harm::matrix::Class;
        if !self.record.is_decision() {
            return VexStatus::UnderInvestigation;
        }
        match (&self.record.inputs.applicability, self.record.class_at(now)) {
            (Applicability::NotAffected { justification, evidence }, Class::NotAffected) => {
                let in_force =
                    self.record.inputs.path.controls.iter().any(|c| c.in_force == Some(true));
                if *justification == Justification::InlineMitigationsAlreadyExist && !in_force {
                    VexStatus::Affected
                } else {
                    VexStatus::NotAffected(*justification, evidence.clone())
                }
            }
            _ => VexStatus::Affected,
        }
    }

    /// Checks what every form needs.
    ///
    /// # Errors
    /// Naming the first field that is missing.
    pub fn check(&self, now: Timestamp) -> Result<(), PublishError> {
        self.missing(now).into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that a form needs and that is missing or wrong.
    #[must_use]
    pub fn missing(&self, now: Timestamp) -> Vec<PublishError> {
        let mut missing = Vec::new();
        let mut refuse = |field: &str, found: &str, expected: &str| {
            let (id, field) = (self.id.clone(), field.to_owned());
            let (found, expected) = (found.to_owned(), expected.to_owned());
            missing.push(PublishError::Notice { id, field, found, expected });
        };
        for (field, text, expected) in [
            ("id", &self.id, "the document's id"),
            ("title", &self.title, "a title"),
            ("publisher.name", &self.publisher.name, "the maker's name"),
            ("description", &self.description, "what the vulnerability is"),
            (
                "inputs.vulnerability",
                &self.record.inputs.vulnerability,
                "an id of the vulnerability",
            ),
        ] {
            if text.trim().is_empty() {
                refuse(field, "nothing", expected);
            }
        }
        let namespace = &self.publisher.namespace;
        if !namespace.starts_with("https://") {
            refuse("publisher.namespace", namespace, "an https URL of the maker's");
        }
        if !self.product_purl.starts_with("pkg:") {
            refuse("product_purl", &self.product_purl, "a package URL, pkg:...");
        }
        if self.status(now) == VexStatus::Affected && self.action.trim().is_empty() {
            refuse("action", "nothing", "what customers do: affected needs an action");
        }
        if self.revisions.is_empty() {
            refuse("revisions", "none", "at least one");
        }
        let mut before: Option<Timestamp> = None;
        for (index, revision) in self.revisions.iter().enumerate() {
            let field = format!("revisions[{index}].time");
            match revision.time.parse::<Timestamp>() {
                Ok(time) if before.is_none_or(|before| before <= time) => before = Some(time),
                Ok(_) => refuse(&field, &revision.time, "a time not before the revision before"),
                Err(_) => refuse(&field, &revision.time, "a time, RFC 3339"),
            }
        }
        missing
    }

    /// When the document was last changed.
    pub(crate) fn changed(&self) -> &str {
        self.revisions.last().map_or("", |revision| &revision.time)
    }

    /// When it first came out.
    pub(crate) fn first(&self) -> &str {
        self.revisions.first().map_or("", |revision| &revision.time)
    }

    /// `CVE-...` if the vulnerability has such an id.
    pub(crate) fn cve(&self) -> Option<&str> {
        let inputs = &self.record.inputs;
        let ids = std::iter::once(&inputs.vulnerability).chain(&inputs.aliases);
        ids.map(String::as_str).find(|id| id.starts_with("CVE-"))
    }

    /// The vulnerability by all its names.
    pub(crate) fn vulnerability(&self) -> String {
        let inputs = &self.record.inputs;
        let ids = std::iter::once(&inputs.vulnerability).chain(&inputs.aliases);
        ids.map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// What an attack can do to a patient, in the record's terms.
    pub(crate) fn impact(&self) -> String {
        let outcome = &self.record.outcome;
        let functions: Vec<&str> = self
            .record
            .inputs
            .path
            .functions
            .iter()
            .map(|function| function.name.as_str())
            .collect();
        format!(
            "The component {} serves a device that {}. Worst credible harm: {:?} (hazard {}).",
            self.record.inputs.component.name,
            functions.join(", "),
            outcome.severity,
            outcome.hazard
        )
    }
}

impl Justification {
    /// The word that OpenVEX and CSAF share.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "component_not_present",
            Self::VulnerableCodeNotPresent => "vulnerable_code_not_present",
            Self::VulnerableCodeCannotBeControlledByAdversary => {
                "vulnerable_code_cannot_be_controlled_by_adversary"
            }
            Self::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Self::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
        }
    }

    /// CycloneDX's nearest word.
    #[must_use]
    pub fn cyclonedx_word(self) -> &'static str {
        match self {
            Self::ComponentNotPresent | Self::VulnerableCodeNotPresent => "code_not_present",
            Self::VulnerableCodeCannotBeControlledByAdversary => "requires_environment",
            Self::VulnerableCodeNotInExecutePath => "code_not_reachable",
            Self::InlineMitigationsAlreadyExist => "protected_by_mitigating_control",
        }
    }
}
