//! One scan, shown: a table and a page for people, JSON and SARIF for programs, all of the same [`Scan`].

mod decided;
mod feeds;
mod page;
mod products;
mod sarif;
mod scanned;
mod table;
#[cfg(test)]
mod tests;
mod vex;
mod vulnerability;
mod words;

pub use decided::record_words;
pub use feeds::{FeedAge, feed_facts};
pub use page::page;
pub use products::{product, products};
pub use sarif::sarif;
pub use scanned::{Sources, scanned};
pub use table::table;
pub use vex::scan_vex;
pub(crate) use vulnerability::worst_vector;
pub(crate) use words::{origin, rule_words, summary, why};

use crate::feed::Rejected;
use crate::harm::function_map::Severity;
use crate::harm::matrix::{Class, Exploitability};
use crate::matching;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

/// What was looked at, against what, and what came of it. What bill and feeds say is borrowed from them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Scan<'s> {
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
    /// Advisories that the components were held against.
    pub advisories: usize,
    /// Components in the bill.
    pub components: usize,
    /// Of these, the product's own: built from its own folders, so that no feed speaks of them.
    pub own: Vec<String>,
    /// What was found, the most urgent first.
    pub findings: Vec<Finding<'s>>,
    /// What a person must look at before anything can be said.
    pub queue: Vec<Waiting>,
    /// Products of advisories that no component bears the name of, those most like one first: a person must look.
    pub products: Vec<matching::Waiting>,
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
pub struct Finding<'s> {
    /// The component's name.
    pub component: Cow<'s, str>,
    /// Its version.
    pub version: Cow<'s, str>,
    /// Its package URL.
    pub purl: Option<Cow<'s, str>>,
    /// What the feeds say of it.
    #[serde(flatten)]
    pub vulnerability: Arc<Vulnerability<'s>>,
    /// It is not certain: a version could not be ordered, a name fits only in part.
    pub uncertain: bool,
    /// The rule that matched and the versions it compared, in words.
    pub why: String,
    /// Versions that have a fix.
    pub fixed_in: Vec<Cow<'s, str>>,
    /// What it means for a patient, where a risk file was given.
    pub harm: Option<Box<Harm>>,
    /// What runs out when.
    pub due: Vec<Due>,
}

/// What the feeds say of a vulnerability, whatever component has it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Vulnerability<'s> {
    /// Its ids; the one that people know first.
    pub ids: Vec<Cow<'s, str>>,
    /// One line about it.
    pub summary: Cow<'s, str>,
    /// The feeds that say so, as `origin id`.
    pub sources: Vec<String>,
    /// The published vector with the highest base score.
    pub vector: Option<Cow<'s, str>>,
    /// Its base score in tenths.
    pub score_tenths: Option<u8>,
    /// Signs of exploitation, in words: each only ever raises.
    pub signs: Vec<String>,
    /// Where to read on.
    pub references: Vec<Cow<'s, str>>,
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

impl Scan<'_> {
    /// Sorts findings by what is to be done first: class, exploitation, harm, score, then names.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
        self.queue.sort();
        self.queue.dedup();
    }

    /// Findings that nobody may leave as they are; `None` where findings were not assessed for patients.
    #[must_use]
    pub fn uncontrolled(&self) -> Option<usize> {
        let classes = self.findings.iter().map(|finding| Some(finding.harm.as_ref()?.class));
        let classes: Option<Vec<Class>> = classes.collect();
        Some(classes?.into_iter().filter(|class| *class == Class::Uncontrolled).count())
    }

    /// Why the feeds do not say all that they should: there is no advisory in them, or a file is damaged.
    #[must_use]
    pub fn unread(&self) -> Option<String> {
        if self.advisories == 0 {
            return Some("there is no advisory to compare with: look at the feeds".to_owned());
        }
        broken_off(&self.rejected)
    }

    /// How old the oldest feed was at the time of the scan.
    #[must_use]
    pub fn age(&self) -> Option<FeedAge> {
        FeedAge::of(self.feeds.iter().map(|feed| &*feed.fetched), &self.at)
    }
}

/// What could not be read, where and why, as a line.
#[must_use]
pub fn rejected_words(one: &Rejected) -> String {
    one_line(&format!("{} {}: {}", one.place.file, one.place.pointer, one.reason)).into_owned()
}

/// The first file that is damaged or cut off, and how many more there are.
#[must_use]
pub fn broken_off(rejected: &[Rejected]) -> Option<String> {
    let mut broken = rejected.iter().filter(|one| one.breaks_off);
    let place = &broken.next()?.place;
    let more = match broken.count() {
        0 => String::new(),
        more => format!("; {more} more places like it"),
    };
    let words = "the file is damaged or cut off, and what it held is not compared";
    Some(format!("{} {}: {words}{more}", place.file, place.pointer))
}

impl Finding<'_> {
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
        self.vulnerability.ids.first().map_or("", AsRef::as_ref)
    }

    /// Component and version.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{} {}", self.component, self.version)
    }
}

/// Text of a feed or a bill as a terminal may show it: what would move its cursor, change its colours or begin a line is
/// written out.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    let wild = |character: char| character.is_control();
    if !text.contains(wild) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match wild(character) {
            true => out.extend(character.escape_default()),
            false => out.push(character),
        }
    }
    Cow::Owned(out)
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
