//! One scan, shown: a table and a page for people, JSON and SARIF for programs, all of the same [`Scan`].

mod decided;
mod feeds;
mod page;
mod sarif;
mod scanned;
mod table;
#[cfg(test)]
mod tests;
mod vex;
mod vulnerability;
mod words;

pub use decided::record_words;
pub use feeds::feed_facts;
pub use page::page;
pub use sarif::sarif;
pub use scanned::{Sources, scanned};
pub use table::table;
pub use vex::scan_vex;
pub(crate) use vulnerability::worst_vector;
pub(crate) use words::{origin, rule_words, summary, why};

use crate::feed::Rejected;
use crate::harm::function_map::Severity;
use crate::harm::matrix::{Class, Exploitability};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::sync::Arc;

/// What was looked at, against what, and what came of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Scan {
    /// What was scanned, as a person calls it: product and version, or the file.
    pub subject: String,
    /// SHA-256 of the bill's original bytes.
    pub bill: String,
    /// The form that the bill came in.
    pub form: String,
    /// When, RFC 3339; the caller's clock.
    pub at: String,
    /// The version of the program.
    pub program: String,
    /// The feeds, each with what it held.
    pub feeds: Vec<FeedFacts>,
    /// Components in the bill.
    pub components: usize,
    /// What was found, the most urgent first.
    pub findings: Vec<Finding>,
    /// What a person must look at before anything can be said.
    pub queue: Vec<Waiting>,
    /// What could not be read.
    pub rejected: Vec<Rejected>,
}

/// One feed of a scan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FeedFacts {
    /// Its name in the mirror.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: String,
    /// When it was fetched, RFC 3339.
    pub fetched: String,
    /// Records in it.
    pub records: usize,
}

/// One vulnerability in one component.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// The component's name.
    pub component: String,
    /// Its version.
    pub version: String,
    /// Its package URL.
    pub purl: Option<String>,
    /// What the feeds say of it.
    #[serde(flatten)]
    pub vulnerability: Arc<Vulnerability>,
    /// It is not certain: a version could not be ordered, a name fits only in part.
    pub uncertain: bool,
    /// The rule that matched and the versions it compared, in words.
    pub why: String,
    /// Versions that have a fix.
    pub fixed_in: Vec<String>,
    /// What it means for a patient, where a risk file was given.
    pub harm: Option<Harm>,
    /// What runs out when.
    pub due: Vec<Due>,
}

/// What the feeds say of a vulnerability, whatever component has it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Vulnerability {
    /// Its ids; the one that people know first.
    pub ids: Vec<String>,
    /// One line about it.
    pub summary: String,
    /// The feeds that say so, as `origin id`.
    pub sources: Vec<String>,
    /// The published vector with the highest base score.
    pub vector: Option<String>,
    /// Its base score in tenths.
    pub score_tenths: Option<u8>,
    /// Signs of exploitation, in words: each only ever raises.
    pub signs: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
}

/// What a finding means for a patient.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Harm {
    /// Controlled or not.
    pub class: Class,
    /// The rule that says so.
    pub rule: String,
    /// How easily it is exploited.
    pub exploitability: Exploitability,
    /// How bad the worst harm is.
    pub severity: Severity,
    /// From component to patient, a step an item: function, failure, hazard.
    pub path: Vec<String>,
    /// Nobody linked the component to a function: the device's worst hazard stands for it.
    pub unlinked: bool,
    /// The facts that would change the answer, in words.
    pub nearest: Vec<String>,
    /// Who decided, with role and time; nobody yet if `None`: then this is a proposal.
    pub decided: Option<String>,
}

/// A clock that runs for a finding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Due {
    /// When it runs out, RFC 3339.
    pub at: String,
    /// Its name, and the law behind it.
    pub clock: String,
    /// `running`, `half gone`, `nearly gone`, `overdue`.
    pub state: String,
}

/// Something that a person must look at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Waiting {
    /// What: the component or the product's words.
    pub subject: String,
    /// The advisory, if it is about one.
    pub advisory: Option<String>,
    /// Why no machine can answer, and what to do.
    pub reason: String,
}

impl Scan {
    /// Sorts findings by what is to be done first: class, exploitation, harm, score, then names.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
        self.queue.sort();
        self.queue.dedup();
    }

    /// Findings that nobody may leave as they are.
    #[must_use]
    pub fn uncontrolled(&self) -> usize {
        let class = |finding: &Finding| finding.harm.as_ref().map(|harm| harm.class);
        self.findings.iter().filter(|finding| class(finding) == Some(Class::Uncontrolled)).count()
    }
}

impl Finding {
    /// What is to be done first orders first.
    fn urgency(&self) -> impl Ord + '_ {
        let harm = self.harm.as_ref();
        (
            Reverse(harm.map(|harm| harm.class)),
            Reverse(harm.map(|harm| harm.severity)),
            Reverse(!self.vulnerability.signs.is_empty()),
            Reverse(self.vulnerability.score_tenths),
            (&self.component, &self.version, &self.vulnerability.ids),
        )
    }

    /// The id that people know.
    #[must_use]
    pub fn id(&self) -> &str {
        self.vulnerability.ids.first().map_or("", String::as_str)
    }

    /// Component and version.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{} {}", self.component, self.version)
    }
}

/// A base score as people write it: `7.5`.
fn score(tenths: u8) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The class in words.
#[must_use]
pub fn class_word(class: Class) -> &'static str {
    match class {
        Class::NotAffected => "not affected",
        Class::Controlled => "controlled",
        Class::Uncontrolled => "uncontrolled",
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Negligible => "negligible",
        Severity::Minor => "minor",
        Severity::Serious => "serious",
        Severity::Critical => "critical",
        Severity::Catastrophic => "catastrophic",
    }
}

fn exploitability_word(exploitability: Exploitability) -> &'static str {
    match exploitability {
        Exploitability::Low => "hard to exploit",
        Exploitability::Medium => "exploitable with effort",
        Exploitability::High => "easily exploited",
    }
}
