//! The one form in which all feeds arrive.

use crate::version::Range;
use serde::{Deserialize, Deserializer, Serialize};

/// Which kind of feed said something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The OSV format, from any of its databases but the two below.
    Osv,
    /// RustSec, as Markdown with TOML or as OSV.
    RustSec,
    /// The GitHub advisory database.
    GitHub,
    /// CVE records in format 5, of the numbering authority (CNA).
    Cve,
    /// Containers that others added to CVE records (ADP), CISA's vulnrichment among them.
    CveAdp,
    /// NVD, API 2.0.
    Nvd,
    /// CISA's known exploited vulnerabilities.
    Kev,
    /// The exploit prediction scoring system.
    Epss,
    /// CSAF 2.0 or 2.1.
    Csaf,
    /// OpenVEX.
    OpenVex,
    /// CycloneDX with vulnerabilities.
    CycloneDx,
}

/// Where in a file something stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the caller named it.
    pub file: String,
    /// The JSON pointer (RFC 6901), or `line N` where the file is no JSON.
    pub pointer: String,
}

/// What a feed says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Event {
    /// A vulnerability and what it concerns; replaces an earlier one with the same origin and id.
    Advisory(Box<Advisory>),
    /// A sign that something is or will be exploited.
    Signal(Signal),
    /// What a supplier says of its own product.
    Assertion(Assertion),
}

/// One advisory as one feed published it. Nothing is merged here: other feeds have their own.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Advisory {
    /// Who said so.
    pub origin: Origin,
    /// Its own id there: `RUSTSEC-2021-0001`, `GHSA-...`, `CVE-...`. A part of a document that holds several has the
    /// document's id, a colon and its own: `ICSMA-18-037-02:CVE-2010-5306`, `CVE-2024-1234:CISA-ADP`.
    pub id: String,
    /// The document that it is a part of, if that holds several: a new revision of the document replaces all of them.
    pub document: Option<String>,
    /// Other ids of the *same* vulnerability. An advisory that lists several vulnerabilities has none here.
    pub aliases: Vec<String>,
    /// Ids of the vulnerabilities that it lists, if these are several, or otherwise related ones.
    pub related: Vec<String>,
    /// The revision: when it was last changed, RFC 3339 as the feed wrote it.
    pub modified: String,
    /// When it was first published.
    pub published: Option<String>,
    /// When it was withdrawn; a withdrawn advisory concerns nothing any more.
    pub withdrawn: Option<String>,
    /// One line.
    pub summary: String,
    /// The long text, as published.
    pub details: String,
    /// Vectors as published.
    pub severities: Vec<Severity>,
    /// Weaknesses, `CWE-NNN`.
    pub weaknesses: Vec<String>,
    /// Links.
    pub references: Vec<String>,
    /// Not a vulnerability, says the feed: unmaintained, a notice.
    pub informational: Option<String>,
    /// What it concerns.
    pub affected: Vec<Affected>,
    /// What can be done about it, as published.
    pub remedies: Vec<Remedy>,
    /// Where it was read.
    pub place: Place,
}

impl Advisory {
    /// An advisory of which nothing is known yet but who said it, how it is called and where it was read.
    #[must_use]
    pub fn new(origin: Origin, id: impl Into<String>, place: Place) -> Self {
        Self {
            origin,
            id: id.into(),
            document: None,
            aliases: Vec::new(),
            related: Vec::new(),
            modified: String::new(),
            published: None,
            withdrawn: None,
            summary: String::new(),
            details: String::new(),
            severities: Vec::new(),
            weaknesses: Vec::new(),
            references: Vec::new(),
            informational: None,
            affected: Vec::new(),
            remedies: Vec::new(),
            place,
        }
    }
}

/// What can be done, as published.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Remedy {
    /// CSAF's category or the feed's own word: `vendor_fix`, `mitigation`, `workaround`, `none_available`.
    pub category: String,
    /// In words.
    pub details: String,
    /// Where more is said, or the fix is found.
    pub url: Option<String>,
    /// Names of the products that it is for; empty for all.
    pub products: Vec<String>,
}

/// Which scoring a vector belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeverityKind {
    /// CVSS 2.
    Cvss2,
    /// CVSS 3.0 or 3.1.
    Cvss3,
    /// CVSS 4.0.
    Cvss4,
    /// A word instead of a vector (`high`, `moderate`).
    Word,
}

/// A severity as published.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Severity {
    /// Which scoring.
    pub kind: SeverityKind,
    /// The vector, or the word.
    pub vector: String,
    /// Who scored it, if that is another than the feed.
    pub scorer: Option<String>,
}

