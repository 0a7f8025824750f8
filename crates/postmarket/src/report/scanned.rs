//! From what matching found and what the risk file says to a [`Scan`] that can be shown.

use super::vulnerability::{Told, signals};
use super::words::{nearest_words, path_words, rule_words, why};
use super::{FeedFacts, Finding, Harm, Scan, Vulnerability, Waiting};
use crate::feed::Rejected;
use crate::harm::assess::{
    Applicability, ComponentFact, Inputs, ReleaseFact, TableReference, assess, nearest,
};
use crate::harm::exploitability::Sign;
use crate::harm::function_map::RiskFile;
use crate::harm::matrix::InForce;
use crate::harm::rubric::Answers;
use crate::matching::{self, Answer, Book, Grouped, Subject, Watch};
use crate::sbom::{Bill, Component};
use std::borrow::Cow;

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
pub fn scanned<'s>(sources: &Sources<'s>, subject: &str, at: &str, program: &str) -> Scan<'s> {
    let bill = sources.bill;
    let book = sources.watch.book();
    let mut made = Made { sources, subject, told: Told::new(book) };
    let mut found = matching::Scan::default();
    let mut findings = Vec::new();
    // One component after another, while what matching looked at is at hand.
    for (place, component) in bill.components.iter().enumerate() {
        let asked = sources.watch.scan_one(bill, (place, component), &mut found);
        findings.extend(found.grouped(book).map(|group| made.finding(&group, component, &asked)));
        found.findings.clear();
    }
    let mut scan = Scan {
        subject: subject.to_owned(),
        bill: bill.digest.clone(),
        form: format!("{} {} ({})", bill.form.name, bill.form.version, bill.form.encoding),
        at: at.to_owned(),
        program: program.to_owned(),
        feeds: sources.feeds.to_vec(),
        advisories: book.advisories().count(),
        components: bill.components.len(),
        findings,
        own: found.own.iter().filter_map(|at| bill.components.get(*at)).map(named).collect(),
        queue: unnamed(bill, &found.unnamed),
        products: sources.watch.waiting_for(bill),
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

/// The findings of one bill, made one after another.
struct Made<'s, 'a> {
    sources: &'a Sources<'s>,
    subject: &'a str,
    told: Told<'s>,
}

impl<'s> Made<'s, '_> {
    fn finding(
        &mut self,
        group: &Grouped<'_, 's>,
        component: &'s Component,
        asked: &Subject,
    ) -> Finding<'s> {
        let vulnerability = self.told.of(group);
        let book = self.sources.watch.book();
        let harm = self.sources.risks.map(|risks| {
            let inputs =
                inputs(self.sources, risks, self.subject, group, (component, &vulnerability));
            Box::new(harm(&inputs, self.sources.matrix))
        });
        Finding {
            component: component.name.as_str().into(),
            version: component.version.as_deref().unwrap_or_default().into(),
            purl: component.purl.as_deref().map(Cow::Borrowed),
            vulnerability,
            uncertain: group.verdict.answer == Answer::Unknown,
            why: why(book, asked, group.verdict, Some(group.first)),
            fixed_in: fixed_in(book, asked, group.findings),
            harm,
            due: Vec::new(),
        }
    }
}

/// Where the affected intervals that hold the version end, as each advisory says.
fn fixed_in<'s>(
    book: &'s Book,
    asked: &Subject,
    findings: &[matching::Finding],
) -> Vec<Cow<'s, str>> {
    let fix = |one: &matching::Finding| {
        let (version, ranges) = book.compared(one.advisory, one.verdict, asked)?;
        ranges?.end_after(version.version()).map(Cow::Borrowed)
    };
    let mut fixed_in = Vec::with_capacity(findings.len());
    fixed_in.extend(findings.iter().filter_map(fix));
    fixed_in.sort();
    fixed_in.dedup();
    fixed_in
}

fn inputs(
    sources: &Sources<'_>,
    risks: &RiskFile,
    subject: &str,
    group: &Grouped<'_, '_>,
    (component, vulnerability): (&Component, &Vulnerability<'_>),
) -> Inputs {
    let matrix = sources.matrix;
    let ids = &vulnerability.ids;
    Inputs {
        vulnerability: group.id.to_owned(),
        aliases: ids.iter().filter(|id| *id != group.id).map(ToString::to_string).collect(),
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
        published_vector: vulnerability.vector.as_deref().map(str::to_owned),
        automatable: None,
        signs: signals(sources.watch.book(), ids).filter_map(Sign::of).collect(),
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
