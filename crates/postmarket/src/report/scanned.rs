//! From what matching found and what the risk file says to a [`Scan`] that can be shown.

use super::{FeedFacts, Finding, Harm, Scan, Waiting};
use crate::feed::{Advisory, Origin, Rejected, SeverityKind, Signal, SignalKind};
use crate::harm::assess::{
    Applicability, ComponentFact, Inputs, Nearest, ReleaseFact, Rule as HarmRule, TableReference,
    assess, nearest,
};
use crate::harm::exploitability::Sign;
use crate::harm::function_map::{Failure, Path, RiskFile};
use crate::harm::matrix::InForce;
use crate::harm::rubric::Answers;
use crate::harm::vectors;
use crate::matching::{
    self, AdvisoryId, Answer, Grouped, ProductTable, Rule, Verdict, Watch, compared,
};
use crate::sbom::{Bill, Component};
use crate::version::{Contained, Range, Version, holds};

/// What a scan is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'s> {
    /// The bill.
    pub bill: &'s Bill,
    /// Matching, with every feed taken.
    pub watch: &'s Watch,
    /// The feeds.
    pub feeds: &'s [FeedFacts],
    /// What could not be read.
    pub rejected: &'s [Rejected],
    /// What components mean for the device, if the maker says so.
    pub risks: Option<&'s RiskFile>,
    /// The table of exploitability and severity.
    pub matrix: &'s InForce,
}

/// Scans the bill. `subject` is what a person calls it, `at` the caller's clock (RFC 3339), `program` the version of the
/// program.
#[must_use]
pub fn scanned(sources: &Sources<'_>, subject: &str, at: &str, program: &str) -> Scan {
    let bill = sources.bill;
    let found = sources.watch.scan(bill);
    let findings = found.grouped(sources.watch.book());
    let findings = findings.iter().filter_map(|group| finding(sources, subject, &found, group));
    let mut scan = Scan {
        subject: subject.to_owned(),
        bill: bill.digest.clone(),
        form: format!("{} {} ({})", bill.form.name, bill.form.version, bill.form.encoding),
        at: at.to_owned(),
        program: program.to_owned(),
        feeds: sources.feeds.to_vec(),
        components: bill.components.len(),
        findings: findings.collect(),
        queue: unnamed(bill, &found.unnamed),
        rejected: sources.rejected.to_vec(),
    };
    scan.sort();
    scan
}

fn unnamed(bill: &Bill, indices: &[usize]) -> Vec<Waiting> {
    let components = indices.iter().filter_map(|index| bill.components.get(*index));
    let waiting = |component: &Component| {
        Waiting {
        subject: named(component),
        advisory: None,
        reason: "no package URL or CPE that a feed could name: give it one, or a row in the table of products"
            .to_owned(),
    }
    };
    components.map(waiting).collect()
}

fn named(component: &Component) -> String {
    let version = component.version.as_deref().unwrap_or("without version");
    format!("{} {version}", component.name)
}