/// What is said of one product or package.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Affected {
    /// Which one.
    pub package: Package,
    /// What is said of the versions below.
    pub status: Status,
    /// What is said of every version that no other statement about the same package names.
    pub default_status: Status,
    /// Single versions.
    pub versions: Vec<String>,
    /// Ranges of versions, ordered by the scheme named in `scheme`.
    pub ranges: Vec<Range>,
    /// The ecosystem whose ordering holds (`crates.io`, `PyPI`, `semver`, `rpm`, ...); `None` if the feed names none.
    pub scheme: Option<String>,
    /// Files of the source that must be compiled in for it to matter; empty if not said.
    pub program_files: Vec<String>,
    /// Functions that must be called for it to matter; empty if not said.
    pub functions: Vec<String>,
    /// Operating systems and processors it is limited to, as published; empty if not limited.
    pub platforms: Vec<String>,
    /// What was written where it could not be made into versions or ranges: a person must read it.
    pub prose: Option<String>,
}

/// How a feed names a product.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Package {
    /// A package URL without version.
    Purl(String),
    /// A package of an OSV ecosystem, its suffix (`Debian:12`) included.
    Ecosystem {
        /// The ecosystem.
        ecosystem: String,
        /// The name there.
        name: String,
    },
    /// A CPE 2.3 name, whose version part stands for any version.
    Cpe(String),
    /// A vendor's own words for its product.
    VendorProduct {
        /// Who makes it.
        vendor: String,
        /// What it is called.
        product: String,
    },
}

/// What is said of a version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is affected.
    Affected,
    /// It is not.
    Unaffected,
    /// It was, and is not any more.
    Fixed,
    /// Nobody knows yet.
    Unknown,
}

/// A sign of exploitation. Signs only ever raise a risk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Signal {
    /// Which vulnerability (`CVE-...`).
    pub id: String,
    /// What kind of sign.
    #[serde(deserialize_with = "kind")]
    pub kind: SignalKind,
    /// Who says so.
    pub asserter: String,
    /// Since when, a date or time as the feed wrote it.
    pub since: String,
    /// Where it was read.
    pub place: Place,
}

/// Kinds of [`Signal`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalKind {
    /// Devices of the maker were attacked in the field by it, or may have been: the maker knows, no feed says so.
    Attacked {
        /// Of which product; `None` where that was not said, and it may be any.
        product: Option<String>,
    },
    /// Known to be exploited.
    KnownExploited {
        /// Known to be used for extortion.
        ransomware: bool,
    },
    /// Probability that it is exploited within 30 days, and the share of vulnerabilities that are less likely.
    Predicted {
        /// 0 to 1.
        probability: f64,
        /// 0 to 1.
        percentile: f64,
    },
    /// SSVC's decision point, lower case: `none`, `poc`, `active`; and `automatable`, `technical impact` if given.
    Exploitation {
        /// The state of exploitation.
        state: String,
        /// Whether an attack can be automated.
        automatable: Option<bool>,
        /// `partial` or `total`.
        impact: Option<String>,
    },
}

/// Reads a kind, and an attack that was kept as a word alone, before products were named.
fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<SignalKind, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Word {
        Attacked,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Whole(SignalKind),
        Word(Word),
    }
    Ok(match Kept::deserialize(from)? {
        Kept::Whole(kind) => kind,
        Kept::Word(Word::Attacked) => SignalKind::Attacked { product: None },
    })
}

/// What a supplier says of a vulnerability in its product (VEX).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Assertion {
    /// Which form it came in.
    pub origin: Origin,
    /// The vulnerability.
    pub id: String,
    /// The products, as purl, CPE or the supplier's id.
    pub products: Vec<String>,
    /// Parts of the products that it speaks of; empty for the whole.
    pub subcomponents: Vec<String>,
    /// What is said.
    pub status: AssertionStatus,
    /// The justification's machine word, if there is one.
    pub justification: Option<String>,
    /// Why it does not matter, or what to do, in words.
    pub statement: Option<String>,
    /// Who says so.
    pub author: String,
    /// When.
    pub time: String,
    /// Where it was read.
    pub place: Place,
}

/// The four words of VEX.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionStatus {
    /// No action is needed.
    NotAffected,
    /// Action is advised.
    Affected,
    /// This version has a fix.
    Fixed,
    /// Not known yet.
    UnderInvestigation,
}

/// A record that was not taken, and why. The others of its file were.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Rejected {
    /// Where.
    pub place: Place,
    /// What was expected, what was found, what to do.
    pub reason: String,
    /// The file is damaged or cut off here: what it held beside this record is not known.
    #[serde(default)]
    pub breaks_off: bool,
}

/// Where an adapter hands the events of a file, in the file's order, each as soon as its record has been read: no adapter
/// keeps what it has handed on.
pub type Sink<'s> = dyn FnMut(Event) + 's;

/// What became of the records of one file. `records` is `taken` and `rejected` together, always.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Intake {
    /// Records in the file, as its format counts them.
    pub records: usize,
    /// Of these, how many became events (one record can become several).
    pub taken: usize,
    /// What was not taken.
    pub rejected: Vec<Rejected>,
}

/// Reads a file that is small enough and keeps its events.
pub fn gather(read: impl FnOnce(&mut Sink<'_>) -> Intake) -> (Intake, Vec<Event>) {
    let mut events = Vec::new();
    let intake = read(&mut |event| events.push(event));
    (intake, events)
}