fn finding(
    sources: &Sources<'_>,
    subject: &str,
    found: &matching::Scan,
    group: &Grouped,
) -> Option<Finding> {
    let book = sources.watch.book();
    let component = sources.bill.components.get(group.component)?;
    let advisories: Vec<&Advisory> =
        group.advisories.iter().filter_map(|id| book.advisory(*id)).collect();
    let first = *advisories.first()?;
    let mut ids = vec![group.id.clone()];
    for advisory in &advisories {
        for id in std::iter::once(&advisory.id).chain(&advisory.aliases) {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
    }
    let signals: Vec<&Signal> = ids.iter().flat_map(|id| book.signals(id)).collect();
    let worst = worst_vector(&advisories);
    let version = component.version.clone().unwrap_or_default();
    let fix = |id: &AdvisoryId| {
        let verdict = found.verdict(group.component, *id)?;
        fixes(book.advisory(*id)?, verdict, sources.watch.table(), &version)
    };
    let mut fixed_in: Vec<String> = group.advisories.iter().filter_map(fix).collect();
    fixed_in.sort();
    fixed_in.dedup();
    let uncertain = group.verdict.answer == Answer::Unknown;
    let harm = sources.risks.map(|risks| {
        let published = worst.as_ref().map(|(vector, _)| vector.clone());
        let inputs = inputs(sources, risks, subject, group, (component, &ids, &signals, published));
        harm(&inputs, sources.matrix)
    });
    Some(Finding {
        component: component.name.clone(),
        version: version.clone(),
        purl: component.purl.clone(),
        summary: summary(first),
        sources: advisories.iter().map(|one| format!("{} {}", origin(one), one.id)).collect(),
        uncertain,
        why: why(group.verdict.rule, &version),
        fixed_in,
        vector: worst.as_ref().map(|(vector, _)| vector.clone()),
        score_tenths: worst.map(|(_, tenths)| tenths),
        signs: signals.iter().filter_map(|signal| sign_words(signal)).collect(),
        harm,
        due: Vec::new(),
        references: references(&advisories),
        ids,
    })
}

pub(crate) fn summary(advisory: &Advisory) -> String {
    let first_line = || advisory.details.lines().find(|line| !line.trim().is_empty());
    let text = if advisory.summary.is_empty() {
        first_line().unwrap_or("no words were published").trim().to_owned()
    } else {
        advisory.summary.clone()
    };
    match &advisory.informational {
        Some(kind) => format!("{text} ({kind})"),
        None => text,
    }
}

pub(crate) fn origin(advisory: &Advisory) -> &'static str {
    match advisory.origin {
        Origin::Osv => "OSV",
        Origin::RustSec => "RustSec",
        Origin::GitHub => "GitHub",
        Origin::Cve => "CVE",
        Origin::CveAdp => "CVE (added)",
        Origin::Nvd => "NVD",
        Origin::Kev => "KEV",
        Origin::Epss => "EPSS",
        Origin::Csaf => "CSAF",
        Origin::OpenVex => "OpenVEX",
        Origin::CycloneDx => "CycloneDX",
    }
}

fn references(advisories: &[&Advisory]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for reference in advisories.iter().flat_map(|advisory| &advisory.references) {
        if !all.contains(reference) {
            all.push(reference.clone());
        }
    }
    all
}

/// The published vector with the highest base score.
pub(crate) fn worst_vector(advisories: &[&Advisory]) -> Option<(String, u8)> {
    let severities = advisories.iter().flat_map(|advisory| &advisory.severities);
    severities
        .filter(|severity| severity.kind != SeverityKind::Word)
        .filter_map(|severity| {
            let scored = vectors::score(&severity.vector).ok()?;
            Some((severity.vector.clone(), scored.base.tenths()))
        })
        .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))
}

/// Where the affected interval that holds the version ends: the next version that is not affected.
fn fixes(
    advisory: &Advisory,
    verdict: Verdict,
    table: &ProductTable,
    version: &str,
) -> Option<String> {
    let (scheme, mut intervals) = compared(advisory, verdict, table)?;
    let version = Version::parse(scheme, version);
    let holding = intervals.find(|interval| {
        let range = Range { intervals: vec![(*interval).clone()] };
        holds(scheme, &range, &version) == Contained::Yes
    });
    let end = holding?.upper.as_ref().filter(|end| !end.inclusive)?;
    Some(end.version.clone())
}

pub(crate) fn why(rule: Rule, version: &str) -> String {
    match rule {
        Rule::Listed => format!("{version} is among the versions listed"),
        Rule::InRange => format!("{version} lies in an affected range"),
        Rule::Default => format!("nothing is said of {version}, and the others are affected"),
        Rule::NotStated => format!("nothing is said of {version}, nor of the others"),
        Rule::NoVersion => "the bill gives no version".to_owned(),
        Rule::Unordered => format!("{version} cannot be ordered by the rules of its ecosystem"),
        Rule::Prose => "the feed wrote words that are no versions".to_owned(),
        Rule::ReleaseUnknown => {
            "the advisory is about one release of a distribution, and the component's is not known"
                .to_owned()
        }
        Rule::OtherSource => {
            "the component comes from elsewhere than the registry that the advisory is about"
                .to_owned()
        }
        Rule::NotCompiled => "none of the files that matter was compiled in".to_owned(),
        Rule::Patched => "the component's source says that it is patched".to_owned(),
        Rule::Withdrawn => "the advisory was withdrawn".to_owned(),
        Rule::OtherProduct => "the advisory is about another product".to_owned(),
    }
}

fn sign_words(signal: &Signal) -> Option<String> {
    let (who, since) = (&signal.asserter, &signal.since);
    match &signal.kind {
        SignalKind::KnownExploited { ransomware } => {
            let more = if *ransomware { ", for extortion" } else { "" };
            Some(format!("known to be exploited{more}, says {who}, since {since}"))
        }
        SignalKind::Exploitation { state, .. } if state == "none" => None,
        SignalKind::Exploitation { state, .. } => {
            Some(format!("exploitation {state}, says {who}, {since}"))
        }
        SignalKind::Predicted { probability, .. } => {
            let share = 100.0 * probability;
            Some(format!("{share:.1} % likely to be exploited within 30 days, says {who}, {since}"))
        }
    }
}

type OfComponent<'f> = (&'f Component, &'f [String], &'f [&'f Signal], Option<String>);

fn inputs(
    sources: &Sources<'_>,
    risks: &RiskFile,
    subject: &str,
    group: &Grouped,
    (component, ids, signals, published_vector): OfComponent<'_>,
) -> Inputs {
    let matrix = sources.matrix;
    Inputs {
        vulnerability: group.id.clone(),
        aliases: ids.iter().filter(|id| **id != group.id).cloned().collect(),
        component: ComponentFact {
            name: component.name.clone(),
            version: component.version.clone(),
            purl: component.purl.clone(),
        },
        release: ReleaseFact {
            product: risks.device.clone(),
            version: subject.to_owned(),
            bill: sources.bill.digest.clone(),
        },
        applicability: match group.verdict.answer {
            Answer::Affected => Applicability::Affected,
            Answer::Unknown | Answer::NotAffected => Applicability::Unknown,
        },
        path: risks.path(component.purl.as_deref(), &component.name),
        life_supporting: risks.life_supporting,
        answers: Answers::default(),
        published_vector,
        automatable: None,
        signs: signals.iter().filter_map(|signal| Sign::of(signal)).collect(),
        facts: Vec::new(),
        tables: vec![
            TableReference {
                name: "matrix".to_owned(),
                version: matrix.matrix().version.clone(),
                digest: matrix.digest().to_owned(),
            },
            TableReference {
                name: "risk file".to_owned(),
                version: risks.version.clone(),
                digest: risks.digest.clone(),
            },
        ],
    }
}

fn harm(inputs: &Inputs, matrix: &InForce) -> Harm {
    let outcome = assess(inputs, matrix);
    Harm {
        class: outcome.class,
        rule: rule_words(outcome.rule).to_owned(),
        exploitability: outcome.exploitability,
        severity: outcome.severity,
        path: path_words(&inputs.component.name, &inputs.path, &outcome.hazard),
        unlinked: inputs.path.link.is_none(),
        nearest: nearest(inputs, matrix).iter().map(nearest_words).collect(),
        decided: None,
    }
}

pub(crate) fn nearest_words(nearest: &Nearest) -> String {
    let Nearest { fact, now, then, outcome, .. } = nearest;
    format!("If {fact} were {then} instead of {now}: {outcome}.")
}

pub(crate) fn rule_words(rule: HarmRule) -> &'static str {
    match rule {
        HarmRule::NotAffected => "evidence and a justification say that it is not affected",
        HarmRule::ExploitedOnPatientPath => {
            "it is exploited, and the path reaches therapy, diagnosis or alarms"
        }
        HarmRule::ConfidentialityOnly => {
            "data can be read and nothing else; the privacy clocks run when that happens"
        }
        HarmRule::UnlinkedWorstHazard => {
            "nobody has linked the component: the device's worst hazard stands for it"
        }
        HarmRule::Matrix => "by the table of exploitability and severity",
    }
}

/// Component, function, failure and hazard: the way to the worst harm.
pub(crate) fn path_words(component: &str, path: &Path, hazard: &str) -> Vec<String> {
    let mut steps = vec![component.to_owned()];
    for function in &path.functions {
        if let Some(worst) = function.hazards.iter().find(|one| one.id == hazard) {
            steps.push(function.name.clone());
            steps.push(format!("{} ({})", failure_words(worst.failure), worst.id));
            return steps;
        }
    }
    steps
}

fn failure_words(failure: Failure) -> &'static str {
    match failure {
        Failure::OverDelivery => "over-delivery",
        Failure::UnderDelivery => "under-delivery",
        Failure::LossOfLoop => "loss of the loop",
        Failure::FalseSensorValue => "false sensor value",
        Failure::AlarmLost => "alarm lost",
        Failure::DelayedCommand => "delayed command",
        Failure::FallbackDefeated => "fallback defeated",
        Failure::DataRead => "data read",
    }
}
